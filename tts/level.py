"""How loud speech is: active speech level after ITU-T P.56, method B.

Needs numpy: imported by `tts.chain` and tests only, never by the caller of `tts.render`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float64]

SMOOTHING: Final = 0.03  # s, time constant of the envelope
HANGOVER: Final = 0.2  # s, speech counts as active that long after it fell
MARGIN: Final = 15.9  # dB between active level and the threshold that defines it
_BLOCK: Final = 1024  # samples: an eighth of a second at 8 kHz, in which 1 fades to 1/70
_THRESHOLDS: Final = 2.0 ** np.arange(-15, 1)  # of overload, in 6 dB steps


def active_level(signal: Signal, rate: int) -> float:
    """Return the active speech level in dBov (overload = 1.0); ``-inf`` for silence."""
    energy = float(np.dot(signal, signal))
    if energy <= 0:
        return float("-inf")
    envelope = smooth(smooth(np.abs(signal), rate), rate)
    hold = round(HANGOVER * rate)
    levels, gaps = [], []
    for threshold in _THRESHOLDS:
        active = _active_samples(envelope >= threshold, hold)
        if active == 0:
            break
        levels.append(10 * np.log10(energy / active))
        gaps.append(levels[-1] - 20 * np.log10(threshold))
    return _crossing(levels, gaps, fallback=10 * float(np.log10(energy / len(signal))))


def smooth(signal: Signal, rate: int) -> Signal:
    """Return the envelope: each sample a little of itself and the rest the one before, by blocks.

    In a block the recursion is a sum of samples that have faded less and less, undone at its end;
    blocks are short enough for the undoing to stay exact.
    """
    keep = float(np.exp(-1 / (SMOOTHING * rate)))
    fades = keep ** np.arange(1, _BLOCK + 1)
    state, smoothed = 0.0, []
    for start in range(0, len(signal), _BLOCK):
        block = signal[start : start + _BLOCK]
        fade = fades[: len(block)]
        smoothed.append(fade * (state + (1 - keep) * np.cumsum(block / fade)))
        state = float(smoothed[-1][-1])
    return np.concatenate(smoothed)


def _active_samples(above: npt.NDArray[np.bool_], hold: int) -> int:
    """Count samples at or less than ``hold`` after one above the threshold."""
    last = np.maximum.accumulate(np.where(above, np.arange(len(above)), -hold - 1))
    return int(np.count_nonzero(np.arange(len(above)) - last <= hold))


def _crossing(levels: list[float], gaps: list[float], fallback: float) -> float:
    """Interpolate the level where it stands `MARGIN` above its own threshold."""
    for at in range(1, len(gaps)):
        if gaps[at] <= MARGIN < gaps[at - 1]:
            part = (gaps[at - 1] - MARGIN) / (gaps[at - 1] - gaps[at])
            return float(levels[at - 1] + part * (levels[at] - levels[at - 1]))
    return float(fallback)
