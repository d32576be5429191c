"""What is set on the page, by entity and key; every change stays, the newest is in force."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from gateway.store import events


def read(db: sqlite3.Connection, entity_id: int) -> dict[str, Any]:
    """Return all that is set for a town, by key."""
    rows = db.execute(
        "SELECT key, value FROM setting WHERE id IN (SELECT max(id) FROM setting"
        " WHERE entity_id = ? GROUP BY key)",
        (entity_id,),
    )
    return {row["key"]: json.loads(row["value"]) for row in rows}


def write(
    db: sqlite3.Connection, entity_id: int, key: str, value: Any, by: str, now: float
) -> None:
    """Set one key; what it was before stays in the history."""
    db.execute(
        "INSERT INTO setting(entity_id, key, value, changed_at, changed_by) VALUES (?,?,?,?,?)",
        (entity_id, key, json.dumps(value), now, by),
    )
    events.record(db, now, "setting.changed", {"key": key, "by": by}, entity_id=entity_id)


def history(db: sqlite3.Connection, entity_id: int, limit: int = 50) -> list[sqlite3.Row]:
    """Return who changed what, newest first."""
    return db.execute(
        "SELECT * FROM setting WHERE entity_id = ? ORDER BY id DESC LIMIT ?", (entity_id, limit)
    ).fetchall()
