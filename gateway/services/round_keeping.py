"""Keeps the daily round: calls whoever's hour has come, lists whom a human must see, tells it.

Looked at by the dispatcher at every tick. What it does is one transaction: a stop in between calls
nobody twice and forgets nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from gateway.clock import Clock
from gateway.lanes import Lane
from gateway.logs import log_for
from gateway.model import Channel, Urgency
from gateway.services.round_begins import Town, begin, due, towns
from gateway.services.round_listing import put_on_list, something
from gateway.services.sending import Sending
from gateway.store import Store

_log = log_for(__name__)

#: Seconds between two looks.
_LOOK: Final = 5.0


class RoundKeeping:
    """Looks after every town's round."""

    def __init__(self, store: Store, clock: Clock, sending: Sending, lanes: Sequence[Lane]) -> None:
        self._store, self._clock, self._sending, self._lanes = store, clock, sending, lanes
        self._again = 0.0

    async def keep(self) -> None:
        """Call whoever is due, and put on the list whoever needs somebody."""
        now = self._clock.now()
        if self._again > now > self._again - _LOOK:
            return
        self._again = now + _LOOK
        calls = any(Channel.VOICE in lane.offers for lane in self._lanes)
        for town in await self._store.read(towns):
            if await self._store.read(partial(due, town=town, now=now)):
                made = await self._store.write(partial(begin, town=town, now=now, calls=calls))
                _log.info("the daily round begins", town=town.id, messages=len(made))
                for number in made:
                    self._sending.announce(number, Urgency.SERVICE)
            await self._tell(town, now)

    async def _tell(self, town: Town, now: float) -> None:
        if not await self._store.read(partial(something, town=town, now=now)):
            return
        number = await self._store.write(partial(put_on_list, town=town, now=now))
        if number is not None:
            self._sending.announce(number, Urgency.SERVICE)
