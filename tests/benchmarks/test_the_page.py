"""What the page costs: its weight, its lines of script, and how far behind twenty watchers are."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
import statistics
from pathlib import Path
from time import perf_counter, time
from typing import Any, cast

import pytest
from aiohttp import ClientSession, CookieJar, TCPConnector

from gateway.services import Draft
from tests.acceptance.box import Box, emulated, port_of, serving
from tests.benchmarks.conftest import Figures
from tests.benchmarks.test_directory import the_list
from tests.benchmarks.test_messages import TEXT, numbers
from tests.benchmarks.test_the_daemon import logged_in
from tests.web.real import RealTown, real_town
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


async def _behind(
    watcher: ClientSession, origin: str, stream: str, part: str, seen: asyncio.Queue[float]
) -> None:
    """Do as a page does: hear that something changed, ask for its new part, have it."""
    async with watcher.get(origin + stream) as told:
        async for line in told.content:
            if line.startswith(b"data:"):
                async with watcher.get(origin + part) as answer:
                    await answer.read()
                seen.put_nowait(perf_counter())


async def measure(folder: Path, figures: Figures) -> None:
    async with real_town(folder) as town, site(cast("Any", town)) as browser:
        heaviest = max([await _weight(browser, path) for path in _FIRST])
        figures.add("page: heaviest first load, packed", heaviest / 1000, "kB", most=100)
        draft = Draft("Essai.", group_ids=(1,), channels=("sms",), urgency="vital")
        number = await town.services.sending.send(town.actor, draft)
        await town.box.finished(number)
        message = f"/messages/{number}/suivi"
        for what, stream, part, topic in (
            ("modems", "/flux/modems", "/modems/etat", "modems"),
            ("one message", f"/flux/messages/{number}", message, f"broadcast:{number}"),
        ):
            p95 = await _watched(town, browser, stream, part, topic)
            told = f"page: live, {what}, {WATCHERS} watchers, until drawn (p95)"
            figures.add(told, p95, "s", most=1.0)


async def _watched(town: RealTown, browser: Site, stream: str, part: str, topic: str) -> float:
    queues: list[asyncio.Queue[float]] = [asyncio.Queue() for _ in range(WATCHERS)]
    delays: list[float] = []
    async with asyncio.TaskGroup() as tasks, ClientSession(
        cookies={"tocsin": town.accounts.session.token}, cookie_jar=CookieJar(unsafe=True),
        connector=TCPConnector(limit=0),  # twenty browsers, not one
    ) as watcher:  # fmt: skip
        watching = [
            tasks.create_task(_behind(watcher, browser.origin, stream, part, queue))
            for queue in queues
        ]
        await asyncio.sleep(1.5)
        for _ in range(TIMES):
            for queue in queues:
                while not queue.empty():
                    queue.get_nowait()
            began = perf_counter()
            town.box.daemon.changes.touch(topic)
            arrived = await asyncio.gather(*(queue.get() for queue in queues))
            delays += [at - began for at in arrived]
            await asyncio.sleep(1.2)
        for task in watching:
            task.cancel()
    return statistics.quantiles(delays, n=20)[-1]


def test_the_page_is_light_and_live(tmp_path: Path, figures: Figures) -> None:
    """A village's line, an old telephone, and the whole council watching."""
    lines = len((STATIC / "app.js").read_text("utf-8").splitlines())
    figures.add("page: lines of our own script", lines, most=200)
    asyncio.run(measure(tmp_path, figures))


#: Modems that send, and how many people the directory holds meanwhile.
MODEMS, TRIES = 12, 40


@pytest.mark.timeout(400)
def test_pages_while_all_modems_send(tmp_path: Path, figures: Figures) -> None:
    """A community's directory, a month behind its modems, an alert under way: none is slow."""
    pace = ("--modems", str(MODEMS), "--profile", "generic", "--pace", "fast", "--sms-seconds", "1")
    with contextlib.ExitStack() as stack:
        emulator = stack.enter_context(emulated(tmp_path / "e", *pace))
        ports = [port_of(modem) for modem in emulator.modems]
        box = stack.enter_context(serving(Box(tmp_path / "box", ports)))
        box.tocsin("user", "add", "maire", stdin="un mot de passe bien long\n")
        people = tmp_path / "liste.csv"
        people.write_bytes(the_list())
        taken = box.tocsin("import", str(people))
        assert taken.returncode == 0, taken.stderr
        a_month_of_signal(box.data / "tocsin.db", [modem["name"] for modem in ports])
        ask = logged_in(box)
        number = box.batch(dict.fromkeys(numbers(4000), TEXT), "--urgency", "vital")
        pages = {
            "home": "/messages", "compose": "/messages/nouveau", "message": f"/messages/{number}",
            "its progress": f"/messages/{number}/suivi", "directory": "/contacts",
            "a search in it": "/contacts?q=nom12+rue+5", "modems": "/modems", "alert": "/alerter",
        }  # fmt: skip
        for name, path in pages.items():
            ask(path)
            took = [ask(path) for _ in range(TRIES)]
            p95 = 1000 * statistics.quantiles(took, n=20)[-1]
            figures.add(f"page: {name}, 14,000 people, {MODEMS} modems sending (p95)", p95, "ms",
                        most=50)  # fmt: skip
        assert len(emulator.records()) < 4000, "it was still sending"


def a_month_of_signal(path: Path, modems: list[str]) -> None:
    """Write what the modems heard for a month: five minutes each at first, then hours."""
    now = int(time())
    moments = [now - 300 * n for n in range(576)] + [now - 3600 * n for n in range(48, 720)]
    with contextlib.closing(sqlite3.connect(path, timeout=30)) as db, db:
        db.executemany(
            "INSERT OR REPLACE INTO modem_sample(modem, at, signal, ready) VALUES (?,?,?,1.0)",
            [(name, at // 300 * 300, -70.0 - at // 300 % 20) for name in modems for at in moments],
        )
