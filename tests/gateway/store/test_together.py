"""What waits for the disk at the same time is put there in one go, and stays apart all the same."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.errors import Refused
from gateway.store import Store
from gateway.store.together import MOST

pytestmark = pytest.mark.real_time

Work = Callable[[sqlite3.Connection], object]


class Desk:
    """A store whose writer can be kept busy, and the statements it ran since."""

    def __init__(self, store: Store) -> None:
        self.store, self.said = store, list[str]()
        self._busy, self._go_on = threading.Event(), threading.Event()

    async def behind(self, *works: Work, leaves: int | None = None) -> list[object]:
        """Let ``works`` wait behind one that is under way; return what each told or raised.

        ``leaves``: who asked for the work of this place goes away before its turn.
        """
        first = asyncio.create_task(self.store.write(self._keep_busy))
        await asyncio.to_thread(self._busy.wait, 10)
        waiting = [asyncio.create_task(self.store.write(work)) for work in works]
        await asyncio.sleep(0)  # each has taken its place
        if leaves is not None:
            waiting[leaves].cancel()
            await asyncio.sleep(0)
        self._go_on.set()
        await first
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    def _keep_busy(self, db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE line(text TEXT PRIMARY KEY)")
        db.set_trace_callback(self.said.append)
        self._busy.set()
        assert self._go_on.wait(10)
        self.said.clear()

    @property
    def commits(self) -> int:
        """How often the disk was waited for since, the busy one's own time left out."""
        return self.said.count("COMMIT") - 1

    async def lines(self) -> list[str]:
        """Return what is on the disk."""
        rows = await self.store.read(lambda db: db.execute("SELECT text FROM line").fetchall())
        return sorted(row[0] for row in rows)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Desk]:
    """Open a box's database."""
    store = Store(folder / "t.db")
    await store.open()
    try:
        yield Desk(store)
    finally:
        await store.close()


def line(text: str) -> Work:
    """Return the work of writing one line."""

    def work(db: sqlite3.Connection) -> str:
        db.execute("INSERT INTO line VALUES (?)", (text,))
        return text

    return work


def refused(db: sqlite3.Connection) -> None:
    """Write, and then think better of it."""
    db.execute("INSERT INTO line VALUES ('half')")
    raise Refused("non")


async def test_eight_modems_wait_for_the_disk_once(tmp_path: Path) -> None:
    """On an SD card each wait is 20 ms, and the network takes an SMS a second."""
    texts = [str(n) for n in range(8)]
    async with opened(tmp_path) as desk:
        assert texts == await desk.behind(*map(line, texts))
        assert 1 == desk.commits
        assert texts == await desk.lines()


async def test_a_crowd_shares_several_commits(tmp_path: Path) -> None:
    """The first must not wait for the last of an endless queue."""
    async with opened(tmp_path) as desk:
        await desk.behind(*(line(str(n)) for n in range(2 * MOST + 1)))

        assert 3 == desk.commits
        assert 2 * MOST + 1 == len(await desk.lines())


async def test_what_is_refused_leaves_nothing_and_takes_nobody_along(tmp_path: Path) -> None:
    async with opened(tmp_path) as desk:
        told = await desk.behind(line("a"), refused, line("b"))

        assert ["a", "b"] == [told[0], told[2]]
        assert isinstance(told[1], Refused)
        assert ["a", "b"] == await desk.lines()
        assert 1 == desk.commits


async def test_a_constraint_is_told_to_the_one_who_met_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as desk:
        told = await desk.behind(line("a"), line("a"), line("b"))

        assert ["a", "b"] == [told[0], told[2]]
        assert isinstance(told[1], sqlite3.IntegrityError)
        assert ["a", "b"] == await desk.lines()
        assert 1 == desk.commits


async def test_a_fault_of_the_disk_is_told_to_the_one_whose_it_was(tmp_path: Path) -> None:
    """It may have undone all that share the commit; each is then done alone."""

    def failing(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO line VALUES ('half')")
        raise sqlite3.OperationalError("disk I/O error")

    async with opened(tmp_path) as desk:
        told = await desk.behind(line("a"), failing, line("b"))

        assert ["a", "b"] == [told[0], told[2]]
        assert isinstance(told[1], sqlite3.OperationalError)
        assert ["a", "b"] == await desk.lines()


async def test_who_went_away_before_their_turn_writes_nothing(tmp_path: Path) -> None:
    """As it was when each had a transaction of its own."""
    async with opened(tmp_path) as desk:
        told = await desk.behind(line("a"), line("gone"), line("b"), leaves=1)

        assert ["a", "b"] == [told[0], told[2]]
        assert ["a", "b"] == await desk.lines()
