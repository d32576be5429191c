"""What could not be kept or asked for is said, and never shown as if it had been."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import pytest
from markupsafe import escape
from playwright.async_api import Page, expect

from gateway.errors import DiskFull
from gateway.services import Refused
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.fake import PASSWORD, Town
from tests.web.site import site
from tests.web.test_browser import fill_in, violations

pytestmark = pytest.mark.real_time

MORE = "Ils sont quatre-vingts."


@asynccontextmanager
async def silent(page: Page) -> AsyncIterator[None]:
    """No answer comes, as when the cable is pulled."""
    await page.route("**/*", lambda route: route.abort())
    yield
    await page.unroute("**/*")


async def a_draft_kept(page: Page, here: str) -> None:
    await fill_in(page, here, "service")
    await expect(page.locator("#garde-a")).to_contain_text("Brouillon gardé")
    await expect(page.locator("#prevision")).to_contain_text("12 personnes")


async def what_is_not_true(page: Page) -> list[str]:
    """Return what the page still shows of what it no longer knows."""
    return [
        said
        for said in ("Brouillon gardé", "12 personnes")
        if await page.locator(".foresee").get_by_text(said).first.is_visible()
    ]


def test_without_an_answer_the_page_says_that_nothing_is_kept_and_goes_on_trying(
    visitor: Visitor,
) -> None:
    """« Vous pouvez fermer cette page » would cost a secretary her morning."""

    async def scenario() -> Town:
        town = Town()
        async with visitor.visit(town, failing=True) as (page, here):
            await a_draft_kept(page, here)
            async with silent(page):
                await page.locator("#text").press_sequentially(" Et")
                await expect(page.locator("[role=alert] p")).to_have_text(
                    "Non gardé. Tocsin ne répond pas. "
                    "Ce que vous avez tapé reste sur cette page tant qu'elle est ouverte."
                )
                for one in ("#envoyer", "[data-stale]"):
                    await expect(page.locator(one)).to_be_hidden()
                assert await what_is_not_true(page) == []
            await page.locator("#text").press_sequentially(MORE)
            await expect(page.locator("#perdu")).to_be_hidden()
            await expect(page.locator("#garde-a")).to_be_visible()
            await expect(page.locator("#envoyer")).to_be_visible()
        return town

    (kept,) = cast("Any", visitor.run(scenario()).services.unfinished).begun.values()
    assert MORE in dict(kept)["text"]


def test_it_is_kept_by_itself_when_answers_come_again(visitor: Visitor) -> None:
    """Whoever has finished typing does not type on to have it kept."""

    async def scenario() -> None:
        async with visitor.visit(Town(), failing=True) as (page, here):
            await a_draft_kept(page, here)
            async with silent(page):
                await page.locator("#text").press_sequentially("!")
                await expect(page.locator("#perdu")).to_be_visible()
            await expect(page.locator("#perdu")).to_be_hidden(timeout=20_000)
            await expect(page.locator("#garde-a")).to_be_visible()

    visitor.run(scenario())


def test_words_just_typed_are_not_said_to_be_kept(visitor: Visitor) -> None:
    """Until the answer is there, closing the page would lose them."""

    async def scenario() -> None:
        async with visitor.visit(Town(), failing=True) as (page, here):
            await a_draft_kept(page, here)
            await page.route("**/messages/prevision", lambda route: None)  # never answered
            await page.locator("#text").press_sequentially("!")
            await expect(page.locator("#garde-a")).to_be_hidden()

    visitor.run(scenario())


@in_windows
def test_whoever_was_logged_out_elsewhere_takes_the_message_up_again(
    visitor: Visitor, width: int
) -> None:
    """One sentence, one button, the password, and the words are there: the last ones too."""

    async def scenario() -> list[str]:
        town = Town()
        async with visitor.visit(town, role="sender", width=width, failing=True) as (page, here):
            await a_draft_kept(page, here)
            town.accounts.sessions.clear()
            await page.locator("#text").press_sequentially(MORE)
            await expect(page.get_by_role("alert")).to_contain_text("Votre connexion a pris fin.")
            assert await what_is_not_true(page) == []
            found = await violations(page)
            await page.get_by_role("button", name="Reprendre ce message").click()
            await page.fill("#login", "sender")
            await page.fill("#password", PASSWORD)
            await page.keyboard.press("Enter")
            await expect(page.locator("#reprise")).to_be_visible()
            assert MORE in await page.locator("#text").input_value()
        return found

    assert visitor.run(scenario()) == []


def test_another_town_chosen_elsewhere_puts_nothing_of_it_into_this_page(
    visitor: Visitor,
) -> None:
    """What is typed for La Redorte is not sent to Azille's people, nor lost."""

    async def scenario() -> None:
        town = Town()
        async with visitor.visit(town, role="sender", failing=True) as (page, here):
            await a_draft_kept(page, here)
            for token, session in town.accounts.sessions.items():
                moved = replace(session.actor, entity_id=7, entity_name="Azille")
                town.accounts.sessions[token] = replace(session, actor=moved)
            await page.locator("#text").press_sequentially(MORE)
            await expect(page.get_by_role("alert")).to_contain_text("pour une autre commune")
            await expect(page.get_by_role("button", name="Reprendre ce message")).to_be_visible()
            assert await page.locator("h1").count() == 1
            assert await what_is_not_true(page) == []

    visitor.run(scenario())


def test_a_search_that_gets_no_answer_does_not_show_the_last_one(visitor: Visitor) -> None:
    """« Durand » above the people called Dupont would be believed."""

    async def scenario() -> None:
        async with visitor.visit(Town(), failing=True) as (page, here):
            await page.goto(f"{here}/contacts")
            async with silent(page):
                await page.locator("#q").press_sequentially("Du")
                await expect(page.get_by_role("alert")).to_contain_text("Tocsin ne répond pas.")
                await expect(page.locator("#liste")).to_be_hidden()
            await page.locator("#q").press_sequentially("r")
            await expect(page.locator("#perdu")).to_be_hidden()
            await expect(page.locator("#liste")).to_be_visible()

    visitor.run(scenario())


@pytest.mark.parametrize("address", ["/modems", "/messages/1"])
def test_a_page_that_follows_says_when_it_cannot_any_more(visitor: Visitor, address: str) -> None:
    """Figures an hour old under « en cours » are worse than none."""

    async def scenario() -> None:
        town = Town()
        async with visitor.visit(town, failing=True) as (page, here):
            async with page.expect_response("**/flux/**"):  # listening has begun
                await page.goto(here + address)
            await page.route("**/etat", lambda route: route.abort())
            await page.route("**/suivi?*", lambda route: route.abort())
            town.live.bump()
            await expect(page.get_by_text("Cette page n'est plus à jour.")).to_be_visible()

    visitor.run(scenario())


@pytest.mark.parametrize("reason", [Refused("Ce brouillon est trop long."), DiskFull()])
async def test_a_draft_that_cannot_be_kept_says_why(reason: Any) -> None:
    """It said nothing, under figures that were right."""
    town = Town()

    async def keep(*_: Any) -> None:
        raise reason

    cast("Any", town.services.unfinished).keep = keep
    async with site(town) as browser:
        fields = [("text", "Coupure d'eau"), ("group", "2"), ("channel", "sms"), ("key", "k"),
                  ("urgency", "service")]  # fmt: skip
        said = await (await browser.post("/messages/prevision", fields)).text()

    assert f"<strong>Non gardé.</strong> {escape(reason.message)}" in said
    assert "12 personnes" in said
    assert "Brouillon gardé" not in said
