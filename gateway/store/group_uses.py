"""What names a group or an order of sends: messages that are ready, wait or come again.

A group that is gone leaves its number and name in the history of the settings, so that what named
it says which it was, and no later group bears its number.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from gateway.store import settings

#: In the history of the settings: ``{"id": number, "name": …, "purpose": …}`` of a group removed.
GONE: Final = "group_gone"
#: Messages looked at for the groups a town writes to.
_LATELY: Final = 200
_NAMED: Final = (
    "EXISTS (SELECT 1 FROM json_each(nullif(draft, ''), '$.group_ids') WHERE value = :one)"
)
_ORDERED: Final = "nullif(draft, '') ->> '$.order' = CAST(:one AS TEXT)"


@dataclass(frozen=True, slots=True)
class Uses:
    """Rows ``id, title`` of what could not be sent any more as it is without it."""

    ready: tuple[sqlite3.Row, ...]
    waiting: tuple[sqlite3.Row, ...]  # broadcasts that look their people up when they leave
    series: tuple[sqlite3.Row, ...]

    def __bool__(self) -> bool:
        """Tell whether anything uses it."""
        return bool(self.ready or self.waiting or self.series)


def of(db: sqlite3.Connection, entity_id: int, grouping_id: int) -> Uses:
    """Return what names a group of this town."""
    return _uses(db, entity_id, grouping_id, _NAMED)


def of_order(db: sqlite3.Connection, entity_id: int, number: int) -> Uses:
    """Return what names an order of sends of this town."""
    return _uses(db, entity_id, number, _ORDERED)


def _uses(db: sqlite3.Connection, entity_id: int, number: int, naming: str) -> Uses:
    values = {"entity": entity_id, "one": number}
    return Uses(*(
        tuple(db.execute(f"{query} AND {naming} ORDER BY id", values))
        for query in (
            "SELECT id, name AS title FROM scenario WHERE entity_id = :entity",
            (
                "SELECT id, title FROM broadcast WHERE entity_id = :entity"
                " AND state IN ('scheduled', 'awaiting_approval')"
            ),
            "SELECT id, title FROM series WHERE entity_id = :entity AND ended_at IS NULL",
        )
    ))  # fmt: skip


def last_told(db: sqlite3.Connection, entity_id: int) -> list[str]:
    """Return whom a town's last messages were for, in words, the newest first."""
    rows = db.execute(
        "SELECT groups FROM broadcast WHERE entity_id = ? ORDER BY id DESC LIMIT ?",
        (entity_id, _LATELY),
    )
    return [row["groups"] for row in rows if row["groups"]]


def note_gone(db: sqlite3.Connection, row: sqlite3.Row, by: str, now: float) -> None:
    """Write down which group is about to be removed."""
    told = {"id": row["id"], "name": row["name"], "purpose": row["purpose"]}
    settings.note(db, row["entity_id"], GONE, told, by, now)


def gone(
    db: sqlite3.Connection, entity_id: int, numbers: Collection[int]
) -> dict[int, tuple[str, str]]:
    """Return the name and purpose of those of these groups that were removed, by number."""
    rows = db.execute(
        "SELECT value ->> '$.id' AS id, value ->> '$.name' AS name,"
        " value ->> '$.purpose' AS purpose FROM setting WHERE entity_id = ? AND key = ?"
        " AND value ->> '$.id' IN (SELECT value FROM json_each(?))",
        (entity_id, GONE, json.dumps(sorted(numbers))),
    )
    return {int(row["id"]): (str(row["name"]), str(row["purpose"])) for row in rows}
