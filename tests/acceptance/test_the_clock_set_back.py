"""The clock was set back while the box was off: a time that is over is nobody's time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.clock import command
from gateway.errors import Refused
from gateway.services import Actor, AuditFilter
from gateway.services.permits import NotAllowed
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
        await town.sleep_through(3600)


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
        await town.sleep_through(5 * 3600)  # long past its hour, as far as the box can count
        held, standing = texts(network, ANNE), await town.services.watching.standing(town.actor)
        number = await town.raise_alert("Crue.", to=[ANNE], channels=["sms"])
        report = await town.finished(number)
        clock.hear(START.timestamp() + 9 * 3600)
        await town.advance(60)
        apart = clock.now() - START.timestamp() - 9 * 3600
        await town.sleep_through(3600)

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


TECHNICIAN = Actor(7, "paul", "Paul", "technician", 1, "La Redorte")


async def test_a_technician_says_that_the_machine_is_right_and_what_is_planned_goes_on(
    tmp_path: Path,
) -> None:
    """A box that had once lived in a wrong future would hold everything back until then."""
    await lived(tmp_path)
    clock, network = Beginning(-DAY), one_modem()
    async with running(tmp_path, network, clock=clock) as town:
        await town.advance(60)
        before = town.services.timing.view(TECHNICIAN)
        after = await town.services.timing.vouch(TECHNICIAN)
        with pytest.raises(Refused, match="déjà suivie"):
            await town.services.timing.vouch(TECHNICIAN)
        calm = await said(town)
        alert = await town.finished(await town.raise_alert("Crue.", to=[ANNE]))
        entries = await town.services.audit.page(town.actor, AuditFilter("box"))
        await town.sleep_through(DAY + 3 * 3600)
    async with running(tmp_path, one_modem(), clock=Beginning(-DAY + 3600)) as town:
        again = town.services.timing.view(TECHNICIAN).held

    assert before.held
    assert before.ours - before.machine > timedelta(hours=23)
    assert not after.held
    assert after.ours == after.machine
    assert "a reculé" not in calm
    assert ["received"] == [one["state"] for one in alert["recipients"]]
    assert ["Crue.", "Réunion."] == texts(network, ANNE)
    assert "Paul" in str(entries)
    assert "heure de la machine est juste" in str(entries)
    assert again, "what was lived since the word was given counts again"


async def test_a_start_soon_after_the_word_was_given_does_not_doubt_it(tmp_path: Path) -> None:
    """The wrong future stands in the record; whoever has spoken is not asked at each start."""
    await lived(tmp_path)
    async with running(tmp_path, one_modem(), clock=Beginning(-DAY)) as town:
        await town.advance(60)
        await town.services.timing.vouch(TECHNICIAN)
    async with running(tmp_path, one_modem(), clock=Beginning(-DAY + 600)) as town:
        await town.advance(30)

        assert not town.services.timing.view(TECHNICIAN).held


async def test_a_clock_put_right_by_hand_need_not_wait_its_hour(tmp_path: Path) -> None:
    """Set with timedatectl while the box runs, and confirmed at once."""
    clock = Beginning(0)
    async with running(tmp_path, one_modem(), clock=clock) as town:
        await town.advance(1200)
        clock.ahead += DAY
        await town.advance(60)
        before = town.services.timing.view(TECHNICIAN)
        after = await town.services.timing.vouch(TECHNICIAN)

    assert before.held
    assert timedelta(hours=23) < before.machine - before.ours
    assert not after.held
    assert after.ours == after.machine


@pytest.mark.parametrize("role", ["sender", "approver", "keeper", "auditor"])
async def test_whoever_does_not_tend_the_box_has_no_word_in_its_time(
    tmp_path: Path, role: str
) -> None:
    """It lets everything planned go."""
    await lived(tmp_path)
    async with running(tmp_path, one_modem(), clock=Beginning(-DAY)) as town:
        await town.advance(60)
        with pytest.raises(NotAllowed):
            await town.services.timing.vouch(replace(TECHNICIAN, role=role))

        assert town.services.timing.view(town.actor).held


async def test_a_time_in_which_no_box_has_lived_is_not_confirmed(tmp_path: Path) -> None:
    """1970 is nobody's today, whoever says so."""
    async with running(tmp_path, one_modem(), clock=Beginning(-START.timestamp())) as town:
        await town.advance(60)
        with pytest.raises(Refused, match="timedatectl set-time"):
            await town.services.timing.vouch(TECHNICIAN)


async def typed(folder: Path, *words: str, answer: str = "") -> Result:
    """Type ``tocsin clock`` with these words beside the running box."""
    config = folder / "tocsin.toml"
    config.write_text(f'data_dir = "{folder}"\n[town]\nname = "La Redorte"\n', encoding="utf-8")
    whole = ["--config", str(config), *words]
    return await asyncio.to_thread(CliRunner().invoke, command, whole, input=answer)


async def test_the_command_line_shows_both_times_and_takes_a_word_only_after_a_yes(
    tmp_path: Path,
) -> None:
    """The same door as the page's, for whoever came with a screen and a keyboard."""
    await lived(tmp_path)
    async with running(tmp_path, one_modem(), clock=Beginning(-DAY)) as town:
        await town.advance(60)
        shown = await typed(tmp_path)
        no = await typed(tmp_path, "--right", answer="n\n")
        held = town.services.timing.view(TECHNICIAN).held
        yes = await typed(tmp_path, "--right", "--json", answer="y\n")
        after = await typed(tmp_path)
        again = await typed(tmp_path, "--right", "--yes")

    assert "n'est pas crue" in shown.output
    assert "tocsin clock --right" in shown.output
    assert 1 == no.exit_code
    assert held
    assert 0 == yes.exit_code, yes.output
    assert '"held": false' in yes.output
    assert "suit l'heure de la machine" in after.output
    assert "rien à confirmer" in str(again.exception)


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
