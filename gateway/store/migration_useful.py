"""The schema of until when a message is useful, where its sender chose it.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from sqlite_utils import Database

from gateway.store import migration_asked  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS


@MIGRATIONS()
def m025_until_when_its_sender_finds_it_useful(db: Database) -> None:
    """Sent again, it ends then too; NULL where nobody chose."""
    db.execute("ALTER TABLE broadcast ADD COLUMN useless_at REAL")
