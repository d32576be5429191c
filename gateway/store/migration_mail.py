"""The schema of mail that leaves and mail that comes in.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_directory  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final[tuple[str, ...]] = (
    # when a mail's text was about to be given: a stop after that leaves a doubt
    "ALTER TABLE attempt ADD COLUMN given_at REAL",
    # no relay takes it, and those it is for were told another way meanwhile
    "ALTER TABLE job ADD COLUMN overdue_at REAL",
    "CREATE TABLE box_key (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID",
    # a mail that came in: kept whole until it is dealt with, its text while it is relayed
    """CREATE TABLE mail_in (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         door TEXT NOT NULL, author TEXT NOT NULL, role TEXT NOT NULL, sender TEXT NOT NULL,
         recipients TEXT NOT NULL, received_at REAL NOT NULL, content BLOB,
         state TEXT NOT NULL DEFAULT 'waiting', said TEXT NOT NULL DEFAULT '',
         digest TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX mail_in_waiting ON mail_in(id) WHERE state = 'waiting'",
    "CREATE INDEX mail_in_by_digest ON mail_in(digest, received_at)",
    # what a broadcast is as a mail, beside its texts
    """CREATE TABLE mail_of_broadcast (
         broadcast_id INTEGER PRIMARY KEY REFERENCES broadcast(id) ON DELETE CASCADE,
         mail_in_id INTEGER REFERENCES mail_in(id) ON DELETE SET NULL,
         answers TEXT NOT NULL DEFAULT '') STRICT""",
    # what came back for our mails; ``uid`` is the mailbox's, so that none is taken twice
    """CREATE TABLE mail_return (
         id INTEGER PRIMARY KEY, job_id INTEGER REFERENCES job(id) ON DELETE CASCADE,
         kind TEXT NOT NULL, said TEXT NOT NULL DEFAULT '', at REAL NOT NULL) STRICT""",
    "CREATE INDEX mail_return_by_job ON mail_return(job_id)",
    """CREATE TABLE mailbox_seen (
         mailbox TEXT PRIMARY KEY, validity INTEGER NOT NULL, uid INTEGER NOT NULL,
         at REAL NOT NULL) STRICT, WITHOUT ROWID""",
    # who may send by a mail into the mailbox: an address and its code
    """CREATE TABLE mail_sender (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         address TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL, code_hash TEXT NOT NULL,
         added_at REAL NOT NULL, added_by TEXT NOT NULL, UNIQUE (entity_id, address)) STRICT""",
    # warnings received: what proposes which ready message to whom
    """CREATE TABLE warning_rule (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         name TEXT NOT NULL, sender TEXT NOT NULL, words TEXT NOT NULL,
         scenario_id INTEGER NOT NULL, added_at REAL NOT NULL, added_by TEXT NOT NULL) STRICT""",
    """CREATE TABLE warning (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         rule_id INTEGER, rule TEXT NOT NULL, sender TEXT NOT NULL, subject TEXT NOT NULL,
         at REAL NOT NULL, broadcast_id INTEGER REFERENCES broadcast(id) ON DELETE SET NULL,
         said TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX warning_by_rule ON warning(rule_id, at)",
    # when the way out was cut, and when it was back
    """CREATE TABLE outage (
         id INTEGER PRIMARY KEY, what TEXT NOT NULL, since REAL NOT NULL, until REAL,
         why TEXT NOT NULL DEFAULT '') STRICT""",
)


@MIGRATIONS()
def m007_mail(db: Database) -> None:
    """Mail that leaves and mail that comes in."""
    for statement in _STATEMENTS:
        db.execute(statement)
