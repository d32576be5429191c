"""What a day was: what was sent, what came in."""

from __future__ import annotations

import sqlite3


def sent(db: sqlite3.Connection, entity_id: int, since: float) -> list[sqlite3.Row]:
    """Return the messages of a town that began since a moment, the first first."""
    return db.execute(
        "SELECT id, title, urgency, closed_at FROM broadcast WHERE entity_id = ?"
        " AND starts_at > ? AND state IN ('sending', 'paused', 'closed')"
        " AND kind NOT IN ('question', 'answer', 'forward', 'summary', 'alarm', 'auto')"
        " ORDER BY starts_at LIMIT 100",
        (entity_id, since),
    ).fetchall()


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
