"""Two people have the same form open: whoever saves later is told what the other saved."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.services import Changed, GroupForm, PersonForm
from tests.web.real import real_town
from tests.web.site import Site, site
from tests.web.test_round_page import FORM, keeper, registered

Fields = dict[str, str]
WEEK = {f"{what}-{day}": at for day in range(5) for what, at in (("opens", "09:00"),
                                                              ("closes", "18:00"))}  # fmt: skip
ORDER = {"name": "Digue", "channel-1": "sms", "enough": "0"}
READY = {"action": "keep", "ready_name": "Crue", "text": "Crue : montez.", "group": "1",
         "channel": "sms", "urgency": "vital"}  # fmt: skip
#: Page, where its form posts, what was there before, what the first saves, what the second, and
#: what the second is told.
FORMS = [
    ("/reglages/regles", "/reglages/regles", {},
     {"take_back": "0", "approval_above": "50", "signature": ""},
     {"take_back": "20", "approval_above": "0", "signature": "Le maire"},
     "repris dans le formulaire : délai pour reprendre un message, validation"),
    ("/reglages/garde", "/reglages/garde", {},
     {"names_months": "6", "received_months": "12", "round_months": "6"},
     {"names_months": "13", "received_months": "3", "round_months": "6"},
     "<dt>durée de garde des noms</dt><dd>6 mois</dd>"),
    ("/reglages/heures", "/reglages/heures", {},
     {"urgency": "information", **WEEK}, {"urgency": "information", **WEEK, "opens-0": "10:00"},
     "<dt>lundi</dt><dd>09:00–18:00</dd>"),
    ("/reglages/forfaits", "/reglages/groupes", {}, {"group": "1"}, {},
     "repris dans le formulaire : Groupes qu'une carte au régime ordinaire peut servir"),
    ("/compte/personnes", "/compte/personnes/roles", {}, {"role": "technician"},
     {"role": "reader"}, "repris dans le formulaire : qui se vérifie en deux étapes"),
    ("/papier", "/papier", {}, {"owner": "Camille"}, {"owner": "Dominique"},
     "<dt>Qui le tient à jour</dt><dd>Camille</dd>"),
    ("/ordres?depuis=1", "/ordres", ORDER, {**ORDER, "editing": "1", "confirm": "1"},
     {**ORDER, "editing": "1", "channel-1": "voice"},
     "repris dans le formulaire : Demander une confirmation."),
    ("/messages/nouveau?modele=1", "/messages/nouveau", READY,
     {**READY, "text": "Crue : partez."}, {**READY, "urgency": "service"},
     "repris dans le formulaire : Message."),
]  # fmt: skip


async def versions(browser: Site, page: str, action: str, mark: str) -> str:
    """Return the version that the form posting to ``action`` carries."""
    return version_of(html.unescape(await browser.text(page)), action, mark)


def version_of(page: str, action: str, mark: str) -> str:
    forms = re.findall(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    form = next(one for one in forms if mark in one)
    found = re.search(r'name="version" value="([^"]*)"', form)
    assert found

    return found[1]


@pytest.mark.parametrize(
    ("page", "action", "before", "first", "second", "told"), FORMS, ids=[one[1] for one in FORMS]
)
async def test_who_saves_later_is_told_and_undoes_nothing_unknowingly(
    tmp_path: Path, page: str, action: str, before: Fields, first: Fields, second: Fields,
    told: str,
) -> None:  # fmt: skip
    """The second is refused once, reads what is there, and may then save all the same."""
    mark = f'name="urgency" value="{first["urgency"]}"' if action.endswith("heures") else ""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        if before:
            assert (await browser.post(action, before)).status == 303
        opened = await versions(browser, page, action, mark)
        saved = await browser.post(action, {**first, "version": opened})
        refused = await browser.post(action, {**second, "version": opened})
        said = html.unescape(await refused.text())
        again = await browser.post(
            action, {**second, "version": version_of(said, action, mark)}
        )  # fmt: skip

    assert [303, 400, 303] == [one.status for one in (saved, refused, again)]
    assert "a changé cela depuis que vous l'avez ouvert" in said
    assert told in said


async def test_a_name_already_taken_is_no_silent_replacement(tmp_path: Path) -> None:
    """A message written anew under the name of a ready one asks first."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await browser.post("/messages/nouveau", READY)
        asked = await browser.post("/messages/nouveau", {**READY, "text": "Autre chose."})
        said = html.unescape(await asked.text())
        version = version_of(said, "/messages/nouveau", "")
        kept = await browser.post(
            "/messages/nouveau", {**READY, "text": "Autre chose.", "version": version}
        )

    assert [400, 303] == [asked.status, kept.status]
    assert "Il y en a déjà un de ce nom" in said
    assert "Autre chose." in said


async def test_two_keepers_set_one_round(tmp_path: Path) -> None:
    """The days and the hour of all, and somebody's own hour and way."""
    here = "/tournee/reglages"
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await keeper(town)
        (card, *_) = await registered(town)
        theirs = f"/tournee/personnes/{card}"
        opened = await versions(browser, here, here, "")
        own = await versions(browser, here, theirs, "")
        first = await browser.post(here, {**FORM, "hour": "10:00", "version": opened})
        late = await browser.post(here, {**FORM, "pause": "45", "version": opened})
        said = html.unescape(await late.text())
        fresh = version_of(said, here, "")
        again = await browser.post(here, {**FORM, "pause": "45", "version": fresh})
        early = await browser.post(theirs, {"hour": "08:00", "way": "voice", "version": own})
        other = await browser.post(theirs, {"hour": "", "way": "sms", "version": own})
        told = html.unescape(await other.text())

    assert [303, 400, 303] == [one.status for one in (first, late, again)]
    assert "est repris dans le formulaire : Heure, pour qui n'en a pas d'autre." in said
    assert ("10:00", "45") == (shown(said, "hour"), shown(said, "pause"))
    assert [303, 400] == [early.status, other.status]
    assert "est repris dans le formulaire : Son heure." in told
    assert 'name="hour" type="time" min="07:00" max="19:00" value="08:00"' in told


async def test_two_people_set_the_limits_of_one_sim(tmp_path: Path) -> None:
    """Each limit of a SIM stands in one form."""
    async with real_town(tmp_path) as town:
        tuning = town.services.tuning
        sim = (await tuning.sims(town.actor))[0].sim
        version = (await tuning.versions(town.actor))[sim]
        await tuning.set_limits(town.actor, sim, {"segments_per_day": 200}, version)
        with pytest.raises(Changed) as asked:
            await tuning.set_limits(town.actor, sim, {"segments_per_hour": 9}, version)
        await tuning.set_limits(town.actor, sim, {"segments_per_hour": 9}, asked.value.version)

    assert asked.value.takes("segments_per_day")
    assert "SMS par jour" in asked.value.message
    assert () == asked.value.now


CARD = {"name": "Alibert", "given_name": "Anne", "street": "rue du Port", "city": "Olonzac"}


def shown(page: str, name: str) -> str:
    """Return what the field ``name`` of the page's form says."""
    tag = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', page)
    assert tag
    found = re.search(r'value="([^"]*)"', tag[0])
    assert found

    return found[1]


async def test_what_only_the_other_changed_is_taken_over(tmp_path: Path) -> None:
    """Saving again puts back nothing that she never touched; what both changed is hers, and said.

    Numbers go with whose they are: the other's line is taken over whole.
    """
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        number = await town.services.persons.save(
            town.actor, None, PersonForm(CARD, endpoints=((0, "06 39 98 00 77", "elle"),))
        )
        here = f"/contacts/{number}/modifier"
        opened = await versions(browser, here, here, "")
        base = {**CARD, "address": "06 39 98 00 77", "label": "elle", "version": opened}
        first = {"city": "Pépieux", "floor": "2", "complement": "Bât. A", "label": "sa fille"}
        await browser.post(here, {**base, **first})
        second = {**base, "street": "rue Haute", "complement": "Bât. B"}
        refused = await browser.post(here, second)
        page = html.unescape(await refused.text())
        fields = ("city", "floor", "street", "complement", "address", "label", "given_name")
        again = {name: shown(page, name) for name in fields}
        saved = await browser.post(
            here, {**again, "name": "Alibert", "version": version_of(page, here, "")}
        )
        form, _ = await town.services.persons.form(town.actor, number)

    assert [400, 303] == [refused.status, saved.status]
    assert "est repris dans le formulaire : Étage, Commune, Numéros et courriels." in page
    assert "<dt>Complément</dt><dd>Bât. A</dd></dl>" in page
    assert ("Pépieux", "2") == (form.fields["city"], form.fields["floor"])
    assert ("rue Haute", "Bât. B") == (form.fields["street"], form.fields["complement"])
    assert [("06 39 98 00 77", "sa fille")] == [one[1:] for one in form.endpoints]


async def test_who_undoes_nothing_of_the_other_saves_at_once(tmp_path: Path) -> None:
    """Both found the same floor: what she changed beside it is hers alone."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        number = await town.services.persons.save(town.actor, None, PersonForm(CARD))
        here = f"/contacts/{number}/modifier"
        base = {**CARD, "floor": "2", "version": await versions(browser, here, here, "")}
        await browser.post(here, base)
        saved = await browser.post(here, {**base, "street": "rue Haute"})

    assert 303 == saved.status


async def test_a_tick_and_a_choice_of_a_group_are_taken_over_too(tmp_path: Path) -> None:
    """What has no text in it, a choice or a box that is not ticked, goes the same way."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        form = GroupForm("Berges", "service")
        number = await town.services.groupings.save(town.actor, None, form)
        here = f"/groupes/{number}"
        opened = await versions(browser, here, here, "")
        base = {"name": "Berges", "purpose": "service", "kind": "list", "version": opened}
        await browser.post(here, {**base, "purpose": "information", "kind": "criteria",
                                  "help_first": "1"})  # fmt: skip
        refused = await browser.post(here, {**base, "name": "Les Berges"})
        page = html.unescape(await refused.text())

    assert 'value="Les Berges"' in page
    assert '<option value="information" selected>' in page
    assert re.search(r'id="help_first"[^>]* checked', page)
    assert re.search(r'id="by-criteria"[^>]* checked', page)


async def test_the_step_of_an_order_is_taken_over(tmp_path: Path) -> None:
    """The other added a step; she only renamed nothing and asked for a confirmation."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await browser.post("/ordres", ORDER)
        opened = await versions(browser, "/ordres?depuis=1", "/ordres", "")
        base = {**ORDER, "editing": "1", "minutes-1": "0", "version": opened}
        await browser.post("/ordres", {**base, "channel-2": "voice", "minutes-2": "5"})
        refused = await browser.post("/ordres", {**base, "confirm": "1"})
        page = html.unescape(await refused.text())

    assert "est repris dans le formulaire : Étape 2." in page
    assert re.search(r'name="channel-2" value="voice"[^>]* checked', page)
    assert re.search(r'name="confirm"[^>]* checked', page)


async def test_each_day_of_the_hours_is_somebody_s_own(tmp_path: Path) -> None:
    """One sets Monday and the holidays, the other Wednesday: both stand after the second press."""
    here, page = "/reglages/heures", "/reglages/heures"
    mark = 'name="urgency" value="service"'
    week = {f"{what}-{day}": at for day in range(7) for what, at in (("opens", "08:00"),
                                                                  ("closes", "20:00"))}  # fmt: skip
    base = {"urgency": "service", "holidays": "1", **week}
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        opened = await versions(browser, page, here, mark)
        first = {**base, "opens-0": "09:00", "closes-6": "", "opens-6": ""}
        del first["holidays"]
        await browser.post(here, {**first, "version": opened})
        typed = {**base, "opens-2": "10:00", "closes-6": "12:00", "version": opened}
        refused = await browser.post(here, typed)
        said = html.unescape(await refused.text())
        form = next(one for one in re.findall(r"<form.*?</form>", said, re.DOTALL) if mark in one)
        again = {name: shown(form, name) for name in week}
        saved = await browser.post(
            here, {"urgency": "service", **again, "version": version_of(said, here, mark)}
        )
        kept = (await town.services.tuning.view(town.actor)).hours

    assert [400, 303] == [refused.status, saved.status]
    assert "est repris dans le formulaire : lundi, jours fériés. Vous avez changé tous deux" in said
    assert "<dt>dimanche</dt><dd>fermé</dd></dl>" in said
    assert not re.search(r'name="holidays"[^>]* checked', form)
    days = next(one for one in kept if one.urgency == "service").days
    assert [("09:00", "20:00"), ("10:00", "20:00"), ("08:00", "12:00")] == [
        days[number][2:4] for number in (0, 2, 6)
    ]


async def test_a_line_of_the_call_tree_is_taken_over_too(tmp_path: Path) -> None:
    """One says who keeps it, the other which lists are printed."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        opened = await versions(browser, "/papier", "/papier", "")
        await browser.post("/papier", {"owner": "Camille", "version": opened})
        refused = await browser.post("/papier", {"owner": "", "group": "1", "version": opened})
        page = html.unescape(await refused.text())

    assert "est repris dans le formulaire : Qui le tient à jour." in page
    assert "Camille" == shown(page, "owner")
    assert re.search(r'name="group" value="1"[^>]* checked', page)


async def test_what_only_the_other_changed_in_a_ready_message_is_taken_over(tmp_path: Path) -> None:
    """One adds people and a way of sending; the other mends the text, and both the title."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await browser.post("/messages/nouveau", {**READY, "title": "Crue"})
        opened = await versions(
            browser, "/messages/nouveau?modele=1", "/messages/nouveau", ""
        )  # fmt: skip
        first = [*READY.items(), ("title", "Crue de l'Orb"), ("channel", "email"),
                 ("confirm", "1"), ("person", "1"), ("version", opened)]  # fmt: skip
        typed = {**READY, "title": "La crue", "text": "Crue : partez.", "version": opened}
        await browser.post("/messages/nouveau", first)
        refused = await browser.post("/messages/nouveau", typed)
        page = html.unescape(await refused.text())

    taken = "Personnes choisies, Moyens d'envoi, Demander une confirmation."
    assert f"est repris dans le formulaire : {taken}" in page
    assert "<dt>Titre</dt><dd>Crue de l'Orb</dd></dl>" in page
    assert "Crue : partez.</textarea>" in page
    assert "La crue" == shown(page, "title")
    for field in ('name="channel" value="email"', 'name="confirm" value="1"',
                  'name="person" value="1"', 'name="group" value="1"'):  # fmt: skip
        assert re.search(rf"{field}[^>]* checked", page), field
