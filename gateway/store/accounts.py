"""Accounts, sessions and the one-time code of the first boot. Secrets are kept as hashes only."""

from __future__ import annotations

import sqlite3

from gateway.store import events


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
) -> int | None:
    """Insert an account; return its id, or None when the login is taken."""
    cursor = db.execute(
        "INSERT INTO account(entity_id, login, name, role, password_hash, created_at)"
        " VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        (entity_id, login, name, role, password_hash, now),
    )
    if cursor.rowcount == 0:
        return None
    events.record(db, now, "account.created", {"login": login, "role": role}, entity_id=entity_id)
    return int(cursor.lastrowid or 0)


def by_login(db: sqlite3.Connection, login: str) -> sqlite3.Row | None:
    """Return the account of this login, if it may be used."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM account WHERE login = ? AND disabled_at IS NULL", (login,)
    ).fetchone()
    return row


def open_session(
    db: sqlite3.Connection,
    account_id: int,
    token_hash: str,
    csrf: str,
    now: float,
    expires_at: float,
) -> None:
    """Write down a new session, and forget those that are over."""
    db.execute("DELETE FROM session WHERE expires_at <= ?", (now,))
    db.execute(
        "INSERT INTO session(token_hash, account_id, csrf, created_at, seen_at, expires_at)"
        " VALUES (?,?,?,?,?,?)",
        (token_hash, account_id, csrf, now, now, expires_at),
    )


def session(db: sqlite3.Connection, token_hash: str, now: float) -> sqlite3.Row | None:
    """Return a living session with its account and entity."""
    row: sqlite3.Row | None = db.execute(
        "SELECT s.csrf, s.seen_at, a.id, a.login, a.name, a.role, a.entity_id AS home_id,"
        " e.id AS entity_id, e.name AS entity_name, e.timezone,"
        " EXISTS (SELECT 1 FROM register_keeper k WHERE k.account_id = a.id"
        "   AND k.entity_id = e.id AND a.entity_id = e.id) AS keeper"
        " FROM session s JOIN account a ON a.id = s.account_id"
        " JOIN entity e ON e.id = coalesce(s.acting_id, a.entity_id)"
        " AND (e.id = a.entity_id OR e.parent_id = a.entity_id)"
        " WHERE s.token_hash = ? AND s.expires_at > ? AND a.disabled_at IS NULL",
        (token_hash, now),
    ).fetchone()
    return row


def act_for(db: sqlite3.Connection, token_hash: str, entity_id: int) -> bool:
    """Let a session act for its own town or, a community's, for one of its communes."""
    changed = db.execute(
        "UPDATE session SET acting_id = ? WHERE token_hash = ? AND EXISTS (SELECT 1 FROM entity e"
        " JOIN account a ON a.id = session.account_id WHERE e.id = ?"
        " AND (e.id = a.entity_id OR e.parent_id = a.entity_id))",
        (entity_id, token_hash, entity_id),
    )
    return changed.rowcount > 0


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
        db.execute("DELETE FROM session WHERE account_id = ?", (account_id,))
        events.record(
            db, now, "account.disabled", {"account": account_id, "by": by}, entity_id=entity_id
        )
    return bool(changed)


def administrators(db: sqlite3.Connection, entity_id: int) -> int:
    """Return how many administrators a town has."""
    row = db.execute(
        "SELECT count(*) FROM account WHERE entity_id = ? AND role = 'administrator'"
        " AND disabled_at IS NULL",
        (entity_id,),
    ).fetchone()
    return int(row[0])


def touch_session(db: sqlite3.Connection, token_hash: str, now: float, expires_at: float) -> None:
    """Prolong a session in use."""
    db.execute(
        "UPDATE session SET seen_at = ?, expires_at = ? WHERE token_hash = ?",
        (now, expires_at, token_hash),
    )


def close_session(db: sqlite3.Connection, token_hash: str) -> None:
    """End a session."""
    db.execute("DELETE FROM session WHERE token_hash = ?", (token_hash,))
