"""The schema of what is still waited for: found at once, however many are done with.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from sqlite_utils import Database

from gateway.store import migration_unfinished  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS


@MIGRATIONS()
def m017_who_is_still_waited_for(db: Database) -> None:
    """Ask whether a message has ended without counting all its people: one does at each end."""
    db.execute(
        "CREATE INDEX recipient_waited_for ON recipient(broadcast_id) WHERE closed_at IS NULL"
    )
