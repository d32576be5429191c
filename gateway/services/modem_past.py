"""Keeps what each modem goes through: a sample every five minutes, a diary of its remedies.

Not its job: showing it (`gateway.services.fleet`), choosing a remedy (`modem.recovery`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

from gateway.changes import MODEMS, Changes
from gateway.clock import Clock
from gateway.lanes import Lane
from gateway.services.watching import kept_up
from gateway.store import Store, modem_past
from gateway.store.modem_past import STEP, Sample
from modem.recovery import Rung
from modem.status import ModemState, ModemStatus

#: A modem that has been ready for so long (seconds) since a remedy owes it to that.
STABLE_AFTER: Final = 60.0


class ModemPast:
    """Writes down, for as long as it runs."""

    def __init__(self, store: Store, clock: Clock, changes: Changes, lanes: Sequence[Lane]) -> None:
        self._store, self._clock, self._changes = store, clock, changes
        self._lanes = [lane for lane in lanes if lane.modem is not None]
        self._last: dict[str, ModemStatus] = {}

    async def run(self) -> None:
        """Sample at each round five minutes, for ever."""
        while True:
            await asyncio.sleep(STEP - self._clock.now() % STEP)
            await kept_up(self.sample)

    async def sample(self) -> None:
        """Keep how each modem is now, and fold what is old, a slice at a time."""
        now = self._clock.now()
        taken = [_sample(lane, now) for lane in self._lanes]
        await self._store.write(lambda db: modem_past.note_samples(db, taken))
        for name in self._recovered():
            await self._store.write(partial(modem_past.served, modem=name, now=now))
        while await self._store.write(lambda db: modem_past.fold(db, now)):
            pass
        self._changes.touch(MODEMS)

    def _recovered(self) -> list[str]:
        """Return the modems that have worked for a while since the last remedy."""
        mono = asyncio.get_running_loop().time()
        return [
            lane.name
            for lane in self._lanes
            if lane.modem is not None and _owes_it(lane.modem.status, mono)
        ]

    async def hear(self, status: ModemStatus) -> None:
        """Take note of a modem that changed: a remedy begun, what came of it."""
        before = self._last.get(status.name)
        self._last[status.name] = status
        if status.rung is not None and status.rung_at is not None:
            await self._remedy(status, before, status.rung, status.rung_at)
        if status.state is ModemState.READY and (
            before is None or before.state is not status.state
        ):
            now = self._clock.now()
            await self._store.write(lambda db: modem_past.served(db, status.name, now))

    async def _remedy(
        self, status: ModemStatus, before: ModemStatus | None, rung: Rung, rung_at: float
    ) -> None:
        if before is None or (before.rung, before.rung_at) != (rung, rung_at):
            at = self._clock.now() - asyncio.get_running_loop().time() + rung_at
            trouble = status.trouble.value if status.trouble else ""
            work = partial(
                modem_past.begin_remedy, modem=status.name, at=at, rung=rung.value,
                trouble=trouble, note=status.rung_note,
            )  # fmt: skip
            await self._store.write(work)
        elif before.rung_note != status.rung_note:
            note = status.rung_note
            await self._store.write(lambda db: modem_past.renote_remedy(db, status.name, note))


def _sample(lane: Lane, now: float) -> Sample:
    assert lane.modem is not None  # noqa: S101  only modems are kept
    status = lane.modem.status
    ready = status.state in {ModemState.READY, ModemState.LENT}
    return Sample(lane.name, now, status.signal_dbm, float(ready))


def _owes_it(status: ModemStatus, mono: float) -> bool:
    """Tell whether a modem works, and has for a while since something was tried on it."""
    tried = status.rung_at
    return status.state is ModemState.READY and tried is not None and mono - tried >= STABLE_AFTER
