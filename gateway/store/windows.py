"""Hours in the queue: what is held when they end, let go when they begin, and never starved.

And the days in it: what says « demain » leaves on the day that it was meant for, or not at all.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway import hours
from gateway.calendar import holidays_of
from gateway.model import Reason, Urgency
from gateway.near_days import near_day, true_until

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
    over it is too late for it. It closes then, as « ce matin » does at noon, whatever its hours:
    see `gateway.departure`.
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
        if opens > now:
            db.execute(
                "UPDATE job SET not_before = ?, held_reason = ? WHERE broadcast_id = ?"
                " AND state = 'queued' AND not_before < ?",
                (opens, Reason.HOURS, row["id"], opens),
            )
        # the last moment before it closed is of the day meant: it may close at midnight
        _end_with_its_day(db, row["id"], row["timezone"], row["closes_at"] - 1)
        closes = hours.closes_at(known, row["timezone"], opens, calendar)
        still = _over(db, row["id"], row["timezone"], opens)
        closes = min((one for one in (closes, still) if one is not None), default=None)
        db.execute("UPDATE broadcast SET closes_at = ? WHERE id = ?", (closes, row["id"]))
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
    if row["urgency"] == Urgency.VITAL:
        return None
    return _over(db, broadcast_id, row["timezone"], now)


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


def _over(db: sqlite3.Connection, broadcast_id: int, zone: str, at: float) -> float | None:
    """Return when the first text that is left, and names its day, is wrong; None without one."""
    words = [names_its_day(db, broadcast_id), *_named(db, broadcast_id).values()]
    return min((hours.day_ends(zone, at, true_until(one)) for one in words if one), default=None)


def _end_with_its_day(db: sqlite3.Connection, broadcast_id: int, zone: str, meant: float) -> None:
    """Let nothing that names its day leave once that is over, nor any later step of its order.

    ``meant``: a moment of the day it names. In a batch each line is a text of its own: those that
    name none go on.
    """
    ends = {
        job: hours.day_ends(zone, meant, true_until(word))
        for job, word in _named(db, broadcast_id).items()
    }
    if word := names_its_day(db, broadcast_id):
        at = hours.day_ends(zone, meant, true_until(word))
        db.execute(
            "UPDATE broadcast SET expires_at = min(expires_at, ?) WHERE id = ?", (at, broadcast_id)
        )
        ends = dict.fromkeys((row["id"] for row in _left(db, broadcast_id)), at) | ends
    db.executemany(
        "UPDATE job SET expires_at = min(expires_at, ?) WHERE id = ?",
        [(at, job) for job, at in ends.items()],
    )


def _named(db: sqlite3.Connection, broadcast_id: int) -> dict[int, str]:
    """Return what has not left and has a text of its own that names its day, with the word."""
    found = {row["id"]: near_day(row["body"]) for row in _left(db, broadcast_id)}
    return {job: word for job, word in found.items() if word}


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
