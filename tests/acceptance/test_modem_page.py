"""The technician's home over a running box: what happened to a modem is told, and to whom not."""

from __future__ import annotations

from pathlib import Path

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
