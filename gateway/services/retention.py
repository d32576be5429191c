"""How long names are kept, and their forgetting: counts and the chain of events stay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from gateway.clock import Clock, is_sure
from gateway.logs import log_for
from gateway.services import town_settings, words
from gateway.services.values import Actor
from gateway.store import Store, came_in, retention, rounds, settings

_log = log_for(__name__)

#: Seconds between two rounds, and between two slices of one.
ROUND: Final = 6 * 3600.0
PAUSE: Final = 0.05
_MONTH: Final = 30.44 * 86400
_DAY: Final = 86400.0


class Retention:
    """Forgets what has been kept long enough, a little at a time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def until(self, actor: Actor, closed_at: datetime) -> datetime:
        """Return when the names of a message that ended then will be forgotten."""
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        return words.at(
            closed_at.timestamp() + town_settings.names_months(town) * _MONTH, actor.timezone
        )

    async def run(self) -> None:
        """Make a round now and then, for ever."""
        while True:
            await asyncio.sleep(ROUND)
            await self.forget()

    async def forget(self) -> int:
        """Forget all whose time is over; return how many messages lost their names.

        An alert under way stops the round: the next goes on. Nothing is forgotten by a time that
        is not sure: it would not come back.
        """
        if not is_sure(self._clock):
            return 0
        now, forgotten = self._clock.now(), 0
        towns = await self._store.read(retention.towns)
        for town in towns:
            known = await self._store.read(partial(_settings, town))
            forgotten += await self._forget_names(
                town, now - town_settings.names_months(known) * _MONTH, now
            )
            await self._store.write(
                partial(_texts, town, now - town_settings.names_months(known) * _MONTH)
            )
            await self._forget_rounds(town, now - town_settings.round_months(known) * _MONTH, now)
            received = now - town_settings.received_months(known) * _MONTH
            await self._slices(partial(_received, town, received, town == towns[0]))
        await self._slices(_Files(now - 30 * _DAY).drop_some)
        await self._slices(retention.shrink)
        if forgotten:
            _log.info("names forgotten", messages=forgotten)
        return forgotten

    async def _forget_rounds(self, town: int, before: float, now: float) -> None:
        """Forget the days of the register's round, whose names go before those of others."""
        await self._forget_each(partial(_next_round, town, before), now)
        await self._slices(partial(_days, town, before))

    async def _forget_names(self, town: int, before: float, now: float) -> int:
        return await self._forget_each(partial(_next, town, before), now)

    async def _forget_each(self, next_one: Callable[[Any], int | None], now: float) -> int:
        forgotten = 0
        while True:
            number = await self._store.read(next_one)
            if number is None or not await self._slices(retention.Forgetting(number, now).some):
                return forgotten
            forgotten += 1

    async def _slices(self, work: Callable[[Any], bool]) -> bool:
        """Repeat a short transaction while it has more to do; False when an alert came between."""
        more = True
        while more:
            if await self._store.read(retention.alert_is_open):
                return False
            more = await self._store.write(work)
            await asyncio.sleep(PAUSE)
        return True


class _Files:
    """Goes through the files chosen before a moment, a slice at a time."""

    def __init__(self, before: float) -> None:
        self._before, self._after = before, 0

    def drop_some(self, db: Any) -> bool:
        """Drop the next of those nothing names; return whether there may be more."""
        after = retention.drop_files(db, self._before, self._after)
        self._after = after or 0
        return after is not None


def _settings(town: int, db: Any) -> Mapping[str, Any]:
    return settings.read(db, town)


def _next(town: int, before: float, db: Any) -> int | None:
    return retention.next_to_forget(db, town, before)


def _next_round(town: int, before: float, db: Any) -> int | None:
    return rounds.next_to_forget(db, town, before)


def _texts(town: int, before: float, db: Any) -> None:
    settings.forget_texts(db, town, before)


def _days(town: int, before: float, db: Any) -> bool:
    return rounds.forget(db, town, before, retention.SLICE)


def _received(town: int, before: float, own: bool, db: Any) -> bool:
    return came_in.forget(db, town, before, own=own)
