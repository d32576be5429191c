"""The daily round on the disk: who is in it, each person's day, and what is forgotten."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.model import Purpose
from gateway.rounds import KIND
from gateway.store import events, groups, people
from gateway.store.people import Person


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the register as the round sees them; ``minutes`` None: the town's hour."""

    person: Person
    card: sqlite3.Row
    minutes: int | None
    way: str
    out_why: str
    since: float  # their card or hour was last changed then: an hour before it is not missed


_CARDS: Final = """SELECT c.*, p.minutes, coalesce(p.way, 'voice') AS way,
    coalesce(p.out_why, '') AS out_why, coalesce(p.changed_at, 0) AS set_at,
    trim(f.given_name || ' ' || f.name) AS referent,
    (SELECT e.address FROM endpoint e WHERE e.contact_id = c.referent_id AND e.line != 'email'
      ORDER BY e.position LIMIT 1) AS referent_phone
  FROM contact c LEFT JOIN round_person p ON p.contact_id = c.id
  LEFT JOIN contact f ON f.id = c.referent_id
  WHERE c.id IN (SELECT value FROM json_each(?))"""


def towns(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return every town with what it set of its round, as JSON."""
    return db.execute(
        "SELECT e.id, e.name, e.timezone, s.value FROM entity e JOIN setting s ON s.id ="
        " (SELECT max(id) FROM setting WHERE entity_id = e.id AND key = 'round') ORDER BY e.id"
    ).fetchall()


def members(db: sqlite3.Connection, entity_id: int) -> list[Member]:
    """Return the people of the register, by name; to a broadcast none of them has one."""
    registers = [
        row["id"] for row in groups.named(db, entity_id) if row["purpose"] == Purpose.VULNERABLE
    ]
    known = people.members(db, entity_id, registers)
    rows = db.execute(_CARDS, (json.dumps([one.id for one in known]),)).fetchall()
    cards = {row["id"]: row for row in rows}
    return [
        Member(
            one._replace(reserved=True), card, card["minutes"], card["way"], card["out_why"],
            max(card["set_at"], card["updated_at"]),
        )
        for one in known if (card := cards[one.id or 0]) is not None
    ]  # fmt: skip


def any_sim(db: sqlite3.Connection, entity_id: int) -> bool:
    """Tell whether a SIM of the ordinary regime may carry the round: its groups are named."""
    return all(
        row["any_sim"] for row in groups.named(db, entity_id)
        if row["purpose"] == Purpose.VULNERABLE
    )  # fmt: skip


def set_person(
    db: sqlite3.Connection, entity_id: int, contact_id: int, minutes: int | None, way: str,
    out_why: str, by: str, now: float,
) -> None:  # fmt: skip
    """Give somebody an hour and a way of their own, or leave them out with why."""
    db.execute(
        "INSERT OR REPLACE INTO round_person VALUES (?,?,?,?,?,?,?)",
        (contact_id, entity_id, minutes, way, out_why, now, by),
    )
    told = {"contact": contact_id, "minutes": minutes, "way": way, "out": bool(out_why), "by": by}
    events.record(db, now, "round.person_set", told, entity_id=entity_id)


def begun(db: sqlite3.Connection, entity_id: int, day: str) -> set[int]:
    """Return the contacts whose round of that day has begun, or was missed."""
    rows = db.execute(
        "SELECT contact_id FROM round_entry WHERE entity_id = ? AND day = ?", (entity_id, day)
    )
    return {int(row["contact_id"]) for row in rows}


@dataclass(frozen=True, slots=True)
class NewEntry:
    """One person's day, before it is kept; ``pause`` in seconds."""

    entity_id: int
    day: str
    contact_id: int
    minutes: int
    due_at: float
    pause: float
    recipient_id: int | None = None
    missed: str = ""


def add(db: sqlite3.Connection, new: NewEntry, now: float) -> None:
    """Keep one person's day; once."""
    made = db.execute(
        "INSERT OR IGNORE INTO round_entry(entity_id, day, contact_id, minutes, due_at, began_at,"
        " pause, recipient_id, missed) VALUES (?,?,?,?,?,?,?,?,?)",
        (new.entity_id, new.day, new.contact_id, new.minutes, new.due_at, now, new.pause,
         new.recipient_id, new.missed),
    ).rowcount  # fmt: skip
    if made and new.missed:
        told = {"contact": new.contact_id, "day": new.day, "why": new.missed}
        events.record(db, now, "round.missed", told, entity_id=new.entity_id)


def recipients(db: sqlite3.Connection, broadcast_id: int) -> Mapping[int, sqlite3.Row]:
    """Return the recipients of a broadcast by contact."""
    rows = db.execute(
        "SELECT id, contact_id, state, reason FROM recipient WHERE broadcast_id = ?",
        (broadcast_id,),
    )
    return {int(row["contact_id"]): row for row in rows if row["contact_id"] is not None}


_ENTRIES: Final = """SELECT n.*, c.honorific, c.given_name, c.name, c.clear_name, c.note,
    c.help_first, (SELECT e.address FROM endpoint e WHERE e.contact_id = c.id
      AND e.line != 'email' ORDER BY e.line != 'landline', e.position LIMIT 1) AS telephone,
    r.broadcast_id, r.told_at AS met_at, r.told_by AS met_by,
    trim(f.given_name || ' ' || f.name) AS referent,
    (SELECT e.address FROM endpoint e WHERE e.contact_id = c.referent_id AND e.line != 'email'
      ORDER BY e.position LIMIT 1) AS referent_phone
  FROM round_entry n JOIN contact c ON c.id = n.contact_id
  LEFT JOIN contact f ON f.id = c.referent_id LEFT JOIN recipient r ON r.id = n.recipient_id
  WHERE n.entity_id = ?"""


def of_day(db: sqlite3.Connection, entity_id: int, day: str) -> list[sqlite3.Row]:
    """Return everybody of a day's round, by hour and name."""
    return db.execute(
        f"{_ENTRIES} AND n.day = ? ORDER BY n.minutes, c.clear_name, c.id", (entity_id, day)
    ).fetchall()


def unlisted(db: sqlite3.Connection, entity_id: int, since: str) -> list[sqlite3.Row]:
    """Return whoever, since a day, is neither well nor on the list."""
    return db.execute(
        f"{_ENTRIES} AND n.day >= ? AND n.listed_at IS NULL AND n.seen_at IS NULL"
        " AND n.word != 'well' AND r.told_at IS NULL ORDER BY n.id",
        (entity_id, since),
    ).fetchall()


def put_on_list(db: sqlite3.Connection, ids: Sequence[int], now: float) -> int:
    """Put people on the list for the social worker; return how many were not on it."""
    return db.execute(
        "UPDATE round_entry SET listed_at = ? WHERE listed_at IS NULL"
        " AND id IN (SELECT value FROM json_each(?))",
        (now, json.dumps(list(ids))),
    ).rowcount


def untold(db: sqlite3.Connection, entity_id: int, since: str) -> list[sqlite3.Row]:
    """Return whoever is on the list and of whom the social worker was not told by SMS."""
    return db.execute(
        f"{_ENTRIES} AND n.day >= ? AND n.listed_at IS NOT NULL AND n.told_at IS NULL"
        " ORDER BY n.id",
        (entity_id, since),
    ).fetchall()


def told_last(db: sqlite3.Connection, entity_id: int) -> float:
    """Return when the social worker was last told, 0 for never."""
    row = db.execute(
        "SELECT max(told_at) AS at FROM round_entry WHERE entity_id = ?", (entity_id,)
    ).fetchone()
    return float(row["at"] or 0.0)


def told(db: sqlite3.Connection, ids: Sequence[int], now: float) -> None:
    """Write down that the social worker was told of these."""
    db.execute(
        "UPDATE round_entry SET told_at = ? WHERE id IN (SELECT value FROM json_each(?))",
        (now, json.dumps(list(ids))),
    )


def entry(db: sqlite3.Connection, entity_id: int, entry_id: int) -> sqlite3.Row | None:
    """Return one person's day, if it is this town's."""
    row: sqlite3.Row | None = db.execute(
        f"{_ENTRIES} AND n.id = ?", (entity_id, entry_id)
    ).fetchone()
    return row


def see(db: sqlite3.Connection, entity_id: int, entry_id: int, by: str, now: float) -> bool:
    """Write down who found somebody well, and when; return whether that is new."""
    changed = db.execute(
        "UPDATE round_entry SET seen_at = ?, seen_by = ? WHERE id = ? AND seen_at IS NULL",
        (now, by, entry_id),
    ).rowcount
    if changed:
        events.record(db, now, "round.seen", {"entry": entry_id, "by": by}, entity_id=entity_id)
    return changed > 0


def days(db: sqlite3.Connection, entity_id: int, before: str) -> list[str]:
    """Return the days before one on which there was a round, the last first."""
    rows = db.execute(
        "SELECT DISTINCT day FROM round_entry WHERE entity_id = ? AND day < ? ORDER BY day DESC"
        " LIMIT 400",
        (entity_id, before),
    )
    return [str(row["day"]) for row in rows]


# --- forgetting -----------------------------------------------------------------------------


def next_to_forget(db: sqlite3.Connection, entity_id: int, before: float) -> int | None:
    """Return a round's message that began before then and still knows whom it was for."""
    row = db.execute(
        "SELECT id FROM broadcast WHERE entity_id = ? AND kind = ? AND forgotten_at IS NULL"
        " AND closed_at IS NOT NULL AND created_at < ? ORDER BY id LIMIT 1",
        (entity_id, KIND, before),
    ).fetchone()
    return int(row["id"]) if row else None


def forget(db: sqlite3.Connection, entity_id: int, before: float, limit: int) -> bool:
    """Delete the next days of people from before then; return whether there are more."""
    gone = db.execute(
        "DELETE FROM round_entry WHERE id IN (SELECT id FROM round_entry WHERE entity_id = ?"
        " AND due_at < ? LIMIT ?)",
        (entity_id, before, limit),
    ).rowcount
    return gone == limit
