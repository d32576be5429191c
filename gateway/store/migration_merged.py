"""The schema of whom a contact that was merged away has become.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from sqlite_utils import Database

from gateway.store import migration_heard  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS


@MIGRATIONS()
def m020_whom_a_contact_has_become(db: Database) -> None:
    """An old link to it asks, among a year's millions of events."""
    db.execute("CREATE INDEX event_of_merging ON event(kind) WHERE kind = 'contact.merged'")
