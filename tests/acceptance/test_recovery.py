"""Modems that fail under the whole gateway: jobs go elsewhere, a human reads what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.clock import LoopClock
from gateway.errors import Refused
from gateway.services import ModemView
from modem.discovery import Rollcall
from modem.emulator import Behaviour, Network, Press
from tests.faults.table import fault
from tests.harness import Town, jobs, running, states
from tests.modem.harness.bus import EmulatedBus, replug, unplug
from tests.modem.harness.kept import until

MAYOR, DEPUTY = "06 39 98 00 01", "06 39 98 00 02"
TEXT = "Crue de l'Argent-Double : gagnez la salle communale."


def numbers(count: int) -> list[str]:
    return [f"06 39 98 10 {n:02}" for n in range(count)]


@asynccontextmanager
async def a_town(
    folder: Path, count: int, seed: int = 20, *, role: str = "both"
) -> AsyncIterator[tuple[Town, Network]]:
    network = Network(seed=seed)
    for n in range(count):
        network.add_modem(f"m{n + 1}")
    async with running(folder, network, role=role, roll=Rollcall(EmulatedBus())) as town:
        yield town, network


async def view(town: Town, name: str = "m1") -> ModemView:
    return next(m for m in await town.services.fleet.modems(town.actor) if m.name == name)


async def heard_by(town: Town, people: Sequence[str]) -> list[int]:
    return [len(town.phone(number).inbox) for number in people]


@fault(
    "modem", "arraché pendant une alerte",
    "Ses messages partent par un autre modem dans la minute.",
)  # fmt: skip
async def test_jobs_of_a_lost_modem_go_to_another_within_seconds(tmp_path: Path) -> None:
    """The stick falls out at the first text of the alert: nobody waits for it to come back."""
    people = numbers(8)
    async with a_town(tmp_path, 2) as (town, network):
        unplug(network.modems["m1"])
        began = asyncio.get_running_loop().time()
        report = await town.finished(await town.raise_alert(TEXT, to=people))

        assert {"received"} == set(states(report).values())
        assert {"m2"} == {sms.modem for number in people for sms in town.phone(number).inbox}
        assert asyncio.get_running_loop().time() - began < 60


@fault(
    "modem", "rebranché sur une autre prise USB",
    "Reconnu à son numéro IMEI, il reprend l'envoi où il en était.",
)  # fmt: skip
async def test_a_stick_put_back_under_another_name_in_mid_broadcast_sends_on(
    tmp_path: Path,
) -> None:
    """The broom knocked it off and somebody put it into the next socket."""
    people = numbers(12)
    async with a_town(tmp_path, 1) as (town, network):
        number = await town.raise_alert(TEXT, to=people)
        await town.advance(9.0)
        unplug(network.modems["m1"])
        await town.advance(20.0)
        replug(network.modems["m1"], "ttyUSB6")
        report = await town.finished(number)
        doubtful = {j["endpoint"] for j in jobs(report) if j["reason"] == "resent_after_doubt"}
        doubled = [n for n in people if len(town.phone(n).inbox) > 1]

        # a receipt that came while the stick had forgotten its set-up is lost for good
        assert set(states(report).values()) <= {"received", "sent"}
        assert 0 not in await heard_by(town, people)
        assert {town.phone(n).number for n in doubled} <= doubtful
        assert "emulator:ttyUSB6" == (await view(town)).port


@fault(
    "modem", "ne répond plus, parmi seize",
    "Les quinze autres finissent l'alerte ; il est mis de côté, et la page dit de le "
    "débrancher.",
)  # fmt: skip
async def test_one_frozen_modem_costs_fifteen_others_nothing(tmp_path: Path) -> None:
    """Sixteen lanes, one of them dead: everybody is told, and the page names the remedy."""
    people = numbers(90)
    async with a_town(tmp_path, 16) as (town, network):
        network.modems["m1"].freeze()
        report = await town.finished(await town.raise_alert(TEXT, to=people))
        await town.advance(400.0)
        sick = await view(town)

        assert set(states(report).values()) <= {"received", "uncertain"}
        assert [1] * 90 == [min(count, 1) for count in await heard_by(town, people)]
        assert "quarantined" == sick.state
        assert "Débranchez" in sick.mend
        assert sick.remedy


@fault(
    "network", "refuse les SMS d'un modem",
    "Les autres modems prennent sa file.",
)  # fmt: skip
async def test_a_modem_without_a_network_leaves_the_queue_to_the_others(tmp_path: Path) -> None:
    """It answers quickly that it cannot: it must not eat the queue on everybody's behalf."""
    people = numbers(20)
    async with a_town(tmp_path, 2) as (town, network):
        network.modems["m1"].faults.fail_next("AT+CMGS", 331, times=1000)
        began = asyncio.get_running_loop().time()
        report = await town.finished(await town.raise_alert(TEXT, to=people))

        assert {"received"} == set(states(report).values())
        assert asyncio.get_running_loop().time() - began < 240


@fault(
    "sim", "refusée par l'opérateur pour tous les numéros",
    "La carte est arrêtée après cinq refus, personne n'est compté en échec, et l'alarme "
    "le dit.",
)  # fmt: skip
async def test_a_barred_sim_is_stopped_and_a_human_told(tmp_path: Path) -> None:
    """The operator refuses every number: to go on would fail the whole village by mistake."""
    people = numbers(12)
    async with a_town(tmp_path, 1) as (town, network):
        network.modems["m1"].faults.fail_next("AT+CMGS", 21, times=6)
        number = await town.raise_alert(TEXT, to=people, urgency="service")
        await town.advance(400.0)
        stopped = await view(town)
        refused = [j for j in jobs(await town.report(number)) if j["state"] != "queued"]

        assert "5 numéros refusés de suite (CMS 21)" == stopped.stopped
        assert [] == refused

        assert await town.services.fleet.resume(town.actor, "m1")
        network.modems["m1"].faults.fail_next("AT+CMGS", 21, times=0)
        await town.advance(1200.0)
        assert "" == (await view(town)).stopped
        assert "received" in set(states(await town.report(number)).values())


async def test_an_alert_tries_a_stopped_sim_all_the_same_and_frees_it(tmp_path: Path) -> None:
    """No protection ever mutes an alert; what it shows is believed."""
    async with a_town(tmp_path, 1) as (town, network):
        network.modems["m1"].faults.fail_next("AT+CMGS", 21, times=5)
        await town.raise_alert(TEXT, to=numbers(5), urgency="service")
        await town.advance(120.0)
        assert (await view(town)).stopped

        report = await town.finished(await town.raise_alert(TEXT, to=[MAYOR]))
        assert {MAYOR: "received"} == states(report)
        assert "" == (await view(town)).stopped


async def test_a_stopped_sim_stays_stopped_after_a_restart(tmp_path: Path) -> None:
    """Restarting the service is the first thing anybody tries."""
    network = Network(seed=21)
    network.add_modem("m1").faults.fail_next("AT+CMGS", 21, times=5)
    async with running(tmp_path, network) as town:
        await town.raise_alert(TEXT, to=numbers(5), urgency="service")
        await town.advance(120.0)
    async with running(tmp_path, network) as town:
        assert (await view(town)).stopped


async def test_networks_lost_together_are_told_as_one_event(tmp_path: Path) -> None:
    """Jamming, an aerial on the ground or an operator down: not three sick modems."""
    async with a_town(tmp_path, 3) as (town, network):
        assert () == await town.services.fleet.notices(town.actor)
        for modem in network.modems.values():
            modem.registration = 0
        await town.advance(60.0)
        (said,) = await town.services.fleet.notices(town.actor)

        assert "ensemble" in said
        assert "brouillage" in said


async def test_one_network_lost_alone_is_one_modems_trouble(tmp_path: Path) -> None:
    """Then it is its card or its aerial."""
    async with a_town(tmp_path, 3) as (town, network):
        network.modems["m2"].registration = 0
        await town.advance(60.0)

        assert () == await town.services.fleet.notices(town.actor)


async def test_whether_the_network_gives_receipts_is_learned(tmp_path: Path) -> None:
    """Without receipts, « envoyé » is all one will ever read: the page says why."""
    async with a_town(tmp_path, 1) as (town, network):
        before = (await view(town)).reports
        network.default_behaviour = Behaviour(reports="none")
        await town.raise_alert(TEXT, to=numbers(10))
        await town.advance(120.0)
        without = (await view(town)).reports
        network.default_behaviour = Behaviour()
        await town.finished(await town.raise_alert(TEXT, to=[MAYOR]))
        after = (await view(town)).reports

        assert "pas encore su" == before
        assert "le réseau n’en donne pas (10 SMS acceptés, aucun accusé)" == without
        assert "donnés par le réseau (1 pour 11 SMS)" == after


async def test_a_proof_run_makes_the_voice_proved(tmp_path: Path) -> None:
    """A text to oneself, one to the neighbour, a call, a voice somebody heard, a key."""
    async with a_town(tmp_path, 2) as (town, _):
        town.phone(DEPUTY, Behaviour(answers_after=4.0, presses=(Press("1", 9.0),)))
        assert (await view(town)).voice_unproved

        proofs = await town.services.proving.check(town.actor, "m1", DEPUTY)
        told = {finding.step: finding.ok for finding in proofs[0].findings}
        after = await view(town)

        assert {
            "réseau": True, "SMS à soi-même": True, "accusé de réception": True,
            "SMS vers m2": True, "appel": True, "voix": True, "touches": True, "écoute": True,
        } == told  # fmt: skip
        assert not after.voice_unproved
        assert after.proved_at is not None
        assert (await view(town, "m2")).voice_unproved
        assert "ready" == after.state


async def test_a_proof_a_month_old_is_repeated_without_ringing_anybody(tmp_path: Path) -> None:
    """An antenna moves, a SIM is swapped: what was proved once is proved again."""
    network = Network(seed=8)
    network.add_modem("m1")
    deputy = network.handset(DEPUTY)
    deputy.behaviour = Behaviour(answers_after=4.0, presses=(Press("1", 9.0),))
    begin = datetime(2026, 11, 24, 11, tzinfo=ZoneInfo("Europe/Paris"))
    async with running(tmp_path, network, clock=LoopClock(begin)) as town:
        await town.services.proving.check(town.actor, "m1", DEPUTY)
        first = (await view(town)).proved_at
    later = LoopClock(begin + timedelta(days=32))
    async with running(tmp_path, network, clock=later, kept=lambda: True) as town:
        stale = (await view(town)).voice_old
        await town.sleep_through(3800)
        after = await view(town)

    assert first is not None
    assert after.proved_at is not None
    assert after.proved_at - first > timedelta(days=32)
    assert stale
    assert not after.voice_unproved
    assert 1 == len(deputy.calls)


async def test_a_call_nobody_confirms_leaves_the_voice_unproved(tmp_path: Path) -> None:
    """Picking up is not having heard."""
    async with a_town(tmp_path, 1) as (town, _):
        town.phone(DEPUTY, Behaviour(answers_after=2.0))
        proofs = await town.services.proving.check(town.actor, "m1", DEPUTY)
        told = {finding.step: finding.ok for finding in proofs[0].findings}

        assert (True, False) == (told["appel"], told["voix"])
        assert (await view(town)).voice_unproved


async def test_an_alert_cuts_a_proof_run_short(tmp_path: Path) -> None:
    """At three in the morning nobody waits for the technician's test."""
    async with a_town(tmp_path, 1) as (town, _):
        town.phone(DEPUTY, Behaviour(answers_after=None))
        run = asyncio.create_task(town.services.proving.check(town.actor, "m1", DEPUTY))
        await town.advance(30.0)
        began = asyncio.get_running_loop().time()
        report = await town.finished(await town.raise_alert(TEXT, to=[MAYOR]))

        assert {MAYOR: "received"} == states(report)
        assert asyncio.get_running_loop().time() - began < 40
        assert "interrompu" in (await run)[0].findings[-1].said


async def test_a_console_has_the_port_and_an_alert_takes_it_back(tmp_path: Path) -> None:
    """The daemon steps aside for the technician, and back in for the village."""
    async with a_town(tmp_path, 1) as (town, _):
        async with town.services.workshop.talking(town.actor, "m1") as talk:
            assert "OK" == (await talk.say("AT+CSQ"))[-1]
            assert "lent" == (await view(town)).state
            number = await town.raise_alert(TEXT, to=[MAYOR])
            await talk.recalled()
            with pytest.raises(Refused, match="alerte"):
                await talk.say("AT")
        assert {MAYOR: "received"} == states(await town.finished(number))


async def test_a_probe_borrows_the_modem_and_masks_what_is_personal(tmp_path: Path) -> None:
    """The transcript goes to a forum: no IMEI, no card, no number in it."""
    async with a_town(tmp_path, 1) as (town, network):
        device = network.modems["m1"]
        found = await town.services.workshop.probe(town.actor, "m1")
        whole = "\n".join(found.transcript)

        assert (device.imei, "simcom") == (found.imei, found.profile)
        assert device.iccid == found.iccid
        assert device.imei not in whole
        assert device.sim.imsi not in whole
        assert device.iccid not in whole
        assert device.imei[:8] in whole
        await until(lambda: town.daemon.services.fleet.lane("m1").channels != ())


async def test_composing_warns_of_a_voice_nobody_proved(tmp_path: Path) -> None:
    """The calls are placed all the same; at night it would be no news, and nothing to be done."""
    from gateway.services import Draft

    async def said(urgency: str) -> str:
        draft = Draft(text=TEXT, to=(MAYOR,), channels=("voice",), urgency=urgency)
        return " ".join((await town.services.compose.foresee(town.actor, draft)).warnings)

    async with a_town(tmp_path, 1) as (town, _):
        by_day, alert = await said("service"), await said("vital")

    assert "Le son et les touches n’ont pas encore été vérifiés sur m1" in by_day
    assert "« Vérifier ce modem »" in by_day
    assert "tocsin" not in by_day  # a secretary has no command line
    assert "m1" not in alert


async def test_a_call_answered_with_a_key_proves_sound_and_keys(tmp_path: Path) -> None:
    """After twenty confirmed calls nobody is told that none was ever tried: both pages agree."""
    from gateway.services import Draft

    draft = Draft(text=TEXT, to=(MAYOR,), channels=("voice",), urgency="service")

    async def told() -> tuple[bool, bool]:
        warnings = (await town.services.compose.foresee(town.actor, draft)).warnings
        return (await view(town)).voice_unproved, "vérifiés sur m1" in " ".join(warnings)

    async with a_town(tmp_path, 1) as (town, _):
        before = await told()
        town.phone(DEPUTY, Behaviour(answers_after=1.0, presses_when_prompted="1"))
        number = await town.raise_alert(TEXT, to=[DEPUTY], channels=("voice",))
        assert ["acknowledged"] == list(states(await town.finished(number)).values())
        after = await told()

    assert (True, True) == before
    assert (False, False) == after


async def test_a_box_whose_clock_was_never_set_follows_the_network(tmp_path: Path) -> None:
    """No internet, no battery: the mobile network knows what time it is."""
    network = Network(seed=22)
    network.add_modem("m1")
    lost = LoopClock(datetime(1970, 1, 1, tzinfo=UTC))
    async with running(tmp_path, network, clock=lost) as town:
        (said,) = await town.services.fleet.notices(town.actor)
        assert "timedatectl" in said
        town.daemon.clock.hear(datetime(2026, 11, 24, 3, 0, tzinfo=UTC).timestamp())
        await town.advance(15)
        (said,) = await town.services.fleet.notices(town.actor)

        assert "suit l’heure du réseau" in said
        assert datetime(2026, 11, 24, tzinfo=UTC).timestamp() < town.daemon.clock.now()


async def test_a_voice_modem_carries_no_texts_and_an_incoming_call_blocks_none(
    tmp_path: Path,
) -> None:
    """Role per modem; and nobody ringing the town hall's modem stops an alert."""
    network = Network(seed=23)
    rung = network.add_modem("m1")
    async with running(tmp_path, network) as town:
        network.ring_modem("+33639980055", rung)
        report = await town.finished(await town.raise_alert(TEXT, to=[MAYOR]))

        assert {MAYOR: "received"} == states(report)
        assert rung.call is None


async def test_a_code_asked_of_the_network_comes_back_in_words(tmp_path: Path) -> None:
    """The balance of a prepaid card, in whatever spelling the make packs it."""
    for profile in ("simcom", "huawei"):
        network = Network(seed=24)
        network.add_modem("m1", profile).ussd["#123#"] = "Solde : 4,20 euros"
        async with running(tmp_path / profile, network) as town:
            said = await town.services.workshop.ussd(town.actor, "m1", "#123#")

            assert ("Solde : 4,20 euros", False) == said
            with pytest.raises(Refused, match="chiffres"):
                await town.services.workshop.ussd(town.actor, "m1", "solde")
