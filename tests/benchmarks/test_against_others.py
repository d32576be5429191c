"""The others in the same run, on the same emulated modems: a ratio, not a boast."""

from __future__ import annotations

import statistics
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.acceptance.box import Emulated, emulated
from tests.benchmarks.conftest import Figures
from tests.benchmarks.others import PROGRAMS
from tests.benchmarks.test_messages import TEXT, acceptances, numbers

pytestmark = [pytest.mark.bench, pytest.mark.real_time, pytest.mark.timeout(900)]

#: Seconds a program is watched, and messages that make a rate: the slowest do not finish.
LIMIT = 75.0
ENOUGH = 10


@pytest.mark.parametrize(("seconds", "count", "goal"), [(1.0, 20, 1.4), (0.05, 100, 5.0)])
def test_the_same_messages_by_four_programs(
    tmp_path: Path, figures: Figures, seconds: float, count: int, goal: float
) -> None:
    """One modem, one network, the same texts; the rate is that between the messages.

    What a program does before its first message is not counted, for none of them.
    """
    rates = {name: _rate(tmp_path / name, name, seconds, count) for name in PROGRAMS}
    best = max(rate for name, rate in rates.items() if name != "Tocsin")
    sys.stdout.write(f"\n\n{count} SMS, {seconds:g} s each on the network\n")
    for name, rate in sorted(rates.items(), key=lambda one: -one[1]):
        sys.stdout.write(f"  {name:<12} {rate:8.3f} SMS/s   {rate * seconds:6.1%} of the link\n")
    figures.add(
        f"Tocsin / best of the others, {seconds:g} s per SMS", rates["Tocsin"] / best, least=goal
    )
    assert rates["Tocsin"] >= best


def _rate(folder: Path, name: str, seconds: float, count: int) -> float:
    pace = ("--profile", "generic", "--pace", "fast", "--sms-seconds", f"{seconds:g}")
    with emulated(folder / "e", *pace) as emulator:
        port = emulator.modems[0]["at"]
        with PROGRAMS[name](folder / "box", port, numbers(count), TEXT):
            _patiently(emulator, count, LIMIT)
        times = [at for each in acceptances(emulator).values() for at in each]
    assert len(times) >= ENOUGH, f"{name} sent {len(times)} of {count}"
    return 1 / statistics.mean(later - earlier for earlier, later in pairwise(sorted(times)))


def _patiently(emulator: Emulated, count: int, limit: float) -> None:
    until = time.monotonic() + limit
    while len(emulator.records()) < count and time.monotonic() < until:
        time.sleep(0.1)
