"""Tells those who were asked for help that enough others have said yes."""

from __future__ import annotations

import sqlite3
from functools import partial

from gateway.clock import Clock
from gateway.model import Urgency
from gateway.services.asked import Asked, tell
from gateway.services.sending import Sending
from gateway.store import Store, volunteers

#: It is worth knowing for so long (seconds).
_LIFE = 6 * 3600.0


class Volunteers:
    """Looks after calls for volunteers."""

    def __init__(self, store: Store, clock: Clock, sending: Sending) -> None:
        self._store, self._clock, self._sending = store, clock, sending

    async def tell_the_others(self) -> None:
        """Tell, once, whoever has not answered a call that is full."""
        for row in await self._store.read(volunteers.full):
            made = await self._store.write(partial(_told, row=row, now=self._clock.now()))
            if made is not None:
                self._sending.announce(made, Urgency(row["urgency"]))


def _told(db: sqlite3.Connection, row: sqlite3.Row, now: float) -> int | None:
    volunteers.told(db, row["id"], now)
    whom = [Asked(one["name"], one["address"]) for one in volunteers.others(db, row["id"])]
    if not whom:
        return None
    said = (
        f"« {row['title'][:80]} » : l'effectif est complet, merci. "
        "Il n'est plus utile de répondre ni de venir."
    )
    title = f"Effectif complet : {row['title']}"
    return tell(db, row["entity_id"], Urgency(row["urgency"]), title, said, whom, now, now + _LIFE)
