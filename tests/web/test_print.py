"""On paper: what is to be read, and nothing to press."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from tests.web import test_roles as table
from tests.web.conftest import Visitor
from tests.web.test_links import busy

pytestmark = pytest.mark.real_time

#: What somebody prints: a council's sheet for the table, the calendar for the wall, …
PAGES = ("/messages/2", "/messages/2/conseil", "/calendrier", "/messages/1", "/contacts",
         "/contacts/1", "/groupes", "/gardes", "/messages/2/porte-a-porte", "/reponses",
         "/journal", "/modems", "/reglages/communes")  # fmt: skip
PRESSED = "button, [role=button], input[type=submit], input[type=search]"


@pytest.mark.timeout(120)
def test_no_button_is_printed(visitor: Visitor, tmp_path: Path) -> None:
    """Nineteen grey boxes between the names of a council are ink, and hide who is missing."""

    async def scenario() -> list[str]:
        found: list[str] = []
        async with table.everybody(tmp_path) as (town, sessions):
            await busy(town, sessions["administrator"])
            served = cast("Any", table.Served(town, sessions["administrator"]))
            async with visitor.visit(served) as (page, here):
                await page.emulate_media(media="print")
                for path in PAGES:
                    await page.goto(here + path)
                    assert await page.locator("h1").first.is_visible(), path
                    printed = await page.locator(PRESSED).filter(visible=True).all_inner_texts()
                    found += [f"{path}: {one}" for one in printed]
        return found

    assert visitor.run(scenario(), limit=100) == []
