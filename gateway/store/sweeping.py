"""A register sealed at the start, and what stood in clear swept out of the file.

What was written in clear lives on after it is changed: in free pages (``secure_delete`` and one
VACUUM), in the words of the full-text index (made anew), in the write-ahead log (emptied), in
copies beside the database (deleted, and one made that has none of it).
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path

from gateway.logs import log_for
from gateway.store import copies, events
from gateway.store.veil import KEY_NAME, Veil

_log = log_for(__name__)


def settle(db: sqlite3.Connection, veil: Veil, database: Path) -> int:
    """Seal what should be and open what should not; return how many people that was.

    The first time a database is opened with a key, the key becomes its own.
    """
    if veil.wrong:
        _log.error("the key is not the one of this register: its people stay illegible")
    if veil.key is None:
        return 0
    db.execute("BEGIN IMMEDIATE")
    changed = _settled(db, veil)
    forget_words(db, veil)
    db.execute("COMMIT")
    if veil.traces:
        _vacuum(database)
        forget_log(db, veil)
        _fresh_copies(database)
    return changed


def _settled(db: sqlite3.Connection, veil: Veil) -> int:
    assert veil.key is not None  # noqa: S101  for the type checker
    first = db.execute(
        "INSERT INTO box_key(name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (KEY_NAME, veil.key.check),
    ).rowcount
    veil.made = True
    changed = db.execute(
        "UPDATE main.contact SET reserved = reserved WHERE (reserved = 1) != (sealed IS NOT NULL)"
    ).rowcount
    if first:
        told = {"key": veil.key.id, "people": changed}
        events.record(db, time.time(), "register.sealed", told)
    return changed


def _vacuum(database: Path) -> None:
    """Write the whole file anew: pages freed before ``secure_delete`` go. Not through the veil."""
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as db:
        db.execute("PRAGMA secure_delete=ON")
        db.execute("VACUUM")


def _fresh_copies(database: Path) -> None:
    """Delete the copies that have the register in clear; make one that has not."""
    folder = copies.folder_of(database)
    old = [one for kind in ("good", "before") for one in copies.kept(folder, kind)]
    if any(copies.kept(folder, "good")):
        copies.good_copy(database, time.time(), gently=False)
    for copy in old:
        copy.unlink(missing_ok=True)


def forget_words(db: sqlite3.Connection, veil: Veil) -> None:
    """Make the full-text index anew: it keeps the words of what was taken out, for a while."""
    if veil.lifted:
        db.execute("INSERT INTO contact_search(contact_search) VALUES ('rebuild')")
        veil.lifted = False


def forget_log(db: sqlite3.Connection, veil: Veil) -> None:
    """Empty the write-ahead log of what stood in clear; a reader at work puts it off."""
    if not veil.traces:
        return
    db.execute("PRAGMA busy_timeout=0")
    try:
        veil.traces = bool(db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
    except sqlite3.OperationalError:
        pass  # locked: at the next write
    finally:
        db.execute("PRAGMA busy_timeout=10000")
