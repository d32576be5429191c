"""Groups: lists kept by hand, and lists by criteria that are looked up when they are needed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from typing import Any

from gateway.criteria import Criteria, from_json
from gateway.french import folded
from gateway.model import Purpose
from gateway.store import events, group_uses, hidden, settings

Values = dict[str, Any]


def ensure(db: sqlite3.Connection, entity_id: int, name: str, purpose: str, now: float) -> int:
    """Return the id of the group of this name, created if it was not there."""
    row = db.execute(
        "SELECT id FROM grouping WHERE entity_id = ? AND name = ?", (entity_id, name)
    ).fetchone()
    if row is not None:
        return int(row["id"])
    number = settings.fresh_number(db, "grouping", group_uses.GONE)
    db.execute(
        "INSERT INTO grouping(id, entity_id, name, purpose, created_at) VALUES (?,?,?,?,?)",
        (number, entity_id, name, purpose, now),
    )
    return number


def add(
    db: sqlite3.Connection, entity_id: int, name: str, purpose: str, criteria: str, hours: str,
    by: str, now: float,
) -> int | None:  # fmt: skip
    """Insert a group, its hours as `gateway.hours` stores them; None when the name is taken."""
    number = settings.fresh_number(db, "grouping", group_uses.GONE)
    cursor = db.execute(
        "INSERT INTO grouping(id, entity_id, name, purpose, criteria, hours, created_at)"
        " VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        (number, entity_id, name, purpose, criteria, hours, now),
    )
    if cursor.rowcount == 0:
        return None
    events.record(
        db, now, "group.created", {"name": name, "purpose": purpose, "by": by}, entity_id=entity_id
    )
    return int(cursor.lastrowid or 0)


def change(
    db: sqlite3.Connection, grouping_id: int, name: str, purpose: str, criteria: str, hours: str,
    by: str, now: float,
) -> bool:  # fmt: skip
    """Rename a group, change what it is for and when; return False when the name is taken."""
    if purpose == Purpose.VULNERABLE:
        hidden.require(db)
    row = db.execute("SELECT * FROM grouping WHERE id = ?", (grouping_id,)).fetchone()
    changed = db.execute(
        "UPDATE OR IGNORE grouping SET name = ?, purpose = ?, criteria = ?, hours = ? WHERE id = ?",
        (name, purpose, criteria, hours, grouping_id),
    )
    if changed.rowcount:
        events.record(
            db, now, "group.changed",
            {"name": name, "before": row["name"], "purpose": purpose, "hours": hours,
             "by": by},
            entity_id=row["entity_id"],
        )  # fmt: skip
    return changed.rowcount > 0


def remove(db: sqlite3.Connection, grouping_id: int, by: str, now: float) -> None:
    """Delete a group; its people stay."""
    row = db.execute("SELECT * FROM grouping WHERE id = ?", (grouping_id,)).fetchone()
    group_uses.note_gone(db, row, by, now)
    # one by one, so that the triggers see each of its people go
    db.execute("DELETE FROM membership WHERE grouping_id = ?", (grouping_id,))
    db.execute("DELETE FROM grouping WHERE id = ?", (grouping_id,))
    events.record(
        db, now, "group.removed", {"name": row["name"], "by": by}, entity_id=row["entity_id"]
    )


def get(db: sqlite3.Connection, entity_id: int, grouping_id: int) -> sqlite3.Row | None:
    """Return a group of this town."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM grouping WHERE entity_id = ? AND id = ?", (entity_id, grouping_id)
    ).fetchone()
    return row


def named(db: sqlite3.Connection, entity_id: int, *, register: bool = True) -> list[sqlite3.Row]:
    """Return the town's groups by name without their sizes; of the register only if asked."""
    rows = db.execute(
        "SELECT * FROM grouping WHERE entity_id = ? AND (? OR purpose != 'registre')",
        (entity_id, register),
    ).fetchall()
    return sorted(rows, key=lambda row: folded(row["name"]))


def listed(
    db: sqlite3.Connection, entity_id: int, *, register: bool = True
) -> list[tuple[sqlite3.Row, sqlite3.Row]]:
    """Return the town's groups, each with its size and how many each kind of line reaches."""
    sizes = {
        row["grouping_id"]: row
        for row in db.execute(
            f"SELECT m.grouping_id, {_SIZES} FROM membership m JOIN contact c"  # noqa: S608
            " ON c.id = m.contact_id WHERE m.grouping_id IN (SELECT id FROM grouping"
            " WHERE entity_id = ?) GROUP BY m.grouping_id",
            (entity_id,),
        )
    }
    found = []
    for row in named(db, entity_id, register=register):
        size = sizes.get(row["id"])
        if row["criteria"] or size is None:
            size = _size(db, entity_id, row["id"], register=register)
        found.append((row, size))
    return found


_SIZES = (
    "count(*) AS people, coalesce(sum(c.lines & 1 > 0), 0) AS mobile,"
    " coalesce(sum(c.lines & 3 > 0), 0) AS phone, coalesce(sum(c.lines & 4 > 0), 0) AS email"
)


def _size(
    db: sqlite3.Connection, entity_id: int, grouping_id: int, *, register: bool
) -> sqlite3.Row:
    where, values = within(db, entity_id, [grouping_id])
    row: sqlite3.Row = db.execute(
        f"SELECT {_SIZES} FROM contact c WHERE c.entity_id = :entity AND c.reserved <= :register"  # noqa: S608
        f" AND ({where})",
        {"entity": entity_id, "register": register, **values},
    ).fetchone()
    return row


def within(
    db: sqlite3.Connection, entity_id: int, grouping_ids: Sequence[int]
) -> tuple[str, Values]:
    """Return a condition on contact ``c`` that holds for the people of these groups."""
    rows = db.execute(
        "SELECT id, criteria FROM grouping WHERE entity_id = ?"
        " AND id IN (SELECT value FROM json_each(?))",
        (entity_id, json.dumps(list(grouping_ids))),
    ).fetchall()
    static = json.dumps([row["id"] for row in rows if not row["criteria"]])
    parts = [
        (
            "c.id IN (SELECT contact_id FROM membership"
            " WHERE grouping_id IN (SELECT value FROM json_each(:static)))"
        )
    ]
    values: Values = {"static": static}
    for row in rows:
        if row["criteria"]:
            part, more = _of_criteria(from_json(row["criteria"]), f"g{row['id']}")
            parts.append(part)
            values.update(more)
    return " OR ".join(parts), values


def _of_criteria(criteria: Criteria, mark: str) -> tuple[str, Values]:
    """Return the condition on contact ``c`` for one set of criteria; ``mark`` parts the names.

    Nobody of the register alone is found by criteria: such a group has no keeper.
    """
    parts, values = ["c.reserved = 0"], {}
    for column, wanted in (("c.zone", criteria.zones), ("c.street", criteria.streets)):
        if wanted:
            key = f"{mark}_{column[2:]}"
            parts.append(f"{column} COLLATE NOCASE IN (SELECT value FROM json_each(:{key}))")  # noqa: S608
            values[key] = json.dumps(wanted, ensure_ascii=False)
    if criteria.tags:
        parts.append(
            "c.id IN (SELECT contact_id FROM contact_tag"  # noqa: S608
            f" WHERE tag IN (SELECT value FROM json_each(:{mark}_tags)))"
        )
        values[f"{mark}_tags"] = json.dumps(criteria.tags, ensure_ascii=False)
    if criteria.help_first:
        parts.append("c.help_first = 1")
    if criteria.language:
        parts.append(f"c.language = :{mark}_language")
        values[f"{mark}_language"] = criteria.language
    parts += [f"c.lines & {criteria.has_bits} = {criteria.has_bits}",
              f"c.lines & {criteria.lacks_bits} = 0"]  # fmt: skip
    return f"({' AND '.join(parts)})", values


def of_zones(zones: Sequence[str]) -> tuple[str, Values]:
    """Return the condition on contact ``c`` for whoever lives in one of these parts of the town."""
    return _of_criteria(Criteria(zones=tuple(zones)), "z")


def allow(
    db: sqlite3.Connection, entity_id: int, grouping_id: int, any_sim: bool, by: str, now: float
) -> bool:
    """Let SIMs of the ordinary regime serve a group, or no more; return whether it is there."""
    row = get(db, entity_id, grouping_id)
    if row is None:
        return False
    if bool(row["any_sim"]) != any_sim:
        db.execute("UPDATE grouping SET any_sim = ? WHERE id = ?", (any_sim, grouping_id))
        settings.note_change(
            db, entity_id, settings.ANY_SIM, (grouping_id, row["name"]), not any_sim, any_sim, by,
            now,
        )  # fmt: skip
        kind = "group.allowed" if any_sim else "group.not_allowed"
        events.record(db, now, kind, {"name": row["name"], "by": by}, entity_id=entity_id)
        _let_go(db, entity_id)
    return True


def _let_go(db: sqlite3.Connection, entity_id: int) -> None:
    """Let SIMs of the ordinary regime carry what waits for groups that they all may serve by now.

    Its page told to have the group named. A message to anybody else than its groups still waits.
    """
    rows = db.execute("SELECT name FROM grouping WHERE entity_id = ? AND any_sim", (entity_id,))
    named = {row["name"] for row in rows if not row["name"].startswith("quartier ")}
    waiting = db.execute(
        "SELECT id, groups FROM broadcast WHERE entity_id = ? AND NOT any_sim AND groups != ''"
        " AND state IN ('sending', 'paused')",
        (entity_id,),
    ).fetchall()
    db.executemany(
        "UPDATE broadcast SET any_sim = 1 WHERE id = ?",
        [(row["id"],) for row in waiting if named.issuperset(row["groups"].split(", "))],
    )


def ids(db: sqlite3.Connection, entity_id: int, names: Sequence[str]) -> dict[str, int]:
    """Return the ids of those of ``names`` that exist, by the name as given."""
    known = {
        str(row["name"]).casefold(): int(row["id"])
        for row in db.execute("SELECT id, name FROM grouping WHERE entity_id = ?", (entity_id,))
    }
    return {name: known[name.casefold()] for name in names if name.casefold() in known}


def join(db: sqlite3.Connection, grouping_id: int, contact_id: int) -> bool:
    """Put a contact into a group, once; return whether it was not there.

    Raise `Refused` for the register where its key is missing: nobody enters it in clear.
    """
    row = db.execute("SELECT purpose FROM grouping WHERE id = ?", (grouping_id,)).fetchone()
    if row is not None and row["purpose"] == Purpose.VULNERABLE:
        hidden.require(db)
    cursor = db.execute(
        "INSERT INTO membership(grouping_id, contact_id) VALUES (?,?) ON CONFLICT DO NOTHING",
        (grouping_id, contact_id),
    )
    return cursor.rowcount > 0


def join_all(db: sqlite3.Connection, pairs: Sequence[tuple[int, int]]) -> None:
    """Put contacts into groups: pairs of group and contact; raise `Refused` as `join` does."""
    numbers = json.dumps(sorted({grouping_id for grouping_id, _ in pairs}))
    if db.execute(
        "SELECT 1 FROM grouping WHERE purpose = ? AND id IN (SELECT value FROM json_each(?))",
        (Purpose.VULNERABLE, numbers),
    ).fetchone():
        hidden.require(db)
    db.execute(
        "INSERT INTO membership(grouping_id, contact_id)"
        " SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING",
        (json.dumps(pairs),),
    )


def only_registers(db: sqlite3.Connection, grouping_ids: Collection[int]) -> bool:
    """Tell whether these groups, one at least, are all of the register."""
    found = db.execute(
        "SELECT min(purpose = ?) FROM grouping WHERE id IN (SELECT value FROM json_each(?))",
        (Purpose.VULNERABLE, json.dumps(list(grouping_ids))),
    ).fetchone()
    return bool(found[0])


def leave(db: sqlite3.Connection, grouping_id: int, contact_id: int) -> bool:
    """Take a contact out of a group; return whether it was there."""
    cursor = db.execute(
        "DELETE FROM membership WHERE grouping_id = ? AND contact_id = ?",
        (grouping_id, contact_id),
    )
    return cursor.rowcount > 0


def of_contact(
    db: sqlite3.Connection, contact_id: int, *, register: bool = True
) -> list[sqlite3.Row]:
    """Return the groups kept by hand that a contact is in."""
    return of_contacts(db, [contact_id], register=register)[contact_id]


def of_contacts(
    db: sqlite3.Connection, contact_ids: Sequence[int], *, register: bool = True
) -> dict[int, list[sqlite3.Row]]:
    """Return the groups kept by hand that each of these contacts is in, by contact."""
    found: dict[int, list[sqlite3.Row]] = {number: [] for number in contact_ids}
    for row in db.execute(
        "SELECT m.contact_id, g.* FROM membership m JOIN grouping g ON g.id = m.grouping_id"
        " WHERE m.contact_id IN (SELECT value FROM json_each(?))"
        " AND (? OR g.purpose != 'registre') ORDER BY g.name",
        (json.dumps(list(contact_ids)), register),
    ):
        found[row["contact_id"]].append(row)
    return found


def members(
    db: sqlite3.Connection, entity_id: int, grouping_ids: Sequence[int]
) -> dict[str, frozenset[int]]:
    """Return the contacts of each of these groups, by the group's name."""
    found = {}
    for number in grouping_ids:
        row = get(db, entity_id, number)
        if row is not None:
            where, values = within(db, entity_id, [number])
            rows = db.execute(
                f"SELECT c.id FROM contact c WHERE c.entity_id = :entity AND ({where})",  # noqa: S608
                {"entity": entity_id, **values},
            )
            found[str(row["name"])] = frozenset(int(one["id"]) for one in rows)
    return found
