"""PINs of the telephones that may launch, and every try of theirs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from gateway.launching import MEMORY, Event, Try
from gateway.logs import masked
from gateway.store import events


def pin_of(db: sqlite3.Connection, entity_id: int, number: str) -> str:
    """Return what a number's PIN hashes to, empty where it has none."""
    row = db.execute(
        "SELECT hash FROM launch_pin WHERE entity_id = ? AND number = ?", (entity_id, number)
    ).fetchone()
    return str(row["hash"]) if row else ""


def with_pin(db: sqlite3.Connection, entity_id: int) -> dict[str, float]:
    """Return the numbers of a town that have a PIN, and since when."""
    rows = db.execute("SELECT number, set_at FROM launch_pin WHERE entity_id = ?", (entity_id,))
    return {row["number"]: row["set_at"] for row in rows}


def set_pin(
    db: sqlite3.Connection, entity_id: int, number: str, hashed: str, by: str, now: float
) -> None:
    """Give a number its PIN, in place of the one it had; what was held against it is over."""
    db.execute(
        "INSERT INTO launch_pin(entity_id, number, hash, set_at, set_by) VALUES (?,?,?,?,?)"
        " ON CONFLICT(entity_id, number) DO UPDATE SET hash = excluded.hash,"
        " set_at = excluded.set_at, set_by = excluded.set_by",
        (entity_id, number, hashed, now, by),
    )
    note(db, entity_id, number, "page", Event.LIFTED, now, {"by": by, "new_pin": True})
    told = {"number": masked(number), "by": by}
    events.record(db, now, "launch.pin_set", told, entity_id=entity_id)


def drop_pin(db: sqlite3.Connection, entity_id: int, number: str, by: str, now: float) -> bool:
    """Take a number's PIN away; return whether it had one."""
    gone = db.execute(
        "DELETE FROM launch_pin WHERE entity_id = ? AND number = ?", (entity_id, number)
    ).rowcount
    if gone:
        told = {"number": masked(number), "by": by}
        events.record(db, now, "launch.pin_removed", told, entity_id=entity_id)
    return bool(gone)


def drop_pins_but(db: sqlite3.Connection, entity_id: int, numbers: Collection[str]) -> None:
    """Take the PINs of all numbers of a town away but these."""
    db.execute(
        "DELETE FROM launch_pin WHERE entity_id = ?"
        " AND number NOT IN (SELECT value FROM json_each(?))",
        (entity_id, json.dumps(sorted(numbers))),
    )


def of_number(db: sqlite3.Connection, number: str, now: float) -> list[Try]:
    """Return what is written down of a number lately, in whatever town, the oldest first."""
    rows = db.execute(
        "SELECT what, at FROM launch_try WHERE number = ? AND at > ? ORDER BY id",
        (number, now - MEMORY),
    )
    return [Try(Event(row["what"]), row["at"]) for row in rows]


def of_town(db: sqlite3.Connection, entity_id: int, since: float) -> list[Try]:
    """Return what is written down of all numbers of a town since then."""
    rows = db.execute(
        "SELECT what, at FROM launch_try WHERE entity_id = ? AND at > ? ORDER BY id",
        (entity_id, since),
    )
    return [Try(Event(row["what"]), row["at"]) for row in rows]


def note(
    db: sqlite3.Connection, entity_id: int, number: str, door: str, what: Event, now: float,
    more: dict[str, object] | None = None,
) -> int:  # fmt: skip
    """Write something down of a number, also in the chain of events; return its own number."""
    db.execute("DELETE FROM launch_try WHERE at < ?", (now - 2 * MEMORY,))
    cursor = db.execute(
        "INSERT INTO launch_try(entity_id, number, at, door, what) VALUES (?,?,?,?,?)",
        (entity_id, number, now, door, what),
    )
    if what not in {Event.PENDING, Event.ANSWERED}:
        told = {"number": masked(number), "door": door, **(more or {})}
        events.record(db, now, f"launch.{what}", told, entity_id=entity_id)
    return int(cursor.lastrowid or 0)


def settle(db: sqlite3.Connection, one: int, what: Event, now: float) -> None:
    """Write down whether the PIN of a try was right."""
    row = db.execute(
        "UPDATE launch_try SET what = ? WHERE id = ? RETURNING entity_id, number, door",
        (what, one),
    ).fetchall()[0]
    told = {"number": masked(row["number"]), "door": row["door"]}
    events.record(db, now, f"launch.{what}", told, entity_id=row["entity_id"])
