"""How long a message takes, before it is sent and while it leaves: by the modems that are there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from modem.emulator import Network, Pace
from tests.acceptance.test_over_the_closing_hour import PEOPLE, clock, counts, sent, written
from tests.acceptance.test_what_leaves_later import at
from tests.harness import running

#: Seconds each SMS takes.
EACH = 4.0


@pytest.mark.parametrize("urgency", ["service", "vital"])
async def test_a_modem_that_is_away_carries_nothing_of_what_is_announced(
    tmp_path: Path, urgency: str
) -> None:
    """Pulled out on Friday, it halved on the page what took all evening."""
    network = Network(seed=1, pace=Pace.FAST, sms_seconds=EACH, report_seconds=1.0)
    network.add_modem("m1")
    network.add_modem("m2")
    async with running(tmp_path, network, clock=clock(at(24, 10))) as town:
        message = replace(await written(town, "Benne jeudi."), urgency=urgency)
        both = await town.services.compose.foresee(town.actor, message)
        network.modems["m2"].unplug()
        await town.advance(60)
        alone = await town.services.compose.foresee(town.actor, message)
        number = await sent(town, message)
        await town.advance(100)
        left = await town.services.broadcasts.view(town.actor, number)
        await town.advance(EACH * PEOPLE - 80)
        found = await counts(town, number)

    assert (PEOPLE * EACH / 2, PEOPLE * EACH) == (both.duration_seconds, alone.duration_seconds)
    assert left.remaining_seconds is not None
    assert abs(left.remaining_seconds - (PEOPLE * EACH - 100)) <= 2 * EACH
    assert {"received": PEOPLE} == found


@pytest.mark.parametrize("urgency", ["service", "vital"])
@pytest.mark.parametrize(("minutes", "said"), [(2, True), (10, False)])
async def test_what_is_of_no_use_before_it_has_all_left_says_so(
    tmp_path: Path, urgency: str, minutes: int, said: bool
) -> None:
    """Four minutes of SMS, useless after two: half of the people got nothing, unannounced."""
    network = Network(seed=1, pace=Pace.FAST, sms_seconds=EACH, report_seconds=1.0)
    network.add_modem("m1")
    async with running(tmp_path, network, clock=clock(at(24, 10))) as town:
        message = replace(
            await written(town, "Benne jeudi."), urgency=urgency, expires=at(24, 10, minutes)
        )
        foreseen = await town.services.compose.foresee(town.actor, message)
        number = await sent(town, message)
        await town.advance(600)
        found = await counts(town, number)

    told = f"inutile dès 10 h {minutes:02}, avant d'être tout parti"
    assert said is any(told in one for one in foreseen.warnings)
    assert said is ("expired" in found)
