"""A copy of the database every few hours, to fall back on when a page of it goes bad.

It stays on the same disk: what leaves the box is a backup (`gateway.upkeep.backup`).
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Final

from gateway.clock import Clock
from gateway.disk_levels import BELOW, DiskLevel
from gateway.logs import log_for
from gateway.store import Store, copies, retention

_log = log_for(__name__)

#: Seconds between two looks, and from a start to the first: then there is other work.
LOOK: Final = 1800.0


class Copying:
    """Keeps the newest copy younger than so many hours, where there is room for it."""

    def __init__(self, store: Store, clock: Clock, hours: float) -> None:
        self._store, self._clock, self._seconds = store, clock, hours * 3600

    async def run(self) -> None:
        """Look, for ever."""
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Make a copy if the newest is too old; whatever is wrong with that stops nothing."""
        database, now = self._store.path, self._clock.now()
        newest = copies.kept(copies.folder_of(database), "good")
        if newest and 0 <= now - copies.made_at(newest[0]) < self._seconds:
            return
        if self._store.room.free() < database.stat().st_size + BELOW[DiskLevel.SCANT]:
            return  # the alarm of the disk says it
        if await self._store.read(retention.alert_is_open):
            return  # half an hour later is soon enough
        try:
            await asyncio.to_thread(copies.good_copy, database, now)
        except (sqlite3.Error, OSError) as error:
            _log.error("no copy could be made", error=str(error))
