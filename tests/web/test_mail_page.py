"""Mail, warnings and who is told, on their page."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from gateway.store.mail_in import NewMail
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.real import real_town
from tests.web.site import Site, site
from tests.web.test_browser import violations
from tests.web.test_later_pages import FORM
from tests.web.test_the_work_pages import open_all

RULE = {
    "rule": "Vigicrues", "from": "vigicrues.example", "words": "vigilance orange, Aude",
    "scenario": "1",
}  # fmt: skip
MAIL = (
    b"From: <alerte@vigicrues.example>\nSubject: Vigilance orange\n"
    b"Content-Type: text/plain; charset=utf-8\n\nAude : crue.\n"
)


async def a_ready_message(browser: Site) -> None:
    await browser.post("/messages/nouveau", {**FORM, "action": "keep", "ready_name": "Crue"})


async def test_a_warning_is_ruled_received_and_leads_to_its_message(tmp_path: Path) -> None:
    """From the form to the list, and one click from the list to the message."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        before = await browser.text("/courriel")
        await a_ready_message(browser)
        added = await browser.post("/courriel/regle", RULE)
        assert await town.box.daemon._mailroom.take(MAIL)
        shown = await browser.text("/courriel")
        await browser.post("/courriel/oublier", {"id": "1"})
        after = await browser.text("/courriel")

    assert "Gardez d'abord un message prêt" in before
    assert added.headers["Location"] == "/courriel"
    assert "Écrit par @vigicrues.example, avec les mots : vigilance orange, aude" in shown
    assert "personne de garde, et aucun téléphone autorisé" in shown
    assert 'href="/messages/nouveau?modele=1"' in shown
    assert "Retirer cette règle" not in after


async def test_what_a_machine_asked_for_in_vain_is_shown(tmp_path: Path) -> None:
    """Nobody answers a machine: without this its warning would vanish, and its words with it."""
    raw = MAIL.replace(b"Subject:", b"Auto-Submitted: auto-generated\nSubject: [code K7QM2PXA]")
    new = NewMail(1, "smtp", "Onduleur", "sender", "ups@la-redorte.example",
                  [("warning", "avertissement")], raw)  # fmt: skip
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        assert "Courriels refusés" not in await browser.text("/courriel")
        await town.box.daemon._intake.accept(new)
        await town.box.advance(5)
        shown = await browser.text("/courriel")

    assert "Onduleur" in shown
    assert "Aucune règle ne reconnaît cet avertissement" in shown
    assert "K7QM2PXA" not in shown


async def test_a_wrong_rule_is_told_and_nothing_typed_is_lost(tmp_path: Path) -> None:
    """The mend stands on top, the field is marked."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await a_ready_message(browser)
        answer = await browser.post("/courriel/regle", {**RULE, "words": " , "})
        said = await answer.text()

    assert answer.status == 400
    assert "Écrivez au moins un mot" in said
    assert 'value="Vigicrues"' in said


async def test_mailboxes_are_told_only_where_mail_can_be_sent_to_them(tmp_path: Path) -> None:
    """What was set is shown again; what is no address is refused with its field."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        told = {"forward": "a@b.example; c@d.example", "summary": "", "summary_at": "06:45"}
        await browser.post("/courriel/boites", told)
        shown = await browser.text("/courriel")
        wrong = await browser.post("/courriel/boites", {**told, "summary": "personne"})
        said = await wrong.text()

    assert 'value="a@b.example, c@d.example"' in shown
    assert 'value="06:45"' in shown
    assert wrong.status == 400
    assert 'value="personne"' in said


async def test_a_code_to_send_by_mail_is_shown_once(tmp_path: Path) -> None:
    """And can be withdrawn."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        ways = town.services.mailing.ways
        object.__setattr__(ways, "mailbox", "tocsin@la-redorte.example")
        given = {"name": "Anne", "address": "anne@la-redorte.example"}
        first = await (await browser.post("/courriel/personne", given)).text()
        later = await browser.text("/courriel")
        await browser.post("/courriel/retirer", {"id": "1"})
        after = await browser.text("/courriel")

    assert len(first.split('id="code"')[1].split("<code>")[1].split("</code>")[0]) == 8
    assert 'id="code"' not in later
    assert "anne@la-redorte.example" in later
    assert "Personne n'a encore de code" in after


async def test_only_an_administrator_sees_it(tmp_path: Path) -> None:
    """It says who may send in the town's name."""
    async with site() as browser:
        browser.enter("sender")
        assert (await browser.get("/courriel")).status == 403


@pytest.mark.real_time
@in_windows
def test_the_page_is_usable_by_everybody(tmp_path: Path, visitor: Visitor, width: int) -> None:
    """No axe violation, no sideways scrolling, narrow and wide."""

    async def scenario() -> list[str]:
        async with real_town(tmp_path) as town:
            ways = town.services.mailing.ways
            object.__setattr__(ways, "mailbox", "tocsin@la-redorte.example")
            object.__setattr__(ways, "domain", "tocsin.la-redorte.example")
            async with site(cast("Any", town)) as browser:
                await a_ready_message(browser)
                await browser.post("/courriel/regle", RULE)
                await town.box.daemon._mailroom.take(MAIL)
                await browser.post("/courriel/personne", {"name": "A", "address": "a@b.example"})
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                await page.goto(here + "/courriel")
                await open_all(page)
                found = [*await violations(page)]
                if await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    found.append("wider than the window")
        return found

    assert [] == visitor.run(scenario())
