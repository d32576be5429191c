"""Calls for volunteers: who has said yes, and whom to tell that enough have."""

from __future__ import annotations

import sqlite3


def yes_so_far(db: sqlite3.Connection, broadcast_id: int) -> int:
    """Return how many people have said yes."""
    row = db.execute(
        "SELECT count(*) FROM recipient WHERE broadcast_id = ? AND state = 'acknowledged'",
        (broadcast_id,),
    ).fetchone()
    return int(row[0])


def full(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the calls that enough people have answered and whose others do not know it."""
    return db.execute(
        "SELECT * FROM broadcast WHERE full_at IS NOT NULL AND full_told_at IS NULL"
    ).fetchall()


def others(db: sqlite3.Connection, broadcast_id: int) -> list[sqlite3.Row]:
    """Return name and mobile of whoever was asked and has said neither yes nor no."""
    return db.execute(
        "SELECT DISTINCT r.name, j.address FROM recipient r JOIN job j ON j.recipient_id = r.id"
        " WHERE r.broadcast_id = ? AND j.channel = 'sms' AND j.attempts > 0 AND j.to_referent = 0"
        " AND r.state NOT IN ('acknowledged', 'declined') ORDER BY r.id",
        (broadcast_id,),
    ).fetchall()


def told(db: sqlite3.Connection, broadcast_id: int, now: float) -> None:
    """Write down that the others know."""
    db.execute("UPDATE broadcast SET full_told_at = ? WHERE id = ?", (now, broadcast_id))
