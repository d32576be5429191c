"""Every address, asked by every role: what a role may not do is refused, page, action or stream.

The table was written from the town hall's words, not from the code's; an address nobody wrote
down here fails the test.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from gateway.services import Browser, Draft, Session
from modem.emulator import Network
from tests.harness import Town, running
from tests.web.fake import Town as FakeTown
from tests.web.site import Site, site
from web import roles
from web.app import create_app

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
        "POST /groupes/{id}/supprimer",
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
    "AT": ["POST /modems/essai", "GET /modems/diagnostic.txt"],
    "A": [
        "GET /modems/console", "POST /modems/console",
        "GET /reglages", "GET /reglages/{page}", "POST /reglages/{what}",
        "GET /registre", "POST /registre", "POST /papier",
        "GET /courriel", "POST /courriel/{what}", "GET /api", "POST /api",
        "POST /api/{id}/retirer", "POST /reponses/automatiques/{what}", "POST /appels/{what}",
        "POST /appels/lancement/{what}", "GET /compte/personnes", "POST /compte/personnes/{what}",
    ],
}  # fmt: skip
#: What stands for the variable parts of an address; the first that the address takes.
PARTS: dict[str, list[str]] = {
    "id": ["1"], "name": ["utilisateur", "a" * 32], "kind": ["csv", "resend", "end"],
    "what": ["papier", "autoriser", "heures", "annuler", "inscrire", "lu", "ajouter", "role",
             "oublier", "feuille.pdf", "terminer", "roles", "series"],
    "number": ["33639980001", "+33639980001"], "token": ["jeton"], "day": ["2026-11-24"],
    "code": ["fr"], "picture": ["ecrire.png"], "page": ["heures"],
}  # fmt: skip


def routes() -> dict[str, str]:
    """Return every route of the site as « METHOD /pattern », with an address that matches it."""
    app = create_app(FakeTown().services, secure_cookies=False)
    found: dict[str, str] = {}
    for route in app.router.routes():
        if route.method != "HEAD" and route.resource is not None:
            found[f"{route.method} {route.resource.canonical}"] = address(route.resource)
    return found


def address(resource: web.AbstractResource) -> str:
    """Return an address that the pattern of ``resource`` takes."""
    pattern = resource.canonical
    if not isinstance(resource, web.DynamicResource):
        return pattern
    names = [name for name in PARTS if "{" + name + "}" in pattern]
    options = [pattern]
    for name in names:
        options = [one.replace("{" + name + "}", value)
                   for one in options for value in PARTS[name]]  # fmt: skip
    return next(one for one in options if resource._match(one) is not None)


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


async def asked(browser: Site, method: str, path: str) -> int:
    """Return how the site answers; a stream is let go as soon as it begins."""
    if method == "POST":
        return (await browser.post(path, {})).status
    async with browser.client.get(path, allow_redirects=False) as answer:
        return answer.status


@pytest.mark.real_time
@pytest.mark.timeout(180)
def test_every_role_opens_what_it_may_and_nothing_else(tmp_path: Path) -> None:
    """Over the real services: what the pages forgot to ask, these refuse."""
    wrong = asyncio.run(visit(tmp_path))

    assert wrong == []


async def visit(folder: Path) -> list[str]:
    addresses, wrong = routes(), []
    async with everybody(folder) as (town, sessions):
        for letter, role in ROLES.items():
            async with browsing(town, sessions[role]) as browser:
                for may, listed in MATRIX.items():
                    for route in listed:
                        method, path = route.split(" ")[0], addresses[route]
                        status = await asked(browser, method, path)
                        if status == 500 or (status == 403) == (letter in may):
                            wrong.append(f"{role} {method} {path}: {status}")
                for route in (one for one in addresses if BY_TOKEN in one):
                    method, path = route.split(" ")[0], addresses[route]
                    if "openapi" not in path and method in {"GET", "POST"}:
                        status = await asked(browser, method, path)
                        if status != 401:
                            wrong.append(f"{role} {method} {path}: {status}")
    return wrong


@asynccontextmanager
async def browsing(town: Town, session: Session) -> AsyncIterator[Site]:
    """Browse the real site with somebody's session."""

    class Accounts:
        def open(self, role: str) -> Session:
            return session

    class Real:
        services, accounts = town.services, Accounts()

    async with site(cast("Any", Real())) as browser:
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


def test_an_unknown_role_may_do_nothing() -> None:
    """What a later version calls a role must not open doors in this one."""
    assert roles.abilities("visitor") == frozenset()
    assert roles.home("visitor") == "/aide"
