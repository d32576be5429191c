"""Whose time it is, and a person's word for the machine's where the box does not follow it."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.clock import APART, NetworkClock, is_trusted
from gateway.errors import Refused
from gateway.rights import Right
from gateway.services import words
from gateway.services.permits import need
from gateway.services.values import Actor
from gateway.store import Store, events, facts, remembered


@dataclass(frozen=True, slots=True)
class ClockView:
    """What the machine says and what the box goes by; ``held``: it does not follow the machine.

    ``possible``: whether the machine's time can be a set clock's at all; ``network``: what the
    mobile network says, where that is another day; ``followed``: the machine is followed, but it
    got there by a leap that nothing confirms.
    """

    held: bool
    machine: datetime
    ours: datetime
    possible: bool
    network: datetime | None = None
    followed: bool = False


class Timing:
    """What the doors may ask of the clock."""

    def __init__(
        self, store: Store, clock: NetworkClock, look: Callable[[], Awaitable[None]]
    ) -> None:
        """Build it; ``look`` has the box follow its machine's clock where that is believed."""
        self._store, self._clock, self._look = store, clock, look

    def view(self, actor: Actor) -> ClockView:
        """Return how the clock stands. Raises `NotAllowed`."""
        need(actor, Right.HEALTH)
        machine, zone, apart = self._clock.machine, actor.timezone, self._clock.apart
        network = machine + apart if apart is not None and abs(apart) >= APART else None
        return ClockView(
            self._clock.held, words.at(machine, zone), words.at(self._clock.now(), zone),
            is_trusted(machine), words.local(network, zone),
            self._clock.source != "none" and not self._clock.jump,
        )  # fmt: skip

    async def vouch(self, actor: Actor) -> ClockView:
        """Take the machine's time for right, on somebody's word; return how the clock stands then.

        Alerts under way move with the time. Raises `NotAllowed`; `Refused` where nothing is in
        doubt, or the machine says a time no box of ours has lived in.
        """
        need(actor, Right.TEND)
        before = self.view(actor)
        if not before.held:
            raise Refused("L’heure de la machine est déjà suivie : il n’y a rien à confirmer.")
        if not before.possible:
            raise Refused(
                "La machine dit le {machine:%d/%m/%Y} : cela ne peut pas être. Mettez-la d’abord à "
                "l’heure (timedatectl set-time).",
                machine=before.machine,
            )
        self._clock.believe()
        await self._look()
        denied = self._clock.denied
        now, far = self._clock.now(), before.machine.timestamp() - before.ours.timestamp()

        def work(db: sqlite3.Connection) -> None:
            told = {"by": actor.name, "what": f"{before.machine:%d/%m/%Y %H:%M}", "seconds": far}
            events.record(db, now, remembered.VOUCHED, told, entity_id=actor.entity_id)
            remembered.mark(db, now, sure=True)
            if denied is not None:
                facts.note(db, remembered.DENIED, denied, now)

        await self._store.write(work)
        return self.view(actor)
