"""What came in for a town, forgotten when that town has kept it long enough: no other's goes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.assembly import TOGETHER

#: Rows deleted in one transaction.
SLICE: Final = 200

#: What is somebody's: table, and when it came in.
_OF_A_TOWN: Final = (
    ("incoming_call", "at"), ("mail_in", "received_at"), ("warning", "at"),
    ("launch_dialogue", "began_at"),
)  # fmt: skip
_OURS: Final = "(entity_id = :town OR (:own AND entity_id IS NULL))"

_RETURNS: Final = """SELECT m.id FROM mail_return m LEFT JOIN job j ON j.id = m.job_id
  WHERE m.at < :before AND (j.entity_id = :town OR (:own AND j.entity_id IS NULL)) LIMIT :slice"""

#: Parts of SMS that belong to messages: the first bears the message's number, the others share
#: their reference with it (3GPP TS 23.040, 9.2.3.24.1).
_PARTS: Final = """SELECT r.id FROM received_sms r
    WHERE r.id IN (SELECT value FROM json_each(:messages))
  UNION SELECT r.id FROM received_sms f JOIN received_sms r ON r.sim = f.sim
    AND r.sender = f.sender AND r.reference = f.reference AND r.total = f.total
    AND r.received_at BETWEEN f.received_at - :together AND f.received_at + :together
    WHERE f.total > 1 AND f.id IN (SELECT value FROM json_each(:messages))"""

#: What no message is made of, or none that is still kept: the town of the box has it.
_STRAYS: Final = """SELECT r.id FROM received_sms r WHERE r.received_at < :before
  AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.id = r.id)
  AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.number = r.sender
    AND i.at BETWEEN r.received_at - :together AND r.received_at + :together) LIMIT :slice"""


def forget(db: sqlite3.Connection, entity_id: int, before: float, *, own: bool) -> bool:
    """Delete the next SMS, calls and mails a town had before then; return if there are more.

    What is nobody's goes with those of the box's ``own`` town.
    """
    values = {"town": entity_id, "own": own, "before": before, "slice": SLICE}
    gone = [
        db.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {column} < :before"  # noqa: S608
            f" AND {_OURS} LIMIT :slice)",
            values,
        ).rowcount
        for table, column in _OF_A_TOWN
    ]
    gone.append(db.execute(f"DELETE FROM mail_return WHERE id IN ({_RETURNS})", values).rowcount)  # noqa: S608
    gone.append(_forget_messages(db, values))
    if own:
        strays = db.execute(_STRAYS, {**values, "together": TOGETHER}).fetchall()
        _forget_parts(db, strays)
        gone.append(len(strays))
    return SLICE in gone


def _forget_messages(db: sqlite3.Connection, values: Mapping[str, object]) -> int:
    rows = db.execute(
        f"SELECT id FROM inbox WHERE at < :before AND {_OURS} ORDER BY at LIMIT :slice",  # noqa: S608
        values,
    ).fetchall()
    numbers = json.dumps([row["id"] for row in rows])
    parts = db.execute(_PARTS, {"messages": numbers, "together": TOGETHER}).fetchall()
    _forget_parts(db, parts)
    db.execute("DELETE FROM inbox WHERE id IN (SELECT value FROM json_each(?))", (numbers,))
    return len(rows)


def _forget_parts(db: sqlite3.Connection, parts: Sequence[sqlite3.Row]) -> None:
    """Delete parts of SMS with what the chain said of their coming in; the chain stays whole."""
    if not parts:
        return
    numbers = {"parts": json.dumps([row["id"] for row in parts])}
    some = "FROM received_sms WHERE id IN (SELECT value FROM json_each(:parts))"
    db.execute(
        "UPDATE event SET payload = NULL, salt = NULL WHERE kind = 'sms.received'"  # noqa: S608
        f" AND payload IS NOT NULL AND at IN (SELECT received_at {some})"
        f" AND payload ->> '$.sender' IN (SELECT sender {some})",
        numbers,
    )
    db.execute(f"DELETE {some}", numbers)
