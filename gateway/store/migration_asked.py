"""The schema of what a program asked for under a key of its own.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from sqlite_utils import Database

from gateway.store import migration_referents  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS


@MIGRATIONS()
def m024_what_was_asked_under_a_key(db: Database) -> None:
    """A hash of it: the same key with anything else is no repeat, and is refused."""
    db.execute("ALTER TABLE broadcast ADD COLUMN asked TEXT NOT NULL DEFAULT ''")
