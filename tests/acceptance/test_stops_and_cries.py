"""A STOP by any door holds for what waits; a cry for help is told, whatever came of its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.model import Door
from gateway.services import Actor
from gateway.store import Connection, entities
from modem.emulator import Behaviour, Network, Press
from tests.acceptance.test_asked_by_sms import ANNE, LIST, MAYOR, PARIS, clock, network, texts
from tests.acceptance.test_replies import CRUE, STRANGER, inbox, listed, refused, says, send
from tests.harness import Town, running, states

NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=PARIS)
ROUTINE = replace(CRUE, text="Benne demain.", urgency="service")
CRY = "au secours " + "nous sommes sur le toit avec les enfants et le chien, venez vite " * 3


async def anne(town: Town) -> int:
    def find(db: Connection) -> int:
        row = db.execute("SELECT contact_id FROM endpoint WHERE address = ?", (ANNE,)).fetchone()
        return int(row["contact_id"])

    return await town.daemon.store.read(find)


async def reasons(town: Town, number: int) -> list[tuple[str, str]]:
    """Return how each text and call to Anne of a message ended."""

    def find(db: Connection) -> list[tuple[str, str]]:
        rows = db.execute(
            "SELECT state, reason FROM job WHERE address = ? AND broadcast_id = ?", (ANNE, number)
        )
        return [(row["state"], row["reason"]) for row in rows]

    return await town.daemon.store.read(find)


async def test_a_stop_written_on_the_page_holds_for_what_waits_for_the_morning(
    tmp_path: Path,
) -> None:
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await listed(town)
        number = await send(town, ROUTINE)
        await town.services.consents.say(
            town.actor, await anne(town), ANNE, "service", given=False, source="au guichet"
        )
        await town.sleep_through(6 * 3600)
        report = await town.report(number)

    assert [] == texts(made, ANNE)
    assert "received" == states(report)["Blaise"]
    assert "excluded" == states(report)["Anne"]


async def test_the_key_nine_holds_for_the_calls_that_wait(tmp_path: Path) -> None:
    """But for nothing else: her SMS come as before."""
    made = network()
    made.handset(ANNE).behaviour = Behaviour(presses=(Press("9", 9.0),))
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        for ways in (("voice",), ("voice",), ("sms",)):
            await town.services.sending.send(
                town.actor, replace(ROUTINE, channels=ways), Door.COMMAND
            )
        await town.advance(900)
        second, third = await reasons(town, 2), await reasons(town, 3)
        noes = await refused(town, ANNE)

    assert {"service", "information"} == noes
    assert [("cancelled", "opted_out")] == second
    assert ["delivered"] == [state for state, _ in third]


@pytest.mark.parametrize("beside", ["{town}", "mairie de {town} merci", "{signed}"])
async def test_a_stop_with_the_name_of_the_town_is_honoured(tmp_path: Path, beside: str) -> None:
    """It waited for a human, and the next message left all the same."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        await town.services.tuning.set_rules(
            town.actor, take_back=20, approval_above=0, signature="Vos élus d'Azille"
        )
        await send(town, ROUTINE)
        words = beside.format(town=town.actor.entity_name, signed="Vos élus d'Azille")
        await says(town, made, ANNE, f"STOP {words}")
        noes, (kept,) = await refused(town, ANNE), await inbox(town)

    assert {"service", "information"} == noes
    assert ("stop", "stopped", 0) == (kept["kind"], kept["effect"], kept["to_read"])
    assert "C'est noté" in texts(made, ANNE)[-1]


async def test_a_stop_to_another_town_is_for_a_human(tmp_path: Path) -> None:
    """What they want of whom, nobody knows."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        await send(town, ROUTINE)
        await says(town, made, ANNE, "STOP Puichéric")
        noes, (kept,) = await refused(town, ANNE), await inbox(town)

    assert (set(), 1) == (noes, kept["to_read"])


def losing(made: Network, part: int) -> Callable[[], None]:
    """Have one part of the next SMS kept back; return what lets it come after all."""
    deliver, kept = made.back_in_service, list[Any]()

    def without(device: Any) -> None:
        queue = made._messages[device.name]
        kept.append(queue.popleft() if part == 0 else queue.pop())
        made.back_in_service = deliver  # type: ignore[method-assign]
        deliver(device)

    def late() -> None:
        made._messages["m1"].append(kept.pop())
        made.back_in_service(made.modems["m1"])

    made.back_in_service = without  # type: ignore[method-assign]
    return late


@pytest.mark.parametrize("lost", [0, -1])
async def test_a_cry_whose_other_part_is_lost_is_told(tmp_path: Path, lost: int) -> None:
    """At once where what came cries by itself."""
    made = network()
    words = CRY if lost == -1 else "Bonjour à la mairie. " * 8 + "Au secours, l'eau monte !"
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        await town.services.telephones.trust(town.actor, "La maire", MAYOR)
        await send(town, CRUE)
        losing(made, lost)
        await says(town, made, ANNE, words)
        await town.advance(60)
        (kept,) = await inbox(town)

    assert "DÉTRESSE ? Anne" in texts(made, MAYOR)[-1]
    assert ("distress", 1) == (kept["kind"], kept["to_read"])


async def test_a_cry_in_a_part_that_comes_late_is_told(tmp_path: Path) -> None:
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        await town.services.telephones.trust(town.actor, "La maire", MAYOR)
        late = losing(made, 0)
        await says(town, made, ANNE, "Au secours, nous nous noyons ! " + "Rue du Port. " * 13)
        await town.advance(900)
        before = texts(made, MAYOR)
        late()
        await town.advance(60)
        (kept,) = await inbox(town)

    assert [] == before
    assert "DÉTRESSE ? Anne" in texts(made, MAYOR)[-1]
    assert ("distress", "distress", 1) == (kept["kind"], kept["effect"], kept["to_read"])


async def test_a_cry_that_nobody_can_be_told_of_says_so(tmp_path: Path) -> None:
    """Nobody on duty, no telephone that is trusted: the page asks for a call."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        await says(town, made, ANNE, "au secours")
        talk = await town.services.inbox.talk(town.actor, ANNE)

    assert "Personne n'a pu être prévenu par SMS" in talk.said[0].effect


async def two_towns(town: Town) -> Actor:
    """Add a commune with the same people; return who acts for it."""
    now = town.daemon.clock.now()
    number = await town.daemon.store.write(
        lambda db: entities.add(db, 1, "Azille", "Europe/Paris", "Essai", now)
    )
    assert number is not None
    other = replace(town.actor, entity_id=number, entity_name="Azille")
    await town.services.imports.take_file(other, LIST.encode())
    return other


async def test_a_cry_to_a_town_without_anybody_is_told_to_its_neighbours(tmp_path: Path) -> None:
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        other = await two_towns(town)
        await town.services.telephones.trust(town.actor, "La maire", MAYOR)
        await town.services.sending.send(other, CRUE, Door.COMMAND)
        await town.advance(30)
        await says(town, made, ANNE, "au secours")

    assert "DÉTRESSE ? Anne" in texts(made, MAYOR)[-1]


async def test_a_stop_says_to_which_town_and_a_start_takes_back_that_one(tmp_path: Path) -> None:
    """Though another town has written since."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        other = await two_towns(town)
        await listed(town)
        await send(town, ROUTINE)
        await says(town, made, ANNE, "STOP")
        await town.services.sending.send(other, ROUTINE, Door.COMMAND)
        await town.advance(30)
        before = await refused(town, ANNE)
        await says(town, made, ANNE, "DEBUT")
        after = await refused(town, ANNE)

    assert "plus de messages de La Redorte à ce numéro" in texts(made, ANNE)[1]
    assert {"service", "information"} == before
    assert set() == after
    assert "de nouveau" in texts(made, ANNE)[-1]


async def test_what_the_database_refuses_is_left_to_a_human(tmp_path: Path) -> None:
    """A defect of ours, not the disk's: the SMS behind it is dealt with."""
    made = network()

    def defect(db: Connection, heard: Any) -> None:
        if heard.number == STRANGER:
            db.execute("INSERT INTO entity(id, name, timezone, created_at) VALUES (1,'x','y',0)")

    async with running(tmp_path, made, clock=clock()) as town:
        await listed(town)
        number = await send(town, CRUE)
        town.daemon._attendants.correspondence.hear_first([defect])
        await says(town, made, STRANGER, "bonjour")
        await says(town, made, ANNE, "1")
        kept = await inbox(town)
        report = await town.report(number)

    assert [("defect", 1), ("confirmed", 0)] == [(one["effect"], one["to_read"]) for one in kept]
    assert "acknowledged" == states(report)["Anne"]
