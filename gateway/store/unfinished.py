"""Messages begun and not yet sent: what stood in the form, for the account that wrote it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

Fields = Sequence[tuple[str, str]]


def keep(
    db: sqlite3.Connection, account_id: int, entity_id: int, key: str, title: str, fields: Fields,
    now: float, *, most: int, older_than: float,
) -> None:  # fmt: skip
    """Keep a form under its key; of the others the newest ``most`` stay, none ``older_than``."""
    db.execute(
        "INSERT INTO unfinished(account_id, entity_id, key, title, fields, saved_at)"
        " VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET title = excluded.title,"
        " fields = excluded.fields, saved_at = excluded.saved_at",
        (account_id, entity_id, key, title, json.dumps(fields, ensure_ascii=False), now),
    )
    db.execute(
        "DELETE FROM unfinished WHERE account_id = ? AND (saved_at < ? OR key NOT IN (SELECT key"
        " FROM unfinished WHERE account_id = ? ORDER BY saved_at DESC LIMIT ?))",
        (account_id, older_than, account_id, most),
    )


def listed(db: sqlite3.Connection, account_id: int, entity_id: int) -> list[sqlite3.Row]:
    """Return what an account has begun for a town, newest first."""
    return db.execute(
        "SELECT key, title, saved_at FROM unfinished WHERE account_id = ? AND entity_id = ?"
        " ORDER BY saved_at DESC",
        (account_id, entity_id),
    ).fetchall()


def fields_of(
    db: sqlite3.Connection, account_id: int, entity_id: int, key: str
) -> list[tuple[str, str]] | None:
    """Return what stood in a form, None when it is gone."""
    row = db.execute(
        "SELECT fields FROM unfinished WHERE account_id = ? AND entity_id = ? AND key = ?",
        (account_id, entity_id, key),
    ).fetchone()
    return [(name, value) for name, value in json.loads(row["fields"])] if row else None


def drop(db: sqlite3.Connection, account_id: int, key: str) -> None:
    """Forget one."""
    db.execute("DELETE FROM unfinished WHERE account_id = ? AND key = ?", (account_id, key))
