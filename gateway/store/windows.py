"""Hours in the queue: what is held when they end, let go when they begin, and never starved.

And the days in it: what says « demain » leaves on the day that it was meant for, or not at all.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from gateway import hours
from gateway.calendar import holidays_of
from gateway.model import Reason, Urgency
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

    What says « demain » is held so too, for somebody may let it go this evening; when the day is
    over it is too late for it. What keeps no hours closes when its day is over, see
    `gateway.departure`.
    """
    rows = db.execute(
        "SELECT b.id, b.hours, b.closes_at, e.timezone FROM broadcast b"
        " JOIN entity e ON e.id = b.entity_id"
        " WHERE b.closes_at <= ? AND b.state IN ('sending', 'paused')",
        (now,),
    ).fetchall()
    for row in rows:
        known, calendar = hours.from_json(row["hours"]), holidays_of(row["timezone"])
        opens = hours.next_open(known, row["timezone"], now, calendar)
        closes = hours.closes_at(known, row["timezone"], opens, calendar)
        db.execute("UPDATE broadcast SET closes_at = ? WHERE id = ?", (closes, row["id"]))
        if known is not None:
            db.execute(
                "UPDATE job SET not_before = ?, held_reason = ? WHERE broadcast_id = ?"
                " AND state = 'queued' AND not_before < ?",
                (opens, Reason.HOURS, row["id"], opens),
            )
        # the last moment before it closed is of the day meant: it may close at midnight
        over = hours.day_ends(row["timezone"], row["closes_at"] - 1)
        _end_with_its_day(db, row["id"], min(opens, over))
    return {row["id"] for row in rows}


def day_ends(db: sqlite3.Connection, broadcast_id: int, now: float) -> float | None:
    """Return when a message that names its day stops leaving, its hours being passed over.

    None for one that names none, and for an alert, which is never held back for its wording.
    """
    row = db.execute(
        "SELECT b.urgency, e.timezone FROM broadcast b JOIN entity e ON e.id = b.entity_id"
        " WHERE b.id = ?",
        (broadcast_id,),
    ).fetchone()
    said = names_its_day(db, broadcast_id) or _that_name_it(db, broadcast_id)
    if row["urgency"] == Urgency.VITAL or not said:
        return None
    return hours.day_ends(row["timezone"], now)


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


def _end_with_its_day(db: sqlite3.Connection, broadcast_id: int, at: float) -> None:
    """Let nothing that names its day leave from ``at`` on, nor any later step of its order.

    In a batch each line is a text of its own: those that name none go on.
    """
    numbers = _that_name_it(db, broadcast_id)
    if names_its_day(db, broadcast_id):
        db.execute(
            "UPDATE broadcast SET expires_at = min(expires_at, ?) WHERE id = ?", (at, broadcast_id)
        )
        numbers = _left(db, broadcast_id)
    db.execute(
        "UPDATE job SET expires_at = min(expires_at, ?)"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (at, json.dumps([row["id"] for row in numbers])),
    )


def _that_name_it(db: sqlite3.Connection, broadcast_id: int) -> list[sqlite3.Row]:
    """Return what has not left, and has a text of its own that names its day."""
    return [row for row in _left(db, broadcast_id) if near_day(row["body"])]


def _left(db: sqlite3.Connection, broadcast_id: int) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT id, body FROM job WHERE broadcast_id = ? AND state IN ('queued', 'running')",
        (broadcast_id,),
    ).fetchall()


def raise_the_oldest(db: sqlite3.Connection, now: float) -> None:
    """Let information that has waited long go in its turn among service messages.

    Alerts stay before all; a town that sends service messages all day must not starve the rest.
    """
    db.execute(
        "UPDATE job SET rank = rank - 1000 WHERE state = 'queued' AND rank >= 2000"
        " AND not_before <= ?",
        (now - STARVED,),
    )
