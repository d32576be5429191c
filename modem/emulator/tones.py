"""What the other end of a call sounds like on the modem's side.

Job: keys as the network renders them, a machine's greeting and its beep, all through a mild
model of a telephone codec (300 to 3400 Hz, A-law). Not its job: detecting anything. numpy is
imported on first use. Used inside `modem.emulator`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]

RATE: Final = 8000
FULL_SCALE: Final = 32768.0
_ROWS: Final = (697.0, 770.0, 852.0, 941.0)
_COLUMNS: Final = (1209.0, 1336.0, 1477.0, 1633.0)
_KEYS: Final = ("123A", "456B", "789C", "*0#D")


@lru_cache(maxsize=64)
def key_tone(digit: str, seconds: float, level_dbov: float = -16.0, twist_db: float = 2.0) -> bytes:
    """Return a key's two tones (ITU-T Q.23) as PCM; the column is ``twist_db`` above the row."""
    import numpy as np

    row = next(index for index, keys in enumerate(_KEYS) if digit in keys)
    time = np.arange(round(seconds * RATE)) / RATE
    low = np.sin(2 * np.pi * _ROWS[row] * time)
    high = np.sin(2 * np.pi * _COLUMNS[_KEYS[row].index(digit)] * time)
    mixed = low + high * 10 ** (twist_db / 20)
    return _through_codec(_levelled(mixed, level_dbov))


@lru_cache(maxsize=4)
def beep(seconds: float = 0.5, frequency: float = 1000.0) -> bytes:
    """Return the beep after which a machine records."""
    import numpy as np

    time = np.arange(round(seconds * RATE)) / RATE
    return _through_codec(_levelled(np.sin(2 * np.pi * frequency * time), -15.0))


@lru_cache(maxsize=4)
def greeting(seconds: float = 4.0) -> bytes:
    """Return a voice-like murmur: harmonics of a moving pitch in syllables, no words."""
    import numpy as np

    time = np.arange(round(seconds * RATE)) / RATE
    pitch = 120 + 15 * np.sin(2 * np.pi * 0.7 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voice = sum(np.sin(harmonic * phase) / harmonic for harmonic in range(3, 24))
    syllables = np.clip(np.sin(2 * np.pi * 4 * time) + 0.6, 0, None)
    return _through_codec(_levelled(np.asarray(voice) * syllables, -22.0))


def _levelled(samples: Samples, level_dbov: float) -> Samples:
    import numpy as np

    root = float(np.sqrt(np.mean(samples**2)))
    return samples * (FULL_SCALE * 10 ** (level_dbov / 20) / root)


def _through_codec(samples: Samples) -> bytes:
    """Band-limit, round through A-law (G.711), and return 16-bit PCM."""
    import numpy as np

    taps = np.arange(-64, 65)
    kernel = 2 * 3400 / RATE * np.sinc(2 * 3400 / RATE * taps)
    kernel -= 2 * 300 / RATE * np.sinc(2 * 300 / RATE * taps)
    kernel *= np.hamming(len(taps))
    limited = np.clip(np.convolve(samples, kernel, mode="same"), -32768, 32767)
    magnitude = np.abs(limited)
    # A-law keeps four bits below the leading one; under 512 the step is constant.
    exponent = np.floor(np.log2(np.maximum(magnitude, 512)))
    step = 2 ** (exponent - 4)
    rounded = np.sign(limited) * (np.floor(magnitude / step) + 0.5) * step
    return bytes(np.clip(rounded, -32768, 32767).astype("<i2").tobytes())


def frames_of(pcm: bytes, size: int) -> list[bytes]:
    """Cut PCM into frames of ``size`` bytes, the last completed with silence."""
    return [pcm[at : at + size].ljust(size, b"\0") for at in range(0, len(pcm), size)]
