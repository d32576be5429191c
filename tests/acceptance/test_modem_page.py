"""The technician's home over a running box: what happened to a modem is told, and to whom not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import Refused
from modem.discovery import Rollcall
from modem.emulator import Network
from modem.errors import CommandTimeout, RemoteProtocolError
from tests.harness import running
from tests.modem.harness.bus import EmulatedBus, unplug


async def test_the_page_knows_the_past_of_a_modem_and_no_name(tmp_path: Path) -> None:
    """A signal every five minutes; a stick pulled out is the first thing said, with its mend."""
    network = Network(seed=20)
    for name in ("m1", "m2"):
        network.add_modem(name)
    async with running(tmp_path, network, roll=Rollcall(EmulatedBus())) as town:
        await town.advance(1500)
        board = await town.services.status.board(town.actor)
        assert board.headline.well, board.headline
        assert "aucun appel n’a encore été vérifié sur m1, m2" in board.headline.said
        assert 4 <= len(board.cards[0].day) <= 6
        assert board.cards[0].day[0].signal is not None

        people = [f"06 39 98 10 {n:02}" for n in range(8)]
        number = await town.raise_alert("Crue : gagnez la salle.", to=people)
        await town.advance(3)
        busy = await town.services.status.board(town.actor)
        assert any("sur 8)" in card.doing for card in busy.cards), busy
        assert "Crue" not in repr(busy)
        assert "39 98" not in repr(busy)
        await town.finished(number)

        unplug(network.modems["m1"])
        await town.advance(60)
        board = await town.services.status.board(town.actor)
        assert not board.headline.well
        assert "ebranch" in board.headline.said + board.headline.mend
        assert (1, 2) == (board.summary.ready, board.summary.count)
        assert [False, True] == [card.modem.seen for card in board.cards]


async def test_the_diary_tells_what_was_tried_on_a_mute_modem_and_that_it_helped(
    tmp_path: Path,
) -> None:
    """Remedies that help every day are a stick that dies."""
    network = Network(seed=20)
    network.add_modem("m1")
    async with running(tmp_path, network, roll=Rollcall(EmulatedBus())) as town:
        await town.advance(120)
        supervisor = town.daemon.services.fleet.lane("m1").modem
        assert supervisor is not None
        supervisor.report_fault(CommandTimeout("AT"))
        await town.advance(5)
        supervisor.report_fault(RemoteProtocolError("nonsense"))
        await town.advance(600)
        (card,) = (await town.services.status.board(town.actor)).cards

        assert {"dialogue repris"} == {one.tried for one in card.diary}
        assert ["remis en marche", "sans effet"] == [one.result for one in card.diary]


async def test_a_text_to_me_and_a_check_end_with_a_result_and_a_line_in_the_record(
    tmp_path: Path,
) -> None:
    """The number is asked once; a role without the right is refused, and so is a busy modem."""
    network = Network(seed=20)
    for name in ("m1", "m2"):
        network.add_modem(name)
    async with running(tmp_path, network, roll=Rollcall(EmulatedBus())) as town:
        bench, me = town.services.bench, "06 39 98 00 50"
        await town.advance(30)
        with pytest.raises(Refused, match="Écrivez votre numéro"):
            await bench.begin(town.actor, "m1", "sms")
        with pytest.raises(Refused, match="rôle"):
            await bench.begin(replace(town.actor, role="sender"), "m1", "sms", me)
        await bench.begin(town.actor, "m1", "sms", me)
        with pytest.raises(Refused, match="déjà à l’essai"):
            await bench.begin(town.actor, "m1", "verifier")
        await town.advance(200)
        trial = bench.trials["m1"]
        assert not trial.running
        assert trial.findings is not None, trial.refused
        assert trial.findings[0].ok, trial.findings
        assert ["Essai Tocsin"] == [sms.text[:12] for sms in town.phone(me).inbox]

        await bench.begin(town.actor, "m2", "verifier", me)
        await town.advance(600)
        assert 1 == len(town.phone(me).calls)  # the voice is proved by somebody's ear and key
        assert any(one.step == "réseau" for one in bench.trials["m2"].findings or ())
        rows = await town.daemon.store.read(
            lambda db: db.execute("SELECT payload FROM event WHERE kind = 'modem.trial'").fetchall()
        )
        assert 2 == len(rows)
        assert "39980050" not in repr([tuple(row) for row in rows])


async def test_a_check_between_our_own_modems_is_nobody_s_answer_to_read(tmp_path: Path) -> None:
    """The secretary's « 2 à lire » were the technician's trials."""
    network = Network(seed=20)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        await town.advance(30)
        for text in ("Essai Tocsin 08F3FF", "Essai Tocsin raté"):
            network.send("+33639989002", network.modems["m1"], text)
            await town.advance(10)
        unread, _ = town.services.inbox.unread(town.actor)
        talks = (await town.services.inbox.talks(town.actor)).items

    assert unread == 1
    assert ["Essai Tocsin raté"] == [talk.text for talk in talks]


async def test_a_modem_that_carries_an_alert_is_not_tried(tmp_path: Path) -> None:
    """Vital goes first: whoever presses the button is told to wait."""
    network = Network(seed=20)
    network.add_modem("m1")
    async with running(tmp_path, network, roll=Rollcall(EmulatedBus())) as town:
        await town.advance(30)
        people = [f"06 39 98 10 {n:02}" for n in range(8)]
        number = await town.raise_alert("Crue.", to=people)
        await town.advance(3)
        with pytest.raises(Refused, match="porte une alerte"):
            await town.services.bench.begin(town.actor, "m1", "verifier")
        await town.finished(number)
