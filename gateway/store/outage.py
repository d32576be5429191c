"""When the way out was cut, and the mails it holds up."""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from gateway.model import Reason
from gateway.store import events, progress

#: Mails looked at in one transaction: a call in progress must not wait for ten thousand.
_BATCH: Final = 200
#: What a mail waits for that nothing but the relay holds up.
_HELD: Final = json.dumps(
    [Reason.RELAY_UNREACHABLE, Reason.RELAY_BUSY, Reason.RELAY_REFUSED, Reason.MAILBOX_LATER]
)


def begin(db: sqlite3.Connection, what: str, since: float, why: str, now: float) -> int:
    """Write down that something was cut; return the outage."""
    events.record(db, now, "outage.began", {"what": what, "since": since, "why": why})
    cursor = db.execute("INSERT INTO outage(what, since, why) VALUES (?,?,?)", (what, since, why))
    return int(cursor.lastrowid or 0)


def end_all(db: sqlite3.Connection, now: float) -> None:
    """Write down that the way is free again, also of an outage a stop has left open."""
    for row in db.execute("SELECT id, what FROM outage WHERE until IS NULL").fetchall():
        db.execute("UPDATE outage SET until = ? WHERE id = ?", (now, row["id"]))
        events.record(db, now, "outage.ended", {"what": row["what"]})


def latest(db: sqlite3.Connection, since: float) -> list[sqlite3.Row]:
    """Return the outages since then, newest first."""
    return db.execute(
        "SELECT * FROM outage WHERE coalesce(until, ?) >= ? ORDER BY id DESC LIMIT 50",
        (since + 1, since),
    ).fetchall()


def mark_overdue(db: sqlite3.Connection, now: float) -> set[int]:
    """Let the plans of some waiting mails' people go on without it; return the broadcasts."""
    rows = db.execute(
        "SELECT j.id, j.recipient_id, j.broadcast_id FROM job j JOIN broadcast b"
        " ON b.id = j.broadcast_id WHERE j.state = 'queued' AND j.channel = 'email'"
        " AND j.overdue_at IS NULL AND b.state = 'sending'"
        " AND (j.not_before <= ? OR j.reason IN (SELECT value FROM json_each(?)))"
        " ORDER BY j.rank, j.id LIMIT ?",
        (now, _HELD, _BATCH),
    ).fetchall()
    for row in rows:
        db.execute("UPDATE job SET overdue_at = ? WHERE id = ?", (now, row["id"]))
    for recipient in dict.fromkeys(row["recipient_id"] for row in rows):
        progress.advance(db, recipient, now)
    return {row["broadcast_id"] for row in rows}


def let_go(db: sqlite3.Connection, now: float) -> int:
    """Let mails leave at once that wait for another try at the relay; return how many."""
    return db.execute(
        "UPDATE job SET not_before = ?, held_reason = '' WHERE state = 'queued'"
        " AND channel = 'email' AND not_before > ? AND held_reason = ?"
        " AND reason IN (SELECT value FROM json_each(?))",
        (now, now, Reason.TRY_AGAIN, _HELD),
    ).rowcount
