"""The numbers of contacts: never given twice, and whom one that was merged away has become."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence


def fresh(db: sqlite3.Connection) -> int:
    """Return a number that no contact ever had: messages that wait name people by theirs."""
    row = db.execute(
        "SELECT max(coalesce((SELECT max(id) FROM main.contact), 0), last) + 1"
        " FROM contact_last_gone"
    ).fetchone()
    return int(row[0])


def today(db: sqlite3.Connection, entity_id: int, contact_ids: Sequence[int]) -> list[int]:
    """Return these contacts under the numbers they have now; those who are gone are left out."""
    rows = db.execute(
        "SELECT id FROM main.contact WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(contact_ids)),),
    )
    there = {int(row["id"]) for row in rows}
    numbers = [one if one in there else taken_over_by(db, entity_id, one) for one in contact_ids]
    return list(dict.fromkeys(one for one in numbers if one is not None))


def taken_over_by(db: sqlite3.Connection, entity_id: int, gone: int) -> int | None:
    """Return the contact that one which was merged away has become, None for any other."""
    found: int | None = None
    while (after := _kept(db, entity_id, gone if found is None else found)) is not None:
        found = after
    return found


def _kept(db: sqlite3.Connection, entity_id: int, gone: int) -> int | None:
    row = db.execute(
        "SELECT payload ->> '$.kept' AS kept FROM event WHERE kind = 'contact.merged'"
        " AND entity_id = ? AND payload ->> '$.gone' = ? ORDER BY seq DESC LIMIT 1",
        (entity_id, gone),
    ).fetchone()
    return int(row["kept"]) if row else None
