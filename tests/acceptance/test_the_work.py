"""The work of a town hall: hours, schedules, second thoughts and second persons, all real."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.clock import LoopClock
from gateway.errors import Refused
from gateway.hours import Hours, to_json
from gateway.model import Door
from gateway.services import Draft
from gateway.store import budgets, settings
from modem.emulator import Behaviour, Network, Press
from tests.harness import Town, jobs, running, states

PARIS = ZoneInfo("Europe/Paris")
NOON = LoopClock(datetime(2026, 11, 24, 12, 0, tzinfo=PARIS))
TEXT = "La route de Puichéric est fermée."
ANNE, HOUSE, FARM = "+33639980001", "+33199000001", "+33199000002"
LIST = """Nom;Téléphone;Groupe
Anne;06 39 98 00 01;rive
Blaise;01 99 00 00 01;rive
Chloé;06 39 98 00 03;rive
"""


def clock(hour: int, minute: int = 0) -> LoopClock:
    return LoopClock(datetime(2026, 11, 24, hour, minute, tzinfo=PARIS))


def draft(**changes: object) -> Draft:
    values = {"text": TEXT, "to": (ANNE,), "channels": ("sms",), "urgency": "service", **changes}
    return Draft(**values)  # type: ignore[arg-type]


async def shown(town: Town, number: int) -> str:
    view = await town.services.broadcasts.view(town.actor, number)
    return view.leaves or view.summary.state


def received(network: Network, number: str = ANNE) -> list[str]:
    return [sms.text for sms in network.handset(number).inbox]


async def test_a_message_of_the_evening_leaves_at_eight(tmp_path: Path) -> None:
    """The page says so, and nobody's telephone lights up at night."""
    network = Network(seed=1)
    network.add_modem("m1")
    async with running(tmp_path, network, clock=clock(23)) as town:
        number = await town.services.sending.send(town.actor, draft())
        evening = await shown(town, number)
        await town.sleep_through(8 * 3600)
        before = received(network)
        await town.sleep_through(2 * 3600)

    assert "partira demain à 8 h 00" == evening
    assert [] == before
    assert [TEXT] == received(network)


async def test_send_now_overrides_the_hours_and_is_recorded(tmp_path: Path) -> None:
    """The secretary knows why the water is cut tonight."""
    network = Network(seed=1)
    network.add_modem("m1")
    async with running(tmp_path, network, clock=clock(23)) as town:
        number = await town.services.sending.send(town.actor, draft())
        await town.services.sending.send_now(town.actor, number)
        await town.finished(number)

        assert [TEXT] == received(network)


async def test_a_queue_caught_by_the_evening_goes_on_in_the_morning(tmp_path: Path) -> None:
    """Six hundred texts begun at 19:59 do not ring until ten."""
    network = Network(seed=1)
    network.add_modem("m1")
    numbers = [f"+336399810{n:02}" for n in range(40)]
    hours = {"service": to_json(Hours({1: (480, 1200), 2: (30, 1200)}))}  # the town's own
    async with running(tmp_path, network, clock=clock(19, 59)) as town:
        await town.daemon.store.write(
            lambda db: settings.write(db, 1, "hours", hours, "Essai", 0.0)
        )
        number = await town.services.sending.send(
            town.actor, draft(to=tuple(numbers)), Door.COMMAND
        )
        await town.advance(600)
        evening = sum(bool(received(network, one)) for one in numbers)
        await town.sleep_through(4 * 3600)
        night = sum(bool(received(network, one)) for one in numbers)
        await town.finished(number)
        morning = sum(bool(received(network, one)) for one in numbers)

    assert 0 < evening < 40
    assert (evening, 40) == (night, morning)


async def test_a_message_just_sent_can_be_taken_back(tmp_path: Path) -> None:
    """The wrong date is seen the moment the button is pressed."""
    network = Network(seed=1)
    network.add_modem("m1")
    async with running(tmp_path, network, clock=clock(12)) as town:
        number = await town.services.sending.send(town.actor, draft())
        await town.advance(15)
        await town.services.sending.cancel(town.actor, number)
        report = await town.finished(number)
        await town.advance(60)

    assert [] == received(network)
    assert ["cancelled"] == list(states(report).values())


async def test_a_scheduled_message_leaves_at_its_minute_to_who_is_there_then(
    tmp_path: Path,
) -> None:
    """Whoever joined the list meanwhile is told; a restart in between changes nothing."""
    network = Network(seed=1)
    network.add_modem("m1")
    when = datetime(2026, 11, 25, 9, 30, tzinfo=PARIS)
    async with running(tmp_path, network, clock=clock(12)) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        (group,) = await town.services.directory.groups(town.actor)
        number = await town.services.sending.send(
            town.actor, draft(to=(), group_ids=(group.id,), at=when)
        )
        later = LIST + "Denis;06 39 98 00 04;rive\n"
        await town.services.imports.take_file(town.actor, later.encode())
        assert (
            "scheduled" in (await town.services.broadcasts.view(town.actor, number)).summary.state
        )
    restarted = LoopClock(when - timedelta(seconds=100))
    async with running(tmp_path, network, clock=restarted) as town:
        await town.advance(30)
        early = received(network)
        await town.finished(number)

    assert [] == early
    assert [TEXT] * 3 == [received(network, n)[0] for n in (ANNE, "+33639980003", "+33639980004")]


async def test_a_time_in_the_past_is_refused(tmp_path: Path) -> None:
    """Refused while there is somebody to mend it."""
    network = Network(seed=1)
    network.add_modem("m1")
    async with running(tmp_path, network, clock=clock(12)) as town:
        with pytest.raises(Refused, match="déjà passée"):
            await town.services.sending.send(
                town.actor, draft(at=datetime(2026, 11, 24, 11, 0, tzinfo=PARIS))
            )


async def test_a_paused_message_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A wrong word seen after the tenth text stops the other thirty."""
    network = Network(seed=1)
    network.add_modem("m1")
    numbers = [f"+336399810{n:02}" for n in range(20)]
    async with running(tmp_path, network, clock=clock(12)) as town:
        number = await town.raise_alert(TEXT, to=numbers)
        await town.advance(20)
        await town.services.sending.pause(town.actor, number)
        await town.advance(60)
        paused = sum(bool(received(network, one)) for one in numbers)
        await town.advance(600)
        still = sum(bool(received(network, one)) for one in numbers)
        await town.services.sending.resume(town.actor, number)
        await town.finished(number)

    assert 0 < paused < 20
    assert paused == still
    assert all(received(network, one) == [TEXT] for one in numbers)


async def test_a_large_message_waits_for_a_second_person_and_an_alert_does_not(
    tmp_path: Path,
) -> None:
    """Two pairs of eyes for three hundred telephones; none to wait for in a flood."""
    network = Network(seed=1)
    network.add_modem("m1")
    numbers = tuple(f"+336399810{n:02}" for n in range(3))
    async with running(tmp_path, network, clock=clock(12)) as town:
        await town.daemon.store.write(
            lambda db: settings.write(db, 1, "approval_above", 2, "Essai", 0.0)
        )
        number = await town.services.sending.send(town.actor, draft(to=numbers))
        await town.advance(120)
        waiting = await shown(town, number)
        with pytest.raises(Refused, match="autre personne"):
            await town.services.sending.approve(town.actor, number)
        await town.services.sending.approve(town.actor, number, "seule de permanence")
        await town.finished(number)
        alert = await town.raise_alert(TEXT, to=numbers)
        await town.finished(alert)

    assert "attend qu'une seconde personne le valide" == waiting
    assert [TEXT] * 2 == received(network, numbers[0])


async def test_a_message_nobody_approves_is_closed_with_that_reason(tmp_path: Path) -> None:
    """Nothing waits for ever."""
    network = Network(seed=1)
    numbers = tuple(f"+336399810{n:02}" for n in range(3))
    async with running(tmp_path, network, clock=clock(12)) as town:
        await town.daemon.store.write(
            lambda db: settings.write(db, 1, "approval_above", 2, "Essai", 0.0)
        )
        number = await town.services.sending.send(town.actor, draft(to=numbers))
        await town.sleep_through(25 * 3600)
        view = await town.services.broadcasts.view(town.actor, number)

    assert ("cancelled", "Personne n'a validé ce message à temps.") == (
        view.summary.state, view.given_up,
    )  # fmt: skip


async def test_the_advised_order_texts_first_and_calls_who_did_not_get_it(tmp_path: Path) -> None:
    """Anne has it on her telephone; Blaise has a landline only; Chloé's phone is off."""
    network = Network(seed=1)
    network.add_modem("m1")
    network.handset(HOUSE).behaviour = Behaviour(answers_after=3, presses=(Press("1", 12.0),))
    chloe = network.handset("+33639980003")
    chloe.behaviour = Behaviour(sms="switched_off", answers_after=3)
    async with running(tmp_path, network, clock=clock(3)) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        (group,) = await town.services.directory.groups(town.actor)
        number = await town.services.sending.send(
            town.actor,
            draft(to=(), group_ids=(group.id,), channels=("sms", "voice", "email"),
                  urgency="vital", order="advised"),
        )  # fmt: skip
        report = await town.finished(number)

    assert {"Anne": "received", "Blaise": "acknowledged", "Chloé": "listened"} == states(report)
    assert [] == network.handset(ANNE).calls
    (call,) = chloe.calls
    assert call.at > network.handset(ANNE).inbox[0].at + 170


async def test_people_told_at_their_door_are_called_no_more(tmp_path: Path) -> None:
    """The mayor's deputy has just been there."""
    network = Network(seed=1)
    network.add_modem("m1")
    network.handset(FARM).behaviour = Behaviour(answers_after=None)
    async with running(tmp_path, network, clock=clock(3)) as town:
        number = await town.services.sending.send(
            town.actor,
            draft(to=(FARM,), channels=("voice",), urgency="vital", order="advised"),
        )
        await town.advance(100)
        people = await town.services.broadcasts.recipients(town.actor, number)
        await town.services.sending.told_in_person(
            town.actor, [people.items[0].id], "Camille, 3 h 20"
        )
        report = await town.finished(number)
        rang = len(network.handset(FARM).calls)
        await town.sleep_through(3600)

    assert ["told_in_person"] == list(states(report).values())
    assert rang == len(network.handset(FARM).calls)


async def test_the_end_of_an_alert_goes_to_those_who_had_it(tmp_path: Path) -> None:
    """And to nobody who never heard of the flood."""
    network = Network(seed=1)
    network.add_modem("m1")
    network.handset("+33639980003").behaviour = Behaviour(sms="refused")
    async with running(tmp_path, network, clock=clock(3)) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        number = await town.raise_alert(TEXT, groups=["rive"])
        await town.finished(number)
        end = await town.services.following.follow(
            town.actor, number, "end", draft(text="Fin de l'alerte.", to=())
        )
        await town.finished(end)
        view = await town.services.broadcasts.view(town.actor, number)

    assert [TEXT, "Fin de l'alerte."] == received(network)
    assert [] == received(network, "+33639980003")
    assert ((end, "end"),) == view.followed


async def test_whoever_waits_during_a_pause_waits_for_its_end(tmp_path: Path) -> None:
    """Nobody waits for their turn then."""
    network = Network(seed=1, sms_seconds=30.0)
    network.add_modem("m1")
    async with running(tmp_path, network, clock=clock(12)) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        number = await town.raise_alert(TEXT, groups=["rive"])
        await town.advance(2)
        await town.services.sending.pause(town.actor, number)
        held = await town.services.broadcasts.recipients(town.actor, number)
        await town.services.sending.resume(town.actor, number)
        moving = await town.services.broadcasts.recipients(town.actor, number)

    assert "l'envoi est en pause" in {one.reason for one in held.items}
    assert "l'envoi est en pause" not in {one.reason for one in moving.items}


@pytest.mark.parametrize(
    ("title", "urgency", "kind", "language", "proposed"),
    [
        ("La crue monte.", "vital", "end", "fr", "Fin de l'alerte : La crue monte."),
        ("Eau coupée", "service", "end", "fr", "Fin : Eau coupée."),
        ("Eau coupée", "service", "correction", "fr", "Rectificatif : Eau coupée."),
        ("Get upstairs!", "vital", "end", "en", "End of the alert: Get upstairs!"),
        ("Water is off", "service", "correction", "en", "Correction: Water is off."),
    ],
)
async def test_what_follows_is_proposed_in_the_words_of_the_first(
    tmp_path: Path, title: str, urgency: str, kind: str, language: str, proposed: str
) -> None:
    """Its urgency and its language; and one full stop."""
    network = Network(seed=1)
    network.add_modem("m1")
    async with running(tmp_path, network, clock=clock(12)) as town:
        first = draft(title=title, urgency=urgency, language=language)
        number = await town.services.sending.send(town.actor, first)
        await town.finished(number)
        text = (await town.services.following.propose(town.actor, number, kind)).text

    assert proposed == text


async def test_an_alert_is_told_before_launch_what_it_exceeds_of_the_day_and_of_the_calls(
    tmp_path: Path,
) -> None:
    """It leaves all the same; who pays should know before the bill."""
    network = Network(seed=1)
    device = network.add_modem("m1")
    limits = budgets.Limits(segments_per_day=1, call_minutes_per_month=1)
    async with running(tmp_path, network, clock=clock(12)) as town:
        await town.daemon.store.write(
            lambda db: budgets.set_limits(db, device.iccid, limits, "Essai", 0.0)
        )
        draft = Draft(TEXT, to=("+33639981000", "+33639981001"), channels=("sms", "voice"),
                      urgency="vital")  # fmt: skip
        shown = await town.services.compose.foresee(town.actor, draft)

    (told,) = (one for one in shown.warnings if "forfait" in one)
    (uses,) = shown.uses
    assert "1 SMS aujourd'hui" in told
    assert "minutes d'appel ; partira quand même" in told
    assert "min d'appel, déjà 0 sur 1 ce mois-ci" in uses


async def test_who_is_in_two_groups_is_counted_once_and_that_is_said(tmp_path: Path) -> None:
    """Or the secretary adds the sizes of the groups, and wonders who was forgotten."""
    network = Network(seed=1)
    network.add_modem("m1")
    both = LIST.replace("Anne;06 39 98 00 01;rive", "Anne;06 39 98 00 01;rive, élus")
    async with running(tmp_path, network, clock=clock(12)) as town:
        await town.services.imports.take_file(town.actor, both.encode())
        groups = {one.name: one.id for one in await town.services.directory.groups(town.actor)}
        foresee = town.services.compose.foresee
        alone = await foresee(town.actor, draft(to=(), group_ids=(groups["rive"],)))
        together = await foresee(town.actor, draft(to=(), group_ids=tuple(groups.values())))

    assert (2, 0) == (alone.recipients, alone.doubles)
    assert (2, 1) == (together.recipients, together.doubles)


async def test_a_sim_with_a_limit_a_minute_keeps_an_uneven_pace(tmp_path: Path) -> None:
    """All at once and then none is what an operator's filter looks for; an alert waits for none."""
    network = Network(seed=1)
    device = network.add_modem("m1")
    numbers = [f"+336399810{n:02}" for n in range(12)]
    limits = budgets.Limits(segments_per_minute=6)
    async with running(tmp_path, network, clock=clock(12)) as town:
        await town.daemon.store.write(
            lambda db: budgets.set_limits(db, device.iccid, limits, "Essai", 0.0)
        )
        routine = await town.raise_alert(TEXT, to=numbers, urgency="service")
        report = await town.finished(routine)
        alert = await town.finished(await town.raise_alert("Crue.", to=numbers))
    times = sorted(job["attempts"][-1]["ended_at"] for job in jobs(report, "sms"))
    gaps = [_seconds(later) - _seconds(one) for one, later in pairwise(times)]
    quick = sorted(job["attempts"][-1]["ended_at"] for job in jobs(alert, "sms"))

    assert 4.9 <= min(gaps)
    assert max(gaps) <= 18, gaps
    assert 8 <= sum(gaps) / len(gaps) <= 14
    assert 6 <= len({round(gap) for gap in gaps})
    assert _seconds(quick[-1]) - _seconds(quick[0]) < 60


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


@pytest.mark.parametrize(
    "limits",
    [budgets.Limits(segments_per_hour=4),
     budgets.Limits(segments_per_month=8, reserve_percent=50)],
    ids=["by the hour", "half of the month is kept for alerts"],
)  # fmt: skip
async def test_a_spent_budget_holds_what_is_routine_and_never_an_alert(
    tmp_path: Path, limits: budgets.Limits
) -> None:
    """The operator would suspend the line; the river does not care."""
    network = Network(seed=1)
    device = network.add_modem("m1")
    numbers = [f"+336399810{n:02}" for n in range(6)]
    async with running(tmp_path, network, clock=clock(12)) as town:
        await town.daemon.store.write(
            lambda db: budgets.set_limits(db, device.iccid, limits, "Essai", 0.0)
        )
        routine = await town.raise_alert(TEXT, to=numbers, urgency="service")
        await town.advance(600)
        held = sum(bool(received(network, one)) for one in numbers)
        alert = await town.raise_alert("Crue.", to=numbers)
        await town.finished(alert)
        texts = [received(network, one)[-1] for one in numbers]
        await town.services.sending.cancel(town.actor, routine)

    assert 4 == held
    assert ["Crue."] * 6 == texts
