"""The telephone on which each account tries the modems."""

from __future__ import annotations

import sqlite3


def remember(db: sqlite3.Connection, account: int, number: str) -> None:
    """Keep the number (E.164) of an account."""
    db.execute("INSERT OR REPLACE INTO tester(account_id, number) VALUES (?,?)", (account, number))


def number_of(db: sqlite3.Connection, account: int) -> str:
    """Return the number of an account, empty when it never gave one."""
    row = db.execute("SELECT number FROM tester WHERE account_id = ?", (account,)).fetchone()
    return str(row["number"]) if row else ""
