"""Nothing typed is lost: whoever logs in again finds the form as it was, to press once more."""

from __future__ import annotations

import asyncio
import html
import re
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import ClientResponse, FormData

from tests.web.fake import Town
from tests.web.gatehouse import Visitor, gatehouse
from tests.web.site import site
from tests.web.test_two_factor import code_of, turned_on
from web import carrying

TEXT = "Coupure d'eau <demain>\net « après-demain »"
COMPOSE = "/messages/nouveau"
FIELDS = [("text", TEXT), ("group", "2"), ("urgency", "information"), ("channel", "sms"),
          ("key", "k"), ("action", "send")]  # fmt: skip


async def left(visitor: Visitor, *more: tuple[str, str], path: str = COMPOSE, at: str = COMPOSE,
               ended: bool = True, **headers: str) -> ClientResponse:  # fmt: skip
    """Open a form, let the session end, then post what was typed meanwhile."""
    found = re.search(r'name="csrf" value="([^"]+)"', await visitor.text(at))
    assert found
    if ended:
        await visitor.post("/deconnexion", at="/compte")
    origin = visitor.headers["Origin"]
    fields = [("csrf", found[1]), *(more or FIELDS)]
    return await visitor.client.post(
        path, data=fields, headers={**visitor.headers, "Referer": origin + at, **headers},
        allow_redirects=False,
    )  # fmt: skip


def kept_in(said: str) -> str:
    found = re.search(r'name="kept" value="([^"]*)"', said)
    return html.unescape(found[1]) if found else ""


async def seen(visitor: Visitor, answer: ClientResponse) -> str:
    """Return the page a login leads to."""
    assert answer.status == 303
    return html.unescape(await (await visitor.get(answer.headers["Location"])).text())


async def test_what_was_typed_is_there_after_the_next_login_and_nothing_was_done(
    tmp_path: Path,
) -> None:
    """The same form, as it was; only a fresh press sends."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("sylvie")
        asked = await left(visitor)
        said = await asked.text()
        wrong = await visitor.log_in("sylvie", "faux", kept=kept_in(said))
        kept = kept_in(await wrong.text())
        page = await seen(visitor, await visitor.log_in("sylvie", kept=kept))
        sent = house.town.broadcasts.sent

    assert asked.status == 200
    assert "ce que vous avez écrit est gardé" in said
    assert f"{TEXT}</textarea>" in page
    assert '<input type="checkbox" name="group" value="2" checked' in page
    assert '<input type="radio" name="urgency" value="information" checked' in page
    assert "appuyez de nouveau" in page
    assert sent == []


async def test_nobody_else_who_logs_in_there_sees_it(tmp_path: Path) -> None:
    """The counter's computer is shared; they are told that it was dropped."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("sylvie")
        kept = kept_in(await (await left(visitor)).text())
        page = await seen(visitor, await visitor.log_in("maire", kept=kept))
        later = await visitor.text(COMPOSE)

    assert "Coupure d'eau" not in page + later
    assert "quelqu'un d'autre" in page


@pytest.mark.parametrize("origin", ["https://ailleurs.example", "null", ""])
async def test_a_form_of_another_site_is_not_carried(tmp_path: Path, origin: str) -> None:
    """Else a page elsewhere could have a clerk send what it likes, at the price of a login."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("sylvie")
        answer = await left(visitor, Origin=origin, Referer=origin)
        said = await answer.text()

    assert answer.status == 403
    assert kept_in(said) == ""
    assert "Coupure" not in said


async def test_it_comes_through_the_second_step_too(tmp_path: Path) -> None:
    """Between password and code nothing is shown, and nothing is lost."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("maire")
        secret, _ = await turned_on(visitor)
        await house.passes(60)
        kept = kept_in(await (await left(visitor)).text())
        first = await visitor.log_in("maire", kept=kept)
        between = await visitor.text("/connexion/code")
        second = await visitor.post("/connexion/code", code=code_of(house, secret))
        page = await seen(visitor, second)

    assert first.headers["Location"] == "/connexion/code"
    assert "Coupure" not in between
    assert f"{TEXT}</textarea>" in page


async def test_a_form_opened_before_the_last_login_comes_straight_back(tmp_path: Path) -> None:
    """In another tab the session had ended and begun again."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("sylvie")
        old = re.search(r'name="csrf" value="([^"]+)"', await visitor.text(COMPOSE))
        assert old
        await visitor.log_in("sylvie")
        answer = await visitor.client.post(
            COMPOSE, data=[("csrf", old[1]), *FIELDS], headers=visitor.headers,
            allow_redirects=False,
        )  # fmt: skip
        page = await seen(visitor, answer)
        sent = house.town.broadcasts.sent

    assert f"{TEXT}</textarea>" in page
    assert sent == []


async def test_one_of_another_account_is_refused_and_not_shown(tmp_path: Path) -> None:
    """Its token says whose it was."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("sylvie")
        old = re.search(r'name="csrf" value="([^"]+)"', await visitor.text(COMPOSE))
        assert old
        await visitor.log_in("maire")
        answer = await visitor.client.post(
            COMPOSE, data=[("csrf", old[1]), *FIELDS], headers=visitor.headers,
            allow_redirects=False,
        )  # fmt: skip

    assert answer.status == 403


async def test_passwords_and_files_are_never_kept_and_it_says_so(tmp_path: Path) -> None:
    """A page that a browser keeps is no place for them."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("sylvie")
        form = FormData([("old", "azerty"), ("password", "le vent"), ("again", "le vent")])
        at = "/compte/mot-de-passe"
        found = re.search(r'name="csrf" value="([^"]+)"', await visitor.text(at))
        assert found
        form.add_field("csrf", found[1])
        form.add_field("file", b"x", filename="liste.csv")
        await visitor.post("/deconnexion", at="/compte")
        headers = {**visitor.headers, "Referer": visitor.headers["Origin"] + at}
        answer = await visitor.client.post(at, data=form, headers=headers)
        said = await answer.text()
        page = await seen(visitor, await visitor.log_in("sylvie", kept=kept_in(said)))

    assert "azerty" not in said
    assert "le vent" not in said
    assert "Retapez le mot de passe" in page
    assert "Choisissez de nouveau le fichier" in page


async def test_what_is_too_long_to_carry_is_said_before_it_is_lost(tmp_path: Path) -> None:
    """The way back to it is the browser's own."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("sylvie")
        said = await (await left(visitor, ("text", "x" * (carrying.LARGEST + 1)))).text()

    assert "Revenez à la page précédente" in html.unescape(said)
    assert len(said) < 20_000


async def test_what_waits_is_pressed_once_or_forgotten_after_an_hour(tmp_path: Path) -> None:
    """An address that was left open does not bring it back for ever."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("sylvie")
        kept = kept_in(await (await left(visitor)).text())
        back = (await visitor.log_in("sylvie", kept=kept)).headers["Location"]
        again = await visitor.text(back)
        await visitor.post(COMPOSE, text="autre chose", action="verify")
        pressed = await visitor.text(back)
        kept = kept_in(await (await left(visitor)).text())
        back = (await visitor.log_in("sylvie", kept=kept)).headers["Location"]
        await asyncio.sleep(3601)
        late = await visitor.text(back)

    assert "Coupure" in again  # loaded anew, it is still there
    assert "Coupure" not in pressed
    assert "Coupure" not in late


async def test_a_form_whose_page_is_gone_is_shown_on_one_of_its_own(tmp_path: Path) -> None:
    """With the words of its fields, to check and send to where it was for."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("sylvie")
        asked = await left(visitor, ("text", TEXT), ("x", "7"), path="/nulle-part")
        page = await seen(visitor, await visitor.log_in("sylvie", kept=kept_in(await asked.text())))

    assert "Vérifiez et envoyez" in page
    assert '<form method="post" action="/nulle-part">' in page
    assert TEXT in page.split("<dl>")[1].split("</dl>")[0]
    assert '<input type="hidden" name="x" value="7">' in page


async def test_a_form_for_another_commune_never_acts_for_the_one_chosen_since() -> None:
    """In another tab the community's clerk has gone on to the next commune."""
    town = Town()
    acted: list[int] = []

    async def act_for(session: Any, number: int) -> None:
        acted.append(number)

    cast("Any", town.accounts).act_for = act_for
    async with site(town) as browser:
        browser.csrf += ".1.7"
        answer = await browser.post(COMPOSE, FIELDS)
        said = html.unescape(await browser.text(answer.headers["Location"]))

    assert answer.status == 303
    assert "Entre-temps vous avez agi pour une autre commune" in said
    assert "connexion avait pris fin" not in said
    assert "reprise=" in answer.headers["Location"]
    assert acted == [7]
    assert town.broadcasts.sent == []


async def test_what_was_typed_is_shown_under_the_words_of_its_own_form(tmp_path: Path) -> None:
    """« Texte » of a message is no « réponse » because another page calls its field so."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("sylvie")
        asked = await left(visitor, at="/messages/prevision")
        page = await seen(visitor, await visitor.log_in("sylvie", kept=kept_in(await asked.text())))

    assert "<dt>Message</dt>" in page
    assert "Votre réponse" not in page
