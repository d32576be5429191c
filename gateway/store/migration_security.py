"""The schema of who may come in: sessions told apart, known devices, second factors, guessing.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_register  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final[tuple[str, ...]] = (
    "ALTER TABLE session ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT ''",  # as the browser says it
    "ALTER TABLE session ADD COLUMN stays INTEGER NOT NULL DEFAULT 0",  # ends at a date, not idle
    # what must come before anything else: '' nothing, code, password, enrol
    "ALTER TABLE session ADD COLUMN awaits TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE account ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE account ADD COLUMN totp_secret TEXT",
    "ALTER TABLE account ADD COLUMN totp_pending TEXT",  # shown as QR, not yet proved
    "ALTER TABLE account ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0",  # the last one used
    """CREATE TABLE recovery_code (
         account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
         code_hash TEXT NOT NULL, used_at REAL,
         PRIMARY KEY (account_id, code_hash)) STRICT, WITHOUT ROWID""",
    # a browser that has proved this account's password before: no guesser holds it up
    """CREATE TABLE known_device (
         token_hash TEXT NOT NULL, account_id INTEGER NOT NULL
           REFERENCES account(id) ON DELETE CASCADE,
         seen_at REAL NOT NULL, expires_at REAL NOT NULL,
         PRIMARY KEY (token_hash, account_id)) STRICT, WITHOUT ROWID""",
    # who guesses: a hash of the place or login, how often wrong, and until when they wait
    """CREATE TABLE guess (
         about TEXT PRIMARY KEY, wrong INTEGER NOT NULL, at REAL NOT NULL,
         until REAL NOT NULL) STRICT, WITHOUT ROWID""",
    "CREATE INDEX guess_by_age ON guess(at)",
    "CREATE INDEX session_by_account ON session(account_id)",
)


@MIGRATIONS()
def m014_who_may_come_in(db: Database) -> None:
    """Sessions told apart, known devices, second factors, and who guesses."""
    for statement in _STATEMENTS:
        db.execute(statement)
