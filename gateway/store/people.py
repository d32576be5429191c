"""Contacts, their endpoints and their groups, as rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.model import Address, Channel, Line


@dataclass(frozen=True, slots=True)
class Person:
    """A contact with what a broadcast needs of it."""

    id: int | None
    name: str
    addresses: tuple[Address, ...]
    body: str | None = None  # a text of their own, in a batch
    bodies: Mapping[Channel, str] = field(default_factory=dict)  # texts with their own words in


def first_entity(db: sqlite3.Connection) -> sqlite3.Row | None:
    """Return the entity this box was set up for, if `tocsin init` has run."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM entity ORDER BY id LIMIT 1").fetchone()
    return row


def ensure_entity(db: sqlite3.Connection, name: str, timezone: str, now: float) -> int:
    """Return the id of the town of this name, created if it was not there."""
    db.execute(
        "INSERT INTO entity(name, timezone, created_at) VALUES (?,?,?)"
        " ON CONFLICT(name) DO UPDATE SET timezone = excluded.timezone",
        (name, timezone, now),
    )
    row = db.execute("SELECT id FROM entity WHERE name = ?", (name,)).fetchone()
    return int(row["id"])


def ensure_group(
    db: sqlite3.Connection, entity_id: int, name: str, purpose: str, now: float
) -> int:
    """Return the id of the group of this name, created if it was not there."""
    db.execute(
        "INSERT INTO grouping(entity_id, name, purpose, created_at) VALUES (?,?,?,?)"
        " ON CONFLICT DO NOTHING",
        (entity_id, name, purpose, now),
    )
    row = db.execute(
        "SELECT id FROM grouping WHERE entity_id = ? AND name = ?", (entity_id, name)
    ).fetchone()
    return int(row["id"])


def groups(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return the town's groups with their size and how many each kind of line reaches."""
    return db.execute(
        """SELECT g.id, g.name, g.purpose, g.any_sim, g.hours,
             count(DISTINCT m.contact_id) AS people,
             count(DISTINCT CASE WHEN e.line = 'mobile' THEN m.contact_id END) AS mobile,
             count(DISTINCT CASE WHEN e.line IN ('mobile', 'landline') THEN m.contact_id END)
               AS phone,
             count(DISTINCT CASE WHEN e.line = 'email' THEN m.contact_id END) AS email
           FROM grouping g LEFT JOIN membership m ON m.grouping_id = g.id
           LEFT JOIN endpoint e ON e.contact_id = m.contact_id
           WHERE g.entity_id = ? GROUP BY g.id ORDER BY g.name""",
        (entity_id,),
    ).fetchall()


def allow_group(db: sqlite3.Connection, entity_id: int, grouping_id: int, any_sim: bool) -> bool:
    """Let SIMs of the ordinary regime serve a group, or no more; return whether it is there."""
    changed = db.execute(
        "UPDATE grouping SET any_sim = ? WHERE entity_id = ? AND id = ?",
        (any_sim, entity_id, grouping_id),
    )
    return changed.rowcount > 0


def group_ids(db: sqlite3.Connection, entity_id: int, names: Sequence[str]) -> dict[str, int]:
    """Return the ids of those of ``names`` that exist, by the name as given."""
    known = {
        str(row["name"]).casefold(): int(row["id"])
        for row in db.execute("SELECT id, name FROM grouping WHERE entity_id = ?", (entity_id,))
    }
    return {name: known[name.casefold()] for name in names if name.casefold() in known}


def members(
    db: sqlite3.Connection, entity_id: int, grouping_ids: Sequence[int] | None
) -> list[Person]:
    """Return the people of these groups (None: everybody of the town), each once, by name."""
    where, values = "c.entity_id = ?", [entity_id]
    if grouping_ids is not None:
        marks = ",".join("?" * len(grouping_ids))
        where += (
            f" AND c.id IN (SELECT m.contact_id FROM membership m JOIN grouping g"  # noqa: S608
            f" ON g.id = m.grouping_id WHERE g.entity_id = ? AND g.id IN ({marks}))"
        )
        values += [entity_id, *grouping_ids]
    rows = db.execute(
        f"SELECT c.id, c.name, c.given_name, e.id AS endpoint_id, e.line, e.address"  # noqa: S608
        f" FROM contact c LEFT JOIN endpoint e ON e.contact_id = c.id WHERE {where}"
        " ORDER BY c.name, c.given_name, c.id, e.position",
        values,
    )
    people: dict[int, tuple[str, list[Address]]] = {}
    for row in rows:
        name = " ".join(filter(None, (row["given_name"], row["name"])))
        _, known = people.setdefault(row["id"], (name, []))
        if row["endpoint_id"] is not None:
            known.append(Address(row["endpoint_id"], Line(row["line"]), row["address"]))
    return [Person(number, name, tuple(known)) for number, (name, known) in people.items()]


def by_address(db: sqlite3.Connection, entity_id: int, address: str) -> sqlite3.Row | None:
    """Return the contact (id, name) and endpoint that has this address, if any."""
    row: sqlite3.Row | None = db.execute(
        "SELECT c.id, c.name, c.given_name, e.id AS endpoint_id FROM endpoint e"
        " JOIN contact c ON c.id = e.contact_id WHERE e.entity_id = ? AND e.address = ?"
        " ORDER BY c.id LIMIT 1",
        (entity_id, address),
    ).fetchone()
    return row


def search(
    db: sqlite3.Connection,
    entity_id: int,
    *,
    grouping_id: int | None,
    text: str,
    limit: int,
    offset: int,
) -> tuple[list[sqlite3.Row], int]:
    """Return one page of contacts and how many there are in all."""
    where, values = "c.entity_id = :entity", {"entity": entity_id, "like": f"%{text}%"}
    if grouping_id is not None:
        where += " AND c.id IN (SELECT contact_id FROM membership WHERE grouping_id = :grouping)"
        values["grouping"] = grouping_id
    if text:
        where += (
            " AND (c.name LIKE :like OR c.given_name LIKE :like OR c.street LIKE :like"
            " OR c.id IN (SELECT contact_id FROM endpoint WHERE address LIKE :like))"
        )
    total = db.execute(f"SELECT count(*) FROM contact c WHERE {where}", values)  # noqa: S608
    rows = db.execute(
        f"SELECT c.* FROM contact c WHERE {where}"  # noqa: S608
        " ORDER BY c.name, c.given_name, c.id LIMIT :limit OFFSET :offset",
        {**values, "limit": limit, "offset": offset},
    ).fetchall()
    return rows, int(total.fetchone()[0])


def endpoints_of(db: sqlite3.Connection, contact_id: int) -> list[sqlite3.Row]:
    """Return a contact's endpoints in their order."""
    return db.execute(
        "SELECT * FROM endpoint WHERE contact_id = ? ORDER BY position", (contact_id,)
    ).fetchall()


def groups_of(db: sqlite3.Connection, contact_id: int) -> list[str]:
    """Return the names of a contact's groups."""
    rows = db.execute(
        "SELECT g.name FROM membership m JOIN grouping g ON g.id = m.grouping_id"
        " WHERE m.contact_id = ? ORDER BY g.name",
        (contact_id,),
    )
    return [str(row["name"]) for row in rows]


_DETAILS = ("honorific", "number", "street", "complement", "floor", "postcode", "city", "zone",
            "note")  # fmt: skip


def same_contact(
    db: sqlite3.Connection, entity_id: int, name: str, given_name: str, street: str
) -> int | None:
    """Return the contact that an import line means, by name and street."""
    row = db.execute(
        "SELECT id FROM contact WHERE entity_id = ? AND name = ? COLLATE NOCASE"
        " AND given_name = ? COLLATE NOCASE AND street = ? COLLATE NOCASE",
        (entity_id, name, given_name, street),
    ).fetchone()
    return int(row["id"]) if row else None


def add_contact(
    db: sqlite3.Connection,
    entity_id: int,
    name: str,
    given_name: str,
    details: dict[str, str],
    now: float,
) -> int:
    """Insert a contact; ``details`` may hold the keys of its address, zone and note."""
    columns = [key for key in _DETAILS if details.get(key)]
    extra = "".join(f", {column}" for column in columns)
    marks = ",?" * len(columns)
    cursor = db.execute(
        f"INSERT INTO contact(entity_id, name, given_name, created_at, updated_at{extra})"  # noqa: S608
        f" VALUES (?,?,?,?,?{marks})",
        (entity_id, name, given_name, now, now, *(details[column] for column in columns)),
    )
    return int(cursor.lastrowid or 0)


def add_endpoint(
    db: sqlite3.Connection, entity_id: int, contact_id: int, line: Line, address: str, warning: str
) -> bool:
    """Add an endpoint after those the contact has; return whether it was new."""
    cursor = db.execute(
        "INSERT INTO endpoint(contact_id, entity_id, position, line, address, warning)"
        " SELECT ?, ?, coalesce(max(position), 0) + 1, ?, ?, ? FROM endpoint WHERE contact_id = ?"
        " ON CONFLICT DO NOTHING",
        (contact_id, entity_id, line, address, warning, contact_id),
    )
    return cursor.rowcount > 0


def join_group(db: sqlite3.Connection, grouping_id: int, contact_id: int) -> None:
    """Put a contact into a group, once."""
    db.execute(
        "INSERT INTO membership(grouping_id, contact_id) VALUES (?,?) ON CONFLICT DO NOTHING",
        (grouping_id, contact_id),
    )
