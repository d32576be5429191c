"""The schema of the box's own health.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_replies  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final[tuple[str, ...]] = ()


@MIGRATIONS()
def m009_the_box(db: Database) -> None:
    """The box's own health."""
    for statement in _STATEMENTS:
        db.execute(statement)
