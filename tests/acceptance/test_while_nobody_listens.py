"""Reports that come while no daemon has the port open."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.clock import LoopClock
from modem.emulator import Behaviour, Network
from tests.harness import NIGHT, jobs, running, states

MAYOR = "06 39 98 00 01"
TEXT = "Crue de l'Argent-Double : gagnez la salle communale."


@pytest.mark.parametrize("make", ["simcom", "quectel", "huawei", "zte", "generic"])
async def test_a_report_that_comes_while_the_box_is_off_is_read_when_it_is_on_again(
    tmp_path: Path, make: str
) -> None:
    """An update in the middle of an alert must not make a reached person unreached."""
    network = Network(seed=40, sms_seconds=1.0)
    network.add_modem("m1", make)
    network.handset(MAYOR).behaviour = Behaviour(report_after=60.0)
    clock = LoopClock(NIGHT)
    async with running(tmp_path, network, clock=clock) as town:
        number = await town.raise_alert(TEXT, to=[MAYOR])
        await town.advance(10.0)
        assert {"handed_over"} == {job["state"] for job in jobs(await town.report(number))}
    await asyncio.sleep(100)
    async with running(tmp_path, network, clock=clock) as town:
        await town.advance(5.0)

        assert {"received"} == set(states(await town.report(number)).values())
