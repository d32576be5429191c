"""The orders of sends a town has made for itself, as rows."""

from __future__ import annotations

import sqlite3

from gateway.store import events, settings


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
    number = settings.fresh_number(db, "plan", settings.PLAN)
    made = put(db, entity_id, (number, name), steps, by, now)
    return number if made else None


def put(
    db: sqlite3.Connection, entity_id: int, of: tuple[int, str], steps: str, by: str, now: float
) -> bool:
    """Store an order under its number and name; return False when one of them is taken."""
    cursor = db.execute(
        "INSERT INTO plan(id, entity_id, name, steps, changed_at, changed_by) VALUES (?,?,?,?,?,?)"
        " ON CONFLICT DO NOTHING",
        (of[0], entity_id, of[1], steps, now, by),
    )
    if cursor.rowcount:
        _note(db, entity_id, of, None, steps, by, now)
    return cursor.rowcount > 0


def replace(
    db: sqlite3.Connection, entity_id: int, number: int, name: str, steps: str, by: str, now: float
) -> bool:
    """Give the order ``number`` other steps; False when it does not bear ``name``."""
    row = db.execute(
        "SELECT * FROM plan WHERE entity_id = ? AND id = ? AND name = ?", (entity_id, number, name)
    ).fetchone()
    if row is None:
        return False
    db.execute(
        "UPDATE plan SET steps = ?, changed_at = ?, changed_by = ? WHERE id = ?",
        (steps, now, by, number),
    )
    _note(db, entity_id, (number, row["name"]), row["steps"], steps, by, now)
    return True


def delete(db: sqlite3.Connection, entity_id: int, number: int, by: str, now: float) -> bool:
    """Remove one order; messages that used it keep theirs."""
    gone = db.execute(
        "DELETE FROM plan WHERE entity_id = ? AND id = ? RETURNING name, steps",
        (entity_id, number),
    ).fetchall()
    for row in gone:
        _note(db, entity_id, (number, row["name"]), row["steps"], None, by, now)
    return bool(gone)


def _note(
    db: sqlite3.Connection, entity_id: int, of: tuple[int, str], before: str | None,
    after: str | None, by: str, now: float,
) -> None:  # fmt: skip
    if before != after:
        settings.note_change(db, entity_id, settings.PLAN, of, before, after, by, now)
    kind = "plan.saved" if after else "plan.deleted"
    events.record(db, now, kind, {"name": of[1], "by": by}, entity_id=entity_id)
