"""A message that is still leaving when its hours end: what it says, and who gets it when."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from gateway.clock import LoopClock
from gateway.model import Door
from gateway.services import Draft, GroupForm
from modem.emulator import Network, Pace
from tests.acceptance.test_what_leaves_later import PARIS, at, since_start
from tests.harness import Town, running

PEOPLE = 60
#: Seconds each SMS takes: all of them take ten minutes.
SLOW = 10.0


def slow_network() -> Network:
    network = Network(seed=1, pace=Pace.FAST, sms_seconds=SLOW, report_seconds=1.0)
    network.add_modem("m1")
    return network


def clock(moment: datetime) -> LoopClock:
    return LoopClock(moment - since_start())


async def written(town: Town, text: str, group: str = "rive") -> Draft:
    """Return a message to a list of sixty."""
    lines = [f"N{i};P{i};06 39 98 00 {i:02};{group}" for i in range(PEOPLE)]
    await town.services.imports.take_file(
        town.actor, "\n".join(["Nom;Prénom;Téléphone;Groupe", *lines]).encode()
    )
    known = {g.name: g.id for g in await town.services.directory.groups(town.actor)}
    return Draft(text, group_ids=(known[group],), channels=("sms",), urgency="service")


async def sent(town: Town, message: Draft) -> int:
    return await town.services.sending.send(town.actor, message, Door.COMMAND)


def have_it(network: Network) -> int:
    return sum(bool(one.inbox) for one in network.handsets)


async def counts(town: Town, number: int) -> dict[str, int]:
    return dict((await town.report(number))["counts"])


async def test_what_friday_evening_catches_leaves_on_monday_and_nobody_is_lost(
    tmp_path: Path,
) -> None:
    """Sixty people, a few of them before closing: the others were « trop tard » on Saturday."""
    network = slow_network()
    async with running(tmp_path, network, clock=clock(at(27, 17, 58))) as town:
        week = dict.fromkeys(range(5), ("08:00", "18:00"))
        await town.services.tuning.set_hours(town.actor, "service", week, holidays=True)
        message = await written(town, "La piscine ferme pour travaux.")
        forecast = await town.services.compose.foresee(town.actor, message)
        number = await sent(town, message)
        await town.advance(600)
        view = await town.services.broadcasts.view(town.actor, number)
        friday = have_it(network)
        waits = await town.services.broadcasts.recipients(town.actor, number, "pending")
        await town.sleep_through(64 * 3600)
        found = await counts(town, number)

    (said,) = forecast.warnings
    assert "Commencé avant la fermeture des envois, à 18 h 00" in said
    assert forecast.is_cut
    assert at(30, 8) < forecast.ends_at < at(30, 8, 15)
    assert f"le 30 novembre à {forecast.ends_at:%-H h %M} environ" in said
    assert "la suite partira le 30 novembre à 8 h 00" in view.waiting_for
    assert f"Reste à envoyer : {PEOPLE - friday}." in view.waiting_for
    assert 5 < friday < 50
    assert {("attend l’heure où ces messages peuvent partir", "jusqu'au 30 novembre à 8 h 00")} == {
        (one.reason, one.until) for one in waits.items
    }
    assert {"received": PEOPLE} == found


async def test_the_hours_of_a_group_count_not_those_of_the_town(tmp_path: Path) -> None:
    """Saturday at 21:58; on Sunday the agents are left in peace, on Monday at five they know."""
    network = slow_network()
    async with running(tmp_path, network, clock=clock(at(28, 21, 58))) as town:
        form = GroupForm("Agents", "service", None, "05:00", "22:00")
        await town.services.groupings.save(town.actor, None, form)
        number = await sent(town, await written(town, "Neige : au garage à 6 h.", "Agents"))
        await town.sleep_through(32 * 3600)
        found = await counts(town, number)

    assert {"received": PEOPLE} == found


async def test_what_closing_catches_may_be_let_go_the_same_evening(tmp_path: Path) -> None:
    """The button has always worked; the page did not offer it."""
    network = slow_network()
    async with running(tmp_path, network, clock=clock(at(24, 19, 58))) as town:
        number = await sent(town, await written(town, "Coupure d'eau demain matin."))
        await town.advance(600)
        view = await town.services.broadcasts.view(town.actor, number)
        await town.services.sending.send_now(town.actor, number)
        await town.advance(700)
        found = await counts(town, number)

    assert view.can_release
    assert "le texte dit « demain » : ce qui reste ne partira pas demain à 8 h 00" in (
        view.waiting_for
    )
    assert {"received": PEOPLE} == found


@pytest.mark.parametrize("word", ["demain", "ce soir"])
async def test_a_day_named_by_a_word_leaves_on_no_other_day(tmp_path: Path, word: str) -> None:
    """Fifty people read on the 25th that the water is cut « demain », the 25th being that day."""
    network = slow_network()
    async with running(tmp_path, network, clock=clock(at(24, 19, 58))) as town:
        message = await written(town, f"Coupure d'eau {word}.")
        forecast = await town.services.compose.foresee(town.actor, message)
        number = await sent(town, message)
        await town.advance(600)
        evening = have_it(network)
        await town.sleep_through(14 * 3600)
        report = await town.report(number)

    (said,) = forecast.warnings
    assert f"le texte dit « {word} » : ce qui n'est pas parti alors ne partira pas" in said
    assert evening == have_it(network)
    assert "closed" == report["state"]
    late = [one["reason"] for one in report["recipients"] if one["state"] == "expired"]
    assert ["too_late_hours"] * (PEOPLE - evening) == late


async def test_an_end_the_sender_set_is_kept_and_told_before(tmp_path: Path) -> None:
    """Of no use after 21 h: what closing catches at 20 h would not leave, and they are told."""
    async with running(tmp_path, slow_network(), clock=clock(at(24, 19, 58))) as town:
        message = await written(town, "Réunion à 21 h.")
        ends = datetime(2026, 11, 24, 21, tzinfo=PARIS)
        message = Draft(message.text, group_ids=message.group_ids, channels=("sms",),
                        urgency="service", expires=ends)  # fmt: skip
        forecast = await town.services.compose.foresee(town.actor, message)

    assert any("une partie ne partira pas" in said for said in forecast.warnings)
