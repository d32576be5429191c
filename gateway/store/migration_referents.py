"""The schema of who lost their referent because that person was erased.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from sqlite_utils import Database

from gateway.store import migration_waking  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS


@MIGRATIONS()
def m023_who_lost_their_referent(db: Database) -> None:
    """Whoever erases them may not know of the register: its keepers are told."""
    db.execute(
        """CREATE TABLE referent_gone (
             contact_id INTEGER PRIMARY KEY REFERENCES contact(id) ON DELETE CASCADE,
             at REAL NOT NULL, by TEXT NOT NULL) STRICT"""
    )
