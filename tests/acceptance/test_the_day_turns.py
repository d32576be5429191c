"""What says « demain » leaves on the day it was meant for, or not at all; an alert always."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import Refused
from gateway.model import Door
from gateway.services import BatchLine
from tests.acceptance.test_over_the_closing_hour import (
    PEOPLE,
    clock,
    counts,
    have_it,
    sent,
    slow_network,
    written,
)
from tests.acceptance.test_what_leaves_later import at, one_modem
from tests.harness import running

CUT = "L'eau sera coupée demain."


async def test_what_is_paused_over_midnight_does_not_go_on_the_day_after(tmp_path: Path) -> None:
    """« Demain » read on the 25th is the 26th; the page said so while there was time."""
    network = slow_network()
    async with running(tmp_path, network, clock=clock(at(24, 22))) as town:
        number = await sent(town, replace(await written(town, CUT), at_any_hour=True))
        await town.advance(60)
        sending, view = town.services.sending, town.services.broadcasts.view
        await sending.pause(town.actor, number)
        await town.advance(60)
        paused, had = await view(town.actor, number), have_it(network)
        await town.sleep_through(11 * 3600)
        with pytest.raises(Refused):
            await sending.resume(town.actor, number)
        await town.advance(60)
        after, found = await view(town.actor, number), await counts(town, number)

    assert "« demain » : ce qui n'est pas parti à minuit ne partira plus" in paused.waiting_for
    assert f"Reste à envoyer : {PEOPLE - had}." in paused.waiting_for
    assert 0 < had == have_it(network)
    assert ("closed", {"received": had, "expired": PEOPLE - had}) == (after.summary.state, found)


@pytest.mark.parametrize(
    ("text", "urgency", "lived"),
    [
        (CUT, "service", "expired"),
        (CUT, "vital", "received"),
        ("À demain !", "service", "received"),
    ],
)
async def test_what_waits_for_a_modem_over_midnight_is_an_alert_or_names_no_day(
    tmp_path: Path, text: str, urgency: str, lived: str
) -> None:
    """The only modem hung in the evening, and came back at seven."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(at(24, 23))) as town:
        message = await written(town, text)
        network.modems["m1"].unplug()
        await town.advance(60)
        number = await sent(town, replace(message, at_any_hour=True, urgency=urgency))
        await town.advance(60)
        view = await town.services.broadcasts.view(town.actor, number)
        await town.sleep_through(2 * 3600)
        network.modems["m1"].replug()
        await town.advance(1200)
        found = await counts(town, number)

    assert (lived == "expired") == ("à minuit ne partira plus" in view.waiting_for)
    assert {lived: PEOPLE} == found


async def test_what_was_let_go_within_its_hours_still_ends_with_its_day(tmp_path: Path) -> None:
    """*Envoyer maintenant* passes over the hours, not over the day."""
    network = slow_network()
    async with running(tmp_path, network, clock=clock(at(24, 15))) as town:
        sending = town.services.sending
        number = await sending.send(town.actor, await written(town, CUT), Door.PAGE)
        await sending.send_now(town.actor, number)
        await town.advance(60)
        await sending.pause(town.actor, number)
        await town.sleep_through(16 * 3600)
        found = await counts(town, number)

    assert have_it(network) == found["received"] < PEOPLE
    assert PEOPLE - found["received"] == found["expired"]


async def test_what_closing_caught_may_be_let_go_until_midnight_and_no_longer(
    tmp_path: Path,
) -> None:
    """At half past midnight the button would have told fifty people the wrong day."""
    network = slow_network()
    async with running(tmp_path, network, clock=clock(at(24, 19, 58))) as town:
        number = await sent(town, await written(town, CUT))
        await town.sleep_through(4.5 * 3600)
        found = await counts(town, number)

    assert 0 < have_it(network) == found["received"] < PEOPLE
    assert PEOPLE - found["received"] == found["expired"]


async def test_of_a_batch_only_the_lines_that_name_their_day_end_with_it(tmp_path: Path) -> None:
    """Each line is a text of its own: a reminder of tomorrow's meeting, a book that has come."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(at(24, 19, 59))) as town:
        network.modems["m1"].unplug()
        await town.advance(30)
        number = await town.services.sending.send_batch(
            town.actor,
            [BatchLine("06 39 98 00 01", "Rendez-vous demain à 9 h."),
             BatchLine("06 39 98 00 02", "Votre livre est arrivé.")],
            channel="sms", urgency="service", title="Rappels",
        )  # fmt: skip
        await town.advance(120)
        network.modems["m1"].replug()
        await town.sleep_through(13 * 3600)
        report = await town.report(number)

    lived = {one["contact"]: one["state"] for one in report["recipients"]}
    assert ["expired", "received"] == [lived[one] for one in sorted(lived)]


async def test_a_message_that_midnight_will_cut_is_told_before(tmp_path: Path) -> None:
    """Ten minutes of SMS at two to midnight."""
    async with running(tmp_path, slow_network(), clock=clock(at(24, 23, 58))) as town:
        message = replace(await written(town, CUT), at_any_hour=True)
        cut = await town.services.compose.foresee(town.actor, message)
        alert = await town.services.compose.foresee(town.actor, replace(message, urgency="vital"))

    assert any("« demain », et ce message ne sera pas fini à minuit" in one for one in cut.warnings)
    assert not any("minuit" in one for one in alert.warnings)


@pytest.mark.parametrize(
    ("text", "hour", "over"), [("ce matin", 12, "midi"), ("ce midi", 14, "14 h 00")]
)
async def test_a_part_of_the_day_ends_with_it_whatever_the_hours(
    tmp_path: Path, text: str, hour: int, over: str
) -> None:
    """Paused at noon and let go at three, it told its readers what had passed."""
    network = slow_network()
    async with running(tmp_path, network, clock=clock(at(24, hour - 1, 57))) as town:
        message = await written(town, f"Pas de collecte {text}.")
        told = await town.services.compose.foresee(town.actor, message)
        number = await sent(town, message)
        await town.advance(60)
        sending, view = town.services.sending, town.services.broadcasts.view
        await sending.pause(town.actor, number)
        await town.advance(60)
        paused, had = await view(town.actor, number), have_it(network)
        await town.sleep_through(3 * 3600)
        with pytest.raises(Refused):
            await sending.resume(town.actor, number)
        found = await counts(town, number)

    assert any(f"« {text} », et ce message ne sera pas fini à {over}" in w for w in told.warnings)
    assert f"« {text} » : ce qui n'est pas parti à {over} ne partira plus" in paused.waiting_for
    assert 0 < had == have_it(network)
    assert {"received": had, "expired": PEOPLE - had} == found


@pytest.mark.parametrize(
    ("text", "urgency", "begins"),
    [("La panne de ce matin est réparée.", "service", 13), ("Ce matin, crue.", "vital", 11),
     ("Demain, benne ; pas ce matin.", "service", 11)],
)  # fmt: skip
async def test_what_says_this_morning_in_the_afternoon_or_of_danger_is_not_cut(
    tmp_path: Path, text: str, urgency: str, begins: int
) -> None:
    """Of what is past it says it rightly; an alert never ends so; another day comes first."""
    network = slow_network()
    async with running(tmp_path, network, clock=clock(at(24, begins, 55))) as town:
        number = await sent(town, replace(await written(town, text), urgency=urgency))
        await town.advance(1200)
        found = await counts(town, number)

    assert {"received": PEOPLE} == found


async def test_of_a_batch_the_lines_of_the_morning_end_at_noon_and_the_others_go_on(
    tmp_path: Path,
) -> None:
    """« Demain » is true until midnight: an hour without a modem takes nothing from it."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(at(24, 11, 59))) as town:
        network.modems["m1"].unplug()
        await town.advance(30)
        number = await town.services.sending.send_batch(
            town.actor,
            [BatchLine("06 39 98 00 01", "Rendez-vous demain à 9 h."),
             BatchLine("06 39 98 00 02", "Rendez-vous ce matin à la place.")],
            channel="sms", urgency="service", title="Rappels",
        )  # fmt: skip
        await town.advance(3600)
        network.modems["m1"].replug()
        await town.advance(600)
        report = await town.report(number)

    lived = {one["contact"]: one["state"] for one in report["recipients"]}
    assert ["received", "expired"] == [lived[one] for one in sorted(lived)]
