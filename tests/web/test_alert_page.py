"""The page of three in the morning and the record, in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import expect

from gateway.services import Browser, Draft
from tests.harness import NIGHT
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.everybody import unusable
from tests.web.real import OneAccount, RealTown, real_town
from tests.web.site import site
from web.carrying import Carried
from web.resuming import WAITING

pytestmark = pytest.mark.real_time
PASSWORD = "trois mots au hasard"


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's last form."""
    form = page[page.rindex("<form") :]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


async def become(town: RealTown, role: str) -> None:
    """Make an account of ``role`` and be it from now on."""
    accounts = town.services.accounts
    await accounts.add(role, f"Compte {role}", PASSWORD, role)
    town.accounts = OneAccount(await accounts.log_in(role, PASSWORD, Browser("essai")))


async def make_ready(town: RealTown) -> None:
    for name, urgency in (("Crue de l'Argent-Double", "vital"), ("Route coupée", "service")):
        draft = Draft(f"{name} : suivez les consignes.", group_ids=(1,),
                      channels=("sms", "voice"), urgency=urgency)  # fmt: skip
        await town.services.ready.keep(town.actor, name, draft)


@pytest.mark.parametrize("script", [True, False])
def test_a_mayor_raises_the_alert_in_two_gestures(
    visitor: Visitor, tmp_path: Path, script: bool
) -> None:
    """From the telephone, with or without JavaScript: the scenario, then yes."""

    async def scenario() -> None:
        async with real_town(tmp_path) as town:
            await make_ready(town)
            await become(town, "approver")
            async with visitor.visit(
                cast("Any", town), "approver", 360, java_script_enabled=script
            ) as (page, here):
                await page.goto(here)
                await page.get_by_role("button", name="Crue de l'Argent-Double").click()
                await expect(page.get_by_text("3 personnes", exact=False).first).to_be_visible()
                await page.get_by_role("button", name="Oui, alerter").click()

                await expect(page.get_by_role("heading", level=1)).to_have_text(
                    "Crue de l'Argent-Double"
                )
                assert "/messages/" in page.url

    visitor.run(scenario())


async def test_what_is_planned_stands_below_the_buttons(tmp_path: Path) -> None:
    """A meeting's reminders and a weekly notice are no screens to scroll past at three at night."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await make_ready(town)
        at = NIGHT + timedelta(days=16, hours=7)
        planned = Draft("Eau coupée.", group_ids=(1,), channels=("sms",), urgency="service", at=at)
        await town.services.sending.send(town.actor, planned)
        page = await browser.text("/alerter")

    assert page.index('id="lancer"') < page.index('id="prevu"')


async def test_whoever_comes_back_is_told_that_it_has_left(tmp_path: Path) -> None:
    """« Précédent », and yes again: a second alert to everybody only from whoever wants it."""
    async with real_town(tmp_path) as town:
        await make_ready(town)
        async with site(cast("Any", town)) as browser:
            first = await browser.text("/alerter/1")
            number = await town.services.alerting.launch(town.actor, 1, "clé")
            again = await browser.text("/alerter/1")
            exercise = await browser.text("/alerter/1?exercice=1")

    assert "Oui, alerter" in first
    assert f'<a href="/messages/{number}">Voir où il en est</a>' in again
    assert "Oui, alerter" not in again
    assert "Envoyer encore une fois" in again
    assert "Envoyer encore une fois" not in exercise


async def test_two_people_who_press_the_same_button_send_one_alert(tmp_path: Path) -> None:
    """Both have the page open at three in the morning; the second is shown the first."""
    async with real_town(tmp_path) as town:
        await make_ready(town)
        async with site(cast("Any", town)) as browser:
            mine, theirs = [fields_of(await browser.text("/alerter/1")) for _ in range(2)]
            sent = await browser.post("/alerter/1", mine)
            twice = await browser.post("/alerter/1", mine)
            stopped = await browser.post("/alerter/1", theirs)
            said = unescape(await stopped.text())
            wanted = await browser.post("/alerter/1", fields_of(said))
            count = (await town.services.broadcasts.list(town.actor)).total

    assert sent.headers["Location"] == twice.headers["Location"] == "/messages/1"
    assert "Rien n'est parti d'ici" in said
    assert "Déjà envoyé" in said
    assert wanted.headers["Location"] == "/messages/2"
    assert count == 2


async def test_an_exercise_is_no_red_button_and_may_be_for_a_chosen_few(tmp_path: Path) -> None:
    """Nobody wakes a whole town to try."""
    async with real_town(tmp_path) as town:
        await make_ready(town)
        async with site(cast("Any", town)) as browser:
            said = unescape(await browser.text("/alerter/1?exercice=1"))
            chosen = await browser.text("/messages/nouveau?modele=1&exercice=1")

    assert "Faire l'exercice avec 3 personnes" in said
    assert '<button class="vital"' not in said
    assert 'href="/messages/nouveau?modele=1&exercice=1"' in said
    assert re.search(r'name="exercise"[^>]* checked', chosen)
    assert not re.search(r'name="group"[^>]* checked', chosen)


async def test_an_exercise_stays_one_over_a_login_that_ended(tmp_path: Path) -> None:
    """The button that was pressed said exercise; the whole town must not be alerted instead."""
    async with real_town(tmp_path) as town:
        await make_ready(town)
        async with site(cast("Any", town)) as browser:
            account = town.accounts.session.actor.user_id or 0
            typed = (("exercise", "1"), ("key", "k"))
            waits = Carried(account, town.actor.entity_id, "/alerter/1", "/alerter/1", typed)
            key = browser.client.server.app[WAITING].keep(account, waits)
            said = unescape(await browser.text(f"/alerter/1?reprise={key}"))

    assert "appuyez de nouveau" in said
    assert "Faire l'exercice avec 3 personnes" in said
    assert fields_of(said)["exercise"] == "1"


@in_windows
def test_the_pages_of_alert_and_record_are_usable_by_everybody(
    visitor: Visitor, tmp_path: Path, width: int
) -> None:
    """No axe violation, no scrolling sideways."""

    async def scenario() -> list[str]:
        async with real_town(tmp_path) as town:
            await make_ready(town)
            await town.services.alerting.launch(town.actor, 1, "clé")
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                return await unusable(
                    page, here,
                    ["/alerter", "/alerter/1", "/alerter/1?exercice=1", "/alerter/2", "/journal",
                     "/journal?sorte=accounts&verifier=1", "/journal?qui=personne"],
                )  # fmt: skip

    assert [] == visitor.run(scenario())


async def test_who_will_get_nothing_is_said_before_the_alert_leaves(tmp_path: Path) -> None:
    """Somebody without a telephone is to be gone and seen: the mayor read it after the yes only."""
    async with real_town(tmp_path) as town:
        await make_ready(town)
        await become(town, "approver")
        async with site(cast("Any", town), role="approver") as browser:
            shown = unescape(await browser.text("/alerter/1"))

    assert "1 personne ne recevra rien" in shown
    assert "Denis Denat : aucun numéro ni adresse pour les moyens choisis" in shown
