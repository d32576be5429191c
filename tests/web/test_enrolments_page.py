"""Requests to be warned, on their page."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from tests.web.conftest import Visitor
from tests.web.real import RealTown, real_town
from tests.web.site import site
from tests.web.test_browser import violations
from tests.web.test_inbox_page import STRANGER, WIDER, hear, one_modem, until


async def asked(town: RealTown) -> None:
    """Have somebody ask and confirm."""
    inbox = town.box.network.handset(STRANGER).inbox

    async def answered() -> bool:
        return len(inbox) > 0

    await hear(town, STRANGER, "ALERTE 12 rue du Port")
    await until(answered)
    await hear(town, STRANGER, f"OUI {inbox[-1].text.split('OUI ')[1][:4]}")


async def test_the_secretary_lets_somebody_in_or_turns_them_down(tmp_path: Path) -> None:
    made = one_modem()
    async with real_town(tmp_path, made) as town, site(cast("Any", town)) as browser:
        await asked(town)
        shown = await browser.text("/contacts/inscriptions")
        groups = await town.services.directory.groups(town.actor)
        fields = {"name": "", "street": "rue du Port", "group_id": str(groups[0].id)}
        empty = await browser.post("/contacts/inscriptions/1/inscrire", fields)
        done = await browser.post("/contacts/inscriptions/1/inscrire", {**fields, "name": "Vidal"})
        again = await browser.post("/contacts/inscriptions/1/inscrire", {**fields, "name": "Vidal"})
        after = await browser.text("/contacts/inscriptions")
        found = await browser.text("/contacts?q=vidal")

    assert "12 rue du Port" in shown
    assert 'value="rue du Port"' in shown
    assert [400, 303, 400] == [empty.status, done.status, again.status]
    assert "Personne n'attend" in after or "Personne n&#39;attend" in after
    assert "Vidal" in found


@pytest.mark.real_time
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_of_requests_is_usable_by_everybody(
    tmp_path: Path, visitor: Visitor, width: int
) -> None:
    """No axe violation, no sideways scrolling, narrow and wide."""

    async def scenario() -> list[str]:
        async with real_town(tmp_path, one_modem()) as town:
            await asked(town)
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                await page.goto(f"{here}/contacts/inscriptions")
                await page.screenshot(path=str(tmp_path / f"asked-{width}.png"), full_page=True)
                found = list(await violations(page))
                if await page.evaluate(WIDER):
                    found.append("wider than the window")
        return found

    assert [] == visitor.run(scenario())
