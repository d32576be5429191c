"""Messages dictated by telephone, trusted telephones, and the page of calls."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from unittest import mock

import pytest

from gateway.clock import LoopClock
from gateway.config import CallSettings
from gateway.errors import Refused
from gateway.store import calls, sims
from modem.emulator import Behaviour, Network, Press
from tests.harness import NIGHT, Town, running
from tests.web.real import real_town
from tests.web.site import site

MAYOR = "+33639980070"


def one_modem() -> Network:
    network = Network(seed=71)
    network.add_modem("m1")
    return network


async def dictated(town: Town, behaviour: Behaviour) -> str:
    """Let the mayor be called and behave so; return what the page says in the end."""
    town.phone(MAYOR, behaviour)
    telephones = town.services.telephones
    await telephones.trust(town.actor, "La maire", MAYOR)
    await telephones.dictate(town.actor, MAYOR, "Crue, par la maire")
    waiting = telephones.news(town.actor)
    while telephones.news(town.actor) == waiting:
        await town.advance(1)
    return telephones.news(town.actor)


async def test_a_message_spoken_by_telephone_is_heard_kept_and_used(tmp_path: Path) -> None:
    """A voice people know, recorded without a microphone or a computer."""
    speaks = Behaviour(
        answers_after=2.0, says_hello=30.0, presses=(Press("#", 26.0), Press("1", 32.0))
    )
    async with running(tmp_path, one_modem()) as town:
        said = await dictated(town, speaks)
        (kept,) = await town.services.sounds.recordings(town.actor)

    assert "« Crue, par la maire » est gardé" in said
    assert 5 < kept.seconds < 25


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (Behaviour(answers_after=None), "Personne n'a décroché."),
        (Behaviour(answers_after=2.0, hangs_up_after=15.0), "Rien n'a été gardé."),
        (Behaviour(answers_after=2.0, says_hello=20.0, presses=(Press("#", 18.0),)),
         "Rien n'a été gardé."),
    ],
    ids=["out", "hung up", "never kept"],
)  # fmt: skip
async def test_what_nobody_kept_is_told_and_the_modem_is_free_again(
    tmp_path: Path, behaviour: Behaviour, said: str
) -> None:
    """A dictation that fails must not cost the next alert its modem."""
    async with running(tmp_path, one_modem()) as town:
        assert said == await dictated(town, behaviour)
        assert [] == await town.services.sounds.recordings(town.actor)
        report = await town.finished(await town.raise_alert("L'eau monte.", to=["0639980001"]))

    assert ["received"] == [one["state"] for one in report["recipients"]]


async def test_only_a_trusted_telephone_is_called(tmp_path: Path) -> None:
    """Nobody has the town hall ring a stranger at night."""
    async with running(tmp_path, one_modem()) as town:
        telephones = town.services.telephones
        with pytest.raises(Refused, match="autorisé"):
            await telephones.dictate(town.actor, MAYOR, "x")
        with pytest.raises(Refused):
            await telephones.trust(town.actor, "Le maire", "0899 70 00 00")
        await telephones.trust(town.actor, "La maire", "06 39 98 00 70")
        with pytest.raises(Refused, match="titre"):
            await telephones.dictate(town.actor, MAYOR, " ")
        (known,) = await telephones.trusted(town.actor)
        await telephones.distrust(town.actor, MAYOR)

        assert ("La maire", MAYOR) == (known.name, known.number)
        assert () == await telephones.trusted(town.actor)


async def called(town: Town) -> None:
    """Let somebody be called who speaks on answering."""
    town.phone(MAYOR, Behaviour(answers_after=2.0, says_hello=3.0, hangs_up_after=15.0))
    number = await town.raise_alert("L'eau monte.", to=[MAYOR], channels=["voice"])
    await town.finished(number)


async def test_what_the_other_end_says_is_kept_only_where_the_site_allows_it(
    tmp_path: Path,
) -> None:
    """The law asks for it to be allowed, and to be forgotten in time."""
    async with running(tmp_path / "no", one_modem()) as town:
        await called(town)
        assert [] == await town.services.telephones.kept(town.actor)
    assert not (tmp_path / "no" / "received").exists()
    allowed = CallSettings(keep_received=True, keep_received_days=1)
    async with running(tmp_path / "yes", one_modem(), calls=allowed) as town:
        await called(town)
        kept = await town.services.telephones.kept(town.actor)
        wav = await town.services.telephones.sound(town.actor, kept[0].name)
    later = LoopClock(NIGHT + timedelta(days=2))
    async with running(tmp_path / "yes", one_modem(), calls=allowed, clock=later) as town:
        await town.advance(5)
        after = await town.services.telephones.kept(town.actor)

    assert (b"RIFF", "06 39 98 00 70") == ((wav or b"")[:4], kept[0].number)
    assert 5 < kept[0].seconds < 20
    assert [] == after
    assert [] == list((tmp_path / "yes" / "received").iterdir())


async def test_a_sound_that_finds_no_room_spoils_no_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever pressed 1 has confirmed; and of a sound nobody knows of, nothing stays."""
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    monkeypatch.setattr(calls, "keep_sound", mock.Mock(side_effect=full))
    allowed = CallSettings(keep_received=True)
    async with running(tmp_path, one_modem(), calls=allowed) as town:
        town.phone(MAYOR, Behaviour(answers_after=2.0, says_hello=3.0, presses=(Press("1", 9.0),)))
        number = await town.raise_alert("L'eau monte.", to=[MAYOR], channels=["voice"])
        report = await town.finished(number)

    assert ["acknowledged"] == [person["state"] for person in report["recipients"]]
    assert [] == list((tmp_path / "received").iterdir())


async def test_calls_and_telephones_are_on_their_page(tmp_path: Path) -> None:
    """Trusted and withdrawn by form; a sound of another town's does not exist."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        wrong = await browser.post("/appels/autoriser", {"name": "La maire", "number": "12"})
        told = await wrong.text()
        await browser.post("/appels/autoriser", {"name": "La maire", "number": "0639980070"})
        shown = await browser.text("/appels")
        await browser.post("/appels/retirer", {"number": MAYOR})
        after = await browser.text("/appels")
        sound = await browser.get(f"/appels/son/{'0' * 32}.wav")

    assert 400 == wrong.status
    assert 'value="La maire"' in told
    assert "La maire" in shown
    assert "La maire" not in after
    assert "Personne n'a appelé" in after
    assert 404 == sound.status


async def test_an_sms_to_the_box_is_read_on_the_page_whole_or_told_as_incomplete(
    tmp_path: Path,
) -> None:
    """Nothing somebody wrote to the town hall may stay in a modem."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await town.box.daemon.store.write(
            lambda db: [
                sims.keep_received(db, "s", MAYOR, text, None, 9, part, 3, NIGHT.timestamp())
                for part, text in ((3, "la cave."), (1, "L'eau entre "))
            ]
        )
        town.box.daemon._message_kept()
        early = await browser.text("/reponses")
        await town.box.advance(700)
        late = await browser.text("/reponses")
        talk = await browser.text(f"/reponses/{MAYOR}")

    assert "la cave." not in early
    assert "L&#39;eau entre […]la cave." in late
    assert "une partie n'est jamais arrivée" in talk
