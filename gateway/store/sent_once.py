"""What an idempotency key has made: pressed twice, or asked for again, it is one message."""

from __future__ import annotations

import sqlite3

from gateway.errors import KeyUsed


def of_key(db: sqlite3.Connection, entity_id: int, key: str) -> int | None:
    """Return the broadcast that a key has made in a town, None before it has."""
    row = db.execute(
        "SELECT id FROM broadcast WHERE entity_id = ? AND idempotency_key = ?", (entity_id, key)
    ).fetchone()
    return int(row["id"]) if row else None


def check_same(db: sqlite3.Connection, made: int, asked: str) -> None:
    """Raise `KeyUsed` where a key that has ``made`` a message comes back with another.

    ``asked`` tells what was asked for, whom and when included; empty where the key is ours. The
    first message in its place would say that what never leaves has left.
    """
    row = db.execute("SELECT asked FROM broadcast WHERE id = ?", (made,)).fetchone()
    if asked and row["asked"] not in ("", asked):
        raise KeyUsed(made)
