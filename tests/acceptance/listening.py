"""An ear for tests: sound through the full-rate GSM codec, and what is wrong with what was heard.

The codec is libsndfile's (GSM 06.10), not ours; it changes every sample and keeps what is said, so
the comparison looks for each quarter of a second of speech where it should be.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

Pcm = npt.NDArray[np.int16]

RATE: Final = 8000
BLOCK: Final = 2000
#: How far from its place a block is looked for, in samples.
REACH: Final = 1600
#: A block quieter than this (root mean square) is a pause: there is nothing to find in it.
QUIET: Final = 500.0
FULL: Final = 32700


def through_gsm(sound: Pcm) -> Pcm:
    """Return what the codec makes of telephone sound, as long as it was."""
    coded = io.BytesIO()
    soundfile.write(coded, sound, RATE, format="WAV", subtype="GSM610")
    coded.seek(0)
    heard: Pcm = soundfile.read(coded, dtype="int16")[0]
    return np.concatenate([heard, np.zeros(max(0, len(sound) - len(heard)), np.int16)])[
        : len(sound)
    ]


@dataclass(frozen=True)
class Heard:
    """Blocks of speech as heard: where against their place (samples), how alike, how much louder.

    ``clipped`` is the share of samples at full scale.
    """

    shifts: tuple[int, ...]
    alike: tuple[float, ...]
    gain_db: tuple[float, ...]
    clipped: float

    @property
    def drift(self) -> int:
        """How far blocks moved against each other: 0 when nothing was lost, put in or repeated."""
        return max(self.shifts) - min(self.shifts)


def compare(said: Pcm, heard: Pcm, at: int = 0) -> Heard:
    """Look for each block of ``said`` around its place in ``heard``, which begins at ``at``."""
    found = [
        _found(said[start : start + BLOCK].astype(float), heard, at + start)
        for start in range(0, len(said) - BLOCK + 1, BLOCK)
        if float(np.sqrt(np.mean(said[start : start + BLOCK].astype(float) ** 2))) > QUIET
    ]
    shifts, alike, gains = zip(*found, strict=True)
    full = float(np.mean(np.abs(heard.astype(int)) >= FULL))
    return Heard(tuple(shifts), tuple(alike), tuple(gains), full)


def _found(block: npt.NDArray[np.float64], heard: Pcm, place: int) -> tuple[int, float, float]:
    padded = np.concatenate([np.zeros(REACH), heard.astype(float), np.zeros(REACH + BLOCK)])
    around = padded[place : place + 2 * REACH + BLOCK]
    windows = np.lib.stride_tricks.sliding_window_view(around, BLOCK)
    energy = np.concatenate([[0.0], np.cumsum(around**2)])
    power = np.sqrt(energy[BLOCK:] - energy[:-BLOCK] + 1e-9)
    own = float(np.sqrt(block @ block))
    likeness = windows @ block / (power * own)
    best = int(np.argmax(likeness))
    return best - REACH, float(likeness[best]), float(20 * np.log10(power[best] / own))
