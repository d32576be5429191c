"""The schema of launching an alert by telephone: who may, where each dialogue stands, each try.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_replies  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final[tuple[str, ...]] = (
    # beside the settings, whose history keeps all that ever was: a PIN that is renewed is gone
    """CREATE TABLE launch_pin (
         entity_id INTEGER NOT NULL REFERENCES entity(id), number TEXT NOT NULL,
         hash TEXT NOT NULL, set_at REAL NOT NULL, set_by TEXT NOT NULL,
         PRIMARY KEY (entity_id, number)) STRICT""",
    # ``what``: `gateway.launching.Event`
    """CREATE TABLE launch_try (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         number TEXT NOT NULL, at REAL NOT NULL, door TEXT NOT NULL, what TEXT NOT NULL) STRICT""",
    "CREATE INDEX launch_try_by_number ON launch_try(number, at)",
    # ``aim`` and ``step``: `gateway.launching`; ``draft`` is what was read back, and what leaves;
    # ``target``: the number to be unlocked; ``told``: how many progress texts have been sent
    """CREATE TABLE launch_dialogue (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         number TEXT NOT NULL, name TEXT NOT NULL, door TEXT NOT NULL, aim TEXT NOT NULL,
         step TEXT NOT NULL, scenario_id INTEGER, draft TEXT NOT NULL DEFAULT '',
         title TEXT NOT NULL DEFAULT '', target TEXT NOT NULL DEFAULT '',
         broadcast_id INTEGER REFERENCES broadcast(id) ON DELETE SET NULL,
         code TEXT NOT NULL DEFAULT '', wrong INTEGER NOT NULL DEFAULT 0, began_at REAL NOT NULL,
         expires_at REAL NOT NULL, ended_at REAL, told INTEGER NOT NULL DEFAULT 0) STRICT""",
    "CREATE INDEX launch_dialogue_by_number ON launch_dialogue(number, began_at)",
    """CREATE INDEX launch_dialogue_followed ON launch_dialogue(id)
         WHERE aim = 'launch' AND step = 'done' AND told < 3""",
    # the word that launches a scenario, as `gateway.launching.folded` writes it
    "ALTER TABLE scenario ADD COLUMN word TEXT NOT NULL DEFAULT ''",
    "CREATE UNIQUE INDEX scenario_by_word ON scenario(entity_id, word) WHERE word != ''",
)


@MIGRATIONS()
def m010_launching(db: Database) -> None:
    """Launching an alert by telephone."""
    for statement in _STATEMENTS:
        db.execute(statement)
