"""The schema of how many people a message that waits would reach.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from sqlite_utils import Database

from gateway.store import migration_open  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS


@MIGRATIONS()
def m018_how_many_are_awaited(db: Database) -> None:
    """A message that waits has nobody yet: whom it is for is looked up when it leaves."""
    db.execute("ALTER TABLE broadcast ADD COLUMN awaited INTEGER NOT NULL DEFAULT 0")
