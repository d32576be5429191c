"""The schema of messages begun and not yet sent, one account's own.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from sqlite_utils import Database

from gateway.store import migration_modems  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS


@MIGRATIONS()
def m016_messages_begun(db: Database) -> None:
    """What was typed and not sent survives a closed browser."""
    db.execute(
        """CREATE TABLE unfinished (
             account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
             entity_id INTEGER NOT NULL REFERENCES entity(id), key TEXT NOT NULL,
             title TEXT NOT NULL, fields TEXT NOT NULL, saved_at REAL NOT NULL,
             PRIMARY KEY (account_id, entity_id, key)) STRICT, WITHOUT ROWID"""
    )
