"""The schema of councils: who was convened, what each said, which paper was handed over.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_launch  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final[tuple[str, ...]] = (
    # a convocation to a council; ``after_id``: the meeting that had no quorum
    """CREATE TABLE council (
         broadcast_id INTEGER PRIMARY KEY REFERENCES broadcast(id) ON DELETE CASCADE,
         entity_id INTEGER NOT NULL REFERENCES entity(id), what TEXT NOT NULL, place TEXT NOT NULL,
         at REAL NOT NULL, answer_by REAL, members INTEGER NOT NULL, rule TEXT NOT NULL,
         proxies_each INTEGER NOT NULL,
         after_id INTEGER REFERENCES broadcast(id) ON DELETE SET NULL) STRICT""",
    "CREATE INDEX council_of_town ON council(entity_id, at)",
    # its members as they were that day; ``paper``: they asked for it on paper
    """CREATE TABLE council_member (
         id INTEGER PRIMARY KEY,
         broadcast_id INTEGER NOT NULL REFERENCES council(broadcast_id) ON DELETE CASCADE,
         contact_id INTEGER REFERENCES contact(id) ON DELETE SET NULL,
         given_name TEXT NOT NULL, name TEXT NOT NULL, paper INTEGER NOT NULL,
         handed_at REAL, handed_by TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX council_member_of ON council_member(broadcast_id)",
    "CREATE INDEX council_member_by_contact ON council_member(contact_id)",
    # each word of a member, the last counts; ``why``: what stands against it, for a human, who
    # settles it; ``answer`` empty: no answer at all
    """CREATE TABLE council_word (
         id INTEGER PRIMARY KEY,
         broadcast_id INTEGER NOT NULL REFERENCES council(broadcast_id) ON DELETE CASCADE,
         member_id INTEGER REFERENCES council_member(id) ON DELETE CASCADE,
         answer TEXT NOT NULL, holder_id INTEGER REFERENCES council_member(id) ON DELETE SET NULL,
         said TEXT NOT NULL, way TEXT NOT NULL, by TEXT NOT NULL DEFAULT '', at REAL NOT NULL,
         why TEXT NOT NULL DEFAULT '', settled_at REAL,
         settled_by TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX council_word_of ON council_word(broadcast_id, member_id, id)",
    # whoever asks to be forgotten leaves the council's lists too
    """CREATE TRIGGER council_member_erased BEFORE DELETE ON contact BEGIN
         UPDATE council_word SET said = '' WHERE member_id IN
           (SELECT id FROM council_member WHERE contact_id = OLD.id);
         UPDATE council_member SET given_name = '', name = 'Personne effacée', contact_id = NULL
           WHERE contact_id = OLD.id;
       END""",
)


@MIGRATIONS()
def m011_council(db: Database) -> None:
    """Councils."""
    for statement in _STATEMENTS:
        db.execute(statement)
