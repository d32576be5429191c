"""The schema of calls that come in, and of what was heard in calls.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_work  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final = (
    # whoever rang; ``outcome`` says how it ended, or *interrupted* while it is going on
    """CREATE TABLE incoming_call (
         id INTEGER PRIMARY KEY, entity_id INTEGER REFERENCES entity(id), at REAL NOT NULL,
         lane TEXT NOT NULL, caller TEXT NOT NULL, outcome TEXT NOT NULL,
         seconds REAL NOT NULL DEFAULT 0,
         recipient_id INTEGER REFERENCES recipient(id) ON DELETE SET NULL) STRICT""",
    "CREATE INDEX incoming_call_at ON incoming_call(at)",
    "CREATE INDEX incoming_call_by_caller ON incoming_call(caller, at)",
    # the other end's side of a call, where the site keeps it
    """CREATE TABLE received_sound (
         name TEXT PRIMARY KEY, entity_id INTEGER REFERENCES entity(id), at REAL NOT NULL,
         lane TEXT NOT NULL, number TEXT NOT NULL, incoming INTEGER NOT NULL,
         seconds REAL NOT NULL) STRICT""",
    "CREATE INDEX received_sound_at ON received_sound(at)",
)


@MIGRATIONS()
def m005_calls(db: Database) -> None:
    """Calls that come in, and what was heard in calls."""
    for statement in _STATEMENTS:
        db.execute(statement)
