"""Every page there is, for everybody: from the routes, so that a new one is not forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import Page

from tests.sweeps import EVERY_WINDOW, in_windows
from tests.web import test_roles as table
from tests.web.conftest import Visitor
from tests.web.test_browser import violations

pytestmark = pytest.mark.real_time
#: Pages that other tests look at, with more on them: the walk is spared them in `make test`.
ELSEWHERE = {
    "test_account_pages": ["/compte/mot-de-passe", "/compte/personnes"],
    "test_alert_page": ["/alerter", "/alerter/1", "/journal"],
    "test_council_page": ["/convocation"],
    "test_directory_pages": [
        "/contacts", "/groupes", "/groupes/1", "/groupes/nouveau", "/contacts/doublons",
        "/registre", "/contacts/import",
    ],
    "test_enrolments_page": ["/contacts/inscriptions"],
    "test_guides": ["/aide", "/aide/utilisateur", "/premier-essai"],
    "test_inbox_page": ["/reponses", "/reponses/automatiques"],
    "test_later_pages": [
        "/papier", "/modeles", "/calendrier", "/gardes", "/messages", "/api", "/consommation",
        "/appels", "/messages/1",
    ],
    "test_mail_page": ["/courriel"],
    "test_modems_everybody": ["/modems"],
    "test_round_page": ["/tournee", "/tournee/reglages"],
    "test_the_work_pages": [
        "/ordres", "/reglages", "/reglages/heures", "/reglages/regles", "/reglages/garde",
        "/reglages/forfaits", "/reglages/comptes", "/reglages/communes", "/reglages/sauvegardes",
        "/reglages/changements", "/messages/nouveau",
    ],
}  # fmt: skip
#: Pages that the walk's small town has nothing for, and the test that looks at each.
ALONE = {
    "GET /reponses/{number}": "test_inbox_page", "GET /tournee/{day}": "test_round_page",
    "GET /messages/{id}/conseil": "test_council_page",
    "GET /messages/{id}/conseil/relance": "test_council_page",
    "GET /messages/{id}/suite/{kind}": "test_the_work_pages",
    "GET /connexion/code": "test_account_pages", "GET /premier-compte": "test_browser",
    "GET /connexion": "test_browser", "GET /certificat": "test_account_pages",
}  # fmt: skip
#: Parts of pages, asked for by script; they are looked at where they stand.
PARTS = {
    "GET /messages/{id}/suivi", "GET /modems/etat", "GET /modems/appel", "GET /modems/boitier",
}  # fmt: skip
#: What leads on to another page.
LEADS = {"GET /", "GET /langue/{code}"}


def is_file(path: str) -> bool:
    """Tell whether an address is that of a file to keep."""
    return "." in path.rpartition("/")[2]


def is_page(route: str) -> bool:
    """Tell whether a route shows a page of its own: neither file, stream, part nor way on."""
    method, path = route.split(" ")
    files = ("/static/", "/flux/", "/api/v1/", "/healthz", "/metrics", "/aide/images/")
    return (
        method == "GET" and not path.startswith(files) and not is_file(path)
        and route not in PARTS | LEADS
    )  # fmt: skip


def pages(letter: str) -> list[str]:
    """Return the addresses of the pages that a role is the first to have."""
    known, found = table.routes(), []
    for may, listed in table.MATRIX.items():
        if may[0] == letter or (may == table.EVERYBODY and letter == "A"):
            found += [path for one in listed if is_page(one) and one not in ALONE
                      for path in known[one] if not is_file(path)]  # fmt: skip
    return found + ["/accessibilite"] * (letter == "A")


def test_no_page_is_left_out() -> None:
    """A new page is walked over, or it is written above which test looks at it."""
    walked = {*pages("A"), *pages("K")}
    known = {
        one: {path for path in at if not is_file(path)}
        for one, at in table.routes().items()
        if is_page(one)
    }
    left = {one for one, at in known.items() if one not in ALONE and not at <= walked}
    seen = {name: (Path(__file__).parent / f"{name}.py").read_text("utf-8")
            for name in {*ELSEWHERE, *ALONE.values()}}  # fmt: skip

    assert left == set()
    assert set(ALONE) <= set(known)
    assert {path for listed in ELSEWHERE.values() for path in listed} <= walked
    for name, source in seen.items():
        assert re.search(r"violations\(|unusable\(", source), name
        for path in ELSEWHERE.get(name, ()):
            assert re.search(f'{path}["?]', source), (name, path)


async def in_the_way(page: Page, here: str, paths: Iterable[str]) -> list[str]:
    """Open each page, its folds too; return what stands in somebody's way."""
    found: list[str] = []
    for path in paths:
        answer = await page.goto(here + path)
        if answer is None or answer.status != 200 or page.url != here + path:
            found.append(f"{path} does not open")
            continue
        await page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
        found += [f"{path}: {one}" for one in await violations(page)]
    return found


@pytest.mark.timeout(600)
@in_windows
def test_every_page_of_the_site_is_for_everybody(
    visitor: Visitor, width: int, tmp_path: Path
) -> None:
    """No violation, nothing sideways: the law asks it of each page, not of those we think of."""

    async def scenario() -> list[str]:
        found: list[str] = []
        spared = {path for listed in ELSEWHERE.values() for path in listed}
        async with table.everybody(tmp_path) as (town, sessions):
            for letter in ("A", "K"):
                role = table.ROLES[letter]
                served = cast("Any", table.Served(town, sessions[role]))
                async with visitor.visit(served, role=role, width=width) as (page, here):
                    paths = [path for path in pages(letter) if EVERY_WINDOW or path not in spared]
                    found += await in_the_way(page, here, paths)
        return found

    assert visitor.run(scenario(), limit=500) == []
