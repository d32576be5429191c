"""The schema of the daily round: each person's hour, and each person's day.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_council  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final[tuple[str, ...]] = (
    # ``minutes`` of the day, NULL: the town's hour; ``way``: voice or sms; ``out_why``: left out
    """CREATE TABLE round_person (
         contact_id INTEGER PRIMARY KEY REFERENCES contact(id) ON DELETE CASCADE,
         entity_id INTEGER NOT NULL REFERENCES entity(id), minutes INTEGER, way TEXT NOT NULL,
         out_why TEXT NOT NULL, changed_at REAL NOT NULL, changed_by TEXT NOT NULL) STRICT""",
    # ``missed``, ``word``: `gateway.rounds`; ``wrote``: what a human must read; ``visit``: the
    # referent's yes or no; ``listed_at``: on the list for the social worker; two people of one
    # telephone share a recipient
    """CREATE TABLE round_entry (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         day TEXT NOT NULL, contact_id INTEGER NOT NULL REFERENCES contact(id) ON DELETE CASCADE,
         minutes INTEGER NOT NULL, due_at REAL NOT NULL, began_at REAL NOT NULL,
         pause REAL NOT NULL, recipient_id INTEGER REFERENCES recipient(id) ON DELETE SET NULL,
         missed TEXT NOT NULL DEFAULT '', word TEXT NOT NULL DEFAULT '', word_at REAL,
         word_way TEXT NOT NULL DEFAULT '', wrote TEXT NOT NULL DEFAULT '',
         visit TEXT NOT NULL DEFAULT '', visit_at REAL,
         listed_at REAL, told_at REAL, seen_at REAL, seen_by TEXT NOT NULL DEFAULT '',
         UNIQUE (entity_id, day, contact_id)) STRICT""",
    "CREATE INDEX round_entry_by_recipient ON round_entry(recipient_id)",
    "CREATE INDEX round_entry_by_contact ON round_entry(contact_id, day)",
)


@MIGRATIONS()
def m012_round(db: Database) -> None:
    """The daily round of the register."""
    for statement in _STATEMENTS:
        db.execute(statement)
