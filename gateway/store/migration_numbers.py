"""The schema of the numbers of contacts that have gone.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from sqlite_utils import Database

from gateway.store import migration_merged  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS


@MIGRATIONS()
def m021_a_contact_s_number_is_its_own(db: Database) -> None:
    """A message that waits names people by number: the next one added must not be its next."""
    db.execute("CREATE TABLE contact_last_gone (last INTEGER NOT NULL) STRICT")
    db.execute("INSERT INTO contact_last_gone VALUES (0)")
    db.execute(
        "CREATE TRIGGER contact_number_kept AFTER DELETE ON contact WHEN"
        " OLD.id > (SELECT last FROM contact_last_gone)"
        " BEGIN UPDATE contact_last_gone SET last = OLD.id; END"
    )
