"""An English reader meets English: refusals, states and reasons of the services, on real pages."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from babel.messages.pofile import read_po

from gateway.services import words
from tests.web.real import real_town
from tests.web.site import Site, site
from tests.web.test_languages import HOME
from tests.web.test_the_work_pages import finished, sent
from web import pages

#: French so short that English, a name or a command may contain it.
SHORT = 10
#: What stays French on purpose: shown as it is sent, or written for the law.
AS_SENT = {"Bonjour, ceci est un essai."}
PERSON = {"name": "Faure", "given_name": "Flore", "language": "en"}
SCHOOL = {"text": "Bonjour", "group": "1", "channel": "sms", "urgency": "service"}
LATE = {"what": "conseil municipal", "place": "salle", "agenda": "1. L'eau", "group": "1",
        "at": "2026-11-24T18:00", "key": "k", "inhabitants": "3000"}  # fmt: skip


@cache
def french() -> tuple[str, ...]:
    """Return each French text of the catalogue that English says otherwise, and no value parts."""
    with (HOME / "locale/en/LC_MESSAGES/messages.po").open("rb") as file:
        texts = [(m.id, m.string) for m in read_po(file, locale="en") if m.id]
    pairs = [(a[0], b[0]) if isinstance(a, tuple) else (a, b) for a, b in texts]
    whole = {one for one, other in pairs if one != other and not re.search(r"[{%]", one)}
    return tuple(one for one in whole - AS_SENT if len(one) > SHORT)


def left_in_french(page: str) -> Iterator[str]:
    """Yield each French text of ours that a page shows."""
    body = re.sub(r"<(script|style|textarea)\b.*?</\1>", "", page, flags=re.DOTALL)
    shown = " ".join(html.unescape(re.sub(r"<[^>]+>", "\n", body)).split(" "))
    lines = {" ".join(line.split()) for line in shown.split("\n")}
    yield from (text for text in french() if any(_says(line, text) for line in lines))


def _says(line: str, text: str) -> bool:
    return text in line and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", line) is not None


async def refused(browser: Site, path: str, fields: dict[str, str]) -> str:
    """Return what an English page says of a form it refuses."""
    await browser.get("/langue/en")
    answer = await browser.post(path, fields)
    page = await answer.text()
    assert list(left_in_french(page)) == []
    return html.unescape(re.sub(r"<[^>]+>", "", page))


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("/contacts/nouveau", {**PERSON, "address": "17"},
         "17 is an emergency number: Tocsin never calls it."),
        ("/contacts/nouveau", {**PERSON, "address": "06 39 98 00"},
         "06 39 98 00 does not have ten digits: check it with the person."),
        ("/contacts/nouveau", {**PERSON, "address": "06 39 98 00 44", "referent": "0639987777"},
         "06 39 98 77 77 is on no card: add the referent to the directory first."),
        ("/groupes/nouveau", {"name": "Quartier inondable", "purpose": "service"},
         "A group “Quartier inondable” exists already."),
        ("/messages/nouveau", {**SCHOOL, "text": "Bonjour {truc}", "action": "verify"},
         "Unknown field: {truc}. Possible fields: {prénom}, {nom},"),
        ("/messages/nouveau", {**SCHOOL, "text": "Au {quartier}", "action": "verify"},
         "Nobody in this list has a value for {quartier}."),
        ("/messages/nouveau", {**SCHOOL, "text": "a" * 2000, "action": "verify"},
         "This text takes 14 SMS; the limit is"),
        ("/ordres", {"name": "Le nôtre"}, "This order of sending has no step: add one."),
        ("/compte/mot-de-passe", {"old": "non", "password": "court", "again": "court"},
         "This is not your present password."),
        ("/convocation", {**LATE, "place": ""}, "Say where the meeting takes place."),
        ("/messages/99/annuler", {}, "Message no. 99 does not exist."),
        ("/alerter/99", {}, "This ready message does not exist any more."),
    ],
)  # fmt: skip
async def test_a_refusal_is_in_the_readers_language(
    tmp_path: Path, path: str, fields: dict[str, str], said: str
) -> None:
    """What was typed is in it as it was typed; French readers keep theirs, word for word."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        assert said in await refused(browser, path, fields)


async def test_one_who_must_not_agree_alone_is_told_in_english(tmp_path: Path) -> None:
    """And what waits for a second person says so."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await town.services.tuning.set_rules(
            town.actor, take_back=20, approval_above=1, signature=""
        )
        number = await sent(town, urgency="service", channels=("sms", "voice"))
        said = await refused(browser, f"/messages/{number}/valider", {"answer": "yes"})
        page = await browser.text(f"/messages/{number}")

    assert "Another person must agree; otherwise say why." in said
    assert "waits for a second person to agree" in page
    assert list(left_in_french(page)) == []


async def test_a_line_of_a_list_is_refused_in_english(tmp_path: Path) -> None:
    """Read here, or by the child that reads long lists."""
    bad = "\nRoux;6,39E+08\nSage;18\nTort;"
    long = "".join(f"\nDupond{n};06 39 98 {n // 100:02} {n % 100:02}" for n in range(200))
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        for people in ("", long):
            said = await refused(
                browser, "/contacts/import", {"pasted": f"Nom;Téléphone{bad}{people}"}
            )

            assert "“6,39E+08”: Excel has damaged this number." in said
            assert "18 is an emergency number: Tocsin never calls it." in said
            assert "neither telephone nor email: cannot be reached" in said


async def test_a_name_in_a_refusal_is_a_name_and_not_html(tmp_path: Path) -> None:
    """Nor a format: a per cent sign in it once made an internal error of the refusal."""
    name = "<b>100 %</b> & élus"
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        for language, said in (("fr", f"Un groupe « {name} » existe déjà."),
                               ("en", f"A group “{name}” exists already.")):  # fmt: skip
            await browser.get(f"/langue/{language}")
            await browser.post("/groupes/nouveau", {"name": name, "purpose": "service"})
            answer = await browser.post("/groupes/nouveau", {"name": name, "purpose": "alerte"})
            page = await answer.text()

            assert answer.status == 400
            assert html.escape(said, quote=False) in page


async def test_what_is_no_number_is_refused_in_english(tmp_path: Path) -> None:
    """Half a sentence in each language helps nobody."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await browser.get("/langue/en")
        answer = await browser.post("/reglages/garde", {"names_months": "abc"})
        page = html.unescape(await answer.text())

    assert answer.status == 400
    assert "“abc” is not a number." in page


def test_the_line_a_mail_went_by_has_an_english_name() -> None:
    """A modem's name is the town's own, and the same in both."""
    english = pages.translations("en")

    assert ["email", "email 2", "orange-1"] == [
        pages.said(english, words.lane(name)) for name in ("courriel", "courriel 2", "orange-1")
    ]


async def test_the_declaration_of_accessibility_is_told_in_english_too() -> None:
    """The French one binds; who cannot read it must still know whom to turn to."""
    async with site() as browser:
        french = html.unescape(await browser.text("/accessibilite"))
        await browser.get("/langue/en")
        english = html.unescape(await browser.text("/accessibilite"))

    assert "the French text is the one that counts" in english
    assert "State of compliance" in english
    assert "Voie de recours" not in english
    assert "Voie de recours" in french
    assert french.count("<h2>") == english.count("<h2>")
    assert french.count("<li>") == english.count("<li>")


@pytest.mark.parametrize("path", ["/aide/utilisateur", "/aide/technicien"])
async def test_what_is_in_french_only_says_so_first(path: str) -> None:
    """To whoever reads English, and to nobody else."""
    async with site() as browser:
        french_page = await browser.text(path)
        await browser.get("/langue/en")
        page = await browser.text(path)

    assert "in French only" in page[: page.index("<article")]
    assert "n'existe qu'en français" not in html.unescape(french_page)


async def test_the_pages_of_the_work_hold_no_french_of_ours(tmp_path: Path) -> None:
    """States, reasons, forecasts, orders, settings, the journal, the health of the box."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        number = await sent(town)
        await finished(town, number)
        waiting = await sent(town, urgency="service")
        await browser.get("/langue/en")
        found: dict[str, list[str]] = {}
        for path in (
            "/messages", f"/messages/{number}", f"/messages/{waiting}", "/messages/nouveau",
            f"/messages/{number}/porte-a-porte", f"/messages/{number}/suite/end",
            "/contacts", "/contacts/1", "/contacts/import", "/groupes", "/ordres",
            "/ordres?depuis=vital", "/calendrier", "/convocation", "/journal", "/modems",
            "/modems/boitier", "/reglages", "/reglages/heures", "/reglages/regles",
            "/reglages/garde", "/reglages/forfaits", "/reglages/comptes",
            "/reglages/sauvegardes", "/reglages/changements", "/reponses", "/appels",
            "/appels/lancement", "/registre", "/api", "/compte", "/courriel", "/voix",
        ):  # fmt: skip
            page = await browser.text(path)
            if wrong := list(left_in_french(page)):
                found[path] = wrong
        shown = html.unescape(await browser.text(f"/messages/{number}"))

        assert found == {}
        assert "received on the telephone" in shown
