"""Coming in and going out."""

from __future__ import annotations

import pytest

from tests.web.fake import CODE, PASSWORD, Town
from tests.web.site import site

FIRST = {
    "code": CODE, "name": "Camille", "login": "camille", "password": PASSWORD, "again": PASSWORD,
}  # fmt: skip


def new_box() -> Town:
    town = Town()
    town.accounts.first = True
    return town


async def test_a_new_box_asks_for_its_first_account() -> None:
    """There is no default password, so somebody must choose one before anything else."""
    async with site(new_box(), role=None) as browser:
        answer = await browser.get("/messages")

        assert answer.url.path == "/premier-compte"
        assert "Code d'installation" in (await answer.text()).replace("&#39;", "'")


async def test_the_code_of_the_installer_opens_the_first_account() -> None:
    """Whoever has the code is in at once."""
    async with site(new_box(), role=None) as browser:
        answer = await browser.post("/premier-compte", FIRST)

        assert (answer.status, answer.headers["Location"]) == (303, "/messages")
        assert (await browser.get("/messages")).status == 200


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("code", "XXXX", "Ce code"),
        ("password", "court", "pas les mêmes"),
        ("again", "autre", "pas les mêmes"),
    ],
)
async def test_a_wrong_first_form_says_what_is_wrong_and_keeps_the_rest(
    field: str, value: str, said: str
) -> None:
    """Nobody retypes a form for one field; no password comes back in a page."""
    async with site(new_box(), role=None) as browser:
        answer = await browser.post("/premier-compte", {**FIRST, field: value})
        page = await answer.text()

        assert answer.status == 400
        assert said in page
        assert 'value="camille"' in page
        assert "Argent-Double" not in page
        assert 'aria-invalid="true"' in page


async def test_there_is_only_one_first_account() -> None:
    """The form is closed for ever after, whatever is posted to it."""
    async with site(role=None) as browser:
        assert (await browser.get("/premier-compte")).url.path == "/connexion"
        assert (await browser.post("/premier-compte", FIRST)).headers["Location"] == "/connexion"


async def test_the_right_password_comes_in_with_a_guarded_cookie() -> None:
    """The cookie cannot be read by a script nor sent along from another site."""
    async with site(role=None) as browser:
        answer = await browser.post("/connexion", {"login": "sender", "password": PASSWORD})
        cookie = answer.headers["Set-Cookie"]

        assert answer.headers["Location"] == "/messages"
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Max-Age" not in cookie


async def test_under_tls_the_cookie_is_bound_to_the_host() -> None:
    """A neighbour on the same domain must not plant one."""
    async with site(role=None, secure=True) as browser:
        answer = await browser.post("/connexion", {"login": "sender", "password": PASSWORD})
        cookie = answer.headers["Set-Cookie"]

        assert cookie.startswith("__Host-tocsin=")
        assert "Secure" in cookie
        assert "Path=/" in cookie


async def test_a_wrong_password_says_so_and_nothing_more() -> None:
    """The page does not tell which of the two was wrong."""
    async with site(role=None) as browser:
        answer = await browser.post("/connexion", {"login": "sender", "password": "faux"})

        assert answer.status == 400
        assert "Identifiant ou mot de passe incorrect." in await answer.text()
        assert "Set-Cookie" not in answer.headers


async def test_logging_out_ends_the_session_everywhere() -> None:
    """A copied cookie is worth nothing afterwards."""
    async with site() as browser:
        answer = await browser.post("/deconnexion", {})

        assert answer.headers["Location"] == "/connexion"
        assert browser.town.accounts.sessions == {}
        assert (await browser.get("/messages")).url.path == "/connexion"


@pytest.mark.parametrize("role", ["administrator", "sender", "technician"])
async def test_everybody_starts_on_the_first_page_of_their_menu(role: str) -> None:
    """A technician has no messages to start with."""
    async with site(role=role) as browser:
        expected = "/modems" if role == "technician" else "/messages"

        assert (await browser.get("/")).url.path == expected
