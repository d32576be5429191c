"""Words that are true on one day only: « demain », « ce soir ». Pure: standard library only.

A text that says one and leaves on another day than it was written for tells its readers the wrong
day. « À demain », a farewell, names none; « jusqu'à demain », « reporté à demain » do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

_BETWEEN: Final = r"[\s\u00a0-]+"
_NEAR: Final = re.compile(
    r"(?<![\w-])(?:"
    r"aujourd['’]hui|apr[eèÈ]s-demain|demain|"
    rf"ce{_BETWEEN}(?:matin|midi|soir)|cet(?:te)?{_BETWEEN}apr[eèÈ](?:s{_BETWEEN}midi|m)|"
    rf"cette{_BETWEEN}nuit|"
    # in the English text of a message; « see you tomorrow » names none
    rf"today|tonight|(?<!see you )tomorrow|this{_BETWEEN}(?:morning|afternoon|evening)"
    r")(?!\w)",
    re.IGNORECASE,
)
#: What stands before the « demain » of a farewell: « à », as a sentence of its own or after one.
_FAREWELL: Final = re.compile(
    r"(?:^|[^\w\s'’]|\n|\b(?:et|merci|bien|tous|soir[eé]e|journ[eé]e|nuit))\s*[aà]\s$",
    re.IGNORECASE,
)
#: Until which hour of its day such a word is true; the others are until midnight.
_UNTIL: Final = (("matin", 12), ("morning", 12), ("midi", 14))


def near_day(*texts: str | None) -> str:
    """Return the first such word of these texts as it stands there, empty if there is none."""
    return next(_words(texts), "")


def true_until(word: str) -> int:
    """Return the hour of its day from which such a word is wrong: 12 of « ce matin », else 24."""
    said = word.lower()
    if said.startswith("cet"):  # the afternoon, which ends in « midi » too
        return 24
    return next((hour for ending, hour in _UNTIL if said.endswith(ending)), 24)


def soonest(*texts: str | None) -> int | None:
    """Return the hour from which the first of all such words of these texts is wrong, or None."""
    return min(map(true_until, _words(texts)), default=None)


def _words(texts: Iterable[str | None]) -> Iterator[str]:
    found = (match for text in texts if text for match in _NEAR.finditer(text))
    return (match[0] for match in found if not _is_farewell(match))


def _is_farewell(match: re.Match[str]) -> bool:
    before = match.string[: match.start()]
    return match[0].lower() == "demain" and _FAREWELL.search(before) is not None
