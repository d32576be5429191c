"""Who is on duty: turns of duty, by list, that a message can be addressed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.clock import Clock
from gateway.errors import Refused
from gateway.rights import Right
from gateway.services.compose import Compose
from gateway.services.permits import need
from gateway.services.values import Actor
from gateway.store import Store, scenarios

#: The longest turn of duty (days), and how far ahead one may be entered.
LONGEST_TURN: Final = 31
FURTHEST_TURN: Final = 400


@dataclass(frozen=True, slots=True)
class TurnView:
    """A turn of duty."""

    id: int
    list: str
    name: str
    begins: datetime
    ends: datetime
    now: bool


class Duties:
    """What the doors may ask of duty."""

    def __init__(self, store: Store, clock: Clock, compose: Compose) -> None:
        self._store, self._clock, self._compose = store, clock, compose

    async def turns(self, actor: Actor) -> list[TurnView]:
        """Return the turns of duty that are not over."""
        now = self._clock.now()
        rows = await self._store.read(lambda db: scenarios.duties(db, actor.entity_id, now))
        return [
            TurnView(
                row["id"], row["list"], f"{row['given_name']} {row['name']}".strip(),
                _local(row["begins_at"], actor.timezone), _local(row["ends_at"], actor.timezone),
                row["begins_at"] <= now,
            )
            for row in rows
        ]  # fmt: skip

    async def lists(self, actor: Actor) -> list[str]:
        """Return the names of the lists of duty."""
        return await self._store.read(lambda db: scenarios.duty_lists(db, actor.entity_id))

    async def add_turn(
        self, actor: Actor, name: str, address: str, begins: datetime | None, ends: datetime | None
    ) -> None:
        """Put on duty whoever has this number or mail address; raise `Refused` with the field."""
        need(actor, Right.WRITE)
        title = " ".join(name.split())[:60]
        if not title:
            raise Refused("Donnez un nom à cette garde, par exemple « Astreinte technique ».",
                          "list")  # fmt: skip
        begin, end = _turn(begins, ends, self._clock.now())
        person = await self._compose.whom.person_at(actor, address)
        if person.id is None:
            raise Refused(
                "Personne n'a ce numéro dans le carnet : ajoutez d'abord ce contact.", "address"
            )
        number, now = person.id, self._clock.now()
        await self._store.write(
            lambda db: scenarios.add_duty(
                db, actor.entity_id, title, number, begin, end, actor.name, now
            )
        )

    async def remove_turn(self, actor: Actor, number: int) -> None:
        """Take a turn of duty away."""
        need(actor, Right.WRITE)
        now = self._clock.now()
        gone = await self._store.write(
            lambda db: scenarios.remove_duty(db, actor.entity_id, number, actor.name, now)
        )
        if not gone:
            raise Refused("Cette garde n'existe plus.")


def _turn(begins: datetime | None, ends: datetime | None, now: float) -> tuple[float, float]:
    if begins is None or ends is None:
        raise Refused("Dites quand la garde commence et quand elle finit.", "begins")
    begin, end = begins.timestamp(), ends.timestamp()
    if end <= begin:
        raise Refused("La garde finit avant de commencer : inversez les deux dates.", "ends")
    if end <= now:
        raise Refused("Cette garde est déjà finie : vérifiez les dates.", "ends")
    if end - begin > LONGEST_TURN * 86400 or begin - now > FURTHEST_TURN * 86400:
        raise Refused("Une garde dure au plus {longest} jours, et commence dans l'année.",
                      "ends", longest=LONGEST_TURN)  # fmt: skip
    return begin, end


def _local(at: float, zone: str) -> datetime:
    return datetime.fromtimestamp(at, ZoneInfo(zone))
