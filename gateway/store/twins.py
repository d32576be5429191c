"""Contacts that are perhaps the same: found, merged, or known to be different people."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway.french import folded
from gateway.store import contacts, events, hidden

#: Pairs shown at once; the next come when these are settled.
_MOST: Final = 50


def pairs(db: sqlite3.Connection, entity_id: int, *, register: bool) -> list[sqlite3.Row]:
    """Return pairs that share a number, or name and street: (one, other, why, shared).

    Sealed people bear marks, equal where they share; those of them who share with somebody in clear
    are opened first.
    """
    values = {"entity": entity_id, "register": register, "most": _MOST}
    return db.execute(
        """SELECT * FROM (
             SELECT a.contact_id AS one, b.contact_id AS other, 'address' AS why,
               a.address AS shared FROM endpoint a JOIN endpoint b ON b.entity_id = a.entity_id
               AND b.mark = a.mark AND b.contact_id > a.contact_id
             WHERE a.entity_id = :entity
             UNION ALL
             SELECT a.id, b.id, 'name', a.street FROM contact a JOIN contact b
               ON b.entity_id = a.entity_id AND b.sort_name = a.sort_name AND b.id > a.id
               AND (b.street = a.street COLLATE NOCASE OR b.street = '' OR a.street = '')
             WHERE a.entity_id = :entity
             UNION ALL
             SELECT min(s.contact_id, b.contact_id), max(s.contact_id, b.contact_id), 'address',
               b.address FROM main.endpoint s JOIN main.endpoint b ON b.entity_id = s.entity_id
               AND b.address = register_field('endpoint', s.id, s.sealed, 'address')
             WHERE s.entity_id = :entity AND s.sealed IS NOT NULL
             UNION ALL
             SELECT min(s.id, b.id), max(s.id, b.id), 'name', b.street FROM main.contact s
               JOIN main.contact b ON b.entity_id = s.entity_id
               AND b.sort_name = register_field('contact', s.id, s.sealed, 'sort_name')
               AND (b.street = '' OR register_field('contact', s.id, s.sealed, 'street') = ''
                 OR register_field('contact', s.id, s.sealed, 'street') = b.street COLLATE NOCASE)
             WHERE s.entity_id = :entity AND s.sealed IS NOT NULL)
           WHERE NOT EXISTS (SELECT 1 FROM not_the_same n WHERE n.one_id = one
               AND n.other_id = other)
             AND (SELECT max(reserved) FROM contact WHERE id IN (one, other)) <= :register
           GROUP BY one, other ORDER BY one, other LIMIT :most""",
        values,
    ).fetchall()


def bearing(
    db: sqlite3.Connection, entity_id: int, address: str, *, register: bool
) -> sqlite3.Row | None:
    """Return a contact that has this address, of those of the register only if asked."""
    row: sqlite3.Row | None = db.execute(
        "SELECT c.id, c.name, c.given_name FROM endpoint e JOIN contact c ON c.id = e.contact_id"
        " WHERE e.entity_id = ? AND e.mark IN (?, register_mark(?)) AND c.reserved <= ?"
        " ORDER BY c.id LIMIT 1",
        (entity_id, address, address, register),
    ).fetchone()
    return row


def keep_apart(
    db: sqlite3.Connection, entity_id: int, one: int, other: int, by: str, now: float
) -> None:
    """Write down that two contacts are two people."""
    db.execute(
        "INSERT INTO not_the_same(one_id, other_id) VALUES (?,?) ON CONFLICT DO NOTHING",
        (min(one, other), max(one, other)),
    )
    told = {"contact": one, "other": other, "by": by}
    events.record(db, now, "contact.kept_apart", told, entity_id=entity_id)


#: What names a contact elsewhere, and takes the other's place.
_MOVED: Final = (
    "UPDATE recipient SET contact_id = :kept WHERE contact_id = :gone",
    "UPDATE duty SET contact_id = :kept WHERE contact_id = :gone",
    "UPDATE council_member SET contact_id = :kept WHERE contact_id = :gone",
    "UPDATE OR IGNORE round_person SET contact_id = :kept WHERE contact_id = :gone",
    "UPDATE OR IGNORE round_entry SET contact_id = :kept WHERE contact_id = :gone",
    "UPDATE main.contact SET referent_id = :kept WHERE referent_id = :gone AND id != :kept",
    "UPDATE main.contact SET referent_id = NULL WHERE referent_id = :gone",  # nobody is their own
    "UPDATE OR IGNORE referent_gone SET contact_id = :kept WHERE contact_id = :gone",
    (
        "INSERT INTO membership(grouping_id, contact_id) SELECT grouping_id, :kept FROM membership"
        " WHERE contact_id = :gone ON CONFLICT DO NOTHING"
    ),
    (
        "INSERT INTO contact_tag(contact_id, tag) SELECT :kept, tag FROM contact_tag"
        " WHERE contact_id = :gone ON CONFLICT DO NOTHING"
    ),
    "UPDATE main.contact_change SET contact_id = :kept WHERE contact_id = :gone",
)


#: Where somebody lives: of two houses one is kept whole, never the number of one in the other.
_HOUSE: Final = ("number", "street", "complement", "floor", "postcode", "city", "zone")
#: What two cards may say differently.
COMPARED: Final = ("name", "given_name", *contacts.DETAILS, "referent_id")
_BETWEEN_NOTES: Final = " ; "


def merge(
    db: sqlite3.Connection, entity_id: int, kept: int, gone: int, by: str, now: float
) -> None:
    """Make one contact of two: what the first lacks comes from the second, which goes.

    Their notes are joined; what else the second said otherwise stands in the history of the first.
    """
    first, second = (
        db.execute("SELECT * FROM contact WHERE id = ?", (number,)).fetchone()
        for number in (kept, gone)
    )
    if hidden.hides(db, kept) or hidden.hides(db, gone):
        hidden.require(db)
    filled = _filled(first, second)
    left = {
        key: [first[key], second[key]]
        for key in COMPARED
        if second[key] and second[key] != first[key] and key not in filled
        and not _is_own_referent(key, second, kept)
    }  # fmt: skip
    left |= _merge_endpoints(db, entity_id, kept, gone)
    for statement in _MOVED:
        db.execute(statement, {"kept": kept, "gone": gone})
    contacts.change(db, kept, filled, by, now)
    name = " ".join(filter(None, (second["given_name"], second["name"])))
    contacts.note(db, kept, {"merged": name, **({"left": left} if left else {})}, by, now)
    db.execute("DELETE FROM main.contact WHERE id = ?", (gone,))
    events.record(
        db, now, "contact.merged", {"kept": kept, "gone": gone, "by": by}, entity_id=entity_id
    )


def _filled(first: sqlite3.Row, second: sqlite3.Row) -> dict[str, object]:
    """Return what the first of two cards takes over from the second."""
    moved = first["street"] and second["street"] and _differ(first["street"], second["street"])
    found = {
        key: second[key]
        for key in ("given_name", *contacts.DETAILS, "referent_id")
        if not first[key] and second[key] and not _is_own_referent(key, second, first["id"])
        and not (moved and key in _HOUSE)
    }  # fmt: skip
    if first["note"] and second["note"]:
        found["note"] = _joined(first["note"], second["note"])
    return found


def _is_own_referent(key: str, second: sqlite3.Row, kept: int) -> bool:
    """Tell whether this is the second's referent, and the first itself: nobody is their own."""
    return key == "referent_id" and bool(second[key] == kept)


def _joined(one: str, other: str) -> str:
    if other in one:
        return one
    return other if one in other else f"{one}{_BETWEEN_NOTES}{other}"


def _differ(one: str, other: str) -> bool:
    return folded(one) != folded(other)


def _merge_endpoints(
    db: sqlite3.Connection, entity_id: int, kept: int, gone: int
) -> dict[str, list[str]]:
    """Give a card the ways to reach of another; return the names of numbers that are lost."""
    named = {row["address"]: row["label"] for row in contacts.endpoints(db, kept)}
    lost: dict[str, list[str]] = {}
    for row in contacts.endpoints(db, gone):
        address, label = row["address"], row["label"]
        contacts.add_endpoint(db, entity_id, kept, row["line"], address, row["warning"], label)
        before = named.get(address, label)
        if label and not before:
            contacts.label_endpoint(db, kept, address, label)
        elif label not in ("", before):
            lost[address] = [before, label]
    return lost
