"""How soon a word by SMS is seen, read back and acted upon, on the real clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from modem.emulator import Network
from tests.acceptance.launching import MAYOR, PIN, code_in, ready, texts
from tests.acceptance.test_asked_by_sms import ANNE
from tests.benchmarks.conftest import Figures
from tests.harness import running

pytestmark = [pytest.mark.bench, pytest.mark.real_time, pytest.mark.timeout(180)]


async def _until(look: Callable[[], object]) -> float:
    """Wait until it is so; return the loop's time."""
    loop = asyncio.get_running_loop()
    for _ in range(3000):
        if look():
            return loop.time()
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


async def test_a_reply_is_seen_and_an_alert_leaves_from_a_telephone(
    tmp_path: Path, figures: Figures
) -> None:
    """A second per SMS, as on the air: two of them are in the way of CRUE and its read-back."""
    made = Network(seed=3, sms_seconds=1.0, report_seconds=0.5)
    made.add_modem("m1")
    loop = asyncio.get_running_loop()
    async with running(tmp_path, made, clock=SystemClock()) as town:
        await ready(town)
        began = loop.time()
        made.send(MAYOR, made.modems["m1"], f"CRUE {PIN}")
        read_back = await _until(lambda: any("OUI" in one for one in texts(made, MAYOR)))
        figures.add("CRUE to the read-back", read_back - began, "s", most=10)
        said = next(one for one in texts(made, MAYOR) if "OUI" in one)
        began = loop.time()
        made.send(MAYOR, made.modems["m1"], f"OUI {code_in(said)}")
        first = await _until(lambda: texts(made, ANNE))  # a second of it is the text's own
        figures.add("confirmation to the first alert", first - began - 1.0, "s", most=2)
        listed = await town.services.broadcasts.list(town.actor)
        number = next(one.id for one in listed.items if one.author == "Mme le maire")
        topic = f"broadcast:{number}"
        await asyncio.sleep(4)  # its own reports and words are through
        before = town.daemon.changes.version(topic)
        began = loop.time()
        made.send(ANNE, made.modems["m1"], "1")
        seen = await _until(lambda: town.daemon.changes.version(topic) > before)
        report = await town.report(number)
        figures.add("reply to its effect on the live page", seen - began, "s", most=1)
    assert any(one["state"] == "acknowledged" for one in report["recipients"])
