"""Answering machines and announcements: told for what they probably are, never counted as reached.

A failure that looks like success is the worst there is: nobody rings again at a house that was
counted as warned.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import tts
from gateway.channels.call_script import Part, phrases
from gateway.channels.call_words import EXCUSE
from gateway.model import Reason, Urgency
from gateway.services import words
from modem.emulator import Behaviour, Network, Press
from modem.emulator.handset import ReceivedCall
from tests.harness import Town, jobs, running, states

FARM, OTHER = "01 99 00 00 01", "06 39 98 00 02"
TEXT = "Crue de l'Argent-Double. Gagnez la salle communale. Ne prenez pas votre voiture."


async def lived(town: Town, behaviour: Behaviour) -> tuple[dict[str, str], ReceivedCall]:
    """Call one phone once with an alert; return the job as reported, and what was lived."""
    phone = town.phone(FARM, behaviour)
    report = await town.finished(await town.raise_alert(TEXT, to=[FARM], channels=["voice"]))
    return jobs(report)[0] | {"person": next(iter(states(report).values()))}, phone.calls[0]


async def test_a_machine_records_all_of_it_and_nobody_is_counted(tmp_path: Path) -> None:
    """Whoever listens to the tape at noon hears the whole message; the mayor is told *probably*."""
    network = Network(seed=41)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        job, call = await lived(town, Behaviour(answers_after=8.0, machine=True, greeting=9.0))
    texts = phrases("La Redorte", TEXT, Urgency.VITAL)
    said = {part: tts.read_pcm(tts.render(texts[part], cache_dir=tmp_path / "speech").pcm_path)
            for part in (Part.GREETING, Part.MESSAGE)}  # fmt: skip
    assert call.beeped_at is not None
    recorded = call.pcm[int(call.beeped_at * 8000) * 2 :]

    assert said[Part.GREETING] in recorded
    assert said[Part.MESSAGE] in recorded
    assert recorded.index(said[Part.GREETING]) / 16000 < 1.5
    assert ("answered", "answered") == (job["outcome"], job["person"])
    assert Reason.MACHINE == job["reason"]
    assert "répondeur probable" in words.REASONS[Reason.MACHINE]


async def test_a_person_behind_a_machine_acknowledges_all_the_same(tmp_path: Path) -> None:
    """Somebody who picks up in the middle of their own greeting is a person: the key says so."""
    network = Network(seed=42)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        job, _ = await lived(
            town, Behaviour(answers_after=4.0, machine=True, presses=(Press("1", 20.0),))
        )

    assert "acknowledged" == job["outcome"]


async def test_a_person_who_says_hello_is_a_person(tmp_path: Path) -> None:
    """Allô, then listening to the end: heard, and nothing probable about it."""
    network = Network(seed=43)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        job, _ = await lived(town, Behaviour(answers_after=4.0, says_hello=1.5))

    assert "listened" == job["outcome"]


@pytest.mark.parametrize("early", [False, True], ids=["as an answer", "before any answer"])
async def test_an_announcement_of_the_network_is_nobody(tmp_path: Path, early: bool) -> None:
    """*Le numéro que vous avez demandé…* counts as an answer on most networks, not here."""
    network = Network(seed=44)
    network.add_modem("m1")
    behaviour = Behaviour(answers_after=1.0, announcement=9.0, early_media=early)
    async with running(tmp_path, network) as town:
        job, call = await lived(town, behaviour)

    assert job["person"] not in {"listened", "acknowledged", "received"}
    assert ("no_answer" if early else "answered") == job["outcome"]
    assert ("unreachable" if early else "announcement") == call.outcome


@pytest.mark.parametrize("answers", [2.0, None], ids=["in mid-sentence", "while it rings"])
async def test_a_routine_call_makes_room_for_an_alert_and_is_made_again(
    tmp_path: Path, answers: float | None
) -> None:
    """One modem, one mouth: the fête waits, is told so, and is not forgotten."""
    network = Network(seed=45)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        person = town.phone(FARM, Behaviour(answers_after=answers))
        warned = town.phone(OTHER)
        routine = await town.raise_alert(
            "La fête est reportée à dimanche. " * 6, to=[FARM], channels=["voice"],
            urgency="service",
        )  # fmt: skip
        await town.advance(14.0)
        await town.raise_alert("L'eau monte.", to=[OTHER])
        person.behaviour = Behaviour(answers_after=1.0, presses_when_prompted="1")
        await town.advance(15.0)
        texts = len(warned.inbox)
        report = await town.finished(routine)

        assert 1 == texts
        assert ["interrupted", "acknowledged"] == [
            attempt["result"] for attempt in jobs(report)[0]["attempts"]
        ]
        excuse = tts.read_pcm(tts.render(EXCUSE, cache_dir=tmp_path / "speech").pcm_path)
        assert (answers is not None) == (excuse in person.calls[0].pcm)
