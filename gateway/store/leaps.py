"""The clock has leapt: what is under way and lasts so long, not until then, moves with it."""

from __future__ import annotations

import sqlite3

from gateway.store import events


def move_alerts(db: sqlite3.Connection, leap: float, now: float) -> None:
    """Move the waits and the end of every alert under way by ``leap`` seconds."""
    db.execute(
        "UPDATE job SET not_before = not_before + ?, expires_at = expires_at + ?"
        " WHERE ended_at IS NULL AND broadcast_id IN (SELECT id FROM broadcast"
        " WHERE urgency = 'vital' AND state IN ('sending', 'paused'))",
        (leap, leap),
    )
    db.execute(
        "UPDATE recipient SET look_again_at = look_again_at + ?"
        " WHERE closed_at IS NULL AND broadcast_id IN (SELECT id FROM broadcast"
        " WHERE urgency = 'vital' AND state IN ('sending', 'paused'))",
        (leap,),
    )
    db.execute(
        "UPDATE broadcast SET expires_at = expires_at + ?, closes_at = closes_at + ?"
        " WHERE urgency = 'vital' AND state IN ('sending', 'paused')",
        (leap, leap),
    )
    events.record(db, now, "clock.leapt", {"seconds": round(leap)})
