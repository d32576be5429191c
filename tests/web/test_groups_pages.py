"""The groups of the directory on their pages, over the real services."""

from __future__ import annotations

import html
import re
import sqlite3
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import expect

from gateway import hours as opening_hours
from gateway import phone
from gateway.model import Channel, Purpose
from gateway.services import Draft
from gateway.store import consent
from tests.web.conftest import Visitor
from tests.web.real import real_town
from tests.web.site import site
from tests.web.test_directory_pages import add, text


async def test_a_group_by_criteria_fills_itself(tmp_path: Path) -> None:
    """Quartier inondable and a landline: whoever moves in is in it."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await add(browser, "01 99 00 00 44", name="Fixe")
        await add(browser, "06 39 98 00 44", name="Mobile")
        criteria = [("name", "Berges, fixe"), ("purpose", "alerte"), ("kind", "criteria"),
                    ("zone", "Les Berges"), ("has", "landline")]  # fmt: skip
        made = await browser.post("/groupes/nouveau", criteria)
        inside = await text(browser, made.headers["Location"])
        listed = await text(browser, "/groupes")
        await add(browser, "01 99 00 00 45", name="Arrivée")
        later = await text(browser, made.headers["Location"])

    assert "Flore Fixe" in inside
    assert "Flore Mobile" not in inside
    assert "Se remplit seul : quartier Les Berges, et a un téléphone fixe" in listed
    assert "Flore Arrivée" in later


async def test_a_group_keeps_hours_of_its_own_and_its_messages_wait_for_them(
    tmp_path: Path,
) -> None:
    """The night shift is texted before six; an alert to the same people waits for nothing."""
    form = {"name": "Quartier inondable", "purpose": "service", "opens": "05:30", "closes": "22:00"}
    asked: dict[str, Any] = {"text": "Salage.", "group_ids": (1,), "channels": ("sms",)}
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await browser.post("/groupes/1", form)
        kept = await town.services.groupings.form(town.actor, 1)
        shown = await text(browser, "/groupes/1")
        own = await town.services.compose.foresee(town.actor, Draft(**asked, urgency="service"))
        alert = await town.services.compose.foresee(town.actor, Draft(**asked, urgency="vital"))
        await browser.post("/groupes/1", {**form, "opens": "", "closes": "", "sundays": "1"})
        usual = await town.services.compose.foresee(town.actor, Draft(**asked, urgency="service"))

    assert ("05:30", "22:00", False) == (kept.opens, kept.closes, kept.sundays)
    assert 'name="opens" value="05:30"' in shown
    assert own.leaves_at is not None
    assert (5, 30) == (own.leaves_at.hour, own.leaves_at.minute)
    assert alert.leaves_at is None
    assert usual.leaves_at is not None
    assert usual.leaves_at.hour == 8


async def test_a_groups_hours_may_hold_on_sundays_too(tmp_path: Path) -> None:
    """One tick, told and read back."""
    form = {"name": "Digue", "purpose": "service", "opens": "06:00", "closes": "23:00"}
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await browser.post("/groupes/nouveau", {**form, "sundays": "1"})
        kept = await town.services.groupings.form(town.actor, 2)
        stored = await town.box.daemon.store.read(
            lambda db: db.execute("SELECT hours FROM grouping WHERE id = 2").fetchone()["hours"]
        )

    assert kept.sundays
    assert opening_hours.from_json(stored) == opening_hours.every_day(6, 23)


async def test_a_criterion_nobody_meets_any_more_is_shown_and_kept(tmp_path: Path) -> None:
    """The last one of the tag has moved away; the group still means those who will come."""
    form = [("name", "Berges"), ("purpose", "alerte"), ("kind", "criteria"),
            ("zone", "Les Berges"), ("tag", "chien"), ("street", "rue d'Hier")]  # fmt: skip
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await browser.post("/groupes/nouveau", form)
        shown = await text(browser, "/groupes/2")

    for name in ("Les Berges", "chien", "rue d'Hier"):
        assert f'value="{name}" checked' in shown
    assert "personne en ce moment" in shown


async def test_people_who_are_ticked_change_groups_and_the_same_list_comes_back(
    tmp_path: Path,
) -> None:
    """The school year turns: thirty children leave a class at once, not card by card."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        made = await browser.post("/groupes/nouveau", {"name": "Digue", "purpose": "alerte"})
        dyke = made.headers["Location"].split("=")[1]
        ticked = [("person", "1"), ("person", "3"), ("q", "a"), ("target", dyke), ("page", "1")]
        put = await browser.post("/contacts/groupe", [*ticked, ("act", "into")])
        said = await text(browser, put.headers["Location"])
        inside = await text(browser, f"/contacts?groupe={dyke}")
        out = [("person", "1"), ("target", dyke), ("groupe", dyke), ("act", "out")]
        left = await browser.post("/contacts/groupe", out)
        after = await text(browser, left.headers["Location"])

    assert "2 personnes mises dans le groupe Digue." in said
    assert 'name="q" type="search" value="a"' in said
    assert "Anne Alibert" in inside
    assert "1 personne retirée du groupe Digue." in after
    assert "Anne Alibert" not in after
    assert "Chloé Cros" in after


async def test_nobody_ticked_no_group_and_a_group_that_fills_itself_are_refused(
    tmp_path: Path,
) -> None:
    """With the mend, and what was ticked still ticked."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await browser.post(
            "/groupes/nouveau",
            {"name": "Fixes", "purpose": "alerte", "kind": "criteria", "has": "landline"},
        )
        nobody = await browser.post("/contacts/groupe", {"target": "1"})
        nowhere = await browser.post("/contacts/groupe", {"person": "1", "target": ""})
        itself = await browser.post("/contacts/groupe", {"person": "1", "target": "2"})
        said = [html.unescape(await one.text()) for one in (nobody, nowhere, itself)]

    assert [400, 400, 400] == [nobody.status, nowhere.status, itself.status]
    assert "Cochez d'abord les personnes" in said[0]
    assert "Choisissez le groupe." in said[1]
    assert 'aria-label="Choisir Anne Alibert" checked' in said[1]
    assert "se remplit par ses critères" in said[2]
    assert '<option value="2">Fixes</option>' not in said[2].split('id="target"')[1]


@pytest.mark.real_time
def test_a_person_is_put_into_a_group_with_the_keyboard_alone(
    visitor: Visitor, tmp_path: Path
) -> None:
    """And the list that follows the typing does not come again and lose what was ticked."""

    async def scenario() -> None:
        async with (
            real_town(tmp_path) as town,
            visitor.visit(cast("Any", town), width=360) as (page, here),
        ):
            await page.goto(f"{here}/contacts")
            await page.get_by_label("Nom, rue ou numéro").press_sequentially("denat")
            await expect(page.get_by_role("status")).to_have_text("1 personne")
            await page.get_by_label("Choisir Denis Denat").focus()
            await page.keyboard.press("Space")
            await page.locator("#target").select_option(label="Quartier inondable")
            await page.get_by_role("button", name="Retirer du groupe").press("Enter")
            await expect(page.locator("#fait")).to_contain_text("1 personne retirée")
            await expect(page.locator("#q")).to_have_value("denat")

    visitor.run(scenario())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([("name", " "), ("purpose", "alerte")], "Donnez un nom"),
        ([("name", "QUARTIER INONDABLE"), ("purpose", "alerte")], "existe déjà"),
        ([("name", "x"), ("purpose", "alerte"), ("kind", "criteria")], "au moins un critère"),
        ([("name", "x"), ("purpose", "alerte"), ("kind", "criteria"), ("has", "mobile"),
          ("lacks", "mobile")], "avoir et ne pas avoir"),
        ([("name", "x"), ("purpose", "registre")], "réservé à ses gardiens"),
        ([("name", "x"), ("purpose", "rien")], "à quoi sert"),
        ([("name", "x"), ("purpose", "alerte"), ("opens", "08:00")], "Donnez les deux heures"),
        ([("name", "x"), ("purpose", "alerte"), ("opens", "19:00"), ("closes", "08:00")],
         "L'heure de fin doit venir après"),
        ([("name", "x"), ("purpose", "alerte"), ("opens", "tôt"), ("closes", "08:00")],
         "« tôt » n'est pas une heure"),
    ],
)  # fmt: skip
async def test_a_group_that_cannot_be_is_refused_with_why(
    tmp_path: Path, fields: list[tuple[str, str]], said: str
) -> None:
    """At saving, not in the night it is needed."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        answer = await browser.post("/groupes/nouveau", fields)

        assert answer.status == 400
        assert said in html.unescape(await answer.text())


async def test_a_group_says_how_many_refused_what_it_is_for(tmp_path: Path) -> None:
    """One wants no service message by any way, one no SMS; the forecast says the same of both."""
    people = (("06 39 98 00 44", "Non", None), ("06 39 98 00 45", "Muette", Channel.SMS),
              ("06 39 98 00 46", "Oui", None))  # fmt: skip
    said: dict[str, str] = {}
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        for number, name, _ in people:
            await add(browser, number, name=name)
        for purpose in ("service", "alerte"):
            fields = [("name", f"Pour {purpose}"), ("purpose", purpose), ("kind", "criteria"),
                      ("zone", "Les Berges")]  # fmt: skip
            await browser.post("/groupes/nouveau", fields)

        def refuse(db: sqlite3.Connection) -> None:
            for number, name, channel in people:
                if name != "Oui":
                    consent.withdraw(
                        db, 1, channel=channel, address=phone.parse(number).e164,
                        purpose=Purpose.SERVICE, source="page", by="x", now=0.0,
                    )  # fmt: skip

        await town.box.daemon.store.write(refuse)
        listed = await text(browser, "/groupes")
        for card in re.findall(r"<li><h2>.*?</li>", listed, re.DOTALL):
            words = " ".join(re.sub(r"<[^>]*>", " ", card).split())
            said[words.partition(" ")[2].split(" ")[0]] = words
        groups = {one.name: one.id for one in await town.services.directory.groups(town.actor)}
        draft = Draft("Eau coupée.", group_ids=(groups["Pour service"],), order="advised",
                      channels=("sms", "voice", "email"))  # fmt: skip
        forecast = await town.services.compose.foresee(town.actor, draft)

    assert "3 personnes, dont 2 ont refusé : 1 par SMS, 2 par appel" in said["service"]
    assert "3 personnes : 3 par SMS, 3 par appel" in said["alerte"]
    assert (1, 2) == (forecast.recipients, len(forecast.excluded))
