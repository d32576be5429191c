"""Hours in the queue: what is held when they end, let go when they begin, and never starved."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway import hours
from gateway.calendar import holidays_of
from gateway.model import Reason
from gateway.near_days import near_day

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
    """Hold what the end of its hours has caught in the queue; return the broadcasts.

    What says « demain » is held so too, for somebody may let it go this evening; when the hours
    begin again it is too late for it.
    """
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
        if names_its_day(db, row["id"]):
            _ends_by(db, row["id"], opens)
    return {row["id"] for row in rows}


def names_its_day(db: sqlite3.Connection, broadcast_id: int) -> str:
    """Return the word by which a text names its day, such as « demain »; empty if none does."""
    rows = db.execute(
        "SELECT subject, body FROM broadcast_text WHERE broadcast_id = ?", (broadcast_id,)
    )
    return near_day(*(text for row in rows for text in row))


def caught(db: sqlite3.Connection, broadcast_id: int, now: float) -> tuple[int, float] | None:
    """Return how much of a message waits for its hours, and until when; None where nothing does."""
    row = db.execute(
        "SELECT count(*) AS jobs, min(not_before) AS opens FROM job WHERE broadcast_id = ?"
        " AND state = 'queued' AND held_reason = ? AND not_before > ?",
        (broadcast_id, Reason.HOURS, now),
    ).fetchone()
    return (row["jobs"], row["opens"]) if row["jobs"] else None


def _ends_by(db: sqlite3.Connection, broadcast_id: int, at: float) -> None:
    """Let nothing of a message leave from ``at`` on, nor any later step of its order."""
    db.execute(
        "UPDATE broadcast SET expires_at = min(expires_at, ?) WHERE id = ?", (at, broadcast_id)
    )
    db.execute(
        "UPDATE job SET expires_at = min(expires_at, ?) WHERE broadcast_id = ?"
        " AND state IN ('queued', 'running')",
        (at, broadcast_id),
    )


def raise_the_oldest(db: sqlite3.Connection, now: float) -> None:
    """Let information that has waited long go in its turn among service messages.

    Alerts stay before all; a town that sends service messages all day must not starve the rest.
    """
    db.execute(
        "UPDATE job SET rank = rank - 1000 WHERE state = 'queued' AND rank >= 2000"
        " AND not_before <= ?",
        (now - STARVED,),
    )
