"""The oldest box in the cupboard: two fifths of one core, a quarter of a gigabyte."""

from __future__ import annotations

import statistics
from itertools import pairwise
from pathlib import Path

import pytest

from tests.acceptance.box import Box, emulated, port_of, serving, until
from tests.benchmarks.conftest import Figures
from tests.benchmarks.small import Held, small_machine
from tests.benchmarks.test_messages import TEXT, acceptances, numbers

pytestmark = [pytest.mark.bench, pytest.mark.real_time]

PEOPLE, MODEMS = 600, 4
SHARE, MEGABYTES = 0.4, 256


@pytest.mark.timeout(900)
def test_an_alert_to_six_hundred_holds_its_pace_on_a_small_machine(
    tmp_path: Path, figures: Figures
) -> None:
    """A second per SMS on each of four modems, held and then free: the ratio is the slowness."""
    with small_machine(SHARE, MEGABYTES) as machine:
        held, used, peak = _rate(tmp_path / "held", machine)
    free, _, _ = _rate(tmp_path / "free", Held("nothing"))
    figures.add(f"{SHARE:.0%} of a core ({machine.how}): rate / the free machine's",
                held / free, least=0.97)  # fmt: skip
    figures.add("the same: rate / link's limit", held)
    figures.add("the same: processor used for 600 SMS", used, "s")
    figures.add("the same: most memory held", peak, "MB", most=MEGABYTES)


def _rate(folder: Path, machine: Held) -> tuple[float, float, float]:
    """Return the rate over the link's limit, processor seconds and most memory (MB)."""
    pace = ("--profile", "generic", "--pace", "fast", "--sms-seconds", "1")
    with emulated(folder / "e", "--modems", str(MODEMS), *pace) as emulator:
        box = Box(folder / "box", [port_of(modem) for modem in emulator.modems])
        box.held = machine.prefix
        with serving(box):
            assert box.daemon is not None
            if not machine.prefix and machine.share < 1:
                machine.watch(box.daemon.pid)
            before = box.cpu()
            box.batch(dict.fromkeys(numbers(PEOPLE), TEXT), "--urgency", "vital")
            until(lambda: len(emulator.records()) >= PEOPLE, "all are out",
                  limit=1.5 * PEOPLE / MODEMS)  # fmt: skip
            used, peak = box.cpu() - before, machine.peak(box.daemon.pid)
        times = acceptances(emulator)
    gaps = [later - earlier for each in times.values() for earlier, later in pairwise(each)]

    assert dict.fromkeys(numbers(PEOPLE), 1) == emulator.copies()
    return 1 / statistics.mean(gaps), used, peak
