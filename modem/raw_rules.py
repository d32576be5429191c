"""What a line typed on the page may not tell a modem. Pure.

A technician at the box itself, with ``tocsin modem console``, may do all of it but dial rescue
services; who holds only a browser may look, and set what a restart undoes. Syntax of a line:
ITU-T V.250 5.2 (commands after one ``AT``, extended ones parted by ``;``, ``A/`` repeats).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Danger(StrEnum):
    """Why a command is not said."""

    LOCK = "lock"  #: reads or changes a PIN, a lock or a password
    CALL = "call"  #: dials, answers, moves a call
    SEND = "send"  #: sends a text or a code that may cost money
    READ = "read"  #: shows what people wrote, or their numbers
    ERASE = "erase"  #: erases, or writes what a restart does not undo
    REPEAT = "repeat"  #: says the line before again, which nobody can see here


#: Commands by the beginning of their name, 3GPP 27.005/27.007 first, then vendors' own.
_REFUSED: Final[tuple[tuple[Danger, tuple[str, ...]], ...]] = (
    (Danger.LOCK, ("+CPIN", "+CPIN2", "+CPWD", "+CLCK", "+EPIN", "^CPIN", "^CARDLOCK",
                     "^DATALOCK", "+QPINC", "+SPIC", "+CSIM", "+CRSM")),
    (Danger.CALL, ("D", "A", "H", "+CHLD", "+CHUP", "+CVHU", "+CTFR", "+VTS", "^DTMF", "+CCFC",
                   "+CCWA", "+CLIR")),
    (Danger.SEND, ("+CMGS", "+CMSS", "+CMGC", "+CMGW", "+CUSD", "+CNMA", "+CMMS", "+QCMGS",
                   "+CSCA", "+CGDATA", "+QHTTP", "+QISEND", "+QIOPEN", "+CIPSTART", "+CIPSEND")),
    (Danger.READ, ("+CMGL", "+CMGR", "+CPBR", "+CPBF", "+CPBW", "+CNMI", "+CLCC", "^CLCC")),
    (Danger.ERASE, ("&F", "&W", "Z", "+CMGD", "+QMGDA", "+CSAS", "+CRES", "+EGMR", "+SIMEI",
                    "^FORMAT", "+QFDEL", "+FSDEL", "+QPRTPARA", "^U2DIAG", "^SETPORT", "+QCFG",
                    "+CUSBPIDSWITCH", "^FHVER=", "+QFOTADL", "+CFOTA", "+QPOWD", "+CPOF", "^NVWR",
                    "+QNVW", "+CGPIAF", "^FACTORYSET")),
)  # fmt: skip
#: Reading or testing what could be set is harmless, except where the answer itself is personal.
_QUERIES_REFUSED: Final = frozenset({Danger.READ, Danger.CALL, Danger.SEND})
_ASKS_ONLY: Final = re.compile(r"[+^][A-Z0-9]+=?\?")


def danger_of(line: str) -> Danger | None:
    """Return why a line may not be said from the page, None where it may."""
    text = line.strip().upper()
    if text.startswith("A/"):
        return Danger.REPEAT
    if "\x1a" in line or "\x1b" in line:
        return Danger.SEND
    for part in _parts(text.removeprefix("AT")):
        found = _danger_of_part(part)
        if found is not None:
            return found
    return None


def _parts(body: str) -> list[str]:
    """Return the commands of a line; a ``;`` inside quotes parts nothing."""
    parts, quoted, begun = [], False, 0
    for at, char in enumerate(body):
        quoted ^= char == '"'
        if char == ";" and not quoted:
            parts.append(body[begun:at])
            begun = at + 1
    return [part.strip() for part in (*parts, body[begun:]) if part.strip()]


def _danger_of_part(part: str) -> Danger | None:
    if not part.startswith(("+", "^", "&", "%", "$", "!", "*", "#")):
        return _danger_of_basic(part)
    name = re.match(r"[^A-Z0-9]?[A-Z0-9]*", part.replace(" ", ""))
    asked = name[0] if name else part
    for danger, names in _REFUSED:
        if asked in names:
            asks = _ASKS_ONLY.fullmatch(part.replace(" ", "")) is not None
            return None if asks and danger not in _QUERIES_REFUSED else danger
    return None


def _danger_of_basic(part: str) -> Danger | None:
    """Look at basic commands, which follow one another without a sign: ``E0V1D0639…``."""
    rest = part
    while rest:
        if rest[0] in "+^&%$!*#":
            return _danger_of_part(rest)
        if rest[0] in "DAH":
            return Danger.CALL
        if rest[0] == "Z":
            return Danger.ERASE
        rest = re.sub(r"^(S\d+(=\d*|\?)?|[A-Z]\d*|\s+|.)", "", rest, count=1)
    return None
