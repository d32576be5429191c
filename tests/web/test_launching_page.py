"""Who may launch by telephone: on the page, with a PIN that is seen once, and a sheet."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.services import Refused
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.real import RealTown, real_town
from tests.web.site import Site, site
from tests.web.test_browser import violations

pytestmark = pytest.mark.real_time
MAYOR = "+33639980007"
HERE = "/appels/lancement"
READY = {
    "text": "L'eau monte.", "urgency": "vital", "group": "1", "channel": "sms", "action": "keep",
    "ready_name": "Crue",
}  # fmt: skip


async def prepared(town: RealTown, browser: Site) -> None:
    """Have a telephone that may launch, and an alert made ready."""
    await browser.post("/appels/autoriser", {"name": "Mme le maire", "number": "06 39 98 00 07"})
    await browser.post(f"{HERE}/role", {"number": MAYOR, "launcher": "1"})
    assert 303 == (await browser.post("/messages/nouveau", READY)).status
    await browser.post(f"{HERE}/mot", {"id": "1", "word": "Crue"})
    await browser.post(f"{HERE}/numeros", {"numbers": "06 39 98 01 01\n06 39 98 01 02"})


async def test_a_pin_is_drawn_and_shown_once(tmp_path: Path) -> None:
    """Then nobody sees it again, on the page or in the base."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await prepared(town, browser)
        answer = await browser.post(f"{HERE}/pin", {"number": MAYOR, "pin": ""})
        shown = await answer.text()
        again = await browser.text(HERE)
        stored = await town.box.daemon.store.read(
            lambda db: [row["hash"] for row in db.execute("SELECT hash FROM launch_pin")]
        )

    pin = re.search(r'class="code">(\d{6})<', shown)
    assert pin is not None
    assert "no-store" == answer.headers["Cache-Control"]
    assert pin[1] not in again
    assert "PIN donné" in again
    assert [True] == [one.startswith("$argon2id$") for one in stored]


@pytest.mark.parametrize("pin", ["123", "123456789", "4567", "1111", "1212", "12a4"])
async def test_a_pin_that_is_guessed_first_is_refused(tmp_path: Path, pin: str) -> None:
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await prepared(town, browser)
        answer = await browser.post(f"{HERE}/pin", {"number": MAYOR, "pin": pin})
        shown = await answer.text()

    assert 400 == answer.status
    assert 'aria-invalid="true"' in shown


async def test_who_is_trusted_no_more_has_no_pin_any_more(tmp_path: Path) -> None:
    """Neither by losing the role nor by leaving the list and coming back."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await prepared(town, browser)
        await browser.post(f"{HERE}/pin", {"number": MAYOR, "pin": "4821"})
        await browser.post("/appels/retirer", {"number": MAYOR})
        await browser.post("/appels/autoriser", {"name": "X", "number": "06 39 98 00 07"})
        left = await town.services.launching.telephones(town.actor)
        await browser.post(f"{HERE}/role", {"number": MAYOR, "launcher": "1"})
        await browser.post(f"{HERE}/pin", {"number": MAYOR, "pin": "4821"})
        await browser.post(f"{HERE}/role", {"number": MAYOR, "technician": "1"})
        technician = await town.services.launching.telephones(town.actor)

    assert [(False, None)] == [(one.launcher, one.pin_since) for one in left]
    assert [(True, None)] == [(one.technician, one.pin_since) for one in technician]


@pytest.mark.parametrize("word", ["OUI", "stop", "alerte", "deux mots", "C4", "état"])
async def test_a_word_that_means_something_else_is_refused(tmp_path: Path, word: str) -> None:
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await prepared(town, browser)
        answer = await browser.post(f"{HERE}/mot", {"id": "1", "word": word})

    assert 400 == answer.status


async def test_a_word_launches_one_scenario_only(tmp_path: Path) -> None:
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await prepared(town, browser)
        await browser.post("/messages/nouveau", {**READY, "ready_name": "Autre crue"})
        answer = await browser.post(f"{HERE}/mot", {"id": "2", "word": "crue"})
        shown = await answer.text()

    assert 400 == answer.status
    assert "lance déjà un autre message" in shown


async def test_the_sheet_is_one_page_with_numbers_and_words_and_no_pin(tmp_path: Path) -> None:
    """What lies by the bed helps whoever may launch, and nobody else."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await prepared(town, browser)
        await browser.post(f"{HERE}/pin", {"number": MAYOR, "pin": "482157"})
        page = await browser.text(HERE)
        address = re.search(rf'href="({HERE}/fiche/[^"]+)"', page)
        assert address is not None
        answer = await browser.get(address[1])
        pdf = await answer.read()

    said = text_of(pdf)
    assert (200, "application/pdf") == (answer.status, answer.headers["Content-Type"])
    assert 1 == pdf.count(b"/Type /Page\n")
    for words in ("06 39 98 01 01", "06 39 98 01 02", "CRUE", "ANNULE", "ETAT", "Mme le maire"):
        assert words in said
    assert "482157" not in said


def text_of(pdf: bytes) -> str:
    """Return what is written on a PDF of ours."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    plain = b"".join(zlib.decompress(one) for one in streams if one[:1] == b"x")
    return plain.decode("windows-1252").replace("\\(", "(").replace("\\)", ")")


async def test_a_sender_sees_who_may_launch_and_changes_nothing(tmp_path: Path) -> None:
    """Whose finger is on the bell is the administrator's to say."""
    async with real_town(tmp_path) as town:
        async with site(cast("Any", town)) as browser:
            await prepared(town, browser)
        actor = town.actor.__class__(2, "s", "S", "sender", 1, "La Redorte")
        for attempt in (
            town.services.launching.set_pin(actor, MAYOR),
            town.services.launching.remove_pin(actor, MAYOR),
            town.services.launching.let(actor, MAYOR, launcher=True, technician=True),
            town.services.launching.set_numbers(actor, "06 39 98 01 01"),
        ):
            with pytest.raises(Refused, match="administrateur"):
                await attempt


@in_windows
def test_the_page_is_for_everybody(visitor: Visitor, tmp_path: Path, width: int) -> None:
    """No violation, narrow and wide, also with a PIN shown."""

    async def scenario() -> list[str]:
        async with real_town(tmp_path) as town:
            async with site(cast("Any", town)) as browser:
                await prepared(town, browser)
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                await page.goto(f"{here}/appels")
                found = await violations(page)
                await page.goto(here + HERE)
                found += await violations(page)
                await page.fill("#pin-1", "482157")
                await page.get_by_role("button", name="Donner un PIN").click()
                return found + await violations(page)

    assert [] == visitor.run(scenario())
