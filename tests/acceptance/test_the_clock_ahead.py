"""A machine that starts far ahead, or that the network contradicts: its time is nobody's."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.model import Door
from gateway.services import Draft
from gateway.services.retention import Retention
from gateway.upkeep import look_outside
from gateway.upkeep.findings import Finding, Level
from tests.acceptance.test_asked_by_sms import MAYOR, texts
from tests.acceptance.test_the_clock_jumps import ANNE, DAY, START, one_modem, scheduled
from tests.acceptance.test_the_clock_set_back import TECHNICIAN, Beginning, lived, said, typed
from tests.faults.table import fault
from tests.harness import Town, running
from web import pages

AHEAD = 400 * DAY
TO = tuple(f"+336399800{n:02d}" for n in range(1, 21))


def network_says(town: Town, moment: float) -> None:
    """Have a modem tell what its network says."""
    town.daemon.clock.hear(moment)


async def standing(town: Town) -> list[str]:
    return [one.sentence for one in await town.services.watching.standing(town.actor)]


@fault(
    "clock", "de plus de sept jours en avance sur le dernier signe de vie au démarrage",
    "L'heure n'est pas crue, l'alarme le dit : l'alerte en cours n'expire pas, les messages prévus "
    "et les effacements attendent un serveur de temps, le réseau mobile ou quelqu'un.",
)  # fmt: skip
async def test_an_alert_under_way_does_not_expire_by_a_clock_that_starts_far_ahead(
    tmp_path: Path,
) -> None:
    """The box fell in the middle of it, and woke up in another year."""
    network = one_modem()
    network.modems["m1"].register(0)
    async with running(tmp_path, network, clock=Beginning(0)) as town:
        number = await town.raise_alert("Crue.", to=TO, channels=["sms"])
        await town.advance(60)
    network = one_modem()
    async with running(tmp_path, network, clock=Beginning(AHEAD)) as town:
        await town.advance(30)
        source, told = town.daemon.clock.source, await said(town)
        report = await town.finished(number)
        await town.sleep_through(1800)
        alarms = await standing(town)

    assert "none" == source
    assert {"received"} == {one["state"] for one in report["recipients"]}
    assert "avance de 400 j" in told
    assert ["avance de 400 j" in one for one in alarms] == [True]


@pytest.mark.parametrize("way", ["server at once", "server", "network", "hand", "person"])
async def test_a_box_from_the_cupboard_comes_back_to_life_when_somebody_speaks_for_the_time(
    tmp_path: Path, way: str
) -> None:
    """It was really off for a year: no alert of then leaves as soon as that is known."""
    network = one_modem()
    network.modems["m1"].register(0)
    async with running(tmp_path, network, clock=Beginning(0)) as town:
        number = await town.raise_alert("Crue.", to=[ANNE], channels=["sms"])
        await town.advance(60)
    network = one_modem()
    network.modems["m1"].register(0)
    clock, heard = Beginning(AHEAD), [way == "server at once"]
    async with running(tmp_path, network, clock=clock, kept=lambda: heard[0]) as town:
        before = town.daemon.clock.source
        if way == "network":
            network_says(town, clock.now())
        elif way == "server":
            heard[0] = True
        elif way == "person":
            await town.services.timing.vouch(TECHNICIAN)
        elif way == "hand":  # and it had been wrong: back to the day after the stop
            clock.ahead -= AHEAD - DAY
        await town.advance(60)
        source, apart = town.daemon.clock.source, town.daemon.clock.now() - clock.now()
        report = await town.finished(number)

    assert before == ("system" if way == "server at once" else "none")
    assert "system" == source
    assert abs(apart) < 1
    assert ["expired"] == [one["state"] for one in report["recipients"]]


async def test_a_clock_far_ahead_gives_way_to_the_network_and_that_is_told(tmp_path: Path) -> None:
    """Two say the same, what the box knows and the network: the third is wrong."""
    await lived(tmp_path)
    network = one_modem()
    async with running(tmp_path, network, clock=Beginning(AHEAD)) as town:
        network_says(town, START.timestamp() + 3700)
        await town.advance(60)
        source, late = town.daemon.clock.source, town.daemon.clock.now() - START.timestamp()
        await town.sleep_through(1800)
        alarms = await standing(town)
        await town.sleep_through(3600)

    assert "network" == source
    assert 3700 <= late < 3900
    assert ["Tocsin suit le réseau" in one for one in alarms] == [True]
    assert ["Réunion."] == texts(network, ANNE)


@pytest.mark.parametrize("off", [3600.0, 3 * DAY, 6 * DAY])
async def test_a_box_that_was_off_for_some_days_is_not_doubted(tmp_path: Path, off: float) -> None:
    """A storm, a long weekend."""
    await lived(tmp_path)
    async with running(tmp_path, one_modem(), clock=Beginning(3600 + off)) as town:
        assert "system" == town.daemon.clock.source


@fault(
    "clock", "de douze heures à sept jours en avance sur le dernier signe de vie au démarrage",
    "Les messages prévus attendent, dix minutes au plus, que le réseau mobile, un serveur de temps "
    "ou quelqu'un confirme l'heure ; la page le dit. Les alertes partent.",
)  # fmt: skip
@pytest.mark.parametrize("way", ["nobody", "network", "server", "person"])
async def test_what_is_planned_waits_some_minutes_for_a_word_on_a_clock_some_days_ahead(
    tmp_path: Path, way: str
) -> None:
    """A box that was really off so long loses a few minutes; one without a battery, nothing."""
    await lived(tmp_path)
    network, clock = one_modem(), Beginning(15 * 3600)
    heard = [False]
    async with running(tmp_path, network, clock=clock, kept=lambda: heard[0]) as town:
        await town.advance(120)
        held, told = texts(network, ANNE), await said(town)
        alert = await town.finished(await town.raise_alert("Crue.", to=[MAYOR], channels=["sms"]))
        if way == "network":
            network_says(town, clock.now() - 90)
        elif way == "person":
            assert town.services.timing.view(TECHNICIAN).held
            await town.services.timing.vouch(TECHNICIAN)
        heard[0] = way == "server"
        await town.advance(600 if way == "nobody" else 60)
        after = await said(town)

    assert [] == held
    assert "n’est pas encore confirmée" in told
    assert ["received"] == [one["state"] for one in alert["recipients"]]
    assert ["Réunion."] == texts(network, ANNE)
    assert "confirmée" not in after


@pytest.mark.parametrize("way", ["network", "hand", "server"])
async def test_what_is_planned_keeps_its_hour_where_the_start_was_some_days_ahead(
    tmp_path: Path, way: str
) -> None:
    """The clock has no battery: nothing of the next days leaves now, nor is lost."""
    await lived(tmp_path)
    network, clock, heard = one_modem(), Beginning(3600 + 3 * DAY), [False]
    async with running(tmp_path, network, clock=clock, kept=lambda: heard[0]) as town:
        await town.advance(120)
        if way == "network":
            network_says(town, clock.now() - 3 * DAY)
        else:
            clock.ahead -= 3 * DAY
        heard[0] = way == "server"
        await town.sleep_through(2400)
        early = texts(network, ANNE)
        await town.sleep_through(1800)
        (message,) = (await town.services.broadcasts.list(town.actor)).items

    assert [] == early
    assert ("scheduled" == message.state) == (way == "network")
    assert texts(network, ANNE) == ([] if way == "network" else ["Réunion."])


async def test_a_second_cut_while_the_time_is_to_be_confirmed_confirms_nothing(
    tmp_path: Path,
) -> None:
    """Power cuts come in bursts; what the first start wrote down is by the clock in question."""
    await lived(tmp_path)
    said_each, held = [], []
    for start in (0, 180, 360):
        network = one_modem()
        async with running(tmp_path, network, clock=Beginning(15 * 3600 + start)) as town:
            await town.advance(120)
            said_each.append("n’est pas encore confirmée" in await said(town))
        held.append(texts(network, ANNE))
    network = one_modem()
    async with running(tmp_path, network, clock=Beginning(15 * 3600 + 600)) as town:
        await town.advance(720)
        after = await said(town)

    assert [True] * 3 == said_each
    assert [[]] * 3 == held
    assert "confirmée" not in after
    assert ["Réunion."] == texts(network, ANNE)


async def test_a_clock_put_right_is_right_at_the_next_start_too(tmp_path: Path) -> None:
    """What was written down by the wrong one is no moment at which the box has been."""
    await lived(tmp_path)
    clock = Beginning(3600 + 3 * DAY)
    async with running(tmp_path, one_modem(), clock=clock) as town:
        await town.advance(120)
        clock.ahead -= 3 * DAY
        await town.advance(60)
    async with running(tmp_path, one_modem(), clock=Beginning(3600 + 400)) as town:
        await town.advance(30)
        source, told = town.daemon.clock.source, await said(town)

    assert ("system", "") == (source, told)


async def test_an_alert_planned_for_its_hour_waits_for_no_word(tmp_path: Path) -> None:
    """Nothing mutes it: an hour too early is told, one too late is not mended."""
    network = one_modem()
    async with running(tmp_path, network, clock=Beginning(0)) as town:
        draft = Draft("Crue ce soir.", to=(ANNE,), channels=("sms",), urgency="vital",
                      at=START + timedelta(hours=14.9))  # fmt: skip
        await town.services.sending.send(town.actor, draft, Door.COMMAND)
    network = one_modem()
    async with running(tmp_path, network, clock=Beginning(15 * 3600)) as town:
        await town.advance(60)
        told = await said(town)

    assert "n’est pas encore confirmée" in told
    assert ["Crue ce soir."] == texts(network, ANNE)


async def test_an_alert_raised_meanwhile_lives_on_when_the_clock_is_set_back(
    tmp_path: Path,
) -> None:
    """Its waits and its end move with the time."""
    await lived(tmp_path)
    network, clock = one_modem(), Beginning(3600 + 3 * DAY)
    network.modems["m1"].register(0)
    async with running(tmp_path, network, clock=clock) as town:
        number = await town.raise_alert("Crue.", to=[MAYOR], channels=["sms"])
        await town.advance(60)
        clock.ahead -= 3 * DAY
        await town.advance(60)
        apart = town.daemon.clock.now() - clock.now()
        network.modems["m1"].register(1)
        report = await town.finished(number)

    assert abs(apart) < 1
    assert ["received"] == [one["state"] for one in report["recipients"]]


@fault(
    "clock", "à plus d'un jour de l'heure du réseau mobile, sans serveur de temps",
    "Tocsin garde l'heure de la machine, et ne la tient pas pour sûre : l'alarme le dit, les "
    "messages prévus et les effacements attendent que quelqu'un tranche.",
)  # fmt: skip
@pytest.mark.parametrize("apart", [-AHEAD, -2 * DAY, 5 * DAY])
async def test_a_machine_the_network_contradicts_holds_what_is_planned_until_somebody_decides(
    tmp_path: Path, apart: float
) -> None:
    """Which of the two is right nobody knows; an alert leaves by either."""
    network, clock = one_modem(), Beginning(0)
    async with running(tmp_path, network, clock=clock) as town:
        await scheduled(town, START + timedelta(hours=2))
        network_says(town, clock.now() + apart)
        await town.sleep_through(3 * 3600)
        held, alarms, told = texts(network, ANNE), await standing(town), await said(town)
        view = town.services.timing.view(TECHNICIAN)
        alert = await town.finished(await town.raise_alert("Crue.", to=[ANNE]))
        after = await town.services.timing.vouch(TECHNICIAN)
        network_says(town, clock.now() + apart)  # it goes on saying so
        await town.sleep_through(3600)
        calm = await standing(town)

    assert [] == held
    assert ["du réseau mobile" in one for one in alarms] == [True]
    assert "diffèrent de" in told
    assert view.held
    assert view.network is not None
    assert abs(view.network.timestamp() - view.machine.timestamp() - apart) < 5
    assert ["received"] == [one["state"] for one in alert["recipients"]]
    assert not after.held
    assert [] == calm
    assert ["Crue.", "Réunion."] == texts(network, ANNE)


async def test_a_word_against_the_network_holds_after_a_restart_and_not_for_another_time(
    tmp_path: Path,
) -> None:
    """Nobody is asked at each start; a network that says something new is heard."""
    async with running(tmp_path, one_modem(), clock=Beginning(0)) as town:
        network_says(town, START.timestamp() - 50 * DAY)
        await town.services.timing.vouch(TECHNICIAN)
    clock = Beginning(3600)
    async with running(tmp_path, one_modem(), clock=clock) as town:
        network_says(town, clock.now() - 50 * DAY)
        same = town.daemon.clock.source
        network_says(town, clock.now() - 40 * DAY)
        other = town.daemon.clock.source

    assert ("system", "none") == (same, other)


@pytest.mark.parametrize("apart", [-4 * 3600.0, 11 * 3600.0])
async def test_a_network_that_is_hours_off_holds_nothing(tmp_path: Path, apart: float) -> None:
    """Some forget the zone, overseas too."""
    clock = Beginning(0)
    async with running(tmp_path, one_modem(), clock=clock) as town:
        network_says(town, clock.now() + apart)
        await town.sleep_through(1800)

        assert "system" == town.daemon.clock.source
        assert [] == await standing(town)


async def test_a_time_server_settles_it_against_the_network(tmp_path: Path) -> None:
    """A false base station stops nothing where the internet gives the time."""
    clock = Beginning(0)
    async with running(tmp_path, one_modem(), clock=clock, kept=lambda: True) as town:
        network_says(town, clock.now() - 50 * DAY)
        await town.sleep_through(1800)

        assert "system" == town.daemon.clock.source
        assert [] == await standing(town)


async def test_setting_the_machine_by_the_network_ends_it(tmp_path: Path) -> None:
    """The mend that the alarm names; an alert under way moves with it."""
    network, clock = one_modem(), Beginning(0)
    network.modems["m1"].register(0)
    async with running(tmp_path, network, clock=clock) as town:
        number = await town.raise_alert("Crue.", to=[ANNE], channels=["sms"])
        network_says(town, clock.now() - 50 * DAY)
        await town.advance(60)
        before = town.daemon.clock.source
        clock.ahead -= 50 * DAY
        await town.advance(60)
        network.modems["m1"].register(1)
        report = await town.finished(number)

        assert ("none", "system") == (before, town.daemon.clock.source)
        assert ["received"] == [one["state"] for one in report["recipients"]]


async def test_no_name_is_forgotten_while_the_clock_is_far_ahead(tmp_path: Path) -> None:
    """It would not come back. When somebody has spoken for the time, what is old goes."""
    async with running(tmp_path, one_modem(), clock=Beginning(0)) as town:
        await town.finished(await town.raise_alert("Crue.", to=[ANNE], channels=["sms"]))
    async with running(tmp_path, one_modem(), clock=Beginning(4 * AHEAD)) as town:
        rounds = Retention(town.daemon.store, town.daemon.clock)
        kept = await rounds.forget()
        await town.services.timing.vouch(TECHNICIAN)
        after = await rounds.forget()

    assert (0, 1) == (kept, after)


async def test_no_name_is_forgotten_while_the_network_says_another_day(tmp_path: Path) -> None:
    """A box that was born in a wrong year has no earlier sign of life to doubt it by."""
    async with running(tmp_path, one_modem(), clock=Beginning(0)) as town:
        await town.finished(await town.raise_alert("Crue.", to=[ANNE], channels=["sms"]))
        rounds = Retention(town.daemon.store, town.daemon.clock)
        network_says(town, town.daemon.clock.now() - 50 * DAY)
        await town.daemon.store.write(
            lambda db: db.execute("UPDATE broadcast SET closed_at = closed_at - ?", (4 * AHEAD,))
        )
        kept = await rounds.forget()
        await town.services.timing.vouch(TECHNICIAN)
        after = await rounds.forget()

    assert (0, 1) == (kept, after)


async def test_whoever_reads_english_reads_of_it_in_english(tmp_path: Path) -> None:
    """Both notices."""
    await lived(tmp_path)
    found: list[str] = []
    async with running(tmp_path, one_modem(), clock=Beginning(AHEAD)) as town:
        found += await town.services.fleet.notices(town.actor)
        await town.services.timing.vouch(TECHNICIAN)
        network_says(town, START.timestamp())
        found += await town.services.fleet.notices(town.actor)

    english = [pages.said(pages.translations("en"), one) for one in found]

    assert 2 == len(english)
    assert all("clock of the machine" in one for one in english)


async def test_people_on_duty_are_asked_whether_an_alert_of_before_goes_on(tmp_path: Path) -> None:
    """It may have been off for as long as the machine says: then the alert is stale."""
    network = one_modem()
    network.modems["m1"].register(0)
    async with running(tmp_path, network, clock=Beginning(0)) as town:
        await town.services.imports.take_file(town.actor, b"Nom;Tel\nMaire;06 39 98 00 07\n")
        await town.services.duties.add_turn(
            town.actor, "Astreinte", MAYOR, START - timedelta(hours=1), START + timedelta(days=1)
        )
        await town.raise_alert("Crue.", to=[ANNE], channels=["sms"])
        await town.advance(60)
    network = one_modem()
    async with running(tmp_path, network, clock=Beginning(AHEAD)) as town:
        await town.advance(60)
        asked, early = texts(network, MAYOR), texts(network, ANNE)
        await town.advance(360)

    assert ["400 j (si l'horloge est juste)" in one for one in asked] == [True]
    assert [] == early
    assert ["Crue."] == texts(network, ANNE)


async def test_the_doctor_tells_a_machine_the_network_contradicts_once_with_its_mend(
    tmp_path: Path,
) -> None:
    """From the moment it is so, and not an hour later with the alarm."""
    async with running(tmp_path, one_modem(), clock=Beginning(0)) as town:
        fine = await examined(town)
        network_says(town, START.timestamp() - 50 * DAY)
        apart = await examined(town)

    assert [Level.GOOD] == [one.level for one in fine]
    assert [Level.FAULT] == [one.level for one in apart]
    assert "diffèrent de 50 j" in apart[0].sentence
    assert "tocsin clock --right" in apart[0].mend


async def examined(town: Town) -> list[Finding]:
    """Return what the doctor finds of the clock when it asks the running box."""
    found = await asyncio.to_thread(lambda: list(look_outside.daemon(town.daemon.config)))
    return [one for one in found if "clock" in one.code or "orloge" in one.sentence]


async def test_the_command_line_shows_what_the_network_says(tmp_path: Path) -> None:
    """Three times, and a person with a watch."""
    async with running(tmp_path, one_modem(), clock=Beginning(0)) as town:
        network_says(town, START.timestamp() - 50 * DAY)
        shown = await typed(tmp_path)

    assert "Le réseau dit" in shown.output
    assert "n'est pas crue" in shown.output


@pytest.mark.parametrize("way", ["server", "network", "person"])
@fault(
    "clock", "saute de plus de sept jours en avant, et rien ne le confirme",
    "Elle est suivie après une heure, mais rien n'est effacé : l'alarme le dit, jusqu'à ce qu'un "
    "serveur de temps, le réseau mobile ou quelqu'un la confirme.",
)  # fmt: skip
async def test_no_name_is_forgotten_by_a_leap_that_only_the_machine_vouches_for(
    tmp_path: Path, way: str
) -> None:
    """What is planned may leave at a wrong hour and be explained; a name does not come back."""
    clock, heard = Beginning(0), [False]
    async with running(tmp_path, one_modem(), clock=clock) as town:
        await town.finished(await town.raise_alert("Crue.", to=[ANNE], channels=["sms"]))
        await town.advance(1200)
        clock.ahead += 4 * AHEAD
        await town.sleep_through(3 * 3600)
        followed = town.daemon.clock.source
        kept = [await Retention(town.daemon.store, town.daemon.clock).forget()]
        alarms, shown = await standing(town), await typed(tmp_path)
    again = Beginning(clock.now() + 60 - START.timestamp())
    async with running(tmp_path, one_modem(), clock=again, kept=lambda: heard[0]) as town:
        await town.advance(60)
        rounds = Retention(town.daemon.store, town.daemon.clock)
        kept.append(await rounds.forget())
        if way == "network":
            network_says(town, again.now())
        elif way == "person":
            await town.services.timing.vouch(TECHNICIAN)
        heard[0] = way == "server"
        await town.advance(60)
        after = await rounds.forget()

    assert "system" == followed
    assert [0, 0] == kept
    assert ["les effacements attendent" in one for one in alarms] == [True]
    assert "Rien ne l'a encore confirmée" in shown.output
    assert 1 == after
