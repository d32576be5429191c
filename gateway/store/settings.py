"""What is set on the page, by entity and key; every change stays, the newest is in force."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from gateway.store import events


def read(db: sqlite3.Connection, entity_id: int) -> dict[str, Any]:
    """Return all that is set for a town, by key; what was put back to its default is not."""
    rows = db.execute(
        "SELECT key, value FROM setting WHERE id IN (SELECT max(id) FROM setting"
        " WHERE entity_id = ? GROUP BY key)",
        (entity_id,),
    )
    known = {row["key"]: json.loads(row["value"]) for row in rows}
    return {key: value for key, value in known.items() if value is not None}


def write(
    db: sqlite3.Connection, entity_id: int, key: str, value: Any, by: str, now: float
) -> None:
    """Set one key, to None for its default; what it was before stays in the history."""
    note(db, entity_id, key, value, by, now)
    events.record(db, now, "setting.changed", {"key": key, "by": by}, entity_id=entity_id)


def note(db: sqlite3.Connection, entity_id: int, key: str, value: Any, by: str, now: float) -> None:
    """Write into the history of a town what is in force elsewhere, and recorded there."""
    db.execute(
        "INSERT INTO setting(entity_id, key, value, changed_at, changed_by) VALUES (?,?,?,?,?)",
        (entity_id, key, json.dumps(value), now, by),
    )


_WITH_BEFORE: Final = (
    "SELECT s.*, (SELECT b.value FROM setting b WHERE b.entity_id = s.entity_id AND b.key = s.key"
    " AND b.id < s.id ORDER BY b.id DESC LIMIT 1) AS before FROM setting s"
)


def history(
    db: sqlite3.Connection, entity_id: int, keys: Sequence[str], limit: int
) -> list[sqlite3.Row]:
    """Return who changed what of these keys, ``before`` the value it had, newest first."""
    marks = ",".join("?" * len(keys))
    return db.execute(
        f"{_WITH_BEFORE} WHERE s.entity_id = ? AND s.key IN ({marks}) ORDER BY s.id DESC LIMIT ?",
        (entity_id, *keys, limit),
    ).fetchall()


def change(db: sqlite3.Connection, entity_id: int, number: int) -> sqlite3.Row | None:
    """Return one change of a town with the value it had before; None when it is not there."""
    row: sqlite3.Row | None = db.execute(
        f"{_WITH_BEFORE} WHERE s.entity_id = ? AND s.id = ?", (entity_id, number)
    ).fetchone()
    return row
