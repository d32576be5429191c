"""Rows that are sealed before they are written: the one way into the tables of the register.

Reading is `gateway.store.veil`'s. A row in clear is written as it is, at the price of one look.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from gateway.errors import Refused
from gateway.store.veil import DAMAGED, FOUND_BY, MISSING, NO_KEY, SECRET


def require(db: sqlite3.Connection) -> None:
    """Raise `Refused` where the register is sealed and its key is not here."""
    if db.execute("SELECT register_state()").fetchone()[0] == "missing":
        raise Refused(NO_KEY)


def made(db: sqlite3.Connection) -> bool:
    """Tell whether the register of this database is sealed."""
    return bool(db.execute("SELECT register_state() != 'none'").fetchone()[0])


def hides(db: sqlite3.Connection, contact_id: int) -> bool:
    """Tell whether a contact is sealed: what is kept about them must be too."""
    row = db.execute(
        "SELECT sealed IS NOT NULL FROM main.contact WHERE id = ?", (contact_id,)
    ).fetchone()
    return row is not None and bool(row[0])


def among(db: sqlite3.Connection, contact_ids: Sequence[int]) -> set[int]:
    """Return those of these contacts that are sealed."""
    rows = db.execute(
        "SELECT id FROM main.contact WHERE sealed IS NOT NULL"
        " AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(contact_ids),),
    )
    return {int(row[0]) for row in rows}


def unreadable(contact: sqlite3.Row) -> bool:
    """Tell whether a contact that was read is one whose fields nobody here can read."""
    return cannot_read(contact["name"], reserved=bool(contact["reserved"]))


def cannot_read(name: str, *, reserved: bool) -> bool:
    """Tell whether this is what stands in place of a contact's name that nobody here can read."""
    return reserved and name in (MISSING, DAMAGED)


def by_name(db: sqlite3.Connection, entity_id: int) -> str:
    """Return the column that puts a town's contacts in order: an index's, if nobody is sealed."""
    found = db.execute(
        "SELECT 1 FROM main.contact WHERE entity_id = ? AND sealed IS NOT NULL LIMIT 1",
        (entity_id,),
    ).fetchone()
    return "clear_name" if found else "sort_name"


def insert(
    db: sqlite3.Connection, table: str, values: Mapping[str, object], *, hidden: bool
) -> int:
    """Insert a row, sealed before it is written if ``hidden``; return its id."""
    row = dict(values)
    if hidden:
        require(db)
        given = row.get("id")
        number = given if isinstance(given, int) else _next(db, table)
        row = {"id": number, **_sealed(db, table, number, row, {})}
    cursor = db.execute(
        f"INSERT INTO main.{table}({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608
        tuple(row.values()),
    )
    return int(cursor.lastrowid or 0)


def _next(db: sqlite3.Connection, table: str) -> int:
    row = db.execute(f"SELECT coalesce(max(id), 0) + 1 FROM main.{table}").fetchone()  # noqa: S608
    return int(row[0])


def insert_clear(
    db: sqlite3.Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    """Insert many rows that are in clear, by one statement.

    FTS5 writes its tree out after every statement whose triggers reach it: one for each of
    fourteen thousand contacts costs five times what all of them in one do.
    """
    values = ", ".join(f"value ->> {at}" for at in range(len(columns)))
    db.execute(
        f"INSERT INTO main.{table}({', '.join(columns)}) SELECT {values} FROM json_each(?)",  # noqa: S608
        (json.dumps(rows),),
    )


def update(db: sqlite3.Connection, table: str, number: int, values: Mapping[str, object]) -> None:
    """Change a row; one that is sealed stays so, and nothing of it is written in clear."""
    row = db.execute(
        "SELECT sealed IS NOT NULL AS hidden,"  # noqa: S608
        " CASE WHEN sealed NOTNULL THEN register_fields(?, id, sealed) END AS fields"
        f" FROM main.{table} WHERE id = ?",
        (table, number),
    ).fetchone()
    written = dict(values)
    if row["hidden"]:
        require(db)
        written = _sealed(db, table, number, values, json.loads(row["fields"] or "{}"))
        written = {key: value for key, value in written.items() if key not in SECRET[table]
                   or key == FOUND_BY.get(table)}  # fmt: skip
    assigned = ", ".join(f"{key} = :{key}" for key in written)
    db.execute(f"UPDATE main.{table} SET {assigned} WHERE id = :id", {**written, "id": number})  # noqa: S608


def _sealed(
    db: sqlite3.Connection, table: str, number: int, values: Mapping[str, object],
    before: Mapping[str, str],
) -> dict[str, object]:  # fmt: skip
    """Return a row as it is written: its secret fields in one value, the columns empty."""
    found_by = FOUND_BY.get(table, "")
    secret = {key: str(value) for key, value in values.items()
              if key in SECRET[table] or key == found_by}  # fmt: skip
    if not secret:
        return dict(values)
    fields = {**before, **secret}
    row: dict[str, object] = {key: "" if key in secret else value for key, value in values.items()}
    sealed, mark = db.execute(
        "SELECT register_seal(?, ?, ?), register_mark(?)",
        (table, number, json.dumps(fields), fields.get(found_by, "")),
    ).fetchone()
    if found_by:
        row[found_by] = mark
    return {**row, "sealed": sealed}
