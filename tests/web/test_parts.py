"""The parts of a page that its script asks for: for the page that asks, or not at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import ClientResponse

from tests.web.fake import Town
from tests.web.gatehouse import gatehouse
from tests.web.site import Site, site
from web.pages import STATIC

TEMPLATES = STATIC.parent / "templates"
#: Each request htmx makes, read in the templates: a new one is in every test below by itself.
ASKED = sorted(
    {
        (verb, re.sub(r"\{\{.*?\}\}", "1", address).partition("?")[0])
        for path in TEMPLATES.glob("*.html")
        for verb, address in re.findall(r'hx-(get|post)="([^"]+)"', path.read_text("utf-8"))
    }
)
TEXT = [("text", "Coupure d'eau"), ("group", "2"), ("channel", "sms"), ("key", "k"),
        ("urgency", "service")]  # fmt: skip


async def ask(browser: Site, verb: str, address: str, made_for: str = "") -> ClientResponse:
    """Ask for a part as htmx does, from a page made for an account and a town."""
    headers = {"HX-Request": "true", "X-Page": made_for, "Origin": browser.origin}
    if verb == "get":
        return await browser.client.get(address, headers=headers, allow_redirects=False)
    return await browser.post(address, TEXT, headers=headers)


def test_every_request_of_every_page_is_known_here() -> None:
    """An empty table would make all that follows true."""
    assert {"/contacts", "/messages/prevision", "/messages/qui", "/messages/ecouter",
            "/messages/1/suivi", "/modems/etat", "/modems/appel"} == {
        address for _, address in ASKED
    }  # fmt: skip


@pytest.mark.parametrize(("verb", "address"), ASKED)
async def test_whoever_is_logged_out_is_told_so_in_one_sentence(verb: str, address: str) -> None:
    """The login page put into the middle of a form would wipe out what is typed there."""
    async with site(role=None) as browser:
        answer = await ask(browser, verb, address)
        said = await answer.text()

    assert (answer.status, answer.content_type) == (401, "text/plain")
    assert said == "Votre connexion a pris fin."


@pytest.mark.parametrize(("verb", "address"), ASKED)
async def test_a_page_of_another_town_gets_no_part_and_switches_nothing(
    verb: str, address: str
) -> None:
    """Its heading says La Redorte; Azille's people in it, or a press there, would be a mistake."""
    town = Town()
    acted: list[int] = []

    async def act_for(session: Any, number: int) -> None:
        acted.append(number)

    cast("Any", town.accounts).act_for = act_for
    async with site(town) as browser:
        user = next(iter(town.accounts.sessions.values())).actor.user_id or 0
        browser.csrf += f".{user}.7"
        answer = await ask(browser, verb, address, f"{user}.7")
        said = await answer.text()

    assert (answer.status, answer.content_type) == (409, "text/plain")
    assert said == "Dans une autre fenêtre, vous agissez maintenant pour une autre commune."
    assert acted == []


@pytest.mark.parametrize(("verb", "address"), ASKED)
async def test_a_page_of_another_account_gets_no_part(verb: str, address: str) -> None:
    """Somebody else has logged in at the counter, the page of before still stands there."""
    async with site() as browser:
        browser.csrf = "another.99.1"
        answer = await ask(browser, verb, address, "99.1")
        said = await answer.text()

    assert (answer.status, said) == (409, "Vous vous êtes reconnecté dans une autre fenêtre.")


@pytest.mark.parametrize(("verb", "address"), ASKED)
async def test_every_page_that_asks_says_for_whom_it_was_made(verb: str, address: str) -> None:
    """Else none of its requests could be told from those of another town's."""
    async with site() as browser:
        page = await browser.text("/messages/nouveau")
        made_for = re.search(r"<body hx-headers='\{\"X-Page\": \"([\d.]+)\"\}'>", page)
        assert made_for
        answer = await ask(browser, verb, address, made_for[1])

    assert answer.status == 200


@pytest.mark.parametrize("address", ["/messages/1/suivi", "/modems/etat", "/nulle-part"])
async def test_what_is_refused_or_missing_is_said_in_one_sentence_too(address: str) -> None:
    """Not as a page with a menu of its own."""
    async with site(role="visitor") as browser:
        answer = await ask(browser, "get", address)

        assert answer.status in {403, 404}
        assert answer.content_type == "text/plain"
        assert "<" not in await answer.text()


async def test_a_page_opened_before_the_last_login_keeps_its_words_for_its_own_press(
    tmp_path: Path,
) -> None:
    """What a script sends waits nowhere: it would be shown instead of a form somebody pressed."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("sylvie")
        old = re.search(r'name="csrf" value="([^"]+)"', await visitor.text("/messages/nouveau"))
        assert old
        await visitor.log_in("sylvie")
        headers = {**visitor.headers, "HX-Request": "true"}
        answer = await visitor.client.post(
            "/messages/prevision", data=[("csrf", old[1]), *TEXT], headers=headers,
            allow_redirects=False,
        )  # fmt: skip
        said = await answer.text()
        home = await visitor.get("/")

    assert (answer.status, said) == (409, "Vous vous êtes reconnecté dans une autre fenêtre.")
    assert "reprise" not in str(home.url)
