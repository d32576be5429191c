"""Whose a database file is: sound to SQLite is not yet a town's. Standard library only."""

from __future__ import annotations

import contextlib
import sqlite3
from enum import Enum
from pathlib import Path
from typing import Final

#: Tables of the first step: what has not all of them is no town's, whatever else is in it.
_TABLES: Final = frozenset({"entity", "account", "contact", "broadcast", "job", "event"})
_STEPS: Final = "_sqlite_migrations"
#: Written beside the database at its first start: who begins with none later has lost one.
_BEGUN: Final = "begun"
#: What else only a service that has run leaves beside it: of a version that left no mark.
_TRACES: Final = ("copies", "recordings", "received", "pages", "tls")
_WORDS: Final = "Une base de Tocsin est née ici ; sans elle, le prochain départ dit sa perte.\n"


class Whose(Enum):
    """Whose a file that SQLite reads is."""

    OURS = "ours"
    NOBODYS = "nobody's"  # no table yet: a first start that was cut short
    FOREIGN = "foreign"


def whose(db: sqlite3.Connection) -> Whose:
    """Tell whose a database is. Raises sqlite3.Error where it cannot be read."""
    tables = {
        row[0]
        for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not row[0].startswith("sqlite_")
    }
    if not tables - {_STEPS}:
        return Whose.NOBODYS
    if not tables > _TABLES | {_STEPS}:
        return Whose.FOREIGN
    columns = {row[1] for row in db.execute(f"PRAGMA table_info({_STEPS})")}
    if "migration_set" not in columns:
        return Whose.FOREIGN
    ours = f"SELECT EXISTS (SELECT 1 FROM {_STEPS} WHERE migration_set = 'tocsin')"  # noqa: S608
    return Whose.OURS if db.execute(ours).fetchone()[0] else Whose.FOREIGN


def whose_file(path: Path) -> Whose | None:
    """Tell whose a file is, changing nothing; None: SQLite cannot say."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        ) as db:
            return whose(db)
    except sqlite3.Error:
        return None


def note_begun(database: Path) -> None:
    """Leave word that a town's base stands here."""
    with contextlib.suppress(OSError):  # a full disk: the next start does it
        if not (mark := database.with_name(_BEGUN)).exists():
            mark.write_text(_WORDS, encoding="utf-8")
            mark.chmod(0o640)


def had_begun(database: Path) -> bool:
    """Tell whether a town's base stood here: its mark, its copies or its recordings are left."""
    folder = database.parent
    return (folder / _BEGUN).exists() or any(
        next((folder / name).glob("*"), None) for name in _TRACES
    )
