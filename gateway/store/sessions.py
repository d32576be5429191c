"""Sessions and known devices: opened, listed, ended. Their tokens are kept as hashes only."""

from __future__ import annotations

import sqlite3
from typing import Final

#: Names a browser gives itself are cut here.
AGENT_LENGTH: Final = 200


def open_session(
    db: sqlite3.Connection, account_id: int, token_hash: str, csrf: str, now: float,
    expires_at: float, *, origin: str = "", agent: str = "", stays: bool = False, awaits: str = "",
) -> None:  # fmt: skip
    """Write down a new session, and forget those that are over."""
    db.execute("DELETE FROM session WHERE expires_at <= ?", (now,))
    db.execute(
        "INSERT INTO session(token_hash, account_id, csrf, created_at, seen_at, expires_at, origin,"
        " agent, stays, awaits) VALUES (?,?,?,?,?,?,?,?,?,?)",
        (token_hash, account_id, csrf, now, now, expires_at, origin[:64], agent[:AGENT_LENGTH],
         int(stays), awaits),
    )  # fmt: skip


def get(db: sqlite3.Connection, token_hash: str, now: float) -> sqlite3.Row | None:
    """Return a living session with its account and entity."""
    row: sqlite3.Row | None = db.execute(
        "SELECT s.csrf, s.seen_at, s.stays, s.awaits, a.id, a.login, a.name, a.role,"
        " a.entity_id AS home_id, e.id AS entity_id, e.name AS entity_name, e.timezone,"
        " EXISTS (SELECT 1 FROM register_keeper k WHERE k.account_id = a.id"
        "   AND k.entity_id = e.id AND a.entity_id = e.id) AS keeper,"
        " coalesce((SELECT p.name FROM entity h JOIN entity p ON p.id = h.parent_id"
        "   WHERE h.id = a.entity_id), '') AS under"
        " FROM session s JOIN account a ON a.id = s.account_id"
        " JOIN entity e ON e.id = coalesce(s.acting_id, a.entity_id)"
        " AND (e.id = a.entity_id OR e.parent_id = a.entity_id)"
        " WHERE s.token_hash = ? AND s.expires_at > ? AND a.disabled_at IS NULL",
        (token_hash, now),
    ).fetchone()
    return row


def renew(db: sqlite3.Connection, old_hash: str, token_hash: str, csrf: str, awaits: str) -> None:
    """Give a session another token: what it may do has changed."""
    db.execute(
        "UPDATE session SET token_hash = ?, csrf = ?, awaits = ? WHERE token_hash = ?",
        (token_hash, csrf, awaits, old_hash),
    )


def touch(
    db: sqlite3.Connection, token_hash: str, now: float, expires_at: float, origin: str = ""
) -> None:
    """Prolong a session in use; one that stays ends when it was said to."""
    db.execute(
        "UPDATE session SET seen_at = ?, origin = coalesce(nullif(?, ''), origin),"
        " expires_at = CASE WHEN stays THEN expires_at ELSE ? END WHERE token_hash = ?",
        (now, origin[:64], expires_at, token_hash),
    )


def of_account(db: sqlite3.Connection, account_id: int, now: float) -> list[sqlite3.Row]:
    """Return the living sessions of an account, the one last used first."""
    return db.execute(
        "SELECT rowid AS number, * FROM session WHERE account_id = ? AND expires_at > ?"
        " ORDER BY seen_at DESC, rowid DESC",
        (account_id, now),
    ).fetchall()


def close(db: sqlite3.Connection, token_hash: str) -> None:
    """End a session."""
    db.execute("DELETE FROM session WHERE token_hash = ?", (token_hash,))


def close_one(db: sqlite3.Connection, account_id: int, number: int) -> bool:
    """End one session of an account by its number; tell whether there was one."""
    ended = db.execute(
        "DELETE FROM session WHERE rowid = ? AND account_id = ?", (number, account_id)
    )
    return ended.rowcount > 0


def close_all(db: sqlite3.Connection, account_id: int, but: str = "") -> int:
    """End every session of an account but one, and forget its devices when none is left out."""
    if not but:
        db.execute("DELETE FROM known_device WHERE account_id = ?", (account_id,))
    return db.execute(
        "DELETE FROM session WHERE account_id = ? AND token_hash <> ?", (account_id, but)
    ).rowcount


def await_enrolment(db: sqlite3.Connection, entity_id: int, roles: tuple[str, ...]) -> None:
    """Make the open sessions of some roles set up their second factor before anything else."""
    db.executemany(
        "UPDATE session SET awaits = 'enrol' WHERE awaits = '' AND account_id IN (SELECT id"
        " FROM account WHERE entity_id = ? AND totp_secret IS NULL AND role = ?)",
        [(entity_id, role) for role in roles],
    )


def act_for(db: sqlite3.Connection, token_hash: str, entity_id: int) -> bool:
    """Let a session act for its own town or, a community's, for one of its communes."""
    changed = db.execute(
        "UPDATE session SET acting_id = ? WHERE token_hash = ? AND EXISTS (SELECT 1 FROM entity e"
        " JOIN account a ON a.id = session.account_id WHERE e.id = ?"
        " AND (e.id = a.entity_id OR e.parent_id = a.entity_id))",
        (entity_id, token_hash, entity_id),
    )
    return changed.rowcount > 0


def knows(db: sqlite3.Connection, device_hash: str, login: str, now: float) -> bool:
    """Tell whether a device has proved the password of this login before."""
    row = db.execute(
        "SELECT 1 FROM known_device d JOIN account a ON a.id = d.account_id"
        " WHERE d.token_hash = ? AND a.login = ? AND d.expires_at > ?",
        (device_hash, login, now),
    ).fetchone()
    return row is not None


def know(
    db: sqlite3.Connection, device_hash: str, account_id: int, now: float, until: float
) -> None:
    """Remember a device that proved an account's password."""
    db.execute("DELETE FROM known_device WHERE expires_at <= ?", (now,))
    db.execute(
        "INSERT OR REPLACE INTO known_device(token_hash, account_id, seen_at, expires_at)"
        " VALUES (?,?,?,?)",
        (device_hash, account_id, now, until),
    )
