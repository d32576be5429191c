"""Moves what the log holds into the database, beside the writer. Not its job: what is written.

SQLite's write-ahead log is folded into the database by whichever commit makes it long, and that
is the one that puts a whole town's alert in the queue: the first text then waits for thousands of
pages that lie all over the file, seconds of an SD card. Another connection does it as well, while
the writer goes on (https://www.sqlite.org/wal.html, 3.1 and 3.2).
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Final

from gateway.driven import InPlace

#: Rows changed between two checkpoints: some 4 MB of log, as SQLite's own thousand pages are.
ROWS: Final = 4000
#: Pages (of 4 KiB) at which a commit folds the log itself all the same: a disk that is too slow
#: for what is written, or a checkpoint that fails, must not let it grow without end.
LIMIT: Final = 6_000


class Checkpoints:
    """The checkpoints of one database, one at a time, in a thread of their own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = InPlace(1, thread_name_prefix="store-checkpoint")
        self._running: asyncio.Future[None] | None = None
        self._folded = 0

    def after(self, changed: int) -> None:
        """Begin a checkpoint once enough rows were ``changed`` since the writer was opened."""
        if changed - self._folded < ROWS or (self._running and not self._running.done()):
            return
        self._folded = changed
        loop = asyncio.get_running_loop()
        self._running = loop.run_in_executor(self._thread, _fold, self._path)

    async def close(self) -> None:
        """Wait for the one that runs; a database is closed once nobody else writes in it."""
        if self._running is not None:
            await self._running
        self._thread.shutdown(wait=False)


def _fold(path: Path) -> None:
    """Fold the log as far as its readers allow; what cannot be folded now is at the next time."""
    with (
        contextlib.suppress(sqlite3.Error),  # a full disk, said by whoever writes
        contextlib.closing(sqlite3.connect(path, timeout=0)) as db,
    ):
        db.execute("PRAGMA synchronous=FULL")  # the log is on the disk before its pages move
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")
