"""Reports that come while nobody listens, or after their modem had lost the answer."""

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


@pytest.mark.parametrize("after", [4.0, 300.0])
async def test_a_routine_text_whose_first_answer_was_lost_arrives_whole_and_once(
    tmp_path: Path, after: float
) -> None:
    """Its report tells that the first part is there: the others follow, whenever it comes."""
    text = "Le conseil municipal se réunira jeudi à 20 h 30 à la salle des fêtes. " * 4
    network = Network(seed=42, sms_seconds=1.0)
    device = network.add_modem("m1")
    phone = network.handset(MAYOR)
    phone.behaviour = Behaviour(report_after=after)
    device.faults.swallow_final("+CMGS")
    async with running(tmp_path, network) as town:
        number = await town.raise_alert(text, to=[MAYOR], urgency="service")
        await town.advance(160.0)
        (job,) = jobs(await town.report(number))
        assert job["state"] == ("uncertain" if after > 160 else "delivered")
        await town.advance(900.0)

        assert {"received"} == set(states(await town.report(number)).values())
        assert [text.strip()] == [sms.text.strip() for sms in phone.inbox]
        assert 0 == phone.incomplete
