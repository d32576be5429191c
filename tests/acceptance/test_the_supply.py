"""The mains fail at night: who hears it, what still leaves, and that its return is told."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

from gateway.services.measuring import measured
from modem.emulator import Network
from tests.acceptance.test_asked_by_sms import clock, texts
from tests.acceptance.test_the_box_watches_itself import TECHNICIAN, settings, two_modems
from tests.acceptance.test_told_by_mail import body
from tests.faults.table import fault
from tests.harness import Town, jobs, running
from tests.tools import require
from tests.upsd import FalseUpsd, Mood, false_upsd

ANNE, BRUNO = "+33639980001", "+33639980002"
MAIL = "technicien@la-redorte.example"


@contextlib.asynccontextmanager
async def powered(
    folder: Path, made: Network, status: str, mail: str | None = None
) -> AsyncIterator[tuple[FalseUpsd, Town]]:
    """Run a box that reads a supply."""
    health = settings(technician_mail=mail)
    async with (
        false_upsd(status) as upsd,
        running(folder, made, clock=clock(), health=health, power=upsd.settings()) as town,
    ):
        yield upsd, town


async def standing(town: Town) -> list[str]:
    return [one.sentence for one in await town.services.watching.standing(town.actor)]


async def power_on_page(town: Town) -> str:
    found = {one.code: one for one in await town.services.diagnostic.beside(town.actor)}
    return f"{found['ups'].level} {found['ups'].sentence}"


@fault(
    "power", "onduleur sur batterie",
    "Après une minute le technicien l'apprend par SMS et par courriel, la page le montre ; le "
    "retour du courant aussi.",
)  # fmt: skip
async def test_a_supply_on_battery_is_told_to_the_technician_and_so_is_the_mains_return(
    tmp_path: Path,
) -> None:
    """A supply that tries its battery for a few seconds wakes nobody."""
    made = two_modems()
    async with powered(tmp_path, made, "OL", mail=MAIL) as (upsd, town):
        await town.advance(70)
        upsd.says("OB DISCHRG", charge=80, runtime=1200)
        await town.advance(65)
        early = texts(made, TECHNICIAN)
        await town.advance(130)
        told, on_page = texts(made, TECHNICIAN), await standing(town)
        beside = await power_on_page(town)
        upsd.says("OL CHRG", charge=70)
        await town.advance(130)
        after, calm = texts(made, TECHNICIAN), await standing(town)
        mails = [one["Subject"] for address, one in town.mailbox.messages if address == MAIL]

    assert [] == early
    assert 1 == len(told)
    assert "Courant coupé : sur batterie, batterie à 80 %, encore 20 min" in told[0]
    assert ["Courant coupé : sur batterie, batterie à 80 %, encore 20 min"] == on_page
    assert "fault sur batterie, batterie à 80 %, encore 20 min" == beside
    assert "C'est réglé : Courant coupé" in after[1]
    assert [] == calm
    assert ["Tocsin La Redorte : alarme"] * 2 == mails


@fault(
    "power", "onduleur presque vide",
    "L'alarme part aussitôt, par SMS et par courriel, seules les alertes sont encore "
    "commencées, et l'arrêt de la machine (upsmon) ne coupe aucun envoi en deux ; le "
    "reste part au retour du courant.",
)  # fmt: skip
async def test_a_supply_nearly_empty_begins_nothing_but_alerts_and_the_rest_goes_on_after(
    tmp_path: Path,
) -> None:
    """What is begun in the last minutes must be worth a doubt."""
    made = two_modems()
    async with powered(tmp_path, made, "OB", mail=MAIL) as (upsd, town):
        await town.advance(130)
        upsd.says("OB LB", charge=12, runtime=200)
        await town.advance(15)
        told = texts(made, TECHNICIAN)
        mails = [body(one) for address, one in town.mailbox.messages if address == MAIL]
        routine = await town.raise_alert("Marché.", to=[ANNE], urgency="service")
        await town.finished(await town.raise_alert("Crue.", to=[BRUNO]))
        await town.advance(60)
        held = texts(made, ANNE)
        why = (await town.report(routine))["recipients"][0]["reason"]
        view = await town.services.broadcasts.view(town.actor, routine)
        upsd.says("OL CHRG", charge=12)
        await town.advance(130)
        (job,) = jobs(await town.finished(routine))

    assert any("Onduleur presque vide" in one and "12 %" in one for one in told)
    assert any("Onduleur presque vide" in one for one in mails), "by mail too, at once"
    assert [2, 1] == [measured(one).segments for one in reversed(told)]
    assert ". Remettez le courant" in told[-1]
    assert ". Voyez le disjoncteur" in told[0]
    assert ["Crue."] == texts(made, BRUNO)
    assert [] == held
    assert "alerts_only" == why
    assert "1 envoi attend : seules les alertes partent" in view.waiting_for
    assert ("delivered", ["Marché."]) == (job["state"], texts(made, ANNE))


async def test_a_supply_that_goes_straight_from_the_mains_to_nearly_empty_is_heard_at_once(
    tmp_path: Path,
) -> None:
    """An old battery does not discharge, it falls: a look a minute would come after the end."""
    made = two_modems()
    async with powered(tmp_path, made, "OL") as (upsd, town):
        await town.advance(70)
        calm = town.services.watching.nearly_empty
        upsd.says("OB LB", charge=4, runtime=40)
        await town.advance(6)
        seen = town.services.watching.nearly_empty
        await town.advance(9)
        told = texts(made, TECHNICIAN)

    assert (False, True) == (calm, seen)
    assert any("Onduleur presque vide" in one for one in told)


async def test_the_alarm_of_a_dying_box_does_not_wait_behind_an_alert_to_thousands(
    tmp_path: Path,
) -> None:
    """One text among a thousand, within the minute there is; and the alert loses no more by it."""
    made, people = two_modems(), [f"+3363998{n:04d}" for n in range(100, 700)]
    async with powered(tmp_path, made, "OL") as (upsd, town):
        await town.advance(70)
        await town.raise_alert("Crue.", to=people)
        await town.advance(10)
        upsd.says("OB LB", charge=4, runtime=40)
        await town.advance(5)
        early = texts(made, TECHNICIAN)
        before = sum(len(texts(made, one)) for one in people)
        await town.advance(10)
        told = texts(made, TECHNICIAN)
        during = sum(len(texts(made, one)) for one in people) - before
        await town.advance(10)
        after = sum(len(texts(made, one)) for one in people) - before - during

    assert [] == early, "the first texts are the alert's"
    assert any("Onduleur presque vide" in one for one in told)
    assert (before > 0, after - during <= 2) == (True, True), (before, during, after)
    assert before + during + after < len(people), "the alert was still leaving"


async def test_a_machine_stopped_with_its_battery_low_finishes_what_it_sends_and_loses_nothing(
    tmp_path: Path,
) -> None:
    """As upsmon does it: the order to stop comes in the middle of an alert."""
    made, people = two_modems(), [f"+3363998{n:04d}" for n in range(40)]
    async with false_upsd("OB LB", charge=9, runtime=120) as upsd:
        async with running(
            tmp_path, made, clock=clock(), health=settings(), power=upsd.settings()
        ) as town:
            await town.advance(70)
            number = await town.raise_alert("Crue.", to=people)
            await town.advance(6)
        sent = [one for one in people if texts(made, one)]
        upsd.says("OL", charge=20)
        async with running(
            tmp_path, made, clock=clock(), health=settings(), power=upsd.settings()
        ) as town:
            report = await town.finished(number)

    assert 0 < len(sent) < len(people)
    assert {"received"} == {one["state"] for one in report["recipients"]}
    assert [["Crue."]] * len(people) == [texts(made, one) for one in people], "nobody twice"


async def test_a_supply_that_falls_silent_on_battery_is_not_taken_for_the_mains_return(
    tmp_path: Path,
) -> None:
    """Its cable comes out, or its driver dies with the current: both are told."""
    made = two_modems()
    async with powered(tmp_path, made, "OB") as (upsd, town):
        await town.advance(130)
        upsd.mood = Mood.STALE
        await town.advance(1100)
        told, on_page = texts(made, TECHNICIAN), await standing(town)
        beside = await power_on_page(town)

    assert not any("C'est réglé" in one for one in told)
    assert "L'onduleur ne répond pas : NUT n'a plus de nouvelles de l'onduleur" in on_page
    assert any("Courant coupé" in one for one in on_page)
    assert "fault l'onduleur ne répond pas : NUT n'a plus de nouvelles de l'onduleur" == beside


async def test_a_nut_that_is_gone_is_told_after_a_quarter_of_an_hour_and_stops_nothing(
    tmp_path: Path,
) -> None:
    """An update restarts it within a minute; and the other looks at the box go on meanwhile."""
    made = two_modems()
    async with powered(tmp_path, made, "OL") as (upsd, town):
        await town.advance(70)
        upsd.stop()
        await town.advance(840)
        early = texts(made, TECHNICIAN)
        await town.advance(180)
        told = texts(made, TECHNICIAN)
        await town.finished(await town.raise_alert("Crue.", to=[ANNE]))
        await upsd.start()
        await town.advance(130)
        after = texts(made, TECHNICIAN)

    assert [] == early
    assert ["L'onduleur ne répond pas : NUT n'est pas joignable" in one for one in told] == [True]
    assert ["Crue."] == texts(made, ANNE)
    assert "C'est réglé : L'onduleur ne répond pas" in after[1]


async def test_a_monitoring_server_reads_the_supply_and_promtool_agrees(tmp_path: Path) -> None:
    """A number that is not known is not told as nought."""
    made = two_modems()
    async with powered(tmp_path, made, "OL") as (upsd, town):
        upsd.says("OB", charge=62, runtime=1500)
        await town.advance(70)
        known = await town.services.metrics.text()
        upsd.mood = Mood.SILENT
        await town.advance(70)
        silent = await town.services.metrics.text()
    promtool = require("promtool", "prometheus")
    judged = subprocess.run(  # noqa: ASYNC221  the town has ended
        [promtool, "check", "metrics"], input=known, capture_output=True, check=False
    )

    assert (0, b"") == (judged.returncode, judged.stdout + judged.stderr)
    assert b"tocsin_ups_up 1.0" in known
    assert b"tocsin_ups_on_battery 1.0" in known
    assert b"tocsin_ups_battery_charge_ratio 0.62" in known
    assert b"tocsin_ups_battery_runtime_seconds 1500.0" in known
    assert b"tocsin_ups_up 0.0" in silent
    assert b"tocsin_ups_battery" not in silent


async def test_a_box_without_a_supply_tells_no_number_of_one(tmp_path: Path) -> None:
    """A panel with a flat line at nought would look like an empty battery."""
    async with running(tmp_path, two_modems(), clock=clock(), health=settings()) as town:
        await town.advance(70)
        body = await town.services.metrics.text()

    assert b"tocsin_ups" not in body
