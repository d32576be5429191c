"""The file sent for help holds nothing of anybody, whatever went through the box."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.store import facts
from gateway.upkeep import look_data
from gateway.upkeep.findings import Finding
from tests.harness import NIGHT
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


async def test_the_whole_database_is_read_once_in_a_while_and_never_beside_an_alert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks at the box during an alert must not be heard in its calls."""
    read: list[Path] = []
    whole = look_data.database

    def counted(path: Path) -> Iterator[Finding]:
        read.append(path)
        return whole(path)

    monkeypatch.setattr(look_data, "database", counted)
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        number = await town.box.raise_alert(TEXT, to=["06 39 98 00 01", "06 39 98 00 03"])
        during = await browser.text("/modems/boitier")
        assert [] == read
        await town.box.finished(number)
        after, again = [await browser.text("/modems/boitier") for _ in range(2)]
        assert 1 == len(read)
        await town.box.advance(900)
        await browser.text("/modems/boitier")

    assert "la base n&#39;est pas relue pendant une alerte" in during
    assert "la base est saine" in after
    assert "la base est saine" in again
    assert 2 == len(read)


async def test_a_mended_database_is_said_beside_the_modems_until_somebody_has_seen_it(
    tmp_path: Path,
) -> None:
    """That it is sound now says nothing of the hours it has lost."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        told = {"copied_at": NIGHT.timestamp() - 7200}
        now = NIGHT.timestamp()
        await town.box.daemon.store.write(lambda db: facts.note(db, "mended", told, now))
        before = await browser.text("/modems/boitier")
        answer = await browser.post("/modems/boitier/base", {})
        after = await browser.text("/modems/boitier")

    assert "perdu : du 24/11 à 01 h 00 au 24/11 à 03 h 00" in before
    assert "J&#39;ai vu</button>" in before or "J'ai vu</button>" in before
    assert (303, "/modems/boitier") == (answer.status, answer.headers["Location"])
    assert "ai vu</button>" not in after


async def test_a_technician_says_on_the_page_that_the_machine_s_time_is_right(
    tmp_path: Path,
) -> None:
    """One button, where the clock is said to be in doubt; nothing of it where it is not."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        calm = await browser.text("/modems/boitier")
        refused = await browser.post("/modems/boitier/heure", {})
        clock = town.box.daemon.clock
        clock.remember(clock.now() + 3600)
        doubt = await browser.text("/modems/boitier")
        answer = await browser.post("/modems/boitier/heure", {})
        after = await browser.text("/modems/boitier")
        source = clock.source

    assert "heure de la machine est juste</button>" in doubt
    assert "est juste" not in calm + after
    assert 400 == refused.status
    assert (303, "/modems/boitier") == (answer.status, answer.headers["Location"])
    assert "system" == source
