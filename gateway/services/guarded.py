"""Parts of a look, each by itself: one that fails stops no other, and is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from gateway.errors import StoreError
from gateway.logs import log_for

_log = log_for(__name__)
T = TypeVar("T")


class Guarded:
    """Looks at one part after another, and keeps what each said last."""

    def __init__(self) -> None:
        self._last: dict[str, Any] = {}
        self._failed: set[str] = set()

    @property
    def failed(self) -> tuple[str, ...]:
        """The parts that failed when they were last looked at."""
        return tuple(sorted(self._failed))

    def part(self, name: str, look: Callable[[], T], never: T) -> T:
        """Look at a part; where that fails return what it last said, ``never`` before it said any.

        So nothing is told as mended because nobody could see it. A store that fails is the whole
        box's trouble, and goes on up.
        """
        try:
            return self._well(name, look())
        except (sqlite3.Error, StoreError):
            raise
        except Exception:  # noqa: BLE001  it is an alarm of its own
            return self._ill(name, never)

    async def asked(self, name: str, look: Awaitable[T], never: T) -> T:
        """Await a look at a part, as `part` does."""
        try:
            return self._well(name, await look)
        except (sqlite3.Error, StoreError):
            raise
        except Exception:  # noqa: BLE001  as above
            return self._ill(name, never)

    def _well(self, name: str, found: T) -> T:
        self._failed.discard(name)
        self._last[name] = found
        return found

    def _ill(self, name: str, never: T) -> T:
        if name not in self._failed:
            _log.exception("a part of the box could not be looked at", part=name)
        self._failed.add(name)
        return cast("T", self._last.get(name, never))
