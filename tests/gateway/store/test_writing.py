"""One writer, many who write: what a modem waits for goes first, and nobody is forgotten."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from random import Random

import pytest

from gateway.store import Connection, Store
from gateway.store.base import FIRST

pytestmark = pytest.mark.real_time


async def test_what_a_modem_waits_for_overtakes_what_can_wait(tmp_path: Path) -> None:
    """And each keeps its own order."""
    store, done, hold = Store(tmp_path / "x.db"), [], threading.Event()
    await store.open()

    async def write(name: str, *, first: bool = False) -> None:
        FIRST.set(first)
        await store.write(lambda _: done.append(name))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(store.write(lambda _: hold.wait(10)))
        await asyncio.sleep(0)
        for number in range(3):
            tasks.create_task(write(f"mail {number}"))
        await asyncio.sleep(0)
        tasks.create_task(write("sms", first=True))
        await asyncio.sleep(0)
        hold.set()
    await store.close()

    assert ["sms", "mail 0", "mail 1", "mail 2"] == done


@pytest.mark.parametrize("seed", range(20))
async def test_whoever_is_sent_away_while_waiting_takes_nobody_s_turn(
    tmp_path: Path, seed: int
) -> None:
    """Half of the writers are cancelled at any moment: all others end, each with its own result."""
    random, store = Random(seed), Store(tmp_path / "x.db")
    await store.open()

    async def write(number: int) -> int:
        FIRST.set(random.random() < 0.5)
        return await store.write(lambda _: number)

    tasks = [asyncio.create_task(write(number)) for number in range(60)]
    for task in random.sample(tasks, 30):
        await asyncio.sleep(0)
        task.cancel()
    async with asyncio.timeout(20):
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        last = await store.write(lambda _: "still at work")
    await store.close()

    for number, end in enumerate(ends):
        assert end == number or isinstance(end, asyncio.CancelledError)
    assert "still at work" == last


async def test_what_fails_is_undone_and_told_to_whoever_asked_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "x.db")
    await store.open()

    def fail(db: Connection) -> None:
        db.execute("INSERT INTO concat_counter VALUES ('sim1', 1)")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store.write(fail)
    rows = await store.read(lambda db: db.execute("SELECT * FROM concat_counter").fetchall())
    await store.close()

    assert [] == rows
