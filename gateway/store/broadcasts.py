"""Broadcasts: made whole in one transaction, read as lists, counts and people."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway import kinds
from gateway import plan as plans
from gateway.errors import IllegalMove
from gateway.heap import unsearched
from gateway.model import (
    Address,
    BroadcastState,
    Channel,
    Door,
    JobState,
    Reason,
    RecipientState,
    Urgency,
)
from gateway.states import BROADCAST_MOVES, JOB_MOVES, move
from gateway.store import attachments, consent, events, progress, register, sent_once, windows
from gateway.store.people import Person

_WAITS: Final = (str(RecipientState.PENDING), str(Reason.IN_QUEUE))


@dataclass(frozen=True, slots=True)
class NewBroadcast:
    """All that a broadcast is, before it exists."""

    entity_id: int
    title: str
    urgency: Urgency
    plan: plans.Plan
    door: Door
    author: str
    texts: dict[Channel, tuple[str, str]]  # subject and body, by channel
    people: Sequence[Person]
    excluded: Sequence[tuple[str, Reason]] = ()  # a name and why, for those with no way at all
    groups: str = ""
    expires_at: float = 0.0
    useless_at: float | None = None  # where its sender chose its end
    forecast: float = 0.0
    idempotency_key: str | None = None
    asked: str = ""  # what was asked under a key that somebody chose, as a hash
    starts_at: float | None = None
    exercise: bool = False
    recording: str = ""
    state: BroadcastState = BroadcastState.SENDING
    held_reason: Reason = Reason.NONE  # why it does not leave before ``starts_at``
    hours: str = ""  # as `gateway.hours` stores them; empty: at any time
    closes_at: float | None = None  # end of the hours that hold at the start
    any_sim: bool = True  # whether a SIM of the ordinary regime may carry it
    draft: str = ""  # what people will be looked up from, for one that waits
    kind: str = ""  # resend | end | correction, of the message ``parent_id``
    parent_id: int | None = None
    series_id: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    awaited: int = 0  # people it would reach today, of a message that waits
    language: str = "fr"
    file_ids: tuple[int, ...] = ()  # sent along with its mails


def create(db: sqlite3.Connection, new: NewBroadcast, now: float) -> int:
    """Store a broadcast with its recipients and first jobs; return its id.

    The same idempotency key returns the broadcast it made the first time; raise `KeyUsed` where
    somebody chose it again for another one.
    """
    made = sent_once.made(db, new.entity_id, new.idempotency_key, new.asked)
    if made is not None:
        return made
    starts_at = new.starts_at if new.starts_at is not None else now
    broadcast_id = _insert_broadcast(db, new, starts_at, now)
    if new.state is BroadcastState.SENDING:
        _insert_people(db, broadcast_id, new, starts_at, now)
    events.record(
        db, now, "broadcast.created",
        {"title": new.title, "urgency": new.urgency, "author": new.author, "door": new.door,
         "exercise": new.exercise, "recording": new.recording, "people": len(new.people),
         "excluded": len(new.excluded), "state": new.state, "starts_at": starts_at,
         "texts": {c: body for c, (_, body) in new.texts.items()}, **new.extra},
        entity_id=new.entity_id, broadcast_id=broadcast_id,
    )  # fmt: skip
    if new.state is BroadcastState.SENDING:
        progress.close_if_done(db, broadcast_id, now)
    return broadcast_id


def start(db: sqlite3.Connection, broadcast_id: int, new: NewBroadcast, now: float) -> bool:
    """Let a broadcast that waited leave, to whoever is in its groups now.

    Return False when it has been started or cancelled meanwhile.
    """
    row = db.execute("SELECT state FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    state = BroadcastState(row["state"])
    if BroadcastState.SENDING not in BROADCAST_MOVES[state] or state is BroadcastState.PAUSED:
        return False
    starts_at = new.starts_at if new.starts_at is not None else now
    db.execute(
        "UPDATE broadcast SET state = 'sending', awaited = 0, starts_at = ?, expires_at = ?,"
        " closes_at = ?, hours = ?, held_reason = ?, forecast = ?, plan = ?, any_sim = ?,"
        " groups = ?"
        " WHERE id = ?",
        (starts_at, new.expires_at, new.closes_at, new.hours, new.held_reason, new.forecast,
         plans.to_json(new.plan), new.any_sim, new.groups, broadcast_id),
    )  # fmt: skip
    db.execute("DELETE FROM broadcast_text WHERE broadcast_id = ?", (broadcast_id,))
    _insert_texts(db, broadcast_id, new)
    attachments.attach(db, broadcast_id, new.file_ids)
    _insert_people(db, broadcast_id, new, starts_at, now)
    events.record(
        db, now, "broadcast.started",
        {"people": len(new.people), "texts": {c: body for c, (_, body) in new.texts.items()}},
        entity_id=new.entity_id, broadcast_id=broadcast_id,
    )  # fmt: skip
    progress.close_if_done(db, broadcast_id, now)
    return True


@unsearched()
def _insert_people(
    db: sqlite3.Connection, broadcast_id: int, new: NewBroadcast, starts_at: float, now: float
) -> None:
    owed = new.kind in consent.OWED
    unwanted = frozenset() if owed else spared(db, new.entity_id, new.urgency, new.kind)
    there = _still_there(db, new.people)
    seen: set[tuple[Channel, str]] = set()
    first: int = db.execute("SELECT coalesce(max(id), 0) + 1 FROM recipient").fetchone()[0]
    same = (new.entity_id, broadcast_id)
    recipients: list[tuple[object, ...]] = []
    queued: list[progress.NewJob] = []
    asked: list[progress.NewJob] = []
    for number, person in enumerate(there, start=first):
        step, fresh, reason = _sorted(new.plan, person, unwanted, seen)
        name = register.NAMELESS if person.reserved else person.name
        recipients.append(
            (number, *same, person.id, name, *_begun(reason, now), _kept_texts(person),
             person.reserved, step)
        )  # fmt: skip
        made = _first_jobs(new, broadcast_id, number, person, step, fresh, starts_at)
        if step and plans.asks_referents(new.plan, step):
            asked += made
        else:
            queued += made
    for number, (name, reason) in enumerate(new.excluded, start=first + len(there)):
        recipients.append((number, *same, None, name, *_begun(reason, now), "", False, 0))
    db.executemany(
        "INSERT INTO recipient(id, entity_id, broadcast_id, contact_id, name, state, reason,"
        " changed_at, closed_at, own_texts, registered, step) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        recipients,
    )
    progress.insert_jobs(db, queued)
    progress.ask_referents(db, asked, now)


def _still_there(db: sqlite3.Connection, wanted: Sequence[Person]) -> list[Person]:
    """Leave out whoever was erased since they were looked up: nothing of them is kept, or sent."""
    numbers = json.dumps([person.id for person in wanted if person.id is not None])
    rows = db.execute(
        "SELECT id FROM main.contact WHERE id IN (SELECT value FROM json_each(?))", (numbers,)
    )
    known = {None, *(row["id"] for row in rows)}
    return [person for person in wanted if person.id in known]


def spared(
    db: sqlite3.Connection, entity_id: int, urgency: Urgency, kind: str = ""
) -> frozenset[tuple[Channel, str]]:
    """Return whom such a broadcast must leave alone: those who refused its purpose."""
    return consent.refused(db, entity_id, (consent.purpose_of(urgency, kind),))


def _insert_broadcast(
    db: sqlite3.Connection, new: NewBroadcast, starts_at: float, now: float
) -> int:
    values = {
        "entity_id": new.entity_id, "title": new.title, "urgency": new.urgency,
        "state": new.state, "plan": plans.to_json(new.plan), "door": new.door,
        "author": new.author, "groups": new.groups, "created_at": now, "starts_at": starts_at,
        "expires_at": new.expires_at, "useless_at": new.useless_at, "forecast": new.forecast,
        "idempotency_key": new.idempotency_key, "exercise": new.exercise,
        "recording": new.recording, "held_reason": new.held_reason, "hours": new.hours,
        "closes_at": new.closes_at, "any_sim": new.any_sim, "draft": new.draft,
        "kind": new.kind, "parent_id": new.parent_id, "series_id": new.series_id,
        "language": new.language, "awaited": new.awaited, "asked": new.asked,
    }  # fmt: skip
    marks = ", ".join(f":{column}" for column in values)
    cursor = db.execute(
        f"INSERT INTO broadcast({', '.join(values)}) VALUES ({marks})",  # noqa: S608
        values,
    )
    broadcast_id = int(cursor.lastrowid or 0)
    _insert_texts(db, broadcast_id, new)
    attachments.attach(db, broadcast_id, new.file_ids)
    return broadcast_id


def _insert_texts(db: sqlite3.Connection, broadcast_id: int, new: NewBroadcast) -> None:
    db.executemany(
        "INSERT INTO broadcast_text(broadcast_id, channel, subject, body) VALUES (?,?,?,?)",
        [(broadcast_id, channel, *text) for channel, text in new.texts.items()],
    )


def _sorted(
    plan: plans.Plan, person: Person, unwanted: frozenset[tuple[Channel, str]],
    seen: set[tuple[Channel, str]],
) -> tuple[int, list[tuple[Channel, Address]], Reason]:  # fmt: skip
    """Return a person's first step and ways, none ``seen`` before, or why there is none."""
    step, possible = plans.entry(plan, person.addresses, person.referent)
    wanted = possible
    if unwanted:
        wanted = [(c, a) for c, a in possible if (c, a.value) not in unwanted]
    if step and wanted and plans.asks_referents(plan, step):
        return step, wanted, Reason.IN_QUEUE  # one may look after several: a text for each
    fresh = [(c, a) for c, a in wanted if (c, a.value) not in seen]
    if fresh:
        seen.update([(channel, address.value) for channel, address in fresh])
        return step, fresh, Reason.IN_QUEUE
    reason = Reason.DUPLICATE if wanted else Reason.NO_WAY
    reason = Reason.OPTED_OUT if possible and not wanted else reason
    return 0, fresh, Reason.KEY_MISSING if person.unreadable else reason


def _begun(reason: Reason, now: float) -> tuple[str, str, float, float | None]:
    """Return state, reason, since when, and end, of a recipient who waits or is left out."""
    if reason is Reason.IN_QUEUE:
        return *_WAITS, now, None
    return str(RecipientState.EXCLUDED), str(reason), now, now


def _first_jobs(
    new: NewBroadcast, broadcast_id: int, recipient_id: int, person: Person, step: int,
    fresh: Sequence[tuple[Channel, Address]], starts_at: float,
) -> list[progress.NewJob]:  # fmt: skip
    only_way = all(channel is Channel.VOICE for channel, _ in fresh)
    return [
        progress.NewJob(
            new.entity_id, broadcast_id, recipient_id, channel, address, new.urgency, step,
            starts_at, new.expires_at, person.text(channel), new.held_reason,
            only_way=only_way, language=_language(person), alarm=new.kind == kinds.ALARM,
        )
        for channel, address in fresh
    ]  # fmt: skip


def _kept_texts(person: Person) -> str:
    """Return a person's own texts as kept for the steps to come; empty where there are none."""
    if not person.bodies:
        return ""
    return json.dumps({**person.bodies, "language": _language(person)}, ensure_ascii=False)


def _language(person: Person) -> str:
    """Return the language of a person's own texts, empty where it is the message's."""
    return person.language if person.other_language else ""


def cancel(db: sqlite3.Connection, broadcast_id: int, by: str, now: float) -> int:
    """Withdraw all that has not left; return how many jobs. What is running runs to its end.

    Of a message that waited, it is the people it would have gone to.
    """
    row = db.execute("SELECT * FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    if row["state"] == BroadcastState.CANCELLED:  # by somebody else, a moment ago
        return 0
    move(BROADCAST_MOVES, BroadcastState(row["state"]), BroadcastState.CANCELLED)
    db.execute("UPDATE broadcast SET state = 'cancelled' WHERE id = ?", (broadcast_id,))
    queued = db.execute(
        "SELECT id, recipient_id FROM job WHERE broadcast_id = ? AND state = 'queued'",
        (broadcast_id,),
    ).fetchall()
    move(JOB_MOVES, JobState.QUEUED, JobState.CANCELLED)
    db.execute(
        "UPDATE job SET state = 'cancelled', reason = ?, ended_at = ?"
        " WHERE broadcast_id = ? AND state = 'queued'",
        (Reason.BY_SOMEBODY, now, broadcast_id),
    )
    events.record(
        db, now, "broadcast.cancelled", {"by": by, "withdrawn": len(queued)},
        entity_id=row["entity_id"], broadcast_id=broadcast_id,
    )  # fmt: skip
    for recipient_id in sorted({job["recipient_id"] for job in queued}):
        progress.advance(db, recipient_id, now)
    progress.close_if_done(db, broadcast_id, now)
    cancel_reminders(db, broadcast_id, by, now)
    return len(queued) or int(row["awaited"])


def cancel_reminders(db: sqlite3.Connection, broadcast_id: int, by: str, now: float) -> None:
    """Withdraw the reminders of a convocation: a meeting that is off is not called to mind."""
    rows = db.execute(
        "SELECT id FROM broadcast WHERE parent_id = ? AND kind = 'reminder'"
        " AND state IN ('scheduled', 'awaiting_approval')",
        (broadcast_id,),
    ).fetchall()
    for row in rows:
        cancel(db, row["id"], by, now)


def pause(db: sqlite3.Connection, broadcast_id: int, by: str, now: float, *, on: bool) -> None:
    """Hold back what has not left, or let it go on; raise `IllegalMove` where that is no move."""
    row = db.execute("SELECT * FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    wanted = BroadcastState.PAUSED if on else BroadcastState.SENDING
    state = BroadcastState(row["state"])
    if state is wanted:  # somebody else has, a moment ago
        return
    if not on and state is not BroadcastState.PAUSED:
        raise IllegalMove(f"BroadcastState: {state} → {wanted}")
    db.execute(
        "UPDATE broadcast SET state = ? WHERE id = ?",
        (move(BROADCAST_MOVES, state, wanted), broadcast_id),
    )
    events.record(
        db, now, "broadcast.paused" if on else "broadcast.resumed", {"by": by},
        entity_id=row["entity_id"], broadcast_id=broadcast_id,
    )  # fmt: skip


def due(db: sqlite3.Connection, now: float) -> list[sqlite3.Row]:
    """Return the scheduled broadcasts whose time has come; no reminder before its convocation."""
    return db.execute(
        "SELECT b.*, e.name AS town, e.timezone FROM broadcast b JOIN entity e"
        " ON e.id = b.entity_id WHERE b.state = 'scheduled' AND b.starts_at <= ?"
        " AND NOT (b.kind = 'reminder' AND EXISTS (SELECT 1 FROM broadcast p WHERE"
        " p.id = b.parent_id AND p.state = 'awaiting_approval')) ORDER BY b.starts_at, b.id",
        (now,),
    ).fetchall()


def waiting(db: sqlite3.Connection, broadcast_id: int) -> sqlite3.Row | None:
    """Return a broadcast that waits for its time or a second person, None if it does not."""
    row: sqlite3.Row | None = db.execute(
        "SELECT b.*, e.name AS town, e.timezone FROM broadcast b JOIN entity e"
        " ON e.id = b.entity_id WHERE b.id = ? AND b.state IN ('scheduled', 'awaiting_approval')",
        (broadcast_id,),
    ).fetchone()
    return row


def reschedule(
    db: sqlite3.Connection, broadcast_id: int, new: NewBroadcast, by: str, now: float
) -> bool:
    """Let a scheduled broadcast leave at another time; return whether it still waited."""
    row = db.execute("SELECT state FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    if BroadcastState(row["state"]) is not BroadcastState.SCHEDULED:
        return False
    schedule(db, broadcast_id, new, now)
    db.execute("UPDATE broadcast SET draft = ? WHERE id = ?", (new.draft, broadcast_id))
    note(db, broadcast_id, "broadcast.moved", by, now)
    return True


def schedule(db: sqlite3.Connection, broadcast_id: int, new: NewBroadcast, now: float) -> None:
    """Let an approved broadcast wait for its time, or a scheduled one for another."""
    row = db.execute("SELECT state FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    state = BroadcastState(row["state"])
    if state is not BroadcastState.SCHEDULED:
        state = move(BROADCAST_MOVES, state, BroadcastState.SCHEDULED)
    # how many people somebody has agreed to stays: growing beyond is asked of them
    db.execute(
        "UPDATE broadcast SET state = ?, starts_at = ?, expires_at = ?, held_reason = ?,"
        " awaited = CASE WHEN EXISTS (SELECT 1 FROM approval a WHERE a.broadcast_id = broadcast.id"
        " AND a.answer = 'yes') THEN awaited ELSE ? END WHERE id = ?",
        (state, new.starts_at, new.expires_at, new.held_reason, new.awaited, broadcast_id),
    )
    note(db, broadcast_id, "broadcast.scheduled", new.author, now)


def give_up(db: sqlite3.Connection, broadcast_id: int, why: str, now: float) -> None:
    """Cancel a broadcast that waited and cannot leave, with the sentence that says why."""
    row = db.execute("SELECT * FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    state = move(BROADCAST_MOVES, BroadcastState(row["state"]), BroadcastState.CANCELLED)
    db.execute(
        "UPDATE broadcast SET state = ?, closed_at = ?, given_up = ? WHERE id = ?",
        (state, now, why, broadcast_id),
    )
    events.record(
        db, now, "broadcast.given_up", {"why": why}, entity_id=row["entity_id"],
        broadcast_id=broadcast_id,
    )  # fmt: skip
    cancel_reminders(db, broadcast_id, "Tocsin", now)


def release(db: sqlite3.Connection, broadcast_id: int, by: str, now: float) -> None:
    """Let a broadcast leave at once, whatever its hours; recorded."""
    db.execute(
        "UPDATE broadcast SET hours = '', closes_at = ?, held_reason = '',"
        " starts_at = min(starts_at, ?) WHERE id = ?",
        (windows.day_ends(db, broadcast_id, now), now, broadcast_id),
    )
    db.execute(
        "UPDATE job SET not_before = ?, held_reason = '' WHERE broadcast_id = ?"
        " AND state = 'queued' AND held_reason IN (?, ?, ?)",
        (now, broadcast_id, Reason.HOURS, Reason.TAKE_BACK, Reason.SCHEDULED),
    )
    note(db, broadcast_id, "broadcast.released", by, now)


def hurried(db: sqlite3.Connection, broadcast_id: int, by: str, now: float) -> None:
    """Put on record that somebody let a broadcast leave before its hour."""
    note(db, broadcast_id, "broadcast.released", by, now)


def note(db: sqlite3.Connection, broadcast_id: int, kind: str, by: str, now: float) -> None:
    """Put on record that somebody did something to a broadcast."""
    row = db.execute("SELECT entity_id FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    events.record(db, now, kind, {"by": by}, entity_id=row["entity_id"], broadcast_id=broadcast_id)


def texts(db: sqlite3.Connection, broadcast_id: int) -> dict[Channel, tuple[str, str]]:
    """Return subject and body by channel."""
    rows = db.execute("SELECT * FROM broadcast_text WHERE broadcast_id = ?", (broadcast_id,))
    return {Channel(row["channel"]): (row["subject"], row["body"]) for row in rows}


def counts(db: sqlite3.Connection, broadcast_id: int) -> dict[RecipientState, int]:
    """Return how many people are in each state."""
    rows = db.execute(
        "SELECT state, count(*) AS people FROM recipient WHERE broadcast_id = ? GROUP BY state",
        (broadcast_id,),
    )
    return {RecipientState(row["state"]): int(row["people"]) for row in rows}


def recipients(
    db: sqlite3.Connection,
    broadcast_id: int,
    *,
    state: str | None = None,
    limit: int = -1,
    offset: int = 0,
) -> tuple[list[sqlite3.Row], int]:
    """Return one page of a broadcast's people and how many there are in all."""
    where = "broadcast_id = :id" + (" AND state = :state" if state else "")
    values = {"id": broadcast_id, "state": state, "limit": limit, "offset": offset}
    total = db.execute(f"SELECT count(*) FROM recipient WHERE {where}", values)  # noqa: S608
    rows = db.execute(
        f"SELECT * FROM recipient WHERE {where} ORDER BY id LIMIT :limit OFFSET :offset",  # noqa: S608
        values,
    ).fetchall()
    return rows, int(total.fetchone()[0])


def jobs_of(db: sqlite3.Connection, recipient_id: int) -> list[sqlite3.Row]:
    """Return a person's jobs in the order they were made."""
    return db.execute(
        "SELECT * FROM job WHERE recipient_id = ? ORDER BY id", (recipient_id,)
    ).fetchall()


def attempts_of(db: sqlite3.Connection, job_id: int) -> list[sqlite3.Row]:
    """Return a job's attempts in their order."""
    return db.execute(
        "SELECT * FROM attempt WHERE job_id = ? ORDER BY number", (job_id,)
    ).fetchall()


def standing(db: sqlite3.Connection, broadcast_id: int) -> dict[int, int]:
    """Return how many people who are still waited for are at each step of the plan."""
    rows = db.execute(
        "SELECT step, count(*) AS people FROM recipient WHERE broadcast_id = ?"
        " AND closed_at IS NULL GROUP BY step",
        (broadcast_id,),
    )
    return {row["step"]: int(row["people"]) for row in rows}


def unfinished(db: sqlite3.Connection, broadcast_id: int) -> dict[str, int]:
    """Return how many jobs of each channel are still queued or running."""
    rows = db.execute(
        "SELECT channel, count(*) AS jobs FROM job WHERE broadcast_id = ?"
        " AND state IN ('queued', 'running') GROUP BY channel",
        (broadcast_id,),
    )
    return {row["channel"]: int(row["jobs"]) for row in rows}


def settled_since(db: sqlite3.Connection, broadcast_id: int, since: float) -> int:
    """Return how many attempts of a broadcast have ended since ``since``."""
    row = db.execute(
        "SELECT count(*) FROM attempt a JOIN job j ON j.id = a.job_id"
        " WHERE j.broadcast_id = ? AND a.ended_at >= ?",
        (broadcast_id, since),
    ).fetchone()
    return int(row[0])
