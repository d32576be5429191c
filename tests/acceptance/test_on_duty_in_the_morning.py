"""A message to those on duty that waits for the morning is for whoever is on duty then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.clock import LoopClock
from gateway.errors import Refused
from gateway.model import Door
from gateway.services import Draft
from tests.acceptance.test_what_leaves_later import (
    ANNE,
    CHLOE,
    at,
    draft,
    one_modem,
    received,
    since_start,
)
from tests.harness import running, states


async def test_who_is_on_duty_in_the_morning_is_named_the_evening_before(tmp_path: Path) -> None:
    """Held from 21 h to 8 h, it goes to Chloé, who begins at six; the page named Anne."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 21) - since_start())) as town:
        await draft(town, "x")
        duties, foresee = town.services.duties, town.services.compose.foresee
        await duties.add_turn(town.actor, "Astreinte", ANNE, at(24, 18), at(25, 6))
        await duties.add_turn(town.actor, "Astreinte", CHLOE, at(25, 6), at(25, 18))
        message = Draft("Arbre tombé.", duties=("Astreinte",), channels=("sms",), urgency="service")
        held = await foresee(town.actor, message)
        at_once = await foresee(town.actor, replace(message, at_any_hour=True))
        alert = await foresee(town.actor, replace(message, urgency="vital"))

    assert (at(25, 8), ("Cros",)) == (held.leaves_at, held.sample_names)
    assert ("Anne Alibert",) == at_once.sample_names == alert.sample_names


async def test_whoever_is_on_duty_in_the_morning_gets_what_waited_for_the_morning(
    tmp_path: Path,
) -> None:
    """Written at ten in the evening, held to eight: the night's person is asleep by then."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 22) - since_start())) as town:
        await draft(town, "x")
        add = town.services.duties.add_turn
        await add(town.actor, "Astreinte", ANNE, at(24, 21), at(25, 7))
        await add(town.actor, "Astreinte", CHLOE, at(25, 7), at(25, 19))
        message = Draft("Salage.", duties=("Astreinte",), channels=("sms",), urgency="service")
        number = await town.services.sending.send(town.actor, message, Door.COMMAND)
        view = await town.services.broadcasts.view(town.actor, number)
        await town.sleep_through(10.1 * 3600)

    assert view.can_release
    assert ([], ["Salage."]) == (received(network, ANNE), received(network, CHLOE))


async def test_nobody_on_duty_in_the_morning_is_told_the_evening_before(tmp_path: Path) -> None:
    """It was taken in without a word, and given up at eight, when nobody looked."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 21) - since_start())) as town:
        await draft(town, "x")
        await town.services.duties.add_turn(town.actor, "Astreinte", ANNE, at(24, 18), at(25, 6))
        message = Draft("Arbre tombé.", duties=("Astreinte",), channels=("sms",), urgency="service")
        forecast = await town.services.compose.foresee(town.actor, message)
        with pytest.raises(Refused, match="personne ne sera de garde"):
            await town.services.sending.send(town.actor, message)
        at_once = replace(message, at_any_hour=True)
        await town.finished(await town.services.sending.send(town.actor, at_once, Door.COMMAND))

    assert forecast.only_now
    (said,) = forecast.problems
    assert said == (
        "Ce message partira demain à 8 h 00, et personne ne sera de garde pour « Astreinte » : "
        "choisissez une autre heure, envoyez-le maintenant, ou complétez les gardes."
    )
    assert ["Arbre tombé."] == received(network)


async def test_wanted_at_once_while_nobody_is_on_duty_it_waits_for_the_morning_all_the_same(
    tmp_path: Path,
) -> None:
    """The button cancelled it, in silence: Chloé got nothing at eight."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 21) - since_start())) as town:
        await draft(town, "x")
        await town.services.duties.add_turn(town.actor, "Astreinte", CHLOE, at(25, 6), at(25, 18))
        message = Draft("Arbre tombé.", duties=("Astreinte",), channels=("sms",), urgency="service")
        number = await town.services.sending.send(town.actor, message)
        with pytest.raises(Refused, match="de garde"):
            await town.services.sending.send_now(town.actor, number)
        waits = (await town.services.broadcasts.view(town.actor, number)).summary.state
        await town.sleep_through(12 * 3600)

        assert "scheduled" == waits
        assert {"Cros": "received"} == states(await town.report(number))
