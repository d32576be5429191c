"""Two people have the same form open: whoever saves later is told what the other saved."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.services import Changed
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
     "<dt>validation par une seconde personne</dt><dd>au-dessus de 50 destinataires</dd>"),
    ("/reglages/garde", "/reglages/garde", {},
     {"names_months": "6", "received_months": "12", "round_months": "6"},
     {"names_months": "13", "received_months": "3", "round_months": "6"},
     "<dt>durée de garde des noms</dt><dd>6 mois</dd>"),
    ("/reglages/heures", "/reglages/heures", {},
     {"urgency": "information", **WEEK}, {"urgency": "information", **WEEK, "opens-0": "10:00"},
     "<dt>heures d'envoi</dt>"),
    ("/reglages/forfaits", "/reglages/groupes", {}, {"group": "1"}, {},
     "peut servir</dt><dd>Quartier inondable</dd>"),
    ("/compte/personnes", "/compte/personnes/roles", {}, {"role": "technician"},
     {"role": "reader"}, "<dt>qui se vérifie en deux étapes</dt>"),
    ("/papier", "/papier", {}, {"owner": "Camille"}, {"owner": "Dominique"},
     "<dt>arbre d'appel de la semaine</dt>"),
    ("/ordres?depuis=1", "/ordres", ORDER, {**ORDER, "editing": "1", "confirm": "1"},
     {**ORDER, "editing": "1", "channel-1": "voice"},
     "<dt>Demander une confirmation</dt><dd>oui</dd>"),
    ("/messages/nouveau?modele=1", "/messages/nouveau", READY,
     {**READY, "text": "Crue : partez."}, {**READY, "urgency": "service"},
     "<dt>Message</dt><dd>Crue : partez.</dd>"),
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
    assert "<dt>Heure, pour qui n'en a pas d'autre</dt><dd>10:00</dd>" in said
    assert "<dt>Minutes avant le second appel</dt><dd>30</dd>" in said
    assert [303, 400] == [early.status, other.status]
    assert "<dt>Son heure</dt><dd>08:00</dd>" in told


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

    assert "SMS par jour : 200" in asked.value.now[0][1]
