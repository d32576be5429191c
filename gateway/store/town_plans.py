"""The orders of sends a town has made for itself, as rows."""

from __future__ import annotations

import sqlite3


def listed(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return a town's orders by name."""
    return db.execute(
        "SELECT * FROM plan WHERE entity_id = ? ORDER BY name", (entity_id,)
    ).fetchall()


def get(db: sqlite3.Connection, entity_id: int, identifier: str) -> str | None:
    """Return one order as stored, by its number; None when it is not there."""
    if not identifier.isdecimal() or len(identifier) > 18:
        return None
    row = db.execute(
        "SELECT steps FROM plan WHERE entity_id = ? AND id = ?", (entity_id, int(identifier))
    ).fetchone()
    return str(row["steps"]) if row else None


def add(
    db: sqlite3.Connection, entity_id: int, name: str, steps: str, by: str, now: float
) -> int | None:
    """Store a new order; return its number, None when the name is taken."""
    cursor = db.execute(
        "INSERT INTO plan(entity_id, name, steps, changed_at, changed_by) VALUES (?,?,?,?,?)"
        " ON CONFLICT(entity_id, name) DO NOTHING",
        (entity_id, name, steps, now, by),
    )
    return int(cursor.lastrowid or 0) if cursor.rowcount else None


def replace(
    db: sqlite3.Connection, entity_id: int, number: int, name: str, steps: str, by: str, now: float
) -> bool:
    """Give the order ``number`` other steps; False when it does not bear ``name``."""
    changed = db.execute(
        "UPDATE plan SET steps = ?, changed_at = ?, changed_by = ?"
        " WHERE entity_id = ? AND id = ? AND name = ?",
        (steps, now, by, entity_id, number, name),
    )
    return changed.rowcount > 0


def delete(db: sqlite3.Connection, entity_id: int, number: int) -> bool:
    """Remove one order; messages that used it keep theirs."""
    gone = db.execute("DELETE FROM plan WHERE entity_id = ? AND id = ?", (entity_id, number))
    return gone.rowcount > 0
