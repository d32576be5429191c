"""Several names in one cell: groups, tags. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

#: One name; between quotes it may hold what parts two others: « "Crue, bord de mer" ».
_ONE: Final = re.compile(r'\s*"([^"]*)"(?=\s*(?:[,;|]|$))|([^,;|]+)')
_PARTS: Final = re.compile(r"[,;|]")
_LONGEST: Final = 80


def names_of(cell: str) -> list[str]:
    """Return the names that stand in a cell."""
    pieces = ((quoted or plain).strip()[:_LONGEST] for quoted, plain in _ONE.findall(cell))
    return [piece for piece in pieces if piece]


def in_a_cell(names: Sequence[str]) -> str:
    """Return names as `names_of` takes them apart: those with a comma of their own in quotes."""
    return ", ".join(f'"{name}"' if _PARTS.search(name) else name for name in names)
