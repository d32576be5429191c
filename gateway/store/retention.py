"""What has been kept long enough: found, and forgotten in slices that make no modem wait."""

from __future__ import annotations

import itertools
import json
import sqlite3
from typing import Final

from gateway import kinds
from gateway.store import council, events, history

#: Recipients forgotten, or rows deleted, in one transaction.
SLICE: Final = 200
#: Octets of files deleted in one transaction: their pages are overwritten, and that takes time.
SLICE_OCTETS: Final = 1_000_000
#: Free pages (of 4 KiB) left in the file: the next messages fill them again.
KEPT_FREE: Final = 1000


def towns(db: sqlite3.Connection) -> list[int]:
    """Return every town of the box."""
    return [int(row["id"]) for row in db.execute("SELECT id FROM entity ORDER BY id")]


def alert_is_open(db: sqlite3.Connection) -> bool:
    """Tell whether an alert is on its way: then nothing else may take the disk's time."""
    row = db.execute(
        "SELECT 1 FROM broadcast WHERE urgency = 'vital' AND state = 'sending' LIMIT 1"
    ).fetchone()
    return row is not None


def next_to_forget(db: sqlite3.Connection, entity_id: int, before: float) -> int | None:
    """Return a broadcast that ended before then and still has its names."""
    row = db.execute(
        "SELECT id FROM broadcast WHERE entity_id = ? AND forgotten_at IS NULL AND closed_at < ?"
        " ORDER BY closed_at LIMIT 1",
        (entity_id, before),
    ).fetchone()
    return int(row["id"]) if row else None


class Forgetting:
    """Forgets the names of one broadcast, a slice at a time: what its events tell, then its people.

    An alert to a town of 14,000 has some 84,000 events, which no index finds by person: they are
    gone through once, in their order.
    """

    def __init__(self, broadcast_id: int, now: float) -> None:
        self._id, self._now = broadcast_id, now
        self._after: int | None = 0  # the last event gone through; None: all are

    def some(self, db: sqlite3.Connection) -> bool:
        """Forget the next slice; return whether there is more."""
        if self._after is not None:
            self._after = _forget_events(db, self._id, self._after)
            return True
        return _forget_people(db, self._id, self._now)


def _forget_events(db: sqlite3.Connection, broadcast_id: int, after: int) -> int | None:
    """Take out what the next events tell of somebody; the chain stays whole."""
    rows = db.execute(
        "SELECT seq FROM event WHERE broadcast_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        (broadcast_id, after, SLICE),
    ).fetchall()
    if not rows:
        return None
    last = int(rows[-1]["seq"])
    db.execute(
        "UPDATE event SET payload = NULL, salt = NULL WHERE broadcast_id = ?"
        " AND seq BETWEEN ? AND ? AND (recipient_id IS NOT NULL OR job_id IS NOT NULL)"
        " AND payload IS NOT NULL",
        (broadcast_id, after + 1, last),
    )
    return last


def _forget_people(db: sqlite3.Connection, broadcast_id: int, now: float) -> bool:
    """Forget the next people of a broadcast; return whether there are more."""
    rows = db.execute(
        "SELECT id FROM recipient WHERE broadcast_id = ? AND (name != ? OR contact_id IS NOT NULL)"
        " LIMIT ?",
        (broadcast_id, history.ERASED, SLICE),
    ).fetchall()
    for row in rows:
        history.forget_name(db, row["id"])
    if len(rows) == SLICE:
        return True
    council.forget(db, broadcast_id, history.ERASED)
    broadcast = db.execute("SELECT * FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    if broadcast["kind"] in kinds.OWN:  # it names somebody, and says what they wrote
        history.forget_words(db, broadcast_id)
    db.execute(
        "UPDATE broadcast SET forgotten_at = ?, draft = '' WHERE id = ?", (now, broadcast_id)
    )
    events.record(
        db, now, "broadcast.forgotten", {}, entity_id=broadcast["entity_id"],
        broadcast_id=broadcast_id,
    )  # fmt: skip
    return False


def drop_files(db: sqlite3.Connection, before: float, after: int = 0) -> int | None:
    """Delete the next files chosen before then that no message and no draft names.

    Looks at those numbered above ``after``; returns the last it has looked at, None when none is
    left. What drafts name is read in the same transaction: a file taken up meanwhile stays.
    """
    rows = db.execute(
        "SELECT id, length(data) AS size FROM stored_file WHERE id > ? AND at < ?"
        " AND id NOT IN (SELECT file_id FROM attachment) ORDER BY id LIMIT ?",
        (after, before, SLICE),
    ).fetchall()
    if not rows:
        return None
    sizes = itertools.accumulate(row["size"] for row in rows)
    some = [row["id"] for row, size in zip(rows, sizes, strict=True) if size <= SLICE_OCTETS]
    some = some or [rows[0]["id"]]  # a file is one row: it goes in one piece
    lost = set(some) - _named(db)
    db.executemany("DELETE FROM stored_file WHERE id = ?", [(number,) for number in sorted(lost)])
    return int(some[-1])


def _named(db: sqlite3.Connection) -> set[int]:
    """Return the files that drafts name."""
    return {
        number
        for table in ("broadcast", "series", "scenario")
        for row in db.execute(f"SELECT draft FROM {table} WHERE draft LIKE '%file_ids%'")  # noqa: S608
        for number in json.loads(row["draft"]).get("file_ids", ())
    }


def shrink(db: sqlite3.Connection) -> bool:
    """Give a few freed pages back to the disk; return whether there are more than a day refills."""
    for _ in range(SLICE):  # sqlite3 steps the pragma once, which frees one page whatever is asked
        db.execute("PRAGMA incremental_vacuum(1)")
    return int(db.execute("PRAGMA freelist_count").fetchone()[0]) > KEPT_FREE
