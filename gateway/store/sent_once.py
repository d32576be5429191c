"""What an idempotency key has made: pressed twice, or asked for again, it is one message."""

from __future__ import annotations

import sqlite3


def of_key(db: sqlite3.Connection, entity_id: int, key: str) -> int | None:
    """Return the broadcast that a key has made in a town, None before it has."""
    row = db.execute(
        "SELECT id FROM broadcast WHERE entity_id = ? AND idempotency_key = ?", (entity_id, key)
    ).fetchone()
    return int(row["id"]) if row else None
