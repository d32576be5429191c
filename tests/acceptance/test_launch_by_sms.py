"""Three in the morning, a telephone, no computer: an alert launched by SMS."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.store import entities, events
from modem.emulator import Behaviour
from tests.acceptance.launching import (
    ANNE,
    DEPUTY,
    MAYOR,
    OTHER_PIN,
    PIN,
    TECH,
    TEXT,
    alerts,
    code_in,
    moments,
    ready,
    says,
    texts,
)  # fmt: skip
from tests.acceptance.test_asked_by_sms import BLAISE, clock, network
from tests.harness import running, states

NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=ZoneInfo("Europe/Paris"))


async def test_the_mayor_launches_the_flood_alert_from_bed(tmp_path: Path) -> None:
    """A word, the PIN, what is read back, a fresh code: and the village is told."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        asked = await says(town, made, MAYOR, "Crue svp")
        read_back = await says(town, made, MAYOR, PIN)
        before = texts(made, ANNE)
        gone = await says(town, made, MAYOR, f"oui {code_in(read_back)} merci")
        (alert,) = await alerts(town)
        report = await town.report(alert["id"])
        told = texts(made, DEPUTY)
        chain = await town.daemon.store.read(events.first_broken)

    assert "PIN ?" in asked
    assert "Crue de l'Argent-Double" in read_back
    assert TEXT in read_back
    assert "2 personnes, environ 1 minute. Pour lancer répondez OUI" in read_back
    assert [] == before
    assert {"Anne": "received", "Blaise": "received"} == states(report)
    assert [TEXT] == texts(made, ANNE)
    assert ("Mme le maire", "sms", "vital") == (alert["author"], alert["door"], alert["urgency"])
    assert "L'alerte part" in gone
    assert ["Mme le maire a lancé l'alerte Crue" in told[-1], 1] == [True, len(told)]
    assert chain is None


async def test_one_sms_may_carry_the_word_and_the_pin(tmp_path: Path) -> None:
    """And neither the inbox nor the record keeps the PIN."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        read_back = await says(town, made, MAYOR, f"CRUE {PIN}")
        await says(town, made, MAYOR, f"ANNULE {PIN}")
        talk = await town.services.inbox.talk(town.actor, MAYOR)

    assert "OUI" in read_back
    with contextlib.closing(sqlite3.connect(tmp_path / "tocsin.db")) as db:
        assert PIN not in "\n".join(db.iterdump())
    assert any("CRUE ••••" in one.text for one in talk.said)


async def test_the_list_lets_one_choose_by_number_or_word(tmp_path: Path) -> None:
    """Nobody remembers every word at three in the morning."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        await says(town, made, MAYOR, "ALERTE ?")
        listed = await says(town, made, MAYOR, PIN)
        by_number = await says(town, made, MAYOR, "2")
        by_word = await says(town, made, MAYOR, "crue")
        await says(town, made, MAYOR, f"OUI {code_in(by_number)}")
        at_once = await says(town, made, DEPUTY, f"alerte 1 {OTHER_PIN}")
        sent = [one["title"] for one in await alerts(town)]

    assert "1 Crue de l'Argent-Double (CRUE)\n2 Feu\n" in listed
    assert '"Feu."' in by_number
    assert TEXT in by_word
    assert ["Feu"] == sent, "each code launches what was read back with it"
    assert TEXT in at_once


async def test_a_code_is_worth_ten_minutes_and_one_launch(tmp_path: Path) -> None:
    """Given too late it launches nothing; given twice, once."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        old = code_in(await says(town, made, MAYOR, f"CRUE {PIN}"))
        await town.advance(620)
        late = await says(town, made, MAYOR, f"OUI {old}")
        fresh = code_in(await says(town, made, MAYOR, f"CRUE {PIN}"))
        await says(town, made, MAYOR, f"OUI {fresh}")
        twice = await says(town, made, MAYOR, f"OUI {fresh}")
        sent = await alerts(town)

    assert "n'est plus valable" in late
    assert "déjà fait" in twice
    assert 1 == len(sent)


async def test_two_who_confirm_the_same_alert_send_it_once(tmp_path: Path) -> None:
    """The second hears that it has left, and may launch it all the same with another code."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        hers = code_in(await says(town, made, MAYOR, f"CRUE {PIN}"))
        his = code_in(await says(town, made, DEPUTY, f"CRUE {OTHER_PIN}"))
        made.send(MAYOR, made.modems["m1"], f"OUI {hers}")
        second = await says(town, made, DEPUTY, f"OUI {his}", wait=40)
        sent = len(await alerts(town))
        insists = await says(town, made, DEPUTY, f"OUI {code_in(second)}")
        after = len(await alerts(town))

    assert "ATTENTION, déjà lancée à 3 h 0" in second
    assert "par Mme le maire" in second
    assert (1, 2) == (sent, after)
    assert "L'alerte part" in insists


async def test_a_dialogue_goes_on_over_the_other_modem(tmp_path: Path) -> None:
    """A stick that dies in mid-dialogue takes no confirmation with it."""
    made = network()
    made.add_modem("m2")
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        code = code_in(await says(town, made, MAYOR, f"CRUE {PIN}"))
        made.modems["m1"].unplug()
        await town.advance(10)
        gone = await says(town, made, MAYOR, f"OUI {code}", modem="m2", wait=60)

    assert "L'alerte part" in gone
    assert [TEXT] == texts(made, ANNE)


async def test_a_crash_between_the_confirmation_and_the_launch_launches_once(
    tmp_path: Path,
) -> None:
    """Before it was sent, or after it was and before that was written down: once."""
    for folder, cut in (("before", "launch"), ("after", "crossed_over")):
        made = network()
        place = tmp_path / folder
        async with running(place, made, clock=clock(NIGHT)) as town:
            await ready(town)
            code = code_in(await says(town, made, MAYOR, f"CRUE {PIN}"))
            launches = town.daemon._doors.launches
            real, stuck = launches.launch, asyncio.Event()

            async def never(*args: object, real=real, stuck=stuck, cut=cut) -> int:  # type: ignore[no-untyped-def]
                if cut != "launch":
                    await real(*args)
                await stuck.wait()
                raise AssertionError

            launches.launch = never  # type: ignore[method-assign,assignment]
            made.send(MAYOR, made.modems["m1"], f"OUI {code}")
            await town.advance(3)
            before = len(await alerts(town))
        async with running(place, made, clock=clock(NIGHT + timedelta(minutes=2))) as town:
            await town.advance(30)
            sent = await alerts(town)

        assert (0 if cut == "launch" else 1) == before
        assert 1 == len(sent)
        assert [TEXT] == texts(made, ANNE)
        assert 1 == sum("L'alerte part" in one for one in texts(made, MAYOR))
        assert 1 == len(texts(made, DEPUTY))


async def test_a_confirmation_found_long_after_a_stop_launches_nothing(tmp_path: Path) -> None:
    """What was right an hour ago may be wrong now; the mayor is told."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        code = code_in(await says(town, made, MAYOR, f"CRUE {PIN}"))
        town.daemon._attendants.correspondence.ring = lambda: None  # type: ignore[method-assign]
        made.send(MAYOR, made.modems["m1"], f"OUI {code}")
        await town.advance(5)
    async with running(tmp_path, made, clock=clock(NIGHT + timedelta(hours=1))) as town:
        await town.advance(30)
        sent = await alerts(town)

    assert [] == sent
    assert "hors service" in texts(made, MAYOR)[-1]


async def test_news_come_unasked_after_five_and_fifteen_minutes_and_at_the_end(
    tmp_path: Path,
) -> None:
    """Once each, also over a restart; and ETAT asks for them at any time."""
    made = network(**{BLAISE: Behaviour(sms="refused", busy=True)})
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town, calls=True)
        code = code_in(await says(town, made, MAYOR, f"CRUE {PIN}"))
        await says(town, made, MAYOR, f"OUI {code}")
        now = await says(town, made, MAYOR, "état ?")
        await town.advance(300)
        five = texts(made, MAYOR)[-1]
        count = len(texts(made, MAYOR))
    async with running(tmp_path, made, clock=clock(NIGHT + timedelta(minutes=8))) as town:
        await town.advance(60)
        quiet = texts(made, MAYOR)[count:]
        await town.advance(480)
        fifteen = texts(made, MAYOR)[count:]
        await town.sleep_through(6 * 3600)
        rest = texts(made, MAYOR)[count + 1 :]

    assert "Crue de l'Argent-Double : 2 personnes, 1 jointes, 0 ont confirmé, 1 pas jointes." in now
    assert "Crue de l'Argent-Double, 5 min : 2 personnes, 1 jointes" in five
    assert [] == quiet
    assert ["15 min" in one for one in fifteen] == [True]
    assert ["fin" in one for one in rest] == [True]


async def test_annule_stops_the_alert_after_one_fresh_code(tmp_path: Path) -> None:
    """The wrong word at three in the morning must be stoppable at once."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        nothing = await says(town, made, DEPUTY, f"ANNULE {OTHER_PIN}")
        town.phone(BLAISE, Behaviour(sms="switched_off"))
        code = code_in(await says(town, made, MAYOR, f"CRUE {PIN}"))
        await says(town, made, MAYOR, f"OUI {code}")
        asked = await says(town, made, MAYOR, "annule !")
        stopped = await says(town, made, MAYOR, f"OUI {code_in(asked)}")
        (alert,) = await alerts(town)

    assert "Aucune alerte n'est en cours" in nothing
    assert "Pour stopper l'alerte Crue de l'Argent-Double, répondez OUI" in asked
    assert "Stoppée : Crue" in stopped
    assert "cancelled" == alert["state"]


async def test_annule_of_a_number_that_proved_nothing_asks_for_the_pin(tmp_path: Path) -> None:
    """Who only shows the deputy's number stops nothing."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        code = code_in(await says(town, made, MAYOR, f"CRUE {PIN}"))
        await says(town, made, MAYOR, f"OUI {code}")
        asked = await says(town, made, DEPUTY, "ANNULE")

    assert "PIN ?" in asked


async def test_etat_tells_a_technician_how_the_box_is_in_one_sms(tmp_path: Path) -> None:
    """Modems, queue, last error, internet: from anywhere, at any hour; and nothing else."""
    made = network()
    made.add_modem("m2")
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        early = await says(town, made, TECH, "ETAT")
        await town.advance(5)  # the relay has been asked
        well = await says(town, made, TECH, "ETAT")
        made.modems["m2"].unplug()
        await town.advance(60)
        sick = await says(town, made, TECH, "Etat svp")
        count = len(texts(made, TECH))
        await says(town, made, TECH, "CRUE 482157")
        boss = await says(town, made, MAYOR, "ETAT")

    assert "Internet et courriel pas encore vus." in early
    assert well.startswith(
        "Tocsin La Redorte 3 h 00. Modems 2/2 OK. File 0. Internet et courriel OK."
    )
    assert "Modems 1/2 (m2 " in sick
    assert len(sick) <= 160
    assert count == len(texts(made, TECH))
    assert "Modems 1/2" in boss, "with no alert under way a launcher hears how the box is"


async def test_the_word_is_read_back_in_10_s_and_the_code_obeyed_in_2(tmp_path: Path) -> None:
    """Counted from the moment the modem has the SMS; on one modem that does nothing else."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        code = code_in(await says(town, made, MAYOR, f"CRUE {PIN}"))
        await says(town, made, MAYOR, f"OUI {code}")
        came = await moments(town, "SELECT received_at FROM received_sms ORDER BY id")
        left = await moments(
            town,
            "SELECT a.started_at FROM attempt a JOIN job j ON j.id = a.job_id"
            " JOIN broadcast b ON b.id = j.broadcast_id WHERE b.kind != 'auto' OR b.id = 1"
            " ORDER BY a.started_at",
        )
    read_back, first = left[0] - came[0], left[1] - came[1]

    assert read_back <= 10
    assert first <= 2


async def test_who_launches_for_two_towns_says_for_which(tmp_path: Path) -> None:
    """Both have a word CRUE and a PIN of their own: no wrong alert, no lock."""
    made = network()
    made.handset(ANNE).behaviour = Behaviour(sms="lost")  # the alert is not over so soon
    async with running(tmp_path, made, clock=clock()) as town:
        await ready(town)
        now = town.daemon.clock.now()
        number = await town.daemon.store.write(
            lambda db: entities.add(db, 1, "Azille", "Europe/Paris", "Essai", now)
        )
        other = replace(town.actor, entity_id=number or 0, entity_name="Azille")
        await ready(replace(town, actor=other), pins=False)
        await town.services.launching.set_pin(other, MAYOR, "736402")
        which = await says(town, made, MAYOR, f"CRUE {PIN}")
        asked = await says(town, made, MAYOR, "crue azille")
        back = await says(town, made, MAYOR, "736402")
        await says(town, made, MAYOR, f"OUI {code_in(back)}", 60)
        (alert,) = await alerts(town)
        stop = await says(town, made, MAYOR, "ANNULE")
        here = await says(town, made, MAYOR, f"crue la redorte {PIN}")

    assert which == "Pour quelle commune ? Ajoutez son nom après le mot : La Redorte ou Azille."
    assert asked == "Tocsin Azille : PIN ?"
    assert number == alert["entity_id"]
    assert "Pour stopper" in stop
    assert "Pour lancer" in here
