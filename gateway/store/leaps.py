"""The clock has leapt: what is under way and lasts so long, not until then, moves with it."""

from __future__ import annotations

import sqlite3

from gateway.store import events


def move_alerts(
    db: sqlite3.Connection, leap: float, now: float, since: float | None = None
) -> None:  # fmt: skip
    """Move the waits and the end of every alert under way by ``leap`` seconds.

    Of those alone that were made after ``since``, until ``now``, where the time was nobody's: those
    before the stop have known the right one, and have aged meanwhile.
    """
    made = (float("-inf"), float("inf")) if since is None else (since, now)
    db.execute(
        "UPDATE job SET not_before = not_before + ?, expires_at = expires_at + ?"
        " WHERE ended_at IS NULL AND broadcast_id IN (SELECT id FROM broadcast"
        " WHERE urgency = 'vital' AND state IN ('sending', 'paused')"
        " AND created_at > ? AND created_at <= ?)",
        (leap, leap, *made),
    )
    db.execute(
        "UPDATE recipient SET look_again_at = look_again_at + ?"
        " WHERE closed_at IS NULL AND broadcast_id IN (SELECT id FROM broadcast"
        " WHERE urgency = 'vital' AND state IN ('sending', 'paused')"
        " AND created_at > ? AND created_at <= ?)",
        (leap, *made),
    )
    db.execute(
        "UPDATE broadcast SET expires_at = expires_at + ?, closes_at = closes_at + ?"
        " WHERE urgency = 'vital' AND state IN ('sending', 'paused')"
        " AND created_at > ? AND created_at <= ?",
        (leap, leap, *made),
    )
    # how long a call lasts is counted between two readings of one clock
    db.execute("UPDATE attempt SET started_at = started_at + ? WHERE ended_at IS NULL", (leap,))
    events.record(db, now, "clock.leapt", {"seconds": round(leap)})
