"""The towns of a box: a commune by itself, or a community of communes and its communes."""

from __future__ import annotations

import sqlite3

from gateway.store import events


def family(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return a town and, of a community, its communes by name; the community first."""
    return db.execute(
        "SELECT * FROM entity WHERE id = ? OR parent_id = ?"
        " ORDER BY parent_id IS NOT NULL, name COLLATE NOCASE",
        (entity_id, entity_id),
    ).fetchall()


def every(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return every town of the box, the first first."""
    return db.execute("SELECT * FROM entity ORDER BY id").fetchall()


def get(db: sqlite3.Connection, entity_id: int) -> sqlite3.Row:
    """Return a town there is."""
    row: sqlite3.Row = db.execute("SELECT * FROM entity WHERE id = ?", (entity_id,)).fetchone()
    return row


def add(
    db: sqlite3.Connection, parent_id: int, name: str, timezone: str, by: str, now: float
) -> int | None:
    """Add a commune to a community; return its id, None when the name is taken."""
    cursor = db.execute(
        "INSERT INTO entity(name, timezone, created_at, parent_id) VALUES (?,?,?,?)"
        " ON CONFLICT DO NOTHING",
        (name, timezone, now, parent_id),
    )
    if cursor.rowcount == 0:
        return None
    events.record(db, now, "entity.created", {"name": name, "by": by}, entity_id=parent_id)
    return int(cursor.lastrowid or 0)


def is_commune(db: sqlite3.Connection, entity_id: int) -> bool:
    """Tell whether a town belongs to a community."""
    row = db.execute("SELECT parent_id FROM entity WHERE id = ?", (entity_id,)).fetchone()
    return bool(row and row["parent_id"] is not None)


def of_box(db: sqlite3.Connection, entity_id: int) -> int:
    """Return the town a box is of, for one of its communes: the history of what all share."""
    row = db.execute("SELECT parent_id FROM entity WHERE id = ?", (entity_id,)).fetchone()
    return int(row["parent_id"]) if row and row["parent_id"] is not None else entity_id


def month_of_use(db: sqlite3.Connection, entity_id: int, month: str) -> list[sqlite3.Row]:
    """Return what each town of a community has used in a month (``2026-11``): the cost to share."""
    return db.execute(
        "SELECT e.id, e.name, coalesce(sum(u.messages), 0) AS messages,"
        " coalesce(sum(u.segments), 0) AS segments, coalesce(sum(u.calls), 0) AS calls,"
        " coalesce(sum(u.call_seconds), 0) AS call_seconds FROM entity e LEFT JOIN sim_use u"
        " ON u.entity_id = e.id AND u.day >= ? AND u.day <= ?"
        " WHERE e.id = ? OR e.parent_id = ? GROUP BY e.id ORDER BY e.name COLLATE NOCASE",
        (f"{month}-01", f"{month}-31", entity_id, entity_id),
    ).fetchall()


def name_of(db: sqlite3.Connection, entity_id: int) -> str:
    """Return a town's name."""
    row = db.execute("SELECT name FROM entity WHERE id = ?", (entity_id,)).fetchone()
    return str(row["name"]) if row else ""
