"""The file sent for help holds nothing of anybody, whatever went through the box."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from tests.web.real import LIST, real_town
from tests.web.site import site

TEXT = "Crue de l'Argent-Double : gagnez la salle communale."


async def test_the_diagnostic_file_has_no_name_number_or_text_of_the_town(tmp_path: Path) -> None:
    """It leaves the town hall."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        number = await town.box.raise_alert(TEXT, to=["06 39 98 00 01", "06 39 98 00 03"])
        await town.box.finished(number)
        said = await browser.text("/modems/diagnostic.txt")
        beside = await browser.text("/modems/boitier")

    assert "# Modem orange-1" in said
    assert "broadcast.created" in said
    assert "Tocsin" in beside
    flat = said.replace(" ", "").replace(".", "")
    for line in LIST.splitlines()[1:]:
        name, first, telephone, street, *_ = line.split(";")
        for secret in filter(None, (name, first, street, telephone)):
            assert secret not in said, secret
        assert not telephone or telephone.replace(" ", "")[1:] not in flat
    assert "Argent-Double" not in said
    assert "Camille" not in said
