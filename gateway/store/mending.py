"""A database that is sound when it is opened: checked, mended by itself, copied before it changes.

Damage is answered in this order: all rows written into a new file (an index was bad: nothing is
lost), the newest copy that is sound (what came after it is lost, and told), else a human. The
damaged file is kept aside. Not its job: what a box does that has lost some hours
(`gateway.store.rewound`).
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.errors import StoreError
from gateway.logs import log_for
from gateway.sentences import Sentence, fr
from gateway.store import copies, ours, veil
from gateway.store.migrations import MIGRATIONS
from gateway.store.ours import Whose

_log = log_for(__name__)

#: SQLite's own files beside the database.
_BESIDE: Final = ("", "-wal", "-shm")
#: Damaged files kept aside for an expert.
_DAMAGED_KEPT: Final = 2


@dataclass(frozen=True, slots=True)
class Mended:
    """What was done: ``copied_at`` is None where nothing is lost, else all after it is.

    ``all_lost``: there was a town here, and neither a base nor a copy is left of it.
    """

    problem: str
    copied_at: float | None
    aside: str
    all_lost: bool = False


def mend_of_damage(database: Path) -> Sentence:
    """Say what a human does about a damaged database, by whether there is a copy to fall back on.

    Without one a restart could only end the service that still runs.
    """
    if copies.kept(copies.folder_of(database), "good"):
        return fr("systemctl restart tocsin la répare de sa dernière copie ; changez le disque")
    return fr(
        "aucune copie à côté d'elle : systemctl stop tocsin, rendez une sauvegarde (tocsin "
        "restore), changez le disque"
    )


def make_sound(database: Path, lived: Callable[[], bool] = lambda: False) -> Mended | None:
    """Check the database and mend it; None: it is sound, or not there yet.

    ``lived`` tells, where nothing is left beside it, whether there was one before all the same.
    Raises sqlite3.DatabaseError for damage that only a human can answer; then nothing was touched.
    """
    folder = copies.folder_of(database)
    foreign = False
    if not _holds_anything(database):
        problem = "the file is gone, or empty"
        if not copies.kept(folder, "good"):
            return _nothing_left(database, problem, lived)
    else:
        problem = copies.damage(database)
        foreign = not problem and ours.whose_file(database) is Whose.FOREIGN
        problem = problem or ("the file is another program's" if foreign else "")
    if not problem:
        return None
    _log.error("the database is damaged", problem=problem)
    with _aside(database) as kept:
        if not foreign and _rebuilt(kept, database):
            return Mended(problem, None, str(kept))
        for copy in copies.kept(folder, "good"):
            if sound_again(copy):
                _put(copy, database)
                return Mended(problem, copies.made_at(copy), str(kept))
        raise sqlite3.DatabaseError(problem)


def _nothing_left(database: Path, problem: str, lived: Callable[[], bool]) -> Mended | None:
    """Tell a town that has lost all from a first start."""
    if not ours.had_begun(database) and not lived():
        return None
    _log.error("the database is lost, and there is no copy of it")
    return Mended(problem, None, "", all_lost=True)


def _holds_anything(database: Path) -> bool:
    """Tell whether there is something to check: to SQLite an empty file is a sound database."""
    if not database.exists() or not database.stat().st_size:
        return False
    return ours.whose_file(database) is not Whose.NOBODYS


def sound_again(copy: Path) -> bool:
    """Look at a copy thoroughly, and make its indexes anew if one is wrong; tell if it is sound.

    A copy of another program's database is none, however sound.
    """
    if not copies.damage(copy, thoroughly=True):
        return ours.whose_file(copy) is Whose.OURS
    try:
        with contextlib.closing(sqlite3.connect(copy)) as db:
            db.execute("REINDEX")
    except sqlite3.Error:  # a row that its own index refuses, or a page that cannot be read
        return False
    return not copies.damage(copy, thoroughly=True) and ours.whose_file(copy) is Whose.OURS


@contextlib.contextmanager
def _aside(database: Path) -> Iterator[Path]:
    """Move the damaged files aside; move them back when the block raises."""
    folder = copies.folder_of(database)
    folder.mkdir(mode=0o700, exist_ok=True)
    kept = copies.fresh(folder, "damaged", time.time())
    moved = [suffix for suffix in _BESIDE if _beside(database, suffix).exists()]
    for suffix in moved:
        _beside(database, suffix).rename(_beside(kept, suffix))
    try:
        yield kept
    except BaseException:
        for suffix in _BESIDE:
            _beside(database, suffix).unlink(missing_ok=True)
        for suffix in moved:
            _beside(kept, suffix).rename(_beside(database, suffix))
        raise
    for old in copies.kept(folder, "damaged")[_DAMAGED_KEPT:]:
        for suffix in _BESIDE:
            _beside(old, suffix).unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _rebuilt(kept: Path, database: Path) -> bool:
    """Write all rows of the damaged file into a new one; tell whether that lost nothing.

    Rows are read in the order they lie in, without any index: only damage to a table stops it.
    """
    if not _holds_anything(kept):
        return False
    for suffix in _BESIDE:
        _beside(database, suffix).unlink(missing_ok=True)
    try:
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as fresh:
            fresh.execute("PRAGMA auto_vacuum=INCREMENTAL")
            fresh.execute("ATTACH ? AS damaged", (str(kept),))
            fresh.execute("BEGIN")
            _rows_again(fresh)
            fresh.execute("COMMIT")
        if not copies.damage(database, thoroughly=True):
            return True
    except sqlite3.Error as error:
        _log.warning("not all of it can be read", error=str(error))
    for suffix in _BESIDE:
        _beside(database, suffix).unlink(missing_ok=True)
    return False


def _rows_again(db: sqlite3.Connection) -> None:
    kinds = {row[1]: row[2] for row in db.execute("PRAGMA damaged.table_list")}
    made = db.execute(
        "SELECT type, name, sql FROM damaged.sqlite_master WHERE sql IS NOT NULL"
    ).fetchall()
    # a full-text index brings its own tables; sqlite_sequence comes with the first that counts
    for kind, name, sql in made:
        if kind == "table" and kinds[name] != "shadow" and not name.startswith("sqlite_"):
            db.execute(sql)
    for name, kind in kinds.items():
        if kind == "virtual" or name in {"sqlite_schema", "sqlite_temp_schema"}:
            continue
        db.execute(f'DELETE FROM main."{name}"')  # noqa: S608  the name is the schema's own
        db.execute(f'INSERT INTO main."{name}" SELECT * FROM damaged."{name}" NOT INDEXED')  # noqa: S608
    for kind, name, sql in made:
        if kind != "table" and not name.startswith("sqlite_"):
            db.execute(sql)


def _put(copy: Path, database: Path) -> None:
    """Put a copy in the database's place, whole or not at all, and on the disk."""
    fresh = _ready(copy, database)
    for suffix in ("-wal", "-shm"):
        _beside(database, suffix).unlink(missing_ok=True)
    _take_the_place(fresh, database)


def _ready(copy: Path, database: Path) -> Path:
    """Return a copy beside the database, whole and on the disk. Raises OSError."""
    fresh = _beside(database, ".part")
    try:
        shutil.copy(copy, fresh)
        fresh.chmod(0o600)
        copies.to_disk(fresh)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    return fresh


def _take_the_place(fresh: Path, database: Path) -> None:
    fresh.replace(database)
    copies.to_disk(database.parent)


def migrate(connection: sqlite3.Connection, database: Path) -> None:
    """Bring the schema up to date, with a copy before; raise `StoreError` when it cannot be.

    After a failure the database is as it was, and the version that was there before can use it.
    The connection is closed then.
    """
    from sqlite_utils import Database

    veil.undress(connection)
    db = Database(connection)
    known = {step.name for step in MIGRATIONS.pending(db)}
    applied = {step.name for step in MIGRATIONS.applied(db)}
    newer = unknown_steps(connection)
    if newer:
        connection.close()
        raise StoreError(
            f"la base {database} vient d'une version plus récente de Tocsin ({max(newer)}) : "
            "réinstallez cette version, ou rendez une sauvegarde avec « tocsin restore »"
        )
    if not known:
        return
    if not applied:
        MIGRATIONS.apply(db)
        return
    before = copies.fresh(copies.folder_of(database), "before", time.time())
    copies.snapshot(database, before)
    try:
        MIGRATIONS.apply(db)
    except Exception as error:
        connection.close()
        _put(before, database)
        raise StoreError(
            f"la mise à jour de la base {database} a échoué ({error}) : elle est remise comme "
            "avant ; réinstallez la version précédente et signalez ce message"
        ) from error
    copies.keep_only(before.parent, "before", 2)


def unknown_steps(connection: sqlite3.Connection) -> set[str]:
    """Return the steps that a newer version has taken; empty: this one can use the database."""
    from sqlite_utils import Database

    return {step.name for step in MIGRATIONS.applied(Database(connection))} - _names()


def newest_step(connection: sqlite3.Connection) -> str:
    """Return the last step taken; empty before the first."""
    from sqlite_utils import Database

    return max((step.name for step in MIGRATIONS.applied(Database(connection))), default="")


def _names() -> set[str]:
    """Return every step this version knows."""
    from sqlite_utils import Database

    with contextlib.closing(sqlite3.connect(":memory:")) as nothing:
        return {step.name for step in MIGRATIONS.pending(Database(nothing))}


def put_in_place(fresh: Path, database: Path, now: float) -> None:
    """Put a restored file in the database's place; what was there is kept aside.

    Raises OSError where there is no room for it, and then all is as it was.
    """
    ready = _ready(fresh, database)
    folder = copies.folder_of(database)
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    aside = copies.fresh(folder, "replaced", now)
    for suffix in _BESIDE:
        if _beside(database, suffix).exists():
            _beside(database, suffix).replace(_beside(aside, suffix))
    _take_the_place(ready, database)
