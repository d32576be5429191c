"""One thread owns the only writing connection; another reads. Not its job: any table's meaning.

Every write is in a ``BEGIN IMMEDIATE`` that is on the disk when the coroutine goes on
(``synchronous=FULL``): a text handed to the network must not be forgotten by a power cut, or it
would be sent twice. Those that wait at the same time share one; see `gateway.store.together`.
"""

from __future__ import annotations

import asyncio
import errno
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from gateway.driven import InPlace
from gateway.errors import DiskFull, StoreError
from gateway.logs import log_for
from gateway.room import Room
from gateway.store import (
    checkpoints,
    fitting,
    mending,
    migration_useful,  # noqa: F401  # registers its step, and those before
    ours,
    rewound,
    sweeping,
    together,
    unusable,
    veil,
)
from gateway.store.cipher import Key
from gateway.store.migrations import MIGRATIONS

_log = log_for(__name__)
T = TypeVar("T")
Connection = sqlite3.Connection
Work = Callable[[Connection], T]


def connect(path: Path, key: Key | None = None) -> sqlite3.Connection:
    """Open the database with the settings everything else relies on.

    With the register's ``key`` its people are read and written; see `gateway.store.veil`.
    """
    return _connected(path, key)[0]


def _connected(path: Path, key: Key | None) -> tuple[sqlite3.Connection, veil.Veil]:
    connection = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    for pragma in (
        "auto_vacuum=INCREMENTAL",  # takes effect only before the first table
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        "temp_store=MEMORY",
        "cache_size=-8000",  # KiB: a town's whole directory, where 2 MB hold a part of it
        "secure_delete=ON",  # what was sealed or erased is not left in free pages
    ):
        connection.execute(f"PRAGMA {pragma}")
    fitting.dress(connection)
    return connection, veil.dress(connection, key)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date; a step that fails is undone whole."""
    from sqlite_utils import Database

    veil.undress(connection)
    MIGRATIONS.apply(Database(connection))
    veil.dress(connection)


class Store:
    """The database of one box, as coroutines see it."""

    def __init__(
        self, path: Path, key: Key | None = None, lived: Callable[[], bool] = lambda: False
    ) -> None:
        """Build it; ``lived`` tells of a base that is not here any more that there was one."""
        self.path, self._key, self._lived = path, key, lived
        self._writer = InPlace(1, thread_name_prefix="store-writer")
        self._reader = InPlace(1, thread_name_prefix="store-reader")
        self._write: sqlite3.Connection | None = None
        self._read: sqlite3.Connection | None = None
        self._waiting = together.Queue()
        self._veil = veil.Veil(key, None)
        self._checkpoints = checkpoints.Checkpoints(path)
        self._changed = 0  # rows, since the writer was opened
        self.mended: mending.Mended | None = None
        self.room = Room(path.parent)
        #: Whether the last transaction found no room on the disk, not even the reserve's.
        self.full = False

    async def open(self) -> None:
        """Open and migrate; raise `StoreError` with the mend when the file cannot be used."""
        loop = asyncio.get_running_loop()
        try:
            self._write = await loop.run_in_executor(self._writer, self._open_with_room)
            self._read = await loop.run_in_executor(self._reader, connect, self.path, self._key)
        except (sqlite3.Error, OSError) as error:
            if _is_full(error):
                raise DiskFull from error  # a backup given back here would lose hours for nothing
            why = unusable.why(self.path, error)
            raise StoreError(
                f"la base {self.path} ne peut pas être ouverte ({why.sentence}) ; à faire : "
                f"{why.mend}"
            ) from error

    def _open_with_room(self) -> sqlite3.Connection:
        """Open the writer, if need be in the room of the reserve that a fall has left behind."""
        try:
            return self._open_writer()
        except (sqlite3.Error, OSError) as error:
            if not _is_full(error) or not self.room.give_up():
                raise
            return self._open_writer()

    def _open_writer(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.mended = mending.make_sound(self.path, self._lived)
        connection = connect(self.path)
        self.path.chmod(0o600)
        mending.migrate(connection, self.path)
        self._veil = veil.dress(connection, self._key)
        if self.mended is not None:
            self._write_down(connection, self.mended)
        ours.note_begun(self.path)
        sweeping.settle(connection, self._veil, self.path)
        connection.execute(f"PRAGMA wal_autocheckpoint={checkpoints.LIMIT}")
        self.room.hold()
        return connection

    def _write_down(self, connection: sqlite3.Connection, mended: mending.Mended) -> None:
        """Have what the mending lost end in a state that everybody understands."""
        connection.execute("BEGIN IMMEDIATE")
        # a machine without a clock may believe it is 1970
        now = max(time.time(), mended.copied_at or 0.0)
        rewound.after_mending(connection, mended, now)
        connection.execute("COMMIT")

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in one transaction that is on disk when this returns."""
        loop, mine = asyncio.get_running_loop(), together.Waiting(work)
        self._waiting.add(mine)
        try:
            result = await loop.run_in_executor(self._writer, self._in_turn, mine)
        except asyncio.CancelledError:
            mine.dropped = True
            raise
        self._checkpoints.after(self._changed)
        return result

    def _in_turn(self, mine: together.Waiting[T]) -> T:
        """Do what waits until ``mine`` is done; it may be already, with those before it."""
        while not (mine.done or mine.dropped):
            self._write_all(self._waiting.take())
        if self._write is not None:
            sweeping.forget_log(self._write, self._veil)
        return mine.outcome()

    def _write_all(self, several: Sequence[together.Waiting[object]]) -> None:
        if len(several) > 1:
            try:
                done = self._once(partial(together.do_all, several))
            except Exception:  # noqa: BLE001  whose fault it was shows when each is alone
                _log.debug("writes undone together", writes=len(several))
            else:
                for one, told in zip(several, done, strict=True):
                    one.settle(*told)
                return
        for one in several:
            self._write_alone(one)

    def _write_alone(self, one: together.Waiting[object]) -> None:
        try:
            one.settle(self._in_transaction(one.run), None)
        except Exception as error:  # noqa: BLE001  # told to whoever asked, by `Waiting.outcome`
            one.settle(None, error)

    def _in_transaction(self, work: Work[T]) -> T:
        try:
            try:
                result = self._once(work)
            except sqlite3.OperationalError as error:
                if not _is_full(error) or not self.room.give_up():
                    raise
                result = self._once(work)
        except sqlite3.OperationalError as error:
            if not _is_full(error):
                raise
            self.full = True
            self.room.refused()
            raise DiskFull from error
        return result

    def _once(self, work: Work[T]) -> T:
        connection = self._write
        if connection is None:
            raise StoreError("the store is not open")
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
            sweeping.forget_words(connection, self._veil)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # a full disk has rolled it back itself
                connection.execute("ROLLBACK")
            raise
        self.full = False
        self._changed = connection.total_changes
        return result

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on a consistent view of what was last committed."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, self._on_snapshot, work)

    def _on_snapshot(self, work: Work[T]) -> T:
        connection = self._read
        if connection is None:
            raise StoreError("the store is not open")
        connection.execute("BEGIN")
        try:
            return work(connection)
        finally:
            connection.execute("ROLLBACK")

    async def close(self) -> None:
        """Close both connections; what was written stays written."""
        loop = asyncio.get_running_loop()
        await self._checkpoints.close()
        for executor, connection in ((self._reader, self._read), (self._writer, self._write)):
            if connection is not None:
                await loop.run_in_executor(executor, connection.close)
            executor.shutdown(wait=False)
        self._read = self._write = None


def _is_full(error: sqlite3.Error | OSError) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    code = getattr(error, "sqlite_errorcode", 0)
    # where the log's index cannot grow there is an I/O error of its own
    return code & 0xFF == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_SHMSIZE
