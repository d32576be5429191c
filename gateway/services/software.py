"""Programs of a town hall that send through the JSON door: a token each, and how often."""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.clock import Clock
from gateway.errors import Refused
from gateway.rights import Right
from gateway.services import words
from gateway.services.permits import need
from gateway.services.values import Actor
from gateway.store import Store, software

#: Requests a program may make in a minute; a batch is one request.
PER_MINUTE: Final = 120
_PREFIX: Final = "tocsin_"


@dataclass(frozen=True, slots=True)
class SoftwareView:
    """A program that may send; ``used_at`` None: never yet."""

    id: int
    name: str
    created_at: datetime
    created_by: str
    used_at: datetime | None


class TooOften(Exception):
    """A program asks more often than it may; ``wait`` seconds and it may again."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"wait {wait:.0f} s")
        self.wait = wait


class SoftwareDoor:
    """What the doors may ask of programs."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._asked: dict[int, deque[float]] = {}

    async def issue(self, actor: Actor, name: str) -> str:
        """Let a program in and return its token: shown once, stored nowhere in clear."""
        need(actor, Right.SETTINGS)
        title = " ".join(name.split())[:60]
        if not title:
            raise Refused("Donnez un nom à ce logiciel.", "software")
        token = _PREFIX + secrets.token_urlsafe(32)
        now = self._clock.now()
        added = await self._store.write(
            lambda db: software.add(db, actor.entity_id, title, hash_of(token), actor.name, now)
        )
        if not added:
            raise Refused("Un logiciel porte déjà ce nom : retirez-le d'abord.", "software")
        return token

    async def list(self, actor: Actor) -> list[SoftwareView]:
        """Return the programs of a town, by name."""
        rows = await self._store.read(lambda db: software.listed(db, actor.entity_id))
        found = []
        for row in rows:
            created = words.local(row["created_at"], actor.timezone)
            assert created is not None  # noqa: S101  for the type checker: the column is NOT NULL
            used = words.local(row["used_at"], actor.timezone)
            found.append(SoftwareView(row["id"], row["name"], created, row["created_by"], used))
        return found

    async def revoke(self, actor: Actor, number: int) -> None:
        """Let a program in no more."""
        need(actor, Right.SETTINGS)
        now = self._clock.now()
        gone = await self._store.write(
            lambda db: software.revoke(db, actor.entity_id, number, actor.name, now)
        )
        if not gone:
            raise Refused("Ce logiciel n'a plus accès.")

    async def recognise(self, token: str) -> Actor | None:
        """Return for whom a token speaks, None for nobody; raise `TooOften`."""
        row = await self._store.read(lambda db: software.by_token(db, hash_of(token)))
        if row is None:
            return None
        now = self._clock.now()
        self._count(row["id"], now)
        await self._store.write(lambda db: software.seen(db, row["id"], now))
        return Actor(
            None, f"software-{row['id']}", row["name"], "sender", row["entity_id"], row["town"],
            row["timezone"],
        )  # fmt: skip

    def _count(self, number: int, now: float) -> None:
        asked = self._asked.setdefault(number, deque(maxlen=PER_MINUTE))
        while asked and not now - 60 < asked[0] <= now:
            asked.popleft()
        if len(asked) >= PER_MINUTE:
            raise TooOften(asked[0] + 60 - now)
        asked.append(now)


def hash_of(token: str) -> str:
    """Return what is stored of a token: it is random enough to need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
