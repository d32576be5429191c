"""Files to send along with mails: kept when they are chosen, so that no form loses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.attachments import checked
from gateway.clock import Clock
from gateway.rights import Right
from gateway.services.permits import need
from gateway.services.values import Actor
from gateway.store import Store, attachments


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that is kept; ``size`` in octets."""

    id: int
    name: str
    size: int


class Files:
    """What the doors may ask of files."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def keep(self, actor: Actor, name: str, data: bytes) -> int:
        """Keep a file; return its id. Raise `Refused` for what no mail should carry."""
        need(actor, Right.WRITE)
        file, now = checked(name, data), self._clock.now()
        return await self._store.write(
            lambda db: attachments.keep(db, actor.entity_id, file, actor.name, now)
        )

    async def about(self, actor: Actor, ids: Sequence[int]) -> list[FileView]:
        """Return those of these files that are the town's."""
        rows = await self._store.read(lambda db: attachments.about(db, actor.entity_id, ids))
        return [FileView(row["id"], row["name"], row["size"]) for row in rows]
