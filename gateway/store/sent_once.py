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


def made(db: sqlite3.Connection, entity_id: int, key: str | None, asked: str) -> int | None:
    """Return the broadcast that a key has made of what is ``asked``, None before it has.

    Raise `KeyUsed` where the key comes back with another message. ``asked`` tells what was asked
    for, whom and when included; empty where the key is ours. The first message in its place would
    say that what never leaves has left.
    """
    found = of_key(db, entity_id, key) if key is not None else None
    if found is None:
        return None
    row = db.execute("SELECT asked FROM broadcast WHERE id = ?", (found,)).fetchone()
    if asked and row["asked"] not in ("", asked):
        raise KeyUsed(found)
    return found
