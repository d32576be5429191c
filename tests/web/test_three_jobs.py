"""The three roles at their work, from login to report, on the running daemon.

Each job with and without script; the actions of the first alert are counted, and the three main
jobs are done by keyboard alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import Locator, Page, expect

from gateway.services import Draft
from tests.web.conftest import Visitor
from tests.web.real import RealTown, real_town

pytestmark = pytest.mark.real_time
PASSWORD = "trois mots au hasard"
NAMES = ("Alibert", "Bonnet", "Cros", "Denat")
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


class Hands:
    """Somebody at a page: every gesture counted, by mouse or by keyboard alone."""

    def __init__(self, page: Page, here: str, *, keyboard: bool = False) -> None:
        self.page, self.here, self.keyboard, self.actions = page, here, keyboard, 0

    async def log_in(self, login: str) -> None:
        await self.page.goto(self.here)
        for label, text in (("Identifiant", login), ("Mot de passe", PASSWORD)):
            await self.type(self.page.get_by_label(label, exact=True), text)
        await self.press("Se connecter")
        self.actions = 0

    async def type(self, field: Locator, text: str) -> None:
        self.actions += 1
        if self.keyboard:
            await self._reach(field)
            await self.page.keyboard.type(text)
        else:
            await field.fill(text)

    async def tick(self, label: str) -> None:
        self.actions += 1
        box = self.page.get_by_label(label)
        if self.keyboard:
            await self._reach(box)
            await self.page.keyboard.press("Space")
        else:
            await box.check()

    async def press(self, name: str) -> None:
        """Press a button, or follow a link, by what it says."""
        self.actions += 1
        found = self.page.get_by_role("button", name=name).or_(
            self.page.get_by_role("link", name=name)
        )
        await expect(found.first).to_be_visible()
        if self.keyboard:
            await self._reach(found.first)
            await self.page.keyboard.press("Enter")
        else:
            await found.first.click()
        await self.page.wait_for_load_state()

    async def _reach(self, wanted: Locator) -> None:
        """Tab until ``wanted`` has the focus: what the mouse reaches, the keyboard must too."""
        for _ in range(120):
            if await wanted.evaluate("(one) => one === document.activeElement"):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {wanted}")


@asynccontextmanager
async def at_work(
    visitor: Visitor, folder: Path, *, script: bool = True, keyboard: bool = False,
    width: int = 1280,
) -> AsyncIterator[tuple[RealTown, Hands]]:  # fmt: skip
    """Run a box with an account of each role and a ready alert; open the login page."""
    async with real_town(folder) as town:
        for role in ("sender", "approver", "technician"):
            await town.services.accounts.add(role, f"Compte {role}", PASSWORD, role)
        draft = Draft("La rivière déborde : montez.", group_ids=(1,), channels=("sms", "voice"),
                      urgency="vital")  # fmt: skip
        await town.services.ready.keep(town.actor, "Crue", draft)
        async with visitor.visit(cast("Any", town), None, width, java_script_enabled=script) as (
            page,
            here,
        ):
            yield town, Hands(page, here, keyboard=keyboard)


async def raise_the_first_alert(hands: Hands, *, script: bool) -> None:
    """Write and send an alert that nobody has made ready."""
    await hands.log_in("sender")
    await hands.press("Écrire une alerte")
    await hands.tick("Quartier inondable")
    await hands.type(hands.page.locator("#text"), "La digue cède : quittez les caves.")
    if not script:
        await hands.press("Vérifier")
    await hands.press("Envoyer l'alerte")
    await hands.press("Oui, alerter 3 personnes")
    await expect(hands.page.get_by_role("heading", level=1)).to_contain_text("La digue cède")


@SCRIPT
def test_a_secretary_raises_a_first_alert_and_takes_its_report(
    visitor: Visitor, tmp_path: Path, script: bool
) -> None:
    """Never having seen it: five actions after the login, one more without script."""

    async def scenario() -> tuple[int, bytes]:
        async with at_work(visitor, tmp_path, script=script) as (_, hands):
            await raise_the_first_alert(hands, script=script)
            actions = hands.actions
            async with hands.page.expect_download() as waiting:
                await hands.page.get_by_role("link", name="PDF").click()
            report = await (await waiting.value).path()
            return actions, await asyncio.to_thread(Path(report).read_bytes)

    actions, report = visitor.run(scenario())

    assert actions <= (5 if script else 6)
    assert report.startswith(b"%PDF")


@SCRIPT
def test_a_mayor_launches_watches_and_ends_an_alert(
    visitor: Visitor, tmp_path: Path, script: bool
) -> None:
    """At three in the morning, on a telephone."""

    async def scenario() -> int:
        async with at_work(visitor, tmp_path, script=script, width=360) as (_, hands):
            await hands.log_in("approver")
            await hands.press("Crue")
            await hands.press("Oui, alerter")
            launched = hands.actions
            await expect(hands.page.locator("#avancement")).to_be_visible()
            await hands.press("Fin d'alerte")
            await hands.press("Envoyer à")
            await expect(hands.page.get_by_role("heading", level=1)).to_contain_text("Crue")
            return launched

    assert 2 == visitor.run(scenario())


@SCRIPT
def test_a_technician_sees_how_all_is_and_nobodys_name(
    visitor: Visitor, tmp_path: Path, script: bool
) -> None:
    """Health, never names: on no page the menu leads to."""

    async def scenario() -> list[str]:
        said = []
        async with at_work(visitor, tmp_path, script=script) as (town, hands):
            await town.services.alerting.launch(town.actor, 1, "clé")
            await hands.log_in("technician")
            await expect(hands.page.get_by_role("heading", level=1)).to_have_text("Modems")
            said.append(await hands.page.content())
            await hands.press("Aide")
            said.append(await hands.page.content())
        return said

    said = visitor.run(scenario())

    assert "orange-1" in said[0]
    assert not [name for page in said for name in (*NAMES, "rivière") if name in page]


@pytest.mark.parametrize("role", ["sender", "approver", "technician"])
def test_each_job_is_done_by_keyboard_alone(visitor: Visitor, tmp_path: Path, role: str) -> None:
    """Who cannot hold a mouse can raise the alarm."""

    async def scenario() -> str:
        async with at_work(visitor, tmp_path, keyboard=True) as (_, hands):
            if role == "sender":
                await raise_the_first_alert(hands, script=True)
            else:
                await hands.log_in(role)
            if role == "approver":
                await hands.press("Crue")
                await hands.press("Oui, alerter")
            if role == "technician":
                await hands.press("Aide")
                await hands.press("Guide du technicien")
            await expect(hands.page.get_by_role("heading", level=1)).to_be_visible()
            return hands.page.url

    ends = {"technician": "/aide/technicien"}.get(role, "/messages/1")
    assert visitor.run(scenario()).endswith(ends)
