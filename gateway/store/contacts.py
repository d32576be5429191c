"""Contacts as rows: added, changed, listed, searched. Whoever lists says what they may see.

``register`` is true for a keeper of the register of vulnerable people; for everybody else those who
are in no other group do not exist.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.french import folded
from gateway.model import Line
from gateway.store import became, groups, hidden

#: The columns of a contact that a list or a form fills in.
DETAILS: Final = ("honorific", "number", "street", "complement", "floor", "postcode", "city",
                  "zone", "note", "language", "help_first", "kind")  # fmt: skip
_WHOLE: Final = {"help_first": int}


def add(
    db: sqlite3.Connection, entity_id: int, name: str, given_name: str,
    details: Mapping[str, str], now: float, *, reserved: bool = False,
) -> int:  # fmt: skip
    """Insert a contact; ``details`` may hold the keys of `DETAILS`.

    One who is about to be of the register only (``reserved``) is never written in clear.
    """
    kept = {key: _WHOLE.get(key, str)(details[key]) for key in DETAILS if details.get(key)}
    values = {
        "id": became.fresh(db), "entity_id": entity_id, "name": name, "given_name": given_name,
        "sort_name": folded(f"{name} {given_name}"), "created_at": now, "updated_at": now,
        "reserved": int(reserved), **kept,
    }  # fmt: skip
    return hidden.insert(db, "contact", values, hidden=reserved and hidden.made(db))


def change(
    db: sqlite3.Connection, contact_id: int, values: Mapping[str, object], by: str, now: float, *,
    noted: bool = True,
) -> dict[str, tuple[object, object]]:  # fmt: skip
    """Write what differs, and who changed it; return it as (before, after) by column."""
    row = db.execute("SELECT * FROM contact WHERE id = ?", (contact_id,)).fetchone()
    differing = {key: (row[key], new) for key, new in values.items() if row[key] != new}
    if not differing:
        return {}
    now_named = {key: values.get(key, row[key]) for key in ("name", "given_name")}
    written = {
        **{key: new for key, (_, new) in differing.items()},
        "sort_name": folded(f"{now_named['name']} {now_named['given_name']}"), "updated_at": now,
    }  # fmt: skip
    hidden.update(db, "contact", contact_id, written)
    if noted:
        note(db, contact_id, {key: list(pair) for key, pair in differing.items()}, by, now)
    return differing


def note(
    db: sqlite3.Connection, contact_id: int, what: Mapping[str, object], by: str, now: float
) -> None:
    """Write down who changed what of a contact."""
    said = json.dumps(what, ensure_ascii=False)
    values = {"contact_id": contact_id, "at": now, "by": by, "what": said}
    hidden.insert(db, "contact_change", values, hidden=hidden.hides(db, contact_id))


def get(
    db: sqlite3.Connection, entity_id: int, contact_id: int, *, register: bool
) -> sqlite3.Row | None:
    """Return a contact of this town, None for one that whoever asks may not see."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM contact WHERE id = ? AND entity_id = ? AND reserved <= ?",
        (contact_id, entity_id, register),
    ).fetchone()
    return row


def row(db: sqlite3.Connection, contact_id: int) -> sqlite3.Row:
    """Return a contact that is known to be there."""
    found: sqlite3.Row = db.execute("SELECT * FROM contact WHERE id = ?", (contact_id,)).fetchone()
    return found


def add_endpoint(
    db: sqlite3.Connection, entity_id: int, contact_id: int, line: Line, address: str,
    warning: str = "", label: str = "",
) -> bool:  # fmt: skip
    """Add an endpoint after those the contact has; return whether it was new."""
    last, known = db.execute(
        "SELECT coalesce(max(position), 0), coalesce(max(mark IN (:a, register_mark(:a))), 0)"
        " FROM endpoint WHERE contact_id = :id",
        {"a": address, "id": contact_id},
    ).fetchone()
    if known:
        return False
    values = {
        "contact_id": contact_id, "entity_id": entity_id, "position": last + 1, "line": line,
        "address": address, "warning": warning, "label": label,
    }  # fmt: skip
    hidden.insert(db, "endpoint", values, hidden=hidden.hides(db, contact_id))
    return True


def endpoints(db: sqlite3.Connection, contact_id: int) -> list[sqlite3.Row]:
    """Return a contact's endpoints in their order."""
    return endpoints_of(db, [contact_id])[contact_id]


def endpoints_of(
    db: sqlite3.Connection, contact_ids: Sequence[int]
) -> dict[int, list[sqlite3.Row]]:
    """Return the endpoints of these contacts in their order, by contact."""
    found: dict[int, list[sqlite3.Row]] = {number: [] for number in contact_ids}
    for row in db.execute(
        "SELECT * FROM endpoint WHERE contact_id IN (SELECT value FROM json_each(?))"
        " ORDER BY contact_id, position",
        (json.dumps(list(contact_ids)),),
    ):
        found[row["contact_id"]].append(row)
    return found


def order_endpoints(db: sqlite3.Connection, contact_id: int, ids: Sequence[int]) -> None:
    """Put a contact's endpoints into this order; those not named come after, as they were."""
    rest = [row["id"] for row in endpoints(db, contact_id) if row["id"] not in ids]
    for position, number in enumerate([*ids, *rest], start=1):
        db.execute(
            "UPDATE main.endpoint SET position = ? WHERE id = ? AND contact_id = ?",
            (position, number, contact_id),
        )


def drop_endpoint(db: sqlite3.Connection, contact_id: int, endpoint_id: int) -> None:
    """Take an endpoint away."""
    db.execute(
        "DELETE FROM main.endpoint WHERE id = ? AND contact_id = ?", (endpoint_id, contact_id)
    )


def tags(db: sqlite3.Connection, contact_id: int) -> list[str]:
    """Return a contact's tags."""
    rows = db.execute(
        "SELECT tag FROM contact_tag WHERE contact_id = ? ORDER BY tag", (contact_id,)
    )
    return [str(row["tag"]) for row in rows]


def add_tag(db: sqlite3.Connection, contact_id: int, tag: str) -> bool:
    """Give a contact a tag; return whether it had not got it."""
    cursor = db.execute(
        "INSERT INTO contact_tag(contact_id, tag) VALUES (?,?) ON CONFLICT DO NOTHING",
        (contact_id, tag),
    )
    return cursor.rowcount > 0


def set_tags(db: sqlite3.Connection, contact_id: int, wanted: Sequence[str]) -> None:
    """Give a contact these tags and no others."""
    db.execute("DELETE FROM contact_tag WHERE contact_id = ?", (contact_id,))
    for tag in wanted:
        add_tag(db, contact_id, tag)


def changes(db: sqlite3.Connection, contact_id: int) -> list[sqlite3.Row]:
    """Return who changed what of a contact, newest first."""
    return db.execute(
        "SELECT * FROM contact_change WHERE contact_id = ? ORDER BY id DESC LIMIT 100",
        (contact_id,),
    ).fetchall()


def values_used(db: sqlite3.Connection, entity_id: int, column: str) -> list[str]:
    """Return the zones, streets or tags in use in a town, for a form to choose from."""
    if column == "tag":
        rows = db.execute(
            "SELECT DISTINCT t.tag AS value FROM contact_tag t JOIN contact c"
            " ON c.id = t.contact_id WHERE c.entity_id = ? AND c.reserved = 0 ORDER BY 1",
            (entity_id,),
        )
    else:
        name = {"zone": "zone", "street": "street"}[column]
        rows = db.execute(
            f"SELECT DISTINCT {name} AS value FROM contact WHERE entity_id = ? AND reserved = 0"  # noqa: S608
            f" AND {name} != '' ORDER BY 1",
            (entity_id,),
        )
    return [str(row["value"]) for row in rows]


def page(
    db: sqlite3.Connection, entity_id: int, *, register: bool, grouping_id: int | None, text: str,
    limit: int, offset: int, most: int = -1,
) -> tuple[list[sqlite3.Row], int]:  # fmt: skip
    """Return one page of contacts, by name, and how many there are in all, counted up to ``most``.

    Counting those that one letter finds takes longer than finding the first.
    """
    where = "c.entity_id = :entity AND c.reserved <= :register"
    values: dict[str, Any] = {"entity": entity_id, "register": register}
    if grouping_id is not None:
        inside, more = groups.within(db, entity_id, [grouping_id])
        where, values = f"{where} AND ({inside})", {**values, **more}
    asked, more = searched(text, register=register)
    where, values = where + asked, {**values, **more}
    order = hidden.by_name(db, entity_id) if register else "sort_name"
    total = db.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM contact c WHERE {where} LIMIT :most)",  # noqa: S608
        {**values, "most": most},
    ).fetchone()[0]
    rows = db.execute(
        f"SELECT c.* FROM contact c WHERE {where} ORDER BY c.{order}, c.id"  # noqa: S608
        " LIMIT :limit OFFSET :offset",
        {**values, "limit": limit, "offset": offset},
    ).fetchall()
    return rows, int(total)


_CODES: Final = ("+33", "+262", "+590", "+594", "+596")
_MOST_WORDS: Final = 8


def searched(text: str, *, register: bool) -> tuple[str, dict[str, str]]:
    """Return what a person typed as further conditions on contact ``c``.

    Each word must begin a word of the name or of the place, or a mail address; digits must begin a
    number, however it was typed. Quotes keep FTS5's own question language out of reach. Sealed
    people, who are in no index, are opened and looked at one by one for a keeper (``register``).
    """
    joined = re.sub(r"(?<=\d)[\s.\-/]+(?=\d)", "", text.replace("+33", "0"))
    found = [word for word in re.findall(r"[\w@.'’+-]+", joined) if any(map(str.isalnum, word))]
    parts, values = "", {}
    for number, word in enumerate(found[:_MOST_WORDS]):
        ranges = _ranges(word)
        # one search of the index for each beginning: OR would have all addresses looked at
        ways = " UNION ALL ".join(
            "SELECT contact_id FROM main.endpoint WHERE entity_id = :entity"  # noqa: S608
            f" AND address >= :from{number}_{n} AND address < :to{number}_{n}"
            for n in range(len(ranges))
        )
        parts += (
            " AND (c.id IN (SELECT rowid FROM contact_search WHERE contact_search MATCH"  # noqa: S608
            f" :word{number}) OR c.id IN ({ways})"
            f"{_among_sealed(number, len(ranges)) if register else ''})"
        )
        values[f"word{number}"], values[f"plain{number}"] = f'"{word}"*', word
        for n, start in enumerate(ranges):
            values[f"from{number}_{n}"], values[f"to{number}_{n}"] = start, start + "\U0010ffff"
    return parts, values


def _among_sealed(number: int, ranges: int) -> str:
    begins = " OR ".join(f"register_begins(id, sealed, :from{number}_{n})" for n in range(ranges))
    return (
        " OR c.id IN (SELECT id FROM main.contact WHERE entity_id = :entity"  # noqa: S608
        f" AND sealed IS NOT NULL AND register_finds(id, sealed, :plain{number}))"
        " OR c.id IN (SELECT contact_id FROM main.endpoint WHERE entity_id = :entity"
        f" AND sealed IS NOT NULL AND ({begins}))"
    )


def _ranges(word: str) -> tuple[str, ...]:
    """Return the beginnings of addresses that a word may be the beginning of."""
    if word.isdigit() and len(word) > 1:
        return tuple(code + word.removeprefix("0") for code in _CODES)
    return (word,)


def label_endpoint(db: sqlite3.Connection, contact_id: int, address: str, label: str) -> None:
    """Say what an endpoint is (« travail », « sa fille »)."""
    row = db.execute(
        "SELECT id, label FROM endpoint WHERE contact_id = ? AND mark IN (?, register_mark(?))",
        (contact_id, address, address),
    ).fetchone()
    if row is not None and row["label"] != label:
        hidden.update(db, "endpoint", row["id"], {"label": label})


def relying_on(db: sqlite3.Connection, entity_id: int, contact_id: int, *, register: bool) -> int:
    """Return how many people have this contact as referent; those of the register only if asked."""
    row = db.execute(
        "SELECT count(*) FROM contact WHERE entity_id = ? AND referent_id = ? AND reserved <= ?",
        (entity_id, contact_id, register),
    ).fetchone()
    return int(row[0])


def without_referent(
    db: sqlite3.Connection, entity_id: int, since: float, *, register: bool
) -> list[sqlite3.Row]:
    """Return who lost their referent since then, and has none again; when, and who erased them."""
    return db.execute(
        "SELECT c.id, c.name, c.given_name, g.at, g.by FROM referent_gone g"
        " JOIN contact c ON c.id = g.contact_id WHERE c.entity_id = ? AND c.referent_id IS NULL"
        " AND c.reserved <= ? AND g.at > ? ORDER BY g.at DESC, c.id",
        (entity_id, register, since),
    ).fetchall()
