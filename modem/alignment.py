"""Sound that starts in the middle of a sample, set right.

Job: some devices, after a restart of their sound port or a short write, give the second half of
a sample first: what follows is noise at full level until one byte is dropped. Speech is smooth
from one sample to the next, and the same bytes taken one off are not: that tells the two apart.
Not its job: hearing keys (`modem.dtmf`). Pure; numpy is loaded with the first one made. For
`modem.sound`.
"""

from __future__ import annotations

from typing import Final

#: Bytes looked at together: 20 ms.
_WINDOW: Final = 320
_SILENT: Final = bytes(_WINDOW)
#: How much rougher our reading must be than the other one, and how rough at least.
_RATIO: Final = 2.5
_ROUGH: Final = 2000.0
#: So many windows in a row must agree.
_AGREE: Final = 3


class Aligner:
    """Takes s16le bytes in any chunks, returns whole samples. ``slips`` counts corrections."""

    def __init__(self) -> None:
        import numpy as np

        self.slips = 0
        self._np = np
        self._rest = b""
        self._suspect = 0

    def feed(self, data: bytes) -> bytes:
        """Return the whole windows that ``data`` completes, set right where they were not."""
        self._rest += data
        out = bytearray()
        while len(self._rest) > _WINDOW:  # one byte more than a window, to try the other reading
            if self._is_off(self._rest):
                self._rest = self._rest[1:]
                self.slips += 1
                continue
            out += self._rest[:_WINDOW]
            self._rest = self._rest[_WINDOW:]
        return bytes(out)

    def _is_off(self, data: bytes) -> bool:
        # most windows of a call are silence, or at least smooth: the other reading is tried of
        # the rough ones only
        if data.startswith(_SILENT):
            self._suspect = 0
            return False
        ours = self._roughness(data[:_WINDOW])
        off = ours > _ROUGH and ours > _RATIO * self._roughness(data[1 : _WINDOW + 1])
        self._suspect = self._suspect + 1 if off else 0
        if self._suspect < _AGREE:
            return False
        self._suspect = 0
        return True

    def _roughness(self, data: bytes) -> float:
        samples = self._np.frombuffer(data, dtype="<i2").astype("i4")
        return float(abs(samples[1:] - samples[:-1]).sum()) / (len(samples) - 1)
