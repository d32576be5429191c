"""What Tocsin asks by SMS, and what an answer does: approval, and an alert a stop interrupted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.clock import LoopClock
from gateway.model import Door
from gateway.services import Draft
from gateway.store import settings
from modem.emulator import Behaviour, Network
from tests.harness import Town, running

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=PARIS)
MAYOR, DEPUTY, ANNE, BLAISE = (f"+3363998000{n}" for n in (7, 8, 1, 2))
LIST = "Nom;Tel;Groupe\nAnne;06 39 98 00 01;rive\nBlaise;06 39 98 00 02;rive\n"


def network(**habits: Behaviour) -> Network:
    made = Network(seed=1)
    made.add_modem("m1")
    for number, habit in habits.items():
        made.handset(number).behaviour = habit
    return made


def clock(moment: datetime = NOON) -> LoopClock:
    return LoopClock(moment - timedelta(seconds=asyncio.get_running_loop().time()))


def texts(made: Network, number: str) -> list[str]:
    return [sms.text for sms in made.handset(number).inbox]


async def answer(town: Town, made: Network, number: str, said: str) -> None:
    """Let somebody answer the question in their inbox."""
    code = texts(made, number)[-1].split("OUI ")[1][:4]
    made.send(number, made.modems["m1"], said.replace("CODE", code))
    await town.advance(30)


async def waiting(town: Town) -> int:
    """Send what needs a second person; return its number."""
    await town.services.telephones.trust(town.actor, "Mme le maire", MAYOR)
    await town.services.telephones.trust(town.actor, town.actor.name, DEPUTY)
    await town.daemon.store.write(
        lambda db: settings.write(db, 1, "approval_above", 1, "Essai", 0.0)
    )
    await town.services.imports.take_file(town.actor, LIST.encode())
    draft = Draft("Fête.", everybody=True, channels=("sms",), urgency="service")
    number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
    await town.advance(30)
    return number


async def test_the_mayor_lets_a_message_leave_with_one_word(tmp_path: Path) -> None:
    """From the car, without the page; the author himself is not asked."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await waiting(town)
        await answer(town, made, MAYOR, "Oui, CODE !")
        report = await town.finished(number)

    assert {"received"} == {one["state"] for one in report["recipients"]}
    assert ["Fête."] == texts(made, ANNE)
    assert "part." in texts(made, MAYOR)[-1]
    assert [] == texts(made, DEPUTY)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("L'eau sera coupée jeudi.", "« L'eau sera coupée jeudi. » partira demain à 8 h 00."),
        ("L'eau sera coupée demain.", "Ce message n'est pas parti. Trop tard : le texte dit"),
    ],
)  # fmt: skip
async def test_a_yes_after_the_hours_is_told_what_comes_of_it(
    tmp_path: Path, text: str, told: str
) -> None:
    """« Part » was the answer where it waited for the morning, and where it never left at all."""
    made = network()
    async with running(tmp_path, made, clock=clock(NOON.replace(hour=19, minute=55))) as town:
        await town.services.telephones.trust(town.actor, "Mme le maire", MAYOR)
        await town.daemon.store.write(
            lambda db: settings.write(db, 1, "approval_above", 1, "Essai", 0.0)
        )
        await town.services.imports.take_file(town.actor, LIST.encode())
        draft = Draft(text, everybody=True, channels=("sms",), urgency="service")
        await town.services.sending.send(town.actor, draft)
        await town.advance(600)
        await answer(town, made, MAYOR, "OUI CODE")

    assert told in texts(made, MAYOR)[-1]


async def test_a_no_by_sms_cancels_it(tmp_path: Path) -> None:
    """And whoever said so is told."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await waiting(town)
        await answer(town, made, MAYOR, "NON CODE")
        state = (await town.services.broadcasts.view(town.actor, number)).summary.state

    assert "cancelled" == state
    assert [] == texts(made, ANNE)
    assert "ne partira pas" in texts(made, MAYOR)[-1]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("OUICODE", "closed"),
        ("CODE OUI", "closed"),
        ("OUI CODE merci", "closed"),
        ("D'accord CODE", "closed"),
        ("Oui c'est bon CODE", "closed"),
        ("NONCODE", "cancelled"),
        ("CODE non merci", "cancelled"),
    ],
)
async def test_a_word_beside_the_answer_does_not_lose_it(
    tmp_path: Path, said: str, state: str
) -> None:
    """As people write, from the car; nothing happened, and nobody was told."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await waiting(town)
        await answer(town, made, MAYOR, said)
        await town.advance(60)
        view = await town.services.broadcasts.view(town.actor, number)

    assert (view.summary.state, texts(made, ANNE)) == (state, ["Fête."] * (state == "closed"))
    assert "C'est noté" in texts(made, MAYOR)[-1]


@pytest.mark.parametrize(
    "said", ["CODE", "bien reçu CODE", "Oui mais pas demain CODE", "ne pas envoyer CODE"]
)
async def test_what_is_not_understood_is_answered_by_how_to_say_it(
    tmp_path: Path, said: str
) -> None:
    """No reading of it sends anything; a machine that answers at once is told three times."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await waiting(town)
        code = texts(made, MAYOR)[-1].split("OUI ")[1][:4]
        for _ in range(5):
            made.send(MAYOR, made.modems["m1"], said.replace("CODE", code))
            await town.advance(30)
        state = (await town.services.broadcasts.view(town.actor, number)).summary.state
        (kept,) = (await town.services.inbox.talks(town.actor)).items
        how = [one for one in texts(made, MAYOR) if "pas compris" in one]
        await answer(town, made, MAYOR, "OUI CODE")
        await town.finished(number)

    assert (state, kept.unread) == ("awaiting_approval", 5)
    told = "Tocsin n'a pas compris votre réponse sur « Fête. »."
    assert [f"{told} Répondez seulement OUI {code} ou NON {code}."] * 3 == how
    assert ["Fête."] == texts(made, ANNE)


def crowd_of(count: int) -> bytes:
    return "\n".join(
        ["Nom;Tel;Groupe", *(f"N{n};06 39 98 01 {n:02};rive" for n in range(count))]
    ).encode()


async def test_a_yes_for_a_few_lets_nothing_go_to_a_crowd(tmp_path: Path) -> None:
    """Asked for 2, sent to 42: the SMS says how many, and a group that grew is asked for anew."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await waiting(town)
        first = texts(made, MAYOR)[-1]
        await town.services.imports.take_file(town.actor, crowd_of(40))
        await answer(town, made, MAYOR, "OUI CODE")
        await town.advance(60)
        view = await town.services.broadcasts.view(town.actor, number)
        told = [one for one in texts(made, MAYOR) if "ne part pas encore" in one]
        nobody = texts(made, ANNE)
        made.send(MAYOR, made.modems["m1"], f"OUI {first.split('OUI ')[1][:4]}")
        await town.advance(30)
        still = (await town.services.broadcasts.view(town.actor, number)).summary.state
        over = texts(made, MAYOR)[-1]
        second = next(one for one in texts(made, MAYOR) if "à présent)" in one)
        made.send(MAYOR, made.modems["m1"], f"OUI {second.split('OUI ')[1][:4]}")
        report = await town.finished(number)

    assert "n'est plus attendue" in over
    assert ", 2 personnes)" in first
    assert ", 42 personnes à présent)" in second
    assert (view.summary.state, view.recipients_total, still) == (
        "awaiting_approval", 42, "awaiting_approval"
    )  # fmt: skip
    assert len(told) == 1
    assert "2 personnes quand l'accord a été demandé, il l'est à présent pour 42" in told[0]
    assert (nobody, len(report["recipients"])) == ([], 42)


async def test_one_person_more_asks_for_no_other_yes(tmp_path: Path) -> None:
    """Somebody entered at the counter meanwhile is no other message."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await waiting(town)
        await town.services.imports.take_file(town.actor, crowd_of(1))
        await answer(town, made, MAYOR, "OUI CODE")
        report = await town.finished(number)

    assert len(report["recipients"]) == 3


async def test_a_group_that_grows_after_the_yes_is_asked_for_before_it_leaves(
    tmp_path: Path,
) -> None:
    """Agreed to in the evening for the next morning, moved meanwhile; the page asks as the SMS."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await waiting(town)
        at = NOON + timedelta(hours=3)
        draft = Draft("Marché.", everybody=True, channels=("sms",), urgency="service", at=at)
        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        other = replace(town.actor, name="Luc", login="luc")
        await town.services.sending.approve(other, number)
        await town.services.imports.take_file(town.actor, crowd_of(40))
        await town.services.agenda.move(town.actor, number, at + timedelta(hours=1))
        states = []
        for hours in (3, 2):
            await town.advance(hours * 3600)
            view = await town.services.broadcasts.view(town.actor, number)
            states.append(view.summary.state)
        await town.services.sending.approve(other, number)
        report = await town.finished(number)

    assert states == ["scheduled", "awaiting_approval"]
    assert len(report["recipients"]) == 42


async def test_nobody_else_and_no_other_code_is_listened_to(tmp_path: Path) -> None:
    """A stranger who saw the code, a guess, an answer given twice: nothing happens."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await waiting(town)
        code = texts(made, MAYOR)[-1].split("OUI ")[1][:4]
        wrong = f"{(int(code) + 1) % 10_000:04}"
        for sender, said in (
            (ANNE, f"OUI {code}"),
            (MAYOR, f"OUI {wrong}"),
            (MAYOR, "OUI"),
            (DEPUTY, f"OUI {code}"),
            (MAYOR, f"OUI {code} et NON {code}"),
        ):
            made.send(sender, made.modems["m1"], said)
        await town.advance(30)
        state = (await town.services.broadcasts.view(town.actor, number)).summary.state
        kept = await town.services.inbox.talks(town.actor)

    assert "awaiting_approval" == state
    assert {ANNE: 1, MAYOR: 3, DEPUTY: 1} == {one.number: one.unread for one in kept.items}


async def interrupted(folder: Path, made: Network, *, duty: bool) -> int:
    """Stop in the middle of an alert: Anne has it, Blaise's call is still to come."""
    async with running(folder, made, clock=clock()) as town:
        await town.services.imports.take_file(
            town.actor, (LIST + "Maire;06 39 98 00 07;\n").encode()
        )
        if duty:
            await town.services.duties.add_turn(
                town.actor, "Astreinte", MAYOR, NOON, NOON + timedelta(days=1)
            )
        draft = Draft("Crue.", to=(ANNE, BLAISE), channels=("sms", "voice"), urgency="vital",
                      order="advised")  # fmt: skip
        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.advance(400)
    return number


HABITS = {BLAISE: Behaviour(sms="refused", busy=True)}


async def test_an_alert_cut_by_a_long_stop_asks_before_it_goes_on(tmp_path: Path) -> None:
    """What was news an hour ago may be wrong now: who is on duty knows."""
    made = network(**HABITS)
    number = await interrupted(tmp_path, made, duty=True)
    calls = len(made.handset(BLAISE).calls)
    async with running(tmp_path, made, clock=clock(NOON + timedelta(hours=1))) as town:
        await town.advance(60)
        before = len(made.handset(BLAISE).calls)
        await answer(town, made, MAYOR, "NON CODE")
        report = await town.report(number)

    assert "arrêté" in texts(made, MAYOR)[0]
    assert "« Crue. »" in texts(made, MAYOR)[0]
    assert calls == before
    assert "cancelled" in {one["state"] for one in report["recipients"]}


async def test_it_goes_on_at_once_with_a_yes_and_by_itself_without_an_answer(
    tmp_path: Path,
) -> None:
    """Silence never mutes an alert."""
    for folder, said in (("yes", "OUI CODE"), ("silence", "")):
        made = network(**HABITS)
        await interrupted(tmp_path / folder, made, duty=True)
        calls = len(made.handset(BLAISE).calls)
        async with running(tmp_path / folder, made, clock=clock(NOON + timedelta(hours=1))) as town:
            await town.advance(60)
            held = len(made.handset(BLAISE).calls)
            if said:
                await answer(town, made, MAYOR, said)
            else:
                await town.advance(300)
            await town.advance(60)

        assert calls == held
        assert calls < len(made.handset(BLAISE).calls)


async def test_nobody_on_duty_or_a_short_stop_asks_nobody(tmp_path: Path) -> None:
    """Then every minute counts."""
    for folder, duty, hours in (("nobody", False, 1.0), ("short", True, 0.3)):
        made = network(**HABITS)
        await interrupted(tmp_path / folder, made, duty=duty)
        calls = len(made.handset(BLAISE).calls)
        later = clock(NOON + timedelta(hours=hours))
        async with running(tmp_path / folder, made, clock=later) as town:
            await town.advance(60)

        assert [] == texts(made, MAYOR)
        assert calls < len(made.handset(BLAISE).calls)
