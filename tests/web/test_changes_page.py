"""The page of past settings: what was deleted comes back by one press, or it says why not."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.services import Draft
from tests.web.real import real_town
from tests.web.site import site

pytestmark = pytest.mark.real_time


async def test_a_deleted_ready_message_comes_back_by_one_press(tmp_path: Path) -> None:
    """Found from the page of ready messages, by whoever may change settings."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        draft = Draft("Le feu approche.", group_ids=(1,), channels=("sms",), urgency="vital")
        number = await town.services.ready.keep(town.actor, "Incendie", draft)
        await browser.post(f"/modeles/{number}/supprimer", {})
        empty = await browser.text("/modeles")
        shown = await browser.text("/reglages/changements")
        (gone, *_) = await town.services.history.changes(town.actor)
        pressed = await browser.post(
            "/reglages/changements", {"change": str(gone.id), "seen": str(gone.id)}
        )
        again = await browser.text("/modeles")

    assert 'href="/reglages/changements"' in empty
    assert "message prêt « Incendie »" in shown
    assert "Un compte se ferme sur la page Comptes." in shown.replace("&#39;", "'")
    assert 303 == pressed.status
    assert "Le feu approche." in again


async def test_what_a_colleague_has_done_to_another_message_stands_in_nobodys_way(
    tmp_path: Path,
) -> None:
    """« Ce réglage a changé », said the list of a ready message that nobody had touched."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        for name, text in (("Feu", "Partez."), ("Crue", "Montez."), ("Feu", "Rentrez.")):
            draft = Draft(text, group_ids=(1,), channels=("sms",), urgency="vital")
            await town.services.ready.keep(town.actor, name, draft)
        page = await browser.text("/reglages/changements")
        opened = re.findall(r'name="(change|seen)" value="(\d+)"', page)[:2]
        await town.services.ready.keep(town.actor, "Crue", replace(draft, text="Sortez."))
        pressed = await browser.post("/reglages/changements", dict(opened))

    assert 303 == pressed.status


async def test_what_a_colleague_has_set_meanwhile_is_not_overwritten_unseen(
    tmp_path: Path,
) -> None:
    """Two at one list: Monday's hours, put right by one, went with what the other undid."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        tuning, actor = town.services.tuning, town.actor
        for signature in ("Le maire", "La mairie"):
            await tuning.set_rules(actor, take_back=20, approval_above=0, signature=signature)
        page = await browser.text("/reglages/changements")
        opened = re.findall(r'name="(change|seen)" value="(\d+)"', page)[:2]
        await tuning.set_rules(actor, take_back=20, approval_above=0, signature="Mairie")
        blind = await browser.post("/reglages/changements", dict(opened))
        said, kept = unescape(await blind.text()), (await tuning.view(actor)).signature
        (_, seen) = re.findall(r'name="(change|seen)" value="(\d+)"', said)[:2]
        sure = await browser.post("/reglages/changements", dict([opened[0], seen]))
        back = (await tuning.view(actor)).signature

    assert (400, "Mairie") == (blind.status, kept)
    assert "a changé depuis que vous avez ouvert cette page" in said
    assert (303, "Le maire") == (sure.status, back)


async def test_what_was_set_is_said_to_be_once_and_not_where_it_was_refused(tmp_path: Path) -> None:
    """The form came back as it was, without a word: one pressed again, to be sure."""
    rules = {"take_back": "60", "approval_above": "0", "signature": "Mairie"}
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        saved = await browser.post("/reglages/regles", rules)
        told = await browser.text(saved.headers["Location"])
        later = await browser.text("/reglages/regles")
        refused = await browser.post("/reglages/regles", {**rules, "take_back": "vingt"})
        why = await refused.text()

    done = "<strong>C'est fait.</strong>"
    assert [True, False, False] == [done in unescape(page) for page in (told, later, why)]
