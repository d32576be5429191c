"""Driven time jumps where nobody waits, and nowhere else."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.driven import InPlace


async def test_an_hour_passes_at_once() -> None:
    """And the loop says that it has."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    await asyncio.sleep(3600)

    assert 3600 <= loop.time() - began < 3601


async def test_no_timer_overtakes_what_a_thread_is_doing() -> None:
    """A time limit of a second is none while the disk takes its own time."""
    loop, done = asyncio.get_running_loop(), threading.Event()
    threading.Timer(0.05, done.set).start()

    async with asyncio.timeout(1):
        assert await loop.run_in_executor(None, done.wait, 10)


async def test_short_work_is_done_in_place_and_answers_in_its_turn() -> None:
    """Whoever was ready before it goes first, as if a thread had done it."""
    loop, order = asyncio.get_running_loop(), []
    with InPlace(1) as quick:
        loop.call_soon(order.append, "who was ready")
        where = await loop.run_in_executor(quick, threading.get_ident)
        order.append("the answer")

    assert where == threading.get_ident()
    assert order == ["who was ready", "the answer"]


@pytest.mark.parametrize("kind", [InPlace, ThreadPoolExecutor])
async def test_what_goes_wrong_reaches_whoever_asked(kind: type[ThreadPoolExecutor]) -> None:
    """In place as in a thread."""
    with kind(1) as pool, pytest.raises(ZeroDivisionError):
        await asyncio.get_running_loop().run_in_executor(pool, lambda: 1 / 0)


async def test_whoever_gave_up_waiting_is_not_answered() -> None:
    """A cancelled wait is no fault of the work."""
    loop = asyncio.get_running_loop()
    with InPlace(1) as quick:
        waiting = loop.run_in_executor(quick, int)
        waiting.cancel()
        await asyncio.sleep(0)

    assert waiting.cancelled()
