"""A text no voice can say is found while it is written, not while the phones ring."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.services import Draft
from modem.emulator import Network
from tests.harness import running


@pytest.mark.parametrize("text", ["…", "⚠️ !!!", "- -"])
async def test_nothing_to_say_is_told_with_the_mend(tmp_path: Path, text: str) -> None:
    """An SMS may be a row of signs; a call would be silence."""
    network = Network(seed=41)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        call = Draft(text=text, to=("01 99 00 00 01",), channels=("voice",), urgency="vital")
        spoken = Draft(text=text, voice_text="Crue.", to=call.to, channels=("voice",))
        told = await town.services.compose.foresee(town.actor, call)
        fine = await town.services.compose.foresee(town.actor, spoken)

    assert any("rien à dire" in said and "au moins un mot" in said for said in told.problems)
    assert () == fine.problems
