"""The page's test buttons: one trial at a time on each modem, whose course the page shows.

Job: ask who may, refuse what would delay an alert, run the trial behind the page, keep its
result. Not its job: what is tried (`gateway.services.proving`).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from gateway import beside
from gateway import phone as phones
from gateway.changes import MODEMS, Changes
from gateway.clock import Clock
from gateway.errors import Refused, StoreError
from gateway.lanes import Lane
from gateway.logs import log_for
from gateway.model import Urgency
from gateway.rights import Right
from gateway.sentences import fr, fr_all, sentence
from gateway.services import words
from gateway.services.fleet import Fleet
from gateway.services.permits import need
from gateway.services.proving import Proving
from gateway.services.raw_console import RawConsole
from gateway.services.values import Actor, FindingView
from gateway.store import Store, events, tester
from gateway.store.proofs import Proof

_log = log_for(__name__)

#: What can be tried, and how it is said.
KINDS: Final = fr_all({
    "sms": "SMS d’essai", "appel": "appel d’essai", "verifier": "vérification",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """The last trial of a modem; under way while ``findings`` is None and ``refused`` empty."""

    kind: str
    at: datetime
    findings: tuple[FindingView, ...] | None = None
    refused: str = ""

    @property
    def said(self) -> str:
        """What it is, in words."""
        return KINDS[self.kind]

    @property
    def running(self) -> bool:
        """Whether it is still under way."""
        return self.findings is None and not self.refused


class Bench:
    """Runs trials for the page."""

    def __init__(
        self, store: Store, clock: Clock, changes: Changes, fleet: Fleet, proving: Proving,
        console: RawConsole,
    ) -> None:  # fmt: skip
        self._store, self._clock, self._changes = store, clock, changes
        self._fleet, self._proving, self.console = fleet, proving, console
        self._asked: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self.trials: dict[str, Trial] = {}  # the last of each modem

    def start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Have what is asked tried, and old proofs repeated; return the tasks."""
        return [
            beside.begin(tasks, "proofs", self._proving.keep_proved),
            beside.begin(tasks, "bench", self.run),
            beside.begin(tasks, "raw consoles", self.console.run),
        ]

    async def run(self) -> None:
        """Run what is asked, modems beside each other, for ever."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(_awaited(await self._asked.get()), name="trial")

    async def number_of(self, actor: Actor) -> str:
        """Return the telephone this account tries the modems on, empty when it is not known."""
        account = actor.user_id
        if account is None:
            return ""
        return await self._store.read(lambda db: tester.number_of(db, account))

    async def begin(self, actor: Actor, name: str, kind: str, phone: str = "") -> None:
        """Begin a trial. Raises `NotAllowed`; `Refused`: an alert, another trial, no number."""
        need(actor, Right.TEND)
        if kind not in KINDS:
            raise Refused("Cet essai n’existe pas.", "kind")
        lane = self._fleet.lane(name)
        _free(lane, self.trials.get(name))
        needed = kind != "verifier"  # which calls too, where it knows whom
        number = await self._number(actor, phone, needed=needed)
        now = self._clock.now()
        payload = {"modem": name, "trial": kind, "by": actor.name}
        await self._store.write(
            lambda db: events.record(db, now, "modem.trial", payload, entity_id=actor.entity_id)
        )
        self.trials[name] = Trial(kind, words.at(now, actor.timezone))
        self._changes.touch(MODEMS)
        self._asked.put_nowait(partial(self._try, actor, name, kind, number))

    async def resume(self, actor: Actor, name: str) -> None:
        """Put a stopped SIM back to work. Raises `NotAllowed`, `Refused`."""
        need(actor, Right.TEND)
        await self._fleet.resume(actor, name)

    async def _number(self, actor: Actor, phone: str, *, needed: bool) -> str:
        """Return the telephone to try on, which is remembered; Refused where it is ``needed``."""
        number = phones.parse(phone).e164 if phone.strip() else await self.number_of(actor)
        if not number and needed:
            raise Refused("Écrivez votre numéro de téléphone pour l’essai.", "phone")
        account = actor.user_id
        if account is not None and phone.strip():
            await self._store.write(lambda db: tester.remember(db, account, number))
        return number

    async def _try(self, actor: Actor, name: str, kind: str, number: str) -> None:
        begun, refused = self.trials[name], sentence("")
        found: tuple[FindingView, ...] | None = None
        try:
            if kind == "sms":
                proof = await self._proving.text_to(actor, name, number)
            else:
                proof = (await self._proving.check(actor, name, number))[0]
            found = _views(proof)
        except Refused as refusal:
            refused = refusal.message
        except (sqlite3.Error, StoreError):
            raise
        except Exception:  # noqa: BLE001  a defect in a trial never stops what carries alerts
            _log.exception("trial failed", modem=name)
            refused = fr("Défaut de Tocsin : le journal dit lequel.")
        self.trials[name] = Trial(kind, begun.at, found, refused)
        self._changes.touch(MODEMS)


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()


def _free(lane: Lane, last: Trial | None) -> None:
    """Raise Refused when a trial would hold up an alert, or another trial."""
    if lane.job is not None and lane.job.urgency is Urgency.VITAL:
        raise Refused(
            "« {name} » porte une alerte en ce moment : réessayez quand elle sera partie.",
            name=lane.name,
        )
    if (last is not None and last.running) or lane.borrower is not None:
        raise Refused(
            "« {name} » est déjà à l’essai : le résultat s’affichera dans deux minutes au plus.",
            name=lane.name,
        )


def _views(proof: Proof) -> tuple[FindingView, ...]:
    return tuple(FindingView(f.step, f.ok, f.said, f.mend) for f in proof.findings)
