"""Hours in the queue: what is held when they end, let go when they begin, and never starved."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway import hours
from gateway.calendar import holidays_of
from gateway.model import Reason

#: Seconds after which an information waits no longer behind fresh service messages.
STARVED: Final = 1800.0


def opens_for(db: sqlite3.Connection, broadcast_id: int, at: float) -> float:
    """Return ``at``, or when the broadcast's hours next begin after it."""
    row = db.execute(
        "SELECT b.hours, e.timezone FROM broadcast b JOIN entity e ON e.id = b.entity_id"
        " WHERE b.id = ?",
        (broadcast_id,),
    ).fetchone()
    if not row["hours"]:
        return at
    zone = row["timezone"]
    return hours.next_open(hours.from_json(row["hours"]), zone, at, holidays_of(zone))


def close(db: sqlite3.Connection, now: float) -> set[int]:
    """Hold what the end of its hours has caught in the queue; return the broadcasts."""
    rows = db.execute(
        "SELECT b.id, b.hours, e.timezone FROM broadcast b JOIN entity e ON e.id = b.entity_id"
        " WHERE b.closes_at <= ? AND b.state IN ('sending', 'paused')",
        (now,),
    ).fetchall()
    for row in rows:
        known, calendar = hours.from_json(row["hours"]), holidays_of(row["timezone"])
        opens = hours.next_open(known, row["timezone"], now, calendar)
        closes = hours.closes_at(known, row["timezone"], opens, calendar)
        db.execute("UPDATE broadcast SET closes_at = ? WHERE id = ?", (closes, row["id"]))
        db.execute(
            "UPDATE job SET not_before = ?, held_reason = ? WHERE broadcast_id = ?"
            " AND state = 'queued' AND not_before < ?",
            (opens, Reason.HOURS, row["id"], opens),
        )
    return {row["id"] for row in rows}


def raise_the_oldest(db: sqlite3.Connection, now: float) -> None:
    """Let information that has waited long go in its turn among service messages.

    Alerts stay before all; a town that sends service messages all day must not starve the rest.
    """
    db.execute(
        "UPDATE job SET rank = rank - 1000 WHERE state = 'queued' AND rank >= 2000"
        " AND not_before <= ?",
        (now - STARVED,),
    )
