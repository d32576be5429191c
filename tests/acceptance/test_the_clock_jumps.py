"""The machine's clock jumps by a day or a year: nothing is lost, late or sent twice for it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.clock import LoopClock
from gateway.model import Door
from gateway.services import Draft
from modem.emulator import Network
from tests.acceptance.test_asked_by_sms import texts
from tests.faults.table import fault
from tests.harness import NIGHT, Town, running

DAY = 86400.0
JUMPS = (DAY, -DAY, 365 * DAY, -365 * DAY)
#: Late enough in its years that a year back is still a time that can be.
START = NIGHT + timedelta(days=500)
ANNE = "+33639980001"


class Jumping(LoopClock):
    """A clock that somebody, or a dying battery, sets."""

    ahead = 0.0

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        return super().now() + self.ahead


def one_modem() -> Network:
    made = Network(seed=5)
    made.add_modem("m1")
    return made


async def scheduled(town: Town, at: datetime) -> None:
    draft = Draft("Réunion.", to=(ANNE,), channels=("sms",), urgency="service", at=at,
                  at_any_hour=True)  # fmt: skip
    await town.services.sending.send(town.actor, draft, Door.COMMAND)


@pytest.mark.parametrize("jump", JUMPS)
@fault(
    "clock", "saute d'un jour ou d'un an, en avant ou en arrière, sans réseau qui le démente",
    "Après une heure elle est crue ; l'alerte en cours n'expire pas et n'attend pas.",
)  # fmt: skip
async def test_an_alert_under_way_neither_expires_nor_waits_when_the_clock_jumps(
    tmp_path: Path, jump: float
) -> None:
    """Its modem has no network yet; when it has, the alert leaves."""
    network, clock = one_modem(), Jumping(START)
    async with running(tmp_path, network, clock=clock) as town:
        network.modems["m1"].register(0)
        await town.advance(1000)
        number = await town.raise_alert("Crue.", to=[ANNE], channels=["sms"])
        clock.ahead = jump
        await town.sleep_through(4000)  # by then the machine is believed
        jumped = town.daemon.clock.jump
        network.modems["m1"].register(1)
        report = await town.finished(number)

    assert 0.0 == jumped
    assert ["received"] == [one["state"] for one in report["recipients"]]
    assert ["Crue."] == texts(network, ANNE)


@pytest.mark.parametrize("jump", JUMPS)
@fault(
    "clock", "saute, et le réseau mobile le dément",
    "Tocsin garde son heure et le dit ; un message prévu part à son heure, une fois.",
)  # fmt: skip
async def test_a_jump_the_network_denies_is_not_followed_and_is_told(
    tmp_path: Path, jump: float
) -> None:
    """A scheduled message leaves at its hour, once, whatever the machine believes."""
    network, clock = one_modem(), Jumping(START)
    async with running(tmp_path, network, clock=clock) as town:
        town.daemon.clock.hear(START.timestamp() + asyncio.get_running_loop().time())
        await scheduled(town, START + timedelta(hours=1.5))
        clock.ahead = jump
        await town.sleep_through(1.4 * 3600)
        early, alarms = texts(network, ANNE), await town.services.watching.standing(town.actor)
        await town.advance(0.2 * 3600)
        due = texts(network, ANNE)
        clock.ahead = 0.0
        await town.sleep_through(3600)
        (after, calm) = texts(network, ANNE), await town.services.watching.standing(town.actor)

    assert [] == early
    assert ["a sauté" in one.sentence for one in alarms] == [True]
    assert ["Réunion."] == due == after
    assert [] == calm


@pytest.mark.parametrize(("after", "followed"), [(120.0, True), (2000.0, False)])
async def test_a_clock_set_forward_soon_after_the_start_is_believed(
    tmp_path: Path, after: float, followed: bool
) -> None:
    """A machine without a battery begins where it stopped, and finds the time by the internet."""
    clock = Jumping(START)
    async with running(tmp_path, one_modem(), clock=clock) as town:
        await town.advance(after)
        clock.ahead = 3 * DAY
        await town.advance(60)
        jump = town.daemon.clock.jump

    assert followed is (jump == 0.0)


@fault(
    "clock", "jamais mise à l'heure",
    "L'alerte part tout de suite et ne périme pas quand l'heure arrive.",
)  # fmt: skip
async def test_an_alert_sent_while_the_clock_was_never_set_lives_on_when_it_is(
    tmp_path: Path,
) -> None:
    """The box starts in 1970, the mayor does not wait, then the time comes by the internet."""
    network, clock = one_modem(), Jumping(START)
    clock.ahead = -START.timestamp()
    async with running(tmp_path, network, clock=clock) as town:
        network.modems["m1"].register(0)
        await town.advance(60)
        number = await town.raise_alert("Crue.", to=[ANNE], channels=["sms"])
        clock.ahead = 0.0
        await town.advance(60)
        network.modems["m1"].register(1)
        report = await town.finished(number)

    assert ["received"] == [one["state"] for one in report["recipients"]]
