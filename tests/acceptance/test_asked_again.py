"""A program whose answer was lost asks again: it is told what left, whatever is so by then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.clock import LoopClock
from gateway.errors import KeyUsed
from gateway.model import Door
from gateway.services.values import BatchLine
from tests.acceptance.test_what_leaves_later import ANNE, at, draft, one_modem, received
from tests.harness import running

TEXT = "L'eau sera coupée."


async def test_asked_again_after_its_hour_it_is_the_message_that_left(tmp_path: Path) -> None:
    """« Cette heure est déjà passée » made the program send it anew, to the same people."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 10))) as town:
        send = town.services.sending.send
        message = await draft(town, TEXT, at=at(24, 10, 5), idempotency_key="a")
        first = await send(town.actor, message, Door.API)
        await town.advance(900)
        again = await send(town.actor, message, Door.API)
        with pytest.raises(KeyUsed):
            await send(town.actor, replace(message, at=at(24, 11)), Door.API)

    assert again == first
    assert received(network) == [TEXT]


async def test_asked_again_once_its_list_is_empty_it_is_the_message_that_left(
    tmp_path: Path,
) -> None:
    """Nobody to be warned any more: they have been."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 10))) as town:
        message = await draft(town, TEXT, idempotency_key="a")
        first = await town.services.sending.send(town.actor, message, Door.COMMAND)
        await town.advance(60)
        for contact in (1, 2):
            await town.services.persons.erase(town.actor, contact)
        again = await town.services.sending.send(town.actor, message, Door.COMMAND)

    assert again == first


async def test_a_batch_asked_again_after_the_hours_is_the_batch_that_left(tmp_path: Path) -> None:
    """It said « demain » in time; refused at night, it had left all the same."""
    network = one_modem()
    lines = [BatchLine(ANNE, "Rendez-vous demain.")]
    order = {"channel": "sms", "urgency": "service", "title": "Rendez-vous", "key": "a"}
    async with running(tmp_path, network, clock=LoopClock(at(24, 19, 55))) as town:
        first = await town.services.sending.send_batch(town.actor, lines, **order)
        await town.advance(900)
        again = await town.services.sending.send_batch(town.actor, lines, **order)

    assert again == first
    assert received(network) == ["Rendez-vous demain."]
