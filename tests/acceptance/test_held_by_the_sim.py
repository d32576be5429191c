"""What a SIM holds back says so, until when, and what to do; on driven time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.clock import LoopClock
from gateway.errors import Refused
from gateway.services import BroadcastView, Draft, RecipientView
from gateway.store import budgets
from gateway.store.budgets import Limits
from modem.emulator import Network
from tests.harness import NIGHT, Town, running

LIST = "Nom;Téléphone;Groupe\n" + "".join(f"N{n};06 39 98 01 {n:02};Tous\n" for n in range(12))


async def held(
    town: Town,
    network: Network,
    limits: Limits,
    urgency: str = "service",
    text: str = "Eau coupée.",
    *,
    at_any_hour: bool = True,
    expires: datetime | None = None,
) -> tuple[BroadcastView, RecipientView]:
    """Send to twelve by a SIM with these limits; return the page, and who waits on it."""
    await town.services.imports.take_file(town.actor, LIST.encode())
    sim = network.modems["m1"].iccid
    await town.daemon.store.write(lambda db: budgets.set_limits(db, sim, limits, "Essai", 0.0))
    (group,) = await town.services.directory.groups(town.actor)
    draft = Draft(text, group_ids=(group.id,), channels=("sms",), urgency=urgency,
                  at_any_hour=at_any_hour, expires=expires)  # fmt: skip
    number = await town.services.sending.send(town.actor, draft)
    await town.advance(600)
    people = (await town.services.broadcasts.recipients(town.actor, number)).items
    view = await town.services.broadcasts.view(town.actor, number)
    return view, people[-1]


def network() -> Network:
    made = Network(seed=1, sms_seconds=0.1, report_seconds=0.1)
    made.add_modem("m1", "generic")
    return made


async def test_a_day_that_is_used_up_says_until_when(tmp_path: Path) -> None:
    """Not « attend son tour », with seconds that count down for ever."""
    made = network()
    async with running(tmp_path, made) as town:
        view, last = await held(town, made, Limits(segments_per_day=8))

        assert "attend que le forfait de la carte SIM le permette" == last.reason
        assert (last.until or "").endswith("1 h 00")
        assert "4 envois attendent, et repartent demain à 1 h 00." in view.waiting_for
        assert view.remaining_seconds is None


async def test_a_day_that_is_used_up_goes_on_when_the_hours_begin(tmp_path: Path) -> None:
    """The plan opens at one in the morning, and nobody is written to before eight."""
    made = network()
    clock = LoopClock(NIGHT + timedelta(hours=7))
    async with running(tmp_path, made, clock=clock) as town:
        view, last = await held(town, made, Limits(segments_per_day=8), at_any_hour=False)

        assert "repartent demain à 8 h 00." in view.waiting_for
        assert (last.until or "").endswith("8 h 00")


async def test_a_month_that_opens_too_late_says_that_they_will_not_be_told(tmp_path: Path) -> None:
    """There is a day to raise the limit, or a telephone, for whoever reads it."""
    made = network()
    async with running(tmp_path, made) as town:
        view, _ = await held(town, made, Limits(segments_per_month=8))

        assert "le message sera périmé avant, 4 envois ne partiront pas" in view.waiting_for


async def test_an_alert_is_held_by_nothing(tmp_path: Path) -> None:
    """And says nothing of it."""
    made = network()
    async with running(tmp_path, made) as town:
        view, last = await held(town, made, Limits(segments_per_day=8), "vital")

        assert "forfait" not in last.reason
        assert 12 == view.reached


LONG = "Coupure d'eau demain, de 8 h à 12 h, rue du Port et rue Basse. " * 6


@pytest.mark.parametrize("limits", [Limits(segments_per_day=10), Limits(segments_per_month=10)])
async def test_a_text_of_several_sms_never_goes_over_a_limit(
    tmp_path: Path, limits: Limits
) -> None:
    """Three texts of three SMS make nine; a fourth would make twelve, and cost what nobody said."""
    made = network()
    async with running(tmp_path, made) as town:
        view, last = await held(town, made, limits, text=LONG)

        sim = made.modems["m1"].iccid
        now = town.daemon.clock.now()
        used = await town.daemon.store.read(lambda db: budgets.use(db, sim, now))
        assert 9 == used.segments_per_day
        assert "attend que le forfait de la carte SIM le permette" == last.reason
        assert "Forfait de la carte SIM épuisé" in view.waiting_for


async def test_what_is_left_of_a_day_goes_to_the_texts_that_fit(tmp_path: Path) -> None:
    """A long one waits for tomorrow, and keeps nobody behind it waiting."""
    made = network()
    async with running(tmp_path, made) as town:
        await held(town, made, Limits(segments_per_day=10), text=LONG)
        draft = Draft("Le marché est place Haute.", to=("06 39 98 01 11",), channels=("sms",),
                      urgency="service", at_any_hour=True)  # fmt: skip

        number = await town.services.sending.send(town.actor, draft)
        await town.advance(120)

        assert 1 == (await town.services.broadcasts.view(town.actor, number)).reached


async def test_a_text_larger_than_any_sim_takes_in_a_day_is_refused_with_the_mend(
    tmp_path: Path,
) -> None:
    """It was promised for tomorrow, every day; an alert leaves, whatever the limit."""
    made = network()
    async with running(tmp_path, made) as town:
        with pytest.raises(Refused, match="n'en permet que 2 par jour") as refused:
            await held(town, made, Limits(segments_per_day=2), text=LONG)
        (group,) = await town.services.directory.groups(town.actor)
        draft = Draft(LONG, group_ids=(group.id,), channels=("sms",), urgency="service")
        seen = await town.services.compose.foresee(town.actor, draft)
        view, _ = await held(town, made, Limits(segments_per_day=2), "vital", LONG)

    assert "faites relever la limite" in refused.value.message
    assert refused.value.message in seen.problems
    assert 12 == view.reached


async def test_a_limit_lowered_under_a_text_that_waits_says_that_it_will_not_leave(
    tmp_path: Path,
) -> None:
    """Not « repartent demain », for ever."""
    made = network()
    async with running(tmp_path, made) as town:
        await held(town, made, Limits(segments_per_day=4), text=LONG)
        sim = made.modems["m1"].iccid
        lower = Limits(segments_per_day=2)
        await town.daemon.store.write(lambda db: budgets.set_limits(db, sim, lower, "Essai", 0.0))
        view = await town.services.broadcasts.view(town.actor, 1)
        last = (await town.services.broadcasts.recipients(town.actor, 1)).items[-1]

    assert "11 envois ne partiront pas : leur texte fait plus de SMS" in view.waiting_for
    assert "ne partira pas" in last.reason


async def test_a_program_that_asks_is_told_what_is_waited_for(tmp_path: Path) -> None:
    """« in_queue » sends nobody to raise the limit."""
    made = network()
    async with running(tmp_path, made) as town:
        await held(town, made, Limits(segments_per_day=8))
        waits = await town.report(1)

    assert ["budget"] * 4 == [one["reason"] for one in waits["recipients"][8:]]


@pytest.mark.parametrize(("why", "said"), [
    ("too_late_budget", "le forfait de la carte SIM ne l’a pas permis à temps"),
    ("too_late_no_modem", "aucun modem n’a été prêt à temps"),
])  # fmt: skip
async def test_what_it_waited_for_last_is_the_reason_of_its_end(
    tmp_path: Path, why: str, said: str
) -> None:
    """A month used up, or a modem unplugged: whoever reads it knows what to mend."""
    made = network()
    async with running(tmp_path, made) as town:
        if why == "too_late_no_modem":
            made.modems["m1"].unplug()
            await town.advance(60)
        await held(town, made, Limits(segments_per_month=8), expires=NIGHT + timedelta(hours=3))
        await town.sleep_through(3 * 3600)
        last = (await town.report(1))["recipients"][-1]
        seen = (await town.services.broadcasts.recipients(town.actor, 1)).items[-1]

    assert ("expired", why) == (last["state"], last["reason"])
    assert said == seen.reason


async def test_an_hour_that_is_used_up_says_when_it_goes_on_whenever_one_looks(
    tmp_path: Path,
) -> None:
    """« À 11 h 04 » at four past ten, « à 11 h 30 » at half past: an hour away for ever."""
    made = network()
    clock = LoopClock(NIGHT + timedelta(hours=7))
    async with running(tmp_path, made, clock=clock) as town:
        view, _ = await held(town, made, Limits(segments_per_hour=8))
        await town.advance(1800)
        later = (await town.services.broadcasts.recipients(town.actor, 1)).items[-1]
        seen = await town.services.broadcasts.view(town.actor, 1)
        await town.advance(1260)
        report = await town.report(1)

    assert "4 envois attendent, et repartent à 11 h 0" in view.waiting_for
    assert view.waiting_for == seen.waiting_for
    assert "11 h 0" in (later.until or "")
    assert {"received": 12} == report["counts"]


async def test_what_waits_for_its_group_to_be_named_leaves_when_it_is(tmp_path: Path) -> None:
    """The page says to have it named, and went on saying so when it was."""
    made = network()
    async with running(tmp_path, made) as town:
        sim, tuning = made.modems["m1"].iccid, town.services.tuning
        await tuning.set_regime(town.actor, sim, "ordinary", "")
        view, _ = await held(town, made, Limits())
        (group,) = await town.services.directory.groups(town.actor)
        everybody = Draft("Tous.", everybody=True, channels=("sms",), urgency="service",
                          at_any_hour=True)  # fmt: skip
        other = await town.services.sending.send(town.actor, everybody)
        await tuning.allow_groups(town.actor, {group.id})
        await town.advance(120)
        reports = [await town.report(number) for number in (1, other)]

    assert "Faites-le désigner par un administrateur" in view.waiting_for
    assert [{"received": 12}, {"pending": 12}] == [one["counts"] for one in reports]
