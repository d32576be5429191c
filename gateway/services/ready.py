"""Messages made ready: templates (a text) and scenarios (text, people, order: one click)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import Final

from gateway.clock import Clock
from gateway.errors import Refused
from gateway.model import Urgency
from gateway.rights import Right
from gateway.sentences import fr
from gateway.services import drafts, gone, ready_forms, words
from gateway.services.compose import Compose
from gateway.services.permits import need
from gateway.services.values import Actor, Draft
from gateway.services.versions import NEW, check, version_of
from gateway.services.whom import said_whom
from gateway.store import Store, groups, scenarios

#: More than anybody finds at three in the morning.
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class ReadyView:
    """A ready message; ``complete``: it says whom it is for; ``problem``: why it cannot leave.

    ``missing``: which of its groups are gone; it leaves without them as long as it has others.
    """

    id: int
    name: str
    text: str
    groups: tuple[str, ...]
    urgency: str
    urgency_label: str
    complete: bool
    problem: str
    missing: str = ""


class Ready:
    """What the doors may ask of ready messages."""

    def __init__(self, store: Store, clock: Clock, compose: Compose) -> None:
        self._store, self._clock, self._compose = store, clock, compose

    async def list(self, actor: Actor) -> list[ReadyView]:
        """Return the town's ready messages, in its own order."""
        rows = await self._store.read(lambda db: scenarios.listed(db, actor.entity_id))
        names = await self._names(actor)
        return [await self._view(actor, row["id"], row["name"], row["draft"], names)
                for row in rows]  # fmt: skip

    async def one(self, actor: Actor, number: int) -> ReadyView | None:
        """Return one ready message; None when it is gone, or another town's."""
        row = await self._store.read(lambda db: scenarios.get(db, actor.entity_id, number))
        if row is None:
            return None
        return await self._view(actor, number, row["name"], row["draft"], await self._names(actor))

    async def _names(self, actor: Actor) -> dict[int, str]:
        known = await self._store.read(
            lambda db: groups.named(db, actor.entity_id, register=actor.keeper)
        )
        return {row["id"]: row["name"] for row in known}

    async def _view(
        self, actor: Actor, number: int, name: str, kept: str, names: dict[int, str]
    ) -> ReadyView:
        whole = drafts.from_json(kept)
        draft, missing = await self._store.read(
            lambda db: gone.without_gone(db, actor.entity_id, whole, keeper=actor.keeper)
        )
        problem = ""
        if whole.addressed:
            found = (await self._compose.prepare(actor, draft)).problems
            problem = found[0].message if found else ""
        urgency = Urgency(draft.urgency)
        whom = [names[one] for one in draft.group_ids if one in names]
        whom += said_whom(replace(draft, everybody=False), ())
        whom += [fr("de garde : {one}", one=one) for one in draft.duties]
        return ReadyView(
            number, name, draft.text, tuple(whom), urgency.value, words.URGENCIES[urgency],
            whole.addressed, problem, missing,
        )  # fmt: skip

    async def draft(self, actor: Actor, number: int) -> Draft:
        """Return the draft of a ready message, without the groups that are gone.

        Raise `Refused` when it is not this town's.
        """

        def work(db: sqlite3.Connection) -> tuple[str, Draft]:
            row = scenarios.get(db, actor.entity_id, number)
            if row is None:
                raise Refused("Ce message prêt n'existe plus.")
            kept = drafts.from_json(row["draft"])
            left, _ = gone.without_gone(db, actor.entity_id, kept, keeper=actor.keeper)
            return row["name"], left

        name, draft = await self._store.read(work)
        return replace(draft, scenario=name)

    async def named(self, actor: Actor, name: str) -> Draft | None:
        """Return the draft of the ready message of this name; None where none has it."""
        rows = await self._store.read(lambda db: scenarios.listed(db, actor.entity_id))
        title = _title(name)
        numbers = [row["id"] for row in rows if row["name"] == title]
        return await self.draft(actor, numbers[0]) if numbers else None

    async def broken(self, actor: Actor) -> tuple[ReadyView, ...]:
        """Return the ready messages of which a group is gone: somebody must mend them by day."""

        def work(db: sqlite3.Connection) -> set[int]:
            kept = {row["id"]: drafts.from_json(row["draft"])
                    for row in scenarios.listed(db, actor.entity_id)}  # fmt: skip
            # read once for all: this stands on the page of messages
            sides = {actor.keeper or one.as_keeper for one in kept.values()}
            there = {side: gone.open_to(db, actor.entity_id, keeper=side) for side in sides}
            return {
                number
                for number, one in kept.items()
                if not there[actor.keeper or one.as_keeper].issuperset(one.group_ids)
            }

        broken = await self._store.read(work)
        listed = await self.list(actor) if broken else ()
        return tuple(one for one in listed if one.id in broken)

    async def version(self, actor: Actor, number: int) -> str:
        """Return the version of the form of a ready message."""

        def work(db: sqlite3.Connection) -> str:
            row = scenarios.get(db, actor.entity_id, number)
            return version_of(ready_forms.shown(db, actor, row["draft"])) if row else NEW

        return await self._store.read(work)

    async def keep(self, actor: Actor, name: str, draft: Draft, version: str = "") -> int:
        """Keep a message under a name, in place of the one it had.

        Raise `Changed` where what is there under this name is not what the form of ``version``
        was made from.

        Raise `Refused` for what could never leave: an unknown field, a plan without end, an empty
        group. A text without people is a template.
        """
        need(actor, Right.WRITE)
        title = _title(name)
        if not title:
            raise Refused("Donnez un nom à ce message prêt.", "ready_name")
        draft = replace(
            draft, at=None, expires=None, idempotency_key=None, at_any_hour=False, scenario=""
        )
        await self._check(actor, draft)
        now = self._clock.now()
        known = await self._store.read(lambda db: scenarios.listed(db, actor.entity_id))
        if len(known) >= MOST and title not in {row["name"] for row in known}:
            raise Refused(
                "Pas plus de {most} messages prêts : supprimez-en un.", "ready_name", most=MOST
            )
        kept = drafts.to_json(replace(draft, as_keeper=actor.keeper))

        def work(db: sqlite3.Connection) -> int:
            for row in scenarios.listed(db, actor.entity_id):
                if row["name"] == title:
                    stands = ready_forms.shown(db, actor, row["draft"])
                    wanted = ready_forms.shown(db, actor, kept)
                    check(version, stands, wanted, ready_forms.INPUTS)
            return scenarios.save(db, actor.entity_id, title, kept, actor.name, now)

        return await self._store.write(work)

    async def _check(self, actor: Actor, draft: Draft) -> None:
        if draft.addressed:
            prepared = await self._compose.prepare(actor, draft)
        else:
            prepared = await self._compose.prepare_for(actor, draft, ())
        if prepared.problems:
            raise prepared.problems[0]

    async def drop(self, actor: Actor, number: int) -> None:
        """Remove a ready message."""
        need(actor, Right.WRITE)
        now = self._clock.now()
        gone = await self._store.write(
            lambda db: scenarios.delete(db, actor.entity_id, number, actor.name, now)
        )
        if not gone:
            raise Refused("Ce message prêt n'existe plus.")


def _title(name: str) -> str:
    return " ".join(name.split())[:80]
