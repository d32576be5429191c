"""Who may launch by calling the box; their words are rendered before they call."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway import launch_words
from gateway.channels.voice import Unspeakable
from gateway.launch_call import PAGE, LaunchCall, Means, fixed, read_aloud
from gateway.logs import log_for
from gateway.services.launchers import Caller, known
from gateway.services.launches import Choice, choices
from gateway.store import entities, tries

_log = log_for(__name__)

#: Seconds between two looks at what there is to say.
_LOOK: Final = 60.0


class LaunchByCall:
    """Lets those in who may launch, and has their words ready."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def welcome(self, number: str, *, waiting: bool) -> LaunchCall | None:
        """Return what a caller who may launch hears, its first words rendered; None: they may not.

        Raise `Unspeakable`.
        """
        callers = await self._means.store.read(lambda db: _with_pin(db, number)) if number else []
        if not callers:
            return None
        call = LaunchCall(self._means, callers[0], waiting=waiting)
        await call.prepare()
        return call

    async def run(self) -> None:
        """Have rendered, for ever, what a launcher would hear first and what is read back."""
        seen: set[tuple[int, str]] = set()
        while True:
            for caller, text in await self._means.store.read(_all_words):
                if (caller.entity_id, text) in seen:
                    continue
                try:
                    await self._means.said(caller, text)
                except Unspeakable as error:
                    _log.warning("not rendered beforehand", error=str(error))
                seen.add((caller.entity_id, text))
            await asyncio.sleep(_LOOK)


def _with_pin(db: sqlite3.Connection, number: str) -> list[Caller]:
    return [
        one for one in known(db, number)
        if one.launches and tries.pin_of(db, one.entity_id, number)
    ]  # fmt: skip


def _all_words(db: sqlite3.Connection) -> list[tuple[Caller, str]]:
    """Return all that launchers of each town hear that is known beforehand."""
    found = []
    for town in entities.every(db):
        numbers = tries.with_pin(db, town["id"])
        callers = [one for number in numbers for one in _with_pin(db, number)]
        own = next((one for one in callers if one.entity_id == town["id"]), None)
        if own is not None:
            ready = choices(db, town["id"])
            texts = [*fixed(own.town), *_listed(ready), *(read_aloud(one) for one in ready)]
            found += [(own, text) for text in texts]
    return found


def _listed(ready: Sequence[Choice]) -> list[str]:
    """Return the lines of all pages of the list."""
    lines = [launch_words.choice((one.place - 1) % PAGE + 1, one.name) for one in ready]
    return [*lines, launch_words.NEXT_PAGE, launch_words.HEAR_AGAIN]
