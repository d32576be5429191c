"""What a day was: what was sent, what came in."""

from __future__ import annotations

import json
import sqlite3

from gateway import kinds


def sent(db: sqlite3.Connection, entity_id: int, since: float) -> list[sqlite3.Row]:
    """Return a town's messages that began since a moment or have not ended, the first first."""
    return db.execute(
        "SELECT id, title, urgency, state, closed_at, plan, kind, draft, starts_at FROM broadcast"
        " WHERE entity_id = ?"
        " AND (state IN ('sending', 'paused') OR state = 'closed' AND starts_at > ?)"
        " AND kind NOT IN (SELECT value FROM json_each(?)) ORDER BY starts_at LIMIT 100",
        (entity_id, since, json.dumps(kinds.OWN)),
    ).fetchall()


def coming(db: sqlite3.Connection, entity_id: int, until: float) -> list[sqlite3.Row]:
    """Return a town's messages that leave before a moment, or wait for a yes, the first first."""
    return db.execute(
        "SELECT id, title, urgency, state, starts_at, kind, draft, hours, forecast FROM broadcast"
        " WHERE entity_id = ?"
        " AND state IN ('scheduled', 'awaiting_approval') AND starts_at <= ?"
        " AND kind NOT IN (SELECT value FROM json_each(?)) ORDER BY starts_at LIMIT 100",
        (entity_id, until, json.dumps(kinds.OWN)),
    ).fetchall()


def held(db: sqlite3.Connection, broadcast_id: int, now: float) -> sqlite3.Row | None:
    """Return why most of a message's queue waits, and until when; None: nothing is queued."""
    row: sqlite3.Row | None = db.execute(
        "SELECT CASE WHEN not_before > ? THEN held_reason ELSE '' END AS held, min(not_before)"
        " AS not_before FROM job WHERE broadcast_id = ? AND state = 'queued' GROUP BY held"
        " ORDER BY count(*) DESC, held LIMIT 1",
        (now, broadcast_id),
    ).fetchone()
    return row


def came_in(db: sqlite3.Connection, since: float) -> tuple[int, int]:
    """Return how many SMS and how many calls came in since a moment."""
    texts = db.execute(
        "SELECT count(*) FROM received_sms WHERE received_at > ? AND part = 1", (since,)
    ).fetchone()
    rang = db.execute("SELECT count(*) FROM incoming_call WHERE at > ?", (since,)).fetchone()
    return int(texts[0]), int(rang[0])


def modem_of(db: sqlite3.Connection, sim: str) -> str:
    """Return the modem a SIM was last seen in, empty for one never seen."""
    row = db.execute("SELECT modem FROM sim WHERE id = ?", (sim,)).fetchone()
    return str(row["modem"]) if row else ""
