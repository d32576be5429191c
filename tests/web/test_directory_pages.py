"""The directory on its pages, over the real services: people and groups."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import FilePayload, expect

from gateway.services import GroupForm, PersonForm, directory
from gateway.services.person_values import Shared
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.real import real_town
from tests.web.site import Site, site
from tests.web.test_browser import violations
from tests.web.test_the_work_pages import open_all

PERSON = {
    "name": "Faure", "given_name": "Flore", "number": "4 bis", "street": "rue du Port",
    "zone": "Les Berges", "floor": "2", "note": "Ne marche pas.", "help_first": "1",
    "tags": "jardin, chien", "language": "en", "referent": "06 39 98 00 01", "group": "1",
}  # fmt: skip


def named(name: str, data: bytes) -> Any:
    """Return a file as a form carries one."""
    file = io.BytesIO(data)
    file.name = name
    return file


async def add(browser: Site, *addresses: str, **fields: str) -> Any:
    form = [*{**PERSON, **fields}.items(), *(("address", one) for one in addresses)]
    return await browser.post("/contacts/nouveau", form)


async def text(browser: Site, path: str) -> str:
    return html.unescape(await browser.text(path))


async def test_a_postcode_has_five_digits_and_what_is_emptied_is_told(tmp_path: Path) -> None:
    """ABC is a slip; 34 210 is how some write it. What is gone is told without empty quotes."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        wrong = await add(browser, "06 39 98 00 44", postcode="ABC", city="Olonzac")
        said = html.unescape(await wrong.text())
        added = await add(browser, "06 39 98 00 44", postcode="34 210", city="Olonzac")
        where = added.headers["Location"]
        kept = (await town.services.persons.form(town.actor, 5))[0].fields["postcode"]
        form = [*{**PERSON, "postcode": kept}.items(), ("address", "06 39 98 00 44")]
        await browser.post(f"{where}/modifier", form)
        after = await text(browser, where)

    assert 400 == wrong.status
    assert "Un code postal a cinq chiffres : corrigez-le, ou laissez vide." in said
    assert "34210" == kept
    assert "« Olonzac » retiré" in after


async def test_who_loses_their_referent_is_counted_before_one_is_erased(tmp_path: Path) -> None:
    """Nobody would be asked to pass by any more; of the register alone its keepers know."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        nobody = await text(browser, "/contacts/1/effacer")
        await add(browser, "06 39 98 00 44")  # Anne Alibert is her referent
        warned = await text(browser, "/contacts/1/effacer")
        await add(browser, "06 39 98 00 46")
        keeper = replace(town.actor, keeper=True)
        form = GroupForm("Fragiles", "registre")
        group = await town.services.groupings.save(keeper, None, form)
        card = PersonForm({"name": "Cabanel"}, group_ids=(group,), referent="06 39 98 00 01")
        await town.services.persons.save(keeper, None, card)
        others = await text(browser, "/contacts/1/effacer")
        kept = await town.services.persons.relying_on(keeper, 1)

    assert "C'est le référent" not in nobody
    assert "C'est le référent de 1 personne, qui n'en aura plus" in warned
    assert "C'est le référent de 2 personnes, qui n'en auront plus" in others
    assert 3 == kept


async def test_keepers_are_told_who_of_the_register_lost_their_referent(tmp_path: Path) -> None:
    """The secretary who erased Anne saw nobody rely on her; Mme Cabanel had nobody any more."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        keeper = replace(town.actor, keeper=True)
        persons = town.services.persons
        group = await town.services.groupings.save(keeper, None, GroupForm("Fragiles", "registre"))
        card = PersonForm({"name": "Cabanel"}, group_ids=(group,), referent="06 39 98 00 01")
        number = await persons.save(keeper, None, card)
        before = await persons.without_referent(keeper)
        await browser.post("/contacts/1/effacer", {})
        (told,) = await persons.without_referent(keeper)
        others = await persons.without_referent(town.actor)
        page = await text(browser, "/contacts")
        await town.services.groupings.name_keeper(town.actor, town.actor.user_id, on=True)
        shown = [await text(browser, where) for where in ("/contacts", "/tournee")]
        await persons.save(keeper, number, replace(card, referent="06 39 98 00 03"))
        after = await persons.without_referent(keeper)

    assert ((), (), ()) == (before, others, after)
    assert (number, "Cabanel", "Camille") == (told.id, told.name, told.by)
    assert "Cabanel" not in page
    assert all("Donner un référent à Cabanel" in one for one in shown)


async def test_groups_are_listed_as_a_french_reader_sorts_them(tmp_path: Path) -> None:
    """Élus stand between cantine and quartier, not after all the others."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        for name in ("élus", "Cantine"):
            form = GroupForm(name, "service")
            await town.services.groupings.save(town.actor, None, form)
        page = await text(browser, "/papier")

    found = [
        page.index(f"<span>{name}</span>") for name in ("Cantine", "élus", "Quartier inondable")
    ]
    assert found == sorted(found)


@pytest.mark.real_time
def test_a_long_name_leaves_the_way_out_on_a_phones_screen(
    visitor: Visitor, tmp_path: Path
) -> None:
    """28 characters push nothing off a window of 360 px."""

    async def scenario() -> None:
        async with real_town(tmp_path) as town:
            await town.box.daemon.store.write(
                lambda db: db.execute("UPDATE account SET name = 'Marie-Bernadette Bénézech-Roux'")
            )
            async with visitor.visit(cast("Any", town), width=360) as (page, here):
                await page.goto(f"{here}/contacts")
                box = await page.get_by_role("button", name="Se déconnecter").bounding_box()
                wide = await page.evaluate("document.documentElement.scrollWidth")

            assert box is not None
            assert box["x"] + box["width"] <= 360 >= wide

    visitor.run(scenario())


@pytest.mark.real_time
def test_a_name_in_one_word_scrolls_no_page_sideways(visitor: Visitor, tmp_path: Path) -> None:
    """« École-Maternelle/Garderie_2026-2027 »: the button to send was beside a telephone."""

    async def scenario() -> None:
        async with real_town(tmp_path) as town:
            form = GroupForm("École_maternelle_et_garderie_2026_2027_liste_rouge", "service")
            await town.services.groupings.save(town.actor, None, form)
            rows = f"Nom;Tel;Rue\n{'Dupont_' * 9};06 39 98 00 44;{'Anciennerouteduport' * 3}\n"
            await town.services.imports.take_file(town.actor, rows.encode())
            async with visitor.visit(cast("Any", town), width=360) as (page, here):
                wide = []
                for path in ("/messages/nouveau", "/contacts", "/convocation", "/papier"):
                    await page.goto(here + path)
                    wide += [path] * await page.evaluate(
                        "document.documentElement.scrollWidth > window.innerWidth"
                    )

            assert [] == wide

    visitor.run(scenario())


async def test_a_person_is_added_shown_corrected_and_what_changed_is_known(tmp_path: Path) -> None:
    """The next secretary sees who moved, when, and who wrote it down."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        added = await add(browser, "01 99 00 00 44", "06 39 98 00 44")
        where = added.headers["Location"]
        shown = await text(browser, where)
        form = {**PERSON, "street": "rue Basse"}
        await browser.post(f"{where}/modifier", [*form.items(), ("address", "06 39 98 00 44")])
        after = await text(browser, where)

    assert "Flore Faure" in shown
    assert "4 bis rue du Port" in shown
    assert "Anne Alibert" in shown  # her referent
    assert shown.index("01 99 00 00 44") < shown.index("06 39 98 00 44")  # in the order to try
    assert "« rue du Port » → « rue Basse »" in after
    assert "retiré : 01 99 00 00 44" in after
    assert "corrigée par Camille" in after


@pytest.mark.parametrize(
    ("addresses", "fields", "said"),
    [
        (("0899 00 12 34",), {}, "surtaxé"),
        (("06 39 98 00 44", "+33639980044"), {}, "écrit deux fois"),
        (("lou@courriel",), {}, "il en manque un morceau"),
        (("06 39 98 00 44",), {"name": " "}, "Écrivez le nom"),
        (("06 39 98 00 44",), {"referent": "06 39 98 77 77"}, "ajoutez d'abord le référent"),
    ],
)
async def test_a_wrong_form_says_the_mend_and_keeps_what_was_typed(
    tmp_path: Path, addresses: tuple[str, ...], fields: dict[str, str], said: str
) -> None:
    """Nothing typed is ever lost."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        answer = await add(browser, *addresses, **fields)
        page = html.unescape(await answer.text())

    assert answer.status == 400
    assert said in page
    assert "Ne marche pas.</textarea>" in page
    assert all(address in page for address in addresses)


async def test_people_are_found_by_name_street_number_and_address(tmp_path: Path) -> None:
    """However much of it is typed, accents or not."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await add(browser, "06 39 98 00 44", "flore@mairie.example", name="Évrard")
        for typed in ("evr", "flo evr", "rue du po", "0639980044", "06 39 98 00 4", "flore@",
                      "+33 6 39 98 00 44"):  # fmt: skip
            assert "Flore Évrard" in await text(browser, f"/contacts?q={typed.replace('+', '%2B')}")
        for typed in ("vrard", "AND", "evr*NOT", "a" * 300):
            assert "Flore Évrard" not in await text(browser, f"/contacts?q={typed}")


async def test_consent_is_written_down_and_an_alert_is_refused_only_twice_asked(
    tmp_path: Path,
) -> None:
    """A no to the alerts may cost a life: whoever writes it confirms it."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        where = (await add(browser, "06 39 98 00 44")).headers["Location"]
        no = {"address": "+33639980044", "purpose": "alerte", "given": "0", "source": "au guichet"}
        asked = await browser.post(f"{where}/accord", no)
        said = await asked.text()
        await browser.post(f"{where}/accord", {**no, "confirmed": "1"})
        refused = await text(browser, where)
        await browser.post(f"{where}/accord", {**no, "given": "1", "source": "a changé d'avis"})
        agreed = await text(browser, where)
        unsaid = await browser.post(f"{where}/accord", {**no, "source": " ", "given": "1"})

    assert asked.status == 400
    assert "ne recevra plus aucune alerte" in said
    assert "06 39 98 00 44 refuse : alerte" in refused
    assert "au guichet – noté par Camille" in refused
    assert "06 39 98 00 44 accepte : alerte" in agreed
    assert unsaid.status == 400


@pytest.mark.parametrize("kind", ["csv", "xlsx", "vcf"])
async def test_what_is_taken_away_can_be_brought_back(tmp_path: Path, kind: str) -> None:
    """A town that leaves us takes its people along."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await add(browser, "06 39 98 00 44", "flore@mairie.example", street="=rue du Port")
        answer = await browser.get(f"/contacts/carnet.{kind}")
        data = await answer.read()
        back = await browser.post("/contacts/import", {"file": named(f"x.{kind}", data)})
        said = html.unescape(await back.text())

    assert answer.status == 200
    assert "laissées de côté" in said or "laissée de côté" in said
    assert "1 nouveau contact" not in said
    assert "0 nouveau contact" in said


async def test_what_was_begun_about_somebody_erased_goes_with_them_and_is_told(
    tmp_path: Path,
) -> None:
    """Whoever erased them knows that a message half-written is gone."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        where = (await add(browser, "06 39 98 00 44")).headers["Location"]
        form = [("text", "Appelez le 06 39 98 00 44."), ("key", "k"), ("channel", "sms")]
        await browser.post("/messages/prevision", form)
        asked = await text(browser, f"{where}/effacer")
        erased = await browser.post(f"{where}/effacer", {})
        told = await text(browser, erased.headers["Location"])
        begun = await text(browser, "/messages/nouveau")

    assert "messages commencés et non envoyés" in asked
    assert "a été supprimé 1 message commencé et non envoyé" in told
    assert "Appelez le 06 39 98 00 44" not in begun


async def test_a_person_is_handed_their_file_and_erased(tmp_path: Path) -> None:
    """The counts stay, the name goes."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        where = (await add(browser, "06 39 98 00 44")).headers["Location"]
        answer = await browser.get(f"{where}/dossier.json")
        file = await answer.json()
        asked = await text(browser, f"{where}/effacer")
        erased = await browser.post(f"{where}/effacer", {})
        gone = await browser.get(where)
        found = await text(browser, "/contacts?q=faure")

    assert file["contact"]["name"] == "Faure"
    assert file["endpoints"][0]["address"] == "+33639980044"
    assert "pour toujours" in asked
    assert erased.headers["Location"] == "/contacts"
    assert gone.status == 404
    assert "0 personne" in found


@in_windows
@pytest.mark.real_time
def test_the_pages_of_the_directory_are_usable_by_everybody(
    visitor: Visitor, tmp_path: Path, width: int
) -> None:
    """No axe violation, no sideways scrolling, and the list follows as one types."""

    async def scenario() -> list[str]:
        found = []
        async with real_town(tmp_path) as town:
            async with site(cast("Any", town)) as browser:
                where = (await add(browser, "01 99 00 00 44", "06 39 98 00 44")).headers["Location"]
                await add(browser, "06 39 98 00 44", name="Faure", given_name="Luc")
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                for address in (
                    "/contacts", where, f"{where}/modifier", f"{where}/effacer", "/groupes",
                    "/groupes/1", "/groupes/nouveau", "/contacts/doublons", "/registre",
                    "/contacts/import",
                ):  # fmt: skip
                    await page.goto(here + address)
                    await open_all(page)
                    found += [f"{address}: {one}" for one in await violations(page)]
                    wide = await page.evaluate("document.documentElement.scrollWidth")
                    found += [f"{address}: {wide} px wide"] if wide > width else []
                csv = FilePayload(
                    name="l.csv", mimeType="text/csv", buffer=b"nom;telephone\nX;0639980061\nY;1\n"
                )
                await page.set_input_files("#file", files=[csv])
                await page.get_by_role("button", name="Vérifier la liste").click()
                await open_all(page)
                found += await violations(page)
                await page.goto(f"{here}/contacts")
                await page.get_by_label("Nom, rue ou numéro").press_sequentially("alib")
                await expect(page.get_by_role("status")).to_have_text("1 personne")
        return found

    assert visitor.run(scenario()) == []


async def test_what_a_letter_finds_is_counted_as_far_as_anybody_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says that there are more; a program gets them all."""
    monkeypatch.setattr(directory, "MOST_FOUND", 2)
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        many = await browser.text("/contacts?q=d")
        all_of_them = await browser.text("/contacts")
        whole = await town.services.directory.contacts(town.actor, search="d", whole=True)

    assert "Plus de 2 personnes" in many
    assert "4 personnes" in all_of_them
    assert (4, False) == (whole.total, whole.more)


def version_in(page: str) -> str:
    """Return the version a form on a page carries."""
    found = re.search(r'name="version" value="([^"]*)"', page)
    assert found
    return found[1]


async def test_a_form_opened_earlier_undoes_nobodys_change(tmp_path: Path) -> None:
    """The number the secretary corrected stays, or an alert goes to the wrong one."""
    right, wrong = ("address", "06 39 98 00 44"), ("address", "06 39 98 00 45")
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        where = (await add(browser, wrong[1])).headers["Location"]
        edit = f"{where}/modifier"
        opened = ("version", version_in(await text(browser, edit)))
        saved = await browser.post(edit, [*PERSON.items(), right, opened])
        late = {**PERSON, "floor": "3"}
        # a slip first: the version stays that of what was opened
        slip = await browser.post(edit, [*{**late, "name": ""}.items(), wrong, opened])
        slipped = ("version", version_in(await slip.text()))
        refused = await browser.post(edit, [*late.items(), wrong, slipped])
        told = html.unescape(await refused.text())
        kept = await text(browser, where)
        read = ("version", version_in(told))
        again = await browser.post(edit, [*late.items(), right, read])
        after = await text(browser, where)

    assert (303, 400, 400, 303) == (saved.status, slip.status, refused.status, again.status)
    assert opened == slipped != read
    assert "a changé cela depuis que vous l'avez ouvert" in told
    assert "est repris dans le formulaire : Numéros et courriels." in told
    assert 'value="06 39 98 00 44"' in told
    assert 'name="floor" maxlength="20" value="3"' in told  # what was typed
    assert "<dt>" not in told
    assert "06 39 98 00 44" in kept
    assert "06 39 98 00 45" not in re.sub("retiré.*", "", after)


async def test_a_group_form_opened_earlier_undoes_nothing_either(tmp_path: Path) -> None:
    """Its name, what it is for, its criteria and its hours."""
    form = {"name": "Berges", "purpose": "alerte", "kind": "criteria", "zone": "Les Berges"}
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await browser.post("/groupes/nouveau", form)
        version = version_in(await text(browser, "/groupes/2"))
        await browser.post("/groupes/2", {**form, "zone": "Le Port", "version": version})
        refused = await browser.post("/groupes/2", {**form, "name": "Rives", "version": version})
        told = html.unescape(await refused.text())
        again = {**form, "name": "Rives", "zone": "Le Port", "version": version_in(told)}
        saved = await browser.post("/groupes/2", again)

    assert (400, 303) == (refused.status, saved.status)
    assert "est repris dans le formulaire : Qui en fait partie ?." in told
    assert re.search('value="Le Port" checked', told)
    assert 'value="Rives"' in told


async def test_a_mobile_of_somebody_else_is_asked_about_once(tmp_path: Path) -> None:
    """Taken without a word, one person would be two; a household's landline is no question."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await add(browser, "01 99 00 00 44", name="Premier")
        home = await add(browser, "01 99 00 00 44", name="Deuxième")
        asked = await add(browser, "06 39 98 00 01", name="Troisième")
        said = html.unescape(await asked.text())
        saved = await add(browser, "06 39 98 00 01", name="Troisième", shared="1")
        own = {**PERSON, "name": "Troisième", "address": "06 39 98 00 01"}
        kept = await browser.post(f"{saved.headers['Location']}/modifier", own)

    assert [303, 400, 303, 303] == [one.status for one in (home, asked, saved, kept)]
    assert "06 39 98 00 01 est déjà le numéro de Anne Alibert : est-ce la même personne ?" in said
    assert 'href="/contacts/1"' in said
    assert 'name="shared" value="1"' in said


async def test_nobody_learns_by_a_number_who_is_in_the_register(tmp_path: Path) -> None:
    """Only its keepers are asked."""
    form = PersonForm({"name": "Habitant"}, endpoints=((0, "06 39 98 00 09", ""),))
    async with real_town(tmp_path) as town:
        services, keeper = town.services, replace(town.actor, keeper=True)
        group = await services.groupings.save(keeper, None, GroupForm("Registre", "registre"))
        hidden = replace(form, group_ids=(group,))
        number = await services.persons.save(keeper, None, hidden)
        with pytest.raises(Shared) as asked:
            await services.persons.save(keeper, None, form, ask_shared=True)
        other = replace(keeper, keeper=False)
        made = await services.persons.save(other, None, form, ask_shared=True)

    assert number == asked.value.other
    assert made != number
