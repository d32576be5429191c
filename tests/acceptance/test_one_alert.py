"""One alert through the whole house, on driven time, told against what the phones lived."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.channels.base import Hand
from gateway.channels.call_script import CallSound
from gateway.channels.sms import SmsChannel
from gateway.demo.stage import EVERYBODY, sample
from gateway.demo.truth import disagreements
from gateway.policy import Settlement
from gateway.speech import SpeechService
from gateway.store.jobs import ClaimedJob
from modem.emulator import Behaviour, Network, Press
from tests.harness import jobs, running, states

MAYOR, DEPUTY, FARM = "06 39 98 00 01", "06 39 98 00 02", "01 99 00 00 01"
TEXT = "Crue de l'Argent-Double : gagnez la salle communale."


async def test_a_text_arrives_and_is_told_as_received(tmp_path: Path) -> None:
    """The main job, in one line."""
    network = Network(seed=1)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        report = await town.finished(await town.raise_alert(TEXT, to=[MAYOR]))

        assert {MAYOR: "received"} == states(report)
        assert [TEXT] == [sms.text for sms in town.phone(MAYOR).inbox]


async def test_a_pressed_one_acknowledges(tmp_path: Path) -> None:
    """Only a key after the message has begun is proof of a human who heard."""
    network = Network(seed=2)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        phone = town.phone(FARM, Behaviour(answers_after=4.0, presses=(Press("1", 9.0),)))
        report = await town.finished(await town.raise_alert(TEXT, to=[FARM], channels=["voice"]))

        assert {FARM: "acknowledged"} == states(report)
        assert ["1"] == ["".join(call.keys) for call in phone.calls]


async def test_a_one_pressed_during_the_greeting_is_no_acknowledgement(tmp_path: Path) -> None:
    """Answering is not having heard."""
    network = Network(seed=3)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        town.phone(
            FARM, Behaviour(answers_after=2.0, presses=(Press("1", 1.5),), hangs_up_after=4.0)
        )
        report = await town.finished(await town.raise_alert(TEXT, to=[FARM], channels=["voice"]))

        assert {FARM: "answered"} == states(report)


async def test_who_does_not_answer_is_called_once_more(tmp_path: Path) -> None:
    """And then told as not reached, with the reason."""
    network = Network(seed=4)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        phone = town.phone(FARM, Behaviour(answers_after=None))
        report = await town.finished(await town.raise_alert(TEXT, to=[FARM], channels=["voice"]))

        assert {FARM: "failed"} == states(report)
        assert 2 == len(phone.calls)
        assert ["no_answer", "no_answer"] == [job["outcome"] for job in jobs(report)]


async def test_the_whole_commune_is_told_by_three_channels_and_nobody_is_lost(
    tmp_path: Path,
) -> None:
    """The story this product exists for; the phones' own records are the judge."""
    network = Network(seed=5)
    for name in ("m1", "m2", "m3", "m4"):
        network.add_modem(name)
    async with running(tmp_path, network) as town:
        await town.services.imports.take_file(town.actor, sample(), (EVERYBODY,))
        report = await town.finished(
            await town.raise_alert(TEXT, groups=[EVERYBODY], channels=["sms", "voice", "email"])
        )
        mail = [address for address, _ in town.mailbox.messages]

        assert all(person["closed"] for person in report["recipients"])
        assert [] == disagreements(network, mail, report)
        assert 57 == len(report["recipients"])


async def test_the_same_number_in_two_contacts_gets_one_message(tmp_path: Path) -> None:
    """A couple with one mobile is one telephone."""
    network = Network(seed=6)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        data = b"Nom;Tel;Groupe\nA;0639980001;g\nB;06 39 98 00 01;g\n"
        await town.services.imports.take_file(town.actor, data)
        report = await town.finished(await town.raise_alert(TEXT, groups=["g"]))

        assert {"A": "received", "B": "excluded"} == states(report)
        assert 1 == len(town.phone(MAYOR).inbox)


async def test_a_number_the_network_refuses_does_not_stop_the_others(tmp_path: Path) -> None:
    """One bad number never blocks the queue."""
    network = Network(seed=7)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        town.phone(MAYOR, Behaviour(sms="refused"))
        number = await town.raise_alert(TEXT, to=[MAYOR, DEPUTY])
        report = await town.finished(number)

        assert ("failed", "received") == tuple(states(report).values())
        assert "phone_unreachable" in {job["reason"] for job in jobs(report)}


async def test_a_text_without_report_is_sent_and_no_more(tmp_path: Path) -> None:
    """Handed to the network is not received on the phone."""
    network = Network(seed=8)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        town.phone(MAYOR, Behaviour(sms="lost"))
        report = await town.finished(await town.raise_alert(TEXT, to=[MAYOR]))

        assert {MAYOR: "sent"} == states(report)


async def test_a_modem_unplugged_in_mid_broadcast_costs_the_others_nothing(
    tmp_path: Path,
) -> None:
    """Its jobs go to the sibling; a text in doubt is sent again and shown as such."""
    network = Network(seed=9)
    lost = network.add_modem("m1")
    network.add_modem("m2")
    numbers = [f"06 39 98 10 {n:02}" for n in range(30)]
    async with running(tmp_path, network) as town:
        number = await town.raise_alert(TEXT, to=numbers)
        await town.advance(7.0)
        lost.unplug()
        report = await town.finished(number)
        doubled = [n for n in numbers if len(town.phone(n).inbox) > 1]
        doubtful = {j["endpoint"] for j in jobs(report) if j["reason"] == "resent_after_doubt"}

        assert {"received"} == set(states(report).values())
        assert {town.phone(n).number for n in doubled} <= doubtful
        assert 1 >= len(doubtful)


async def test_a_modem_put_back_serves_again_by_itself(tmp_path: Path) -> None:
    """Nobody drives to the town hall to restart a service."""
    network = Network(seed=10)
    modem = network.add_modem("m1")
    async with running(tmp_path, network) as town:
        modem.unplug()
        number = await town.raise_alert(TEXT, to=[MAYOR])
        await town.advance(120.0)
        waiting = await town.services.broadcasts.view(town.actor, number)
        modem.replug()
        report = await town.finished(number)

        assert "Aucun modem prêt" in waiting.waiting_for
        assert {MAYOR: "received"} == states(report)


async def test_an_alert_nobody_could_send_expires_and_says_so(tmp_path: Path) -> None:
    """Yesterday's evacuation order must not leave today."""
    network = Network(seed=11)
    modem = network.add_modem("m1")
    async with running(tmp_path, network) as town:
        modem.unplug()
        number = await town.raise_alert(TEXT, to=[MAYOR])
        report = await town.finished(number)
        modem.replug()
        await town.advance(600.0)

        assert {MAYOR: "expired"} == states(report)
        assert [] == list(town.phone(MAYOR).inbox)


async def test_a_vital_alert_overtakes_a_full_queue(tmp_path: Path) -> None:
    """Two hundred invitations wait; the flood does not."""
    network = Network(seed=12, sms_seconds=2.0)
    network.add_modem("m1")
    crowd = [f"06 39 98 {20 + n // 100:02} {n % 100:02}" for n in range(200)]
    async with running(tmp_path, network) as town:
        await town.raise_alert("Fête du village", to=crowd, urgency="information")
        await town.advance(20.0)
        asked = asyncio.get_running_loop().time()
        await town.finished(await town.raise_alert(TEXT, to=[MAYOR]))

        assert asyncio.get_running_loop().time() - asked < 20.0
        assert any(not town.phone(n).inbox for n in crowd)


@pytest.mark.parametrize("when", ["under the last", "just after it"])
async def test_an_alert_ends_the_rest_of_a_modem_whose_network_refused_routine_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Five in a row have it rest a minute; the dam breaks under the fifth, or just after it."""
    network, deliver, asked = Network(seed=13), SmsChannel.deliver, dict[int, float]()
    network.add_modem("m1").faults.fail_next("AT+CMGS", 42, times=5)
    async with running(tmp_path, network) as town:
        (lane,) = (one for one in town.daemon.dispatcher.lanes if one.modem is not None)

        async def ask() -> None:
            asked[await town.raise_alert(TEXT, to=[MAYOR])] = asyncio.get_running_loop().time()

        async def delivered(self: SmsChannel, job: ClaimedJob, hand: Hand) -> Settlement:
            if when == "under the last" and lane.failures == 4 and not asked:
                await ask()
            return await deliver(self, job, hand)

        monkeypatch.setattr(SmsChannel, "deliver", delivered)
        await town.raise_alert("Eau coupée.", to=[DEPUTY], urgency="service")
        while lane.failures < 5:
            await town.advance(0.1)
        if not asked:
            await ask()
        ((number, at),) = asked.items()
        await town.finished(number)

        assert asyncio.get_running_loop().time() - at < 20


async def test_a_routine_call_whose_voice_is_not_ready_gives_way_to_an_alert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A voice of a small box takes its time, and nobody has been rung yet."""
    sounds, network = SpeechService.sounds, Network(seed=13)
    network.add_modem("m1")

    async def slowly(self: SpeechService, job: ClaimedJob) -> CallSound:
        await asyncio.sleep(60)
        return await sounds(self, job)

    monkeypatch.setattr(SpeechService, "sounds", slowly)
    async with running(tmp_path, network) as town:
        phone = town.phone(FARM, Behaviour(answers_after=1.0, presses_when_prompted="1"))
        fete = await town.raise_alert("Fête.", to=[FARM], channels=["voice"], urgency="service")
        await town.advance(10)
        asked = asyncio.get_running_loop().time()
        await town.finished(await town.raise_alert(TEXT, to=[MAYOR]))
        waited = asyncio.get_running_loop().time() - asked
        report = await town.finished(fete)

        assert waited < 20
        assert {FARM: "acknowledged"} == states(report)
        assert 1 == len(phone.calls)


async def test_a_routine_call_gives_way_to_an_alert(tmp_path: Path) -> None:
    """The only modem is talking about the fête when the dam breaks."""
    network = Network(seed=13)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        town.phone(FARM, Behaviour(answers_after=1.0))
        routine = await town.raise_alert(
            "La fête commence samedi. " * 6, to=[FARM], channels=["voice"], urgency="service"
        )
        await town.advance(12.0)
        asked = asyncio.get_running_loop().time()
        await town.finished(await town.raise_alert(TEXT, to=[MAYOR]))
        took = asyncio.get_running_loop().time() - asked
        report = await town.finished(routine)

        assert took < 20.0
        assert "interrupted" == jobs(report)[0]["attempts"][0]["result"]
        assert {FARM: "listened"} == states(report)


async def test_a_cancelled_broadcast_stops_at_the_next_job(tmp_path: Path) -> None:
    """Cancel means cancel, at recipient 12 as at recipient 300."""
    network = Network(seed=14, sms_seconds=3.0)
    network.add_modem("m1")
    numbers = [f"06 39 98 30 {n:02}" for n in range(40)]
    async with running(tmp_path, network) as town:
        number = await town.raise_alert(TEXT, to=numbers, urgency="service")
        await town.advance(30.0)
        await town.services.sending.cancel(town.actor, number)
        report = await town.finished(number)
        sent = [n for n in numbers if town.phone(n).inbox]

        assert 0 < len(sent) < 20
        assert {"received", "cancelled"} == set(states(report).values())
        assert "cancelled" == report["state"]


async def test_a_long_accented_text_arrives_letter_for_letter(tmp_path: Path) -> None:
    """Ten parts, an emoji at a part's border, and every accent of the country."""
    text = "Évacuation ! L’Haÿ, œuf, ça, forêt, maïs — 🌊 " * 8
    network = Network(seed=15)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        await town.finished(await town.raise_alert(text, to=[MAYOR]))

        assert [text.strip()] == [sms.text for sms in town.phone(MAYOR).inbox]
