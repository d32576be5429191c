"""What has just changed, for whoever is looking."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from gateway.changes import Changes
from gateway.errors import Refused
from gateway.services.values import Actor
from gateway.store import Store, summaries


class Live:
    """The live stream behind the pages."""

    def __init__(self, store: Store, changes: Changes) -> None:
        self._store, self._changes = store, changes

    def mark(self, topic: str, version: int | None = None) -> str:
        """Return what names a version of ``topic``, today's without one, also after a restart."""
        known = self._changes.version(topic) if version is None else version
        return f"{self._changes.run}-{known}"

    async def watch(self, actor: Actor, topic: str) -> AsyncGenerator[int, None]:
        """Yield a version now and at each change, coalesced; raise `Refused` for another's topic.

        Topics: ``broadcast:ID``, ``broadcasts``, ``modems``.
        """
        kind, _, number = topic.partition(":")
        if kind not in {"broadcast", "broadcasts", "modems"}:
            raise Refused("Ce suivi n'existe pas.")
        if kind == "broadcast":
            wanted = int(number) if number.isdigit() else 0
            row = await self._store.read(lambda db: summaries.one(db, actor.entity_id, wanted))
            if row is None:
                raise Refused("Le message n° {number} n'existe pas.", number=number)
        async for version in self._changes.watch(topic):
            yield version
