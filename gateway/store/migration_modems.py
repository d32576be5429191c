"""The schema of what each modem has been through: its signal over time, the remedies tried on it.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_security  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final[tuple[str, ...]] = (
    # one row for each five minutes, then for each hour; ``ready`` is a share of 1
    """CREATE TABLE modem_sample (
         modem TEXT NOT NULL, at INTEGER NOT NULL, signal REAL, ready REAL NOT NULL,
         PRIMARY KEY (modem, at)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX modem_sample_by_age ON modem_sample(at)",
    # result: '' not known yet, 'served' it worked again afterwards, 'none' it did not
    """CREATE TABLE modem_remedy (
         id INTEGER PRIMARY KEY, modem TEXT NOT NULL, at REAL NOT NULL, rung TEXT NOT NULL,
         trouble TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',
         result TEXT NOT NULL DEFAULT '', ended_at REAL) STRICT""",
    "CREATE INDEX modem_remedy_by_modem ON modem_remedy(modem, id)",
    # the telephone on which an account tries the modems
    """CREATE TABLE tester (
         account_id INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,
         number TEXT NOT NULL) STRICT""",
)


@MIGRATIONS()
def m015_what_each_modem_went_through(db: Database) -> None:
    """The signal of each modem over a month, and the diary of its remedies."""
    for statement in _STATEMENTS:
        db.execute(statement)
