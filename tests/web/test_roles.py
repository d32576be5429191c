"""Every address, asked by every role: what a role may not do is refused, page, action or stream.

The table was written from the town hall's words, not from the code's; an address nobody wrote
down here fails the test.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from argon2 import PasswordHasher

from gateway.services import Browser, Draft, Session
from modem.emulator import Network
from tests.harness import Town, running
from tests.web.fake import Town as FakeTown
from tests.web.site import Site, site
from web import roles
from web.app import create_app
from web.views import guide

#: One letter for each role in the table below.
ROLES = {
    "A": "administrator", "S": "sender", "P": "approver", "K": "keeper", "T": "technician",
    "X": "auditor",
}  # fmt: skip
EVERYBODY = "ASPKTX"
PASSWORD = "crue de l'Argent-Double"
#: Open to whoever comes, logged in or not: what they say does not depend on a role.
OPEN = {
    "GET /accessibilite",
    "GET /connexion", "POST /connexion", "GET /premier-compte", "POST /premier-compte",
    "POST /deconnexion", "GET /healthz", "GET /metrics", "GET /static/{path}", "GET /langue/{code}",
    "GET /connexion/code", "POST /connexion/code", "GET /certificat", "GET /certificat/tocsin.crt",
}  # fmt: skip
#: Programs come in by token; a cookie opens nothing there.
BY_TOKEN = "/api/v1/"
MATRIX = {
    EVERYBODY: [
        "GET /", "GET /aide", "GET /aide/{name}", "GET /aide/images/{picture}",
        "GET /commune", "POST /commune",
        "GET /compte", "POST /compte/{what}", "GET /compte/mot-de-passe",
        "POST /compte/mot-de-passe", "GET /compte/deux-etapes", "POST /compte/deux-etapes",
        "POST /compte/codes",
    ],
    # reads what was sent
    "ASPX": [
        "GET /messages", "GET /messages/{id}", "GET /messages/{id}/suivi",
        "GET /flux/messages/{id}", "GET /messages/{id}/porte-a-porte", "GET /calendrier",
        "GET /messages/{id}/rapport.{kind}", "GET /messages/{id}/conseil",
        "GET /messages/{id}/conseil/feuille.{kind}", "GET /consommation", "GET /consommation.xlsx",
    ],
    # reads who did what
    "AX": ["GET /journal", "GET /journal.{kind}"],
    # lets a ready alert go, stops it, ticks the sheet
    "ASP": [
        "GET /alerter", "GET /alerter/{id}", "POST /alerter/{id}", "POST /messages/{id}/{what}",
        "GET /messages/{id}/suite/{kind}", "POST /messages/{id}/suite/{kind}",
        "POST /messages/{id}/porte-a-porte", "POST /messages/{id}/porte-a-porte/retirer",
        "GET /reponses", "GET /reponses/{number}", "POST /reponses/{number}/{what}",
        "GET /reponses/automatiques", "GET /appels", "GET /appels/son/{name}.wav",
    ],
    # says yes to somebody else's message (this one is the administrator's own)
    "AP": ["POST /messages/{id}/valider"],
    "AS": [
        "GET /messages/nouveau", "POST /messages/nouveau", "POST /messages/prevision",
        "POST /messages/qui", "POST /messages/brouillon/jeter",
        "POST /messages/ecouter", "GET /messages/ecouter/{token}.wav",
        "POST /messages/{id}/rappels", "POST /messages/{id}/conseil",
        "POST /messages/{id}/conseil/traite", "POST /messages/{id}/conseil/{what}",
        "GET /messages/{id}/conseil/relance", "POST /messages/{id}/conseil/relance",
        "GET /modeles", "POST /modeles/{id}/supprimer",
        "POST /calendrier/series/{id}/arreter", "POST /calendrier/{what}/{id}/deplacer",
        "POST /calendrier/messages/{id}/annuler", "GET /convocation", "POST /convocation",
        "GET /papier", "GET /papier/arbre-d-appel.pdf",
        "GET /premier-essai", "POST /premier-essai",
        "GET /gardes", "POST /gardes", "POST /gardes/{id}/supprimer", "GET /ordres",
        "POST /ordres", "POST /ordres/{id}/supprimer", "GET /voix", "POST /voix/prononciation",
        "POST /voix/enregistrement", "GET /appels/lancement",
        "GET /appels/lancement/fiche/{number}.pdf",
    ],
    # the directory
    "ASK": [
        "GET /contacts", "GET /contacts/{id}", "GET /contacts/nouveau", "POST /contacts/nouveau",
        "GET /contacts/{id}/modifier", "POST /contacts/{id}/modifier",
        "POST /contacts/{id}/accord", "GET /contacts/{id}/dossier.json",
        "GET /contacts/{id}/effacer", "POST /contacts/{id}/effacer", "POST /contacts/groupe",
        "GET /contacts/carnet.{kind}", "GET /contacts/doublons", "POST /contacts/doublons",
        "GET /contacts/import", "POST /contacts/import", "POST /contacts/import/verifier",
        "POST /contacts/import/confirmer", "POST /contacts/import/{id}/annuler",
        "GET /contacts/inscriptions", "GET /contacts/inscriptions/{what}",
        "POST /contacts/inscriptions/{id}/{what}", "GET /groupes", "GET /groupes/nouveau",
        "POST /groupes/nouveau", "GET /groupes/{id}", "POST /groupes/{id}",
        "GET /groupes/{id}/supprimer", "POST /groupes/{id}/supprimer",
    ],
    # the register: its named keepers only, not even the administrator
    "K": [
        "GET /tournee", "GET /tournee/{day}", "GET /tournee/{day}.pdf", "GET /tournee/reglages",
        "POST /tournee/reglages", "POST /tournee/vu/{id}", "POST /tournee/personnes/{id}",
    ],
    "AST": [
        "GET /modems", "GET /modems/appel", "GET /modems/boitier", "GET /modems/etat",
        "GET /flux/modems",
    ],
    "AT": ["POST /modems/essai", "GET /modems/diagnostic.txt", "POST /modems/boitier/heure",
           "POST /modems/boitier/base"],
    "A": [
        "GET /modems/console", "POST /modems/console",
        "GET /reglages", "GET /reglages/{page}", "POST /reglages/{what}",
        "GET /registre", "POST /registre", "POST /papier",
        "GET /courriel", "POST /courriel/{what}", "GET /api", "POST /api",
        "POST /api/{id}/retirer", "POST /reponses/automatiques/{what}", "POST /appels/{what}",
        "POST /appels/lancement/{what}", "GET /compte/personnes", "POST /compte/personnes/{what}",
    ],
}  # fmt: skip
#: Files that take a while to make: made for the first role that may have them; asked by all others.
DEAR = (".pdf", ".xlsx")
#: Where one word of an address is for others than the rest of it: a message is dictated, and a
#: ready one named for the telephone, by whoever writes messages.
OTHERS = {"/appels/dicter": "AS", "/appels/lancement/mot": "AS"}
#: What stands for a part of an address that may be anything of its kind. What may only be one of
#: several words (``{what:annuler|pause}``) is asked as each of them, read from the route itself.
PARTS = {
    "id": "1", "name": "a" * 32, "number": "33639980001", "token": "jeton", "day": "2026-11-24",
    "code": "fr", "picture": "ecrire.webp", "path": "app.css",
}  # fmt: skip
_PART = re.compile(r"\(\?P<(\w+)>((?:[^()\\]|\\.)*)\)")
_WORDS = re.compile(r"[\w.-]+(\|[\w.-]+)*")


def routes() -> dict[str, list[str]]:
    """Return every route of the site as « METHOD /pattern », with all addresses it is for."""
    app = create_app(FakeTown().services, secure_cookies=False)
    found: dict[str, list[str]] = {}
    for route in app.router.routes():
        if route.method != "HEAD" and route.resource is not None:
            name = f"{route.method} {route.resource.canonical}"
            found.setdefault(name, []).extend(addresses(route.resource))
    return found


def addresses(resource: web.AbstractResource) -> list[str]:
    """Return the addresses of ``resource``: one for each choice of its words."""
    if not isinstance(resource, web.DynamicResource):
        return [resource.canonical]
    pattern = resource.get_info()["pattern"].pattern
    choices = [choices_of(*part.groups()) for part in _PART.finditer(pattern)]
    names = [part[1] for part in _PART.finditer(pattern)]
    made = []
    for values in itertools.product(*choices):
        one = resource.canonical
        for name, value in zip(names, values, strict=True):
            one = one.replace("{" + name + "}", value)
        made.append(one)
    return made


def choices_of(name: str, pattern: str) -> list[str]:
    """Return the words a part may be, or an example of what it is free to be."""
    if _WORDS.fullmatch(pattern.replace("\\.", ".")):
        return pattern.replace("\\.", ".").split("|")
    return list(guide.PAGES) if pattern == "[^{}/]+" and name == "name" else [PARTS[name]]


def test_each_word_of_an_address_is_asked() -> None:
    """Whoever adds one to a route need not think of this table, and is found by it."""
    found = routes()

    assert {"/messages/1/annuler", "/messages/1/appeler"} < set(found["POST /messages/{id}/{what}"])
    assert len(found["POST /compte/personnes/{what}"]) == 5
    assert found["GET /journal.{kind}"] == ["/journal.csv", "/journal.xlsx", "/journal.pdf"]
    assert "/aide/technicien" in found["GET /aide/{name}"]


def test_every_address_has_its_line_in_the_table() -> None:
    """A new page that nobody thought of a role for is found here, not by a visitor."""
    written = [one for listed in MATRIX.values() for one in listed]
    known = {one for one in routes() if one not in OPEN and BY_TOKEN not in one}

    assert sorted(written) == sorted(known)


@asynccontextmanager
async def everybody(folder: Path) -> AsyncIterator[tuple[Town, dict[str, Session]]]:
    """Run a box with one account of each role, one message and one person."""
    network = Network(seed=1, sms_seconds=0.01, report_seconds=0.02)
    network.add_modem("orange-1")
    async with running(folder, network) as town:
        accounts = town.services.accounts
        accounts._hasher = PasswordHasher(1, 8, 1)  # what passwords cost is no question here
        code = await accounts.issue_first_code()
        first = await accounts.create_first(code or "", "administrator", "Camille", PASSWORD)
        sessions = {"administrator": first}
        for role in set(ROLES.values()) - {"administrator"}:
            await accounts.add(role, f"Compte {role}", PASSWORD, role)
            sessions[role] = await accounts.log_in(role, PASSWORD, Browser(role))
        await town.services.imports.take_file(
            first.actor, "Nom;Téléphone;Groupe\nAlibert;06 39 98 00 01;Élus\n".encode()
        )
        draft = Draft("La crue arrive.", group_ids=(1,), channels=("sms",), urgency="vital")
        await town.services.ready.keep(first.actor, "Crue", draft)
        await town.services.sending.send(first.actor, draft)
        yield town, sessions


async def asked(
    browser: Site, method: str, path: str, headers: dict[str, str] | None = None
) -> int:
    """Return how the site answers; a stream is let go as soon as it begins."""
    if method == "POST":
        return (await browser.post(path, {}, headers=headers or {})).status
    if method == "DELETE":
        return (await browser.client.delete(path, headers=headers)).status
    async with browser.client.get(path, headers=headers, allow_redirects=False) as answer:
        return answer.status


@pytest.mark.real_time
@pytest.mark.timeout(180)
def test_every_role_opens_what_it_may_and_nothing_else(tmp_path: Path) -> None:
    """Over the real services: what the pages forgot to ask, these refuse."""
    wrong = asyncio.run(visit(tmp_path))

    assert wrong == []


async def visit(folder: Path) -> list[str]:
    known, wrong = routes(), []
    async with everybody(folder) as (town, sessions):
        for letter, role in ROLES.items():
            async with browsing(town, sessions[role]) as browser:
                for may, listed in MATRIX.items():
                    for method, path in each(known, listed):
                        if path.endswith(DEAR) and letter in may[1:]:
                            continue  # the same page's other kinds are asked
                        status = await asked(browser, method, path)
                        if status == 500 or (status == 403) == (letter in OTHERS.get(path, may)):
                            wrong.append(f"{role} {method} {path}: {status}")
                for method, path in each(known, doors(known)):
                    status = await asked(browser, method, path)
                    if status != 401:
                        wrong.append(f"{role} {method} {path}: {status}")
    return wrong


def each(known: dict[str, list[str]], listed: Iterable[str]) -> list[tuple[str, str]]:
    """Return (method, address) for every address of some routes."""
    return [(route.split(" ")[0], path) for route in listed for path in known[route]]


def doors(known: dict[str, list[str]]) -> list[str]:
    """Return the routes that programs come in by."""
    return [one for one in known if BY_TOKEN in one and "openapi" not in one]


@pytest.mark.real_time
@pytest.mark.timeout(180)
def test_a_token_opens_the_door_of_programs_and_no_page(tmp_path: Path) -> None:
    """Nor does none, one taken back, one half known; another town's sees its own town alone."""
    wrong, seen = asyncio.run(knock(tmp_path))

    assert wrong == []
    assert seen == {"own": (1, 200), "another town's": (0, 404)}


async def knock(folder: Path) -> tuple[list[str], dict[str, tuple[int, int]]]:
    """Ask every address with every kind of token; return what opened, and what two towns read."""
    known, wrong = routes(), []
    async with everybody(folder) as (town, sessions):
        chief, software = sessions["administrator"], town.services.software
        own = await software.issue(chief.actor, "Sirène")
        gone = await software.issue(chief.actor, "Panneau")
        await software.revoke(chief.actor, (await software.list(chief.actor))[0].id)
        other = await town.services.accounts.add_town(chief, "Azille")
        elsewhere = replace(chief.actor, entity_id=other, entity_name="Azille")
        theirs = await software.issue(elsewhere, "Sirène d'Azille")
        pages = each(known, [one for listed in MATRIX.values() for one in listed])
        kinds = {"none": "", "one taken back": gone, "half of one": own[:-8], "a session's":
                 chief.token, "own": own, "another town's": theirs}  # fmt: skip
        async with site(cast("Any", Served(town, chief)), role=None) as browser:
            for kind, token in kinds.items():
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                if kind not in {"own", "another town's"}:
                    for method, path in each(known, doors(known)):
                        got = await browser.client.request(method, path, json={}, headers=headers)
                        wrong += [f"{kind}: {method} {path}"] * (got.status != 401)
                if kind in {"none", "own"}:
                    for method, path in pages:  # the event streams among them
                        status = await asked(browser, method, path, headers)
                        wrong += [f"{kind}: {method} {path}: {status}"] * (status != 303)
            seen = {kind: await read(browser, kinds[kind]) for kind in ("own", "another town's")}
    return wrong, seen


async def read(browser: Site, token: str) -> tuple[int, int]:
    """Return how many messages a program sees, and how the first one's own page answers."""
    headers = {"Authorization": f"Bearer {token}"}
    listed = await (await browser.get("/api/v1/messages", headers=headers)).json()
    one = await browser.get("/api/v1/messages/1", headers=headers)
    return listed["total"], one.status


class Served:
    """A running box as `site` takes it, with one session."""

    def __init__(self, town: Town, session: Session) -> None:
        self.services, self.accounts, self._session = town.services, self, session

    def open(self, role: str) -> Session:
        return self._session


@asynccontextmanager
async def browsing(town: Town, session: Session) -> AsyncIterator[Site]:
    """Browse the real site with somebody's session."""
    async with site(cast("Any", Served(town, session))) as browser:
        yield browser


def test_nobody_has_more_than_five_entries_in_the_menu() -> None:
    """Two hours of training, no more; and each menu opens only what the role may."""
    for role in (*ROLES.values(), "unknown"):
        assert 1 <= len(roles.menu(role)) <= 5
    opens = {letter: {route for may, listed in MATRIX.items() if letter in may for route in listed}
             for letter in ROLES}  # fmt: skip
    for letter, role in ROLES.items():
        for path, _ in roles.menu(role):
            assert f"GET {path}" in opens[letter] | {"GET /aide"}, (role, path)


def test_every_page_is_found_under_an_entry_of_the_menu_where_it_has_one() -> None:
    """Who opened the calendar from the messages must see where they are."""
    assert "/messages" == roles.entry_of("sender", "/calendrier")
    assert "/alerter" == roles.entry_of("approver", "/alerter/3"), "it is in this role's own menu"
    assert "/reglages" == roles.entry_of("administrator", "/reglages/heures")
    assert "/journal" == roles.entry_of("auditor", "/journal")
    assert "" == roles.entry_of("technician", "/calendrier")
    assert "" == roles.entry_of("administrator", "/compte")


async def test_the_menu_shows_where_one_is() -> None:
    async with site() as browser:
        page = await browser.text("/messages/nouveau")

        assert '<a href="/messages" aria-current="true">' in page
        assert '<a href="/messages" aria-current="page">' in await browser.text("/messages")


def test_an_unknown_role_may_do_nothing() -> None:
    """What a later version calls a role must not open doors in this one."""
    assert roles.abilities("visitor") == frozenset()
    assert roles.home("visitor") == "/aide"
