"""Those on duty are asked in turn, by SMS and call, until one says that they see to it."""

from __future__ import annotations

import json
import sqlite3
from functools import partial
from typing import Final

from gateway.clock import Clock
from gateway.model import Channel, Urgency
from gateway.replies import Kind
from gateway.services.asked import Asked, tell
from gateway.services.correspondence import Heard, asked_by_hand
from gateway.services.sending import Sending
from gateway.store import Store, broadcasts, inbox, questions
from gateway.store.inbox import Done

#: Seconds somebody on duty has before the next is asked too.
TURN: Final = 180.0
#: Times everybody is asked.
_ROUNDS: Final = 2


def begin(db: sqlite3.Connection, broadcast_id: int, asked: list[Asked], now: float) -> None:
    """Have whoever comes after the first asked in turn, and all of them once more."""
    left = [(one.name, one.number) for one in asked * _ROUNDS][1:]
    questions.take_turns(db, broadcast_id, left, now + TURN)


class Turns:
    """Asks the next when their turn has come."""

    def __init__(self, store: Store, clock: Clock, sending: Sending) -> None:
        self._store, self._clock, self._sending = store, clock, sending

    async def ask_next(self) -> None:
        """Ask whoever's turn it is about each question nobody sees to."""
        now = self._clock.now()
        for row in await self._store.read(lambda db: questions.turns_due(db, now)):
            made = await self._store.write(partial(_asked_next, row=row, now=now))
            if made is not None:
                self._sending.announce(made, Urgency.VITAL)


def _asked_next(db: sqlite3.Connection, row: sqlite3.Row, now: float) -> int | None:
    first = row["broadcast_id"]
    if name := questions.held_by_call(db, first):
        questions.seen_to(db, row["id"], name)
        return None
    (name, number), *left = json.loads(row["turns"])
    questions.take_turns(db, first, left, now + TURN)
    texts = {channel: body for channel, (_, body) in broadcasts.texts(db, first).items()}
    return tell(
        db, row["entity_id"], Urgency.VITAL, row["title"], texts[Channel.SMS],
        [Asked(name, number)], now, row["expires_at"], spoken=texts.get(Channel.VOICE, ""),
        parent_id=first,
    )  # fmt: skip


def taken_in_hand(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Hear « ok reçu » from somebody on duty: nobody else is woken. A taker."""
    if heard.reply.kind not in {Kind.ACK, Kind.YES} or heard.reply.detail:
        return None
    typed = heard.sent if asked_by_hand(heard) else ()
    later = [one["left_at"] for one in (*inbox.asking(heard.sent, heard.now), *typed)]
    row = questions.hold_open(db, heard.number, heard.now, max(later, default=0.0))
    if row is None:
        return None
    heard.hushed.append(row["broadcast_id"])
    return Done(
        "in_hand", row["entity_id"], moved=True,
        answer="C'est noté : vous vous en occupez, personne d'autre n'est réveillé. Pour envoyer "
        f"le message prêt : OUI {row['code']}. Sinon : NON {row['code']}.",
    )  # fmt: skip
