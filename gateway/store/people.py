"""Towns, and the people a broadcast is for, as rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from gateway.heap import unsearched
from gateway.model import Address, Channel, Line
from gateway.sentences import fr, listed
from gateway.store import became, events, groups, hidden

ALL_LINES: Final = frozenset(Line)
_LINES: Final = {line.value: line for line in Line}  # quicker than asking the class
_NO_BODIES: Final[Mapping[Channel, str]] = MappingProxyType({})


class Person(NamedTuple):
    """A contact with what a broadcast needs of it: a tuple, for a town has 14,000 of them."""

    id: int | None
    name: str
    addresses: tuple[Address, ...]
    body: str | None = None  # a text of their own, in a batch
    bodies: Mapping[Channel, str] = _NO_BODIES  # texts with their own words in
    reserved: bool = False  # of the register only: named to its keepers alone
    language: str = "fr"
    other_language: bool = False  # their texts are in it, unlike everybody's
    unreadable: bool = False  # sealed, and the key of the register is not here
    referent: tuple[Address, ...] = ()  # of whoever looks after them, who have no way of their own

    def text(self, channel: Channel) -> str | None:
        """Return the text of their own by a channel, None where it is everybody's."""
        return self.body if self.body is not None else self.bodies.get(channel)


def first_entity(db: sqlite3.Connection) -> sqlite3.Row | None:
    """Return the entity this box was set up for, if `tocsin init` has run."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM entity ORDER BY id LIMIT 1").fetchone()
    return row


def ensure_entity(db: sqlite3.Connection, name: str, timezone: str, now: float) -> int:
    """Return the id of the town this box stands in, by the name its configuration has now.

    A name nobody knows is a new one for the town that was here first, the one the package made up
    included: a second town, empty, would hide all lists of the first. Recorded.
    """
    known = db.execute("SELECT id FROM entity WHERE name = ?", (name,)).fetchone()
    own = known or first_entity(db)
    if own is None:
        made = db.execute(
            "INSERT INTO entity(name, timezone, created_at) VALUES (?,?,?)", (name, timezone, now)
        )
        return int(made.lastrowid or 0)
    db.execute("UPDATE entity SET name = ?, timezone = ? WHERE id = ?", (name, timezone, own["id"]))
    if known is None:
        events.record(
            db, now, "entity.renamed", {"name": name, "before": own["name"]}, entity_id=own["id"]
        )
    return int(own["id"])


def members(
    db: sqlite3.Connection, entity_id: int, grouping_ids: Sequence[int] | None,
    lines: Collection[Line] = ALL_LINES,
) -> list[Person]:  # fmt: skip
    """Return the people of these groups (None: everybody of the town), each once, by name.

    With their endpoints of these ``lines`` only: a text to a whole town reads no landline.
    """
    where, values = "c.entity_id = :entity", {"entity": entity_id}
    if grouping_ids is not None:
        inside, more = groups.within(db, entity_id, grouping_ids)
        where, values = f"{where} AND ({inside})", {**values, **more}
    return _found(db, entity_id, where, values, lines)


def chosen(
    db: sqlite3.Connection, entity_id: int, contact_ids: Sequence[int], zones: Sequence[str],
    lines: Collection[Line] = ALL_LINES, *, register: bool,
) -> list[Person]:  # fmt: skip
    """Return those picked one by one and those of parts of the town, each once, by name.

    Those of the register are found for its keepers only (``register``).
    """
    inside, values = "c.id IN (SELECT value FROM json_each(:picked))", {
        "entity": entity_id, "picked": json.dumps(became.today(db, entity_id, contact_ids)),
        "register": register,
    }  # fmt: skip
    if zones:
        part, more = groups.of_zones(zones)
        inside, values = f"({inside} OR {part})", {**values, **more}
    where = f"c.entity_id = :entity AND (c.reserved = 0 OR :register) AND {inside}"
    return _found(db, entity_id, where, values, lines)


def referents(db: sqlite3.Connection, contact_ids: Sequence[int]) -> dict[int, tuple[Address, ...]]:
    """Return the addresses of whoever looks after each of these people, where somebody does."""
    rows = _plainly(
        db,
        "SELECT c.id, e.id, e.line, e.address FROM json_each(:wanted) wanted JOIN main.contact c"
        " ON c.id = wanted.value JOIN endpoint e ON e.contact_id = c.referent_id"
        " WHERE e.address != '' ORDER BY c.id, e.position",
        {"wanted": json.dumps(list(contact_ids))},
    )
    found: dict[int, tuple[Address, ...]] = {}
    for contact_id, endpoint_id, line, address in rows:
        known = found.get(contact_id, ())
        found[contact_id] = (*known, Address(endpoint_id, _LINES[line], address))
    return found


@unsearched()
def _found(
    db: sqlite3.Connection, entity_id: int, where: str, values: Mapping[str, object],
    lines: Collection[Line],
) -> list[Person]:  # fmt: skip
    rows = _plainly(
        db,
        "SELECT c.id, c.name, trim(c.given_name || ' ' || c.name), c.reserved, c.language"  # noqa: S608
        f" FROM contact c WHERE {where} ORDER BY c.{hidden.by_name(db, entity_id)}, c.id",
        values,
    )
    known: dict[int, list[Address]] = {row[0]: [] for row in rows}
    ways = _plainly(
        db,
        "SELECT e.contact_id, e.id, e.line, e.address FROM endpoint e WHERE e.contact_id IN"  # noqa: S608
        f" (SELECT c.id FROM contact c WHERE {where})"
        " AND e.line IN (SELECT value FROM json_each(:lines)) ORDER BY e.contact_id, e.position",
        {**values, "lines": json.dumps(list(lines))},
    )
    for contact_id, endpoint_id, line, address in ways:
        if address:  # or it cannot be read
            known[contact_id].append(Address(endpoint_id, _LINES[line], address))
    return [
        Person(
            contact_id, full, tuple(known[contact_id]), reserved=bool(reserved),
            language=language, unreadable=hidden.cannot_read(name, reserved=bool(reserved)),
        )
        for contact_id, name, full, reserved, language in rows
    ]  # fmt: skip


def _plainly(db: sqlite3.Connection, query: str, values: Mapping[str, object]) -> list[Any]:
    """Return rows as tuples: a town has tens of thousands of endpoints."""
    cursor = db.cursor()
    cursor.row_factory = None
    return cursor.execute(query, values).fetchall()


def lines(known: Sequence[Address]) -> tuple[Line, ...]:
    """Return the kinds of these addresses."""
    return tuple([address.line for address in known])


def full_name(row: sqlite3.Row) -> str:
    """Return a contact's name as it is said: given name first."""
    return " ".join(filter(None, (row["given_name"], row["name"])))


def by_address(
    db: sqlite3.Connection, entity_id: int, address: str, *, keeper: bool = True
) -> sqlite3.Row | None:
    """Return the contact (id, name, reserved) and endpoint that has this address, if any.

    Of several the first; for who is no ``keeper``, one they may see goes before the register's.
    """
    row: sqlite3.Row | None = db.execute(
        "SELECT c.id, c.name, c.given_name, c.reserved, c.language, e.id AS endpoint_id"
        " FROM endpoint e JOIN contact c ON c.id = e.contact_id"
        " WHERE e.entity_id = ? AND e.mark IN (?, register_mark(?))"
        " ORDER BY c.reserved AND NOT ?, c.id LIMIT 1",
        (entity_id, address, address, keeper),
    ).fetchone()
    return row


def place_of(db: sqlite3.Connection, contact_id: int) -> str:
    """Return where a contact lives, as one says it to whoever goes there."""
    row = db.execute(
        "SELECT number, street, complement, floor, zone, note FROM contact WHERE id = ?",
        (contact_id,),
    ).fetchone()
    if row is None:
        return ""
    street = " ".join(filter(None, (row["number"], row["street"])))
    floor = fr("étage {floor}", floor=row["floor"]) if row["floor"] else ""
    return listed(", ", filter(None, (street, row["complement"], floor, row["zone"])))
