"""How loud telephone sound is. Pure."""

from __future__ import annotations

import math
from array import array
from typing import Final

#: What counts as silence (dBov): below any line's own noise.
SILENT: Final = -70.0
_FULL: Final = 32768.0


def dbov(pcm: bytes) -> float:
    """Return the level of ``pcm`` (s16le) in dB below overload, never under `SILENT`.

    The root of the mean square against a full-scale one of direct current, as ITU-T P.56 and
    G.711 users count dBov; an odd octet at the end is left out.
    """
    samples = array("h", pcm[: len(pcm) // 2 * 2])
    if not samples:
        return SILENT
    mean = sum(one * one for one in samples) / len(samples)
    return max(SILENT, 20 * math.log10(math.sqrt(mean) / _FULL)) if mean else SILENT
