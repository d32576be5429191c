"""Characters that show nothing and change what is seen: taken out of names and texts. Pure.

Controls (ESC, BEL…) and the marks that turn the direction of writing: pasted from elsewhere, or
meant to make a number read as another. Tabs and ends of lines stay; joiners too, emoji need them.
"""

from __future__ import annotations

import re
from typing import Any, Final

#: Controls of C0 and C1 but tab, line feed and carriage return; then marks of direction.
_UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def visible(text: str) -> str:
    """Return a text without what cannot be seen in it."""
    return _UNSEEN.sub("", text) if _UNSEEN.search(text) else text


def has_unseen(text: str) -> bool:
    """Tell whether a text of one line has what cannot be seen in it, an end of line included."""
    return bool(_UNSEEN.search(text)) or len(text.splitlines()) > 1 or "\t" in text


def all_visible(value: Any) -> Any:
    """Return what JSON brought with every text in it made visible, but what is a secret."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [all_visible(one) for one in value]
    if isinstance(value, dict):
        return {key: one if "password" in key else all_visible(one) for key, one in value.items()}
    return value
