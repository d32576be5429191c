"""What a database file tells of its sealed register from outside, without its key or with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from gateway.store.base import connect
from gateway.store.cipher import Key
from gateway.store.veil import KEY_NAME


def check_of(database: Path) -> bytes | None:
    """Return what tells the right key of a database from others; None: it has no key yet."""
    if not database.exists():
        return None
    with suppress(sqlite3.OperationalError), _only_read(database) as db:  # older than the table
        row = db.execute("SELECT value FROM box_key WHERE name = ?", (KEY_NAME,)).fetchone()
        return bytes(row[0]) if row else None
    return None


def people(database: Path, *, sealed: bool) -> int:
    """Count the people of the register only, or those of them who are sealed."""
    which = "sealed IS NOT NULL" if sealed else "reserved = 1"
    with _only_read(database) as db:
        return int(db.execute(f"SELECT count(*) FROM contact WHERE {which}").fetchone()[0])  # noqa: S608


def damaged(database: Path, key: Key) -> int:
    """Count the people and addresses that their own key does not open."""
    with closing(connect(database, key)) as db:
        return sum(
            int(db.execute(
                f"SELECT count(*) FROM main.{table} WHERE sealed IS NOT NULL"  # noqa: S608
                f" AND register_fields('{table}', id, sealed) IS NULL"
            ).fetchone()[0])
            for table in ("contact", "endpoint")
        )  # fmt: skip


def _only_read(database: Path) -> closing[sqlite3.Connection]:
    uri = f"{database.absolute().as_uri()}?mode=ro"
    return closing(sqlite3.connect(uri, uri=True, timeout=10))
