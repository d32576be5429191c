"""Whoever calls the gateway: their own last message, and nobody else's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import tts
from gateway.channels.call_script import Part, phrases
from gateway.channels.reception_script import reception_phrases
from gateway.model import Urgency
from gateway.store import calls, events
from modem.emulator import Behaviour, Network, Press
from modem.emulator.device import Device
from modem.emulator.handset import ReceivedCall
from tests.harness import Town, jobs, running, states

ANNA, BERT, STRANGER = "06 39 98 00 01", "06 39 98 00 02", "06 39 98 00 99"
TEXT = "L'eau monte. Gagnez la salle communale."


async def rings(
    town: Town, device: Device, number: str, *presses: Press, stays: float | None = None,
    hidden: bool = False,
) -> ReceivedCall:  # fmt: skip
    """Let a phone call the modem; return what its owner lived once it is over."""
    placed = town.network.handset(number).placed
    before = len(placed)
    behaviour = Behaviour(presses=presses, hangs_up_after=stays)
    assert town.network.ring_modem(number, device, behaviour=behaviour, hidden=hidden) is not None
    async with asyncio.timeout(400):
        while len(placed) == before:  # noqa: ASYNC110  a telephone tells nobody
            await asyncio.sleep(0.5)
    await asyncio.sleep(3)
    return placed[-1]


def said(folder: Path, text: str) -> bytes:
    return tts.read_pcm(tts.render(text, cache_dir=folder / "speech").pcm_path)


def alert(part: Part) -> str:
    return phrases("La Redorte", TEXT, Urgency.VITAL)[part]


async def listed(town: Town) -> list[tuple[str, str]]:
    """Return who called, and how it ended."""
    rows = await town.daemon.store.read(lambda db: calls.latest(db, 1))
    return [(row["caller"], row["outcome"]) for row in rows]


async def kept(town: Town, kind: str) -> list[Any]:
    return await town.daemon.store.read(
        lambda db: [row["payload"] for row in db.execute(
            "SELECT payload FROM event WHERE kind = ?", (kind,))]
    )  # fmt: skip


async def test_somebody_who_calls_back_hears_their_message_and_confirms(tmp_path: Path) -> None:
    """The SMS came, the network lost its receipt: a call back settles it like a call of ours."""
    network = Network(seed=51)
    device = network.add_modem("m1")
    async with running(tmp_path, network) as town:
        town.phone(ANNA, Behaviour(sms="lost"))
        number = await town.raise_alert(TEXT, to=[ANNA])
        await town.advance(20)
        heard = await rings(town, device, ANNA, Press("1", 9.0))
        report = await town.finished(number)

        assert said(tmp_path, alert(Part.GREETING)) in heard.pcm
        assert said(tmp_path, alert(Part.THANKS)) in heard.pcm
        assert ["acknowledged"] == list(states(report).values())
        assert ["called_back"] == [job["reason"] for job in jobs(report, "voice")]
        assert [("+33639980001", "acknowledged")] == await listed(town)
        assert all("39980001" not in told for told in await kept(town, "call.received"))
        assert await town.daemon.store.read(events.first_broken) is None


async def test_zero_says_it_again_and_listening_counts_as_listened(tmp_path: Path) -> None:
    """Exactly as in a call of ours, keys and truth alike."""
    network = Network(seed=52)
    device = network.add_modem("m1")
    async with running(tmp_path, network) as town:
        town.phone(ANNA, Behaviour(sms="lost"))
        number = await town.raise_alert(TEXT, to=[ANNA])
        await town.advance(20)
        heard = await rings(town, device, ANNA, Press("0", 12.0), stays=24.0)
        report = await town.finished(number)

        assert 2 == heard.pcm.count(said(tmp_path, alert(Part.MESSAGE)))
        assert ["listened"] == list(states(report).values())


async def test_nobody_hears_what_was_meant_for_another(tmp_path: Path) -> None:
    """A stranger, and somebody who hides their number, learn whose line this is. That is all."""
    network = Network(seed=53)
    device = network.add_modem("m1")
    async with running(tmp_path, network) as town:
        await town.finished(await town.raise_alert(TEXT, to=[ANNA]))
        stranger = await rings(town, device, STRANGER)
        hidden = await rings(town, device, ANNA, hidden=True)
        words = said(tmp_path, reception_phrases("La Redorte")[Part.RECEPTION])
        message = said(tmp_path, alert(Part.MESSAGE))

        assert words in stranger.pcm
        assert words in hidden.pcm
        assert message not in stranger.pcm
        assert message not in hidden.pcm
        assert [("", "unknown"), ("+33639980099", "unknown")] == await listed(town)


async def test_a_message_that_is_over_is_not_told_any_more(tmp_path: Path) -> None:
    """Yesterday's flood is no reason to leave the house."""
    network = Network(seed=54)
    device = network.add_modem("m1")
    async with running(tmp_path, network) as town:
        await town.finished(await town.raise_alert(TEXT, to=[ANNA]))
        await town.sleep_through(7 * 3600)
        heard = await rings(town, device, ANNA)

        assert said(tmp_path, alert(Part.MESSAGE)) not in heard.pcm


async def test_an_alert_ends_a_chat_on_the_only_modem(tmp_path: Path) -> None:
    """A caller who does not hang up must not stand between an alert and a village."""
    network = Network(seed=55)
    device = network.add_modem("m1")
    async with running(tmp_path, network) as town:
        await town.finished(await town.raise_alert("La fête est à 18 h. " * 12, to=[ANNA],
                                                   urgency="information"))  # fmt: skip
        chat = asyncio.ensure_future(rings(town, device, ANNA))
        await town.advance(12)
        assert device.call is not None
        warned = town.phone(BERT)
        began = asyncio.get_running_loop().time()
        await town.raise_alert(TEXT, to=[BERT])
        while not warned.inbox:  # noqa: ASYNC110  a telephone tells nobody
            await asyncio.sleep(0.5)
        waited = asyncio.get_running_loop().time() - began
        heard = await chat

        assert waited < 20
        assert heard.ended_at is not None
        assert said(tmp_path, phrases("", "", Urgency.VITAL)[Part.EXCUSE]) in heard.pcm


async def test_routine_texts_go_on_between_callers(tmp_path: Path) -> None:
    """Calls that come in are jobs among jobs: neither starves the other."""
    network = Network(seed=56)
    device = network.add_modem("m1")
    people = [f"06 39 98 01 {n:02}" for n in range(8)]
    async with running(tmp_path, network) as town:
        number = await town.raise_alert("La fête est à 18 h.", to=people, urgency="service")
        await town.advance(4)
        heard = await rings(town, device, STRANGER)
        report = await town.finished(number)

        assert heard.answered_at is not None
        assert heard.answered_at - heard.at < 20
        assert {"received"} == set(states(report).values())


async def test_a_missed_call_is_on_record(tmp_path: Path) -> None:
    """Somebody tried: the page says so."""
    network = Network(seed=57)
    device = network.add_modem("m1")
    async with running(tmp_path, network, role="sms") as town:
        heard = await rings(town, device, STRANGER)

        assert heard.answered_at is None
        assert [("+33639980099", "unanswered")] == await listed(town)
