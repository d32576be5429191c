"""What the call tree on paper is made from, as rows. Nobody of the register is in it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from gateway.store import people
from gateway.store.people import Person


def listed(db: sqlite3.Connection, entity_id: int, group_id: int) -> list[Person]:
    """Return the people of a group by name, those of the register left out."""
    return [one for one in people.members(db, entity_id, [group_id]) if not one.reserved]


def referents(db: sqlite3.Connection, entity_id: int, contact_ids: Sequence[int]) -> dict[int, int]:
    """Return who looks after whom: contact, and the contact of their referent."""
    rows = db.execute(
        "SELECT c.id, c.referent_id FROM contact c JOIN contact r ON r.id = c.referent_id"
        " WHERE c.entity_id = ? AND c.reserved = 0 AND r.reserved = 0"
        " AND c.id IN (SELECT value FROM json_each(?))",
        (entity_id, json.dumps(list(contact_ids))),
    )
    return {row["id"]: row["referent_id"] for row in rows}


def mail_failed(db: sqlite3.Connection, entity_id: int, key: str) -> bool:
    """Tell whether a mail of the box's own, by its key, reached none of its mailboxes."""
    row = db.execute(
        "SELECT count(*) AS told, sum(r.state IN ('failed', 'expired')) AS failed FROM broadcast b"
        " JOIN recipient r ON r.broadcast_id = b.id"
        " WHERE b.entity_id = ? AND b.idempotency_key = ?",
        (entity_id, key),
    ).fetchone()
    return bool(row["told"]) and row["told"] == row["failed"]


def forget_sent(db: sqlite3.Connection, entity_id: int, key: str) -> None:
    """Take the file off the mails of past weeks: they carry names; ``key`` is this week's."""
    db.execute(
        "DELETE FROM attachment WHERE broadcast_id IN (SELECT id FROM broadcast WHERE"
        " entity_id = ? AND idempotency_key GLOB 'paper-*' AND idempotency_key != ?"
        " AND closed_at IS NOT NULL)",
        (entity_id, key),
    )
