"""From where somebody asks: the address of a browser, or the name of a door. Pure of everything.

A door sets it once for what it does next; whoever writes an event down reads it. It follows the
work into the writer's thread.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

#: Empty for what the box does of itself.
ORIGIN: Final[ContextVar[str]] = ContextVar("origin", default="")
