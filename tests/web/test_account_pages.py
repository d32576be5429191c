"""« Mon compte » and what goes with it, in a real browser: for everybody, on desk and telephone."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Page, expect

from gateway.enrol_form import as_svg
from gateway.services import AuthorityView, Browser
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.everybody import WIDER
from tests.web.gatehouse import PASSWORD, furnished
from tests.web.test_browser import violations

pytestmark = pytest.mark.real_time
ADDRESS = "https://tocsin.local:8443"
OWN = AuthorityView(b"der", ":".join(["AB"] * 32), (ADDRESS,), as_svg(f"{ADDRESS}/certificat"))


@in_windows
def test_the_account_is_guarded_by_everybody_on_any_screen(
    visitor: Visitor, tmp_path: Path, width: int
) -> None:
    """Second step, recovery sheet, sessions, a colleague helped; no violation, nothing sideways."""

    async def scenario() -> list[str]:
        async with furnished(tmp_path) as (town, _, clock):
            town.authority = lambda: OWN
            await asyncio.gather(*(town.accounts.log_in(*who) for who in OTHERS))
            async with visitor.visit(town, role=None, width=width) as (page, here):
                return await walk(page, here, clock.now)

    assert visitor.run(scenario()) == []


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit Version/18 Mobile Safari/604"
OTHERS = [
    ("maire", PASSWORD, Browser("10.8.0.2", IPHONE)),
    ("sylvie", PASSWORD, Browser("192.168.1.30", "Mozilla/5.0 (Windows NT 10.0) Firefox")),
]


async def walk(page: Page, here: str, now) -> list[str]:  # type: ignore[no-untyped-def]
    found: list[str] = []

    async def look(name: str) -> None:
        found.extend(f"{name}: {one}" for one in await violations(page))
        if await page.evaluate(WIDER):
            found.append(f"{name} is wider than the window")

    await page.goto(f"{here}/certificat")
    await look("certificate")
    await page.goto(f"{here}/connexion")
    await look("login")
    await enter(page, here)
    await page.get_by_role("link", name="Odile Roux").click()
    await expect(page.get_by_text("Safari, iPhone")).to_be_visible()
    await look("account")
    await page.get_by_role("button", name="Mettre en service").click()
    await look("two-factor")
    secret = await page.locator("code").first.inner_text()
    await page.get_by_label("Code à six chiffres").fill(pyotp.TOTP(secret).at(int(now())))
    await page.get_by_role("button", name="Mettre en service").click()
    await expect(page.get_by_role("heading", name="Codes de secours")).to_be_visible()
    sheet = await page.locator(".codes").inner_text()
    await look("codes")
    await page.get_by_role("button", name="C'est noté, continuer").click()
    await page.goto(f"{here}/compte/mot-de-passe")
    await look("password")
    await page.goto(f"{here}/compte/personnes")
    await page.get_by_text("Aider Sylvie Puig").click()
    await page.get_by_role("button", name="Donner à Sylvie Puig").click()
    await look("care")
    await page.get_by_role("button", name="Se déconnecter").click()
    await enter(page, here)
    await look("code")
    await page.get_by_label("Le code à six chiffres").fill(re.findall(r"\S{14}", sheet)[0])
    await page.get_by_role("button", name="Continuer").click()
    await expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()
    return found


async def enter(page: Page, here: str) -> None:
    await page.goto(f"{here}/connexion")
    await page.get_by_label("Identifiant").fill("maire")
    await page.get_by_label("Mot de passe").fill(PASSWORD)
    await page.get_by_role("button", name="Se connecter").click()
