"""What the page costs: its weight, its lines of script, and how far behind twenty watchers are."""

from __future__ import annotations

import asyncio
import re
import statistics
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import pytest
from aiohttp import ClientSession

from tests.benchmarks.conftest import Figures
from tests.web.real import real_town
from tests.web.site import Site, site
from web.pages import STATIC

pytestmark = [pytest.mark.bench, pytest.mark.real_time]
WATCHERS, TIMES = 20, 15
_FIRST = ("/messages", "/messages/nouveau", "/contacts", "/modems", "/alerter", "/reglages")


async def _weight(browser: Site, path: str) -> int:
    """Return the octets a first visit takes: the page, and each file it names, packed."""
    async with browser.client.get(path, auto_decompress=False) as answer:
        page = await answer.read()
    total = len(page)
    for address in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.decode())):
        async with browser.client.get(
            address, headers={"Accept-Encoding": "gzip"}, auto_decompress=False
        ) as answer:
            total += len(await answer.read())
    return total


async def _behind(watcher: ClientSession, address: str, seen: asyncio.Queue[float]) -> None:
    async with watcher.get(address) as stream:
        async for line in stream.content:
            if line.startswith(b"data:"):
                seen.put_nowait(perf_counter())


async def measure(folder: Path, figures: Figures) -> None:
    async with real_town(folder) as town, site(cast("Any", town)) as browser:
        heaviest = max([await _weight(browser, path) for path in _FIRST])
        figures.add("page: heaviest first load, packed", heaviest / 1000, "kB", most=100)
        queues: list[asyncio.Queue[float]] = [asyncio.Queue() for _ in range(WATCHERS)]
        async with asyncio.TaskGroup() as tasks:
            watching = [
                tasks.create_task(
                    _behind(browser.client.session, f"{browser.origin}/flux/modems", queue)
                )
                for queue in queues
            ]
            await asyncio.sleep(1.0)
            delays: list[float] = []
            for _ in range(TIMES):
                for queue in queues:
                    while not queue.empty():
                        queue.get_nowait()
                began = perf_counter()
                town.box.daemon.changes.touch("modems")
                arrived = await asyncio.gather(*(queue.get() for queue in queues))
                delays += [at - began for at in arrived]
                await asyncio.sleep(1.2)
            for task in watching:
                task.cancel()
        p95 = statistics.quantiles(delays, n=20)[-1]
        figures.add(f"page: live, {WATCHERS} watchers, behind (p95)", p95, "s", most=1.0)


def test_the_page_is_light_and_live(tmp_path: Path, figures: Figures) -> None:
    """A village's line, an old telephone, and the whole council watching."""
    lines = len((STATIC / "app.js").read_text("utf-8").splitlines())
    figures.add("page: lines of our own script", lines, most=200)
    asyncio.run(measure(tmp_path, figures))
