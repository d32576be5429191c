"""The schema of the numbers of contacts that have gone.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from sqlite_utils import Database

from gateway.store import migration_merged  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

#: Numbers of those who have gone already, as far as anything still names them.
_NAMED = """SELECT CAST(payload ->> '$.contact' AS INTEGER) AS number FROM event
    WHERE kind = 'contact.erased'
  UNION ALL SELECT CAST(payload ->> '$.gone' AS INTEGER) FROM event WHERE kind = 'contact.merged'
  UNION ALL SELECT CAST(n.value AS INTEGER) FROM (SELECT draft FROM broadcast
    UNION ALL SELECT draft FROM series UNION ALL SELECT draft FROM scenario) d,
    json_each(iif(json_valid(d.draft), d.draft, '{}'), '$.contact_ids') n"""


@MIGRATIONS()
def m021_a_contact_s_number_is_its_own(db: Database) -> None:
    """A message that waits names people by number: the next one added must not be its next."""
    db.execute("CREATE TABLE contact_last_gone (last INTEGER NOT NULL) STRICT")
    db.execute(f"INSERT INTO contact_last_gone SELECT coalesce(max(number), 0) FROM ({_NAMED})")  # noqa: S608
    db.execute(
        "CREATE TRIGGER contact_number_kept AFTER DELETE ON contact WHEN"
        " OLD.id > (SELECT last FROM contact_last_gone)"
        " BEGIN UPDATE contact_last_gone SET last = OLD.id; END"
    )
