"""People answer, and their word counts: conversations with telephones as characters."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.model import Door
from gateway.services import Draft
from gateway.store import Connection, consent
from modem.emulator import Network
from tests.acceptance.test_asked_by_sms import ANNE, BLAISE, LIST, MAYOR, clock, network, texts
from tests.harness import Town, running, states

CELINE = "+33639980003"
STRANGER = "+33639980009"
CRUE = Draft("L'Aude monte.", everybody=True, channels=("sms",), urgency="vital")
HELP = Draft("Qui vient sabler ?", everybody=True, channels=("sms",), urgency="service", enough=1)


async def send(town: Town, draft: Draft, wait: float = 30.0) -> int:
    number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
    await town.advance(wait)
    return number


async def says(town: Town, made: Network, number: str, *words: str, modem: str = "m1") -> None:
    """Let somebody write to the town, and Tocsin have half a minute for it."""
    for said in words:
        made.send(number, made.modems[modem], said)
    await town.advance(30)


async def inbox(town: Town) -> list[dict[str, Any]]:
    def rows(db: Connection) -> list[dict[str, Any]]:
        return [dict(row) for row in db.execute("SELECT * FROM inbox ORDER BY at, id")]

    return await town.daemon.store.read(rows)


async def refused(town: Town, number: str) -> set[str]:
    rows = await town.daemon.store.read(lambda db: consent.in_force(db, 1, number))
    return {row["purpose"] for row in rows}


async def listed(town: Town) -> None:
    await town.services.imports.take_file(town.actor, LIST.encode())


async def test_a_word_by_sms_confirms_as_a_key_does(tmp_path: Path) -> None:
    """« ok reçu » is the key 1 of whoever has no call to answer."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        number = await send(town, CRUE)
        await says(town, made, ANNE, "ok reçu merci")
        report = await town.report(number)
        (kept,) = await inbox(town)

    assert {"Anne": "acknowledged", "Blaise": "received"} == states(report)
    assert ("ack", "confirmed", 0) == (kept["kind"], kept["effect"], kept["to_read"])
    assert ["L'Aude monte."] == texts(made, ANNE), "a confirmation costs the town nothing"


async def test_what_waits_for_an_answer_says_which(tmp_path: Path) -> None:
    """A line of its own, unless the sender's words say it already."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        await send(town, HELP)
        await send(town, replace(CRUE, confirm=True))
        await send(town, replace(CRUE, text="Répondez 1 si vous êtes à l'abri.", confirm=True))

    assert [
        "Qui vient sabler ?\nRépondez OUI si vous venez, NON sinon.",
        "L'Aude monte.\nRépondez 1 pour confirmer.",
        "Répondez 1 si vous êtes à l'abri.",
    ] == texts(made, ANNE)


async def test_with_two_alerts_open_a_bare_one_is_asked_which(tmp_path: Path) -> None:
    """Nobody's word is guessed: a code tells the flood from the fire."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        flood = await send(town, replace(CRUE, title="Crue de l'Aude"))
        fire = await send(town, replace(CRUE, text="Feu au col.", title="Feu au col"))
        await says(town, made, ANNE, "1")
        asked = texts(made, ANNE)[-1]
        before = [states(await town.report(n))["Anne"] for n in (flood, fire)]
        code = asked.split(" : Feu")[0][-4:]
        await says(town, made, ANNE, f"1 {code}")
        after = [states(await town.report(n))["Anne"] for n in (flood, fire)]
        await says(town, made, ANNE, "1")  # one is left: no code is needed
        last = [states(await town.report(n))["Anne"] for n in (flood, fire)]

    assert "Plusieurs messages attendent votre réponse" in asked
    assert ["received", "received"] == before
    assert ["received", "acknowledged"] == after
    assert ["acknowledged", "acknowledged"] == last


async def test_the_first_volunteers_close_the_call_and_the_others_are_told(tmp_path: Path) -> None:
    """One is enough: who comes second is thanked, who has not answered need not come."""
    made = network()
    people = f"{LIST}Céline;06 39 98 00 03;rive\n"
    async with running(tmp_path, made, clock=clock()) as town:
        await town.services.imports.take_file(town.actor, people.encode())
        number = await send(town, HELP)
        await says(town, made, BLAISE, "non désolé je travaille")
        await says(town, made, ANNE, "Oui je viens")
        await town.advance(60)
        await says(town, made, CELINE, "OUI")
        report = await town.report(number)

    assert {"Anne": "acknowledged", "Blaise": "declined", "Céline": "acknowledged"} == states(
        report
    )
    assert "nous comptons sur vous" in texts(made, ANNE)[-1]
    assert "l'effectif est complet" in texts(made, CELINE)[1]
    assert "déjà complet" in texts(made, CELINE)[-1]
    assert 1 == len(texts(made, BLAISE)), "whoever said no is left alone"


async def test_a_stop_is_honoured_proved_and_taken_back(tmp_path: Path) -> None:
    """Routine messages at once; the alerts go on, and the answer says so, once."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        await send(town, replace(CRUE, urgency="service", text="Marché déplacé."))
        await says(town, made, ANNE, "Stop svp", "STOP")
        noes = await refused(town, ANNE)
        history = await town.daemon.store.read(lambda db: consent.history(db, 1, [ANNE]))
        said = texts(made, ANNE)[1:]
        await send(town, replace(CRUE, urgency="service", text="Benne ce matin."))
        await send(town, CRUE)
        alone = texts(made, ANNE)[len(said) + 1 :]
        await says(town, made, ANNE, "DEBUT")
        again = await refused(town, ANNE)

    assert {"service", "information"} == noes
    assert {("SMS", "Stop svp")} == {(row["source"], row["said"]) for row in history}
    assert 1 == len(said)
    assert "Les alertes de danger continuent" in said[0]
    assert ["L'Aude monte."] == alone
    assert set() == again
    assert "de nouveau" in texts(made, ANNE)[-1]


async def test_a_stop_to_one_list_is_left_to_whoever_knows_the_list(tmp_path: Path) -> None:
    """« STOP cantine » is no leave of everything."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        await send(town, replace(CRUE, urgency="service", text="Pas de cantine."))
        await says(town, made, ANNE, "STOP cantine")
        noes, (kept,) = await refused(town, ANNE), await inbox(town)

    assert set() == noes
    assert ("stop", "stop_list", 1) == (kept["kind"], kept["effect"], kept["to_read"])
    assert 1 == len(texts(made, ANNE))


async def test_a_stop_to_the_alerts_waits_for_its_senders_word(tmp_path: Path) -> None:
    """Nobody leaves the alert list by one word too many; whoever insists, does."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        await send(town, CRUE)
        await says(town, made, ANNE, "STOP")
        first, asked = await refused(town, ANNE), texts(made, ANNE)[-1]
        code = asked.split("OUI ")[1][:4]
        await says(town, made, BLAISE, f"OUI {code}")  # of no use to anybody else
        stolen = await refused(town, ANNE) | await refused(town, BLAISE)
        await says(town, made, ANNE, f"oui {code}")
        last = await refused(town, ANNE)

    assert {"service", "information"} == first == stolen
    assert {"service", "information", "alerte"} == last
    assert "plus AUCUNE alerte" in texts(made, ANNE)[-1]


async def test_somebody_in_danger_is_told_on_at_once_with_their_address(tmp_path: Path) -> None:
    """To whoever launched and whoever is on duty; the person hears that we are no rescue."""
    made = network()
    people = "Nom;Tel;Rue;Numéro;Groupe\nAnne;06 39 98 00 01;rue du Port;3;rive\n"
    async with running(tmp_path, made, clock=clock()) as town:
        await town.services.telephones.trust(town.actor, town.actor.name, MAYOR)
        await town.services.imports.take_file(town.actor, people.encode())
        number = await send(town, CRUE)
        await says(town, made, ANNE, "on est bloqués au 1er avec le bébé", "venez vite !!")
        (first, second) = await inbox(town)

    told, again = texts(made, MAYOR)[-2:]
    assert "Anne, 3 rue du Port, 06 39 98 00 01 : « on est bloqués au 1er avec le bébé »" in told
    assert "venez vite" in again
    assert ["L'Aude monte."] == texts(made, ANNE)[:1]
    assert 2 == len(texts(made, ANNE)), "one answer, whatever is written"
    assert "appelez le 18 ou le 112" in texts(made, ANNE)[1]
    assert [("distress", 1, number)] * 2 == [
        (one["kind"], one["to_read"], one["broadcast_id"]) for one in (first, second)
    ]


async def test_what_is_doubtful_is_left_to_a_human_and_never_answered(tmp_path: Path) -> None:
    """« oui mais à quelle heure ? » is no yes; two automats do not talk to each other."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        number = await send(town, CRUE)
        await says(town, made, ANNE, "oui mais à quelle heure ?")
        for _ in range(6):
            await says(town, made, BLAISE, "Absent jusqu'au 3. Ceci est une réponse automatique.")
        await says(town, made, STRANGER, "C'est qui ?")
        kept = await inbox(town)
        report = await town.report(number)

    assert {"received"} == set(states(report).values())
    assert {"free"} == {one["kind"] for one in kept}
    assert all(one["to_read"] for one in kept)
    assert 8 == len(kept)
    assert [1, 1, 0] == [len(texts(made, one)) for one in (ANNE, BLAISE, STRANGER)]


async def test_an_automat_that_echoes_stop_hears_two_answers_at_most(tmp_path: Path) -> None:
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        for _ in range(8):
            await says(town, made, STRANGER, "STOP")
            await town.sleep_through(3700)

    assert 1 <= len(texts(made, STRANGER)) <= 3


async def test_nobody_is_enrolled_by_one_message_nor_without_a_human(tmp_path: Path) -> None:
    """« ALERTE RUE DU PORT », its sender's word, then the secretary's; the proof is kept."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        enrolling = town.services.enrolling
        await says(town, made, STRANGER, "ALERTE 12 rue du Port")
        before, asked = await enrolling.waiting(town.actor), texts(made, STRANGER)[-1]
        code = asked.split("OUI ")[1][:4]
        await says(town, made, ANNE, f"OUI {code}")  # another's word is none
        stolen = await enrolling.waiting(town.actor)
        await says(town, made, STRANGER, f"oui {code}")
        (wish,) = await enrolling.waiting(town.actor)
        (group,) = await town.services.directory.groups(town.actor)
        contact = await enrolling.approve(
            town.actor, wish.id, name="Vidal", given_name="", house=wish.house,
            street=wish.street, group_id=group.id,
        )  # fmt: skip
        await town.advance(30)
        person = await town.services.persons.view(town.actor, contact)
        await send(town, CRUE)
        history = await town.daemon.store.read(lambda db: consent.history(db, 1, [STRANGER]))

    assert [] == before == stolen
    assert "12 rue du Port" in asked
    assert ("12", "rue du Port") == (person.fields["number"], person.fields["street"])
    assert "inscrit aux alertes" in texts(made, STRANGER)[-2]
    assert "L'Aude monte." == texts(made, STRANGER)[-1]
    assert [f"ALERTE 12 rue du Port / oui {code}"] == [row["said"] for row in history]


async def test_whoever_enrols_a_whole_street_is_not_answered_for_ever(tmp_path: Path) -> None:
    """The answers of one day are bounded, whatever a script writes."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        for number in range(40):
            await says(town, made, STRANGER, f"ALERTE {number + 1} rue du Port")

    assert 20 >= len(texts(made, STRANGER))


async def test_a_reply_in_two_parts_is_read_whole(tmp_path: Path) -> None:
    """And a modem lost between them loses nothing."""
    made = network()
    long = "Bonjour, " + "merci beaucoup pour tout, " * 7 + "je ne veux plus recevoir vos messages"
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        await says(town, made, ANNE, long)
        (kept,) = await inbox(town)

    assert long == kept["text"]


async def test_what_came_in_before_a_crash_is_dealt_with_after_it(tmp_path: Path) -> None:
    """On the disk, not yet understood: the next start does it, once."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        number = await send(town, CRUE)
        town.daemon._attendants.correspondence._bell = asyncio.Event()  # it hears nothing any more
        town.daemon._receipts.kept = lambda: None
        await says(town, made, ANNE, "1")
        before = states(await town.report(number))["Anne"]
    async with running(tmp_path, made, clock=clock()) as town:
        await town.advance(30)
        after = states(await town.report(number))["Anne"]
        kept = await inbox(town)

    assert ("received", "acknowledged") == (before, after)
    assert 1 == len(kept)
