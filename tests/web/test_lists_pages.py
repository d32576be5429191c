"""Lists on their pages: shown before they come in, taken back, looked at again, refused."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path
from typing import Any, cast

from openpyxl import Workbook

from tests.web.real import real_town
from tests.web.site import Site, site


def named(name: str, data: bytes) -> Any:
    """Return a file as a form carries one."""
    file = io.BytesIO(data)
    file.name = name
    return file


async def text(browser: Site, path: str) -> str:
    return html.unescape(await browser.text(path))


async def test_a_list_is_shown_before_it_comes_in_and_can_be_taken_back(tmp_path: Path) -> None:
    """Each line left out has its number and its mend; nothing happens before the second press."""
    data = "nom;telephone;rue\nRoux;06 39 98 00 51;5 rue Basse\nAlibert;;12 rue du Port\nX;112;\n"
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        answer = await browser.post("/contacts/import", {"file": named("mars.csv", data.encode())})
        said = html.unescape(await answer.text())
        before = await text(browser, "/contacts?q=roux")
        token = said.split('name="token" value="')[1].split('"')[0]
        done = await browser.post("/contacts/import/confirmer", {"token": token})
        told = html.unescape(await done.text())
        after = await text(browser, "/contacts?q=roux")
        again = await browser.post("/contacts/import/confirmer", {"token": token, "later": "1"})
        await browser.post("/contacts/import/1/annuler", {})
        await browser.post("/contacts/import/2/annuler", {})
        undone = await text(browser, "/contacts?q=roux")
        batches = await text(browser, "/contacts/import")

    assert "urgence" in said
    assert "Ligne 4, Téléphone" in said
    assert "0 personne" in before
    assert "2 contacts ajoutés. 0 complété" in " ".join(told.split())
    assert "Roux" in after
    assert again.status == 400
    assert "0 personne" in undone
    assert "Annulé" in batches


async def test_the_person_to_warn_is_shown_before_and_counted_after(tmp_path: Path) -> None:
    """Who is added for somebody else is no surprise in the directory."""
    data = "nom;tel;personne à prévenir;tél. du référent\nRoux;0639980051;Lou;06 39 98 00 52\n"
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        answer = await browser.post("/contacts/import", {"file": named("r.csv", data.encode())})
        said = html.unescape(await answer.text())
        token = said.split('name="token" value="')[1].split('"')[0]
        done = await browser.post("/contacts/import/confirmer", {"token": token})
        told = html.unescape(await done.text())

    assert '<option value="referent" selected>Référent : téléphone ou courriel' in said
    assert "1 référent, qui sera aussi ajouté au carnet" in said
    assert "Ligne 2, Roux : référent : Lou (sera ajouté au carnet)" in said
    assert "1 référent ajouté avec eux." in told


async def test_unknown_columns_are_chosen_once_and_remembered(tmp_path: Path) -> None:
    """The telephone company's list has its own titles, every month the same."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ("Liste de mars",),
        (),
        ("Usager", "Joindre au", "Lieu-dit"),
        ("Roux Odette", 639980051, "Le Port"),
        ("Sicre Paul", "06 39 98 00 52", ""),
    ):
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        first = await browser.post("/contacts/import", {"file": named("a.xlsx", kept.getvalue())})
        said = html.unescape(await first.text())
        token = said.split('name="token" value="')[1].split('"')[0]
        columns = [("column", "full_name"), ("column", "phone"), ("column", "zone")]
        chosen = await browser.post(
            "/contacts/import/verifier",
            [("token", token), *columns, ("new_group", "Mars"), ("source", "formulaire")],
        )
        shown = html.unescape(await chosen.text())
        await browser.post("/contacts/import/confirmer", {"token": token})
        listed = await text(browser, "/contacts?q=roux")
        second = await browser.post("/contacts/import", {"file": named("b.xlsx", kept.getvalue())})
        remembered = html.unescape(await second.text())

    assert "Joindre au" in said
    assert "2 nouveaux contacts" in shown
    assert "Roux Odette" in listed
    assert "Mars" in listed
    assert '<option value="zone" selected>' in remembered


async def test_a_pasted_list_needs_no_titles(tmp_path: Path) -> None:
    """Copied from a mail: a name, a number, in whatever order."""
    pasted = "Odette Roux : 06 39 98 00 51\n0639980052 Paul Sicre (paul@mairie.example)\nrien ici"
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        answer = await browser.post("/contacts/import", {"pasted": pasted})
        said = html.unescape(await answer.text())
        token = said.split('name="token" value="')[1].split('"')[0]
        await browser.post("/contacts/import/confirmer", {"token": token})
        found = await text(browser, "/contacts?q=paul")

    assert "06 39 98 00 52" in found
    assert "paul@mairie.example" in found


async def test_a_look_at_a_list_that_has_expired_costs_neither_list_nor_choices(
    tmp_path: Path,
) -> None:
    """A restart, or four colleagues' lists since: pasted text is read again, a file asked for."""
    pasted = "Odette Roux;06 39 98 00 51\nPaul Sicre;06 39 98 00 52"
    chosen = [("column", "full_name"), ("column", "phone"), ("new_group", "Mars"),
              ("source", "bulletin")]  # fmt: skip
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        for path in ("verifier", "confirmer"):
            gone = [("token", "perdu"), ("pasted", pasted), *chosen]
            again = await browser.post(f"/contacts/import/{path}", gone)
            said = html.unescape(await again.text())
            assert again.status == 200
            assert "Tocsin a relu votre liste, avec vos choix" in said
            assert 'name="new_group" maxlength="80" value="Mars"' in said
            assert 'value="bulletin"' in said
            assert "2 nouveaux contacts" in said
        nothing = await text(browser, "/contacts?q=roux")
        file = await browser.post("/contacts/import/verifier", [("token", "perdu"), *chosen])
        asked = html.unescape(await file.text())
        kept = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked)
        data = named("x.csv", b"Qui;Ou;\nOdette Roux;06 39 98 00 51\n")
        given = await browser.post("/contacts/import", [*kept[1:], ("file", data)])
        shown = html.unescape(await given.text())

    assert "0 personne" in nothing  # looked at, not taken in
    assert "Ce que vous aviez choisi pour cette liste est gardé." in asked
    assert [pair for pair in chosen if pair in kept] == chosen
    assert 'value="Mars"' in shown
    assert 'value="bulletin"' in shown


async def test_what_was_chosen_since_the_last_look_is_looked_at_first(tmp_path: Path) -> None:
    """What comes in is what was shown, never what nobody has seen."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        answer = await browser.post("/contacts/import", {"pasted": "Odette Roux;06 39 98 00 51"})
        said = html.unescape(await answer.text())
        token = said.split('name="token" value="')[1].split('"')[0]
        other = [("token", token), ("column", "full_name"), ("column", "phone"), ("column", ""),
                 ("purpose", "alerte"), ("new_group", "Mars")]  # fmt: skip
        first = await browser.post("/contacts/import/confirmer", other)
        told = html.unescape(await first.text())
        second = await browser.post("/contacts/import/confirmer", other)
        listed = await text(browser, "/contacts?q=roux")

    assert first.status == 400
    assert "Vos choix ont changé" in told
    assert "Mars" in listed
    assert second.status == 200


async def test_what_is_no_list_is_refused_with_the_mend(tmp_path: Path) -> None:
    """And what was pasted is still there."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        nothing = await browser.post("/contacts/import", {})
        old = named("x.xls", b"\xd0\xcf\x11\xe0")
        excel = await browser.post("/contacts/import", {"file": old})
        lost = await browser.post("/contacts/import/confirmer", {"token": "perdu"})

        assert [nothing.status, excel.status, lost.status] == [400, 400, 400]
        assert ".xlsx" in await excel.text()
