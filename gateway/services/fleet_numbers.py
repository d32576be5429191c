"""The telephone numbers of the box: those the town wrote down, else those its SIMs know."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from gateway import phone
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.services.fleet import Fleet
from gateway.services.values import Actor
from gateway.store import Store, people, settings
from modem.errors import CommandFailed, ModemError

#: The key of the settings table.
KEY: Final = "own_numbers"
#: Seconds a modem may take to say its number.
_PATIENCE: Final = 5.0


class FleetNumbers:
    """Knows by which numbers the box is reached."""

    def __init__(self, store: Store, clock: Clock, fleet: Fleet) -> None:
        self._store, self._clock, self._fleet = store, clock, fleet
        self._known: dict[str, str] = {}  # by SIM

    async def of(self, actor: Actor) -> tuple[str, ...]:
        """Return the numbers (E.164), in the order of the modems."""
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        written = tuple(town.get(KEY, ()))
        return written or await self._asked()

    async def by_modem(self) -> dict[str, tuple[str, str]]:
        """Return by modem its number (E.164, or empty), and its SIM.

        The SIM's own word first; where it does not know, what the town wrote, if that is one
        number for each modem, in their order.
        """
        await self._asked()
        town = await self._store.read(people.first_entity)
        kept = await self._store.read(lambda db: settings.read(db, town["id"])) if town else {}
        modems = [lane for lane in self._fleet.lanes if lane.modem is not None]
        written = list(kept.get(KEY, ()))
        written = written if len(written) == len(modems) else [""] * len(modems)
        return {
            lane.name: (self._known.get(lane.sim, "") or said, lane.sim)
            for lane, said in zip(modems, written, strict=True)
            if lane.modem is not None and lane.modem.driver is not None
        }

    async def keep(self, actor: Actor, text: str) -> None:
        """Keep the numbers a person wrote, one to a line; raise `Refused` for what is none."""
        try:
            found = [phone.parse(one).e164 for one in re.split(r"[\n,;]+", text) if one.strip()]
        except Refused as refusal:
            raise Refused(refusal.message, "numbers") from None
        now, numbers = self._clock.now(), list(dict.fromkeys(found))[:20]
        await self._store.write(
            lambda db: settings.write(db, actor.entity_id, KEY, numbers, actor.name, now)
        )

    async def _asked(self) -> tuple[str, ...]:
        """Ask each SIM once; many do not know."""
        for lane in self._fleet.lanes:
            driver = lane.modem.driver if lane.modem is not None else None
            if driver is None or lane.sim in self._known or not lane.idle:
                continue
            try:
                async with asyncio.timeout(_PATIENCE):
                    number = await driver.own_number()
            except CommandFailed:
                number = ""  # it has no such command, and would refuse it each time
            except (ModemError, TimeoutError):
                continue
            self._known[lane.sim] = phone.of_caller(number)
        sims = [lane.sim for lane in self._fleet.lanes if lane.modem is not None]
        found = [self._known.get(sim, "") for sim in sims]
        return tuple(dict.fromkeys(one for one in found if one))
