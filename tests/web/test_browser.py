"""What a real browser makes of the pages: for everybody, by keyboard, live, and without script."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, expect

from tests.sweeps import DESK, EVERY_WINDOW, PHONE, in_windows
from tests.web.conftest import Visitor
from tests.web.fake import PASSWORD, Town

pytestmark = pytest.mark.real_time

#: Those with most on them; `test_every_page` and the tests it names look at all the others.
PAGES = ["/messages", "/messages/nouveau", "/messages/1", "/messages/1?etat=failed"]
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
AXE = Axe().axe_script
CONTRAST = {"runOnly": ["color-contrast"]}
HIDE = """Object.defineProperty(document, "hidden", {value: true, configurable: true});
document.dispatchEvent(new Event("visibilitychange"))"""
TEXT = "L’eau monte : les caves vont être inondées."


async def violations(page: Page) -> list[str]:
    """Return what stands between this page and somebody, as axe sees it.

    Every rule in the window it was opened in. If that is a telephone's, it then becomes a desk's,
    in the dark: can the colours still be told apart, does all fit? ``make bench`` asks for every
    rule in every window, light and dark (TOCSIN_AXE=all).
    """
    found = [*await _axe(page, RULES), *await sideways(page)]
    if EVERY_WINDOW:
        async with _in_the_dark(page):
            found += [f"dark: {one}" for one in await _axe(page, RULES)]
    elif (size := page.viewport_size) is not None and size["width"] == PHONE:
        async with _in_the_dark(page):
            await page.set_viewport_size({"width": DESK, "height": size["height"]})
            found += [f"dark: {one}" for one in await _axe(page, CONTRAST)]
            found += [f"desk: {one}" for one in await sideways(page)]
            await page.set_viewport_size(size)
    return found


async def sideways(page: Page) -> list[str]:
    """Return by how much a page is wider than its window, if it is."""
    overflow = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [f"{page.url} scrolls sideways by {overflow}"] if overflow > 0 else []


@asynccontextmanager
async def _in_the_dark(page: Page) -> AsyncIterator[None]:
    # what moves is measured when it has arrived
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    yield
    await page.emulate_media(color_scheme="light", reduced_motion="no-preference")


async def _axe(page: Page, rules: dict[str, Any]) -> list[str]:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    # only what is wrong: the rest of its answer takes longer to hand over than to find
    found = await page.evaluate("(rules) => axe.run(rules).then((all) => all.violations)", rules)
    return [
        f"{page.url} {one['id']}: {node['target']} {node['html'][:80]}"
        for one in found
        for node in one["nodes"]
    ]


async def fill_in(page: Page, here: str, urgency: str) -> None:
    """Write a message to one group; wait until its figures are there."""
    await page.goto(f"{here}/messages/nouveau")
    await page.fill("#text", TEXT)
    await page.get_by_label("Quartier inondable").check()
    await page.locator("#urgence > summary").click()
    await page.locator(f"input[value={urgency}]").check()
    await expect(page.locator("#envoyer")).to_be_visible()


async def visit_all(
    page: Page, here: str, look: Callable[[Page], Awaitable[list[str]]]
) -> list[str]:
    """Return what ``look`` finds on the pages with most on them, folds open."""
    found = []
    for address in PAGES:
        await page.goto(here + address)
        await page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
        found += await look(page)
    await fill_in(page, here, "vital")
    found += await look(page)
    await page.click("#envoyer")
    await expect(page.get_by_role("heading", name="Envoyer cette alerte")).to_be_visible()
    return found + await look(page)


@in_windows
def test_every_page_is_for_everybody(visitor: Visitor, width: int) -> None:
    """No violation on a desk nor on a telephone, and nothing scrolls sideways.

    The law asks it of a town hall's tools; a secretary with tired eyes asks it too.
    """

    async def scenario() -> list[str]:
        async with visitor.visit(Town(), width=width) as (page, here):
            return await visit_all(page, here, violations)

    assert visitor.run(scenario()) == []


def test_nothing_scrolls_sideways_at_twice_the_size(visitor: Visitor) -> None:
    """A desk at 200 % of zoom; ``make bench`` asks axe, too."""

    async def scenario() -> list[str]:
        async with visitor.visit(Town(), width=640, device_scale_factor=2) as (page, here):
            return await visit_all(page, here, violations if EVERY_WINDOW else sideways)

    assert visitor.run(scenario()) == []


@in_windows
def test_the_doors_are_for_everybody(visitor: Visitor, width: int) -> None:
    """Login and first account too."""

    async def scenario() -> list[str]:
        found, town = [], Town()
        async with visitor.visit(town, role=None, width=width) as (page, here):
            await page.goto(f"{here}/connexion")
            found += await violations(page)
            town.accounts.first = True
            await page.goto(f"{here}/premier-compte")
            found += await violations(page)
            town.accounts.first = False
        return found

    assert visitor.run(scenario()) == []


def test_a_message_is_written_and_sent_by_keyboard_alone(visitor: Visitor) -> None:
    """From the login to the progress page, without touching a mouse."""

    async def scenario() -> Town:
        town = Town()
        async with visitor.visit(town, role=None) as (page, here):
            await page.goto(here)
            await tab_to(page, "login")
            await page.keyboard.type("sender")
            await page.keyboard.press("Tab")
            await page.keyboard.type(PASSWORD)
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("heading", name="Messages")).to_be_visible()
            await tab_to(page, "", "Écrire un message")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/messages/nouveau")
            await tab_to(page, "", "Quartier inondable")
            await page.keyboard.press("Space")
            await tab_to(page, "text")
            await page.keyboard.type(TEXT)
            await expect(page.locator("#envoyer")).to_be_visible()
            await tab_to(page, "envoyer")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/messages/1")
        return town

    sent = visitor.run(scenario()).broadcasts.sent

    assert [draft.text for draft in sent] == [TEXT]
    assert sent[0].group_ids == (2,)


async def tab_to(page: Page, wanted: str, said: str = "") -> None:
    """Press Tab until the element called ``wanted`` (or labelled ``said``) has a visible focus."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        focused: dict[str, Any] = await page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
            return {id: e.id, said: (e.closest("label") || e).textContent,
                    outline: parseFloat(s.outlineWidth) * (s.outlineStyle !== "none")}; }"""
        )
        if (focused["id"] == wanted and wanted) or (said and said in focused["said"]):
            assert focused["outline"] >= 2, f"no visible focus on {focused}"
            return
    pytest.fail(f"no way to {wanted or said} by keyboard")


def test_figures_follow_the_text_while_it_is_written(visitor: Visitor) -> None:
    """Segments, dear characters, people and duration, without pressing anything."""

    async def scenario() -> None:
        async with visitor.visit(Town()) as (page, here):
            await fill_in(page, here, "service")
            await expect(page.locator("#mesure")).to_contain_text("apostrophe courbe")
            await expect(page.locator("#prevision")).to_contain_text("12 personnes")
            await expect(page.get_by_role("button", name="Vérifier")).to_be_hidden()
            await page.get_by_role("button", name="Remplacer par ce texte").click()
            await expect(page.locator("#text")).to_have_value(TEXT.replace("’", "'"))

    visitor.run(scenario())


def test_progress_comes_by_itself_and_leaves_folds_open(visitor: Visitor) -> None:
    """Whoever watches an alert at night neither reloads nor loses their place."""

    async def scenario() -> None:
        town = Town()
        async with visitor.visit(town) as (page, here):
            await page.goto(f"{here}/messages/1")
            await page.locator("#p1-titre").click()
            await expect(page.locator("#p1")).to_contain_text("référence 12")
            town.broadcasts.reached = 11
            town.live.bump()
            await expect(page.locator("#avancement ~ .figure")).to_contain_text("11 personnes")
            await expect(page.locator("#annonce")).to_contain_text("11 personnes jointes")
            await expect(page.locator("#p1")).to_have_attribute("open", "")
            focused = await page.evaluate("document.activeElement.id")
            assert focused == "p1-titre"

    visitor.run(scenario())


def test_a_hidden_tab_lets_go_and_is_right_when_it_comes_back(visitor: Visitor) -> None:
    """A browser has six connections for a site; the seventh tab must open all the same."""

    async def scenario() -> None:
        town = Town()
        async with visitor.visit(town) as (page, here):
            async with page.expect_response("**/flux/messages/1*"):  # listening has begun
                await page.goto(f"{here}/messages/1")
            await page.evaluate(HIDE)
            town.broadcasts.reached = 11
            town.live.bump()
            await expect(page.locator("#avancement ~ .figure")).to_contain_text("7 personnes")
            await page.evaluate(HIDE.replace("true", "false"))
            await expect(page.locator("#avancement ~ .figure")).to_contain_text("11 personnes")

    visitor.run(scenario())


def test_modems_come_by_themselves(visitor: Visitor) -> None:
    """A stick pulled out shows within the second."""

    async def scenario() -> None:
        town = Town()
        async with visitor.visit(town, role="technician") as (page, here):
            await page.goto(f"{here}/modems")
            town.fleet.listed = town.fleet.listed[:1]
            town.live.bump()
            await expect(page.locator("#modems")).to_contain_text("1 modem en état de marche sur 1")

    visitor.run(scenario())


def test_an_alert_is_sent_without_javascript(visitor: Visitor) -> None:
    """An old browser, or a blocked script, must not stand between a mayor and the town."""

    async def scenario() -> Town:
        town = Town()
        async with visitor.visit(town, java_script_enabled=False) as (page, here):
            await page.goto(f"{here}/messages/nouveau?urgence=vital")
            await page.fill("#text", TEXT)
            await page.get_by_label("Élus").check()
            await page.get_by_role("button", name="Vérifier").click()
            await page.get_by_role("button", name="Envoyer l'alerte").click()
            await page.get_by_role("button", name=re.compile("Oui, alerter 8 personnes")).click()
            await page.wait_for_url("**/messages/1")
            await expect(page.get_by_role("button", name="Actualiser cette page")).to_be_visible()
        return town

    assert len(visitor.run(scenario()).broadcasts.sent) == 1


@in_windows
def test_what_was_typed_before_the_login_ended_is_for_everybody_to_press_again(
    visitor: Visitor, width: int
) -> None:
    """The password asked for, the form as it was, its button; no violation on the way."""

    async def scenario() -> list[str]:
        town = Town()
        async with visitor.visit(town, role="sender", width=width) as (page, here):
            await fill_in(page, here, "service")
            town.accounts.sessions.clear()
            await page.click("#envoyer")
            await expect(page.get_by_text("est gardé, et rien n'est encore fait")).to_be_visible()
            found = await violations(page)
            await page.fill("#login", "sender")
            await page.fill("#password", PASSWORD)
            await page.keyboard.press("Enter")
            await expect(page.locator("#reprise")).to_be_visible()
            await expect(page.locator("#text")).to_have_value(TEXT)
            await expect(page.get_by_label("Quartier inondable")).to_be_checked()
            found += await violations(page)
            assert town.broadcasts.sent == []
            await page.click("#envoyer")
            await page.wait_for_url("**/messages/1")
        return found

    assert visitor.run(scenario()) == []
