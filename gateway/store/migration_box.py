"""The schema of the box's own health.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_mail  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final[tuple[str, ...]] = (
    # the last known of each: backup, repair, power, sign of life
    "CREATE TABLE box_fact (name TEXT PRIMARY KEY, at REAL NOT NULL, value TEXT NOT NULL) STRICT",
    # what is wrong with the box itself, from when it was seen until it was over
    """CREATE TABLE box_alarm (
         id INTEGER PRIMARY KEY, kind TEXT NOT NULL, about TEXT NOT NULL DEFAULT '',
         sentence TEXT NOT NULL, mend TEXT NOT NULL DEFAULT '', since REAL NOT NULL,
         told_at REAL, told_by TEXT NOT NULL DEFAULT '', over_at REAL) STRICT""",
    "CREATE UNIQUE INDEX box_alarm_open ON box_alarm(kind, about) WHERE over_at IS NULL",
    # one modem texts another: the network, both SIMs and both sticks in one proof
    """CREATE TABLE heartbeat (
         id INTEGER PRIMARY KEY, sender TEXT NOT NULL, receiver TEXT NOT NULL,
         code TEXT NOT NULL, sent_at REAL NOT NULL, came_at REAL,
         trouble TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX heartbeat_open ON heartbeat(code) WHERE came_at IS NULL",
)


@MIGRATIONS()
def m008_the_box(db: Database) -> None:
    """The box's own health."""
    for statement in _STATEMENTS:
        db.execute(statement)
