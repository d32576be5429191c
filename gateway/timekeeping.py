"""The box's time follows the machine's after a jump, and alerts under way move with it.

An alert's waits and its end are durations: they move by as much. What has an hour of its own, a
scheduled or a routine message, keeps it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Final

from gateway.clock import NetworkClock, is_known
from gateway.logs import log_for
from gateway.store import Store, leaps, remembered

_log = log_for(__name__)

#: Seconds between two looks.
LOOK: Final = 10.0
#: Seconds between two marks of the time, by which the next start knows how late it is at least.
MARK: Final = 600.0


class Timekeeping:
    """Looks at the clock, for ever."""

    def __init__(self, clock: NetworkClock, store: Store, kept: Callable[[], bool]) -> None:
        """Build it; ``kept`` tells whether a time server keeps the machine's clock."""
        self._clock, self._store, self._kept = clock, store, kept
        self._marked = float("-inf")

    async def begin(self) -> None:
        """Have the clock hear how late it is at least; a time server may have the last word."""
        clock = self._clock
        moment, denied, sure_at = await self._store.read(remembered.at_start)
        clock.remember(moment, denied, sure_at)
        await self.look()
        if clock.doubted:
            _log.warning("the clock is behind or far ahead of the last sign of life: not trusted")
        elif clock.source == "none":
            _log.warning("the clock was never set: times cannot be trusted")
        elif clock.confirming and moment is not None:
            _log.warning("the clock is to be confirmed: the box was off", hours=clock.slept / 3600)
            await self._store.write(lambda db: remembered.unconfirmed(db, moment))

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Follow the machine's clock if it is to be believed."""
        clock = self._clock
        if clock.contradicted or not clock.sure or clock.confirming:
            clock.server = await asyncio.to_thread(self._kept)
            if clock.server and (clock.doubted or clock.confirming):
                clock.believe()
        leap = self._clock.verdict()
        if leap:
            await self._leap(leap)
        clock.keep_sure()
        await self._mark()

    async def _mark(self) -> None:
        """Write the time down now and then, once it is somebody's."""
        now, loop = self._clock.now(), asyncio.get_running_loop().time()
        if is_known(self._clock) and loop - self._marked >= MARK:
            self._marked = loop
            sure = self._clock.sure
            await self._store.write(lambda db: remembered.mark(db, now, sure=sure))

    async def _leap(self, leap: float) -> None:
        _log.warning("the clock leaps", seconds=round(leap))
        now, since = self._clock.now(), self._clock.doubt_began
        self._clock.server = False  # of the time before: it is asked again

        def work(db: sqlite3.Connection) -> None:
            leaps.move_alerts(db, leap, now, since)

        if leap < 0:  # never a moment in which an alert under way could seem too late
            self._clock.follow()
            self._marked = float("-inf")  # what was marked has not come yet
        await self._store.write(work)
        if leap > 0:
            self._clock.follow()
