"""Words that are true on one day only: « demain », « ce soir ». Pure: standard library only.

A text that says one and leaves on another day than it was written for tells its readers the wrong
day. « À demain », a farewell, names none.
"""

from __future__ import annotations

import re
from typing import Final

_BETWEEN: Final = r"[\s\u00a0-]+"
_NEAR: Final = re.compile(
    r"(?<![\w-])(?:"
    r"aujourd['’]hui|apr[eèÈ]s-demain|(?<![aàÀ]\s)(?<![aàÀ]\u00a0)demain|"
    rf"ce{_BETWEEN}(?:matin|midi|soir)|cet(?:te)?{_BETWEEN}apr[eèÈ]s-midi|cette{_BETWEEN}nuit|"
    # in the English text of a message; « see you tomorrow » names none
    rf"today|tonight|(?<!see you )tomorrow|this{_BETWEEN}(?:morning|afternoon|evening)"
    r")(?!\w)",
    re.IGNORECASE,
)


def near_day(*texts: str | None) -> str:
    """Return the first such word of these texts as it stands there, empty if there is none."""
    found = (_NEAR.search(text) for text in texts if text)
    return next((match[0] for match in found if match), "")
