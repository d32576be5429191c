"""Personal data in what a modem says, made unreadable, so that a transcript may be shared.

Job: IMEI, IMSI, ICCID, telephone numbers, cells and message contents, wherever they stand in a
line. What tells a make or an operator stays: the first eight digits of an IMEI, five of an IMSI.
Pure; anybody may import it.
"""

from __future__ import annotations

import re
from typing import Final

_LONG_HEXADECIMAL: Final = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9]*[A-Fa-f])[0-9A-Fa-f]{16,}(?![0-9A-Za-z])"
)
_ICCID: Final = re.compile(r"(?<!\d)(\d{6})(\d{12,16})([Ff]?)(?![0-9A-Fa-f])")
_FIFTEEN: Final = re.compile(r"(?<!\d)(\d{14,17})(?!\d)")
_NUMBER: Final = re.compile(r"(?<![\d,])(\+?\d{3})(\d{4,12})(?![\dx])")
_CELL: Final = re.compile(r'"[0-9A-Fa-f]{2,9}"')
#: Type codes of IMEIs begin so (reporting bodies); everything else of that length is an IMSI.
_IMEI_STARTS: Final = ("01", "35", "86", "98", "99")
#: Lines whose numbers belong to nobody: the operator's service centre.
_PUBLIC: Final = ("+CSCA:",)
_CELLS: Final = ("+CREG:", "+CGREG:", "+CEREG:")


def masked(line: str) -> str:
    """Return ``line`` without what identifies a person, a card or a device."""
    if line.startswith(_PUBLIC):
        return line
    if line.startswith(_CELLS):
        line = _CELL.sub('"…"', line)
    line = _LONG_HEXADECIMAL.sub(_hidden_message, line)
    line = _ICCID.sub(lambda found: found[1] + "x" * len(found[2]) + found[3], line)
    line = _FIFTEEN.sub(_hidden_identity, line)
    return _NUMBER.sub(lambda found: found[1] + "x" * len(found[2]), line)


def _hidden_message(found: re.Match[str]) -> str:
    digits = found[0].rstrip("Ff")
    if digits.isdecimal() and 18 <= len(digits) <= 20:  # an ICCID with its filler
        return found[0]
    return f"<{len(found[0]) // 2} octets>"


def _hidden_identity(found: re.Match[str]) -> str:
    kept = 8 if found[1].startswith(_IMEI_STARTS) else 5
    return found[1][:kept] + "x" * (len(found[1]) - kept)
