"""Messages begun and not sent: kept as they are typed, taken up again, thrown away."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway.clock import Clock
from gateway.errors import Refused
from gateway.model import BroadcastState
from gateway.rights import Right
from gateway.services import drafts, words
from gateway.services.foresight import taken_up
from gateway.services.owning import owned
from gateway.services.permits import need
from gateway.services.values import Actor, Draft
from gateway.store import Store, unfinished

#: More than anybody takes up again; the oldest go.
MOST: Final = 10
#: Seconds one is kept.
KEPT: Final = 30 * 86400.0
#: Characters of a whole form: the longest text of each channel, and room.
LONGEST: Final = 300_000


@dataclass(frozen=True, slots=True)
class UnfinishedView:
    """A message somebody began."""

    key: str
    title: str
    saved_at: datetime


class Unfinished:
    """What the compose page asks of messages begun. They are their author's alone."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def keep(
        self, actor: Actor, key: str, title: str, fields: Sequence[tuple[str, str]]
    ) -> datetime | None:
        """Keep what stands in a form; return when, in the town's time.

        None for a program, which has no half-written messages. Raise `Refused` where it is longer
        than any message, or named somebody who is erased meanwhile.
        """
        need(actor, Right.WRITE)
        account = actor.user_id
        if account is None or not key:
            return None
        if sum(len(value) for _, value in fields) > LONGEST:
            raise Refused("Ce brouillon est trop long pour être gardé : raccourcissez le texte.")
        now, shown = self._clock.now(), " ".join(title.split())[:80]
        kept = await self._store.write(
            lambda db: unfinished.keep(
                db, account, actor.entity_id, key[:60], shown, fields, now, most=MOST,
                older_than=now - KEPT,
            )
        )  # fmt: skip
        if not kept:
            raise Refused(
                "Ce brouillon nommait une personne effacée depuis : vérifiez à qui va ce message "
                "et ce qu'il dit, ou écrivez-en un nouveau."
            )
        return words.at(now, actor.timezone)

    async def fields(self, actor: Actor, key: str) -> list[tuple[str, str]]:
        """Return what stood in a form; raise `Refused` when it is gone, or another's."""
        account = actor.user_id
        found = None
        if account is not None:
            found = await self._store.read(
                lambda db: unfinished.fields_of(db, account, actor.entity_id, key[:60])
            )
        if found is None:
            raise Refused(
                "Ce brouillon n'existe plus : il est parti, vous l'avez supprimé, ou il nommait "
                "une personne effacée depuis."
            )
        return found

    async def taken_back(self, actor: Actor, broadcast_id: int) -> Draft:
        """Return what a message said that was stopped before anybody had it, to be mended.

        Raise `Refused` where it went out, or where nothing is kept of how it was written.
        """
        need(actor, Right.WRITE)
        row = await self._store.read(lambda db: owned(db, actor, broadcast_id))
        if row["state"] != BroadcastState.CANCELLED or not row["draft"]:
            raise Refused("Ce message ne se reprend pas : écrivez-en un nouveau.")
        draft, now = drafts.from_json(row["draft"]), self._clock.now()
        return replace(
            draft, idempotency_key=None, again_of=broadcast_id,
            at=draft.at if draft.at and draft.at.timestamp() > now else None,
            expires=draft.expires if draft.expires and draft.expires.timestamp() > now else None,
        )  # fmt: skip

    async def dated(
        self, actor: Actor, texts: Collection[str], *, key: str = "", stopped: int = 0
    ) -> str:
        """Say that what is taken up names its day by a word of the day it was written; or "".

        It was begun under ``key``, or is the ``stopped`` message, which is read as of the hour
        that was chosen for it.
        """
        account = actor.user_id

        def written(db: sqlite3.Connection) -> float:
            if stopped:
                row = owned(db, actor, stopped)
                chosen = drafts.from_json(row["draft"]).at
                return chosen.timestamp() if chosen else float(row["created_at"])
            rows = unfinished.listed(db, account, actor.entity_id) if account else ()
            return next((row["saved_at"] for row in rows if row["key"] == key[:60]), math.inf)

        at, now = await self._store.read(written), self._clock.now()
        return taken_up(texts, min(at, now), now, actor.timezone)

    async def drop(self, actor: Actor, key: str) -> None:
        """Forget one: it was sent, or is not wanted any more."""
        account = actor.user_id
        if account is not None:
            await self._store.write(lambda db: unfinished.drop(db, account, key[:60]))

    async def list(self, actor: Actor) -> list[UnfinishedView]:
        """Return what whoever asks has begun, newest first."""
        account, oldest = actor.user_id, self._clock.now() - KEPT
        if account is None:
            return []
        rows = await self._store.read(lambda db: unfinished.listed(db, account, actor.entity_id))
        return [
            UnfinishedView(row["key"], row["title"], words.at(row["saved_at"], actor.timezone))
            for row in rows
            if row["saved_at"] >= oldest
        ]
