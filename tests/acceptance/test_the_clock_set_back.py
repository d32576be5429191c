"""The clock was set back while the box was off: a time that is over is nobody's time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.acceptance.test_asked_by_sms import texts
from tests.acceptance.test_the_clock_jumps import (
    ANNE,
    DAY,
    START,
    Jumping,
    one_modem,
    scheduled,
)
from tests.faults.table import fault
from tests.harness import Town, running
from web import pages


class Beginning(Jumping):
    """A clock that says ``START`` when it is first asked, whatever the loop's time is."""

    def __init__(self, ahead: float) -> None:
        super().__init__(START)
        self.ahead = ahead - asyncio.get_running_loop().time()


async def lived(folder: Path) -> None:
    """Have a box live an hour, with a message for the next morning, and be switched off."""
    async with running(folder, one_modem(), clock=Beginning(0)) as town:
        await scheduled(town, START + timedelta(hours=2))
        await town.advance(3600)


async def said(town: Town) -> str:
    return " ".join(await town.services.fleet.notices(town.actor))


@fault(
    "clock", "reculée pendant que le boîtier était éteint",
    "L'heure n'est pas crue : les alertes partent, les messages prévus attendent l'heure du "
    "réseau mobile ou d'internet ; la page, l'alarme et « tocsin doctor » le disent.",
)  # fmt: skip
async def test_what_is_planned_waits_until_the_time_is_somebodys(tmp_path: Path) -> None:
    """The battery of the clock is dead: the box wakes up two days ago."""
    await lived(tmp_path)
    network = one_modem()
    async with running(tmp_path, network, clock=Beginning(-2 * DAY)) as town:
        await town.advance(30)
        clock, told = town.daemon.clock, await said(town)
        late = clock.now() - START.timestamp()
        await town.advance(5 * 3600)  # long past its hour, as far as the box can count
        held, standing = texts(network, ANNE), await town.services.watching.standing(town.actor)
        number = await town.raise_alert("Crue.", to=[ANNE], channels=["sms"])
        report = await town.finished(number)
        clock.hear(START.timestamp() + 9 * 3600)
        await town.advance(60)
        apart = clock.now() - START.timestamp() - 9 * 3600
        await town.advance(3600)

        assert "a reculé" in told
        assert 3500 < late < 3800
        assert ["sûre" in one.sentence for one in standing] == [True]
        assert [] == held
        assert ["received"] == [one["state"] for one in report["recipients"]]
        assert 0 <= apart < 120
        assert "network" == clock.source
        assert ["Crue.", "Réunion."] == texts(network, ANNE)


async def test_an_alert_of_the_time_between_lives_on_and_one_before_has_aged(
    tmp_path: Path,
) -> None:
    """Six hours of life: the one of before the cut is stale, the one of now must not be."""
    network = one_modem()
    network.modems["m1"].register(0)
    async with running(tmp_path, network, clock=Beginning(0)) as town:
        before = await town.raise_alert("Ancienne.", to=[ANNE], channels=["sms"])
        await town.advance(60)
    network = one_modem()
    network.modems["m1"].register(0)
    async with running(tmp_path, network, clock=Beginning(-DAY)) as town:
        now = await town.raise_alert("Nouvelle.", to=[ANNE], channels=["sms"])
        await town.advance(60)
        town.daemon.clock.hear(START.timestamp() + 2 * DAY)
        await town.advance(60)
        network.modems["m1"].register(1)
        old, new = await town.finished(before), await town.finished(now)

    assert ["expired"] == [one["state"] for one in old["recipients"]]
    assert ["received"] == [one["state"] for one in new["recipients"]]
    assert ["Nouvelle."] == texts(network, ANNE)


async def test_whoever_reads_the_page_in_english_reads_of_the_clock_in_english(
    tmp_path: Path,
) -> None:
    """The one notice that says why nothing planned leaves."""
    await lived(tmp_path)
    async with running(tmp_path, one_modem(), clock=Beginning(-2 * DAY)) as town:
        await town.advance(30)
        (notice,) = await town.services.fleet.notices(town.actor)

    english = pages.said(pages.translations("en"), notice)

    assert english.startswith("The clock of the machine went back")
    assert "horloge" not in english


@pytest.mark.parametrize("way", ["network", "server", "hand"])
async def test_a_time_is_believed_that_somebody_speaks_for(tmp_path: Path, way: str) -> None:
    """The network, a time server, or a hand that sets the clock."""
    await lived(tmp_path)
    clock, heard = Beginning(-DAY), [False]
    async with running(tmp_path, one_modem(), clock=clock, kept=lambda: heard[0]) as town:
        await town.advance(60)
        before = town.daemon.clock.source
        if way == "network":  # and the machine says the same: what the box knew was wrong
            town.daemon.clock.hear(clock.now())
        elif way == "server":
            heard[0] = True
        else:
            clock.ahead += 2 * DAY
        await town.advance(60)
        source, apart = town.daemon.clock.source, town.daemon.clock.now() - clock.now()

    assert "none" == before
    assert "system" == source
    assert abs(apart) < 1


async def test_a_false_station_that_says_a_time_that_is_over_is_not_heard(tmp_path: Path) -> None:
    """Two that are wrong in their own way prove nothing."""
    await lived(tmp_path)
    async with running(tmp_path, one_modem(), clock=Beginning(-DAY)) as town:
        town.daemon.clock.hear(START.timestamp() - 30 * DAY)
        await town.advance(60)

        assert "none" == town.daemon.clock.source


@pytest.mark.parametrize("behind", [0.0, 200.0])
async def test_a_clock_that_lost_minutes_is_believed(tmp_path: Path, behind: float) -> None:
    """A time server takes back a second or a minute at each start."""
    await lived(tmp_path)
    async with running(tmp_path, one_modem(), clock=Beginning(3600 - behind)) as town:
        await town.advance(60)

        assert "system" == town.daemon.clock.source
        assert "a reculé" not in await said(town)
