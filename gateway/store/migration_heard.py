"""The schema of which calls somebody heard and answered with a key.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from sqlite_utils import Database

from gateway.store import migration_awaited  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS


@MIGRATIONS()
def m019_which_calls_were_heard(db: Database) -> None:
    """The pages of modems and of writing ask it: a month has tens of thousands of attempts."""
    db.execute(
        "CREATE INDEX attempt_heard ON attempt(lane, sim, ended_at)"
        " WHERE result IN ('acknowledged', 'declined')"
    )
