"""The schema of mail that leaves and mail that comes in.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_directory  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final[tuple[str, ...]] = ()


@MIGRATIONS()
def m007_mail(db: Database) -> None:
    """Mail that leaves and mail that comes in."""
    for statement in _STATEMENTS:
        db.execute(statement)
