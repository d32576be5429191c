"""A second person's yes or no before a large message leaves; nothing waits for ever."""

from __future__ import annotations

import sqlite3

from gateway.sentences import fr
from gateway.store import broadcasts, events


def ask(db: sqlite3.Connection, broadcast_id: int, now: float, until: float) -> None:
    """Write down that a broadcast waits for somebody's word; its code by SMS is the question's."""
    db.execute(
        "INSERT INTO approval(broadcast_id, asked_at, expires_at, code) VALUES (?,?,?,'')"
        " ON CONFLICT DO NOTHING",
        (broadcast_id, now, until),
    )


def of(db: sqlite3.Connection, broadcast_id: int) -> sqlite3.Row | None:
    """Return what is known of a broadcast's approval, None where none was needed."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM approval WHERE broadcast_id = ?", (broadcast_id,)
    ).fetchone()
    return row


def answer(
    db: sqlite3.Connection, broadcast_id: int, said: str, by: str, why: str, now: float
) -> bool:
    """Write down the answer; return whether one was still waited for, and not cancelled."""
    changed = db.execute(
        "UPDATE approval SET answered_at = ?, answered_by = ?, answer = ?, why = ?"
        " WHERE broadcast_id = ? AND answered_at IS NULL AND EXISTS (SELECT 1 FROM broadcast b"
        " WHERE b.id = approval.broadcast_id AND b.state = 'awaiting_approval')",
        (now, by, said, why, broadcast_id),
    ).rowcount
    if changed:
        events.record(
            db, now, "approval.answered", {"answer": said, "by": by, "why": why},
            broadcast_id=broadcast_id,
        )  # fmt: skip
    return bool(changed)


def expire(db: sqlite3.Connection, now: float) -> list[int]:
    """Close what nobody answered in time; return those broadcasts."""
    rows = db.execute(
        "SELECT a.broadcast_id FROM approval a JOIN broadcast b ON b.id = a.broadcast_id"
        " WHERE a.answered_at IS NULL AND a.expires_at <= ? AND b.state = 'awaiting_approval'",
        (now,),
    ).fetchall()
    for row in rows:
        answer(db, row["broadcast_id"], "expired", "", "", now)
        broadcasts.give_up(
            db, row["broadcast_id"], fr("Personne n'a validé ce message à temps."), now
        )
    return [row["broadcast_id"] for row in rows]
