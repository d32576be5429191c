"""What is set on the page, by entity and key; every change stays, the newest is in force."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from gateway.logs import closed
from gateway.store import events

#: Keys of what is in force in a table of its own; its changes are noted here by `note_change`.
SCENARIO: Final = "scenario"
PRONUNCIATION: Final = "pronunciation"
ACCOUNT: Final = "account"
SOFTWARE: Final = "software"
PLAN: Final = "plan"
ANY_SIM: Final = "group_any_sim"
SIM_ROUTE: Final = "sim_route"
SIM_REGIME: Final = "sim_regime"


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
    """Set one key, to None for its default; what it was before stays in the history.

    The chain of events keeps it too, with numbers and addresses masked. What is so already is no
    change, and written nowhere.
    """
    if read(db, entity_id).get(key) == json.loads(json.dumps(value)):
        return
    note(db, entity_id, key, value, by, now)
    told = {"key": key, "value": _masked(value), "by": by}
    events.record(db, now, "setting.changed", told, entity_id=entity_id)


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one) for one in value]
    return closed(value) if isinstance(value, str) else value


def note(db: sqlite3.Connection, entity_id: int, key: str, value: Any, by: str, now: float) -> None:
    """Write into the history of a town what is in force elsewhere, and recorded there."""
    db.execute(
        "INSERT INTO setting(entity_id, key, value, changed_at, changed_by) VALUES (?,?,?,?,?)",
        (entity_id, key, json.dumps(value), now, by),
    )


def note_change(
    db: sqlite3.Connection, entity_id: int, key: str, of: tuple[int, str], before: Any, after: Any,
    by: str, now: float, **more: Any,
) -> None:  # fmt: skip
    """Write into the history what became of one thing of a table of its own.

    ``of`` is its number and its name; None before or after: it was not there.
    """
    told = {"id": of[0], "of": of[1], "before": before, "after": after, **more}
    note(db, entity_id, key, told, by, now)


def forget_texts(db: sqlite3.Connection, entity_id: int, before: float) -> None:
    """Forget what ready messages said before then; that they were changed, and by whom, stays."""
    db.execute(
        "UPDATE setting SET value = json_set(value, '$.before', NULL, '$.after', NULL,"
        " '$.forgotten', json('true')) WHERE entity_id = ? AND key = ? AND changed_at < ?"
        " AND value ->> '$.forgotten' IS NULL",
        (entity_id, SCENARIO, before),
    )


def fresh_number(db: sqlite3.Connection, table: str, key: str) -> int:
    """Return a number that nothing of a table ever had: other things name it by its number."""
    row = db.execute(
        f"SELECT max(coalesce((SELECT max(id) FROM {table}), 0),"  # noqa: S608
        " coalesce((SELECT max(value ->> '$.id') FROM setting WHERE key = ?), 0))",
        (key,),
    ).fetchone()
    return int(row[0]) + 1


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
