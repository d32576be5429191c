"""Accounts, sessions and the one-time code of the first boot. Secrets are kept as hashes only."""

from __future__ import annotations

import sqlite3

from gateway.store import events, settings


def any_account(db: sqlite3.Connection) -> bool:
    """Tell whether somebody can log in at all."""
    return db.execute("SELECT 1 FROM account WHERE disabled_at IS NULL").fetchone() is not None


def set_first_code(db: sqlite3.Connection, code_hash: str, now: float) -> None:
    """Replace the one-time code that may create the first account."""
    db.execute("DELETE FROM first_code")
    db.execute("INSERT INTO first_code(code_hash, created_at) VALUES (?,?)", (code_hash, now))


def first_code(db: sqlite3.Connection) -> str | None:
    """Return the hash of the one-time code, if there is one."""
    row = db.execute("SELECT code_hash FROM first_code").fetchone()
    return str(row["code_hash"]) if row else None


def spend_first_code(db: sqlite3.Connection) -> None:
    """Forget the one-time code."""
    db.execute("DELETE FROM first_code")


def add(
    db: sqlite3.Connection,
    entity_id: int,
    login: str,
    name: str,
    role: str,
    password_hash: str,
    now: float,
    *,
    must_change: bool = False,
    by: str = "Tocsin",
) -> int | None:
    """Insert an account that ``by`` made; return its id, or None when the login is taken."""
    cursor = db.execute(
        "INSERT INTO account(entity_id, login, name, role, password_hash, created_at, must_change)"
        " VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        (entity_id, login, name, role, password_hash, now, int(must_change)),
    )
    if cursor.rowcount == 0:
        return None
    number = int(cursor.lastrowid or 0)
    settings.note_change(
        db, entity_id, settings.ACCOUNT, (number, name), None, role, by, now, login=login
    )
    told = {"login": login, "name": name, "role": role, "by": by}
    events.record(db, now, "account.created", told, entity_id=entity_id)
    return number


def by_login(db: sqlite3.Connection, login: str) -> sqlite3.Row | None:
    """Return the account of this login, if it may be used."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM account WHERE login = ? AND disabled_at IS NULL", (login,)
    ).fetchone()
    return row


def of_town(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return the accounts of a town, by name."""
    return db.execute(
        "SELECT * FROM account WHERE entity_id = ? ORDER BY disabled_at IS NOT NULL, name",
        (entity_id,),
    ).fetchall()


def disable(db: sqlite3.Connection, entity_id: int, account_id: int, by: str, now: float) -> bool:
    """Close an account and its sessions; what it did stays on record."""
    changed = db.execute(
        "UPDATE account SET disabled_at = ? WHERE id = ? AND entity_id = ? AND disabled_at IS NULL",
        (now, account_id, entity_id),
    ).rowcount
    if changed:
        row = db.execute("SELECT * FROM account WHERE id = ?", (account_id,)).fetchone()
        db.execute("DELETE FROM session WHERE account_id = ?", (account_id,))
        settings.note_change(
            db, entity_id, settings.ACCOUNT, (account_id, row["name"]), row["role"], None, by, now,
            login=row["login"],
        )  # fmt: skip
        told = {"login": row["login"], "name": row["name"], "role": row["role"], "by": by}
        events.record(db, now, "account.disabled", told, entity_id=entity_id)
    return bool(changed)


def change_role(db: sqlite3.Connection, account_id: int, role: str, by: str, now: float) -> None:
    """Give an account another role."""
    row = db.execute("SELECT * FROM account WHERE id = ?", (account_id,)).fetchone()
    db.execute("UPDATE account SET role = ? WHERE id = ?", (role, account_id))
    if role != row["role"]:
        settings.note_change(
            db, row["entity_id"], settings.ACCOUNT, (account_id, row["name"]), row["role"], role,
            by, now, login=row["login"],
        )  # fmt: skip
    told = {"login": row["login"], "role": role, "before": row["role"], "by": by}
    events.record(db, now, "account.role", told, entity_id=row["entity_id"])


def administrators(db: sqlite3.Connection, entity_id: int) -> int:
    """Return how many administrators a town has."""
    row = db.execute(
        "SELECT count(*) FROM account WHERE entity_id = ? AND role = 'administrator'"
        " AND disabled_at IS NULL",
        (entity_id,),
    ).fetchone()
    return int(row[0])
