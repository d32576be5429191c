"""Keys that were pressed, and keys that were not: sound for the detector, and its verdict."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from modem.dtmf import DtmfDetector

RATE = 8000
ROWS = (697.0, 770.0, 852.0, 941.0)
COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = ("123A", "456B", "789C", "*0#D")

Pcm = npt.NDArray[np.int16]


def keys_in(sound: Pcm) -> str:
    """Return what the detector hears in ``sound``, given to it as a call does: 20 ms at a time."""
    detector, data = DtmfDetector(), sound.tobytes()
    return "".join(detector.feed(data[at : at + 320]) for at in range(0, len(data), 320))


def noisy_press(key: str, seconds: float, snr_db: float, seed: int) -> Pcm:
    """Return one press (-13 dBov per tone) in a second of white noise, ``snr_db`` below it."""
    chance = np.random.default_rng(seed)
    row = next(at for at, keys in enumerate(KEYS) if key in keys)
    tones = (ROWS[row], COLUMNS[KEYS[row].index(key)])
    time = np.arange(round(seconds * RATE)) / RATE
    amplitude = np.sqrt(2) * 10 ** (-13 / 20)
    press = sum(np.sin(2 * np.pi * (f * time + chance.random())) for f in tones) * amplitude
    noise = np.sqrt(np.mean(press**2)) * 10 ** (-snr_db / 20)
    sound = chance.normal(0.0, noise, RATE)
    at = 2400 + int(chance.integers(0, 160))
    sound[at : at + len(press)] += press
    return np.clip(np.round(sound * 32768), -32768, 32767).astype(np.int16)
