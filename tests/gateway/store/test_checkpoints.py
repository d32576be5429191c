"""The log is folded into the database beside the writer, and no alert waits for it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from gateway.store import checkpoints
from gateway.store.base import Store, connect
from gateway.store.checkpoints import LIMIT, ROWS, Checkpoints


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "t.db"


def rows_without_the_log(path: Path) -> int:
    """What the database has by itself, as if its log were not there."""
    alone = path.parent / "alone.db"
    shutil.copy(path, alone)
    with contextlib.closing(sqlite3.connect(alone)) as db:
        return int(db.execute("SELECT count(*) FROM line").fetchone()[0])


def writer(path: Path) -> sqlite3.Connection:
    db = connect(path)
    db.execute("CREATE TABLE line(text TEXT)")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute(f"PRAGMA wal_autocheckpoint={LIMIT}")
    return db


def write(db: sqlite3.Connection, rows: int) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT INTO line VALUES (?)", [("x" * 400,)] * rows)
    db.execute("COMMIT")


async def test_a_long_write_leaves_the_log_to_somebody_else(path: Path) -> None:
    """SQLite's own limit of a thousand pages would have had this very commit move them all."""
    with contextlib.closing(writer(path)) as db:
        write(db, 14_000)

        assert 0 == rows_without_the_log(path)

        beside = Checkpoints(path)
        beside.after(db.total_changes)
        await beside.close()

        assert 14_000 == rows_without_the_log(path)


async def test_a_short_write_costs_no_checkpoint(path: Path) -> None:
    with contextlib.closing(writer(path)) as db:
        write(db, ROWS - 1)
        beside = Checkpoints(path)
        beside.after(db.total_changes)
        await beside.close()

        assert 0 == rows_without_the_log(path)


async def test_many_short_writes_do_not_make_a_long_log(path: Path) -> None:
    """The log is used again from its start once all of it is in the database."""
    with contextlib.closing(writer(path)) as db:
        longest = 0
        for _ in range(60):
            write(db, 500)
            beside = Checkpoints(path)
            beside.after(ROWS)
            await beside.close()
            longest = max(longest, path.with_name("t.db-wal").stat().st_size)

        assert 60 * 500 == rows_without_the_log(path)
        assert longest < 1_000_000


async def test_a_reader_puts_it_off_and_breaks_nothing(path: Path) -> None:
    with contextlib.closing(writer(path)) as db, contextlib.closing(connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM line").fetchone()
        write(db, ROWS)
        beside = Checkpoints(path)
        beside.after(ROWS)
        beside.after(3 * ROWS)  # one at a time
        await beside.close()

        assert 0 == rows_without_the_log(path)

        reader.execute("ROLLBACK")
        again = Checkpoints(path)
        again.after(ROWS)
        await again.close()

        assert ROWS == rows_without_the_log(path)


async def test_a_database_that_is_gone_is_no_failure_of_the_write(tmp_path: Path) -> None:
    """What cannot be folded stays in the log: whoever writes next says what is wrong."""
    beside = Checkpoints(tmp_path / "nowhere" / "t.db")
    beside.after(ROWS)
    await beside.close()


async def test_the_store_counts_what_it_changes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every four thousand rows, not every write."""
    folded: list[Path] = []
    monkeypatch.setattr(checkpoints, "_fold", folded.append)
    store = Store(path)
    await store.open()
    await store.write(lambda db: db.execute("CREATE TABLE line(text TEXT)"))
    folded.clear()
    limit = await store.write(lambda db: db.execute("PRAGMA wal_autocheckpoint").fetchone()[0])
    for rows in (ROWS // 2, ROWS // 2, ROWS // 2):
        await store.write(
            lambda db, rows=rows: db.executemany(  # type: ignore[misc]
                "INSERT INTO line VALUES (?)", [("x",)] * rows
            )
        )
    await store.close()

    assert limit == LIMIT
    assert folded == [path]
