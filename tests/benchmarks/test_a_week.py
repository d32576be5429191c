"""A week in the cupboard, on driven time: what is used on the last day is what the second used."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.config_box import HealthSettings
from modem.emulator import Behaviour, Network, Pace
from tests.acceptance.test_asked_by_sms import NOON, clock
from tests.acceptance.test_soak import unrecorded
from tests.benchmarks.conftest import Figures
from tests.harness import Town, running

DAY = 86400.0
#: People a day who get a text, and those who are called.
TEXTS, CALLS = 120, 6
#: What one text leaves in the database, its events, attempt and parts with it, at most (bytes).
BYTES = 5000


@dataclass(frozen=True)
class Used:
    """What the process and its disk hold at the end of a day."""

    memory: float  # MB
    files: int
    tasks: int
    objects: int
    database: int  # bytes


def used(folder: Path) -> Used:
    """Look at this process and its database."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Used(
        pages * os.sysconf("SC_PAGE_SIZE") / 1e6, len(list(Path("/proc/self/fd").iterdir())),
        len(asyncio.all_tasks()), len(gc.get_objects()), (folder / "tocsin.db").stat().st_size,
    )  # fmt: skip


async def a_day(town: Town, numbers: Iterator[int]) -> None:
    """Live a day: messages of all kinds in working hours, a call round, somebody who replies."""
    for turn in range(6):
        people = [f"+3363998{next(numbers):04d}" for _ in range(TEXTS // 6)]
        urgency = "vital" if turn == 3 else "service"
        await town.raise_alert(f"Message {turn}", to=people, urgency=urgency)
        farm = f"+3319900{next(numbers):04d}"
        town.phone(farm, Behaviour(answers_after=2.0, hangs_up_after=8.0))
        await town.raise_alert(f"Appel {turn}", to=[farm], channels=["voice"])
        town.network.send(people[0], town.network.modems["m1"], "ok bien reçu")
        await town.advance(3600)
    await town.advance(DAY - 6 * 3600)


@pytest.mark.bench
@pytest.mark.timeout(1800)
async def test_a_week_of_life_leaves_nothing_behind(tmp_path: Path, figures: Figures) -> None:
    """Memory, descriptors and tasks are flat; the database grows by what was sent."""
    network = Network(seed=3, pace=Pace.FAST, sms_seconds=2.0, report_seconds=3.0,
                      keep_audio=False)  # fmt: skip
    for name in ("m1", "m2"):
        network.add_modem(name)
    health = HealthSettings(heartbeat_hours=24, sign_of_life="sms",
                            technician_sms="06 39 98 00 50")  # fmt: skip
    days, numbers = [], itertools.count(100)
    with unrecorded():
        async with running(tmp_path, network, clock=clock(NOON), health=health) as town:
            for _ in range(7):
                await a_day(town, numbers)
                network._handsets.clear()  # what telephones hold is not ours
                days.append(used(tmp_path))
    second, last = days[1], days[-1]
    grown = (last.database - second.database) / 5
    figures.add("a week: memory grown from the second day on", last.memory - second.memory, "MB",
                most=10)  # fmt: skip
    figures.add("a week: descriptors grown", last.files - second.files, most=0)
    figures.add("a week: tasks grown", last.tasks - second.tasks, most=0)
    figures.add("a week: database for each text", grown / (TEXTS + CALLS), "bytes", most=BYTES)

    assert last.files <= second.files
    assert last.tasks <= second.tasks
    assert last.memory - second.memory < 10
    assert last.objects < second.objects * 1.05
    assert 0 < grown / (TEXTS + CALLS) < BYTES
