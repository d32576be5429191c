"""Keys heard in the audio of a call (ITU-T Q.23), for modems that do not announce them.

Job: telephone PCM in, digits out. Each decision looks at 160 samples, every 80; four equal ones
in a row are a key, four empty ones release it. The textbook block of 205 samples fails the
tolerance of ±1.5 % through a GSM codec. Not its job: which digits count (the call script).
Pure; numpy is loaded when the first detector is made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE: Final = 8000
BLOCK: Final = 160
HOP: Final = 80
_BLOCK_BYTES: Final = 2 * BLOCK
_HOP_BYTES: Final = 2 * HOP
_SILENT: Final = bytes(_BLOCK_BYTES)

_ROWS: Final = (697.0, 770.0, 852.0, 941.0)
_COLUMNS: Final = (1209.0, 1336.0, 1477.0, 1633.0)
_KEYS: Final = ("123A", "456B", "789C", "*0#D")
_AGREE: Final = 4
_TWIST_DB: Final = 12.0
_FLOOR_DBOV: Final = -36.0
_HARMONIC_DB: Final = 6.0
_NONE: Final = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """``share``: the pair's part of the block's energy; ``peak``: dB over each other tone."""

    share: float
    peak: float


#: No false digit in 135 min of synthetic French speech.
STRICT: Final = Thresholds(share=0.55, peak=5.0)
#: For '1' alone: hears it under 5 dB of noise, and gave no false '1' in 180 min.
LENIENT: Final = Thresholds(share=0.45, peak=4.0)


class DtmfDetector:
    """Feed it a call's received audio; it returns each key once, when pressed long enough."""

    def __init__(self) -> None:
        import numpy as np

        self._np = np
        self._rest = b""
        self._probe = self._probes()
        self._candidate, self._agreed = _NONE, 0
        self._held = _NONE

    def _probes(self) -> NDArray[np.complex128]:
        """Return one complex tone per row: rows, columns, then the second harmonics of both."""
        tones = (*_ROWS, *_COLUMNS, *(2 * tone for tone in (*_ROWS, *_COLUMNS)))
        steps = self._np.arange(BLOCK)
        angles = self._np.outer(self._np.array(tones) * (2 * math.pi / RATE), steps)
        probes: NDArray[Any] = self._np.exp(-1j * angles)
        return probes

    def feed(self, pcm: bytes) -> str:
        """Take s16le mono 8 kHz, any number of bytes; return the keys pressed in it, in order."""
        data = self._rest + pcm
        samples: NDArray[np.float64] | None = None
        keys, at = "", 0
        while at + _BLOCK_BYTES <= len(data):
            if data.startswith(_SILENT, at):  # the better part of a call, to be had for nothing
                seen = _NONE
            else:
                if samples is None:
                    samples = self._np.frombuffer(data[: len(data) & ~1], dtype="<i2") / 32768.0
                seen = self._decide(samples[at // 2 : at // 2 + BLOCK])
            keys += self._follow(seen)
            at += _HOP_BYTES
        self._rest = data[at:]
        return keys

    def _follow(self, seen: str) -> str:
        """Count equal decisions; return a key the moment it is certain."""
        self._agreed = self._agreed + 1 if seen == self._candidate else 1
        self._candidate = seen
        if self._agreed < _AGREE or seen == self._held:
            return _NONE
        self._held = seen
        return seen

    def _decide(self, block: NDArray[np.float64]) -> str:
        energy = float(block @ block) / BLOCK
        if energy < 10 ** (_FLOOR_DBOV / 10):
            return _NONE
        powers = 2 * abs(self._probe @ block) ** 2 / BLOCK**2
        row, column = int(powers[:4].argmax()), int(powers[4:8].argmax())
        key = _KEYS[row][column]
        thresholds = LENIENT if key == "1" else STRICT
        return key if self._is_key(powers, row, column, energy, thresholds) else _NONE

    def _is_key(
        self,
        powers: NDArray[np.float64],
        row: int,
        column: int,
        energy: float,
        thresholds: Thresholds,
    ) -> bool:
        low, high = float(powers[row]), float(powers[4 + column])
        if min(low, high) <= 0 or (low + high) / energy < thresholds.share:
            return False
        if abs(10 * math.log10(high / low)) > _TWIST_DB:
            return False
        peak, harmonic = 10 ** (thresholds.peak / 10), 10 ** (_HARMONIC_DB / 10)
        others = [powers[i] * peak > low for i in range(4) if i != row]
        others += [powers[4 + i] * peak > high for i in range(4) if i != column]
        others += [powers[8 + row] * harmonic > low, powers[12 + column] * harmonic > high]
        return not any(others)
