"""A box without any modem, such as one just installed: nothing waits there without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import Refused
from modem.emulator import Network
from tests.harness import jobs, running

MAYOR = "06 39 98 00 01"


async def test_whoever_waits_on_a_box_without_modems_waits_for_a_modem(tmp_path: Path) -> None:
    """« attend son tour » was said of a turn that never comes."""
    async with running(tmp_path, Network(seed=1)) as town:
        number = await town.raise_alert("Crue.", to=[MAYOR])
        await town.advance(60)
        report, actor = await town.report(number), town.actor
        view = await town.services.broadcasts.view(actor, number)
        (person,) = (await town.services.broadcasts.recipients(actor, number)).items

        assert ["queued"] == [job["state"] for job in jobs(report)]
        assert "no_modem" == report["recipients"][0]["reason"]
        assert "attend qu’un modem soit prêt" == person.reason
        assert view.blocked
        assert "Aucun modem prêt" in view.waiting_for


async def test_a_box_without_modems_is_not_well_and_has_none_to_check(tmp_path: Path) -> None:
    """A monitor that reads « ok » never looks again."""
    async with running(tmp_path, Network(seed=1)) as town:
        ready, told = await town.services.fleet.ready()

        assert (True, "degraded") == (ready, told["status"])
        with pytest.raises(Refused, match="tocsin init --modems"):
            await town.services.proving.check(town.actor)
