"""Those who attend to what comes in by SMS and to the box itself, built on one set of services."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from gateway import beside
from gateway.changes import Changes
from gateway.clock import Clock
from gateway.config import Config
from gateway.launch_doors import LaunchDoors
from gateway.services import Fleet, Inbox, Outage, Sending, StatusPage, Watching
from gateway.services.answering import TAKERS
from gateway.services.call_trees import CallTrees, troubles
from gateway.services.correspondence import Correspondence, Listener
from gateway.services.modem_past import ModemPast
from gateway.services.signs import Signs
from gateway.services.turns import Turns
from gateway.services.volunteers import Volunteers
from gateway.store import Store


class Attendants:
    """Reads what comes in, watches the box, gives signs of life, wakes those on duty in turn."""

    def __init__(
        self, store: Store, clock: Clock, config: Config, changes: Changes, sending: Sending,
        fleet: Fleet, outage: Outage, doors: LaunchDoors, wake: Callable[[], None],
        listeners: Sequence[Listener],
    ) -> None:  # fmt: skip
        """Build them; ``wake`` has the lanes look round, ``listeners`` hear each SMS first."""
        self.correspondence = Correspondence(store, clock, changes, sending, wake, TAKERS)
        self.correspondence.listeners = list(listeners)
        self.correspondence.launching = doors.by_sms.take
        self.inbox = Inbox(store, clock, sending)
        self.correspondence.counted = self.inbox.count
        self.watching = Watching(store, clock, config, fleet, outage, sending)
        self._signs = Signs(store, clock, config, doors.numbers, doors.health, sending)
        self.trees = CallTrees(store, clock, sending, doors.numbers, sends=config.relay is not None)
        self._signs.settled = lambda: self.watching.settled
        doors.health.looked = lambda: self.watching.looked
        doors.health.supply_unheard = lambda: self.watching.supply_unheard
        self.watching.papers_of = troubles
        self.watching.watch_others(self._signs.silent)
        self.correspondence.hear_first(self._signs.takers())
        self.status = StatusPage(store, clock, fleet, self.watching)
        self.past = ModemPast(store, clock, changes, fleet.lanes)
        self._doors = doors
        self._volunteers = Volunteers(store, clock, sending)
        self._turns = Turns(store, clock, sending)

    def begin(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Have them all at work; return their tasks."""
        return [
            beside.begin(tasks, "correspondence", self.correspondence.run),
            beside.begin(tasks, "watching", self.watching.run),
            beside.begin(tasks, "signs", self._signs.run),
            beside.begin(tasks, "modem past", self.past.run),
            beside.begin(tasks, "call trees", self.trees.run),
        ]

    async def at_each_tick(self) -> None:
        """Do what has fallen due."""
        await self._doors.launches.tell_progress()
        await self._volunteers.tell_the_others()
        await self._turns.ask_next()
