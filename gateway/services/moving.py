"""Giving what waits another time: a scheduled message, a message that comes again."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway import recurrence
from gateway.clock import Clock
from gateway.errors import NotHere, Refused
from gateway.model import BroadcastState, Door
from gateway.near_days import near_day
from gateway.rights import Right
from gateway.sentences import fr
from gateway.services import before_leaving, drafts
from gateway.services.owning import owned
from gateway.services.permits import need
from gateway.services.sending import Sending
from gateway.services.values import Actor
from gateway.store import Store, broadcasts, scenarios

#: Kinds of broadcast a calendar may move; a convocation has its legal days, and is made anew.
_KINDS: Final = frozenset({"", "reminder", "series", "resend", "end", "correction"})
_PASSED: Final = fr("Cette heure est déjà passée : choisissez-en une autre.")


class OtherDay(Refused):
    """A text says ``word``, which is true of the day it was written for; it may be moved anyway.

    ``number`` is what was to be moved, ``at`` the time that was asked for.
    """

    def __init__(self, word: str, number: int, at: datetime) -> None:
        self.word, self.number, self.at = word, number, at
        said = fr(
            "Le texte dit « {word} » : parti un autre jour, il dirait le mauvais jour. Annulez-le "
            "et écrivez-le de nouveau ; déplacez-le seulement si le texte reste juste.", word=word,
        )  # fmt: skip
        super().__init__(said, "at")


def may_move(row: sqlite3.Row) -> bool:
    """Tell whether a broadcast can be given another time."""
    return row["state"] == BroadcastState.SCHEDULED and row["kind"] in _KINDS and row["draft"] != ""


async def move(
    store: Store, clock: Clock, sending: Sending, actor: Actor, number: int, at: datetime | None, *,
    sure: bool = False,
) -> None:  # fmt: skip
    """Let a scheduled message leave at another time; raise `Refused` with what stands against it.

    It is looked at as if it were written now: hours, its own end, whom it reaches. Unless ``sure``,
    a text that names its day by a word such as « demain » raises `OtherDay` for another day.
    """
    need(actor, Right.WRITE)
    now = clock.now()
    wanted = _to_come(at, now)
    row, reminders = await store.read(
        lambda db: (owned(db, actor, number), scenarios.reminders(db, actor.entity_id, number))
    )
    if not may_move(row) or reminders:
        raise Refused("Ce message ne se déplace pas d'ici : ouvrez-le.")
    draft = replace(drafts.from_json(row["draft"]), at=wanted)
    zone = ZoneInfo(actor.timezone)
    other = datetime.fromtimestamp(row["starts_at"], zone).date() != wanted.astimezone(zone).date()
    if other and not sure and (word := near_day(*draft.texts)):
        raise OtherDay(word, number, wanted)
    if row["kind"] == "reminder" and draft.expires is None:
        ends = datetime.fromtimestamp(row["expires_at"], zone)
        draft = replace(draft, expires=ends)  # a reminder after its meeting is worth nothing
    prepared = await sending.prepared_again(actor, row, draft)
    new, _ = await sending.assembled(actor, draft, prepared, Door(row["door"]))
    new = replace(new, kind=row["kind"])
    new = await before_leaving.waiting(store, new, draft)
    if not await store.write(lambda db: broadcasts.reschedule(db, number, new, actor.name, now)):
        raise Refused("Ce n'est plus possible : cet envoi est déjà plus loin.")
    sending.announce(number, new.urgency)


async def move_series(
    store: Store, clock: Clock, actor: Actor, number: int, at: datetime | None, *,
    sure: bool = False,
) -> None:  # fmt: skip
    """Let a message come again from another time on, in the rhythm it has.

    Unless ``sure``, raise `OtherDay` where it leaves on other days and its text names one.
    """
    need(actor, Right.WRITE)
    now = clock.now()
    first = _to_come(at, now).astimezone(ZoneInfo(actor.timezone))

    def work(db: sqlite3.Connection) -> bool:
        known = {row["id"]: row for row in scenarios.series(db, actor.entity_id)}
        if number not in known:
            raise NotHere("Ce message ne revient plus.")
        cron = known[number]["cron"]
        line = recurrence.line(recurrence.rhythm(cron), first)
        word = near_day(*drafts.from_json(known[number]["draft"]).texts)
        if word and not sure and line.split()[2:] != cron.split()[2:]:
            raise OtherDay(word, number, first)
        begins = recurrence.following(line, first - timedelta(minutes=1)).timestamp()
        return scenarios.reset_series(db, actor.entity_id, number, line, begins, actor.name, now)

    await store.write(work)


def _to_come(at: datetime | None, now: float) -> datetime:
    if at is None:
        raise Refused("Choisissez le nouveau jour et la nouvelle heure.", "at")
    if at.timestamp() <= now:
        raise Refused(_PASSED, "at")
    return at
