"""Calls among calls: never two at once to one number, none that rings for ever, pauses kept."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from modem.emulator import Behaviour, Network
from tests.acceptance.box import Box, Emulated, emulated, port_of, serving, until
from tests.acceptance.nursery import Nursery
from tests.harness import jobs, running

FARM, QUICK, MOBILE = "01 99 00 00 01", "01 99 00 00 02", "06 39 98 00 01"
TEXT = "L'eau monte. Gagnez la salle communale."


async def test_two_messages_never_ring_one_telephone_at_once(tmp_path: Path) -> None:
    """Two modems are free and two messages wait for one farm: the second call waits its turn."""
    network = Network(seed=61)
    for name in ("m1", "m2"):
        network.add_modem(name)
    async with running(tmp_path, network) as town:
        farm = town.phone(FARM, Behaviour(answers_after=2.0, hangs_up_after=12.0))
        first = await town.raise_alert(TEXT, to=[FARM], channels=["voice"])
        second = await town.raise_alert("Le pont est coupé.", to=[FARM], channels=["voice"])
        await town.finished(first)
        await town.finished(second)
    calls = sorted(farm.calls, key=lambda call: call.at)

    assert 2 <= len(calls)
    assert all(
        earlier.ended_at is not None and earlier.ended_at <= later.at
        for earlier, later in pairwise(calls)
    )


async def test_a_telephone_that_is_never_answered_rings_three_quarters_of_a_minute(
    tmp_path: Path,
) -> None:
    """An empty house must not keep a modem from the next; the network gives up at a minute."""
    network = Network(seed=62)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        farm = town.phone(FARM, Behaviour(answers_after=None))
        report = await town.finished(await town.raise_alert(TEXT, to=[FARM], channels=["voice"]))
    lengths = [call.ended_at - call.at for call in farm.calls if call.ended_at is not None]

    assert {"no_answer"} == {job["outcome"] for job in jobs(report, "voice")}
    assert all(40 < length < 50 for length in lengths)


async def test_a_sim_rests_between_two_calls(tmp_path: Path) -> None:
    """Some networks take calls without a pause for a machine gone wild."""
    network = Network(seed=63)
    network.add_modem("m1")
    farms = [f"01 99 00 00 {n:02}" for n in range(10, 14)]
    async with running(tmp_path, network) as town:
        phones = [town.phone(one, Behaviour(busy=True)) for one in farms]
        number = await town.raise_alert(TEXT, to=farms, channels=["voice"])
        await town.advance(60)
        calls = sorted((call for phone in phones for call in phone.calls), key=lambda c: c.at)
        await town.services.sending.cancel(town.actor, number)

    assert 4 <= len(calls)
    assert all(
        later.at - (earlier.ended_at or earlier.at) >= 1.0 for earlier, later in pairwise(calls)
    )


async def test_texts_of_an_alert_leave_before_the_calls_on_the_same_modem(tmp_path: Path) -> None:
    """A dozen texts are out in the time of one call."""
    network = Network(seed=64)
    network.add_modem("m1")
    mobiles = [f"06 39 98 02 {n:02}" for n in range(12)]
    async with running(tmp_path, network) as town:
        town.phone(FARM, Behaviour(answers_after=2.0, hangs_up_after=20.0))
        report = await town.finished(
            await town.raise_alert(TEXT, to=[FARM, *mobiles], channels=["voice", "sms"])
        )
    texts = [job["attempts"][0]["ended_at"] for job in jobs(report, "sms")]
    calls = [job["attempts"][0]["started_at"] for job in jobs(report, "voice")]

    assert 12 == len(texts)
    assert max(texts) <= min(calls)


@pytest.mark.real_time
def test_a_crash_in_mid_call_hangs_up_first_and_tells_the_call_as_interrupted(
    tmp_path: Path, imported: Nursery
) -> None:
    """The person must not be left listening to silence, nor counted as told."""
    cast = {FARM: {"answers_after": 0.5}, QUICK: {"busy": True}}
    with emulated(tmp_path / "e", "--pace", "fast", cast=cast, nursery=imported) as emulator:
        with serving(Box(tmp_path / "box", [port_of(emulator.modems[0])], nursery=imported)) as box:
            alert = ["--channel", "voice", "--urgency", "vital"]
            first = box.ask("send", TEXT, "--to", QUICK, *alert)["broadcast"]
            until(lambda: _attempts(box, first), "all that is said is ready", limit=60)
            number = int(box.ask("send", TEXT, "--to", FARM, *alert)["broadcast"])
            until(lambda: "running" in [job["state"] for job in box.jobs(number)], "it calls")
            began = time.monotonic()
            until(lambda: time.monotonic() - began > 4, "somebody listens: it rang half a second")
            box.kill()
            assert not _calls_to_farm(emulator), "the line is still open"
            box.start()
            until(lambda: _calls_to_farm(emulator), "the first call has been ended")
            attempts = until(lambda: _attempts(box, number), "the first attempt is told")
            box.kill()  # a stop would let the call that follows come to its end
        ended = _calls_to_farm(emulator)[0]

    assert "interrupted" in attempts[0]["result"]
    assert "answered" == ended["outcome"]
    assert ended["keys"] == ""


def _calls_to_farm(emulator: Emulated) -> list[dict[str, Any]]:
    return [one for one in emulator.records("call") if one["to"] == "+33199000001"]


def _attempts(box: Box, number: int) -> list[dict[str, str]]:
    (job,) = box.jobs(number)[:1]
    return [one for one in job["attempts"] if one["ended_at"]]


async def test_whoever_is_on_the_telephone_is_not_said_to_wait_for_their_turn(
    tmp_path: Path,
) -> None:
    """At three in the morning the mayor rang the house himself, and found it engaged."""
    network = Network(seed=65)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        for number in (FARM, QUICK):
            town.phone(number, Behaviour(answers_after=2.0))
        alert = await town.raise_alert(TEXT, to=[FARM, QUICK], channels=["voice"])
        await town.advance(20)
        service = town.services.broadcasts
        people = await service.recipients(town.actor, alert)
        called = await service.recipients(town.actor, alert, state="in_progress")
        view = await service.view(town.actor, alert)

    assert {"appel en cours", "attend son tour"} == {one.reason for one in people.items}
    assert ["appel en cours"] == [one.reason for one in called.items]
    assert {("en cours", 1), ("en attente", 1)} == {(one.label, one.people) for one in view.counts}
