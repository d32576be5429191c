"""Three in the morning, a telephone, no computer: an alert launched by SMS."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.store import calls, entities, events
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
    written,
)  # fmt: skip
from tests.acceptance.test_asked_by_sms import BLAISE, clock, network
from tests.acceptance.test_replies import inbox
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


async def test_a_wrong_pin_is_counted_told_and_launches_nothing(tmp_path: Path) -> None:
    """Three of them hold the number off for a quarter of an hour; then the right one works."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        answers = [await says(town, made, MAYOR, f"CRUE {wrong}") for wrong in (1111, 2222, 3333)]
        right = await says(town, made, MAYOR, f"CRUE {PIN}")
        await town.advance(900)
        later = await says(town, made, MAYOR, f"CRUE {PIN}")
        tried = await written(town, "launch.%")

    assert "Encore 2 essais" in answers[0]
    assert "Plus aucun PIN n'est accepté avant 3 h 1" in answers[2]
    assert "sauf si un autre responsable" in right
    assert TEXT in later
    first, locked = texts(made, DEPUTY)
    assert "PIN faux depuis le téléphone de Mme le maire (06 39 98 00 07)" in first
    assert "bloqué avant 3 h 1" in locked
    assert 3 == sum(one.startswith("launch.wrong") for one in tried)
    assert all(MAYOR not in one for one in tried)


async def test_another_launcher_lifts_the_lock_with_the_code_of_the_warning(tmp_path: Path) -> None:
    """And nobody else can: the code went to that one telephone."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        for wrong in (1111, 2222, 3333):
            await says(town, made, MAYOR, f"CRUE {wrong}")
        code = code_in(texts(made, DEPUTY)[-1])
        await says(town, made, MAYOR, f"OUI {code}")  # not by the one who is held off
        still = await says(town, made, MAYOR, f"CRUE {PIN}")
        lifted = await says(town, made, DEPUTY, f"Oui {code}")
        told = texts(made, MAYOR)[-1]
        again = await says(town, made, MAYOR, f"CRUE {PIN}")

    assert TEXT not in still
    assert "06 39 98 00 07 peut de nouveau donner son PIN" in lifted
    assert "peut de nouveau" in told
    assert TEXT in again


async def test_another_launcher_lifts_the_lock_by_the_number_and_a_pin(tmp_path: Path) -> None:
    """LEVE works without the warning, but not without the PIN."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        for wrong in (1111, 2222, 3333):
            await says(town, made, MAYOR, f"CRUE {wrong}")
        asked = await says(town, made, DEPUTY, "LEVE 06 39 98 00 07")
        lifted = await says(town, made, DEPUTY, OTHER_PIN)
        again = await says(town, made, MAYOR, f"CRUE {PIN}")

    assert "PIN ?" in asked
    assert "peut de nouveau" in lifted
    assert TEXT in again


async def test_a_spoofed_number_without_the_pin_gets_nothing(tmp_path: Path) -> None:
    """Whoever only shows the mayor's number changes nothing of what she has begun."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        read_back = await says(town, made, MAYOR, f"CRUE {PIN}")
        code = code_in(read_back)
        wrong = f"{(int(code) + 1) % 10_000:04}"
        for said in ("CRUE", "NON", "oui", f"OUI {wrong}", "LISTE", "1", "FEU"):
            await says(town, made, MAYOR, said)
        before = await alerts(town)
        await says(town, made, MAYOR, f"OUI {code}")
        after = await alerts(town)
        kept = await town.services.inbox.talks(town.actor)

    assert [] == before
    assert 1 == len(after)
    assert MAYOR in {one.number for one in kept.items}


async def test_a_script_that_guesses_pins_is_hopeless_and_makes_no_storm(tmp_path: Path) -> None:
    """A hundred guesses in two hours: some ten are compared, and few texts are paid for."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        for guess in range(100):
            made.send(MAYOR, made.modems["m1"], f"CRUE {guess:04}")
            await town.advance(72)
        tried = await written(town, "launch.wrong%")
        compared = len([one for one in tried if one.startswith("launch.wrong{")])

    assert 3 <= compared <= 3 + 2 * 4 + 1
    assert len(texts(made, MAYOR)) <= 10 * 4 * 3, "ten a quarter of an hour at most"
    assert len(texts(made, DEPUTY)) <= 6 * 3, "six an hour at most"
    assert [] == texts(made, ANNE)


async def test_who_shows_the_mayors_number_makes_no_storm_of_read_backs(tmp_path: Path) -> None:
    """While her code is good her number needs no PIN again; still few texts are paid for."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        await says(town, made, MAYOR, f"CRUE {PIN}")
        for _ in range(40):
            await says(town, made, MAYOR, "CRUE", wait=8)
        count = len(texts(made, MAYOR))

    assert count <= 11


async def test_codes_cannot_be_guessed_either(tmp_path: Path) -> None:
    """Three wrong ones, and all begins anew."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        code = code_in(await says(town, made, MAYOR, f"CRUE {PIN}"))
        for away in (1, 2, 3):
            last = await says(town, made, MAYOR, f"OUI {(int(code) + away) % 10_000:04}")
        late = await says(town, made, MAYOR, f"OUI {code}")
        sent = await alerts(town)

    assert "Rien ne part" in last
    assert "n'est plus valable" in late
    assert [] == sent


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
        await town.advance(6 * 3600)
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
        well = await says(town, made, TECH, "ETAT")
        made.modems["m2"].unplug()
        await town.advance(60)
        sick = await says(town, made, TECH, "Etat svp")
        count = len(texts(made, TECH))
        await says(town, made, TECH, "CRUE 482157")
        boss = await says(town, made, MAYOR, "ETAT")

    assert well.startswith("Tocsin 3 h 00. Modems 2/2 OK. File 0. Internet et courriel OK.")
    assert "Modems 1/2 (m2 " in sick
    assert len(sick) <= 160
    assert count == len(texts(made, TECH))
    assert "Modems 1/2" in boss, "with no alert under way a launcher hears how the box is"


async def test_whoever_calls_back_never_hears_a_code(tmp_path: Path) -> None:
    """A code told by SMS is worth something because only that telephone has it."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        await says(town, made, MAYOR, f"CRUE {PIN}")
        now = town.daemon.clock.now()
        waiting = await town.daemon.store.read(lambda db: calls.last_message(db, MAYOR, now))

    assert waiting is None


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


@pytest.mark.parametrize(
    "said",
    ["mon PIN est 482157", "482157 c'est la crue", "crue 48 21 57 vite vite", "crue 4821 57",
     "lance alerte crue 482157"],
)  # fmt: skip
async def test_a_pin_in_other_words_is_not_read_by_the_town_hall(tmp_path: Path, said: str) -> None:
    """Nobody understood it, a human reads it: without the digits."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await ready(town)
        await says(town, made, MAYOR, said)
        await says(town, made, MAYOR, "Rendez-vous au 06 39 98 00 01.")
        first, second = await inbox(town)
        kept = await town.daemon.store.read(
            lambda db: [
                row[0]
                for row in db.execute(
                    "SELECT text FROM received_sms UNION ALL"
                    " SELECT coalesce(payload, '') FROM event"
                    " WHERE kind = 'sms.received'"
                )
            ]
        )

    told = "".join([first["text"], *kept])
    assert 1 == first["to_read"]
    assert not re.search("4821|48 21|21 57", told)
    assert "06 39 98 00 01" in second["text"]


async def test_a_pin_from_a_telephone_that_was_lent_is_not_read(tmp_path: Path) -> None:
    """It launches nothing, and the code stays the mayor's."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await ready(town)
        told = await says(town, made, ANNE, "CRUE 482157")
        (kept,) = await inbox(town)

    assert "" == told
    assert ("CRUE ••••", 1) == (kept["text"], kept["to_read"])


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
