"""The box's time follows the machine's after a jump, and alerts under way move with it.

An alert's waits and its end are durations: they move by as much. What has an hour of its own, a
scheduled or a routine message, keeps it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Final

from gateway.clock import NetworkClock
from gateway.logs import log_for
from gateway.store import Store, leaps

_log = log_for(__name__)

#: Seconds between two looks.
LOOK: Final = 10.0


class Timekeeping:
    """Looks at the clock, for ever."""

    def __init__(self, clock: NetworkClock, store: Store) -> None:
        self._clock, self._store = clock, store

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Follow the machine's clock if it is to be believed."""
        leap = self._clock.verdict()
        if not leap:
            return
        _log.warning("the clock leaps", seconds=round(leap))
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            leaps.move_alerts(db, leap, now)

        if leap < 0:  # never a moment in which an alert under way could seem too late
            self._clock.follow()
        await self._store.write(work)
        if leap > 0:
            self._clock.follow()
