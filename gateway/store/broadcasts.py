"""Broadcasts: made whole in one transaction, read as lists, counts and people."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway import plan as plans
from gateway.model import (
    BroadcastState,
    Channel,
    Door,
    JobState,
    Reason,
    RecipientState,
    Urgency,
)
from gateway.states import BROADCAST_MOVES, JOB_MOVES, move
from gateway.store import consent, events, progress
from gateway.store.people import Person


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
    forecast: float = 0.0
    idempotency_key: str | None = None
    starts_at: float | None = None
    exercise: bool = False
    recording: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def create(db: sqlite3.Connection, new: NewBroadcast, now: float) -> int:
    """Store a broadcast with its recipients and first jobs; return its id.

    The same idempotency key returns the broadcast it made the first time.
    """
    if new.idempotency_key is not None:
        row = db.execute(
            "SELECT id FROM broadcast WHERE entity_id = ? AND idempotency_key = ?",
            (new.entity_id, new.idempotency_key),
        ).fetchone()
        if row:
            return int(row["id"])
    starts_at = new.starts_at if new.starts_at is not None else now
    broadcast_id = _insert_broadcast(db, new, starts_at, now)
    unwanted = spared(db, new.entity_id, new.urgency)
    seen: set[tuple[Channel, str]] = set()
    for person in new.people:
        _insert_person(db, broadcast_id, new, person, unwanted, seen, starts_at, now)
    for name, reason in new.excluded:
        _insert_recipient(db, broadcast_id, new, None, name, RecipientState.EXCLUDED, reason, now)
    events.record(
        db, now, "broadcast.created",
        {"title": new.title, "urgency": new.urgency, "author": new.author, "door": new.door,
         "exercise": new.exercise, "recording": new.recording, "people": len(new.people),
         "excluded": len(new.excluded),
         "texts": {c: body for c, (_, body) in new.texts.items()}, **new.extra},
        entity_id=new.entity_id, broadcast_id=broadcast_id,
    )  # fmt: skip
    progress.close_if_done(db, broadcast_id, now)
    return broadcast_id


def spared(
    db: sqlite3.Connection, entity_id: int, urgency: Urgency
) -> frozenset[tuple[Channel, str]]:
    """Return whom a broadcast of this urgency must leave alone; an alert nobody."""
    if urgency is Urgency.VITAL:
        return frozenset()
    return consent.opted_out(db, entity_id)


def _insert_broadcast(
    db: sqlite3.Connection, new: NewBroadcast, starts_at: float, now: float
) -> int:
    cursor = db.execute(
        "INSERT INTO broadcast(entity_id, title, urgency, state, plan, door, author, groups,"
        " created_at, starts_at, expires_at, forecast, idempotency_key, exercise, recording)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            new.entity_id, new.title, new.urgency, BroadcastState.SENDING,
            plans.to_json(new.plan), new.door, new.author, new.groups, now, starts_at,
            new.expires_at, new.forecast, new.idempotency_key, new.exercise, new.recording,
        ),
    )  # fmt: skip
    broadcast_id = int(cursor.lastrowid or 0)
    db.executemany(
        "INSERT INTO broadcast_text(broadcast_id, channel, subject, body) VALUES (?,?,?,?)",
        [(broadcast_id, channel, *text) for channel, text in new.texts.items()],
    )
    return broadcast_id


def _insert_person(
    db: sqlite3.Connection,
    broadcast_id: int,
    new: NewBroadcast,
    person: Person,
    unwanted: frozenset[tuple[Channel, str]],
    seen: set[tuple[Channel, str]],
    starts_at: float,
    now: float,
) -> None:
    possible = plans.opening(new.plan, person.addresses)
    wanted = [(c, a) for c, a in possible if (c, a.value) not in unwanted]
    fresh = [(c, a) for c, a in wanted if (c, a.value) not in seen]
    seen.update((channel, address.value) for channel, address in fresh)
    state, reason = RecipientState.PENDING, Reason.IN_QUEUE
    if not fresh:
        state = RecipientState.EXCLUDED
        reason = Reason.DUPLICATE if wanted else Reason.NO_WAY
        reason = Reason.OPTED_OUT if possible and not wanted else reason
    recipient_id = _insert_recipient(
        db, broadcast_id, new, person.id, person.name, state, reason, now
    )
    only_way = {channel for channel, _ in fresh} == {Channel.VOICE}
    for channel, address in fresh:
        progress.insert_job(
            db, new.entity_id, broadcast_id, recipient_id, channel, address, new.urgency, 0,
            starts_at, new.expires_at, person.body, only_way=only_way,
        )  # fmt: skip


def _insert_recipient(
    db: sqlite3.Connection,
    broadcast_id: int,
    new: NewBroadcast,
    contact_id: int | None,
    name: str,
    state: RecipientState,
    reason: Reason,
    now: float,
) -> int:
    closed_at = now if state is RecipientState.EXCLUDED else None
    cursor = db.execute(
        "INSERT INTO recipient(entity_id, broadcast_id, contact_id, name, state, reason,"
        " changed_at, closed_at) VALUES (?,?,?,?,?,?,?,?)",
        (new.entity_id, broadcast_id, contact_id, name, state, reason, now, closed_at),
    )
    return int(cursor.lastrowid or 0)


def cancel(db: sqlite3.Connection, broadcast_id: int, by: str, now: float) -> int:
    """Withdraw all that has not left; return how many jobs. What is running runs to its end."""
    row = db.execute("SELECT * FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
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
    return len(queued)


_SUMMARY = """SELECT b.*, count(r.id) AS recipients,
  sum(r.state IN ('received', 'listened', 'acknowledged', 'told_in_person')) AS reached,
  sum(r.closed_at IS NULL AND r.id IS NOT NULL) AS waiting
  FROM broadcast b LEFT JOIN recipient r ON r.broadcast_id = b.id"""


def summary(db: sqlite3.Connection, entity_id: int, broadcast_id: int) -> sqlite3.Row | None:
    """Return one broadcast with its totals, if it is this town's."""
    row: sqlite3.Row | None = db.execute(
        f"{_SUMMARY} WHERE b.entity_id = ? AND b.id = ? GROUP BY b.id", (entity_id, broadcast_id)
    ).fetchone()
    return row


def summaries(
    db: sqlite3.Connection, entity_id: int, limit: int, offset: int
) -> tuple[list[sqlite3.Row], int]:
    """Return one page of the town's broadcasts, newest first, and how many there are."""
    total = db.execute("SELECT count(*) FROM broadcast WHERE entity_id = ?", (entity_id,))
    rows = db.execute(
        f"{_SUMMARY} WHERE b.entity_id = ? GROUP BY b.id ORDER BY b.id DESC LIMIT ? OFFSET ?",
        (entity_id, limit, offset),
    ).fetchall()
    return rows, int(total.fetchone()[0])


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
