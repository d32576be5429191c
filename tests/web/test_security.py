"""What strangers, other sites and odd requests get: nothing, in French."""

from __future__ import annotations

import hashlib
import io
import json
import re

import pytest

from tests.web.fake import GROUPS, NAMES, Town
from tests.web.site import site
from web.pages import STATIC

PAGES = [
    "/messages", "/messages/nouveau", "/messages/1", "/messages/1/suivi", "/contacts",
    "/contacts/import", "/modems", "/modems/etat", "/aide", "/aide/utilisateur", "/aide/technicien",
]  # fmt: skip
CONFIDENTIAL = [page for page in PAGES if page.startswith(("/messages", "/contacts"))]


@pytest.mark.parametrize("page", [*PAGES, "/", "/flux/modems", "/flux/messages/1"])
async def test_a_stranger_sees_only_the_login_page(page: str) -> None:
    """Names and numbers of a whole town are behind it."""
    async with site(role=None) as browser:
        answer = await browser.get(page)

        assert answer.url.path == "/connexion"


@pytest.mark.parametrize("page", [*CONFIDENTIAL, "/flux/messages/1"])
async def test_a_technician_sees_no_message_and_no_contact(page: str) -> None:
    """Whoever mends modems has no need of names."""
    async with site(role="technician") as browser:
        answer = await browser.get(page)
        said = await answer.text()

        assert answer.status == 403
        assert "Accès refusé" in said
        assert not any(name in said for name in NAMES)


async def test_the_declaration_of_accessibility_is_open_to_everybody() -> None:
    """Whoever cannot log in may be the one who needs it."""
    async with site(role=None) as browser:
        said = await browser.text("/accessibilite")

        assert "Défenseur des droits" in said
        assert "non conforme" in await browser.text("/connexion")


async def test_a_technicians_pages_name_nobody() -> None:
    """Nor do the pages they may open."""
    async with site(role="technician") as browser:
        for page in ("/modems", "/modems/etat", "/aide", "/aide/technicien"):
            said = await browser.text(page)

            assert not any(word in said for word in (*NAMES, GROUPS[0].name, 'href="/messages"'))


async def test_an_unknown_role_sees_help_only() -> None:
    """What a later version calls a role must not open doors in this one."""
    async with site(role="visitor") as browser:
        assert (await browser.get("/modems")).status == 403
        assert (await browser.get("/")).url.path == "/aide"


POSTS = ["/messages/nouveau", "/messages/prevision", "/messages/1/annuler", "/contacts/import",
         "/contacts/import/confirmer", "/deconnexion"]  # fmt: skip


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://ailleurs.example"}, {"Origin": "null"}, {"Origin": ""}]
)
async def test_a_form_of_another_site_is_refused(path: str, headers: dict[str, str]) -> None:
    """A page opened in another tab must not send an alert."""
    async with site() as browser:
        assert (await browser.post(path, {}, headers=headers)).status == 403
        assert browser.town.broadcasts.sent == []
        assert browser.town.broadcasts.cancelled == []
        assert browser.town.accounts.sessions


@pytest.mark.parametrize("path", POSTS)
async def test_a_form_without_the_sessions_token_is_refused(path: str) -> None:
    """The token is what another site cannot know."""
    async with site() as browser:
        browser.csrf = "é"

        assert (await browser.post(path, {})).status == 403


async def test_another_site_cannot_log_somebody_in() -> None:
    """Being logged in as a stranger is a trap too."""
    async with site(role=None) as browser:
        answer = await browser.post(
            "/connexion", {}, headers={"Origin": "https://ailleurs.example"}
        )

        assert answer.status == 403


@pytest.mark.parametrize("page", [*PAGES, "/connexion", "/nulle-part", "/static/app.css"])
async def test_every_answer_is_guarded(page: str) -> None:
    """No framing, no guessing of types, nothing from outside, nothing personal in a cache."""
    async with site() as browser:
        headers = (await browser.get(page)).headers

        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", PAGES)
async def test_no_page_has_inline_script_or_style_or_an_outside_address(page: str) -> None:
    """The policy would block them, and the cable may be cut."""
    async with site() as browser:
        said = await browser.text(page)

        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|<style|\son\w+=|hx-on", said)
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", said)


async def test_files_that_never_change_are_kept_by_the_browser() -> None:
    """Their address changes when they do."""
    async with site() as browser:
        address = re.search(r'href="(/static/app\.css\?v=\w+)"', await browser.text("/aide"))
        assert address is not None

        answer = await browser.get(address[1])

        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_what_is_vendored_is_what_was_published() -> None:
    """Somebody else's code is here unchanged, with its version and its licence."""
    vendor = STATIC / "vendor"
    listed = {}
    for package in json.loads((vendor / "VENDOR.json").read_text("utf-8")):
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert any("LICENSE" in name for name in package["sha256"])
        listed.update(package["sha256"])
    found = {
        str(path.relative_to(vendor)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "VENDOR.json"
    }

    assert found == listed


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("/nulle-part", 404), ("/aide/rien", 404), ("/messages/99999999999999999999", 404),
        ("/langue/xx", 404), ("/messages/7", 400), ("/deconnexion", 405),
    ],
)  # fmt: skip
async def test_an_error_is_a_page_in_french(page: str, status: int) -> None:
    """A secretary reads what to do, not a status code."""
    async with site() as browser:
        answer = await browser.get(page)
        said = await answer.text()

        assert answer.status == status
        assert "<h1>" in said
        assert 'lang="fr"' in said


async def test_a_defect_of_ours_is_a_page_too() -> None:
    """It says that what is being sent goes on, and shows nothing of our insides."""
    town = Town()
    town.fleet.listed = [object()]
    async with site(town) as browser:
        answer = await browser.get("/modems")
        said = await answer.text()

        assert answer.status == 500
        assert "Les envois en cours continuent" in said
        assert "Traceback" not in said


async def test_a_file_too_large_is_refused() -> None:
    """A film is not a contact list, and the box is small."""
    async with site() as browser:
        answer = await browser.post("/contacts/import", {"file": io.BytesIO(bytes(13_000_000))})

        assert answer.status == 413
        assert "12 Mo" in await answer.text()


async def test_a_text_never_becomes_markup() -> None:
    """Texts come from anybody who writes one."""
    async with site() as browser:
        answer = await browser.post(
            "/messages/nouveau", {"text": '"><script>alert(1)</script>', "action": "verify"}
        )

        assert "<script>alert" not in await answer.text()
