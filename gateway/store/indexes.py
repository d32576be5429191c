"""Whether each index has an entry for each of its rows: what `quick_check` leaves out, in brief.

SQLite's own ``integrity_check`` also looks up every row in every index: five times the work, too
much for a small machine each night. Whoever restores a copy does that.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Final

_CONDITION: Final = re.compile(r"\)\s+WHERE\s+(.*)\Z", re.IGNORECASE | re.DOTALL)


def uneven(db: sqlite3.Connection) -> str:
    """Return the first index with too few or too many entries, in words; empty: there is none."""
    by_table: dict[str, list[tuple[str, str]]] = {}
    for name, table, sql in db.execute(
        "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'"
    ).fetchall():
        found = _CONDITION.search(sql or "")
        by_table.setdefault(table, []).append((name, found[1] if found else "1"))
    return next((said for table in by_table for said in _of_table(db, table, by_table[table])), "")


def _of_table(
    db: sqlite3.Connection, table: str, indexes: list[tuple[str, str]]
) -> Iterator[str]:  # fmt: skip
    """Yield what is wrong: all that the indexes should hold is counted in one walk of the table."""
    wanted = ", ".join(f"total(({condition}) IS TRUE)" for _, condition in indexes)
    # the words are the schema's own
    row = db.execute(f'SELECT {wanted} FROM "{table}" NOT INDEXED').fetchone()  # noqa: S608
    for (name, condition), there in zip(indexes, row, strict=True):
        entries = db.execute(
            f'SELECT total(1) FROM "{table}" INDEXED BY "{name}" WHERE {condition}'  # noqa: S608
        ).fetchone()[0]
        if entries != there:
            yield f"wrong # of entries in index {name}"
