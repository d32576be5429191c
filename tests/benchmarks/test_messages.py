"""How much of what a network would take we give it."""

from __future__ import annotations

import asyncio
import statistics
from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from modem.emulator import Network
from tests.acceptance.box import Box, Emulated, emulated, port_of, serving, until
from tests.benchmarks.conftest import Figures
from tests.faults.disk import Disk
from tests.harness import running

pytestmark = [pytest.mark.bench, pytest.mark.real_time, pytest.mark.timeout(300)]

TEXT = "Crue : gagnez la salle communale."


def numbers(count: int) -> list[str]:
    """Return so many mobile numbers of the range kept for fiction."""
    return [f"+336399{10000 + n}" for n in range(count)]


def acceptances(emulator: Emulated) -> dict[str, list[float]]:
    """Return when each modem's messages were accepted; at the fast pace they arrive at once."""
    found = defaultdict(list)
    for record in emulator.records():
        found[record["modem"]].append(datetime.fromisoformat(record["at"]).timestamp())
    return {modem: sorted(times) for modem, times in found.items()}


def gaps_between(folder: Path, modems: int, slow: int = 0) -> list[float]:
    """Return the seconds from each SMS of a modem to its next, at a second per SMS.

    ``slow``: milliseconds that each sync of the disk takes.
    """
    pace = ("--modems", str(modems), "--profile", "generic", "--pace", "fast", "--sms-seconds", "1")
    with emulated(folder / "e", *pace) as emulator:
        box = Box(folder / "box", [port_of(modem) for modem in emulator.modems])
        if slow:
            box.env |= Disk(box.data, folder / "disk", slow=slow).env
        with serving(box):
            box.batch(dict.fromkeys(numbers(25 * modems), TEXT), "--urgency", "vital")
            until(lambda: len(emulator.records()) >= 24 * modems, "nearly all are out", limit=90)
        times = acceptances(emulator)
    assert modems == len(times)
    return [later - earlier for each in times.values() for earlier, later in pairwise(each)]


def test_eight_modems_and_a_disk_as_slow_as_a_card(tmp_path: Path, figures: Figures) -> None:
    """Twenty milliseconds for each sync, which eight modems share."""
    gaps = gaps_between(tmp_path, 8, slow=20)

    figures.add("SMS rate / link's limit, 8 modems, SD card (20 ms a sync)",
                1 / statistics.mean(gaps), least=0.9)  # fmt: skip


@pytest.mark.parametrize(("modems", "least"), [(1, 0.98), (8, 0.97)])
def test_the_rate_over_the_links_own_limit(
    tmp_path: Path, figures: Figures, modems: int, least: float
) -> None:
    """A second per SMS, over pseudo-terminals; what is missing to 1 is ours."""
    gaps = gaps_between(tmp_path, modems)

    figures.add(f"SMS rate / link's limit, {modems} modem(s), 1 s", 1 / statistics.mean(gaps),
                least=least)  # fmt: skip
    figures.add(f"modem idle between two SMS, {modems} modem(s), median",
                1000 * (statistics.median(gaps) - 1), "ms", most=20)  # fmt: skip


def test_messages_a_second_on_a_network_that_answers_at_once(
    tmp_path: Path, figures: Figures
) -> None:
    """The ceiling of our own work for one message, every step of it on disk."""
    pace = ("--profile", "generic", "--pace", "fast", "--sms-seconds", "0")
    with emulated(tmp_path / "e", *pace) as emulator:
        with serving(Box(tmp_path / "box", [port_of(emulator.modems[0])])) as box:
            before = box.cpu()
            box.batch(dict.fromkeys(numbers(1500), TEXT), "--urgency", "vital")
            until(lambda: len(emulator.records()) >= 1500, "all are out", limit=120)
            used = box.cpu() - before
        (times,) = acceptances(emulator).values()
    figures.add("CPU of the daemon per SMS", 1000 * used / 1500, "ms", most=3)
    figures.add("SMS/s, one modem, network answers at once", 1499 / (times[-1] - times[0]), "/s",
                least=150)  # fmt: skip


def test_the_link_of_fifty_milliseconds(tmp_path: Path, figures: Figures) -> None:
    """The same as the acceptance test's, as a figure."""
    pace = ("--profile", "generic", "--pace", "fast", "--sms-seconds", "0.05")
    with emulated(tmp_path / "e", *pace) as emulator:
        with serving(Box(tmp_path / "box", [port_of(emulator.modems[0])])) as box:
            box.batch(dict.fromkeys(numbers(300), TEXT), "--urgency", "vital")
            until(lambda: len(emulator.records()) >= 300, "all are out", limit=60)
        (times,) = acceptances(emulator).values()
    figures.add("link busy, batch of 300 at 50 ms", 299 * 0.05 / (times[-1] - times[0]), least=0.8)


async def test_fourteen_thousand_people_and_the_first_of_them(
    tmp_path: Path, figures: Figures
) -> None:
    """The button has been pressed: it matters how soon something is on the air."""
    network = Network(seed=1, sms_seconds=0.0, report_seconds=0.0)
    network.add_modem("m1", "generic")
    rows = "\n".join(f"Foyer {n};{number};tous" for n, number in enumerate(numbers(14_000)))
    loop, first = asyncio.get_running_loop(), asyncio.Event()
    network.on_record = lambda _: first.set()
    async with running(tmp_path, network) as town:
        await town.services.imports.take_file(town.actor, f"Nom;Tel;Groupe\n{rows}".encode())
        began = loop.time()
        number = await town.raise_alert(TEXT, groups=["tous"])
        stored = loop.time() - began
        await first.wait()
        figures.add("14,000 recipients: submit to stored", stored, "s")
        figures.add("14,000 recipients: submit to first SMS", loop.time() - began, "s", most=1.0)
        await town.services.sending.cancel(town.actor, number)


async def test_an_alert_against_a_full_queue(tmp_path: Path, figures: Figures) -> None:
    """Two thousand invitations wait on four modems; the flood passes at the next message."""
    network = Network(seed=2, sms_seconds=1.0, report_seconds=0.0)
    for n in range(4):
        network.add_modem(f"m{n}", "generic")
    loop = asyncio.get_running_loop()
    async with running(tmp_path, network) as town:
        crowd = await town.raise_alert("Fête", to=numbers(2000), urgency="information")
        await asyncio.sleep(3.5)
        flood = [f"+3363998{n:04}" for n in range(16)]
        began = loop.time()
        await town.finished(await town.raise_alert(TEXT, to=flood))
        await town.services.sending.cancel(town.actor, crowd)
    first: dict[str, float] = {}
    for sms in sorted((town.phone(n).inbox[0] for n in flood), key=lambda sms: sms.at):
        first.setdefault(sms.modem, sms.at - began - 1.0)
    assert 4 == len(first)
    figures.add("vital against full queue: begins within (SMS times)", max(first.values()),
                most=1.05)  # fmt: skip
