"""The schema of what people answer: whole SMS that came in, and what they led to.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_box  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final[tuple[str, ...]] = (
    # a whole SMS, under the number of its first part: ``kind`` as understood, ``effect`` it had
    """CREATE TABLE inbox (
         id INTEGER PRIMARY KEY, entity_id INTEGER REFERENCES entity(id), sim TEXT NOT NULL,
         number TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL,
         missing INTEGER NOT NULL DEFAULT 0, kind TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '',
         effect TEXT NOT NULL DEFAULT '',
         broadcast_id INTEGER REFERENCES broadcast(id) ON DELETE SET NULL,
         recipient_id INTEGER REFERENCES recipient(id) ON DELETE SET NULL,
         to_read INTEGER NOT NULL, read_at REAL, read_by TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX inbox_by_number ON inbox(number, at)",
    "CREATE INDEX inbox_by_time ON inbox(at)",
    "CREATE INDEX inbox_to_read ON inbox(entity_id, kind) WHERE to_read = 1 AND read_at IS NULL",
    "CREATE INDEX inbox_by_broadcast ON inbox(broadcast_id)",
    # what came in before this step was shown and dealt with as it was
    """INSERT INTO inbox(id, sim, number, text, at, kind, to_read)
         SELECT id, sim, sender, text, received_at, 'free', 0 FROM received_sms WHERE total = 1""",
    "ALTER TABLE received_sms ADD COLUMN dealt_at REAL",
    "UPDATE received_sms SET dealt_at = received_at",
    "CREATE INDEX received_sms_waiting ON received_sms(id) WHERE dealt_at IS NULL",
    # the four digits that tell one alert from another in a reply
    """CREATE TABLE broadcast_code (
         broadcast_id INTEGER PRIMARY KEY REFERENCES broadcast(id) ON DELETE CASCADE,
         code TEXT NOT NULL) STRICT""",
    "CREATE INDEX broadcast_code_by_code ON broadcast_code(code)",
    # as many have said yes as were wanted; the others are told once
    "ALTER TABLE broadcast ADD COLUMN full_at REAL",
    "ALTER TABLE broadcast ADD COLUMN full_told_at REAL",
    """CREATE INDEX broadcast_full ON broadcast(id)
         WHERE full_at IS NOT NULL AND full_told_at IS NULL""",
    # people on duty are asked in turn: who is left, when the next is asked, who has it in hand
    "ALTER TABLE question ADD COLUMN turns TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE question ADD COLUMN next_at REAL",
    "ALTER TABLE question ADD COLUMN held_by TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX question_in_turn ON question(next_at) WHERE next_at IS NOT NULL",
    # SMS the box answered by itself; ``moved``: it told of a change, and is no echo
    """CREATE TABLE auto_answer (
         id INTEGER PRIMARY KEY, number TEXT NOT NULL, kind TEXT NOT NULL, at REAL NOT NULL,
         moved INTEGER NOT NULL) STRICT""",
    "CREATE INDEX auto_answer_by_number ON auto_answer(number, at)",
    """CREATE TABLE reply_rule (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         words TEXT NOT NULL, answer TEXT NOT NULL, added_at REAL NOT NULL,
         added_by TEXT NOT NULL) STRICT""",
    # who asks by SMS to be warned: asked, confirmed, then approved or refused by a human
    """CREATE TABLE enrolment (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         number TEXT NOT NULL, place TEXT NOT NULL, said TEXT NOT NULL, code TEXT NOT NULL,
         state TEXT NOT NULL, asked_at REAL NOT NULL, confirmed_at REAL, decided_at REAL,
         decided_by TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX enrolment_waiting ON enrolment(entity_id, state, asked_at)",
    "CREATE INDEX enrolment_by_number ON enrolment(number)",
    # a STOP to the alerts waits for its sender's word
    """CREATE TABLE stop_asked (
         number TEXT NOT NULL, entity_id INTEGER NOT NULL REFERENCES entity(id),
         code TEXT NOT NULL, said TEXT NOT NULL, at REAL NOT NULL, expires_at REAL NOT NULL,
         PRIMARY KEY (number, entity_id)) STRICT""",
)


@MIGRATIONS()
def m009_replies(db: Database) -> None:
    """Replies by SMS."""
    for statement in _STATEMENTS:
        db.execute(statement)
