"""Cards of one person made one, on the pages of the directory."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any, cast

from tests.web.real import real_town
from tests.web.site import site
from tests.web.test_directory_pages import add, text


async def test_doubles_are_proposed_merged_or_kept_apart(tmp_path: Path) -> None:
    """Two spouses on one landline are two people; the same name twice is one."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        one = (await add(browser, "01 99 00 00 44", given_name="Luc")).headers["Location"]
        two = (await add(browser, "01 99 00 00 44", "06 39 98 00 46")).headers["Location"]
        ids = [where.rsplit("/", 1)[1] for where in (one, two)]
        proposed = await text(browser, "/contacts/doublons")
        merged = {"kept": ids[0], "gone": ids[1]}
        await browser.post("/contacts/doublons", {**merged, "act": "apart"})
        apart = await text(browser, "/contacts/doublons")
        await browser.post("/contacts/doublons", merged)
        person = await text(browser, one)
        gone = await browser.get(two)

    assert "Luc Faure" in proposed
    assert "01 99 00 00 44" in proposed
    assert "Aucun double" in apart
    assert "06 39 98 00 46" in person
    assert "fusionné avec Flore Faure" in person
    assert gone.status == 404


async def test_two_cards_made_one_lose_nothing_of_either(tmp_path: Path) -> None:
    """The second card's note was « fauteuil roulant, 2e porte »: it stood nowhere any more."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        first = {"given_name": "Rose", "note": "chien", "zone": "nord", "label": "sa fille",
                 "help_first": "", "referent": "", "floor": ""}  # fmt: skip
        other = {"given_name": "Rose", "note": "fauteuil roulant, 2e porte", "floor": "2",
                 "zone": "sud", "label": "travail", "referent": "06 39 98 00 01",
                 "help_first": "1"}  # fmt: skip
        ids = []
        for fields in (first, other):
            # the first on the card is its own, so that nobody asks whether they are one
            added = await add(browser, "01 99 00 00 44", **fields)
            ids.append(added.headers["Location"].rsplit("/", 1)[1])
        proposed = await text(browser, "/contacts/doublons")
        await browser.post("/contacts/doublons", {"kept": ids[0], "gone": ids[1]})
        person = await text(browser, f"/contacts/{ids[0]}")
        file = await (await browser.get(f"/contacts/{ids[0]}/dossier.json")).json()

    cards = [one.partition("</dl>")[0] for one in proposed.split("<h3>Fiche ")[1:]]
    assert ["nord", "chien"] == re.findall(r"<dd>(chien|nord)</dd>", cards[0])
    assert "<dd>(vide)</dd>" in cards[0]
    assert "<dt>Référent</dt><dd>Anne Alibert</dd>" in cards[1]
    assert "Garder la fiche 1 : Rose Faure" in proposed
    assert "Garder la fiche 2 : Rose Faure" in proposed
    assert "chien ; fauteuil roulant, 2e porte" == file["contact"]["note"]
    assert 1 == file["contact"]["help_first"]
    assert "Anne Alibert" == file["referent"]
    assert "Quartier : « nord » gardé, l'autre fiche disait « sud »" in person
    assert "01 99 00 00 44 : « sa fille » gardé, l'autre fiche disait « travail »" in person
    assert any("disait « sud »" in one["said"] for one in file["history"])


async def test_two_houses_are_never_made_one_that_does_not_exist(tmp_path: Path) -> None:
    """The number of one street in another sends the rescuers to a wrong door."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        ids = []
        for fields in ({"number": ""}, {"street": "chemin du Canal", "number": "5"}):
            added = await add(browser, "01 99 00 00 44", given_name="Luc", **fields)
            ids.append(added.headers["Location"].rsplit("/", 1)[1])
        await browser.post("/contacts/doublons", {"kept": ids[0], "gone": ids[1]})
        person = await text(browser, f"/contacts/{ids[0]}")
        file = await (await browser.get(f"/contacts/{ids[0]}/dossier.json")).json()

    assert ("", "rue du Port") == (file["contact"]["number"], file["contact"]["street"])
    assert "Numéro dans la rue : l'autre fiche disait « 5 »" in person
    assert "« rue du Port » gardé, l'autre fiche disait « chemin du Canal »" in person


async def test_a_contact_merged_away_leads_to_who_took_it_over(tmp_path: Path) -> None:
    """Somebody had its form open, somebody else its address; twice merged, it is still found."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        here = [(await add(browser, f"06 39 98 00 4{n}", given_name=f"Luc {n}")).headers["Location"]
                for n in range(3)]  # fmt: skip
        ids = [where.rsplit("/", 1)[1] for where in here]
        for kept, gone in ((1, 0), (2, 1)):
            await browser.post("/contacts/doublons", {"kept": ids[kept], "gone": ids[gone]})
        told = [await browser.get(f"{here[0]}{rest}") for rest in ("", "/modifier", "/effacer")]
        saved = await browser.post(f"{here[0]}/modifier", {"name": "Faure", "floor": "7"})
        pages = [html.unescape(await one.text()) for one in (*told, saved)]
        after = await text(browser, here[2])

    assert [404, 404, 404, 400] == [one.status for one in (*told, saved)]
    for page in pages:
        assert "Cette fiche a été réunie avec celle de Luc 2 Faure" in page
        assert f'<a href="{here[2]}">Ouvrir la fiche de Luc 2 Faure</a>' in page
    assert re.search(r'name="floor"[^>]*value="7"', pages[3]), "nothing typed is lost"
    assert "06 39 98 00 40" in after
