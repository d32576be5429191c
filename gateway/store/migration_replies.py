"""The schema of what people answer.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_mail  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final[tuple[str, ...]] = ()


@MIGRATIONS()
def m008_replies(db: Database) -> None:
    """What people answer, and what is done from a telephone."""
    for statement in _STATEMENTS:
        db.execute(statement)
