"""Copies of the database: made while it is written to, proved before they count, kept in turn.

A copy is a snapshot: what is committed while it is made is not in it, and never half of it. It is
one file, without a log beside it. Standard library only, so that a backup starts quickly.

Which copy is newer is never asked of a clock: each has a number in its name, one more than the
last. The date in the name only tells people.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gateway.store import indexes, ours

FOLDER: Final = "copies"
#: A slice of copying may hold the disk for about so long (seconds); then others have their turn.
SLICE: Final = 0.05
#: While an alert is on its way one slice a second is copied, and after so many seconds all goes on.
ALERT_PAUSE: Final = 1.0
ALERT_PATIENCE: Final = 600.0
_STAMP: Final = "%Y%m%dT%H%M%SZ"
#: What is called so was never finished, if nobody has written to it for so long (seconds).
_UNFINISHED: Final = re.compile(r"\w+-.+\.db\.part(-journal)?|tocsin-.+\.tar\.zst(\.age)?")
_LEFT: Final = 86400.0
#: What follows the kind in a name.
_REST: Final = re.compile(r"(\d{8}T\d{6}Z)(?:-(\d+))?")


def folder_of(database: Path) -> Path:
    """Return where the copies of a database are kept."""
    return database.parent / FOLDER


def snapshot(
    source: Path, target: Path, *, alert: Callable[[], bool] = lambda: False, gently: bool = False
) -> None:
    """Copy the database to ``target``, which is there only when it is whole and on the disk.

    ``alert`` says whether one is on its way: then the copy waits. ``gently`` leaves the disk to
    others half of the time. Raises sqlite3.Error and OSError.
    """
    if not target.parent.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        like_its_folder(target.parent)
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        with contextlib.closing(sqlite3.connect(part)) as copy:
            _fill(source, copy, alert, gently=gently)
            copy.execute("PRAGMA journal_mode=DELETE")
        to_disk(part)
        like_its_folder(part)
        part.replace(target)
        to_disk(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _fill(
    source: Path, copy: sqlite3.Connection, alert: Callable[[], bool], *, gently: bool
) -> None:
    began = last = time.monotonic()

    def pause(_: int, left: int, __: int) -> None:
        nonlocal last
        if not left:
            return
        took = time.monotonic() - last
        if gently:
            time.sleep(min(took, SLICE))
        while alert() and time.monotonic() - began < ALERT_PATIENCE:
            time.sleep(ALERT_PAUSE)
        last = time.monotonic()

    with contextlib.closing(sqlite3.connect(source, timeout=30)) as original:
        # a transaction of ours pins what is copied: writers neither wait for it nor restart it
        original.execute("BEGIN")
        original.execute("SELECT count(*) FROM sqlite_master").fetchone()
        pages = 500 if gently else 10_000
        original.backup(copy, pages=pages, progress=pause)


def to_disk(path: Path) -> None:
    """Have a file, or the names in a folder, outlive a power cut. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def like_its_folder(path: Path) -> None:
    """Give what root has made to whom its folder belongs, where the disk knows of owners.

    Else the service, which is not root, could not write there any more.
    """
    if os.geteuid() == 0:
        owner = path.parent.stat()
        with contextlib.suppress(PermissionError):
            os.chown(path, owner.st_uid, owner.st_gid)


def damage(path: Path, *, thoroughly: bool = False) -> str:
    """Return what is wrong with a database file in SQLite's words; empty: nothing.

    ``thoroughly`` also looks up every row in every index. Raises sqlite3.OperationalError for
    what is no damage: no right to read, a disk that fails.
    """
    check = "integrity_check" if thoroughly else "quick_check"
    return _wrong(path, lambda db: str(db.execute(f"PRAGMA {check}(1)").fetchone()[0]))


def unproved(path: Path) -> str:
    """Return what is wrong with a copy, as `damage` does; the indexes' entries are counted.

    A sound copy of what is not a town's is wrong too: it would push out those that are.
    """
    return damage(path) or _wrong(path, _not_ours) or _wrong(path, indexes.uneven)


def _not_ours(db: sqlite3.Connection) -> str:
    return "" if ours.whose(db) is ours.Whose.OURS else "it is no database of Tocsin"


def _wrong(path: Path, look: Callable[[sqlite3.Connection], str]) -> str:
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as db:
            found = look(db)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return str(error)
    return "" if found == "ok" else found


def is_damage(error: sqlite3.Error) -> bool:
    """Tell damage of the file from everything else that can go wrong with it."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def name_at(kind: str, moment: float) -> str:
    """Return the file name of a copy made then: ``good-20261124T021500Z.db``."""
    return f"{kind}-{datetime.fromtimestamp(moment, UTC).strftime(_STAMP)}.db"


def made_at(copy: Path) -> float:
    """Return when a copy was made (seconds since 1970), from its name; else from its file.

    That is what the clock said, right or wrong.
    """
    try:
        stamp = datetime.strptime(_parts(copy)[0], "%Y%m%dT%H%M%S%z")
    except ValueError:
        return copy.stat().st_mtime
    return stamp.timestamp()


def _parts(copy: Path) -> tuple[str, int]:
    """Return the date and the number in a copy's name; empty and 0 where there is none."""
    found = _REST.fullmatch(copy.stem.partition("-")[2])
    return (found[1], int(found[2] or 0)) if found else ("", 0)


def fresh(folder: Path, kind: str, moment: float) -> Path:
    """Return the path of the next copy of a kind, numbered after all there are."""
    last = max((_parts(one)[1] for one in folder.glob(f"{kind}-*.db")), default=0)
    named = folder / name_at(kind, moment)
    return named.with_name(f"{named.stem}-{last + 1:06d}.db")


def kept(folder: Path, kind: str) -> list[Path]:
    """Return the copies of a kind, newest first; one of another name is the oldest."""
    return sorted(folder.glob(f"{kind}-*.db"), key=_turn, reverse=True)


def _turn(copy: Path) -> tuple[int, str]:
    return _parts(copy)[1], copy.name


def keep_only(folder: Path, kind: str, count: int) -> None:
    """Delete all but the newest copies of a kind."""
    for old in kept(folder, kind)[count:]:
        old.unlink(missing_ok=True)


def good_copy(
    database: Path, now: float, *, alert: Callable[[], bool] = lambda: False, keep: int = 2,
    gently: bool = True,
) -> Path:  # fmt: skip
    """Make a copy to fall back on, proved; return it. Raises sqlite3.Error and OSError.

    One that turns out damaged is deleted and told as sqlite3.DatabaseError: then the database is.
    """
    folder = folder_of(database)
    _sweep(folder)
    target = fresh(folder, "good", now)
    snapshot(database, target, alert=alert, gently=gently)
    wrong = unproved(target)
    if wrong:
        target.unlink()
        raise sqlite3.DatabaseError(f"the copy is not sound: {wrong}")
    keep_only(folder, "good", keep)
    return target


def _sweep(folder: Path) -> None:
    """Delete what power cuts have left of copies and archives: each as large as the database."""
    for one in folder.glob("*"):
        with contextlib.suppress(FileNotFoundError):  # another backup has just finished
            if _UNFINISHED.fullmatch(one.name) and abs(time.time() - one.stat().st_mtime) > _LEFT:
                one.unlink()
