"""A message between being written and being stored: what waits, for what, and until when. Pure.

Storing it and letting it go is `gateway.services.sending`.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.errors import Refused
from gateway.model import BroadcastState, Channel, Door, Reason, Urgency
from gateway.near_days import near_day, true_until
from gateway.policy import MOST_SEGMENTS
from gateway.services import drafts, words
from gateway.services.drafting import as_exercise, cheaper
from gateway.services.measuring import measured
from gateway.services.owning import owned
from gateway.services.turning import reaches
from gateway.services.values import Actor, BatchLine, Draft
from gateway.store import Store, aftermath, broadcasts, sent_once

#: Doors of programs: what a page would point out before the message is sent, nobody reads there.
_UNSEEN: Final = frozenset({Door.API, Door.MAIL, Door.COMMAND})


@dataclass(frozen=True, slots=True)
class Ready:
    """A broadcast to store; ``approval_until`` where a second person must agree, until when."""

    new: broadcasts.NewBroadcast
    approval_until: float | None = None


async def waiting(
    store: Store, new: broadcasts.NewBroadcast, draft: Draft,
    state: BroadcastState = BroadcastState.SCHEDULED,
) -> broadcasts.NewBroadcast:  # fmt: skip
    """Return a broadcast that waits: whom it is for is looked up when it leaves."""
    kept, people = drafts.to_json(draft), await store.read(lambda db: reaches(db, new))
    return replace(new, state=state, draft=kept, people=(), excluded=(), awaited=people)


def outgrown(agreed: int, people: int) -> bool:
    """Tell whether a yes that was given for so many people is to be asked anew for these.

    One person more, or a tenth, is what a list gains in a week.
    """
    return people > agreed + max(agreed // 10, 1)


def check_agreed(row: sqlite3.Row, after: sqlite3.Row) -> None:
    """Raise `Refused` where a message does not leave with the yes that ``row`` has just got.

    It has to wait for another, or it was given up: whoever said yes believes that it left.
    """
    if after["given_up"]:
        raise Refused("Ce message n'est pas parti. {why}", why=after["given_up"])
    if after["state"] == BroadcastState.AWAITING_APPROVAL:
        raise Refused(
            "Ce message ne part pas encore : il était pour {before} personnes quand l'accord a été "
            "demandé, il l'est à présent pour {now}. L'accord est demandé de nouveau.",
            before=row["awaited"],
            now=after["awaited"],
        )


def check_not_stopped(
    db: sqlite3.Connection, row: sqlite3.Row, actor: Actor, now: float
) -> None:  # fmt: skip
    """Raise `Refused` for what somebody else has stopped since its page was opened, or gave up."""
    if row["state"] != BroadcastState.CANCELLED:
        return
    if row["given_up"]:
        raise Refused("Ce message n'est pas parti. {why}", why=row["given_up"])
    one = aftermath.stopped(db, row["id"])
    if one is None:
        raise Refused("Ce message a été arrêté : il n'en part plus rien.")
    raise Refused(
        "Ce message a été arrêté {when} par {who} : il n'en part plus rien.",
        when=words.at_time(one["at"], actor.timezone, now), who=one["who"],
    )  # fmt: skip


def check_once(db: sqlite3.Connection, actor: Actor, stopped: int, key: str | None) -> None:
    """Raise `Refused` where somebody else has mended and sent a ``stopped`` message already.

    ``key`` is what the idempotency key of one's own begins with: pressed twice, it is no other.
    """
    owned(db, actor, stopped)
    one = aftermath.mended_into(db, actor.entity_id, stopped)
    if one is None or (key and str(one["idempotency_key"]).startswith(key)):
        return
    raise Refused(
        "Ce message a déjà été corrigé et renvoyé {when} par {who} : c'est le n° {number}. "
        "Voyez-le avant d'en écrire un autre.",
        when=words.at_time(one["created_at"], actor.timezone, one["created_at"]),
        who=one["author"], number=one["id"],
    )  # fmt: skip


def made(db: sqlite3.Connection, actor: Actor, draft: Draft, door: Door) -> int | None:
    """Return what the key of a draft has made already; None for one without, and a fresh one.

    Asked again after its answer was lost, nothing that stands against it by now counts: its hour
    has passed, its list is empty, and it has left. Raise `KeyUsed` as `sent_once.made` does.
    """
    asked = drafts.as_asked(draft, door)
    return sent_once.made(db, actor.entity_id, draft.idempotency_key, asked)


def trial_key(actor: Actor) -> str:
    """Return the key under which an account's own number is kept."""
    return f"trial.{actor.login}"


def check_in_time(row: sqlite3.Row, now: float) -> None:
    """Raise `Refused` for what waited until its end had passed."""
    if row["expires_at"] <= now:
        raise Refused("Trop tard : Tocsin était arrêté à l'heure prévue.")


def check_still_true(draft: Draft, zone: str, planned: float, leaves: float) -> None:
    """Raise `Refused` for what says « demain » a day late, or « ce matin » in the afternoon.

    An alert is never held back for its wording; whoever reads its hour understands.
    """
    meant, then = (datetime.fromtimestamp(at, ZoneInfo(zone)) for at in (planned, leaves))
    word = near_day(*draft.texts) if draft.urgency != Urgency.VITAL else ""
    if word and then.date() > meant.date():
        raise Refused(
            "Trop tard : le texte dit « {word} », et ce message ne partirait que le {day}. S'il "
            "est encore utile, écrivez-le de nouveau avec le bon jour.", "text",
            word=word, day=words.long_day(then),
        )  # fmt: skip
    if word and meant.hour < true_until(word) <= then.hour:
        raise Refused(
            "Trop tard : le texte dit « {word} », et ce message ne partirait que {when}. S'il est "
            "encore utile, écrivez-le de nouveau avec la bonne heure.", "text",
            word=word, when=words.at_time(leaves, zone, leaves),
        )  # fmt: skip


def check_day(draft: Draft, door: Door, leaves: float, zone: str, now: float) -> None:
    """Raise `Refused` for « demain » written where nobody is shown that it leaves a day later."""
    if door in _UNSEEN:
        asked = draft.at.timestamp() if draft.at else now
        check_still_true(draft, zone, asked, leaves)


def still_true(
    new: broadcasts.NewBroadcast, row: sqlite3.Row, draft: Draft, now: float
) -> broadcasts.NewBroadcast:
    """Return what leaves as it waited in ``row``; raise `Refused` for a day that it names wrongly.

    What a second person has just agreed to, on another day, they have read.
    """
    leaves = now if new.held_reason is Reason.TAKE_BACK else max(now, new.starts_at or now)
    if row["state"] == BroadcastState.SCHEDULED:
        check_still_true(draft, row["timezone"], row["starts_at"], leaves)
    return replace(new, kind=row["kind"])


def overdue(draft: Draft, row: sqlite3.Row, now: float) -> Draft:
    """Return a draft that may leave now: an hour gone by is no hour to wait for.

    One that waited keeps its end, however late it leaves.
    """
    waited = row["state"] == BroadcastState.SCHEDULED if draft.at is None else True
    if not waited or (draft.at is not None and draft.at.timestamp() > now):
        return draft
    ends = draft.expires or datetime.fromtimestamp(row["expires_at"], ZoneInfo(row["timezone"]))
    return replace(draft, at=None, expires=ends)


def plain(draft: Draft) -> tuple[Draft, bool]:
    """Apply plain typography where nobody is there to be asked, and say so in the record."""
    text, changed = cheaper(draft.sms_text if draft.sms_text is not None else draft.text)
    return (replace(draft, sms_text=text), True) if changed else (draft, False)


def batch_text(way: Channel, line: BatchLine, number: int, *, exercise: bool) -> str:
    """Return the text of a batch's line as it leaves; raise `Refused`, naming the line."""
    text = line.text.strip()
    if not text:
        raise Refused("Ligne {number} du lot : le texte manque.", number=number)
    text = as_exercise(text, way, exercise=exercise)
    if way is not Channel.SMS:
        return text
    text, _ = cheaper(text)
    segments = measured(text).segments
    if segments > MOST_SEGMENTS:
        raise Refused(
            "Ligne {number} du lot : ce texte fait {segments} SMS ; la limite est de {most}.",
            number=number,
            segments=segments,
            most=MOST_SEGMENTS,
        )
    return text
