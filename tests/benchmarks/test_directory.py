"""What a directory of fourteen thousand costs: lists, pages, search; and after a year of use."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import statistics
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import pytest

from gateway.model import Door
from gateway.services import Browser, Draft
from modem.emulator import Network
from tests.benchmarks.conftest import Figures
from tests.harness import Town, running
from tests.web.site import Site, site

pytestmark = pytest.mark.bench
PEOPLE, GROUPS = 14_000, 200
#: A year of a community: jobs, and the messages they belong to.
JOBS, MESSAGES = 1_000_000, 500


def the_list() -> bytes:
    """Return a list as a community exports it: each with three ways to be reached."""
    drawn = random.Random(1)
    rows = ["Nom;Prénom;Adresse;CP;Ville;Quartier;Portable;Fixe;Courriel;Groupes"]
    rows += [
        f"Nom{drawn.randrange(4000)};Prénom{drawn.randrange(900)};{drawn.randrange(99) + 1} rue "
        f"{drawn.randrange(300)};11700;La Redorte;Quartier {drawn.randrange(12)};"
        f"06 39 {98 - n // 10_000} {n // 100 % 100:02} {n % 100:02};"
        f"01 99 00 {n // 100 % 100:02} {n % 100:02};p{n}@mairie.example;groupe {n % GROUPS}"
        for n in range(PEOPLE)
    ]
    return "\r\n".join(rows).encode()


async def timed(work: Callable[[], Awaitable[Any]], times: int = 40) -> float:
    """Return the 95th percentile of so many tries (seconds)."""
    await work()  # templates compiled, pages of the disk read
    found = []
    for _ in range(times):
        began = perf_counter()
        await work()
        found.append(perf_counter() - began)
    return statistics.quantiles(found, n=20)[-1]


async def pages(town: Town, figures: Figures, when: str) -> None:
    """Measure the pages of the directory and the message pages."""
    session = await town.services.accounts.log_in(
        "camille", "crue de l'Argent-Double", Browser("x")
    )

    class Accounts:
        def open(self, role: str) -> Any:
            return session

    class Real:
        services, accounts = town.services, Accounts()

    async with site(cast("Any", Real())) as browser:
        for name, path in PAGES.items():
            figures.add(f"{name} {when} (p95)", 1000 * await timed(opened(browser, path)), "ms",
                        most=50.0)  # fmt: skip


PAGES = {
    "directory": "/contacts", "directory, page 200": "/contacts?page=200",
    "search « p »": "/contacts?q=p", "search « nom12 rue 5 »": "/contacts?q=nom12+rue+5",
    "search by number": "/contacts?q=06+39+98+12", "one group": "/contacts?groupe=7",
    "groups": "/groupes", "one person": "/contacts/700", "messages": "/messages",
}  # fmt: skip


def opened(browser: Site, path: str) -> Callable[[], Awaitable[Any]]:
    return lambda: browser.text(path)


@pytest.mark.real_time
def test_lists_pages_and_search_with_fourteen_thousand_people(
    tmp_path: Path, figures: Figures
) -> None:
    """Before and after a million jobs."""
    asyncio.run(measure(tmp_path, figures))


async def measure(folder: Path, figures: Figures) -> None:
    network = Network(seed=1, sms_seconds=0.0, report_seconds=0.0)
    network.add_modem("m1", "generic")
    async with running(folder, network) as town:
        code = await town.services.accounts.issue_first_code()
        await town.services.accounts.create_first(
            code or "", "camille", "Camille", "crue de l'Argent-Double", Browser("x")
        )
        began = perf_counter()
        seen = await town.services.imports.preview(town.actor, "liste.csv", the_list())
        previewed = perf_counter() - began
        await town.services.imports.confirm(town.actor, seen.token)
        figures.add("14,000 rows: preview", previewed, "s")
        figures.add("14,000 rows: preview and import", perf_counter() - began, "s", most=5.0)
        await pages(town, figures, "")
    a_year_of_use(folder / "tocsin.db")
    async with running(folder, network) as town:
        await pages(town, figures, "after 1 M jobs")
        began = perf_counter()
        again = await town.services.imports.preview(town.actor, "liste.csv", the_list())
        assert 0 == again.added
        figures.add("14,000 rows: preview after 1 M jobs", perf_counter() - began, "s", most=5.0)
        await everybody(town, network, figures)


async def everybody(town: Town, network: Network, figures: Figures) -> None:
    """Alert all two hundred groups, into a database of a year."""
    first = asyncio.Event()
    network.on_record = lambda _: first.set()
    groups = tuple(one.id for one in await town.services.directory.groups(town.actor))
    draft = Draft("Crue.", group_ids=groups, channels=("sms",), urgency="vital")
    began = perf_counter()
    number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
    figures.add(f"14,000 of {len(groups)} groups after 1 M jobs: submit to stored",
                perf_counter() - began, "s")  # fmt: skip
    await first.wait()
    figures.add(f"14,000 of {len(groups)} groups after 1 M jobs: submit to first SMS",
                perf_counter() - began, "s", most=1.0)  # fmt: skip
    await town.services.sending.cancel(town.actor, number)


def a_year_of_use(path: Path) -> None:
    """Write a million jobs into the file, as a year leaves them."""
    db = sqlite3.connect(path)
    per_message = JOBS // MESSAGES
    for message in range(1, MESSAGES + 1):
        db.execute(
            "INSERT INTO broadcast(id, entity_id, title, urgency, state, plan, door, author,"
            " created_at, starts_at, expires_at, closed_at) VALUES (?,1,'x','service','closed',"
            " '{}','page','x',?,?,?,?)",
            (message, *(1.7e9 + message * 60_000,) * 4),
        )
        first = (message - 1) * per_message
        db.executemany(
            "INSERT INTO recipient(id, entity_id, broadcast_id, contact_id, name, state,"
            " changed_at, closed_at) VALUES (?,1,?,?,'x','received',1.7e9,1.7e9)",
            ((first + n + 1, message, n % PEOPLE + 1) for n in range(per_message)),
        )
        db.executemany(
            "INSERT INTO job(entity_id, broadcast_id, recipient_id, channel, line, address,"
            " urgency, step, rank, state, not_before, expires_at, attempts) VALUES"
            " (1,?,?,'sms','mobile','+33639980001','service',0,1000,'delivered',1.7e9,1.7e9,1)",
            ((message, first + n + 1) for n in range(per_message)),
        )
    db.commit()
    db.close()
