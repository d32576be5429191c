"""Requests to be warned, on their page."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from tests.sweeps import in_windows
from tests.tools import require
from tests.web.conftest import Visitor
from tests.web.everybody import unusable
from tests.web.real import RealTown, real_town
from tests.web.site import site
from tests.web.test_inbox_page import STRANGER, hear, one_modem, until


async def asked(town: RealTown) -> None:
    """Have somebody ask and confirm."""
    inbox = town.box.network.handset(STRANGER).inbox

    async def answered() -> bool:
        return len(inbox) > 0

    await hear(town, STRANGER, "ALERTE 12 rue du Port")
    await until(answered)
    await hear(town, STRANGER, f"OUI {inbox[-1].text.split('OUI ')[1][:4]}")


async def test_the_sheet_and_the_card_have_the_boxs_numbers(tmp_path: Path) -> None:
    """And say so where nobody knows them, instead of a sign that leads nowhere."""

    async def unknown() -> tuple[str, ...]:
        return ()

    async with real_town(tmp_path, one_modem()) as town, site(cast("Any", town)) as browser:
        town.box.daemon._doors.numbers._asked = unknown  # type: ignore[method-assign]
        bare = await browser.text("/contacts/inscriptions")
        nothing = await browser.get("/contacts/inscriptions/signe.svg")
        await town.services.launching.set_numbers(town.actor, "06 39 98 00 50")
        card = await browser.text("/contacts/inscriptions/alerte.vcf")
        sheet = await (await browser.get("/contacts/inscriptions/feuille.pdf")).read()

    assert "Aucune carte SIM ne connaît son numéro" in bare
    assert 404 == nothing.status
    assert "TEL:+33639980050" in card
    assert sheet.startswith(b"%PDF")


async def test_the_secretary_lets_somebody_in_or_turns_them_down(tmp_path: Path) -> None:
    made = one_modem()
    async with real_town(tmp_path, made) as town, site(cast("Any", town)) as browser:
        await asked(town)
        shown = await browser.text("/contacts/inscriptions")
        groups = await town.services.directory.groups(town.actor)
        fields = {"name": "", "street": "rue du Port", "group_id": str(groups[0].id)}
        empty = await browser.post("/contacts/inscriptions/1/inscrire", fields)
        done = await browser.post("/contacts/inscriptions/1/inscrire", {**fields, "name": "Vidal"})
        again = await browser.post("/contacts/inscriptions/1/inscrire", {**fields, "name": "Vida"})
        after = await browser.text("/contacts/inscriptions")
        found = await browser.text("/contacts?q=vidal")

    assert "12 rue du Port" in shown
    assert 'value="rue du Port"' in shown
    assert [400, 303, 400] == [empty.status, done.status, again.status]
    assert "Personne n'attend" in after or "Personne n&#39;attend" in after
    assert "Vidal" in found


@pytest.mark.real_time
@in_windows
def test_the_page_of_requests_is_usable_by_everybody(
    tmp_path: Path, visitor: Visitor, width: int
) -> None:
    """No axe violation, no sideways scrolling, narrow and wide."""

    async def scenario() -> list[str]:
        async with real_town(tmp_path, one_modem()) as town:
            await asked(town)
            await town.services.launching.set_numbers(town.actor, "06 39 98 00 50")
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                found = await unusable(page, here, ["/contacts/inscriptions"])
                shown = str(tmp_path / "sign.png")
                await page.locator("img[src$='signe.svg']").screenshot(path=shown)
        return found

    zbarimg = [require("zbarimg", "zbar-tools"), "-q", "--raw", str(tmp_path / "sign.png")]
    assert [] == visitor.run(scenario())
    read = subprocess.run(zbarimg, capture_output=True, text=True, check=True)
    assert "SMSTO:+33639980050:ALERTE \n" == read.stdout
