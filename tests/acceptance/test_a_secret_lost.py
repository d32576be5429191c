"""A secret of one modem that is gone takes one modem away, not the box."""

from __future__ import annotations

from pathlib import Path

import pytest

from modem.emulator import Network, Pace
from tests.harness import running, states

ANNE = "06 39 98 00 01"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
async def test_a_pin_file_that_is_gone_or_is_no_text_leaves_the_other_modems_at_work(
    tmp_path: Path, content: bytes | None
) -> None:
    """One file removed in a tidying-up must not leave a town without its bell."""
    pin = tmp_path / "sfr-1.pin"
    if content is not None:
        pin.write_bytes(content)
    network = Network(seed=3, pace=Pace.FAST)
    for name in ("m1", "m2"):
        network.add_modem(name).sim.pin = "4321" if name == "m2" else None

    async with running(tmp_path / "box", network, pins={"m2": pin}) as town:
        sent = await town.raise_alert("Crue de l'Argent-Double.", to=[ANNE])
        report = await town.finished(sent)
        await town.advance(420)  # five minutes, then it is an alarm
        well, sick = await town.services.fleet.modems(town.actor)
        board = await town.services.status.board(town.actor)

    assert "received" in states(report).values()
    assert well.trouble == ""
    assert str(pin) in sick.trouble
    assert "illisible" in sick.trouble
    assert "pin_file" in sick.mend
    assert any("m2" in str(alarm) for alarm in board.alarms)
