"""A button pressed twice at once does its work once: every form that adds or sends something."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.services import Draft
from gateway.store import Connection
from tests.web.real import RealTown, real_town
from tests.web.site import site

#: Of each such form: its page, where it posts, what is typed, and what it adds, by table.
FORMS: dict[str, tuple[str, str, dict[str, str], str]] = {
    "first try": ("/premier-essai", "/premier-essai",
                  {"to": "06 39 98 00 01", "text": "Essai."}, "broadcast"),
    "trial": ("/messages/nouveau", "/messages/nouveau",
              {"action": "try", "test_to": "06 39 98 00 01", "text": "Essai.", "channel": "sms",
               "urgency": "service"}, "broadcast"),
    "message": ("/messages/nouveau", "/messages/nouveau",
                {"action": "send", "text": "Essai.", "channel": "sms", "urgency": "service",
                 "group": "1"}, "broadcast"),
    "series": ("/messages/nouveau", "/messages/nouveau",
               {"action": "send", "text": "Essai.", "channel": "sms", "urgency": "service",
                "group": "1", "rhythm": "weekly", "at": "2026-12-03T10:00"}, "series"),
    "ready message": ("/messages/nouveau", "/messages/nouveau",
                      {"action": "keep", "text": "Essai.", "channel": "sms", "group": "1",
                       "urgency": "service", "ready_name": "Essai"}, "scenario"),
    "rule": ("/reponses/automatiques", "/reponses/automatiques/ajouter",
             {"words": "bois", "answer": "À la mairie."}, "reply_rule"),
    "contact": ("/contacts/nouveau", "/contacts/nouveau",
                {"name": "Durand", "address": "06 39 98 00 77"},
                "contact"),
    "contact by landline": ("/contacts/nouveau", "/contacts/nouveau",
                            {"name": "Durand", "address": "01 99 00 00 77"}, "contact"),
    "contact without a number": ("/contacts/nouveau", "/contacts/nouveau",
                                 {"name": "Durand", "street": "rue du Port"}, "contact"),
    "group": ("/groupes/nouveau", "/groupes/nouveau",
              {"name": "Chasseurs", "purpose": "information"}, "grouping"),
    "order": ("/ordres", "/ordres", {"name": "Doucement", "channel-1": "sms"}, "plan"),
    "duty": ("/gardes", "/gardes",
             {"list": "Astreinte", "address": "06 39 98 00 01", "begins": "2026-12-03T10:00",
              "ends": "2026-12-04T10:00"}, "duty"),
    "account": ("/reglages/comptes", "/reglages/compte",
                {"login": "denis", "name": "Denis", "password": "le vent se lève à midi",
                 "role": "sender"}, "account"),
    "town": ("/reglages/communes", "/reglages/commune", {"town": "Azille"}, "entity"),
    "access": ("/api", "/api", {"software": "Sirène"}, "software"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
async def test_two_presses_at_once_do_it_once(tmp_path: Path, name: str) -> None:
    """A mouse that bounces must not ring a telephone twice, nor two cards stand for one person."""
    at, path, typed, table = FORMS[name]
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        fields = {**hidden(await browser.text(at), path), **typed}
        if typed.get("action") == "send":  # what will leave is shown first
            fields |= hidden(await (await browser.post(path, fields)).text(), path)
        before = await count(town, table)
        answers = await asyncio.gather(*(browser.post(path, fields) for _ in range(2)))
        answers.append(await browser.post(path, fields))
        added = await count(town, table) - before
        seen = {(one.status, one.headers.get("Location")) for one in answers}

    assert added == 1
    assert len(seen) == 1  # whichever answer the browser shows, it is what was done
    assert seen.pop()[0] < 400


async def test_a_form_gone_back_to_and_changed_is_not_taken_for_the_first(tmp_path: Path) -> None:
    """The page of the first opened, as if the second text had left; nobody ever read it."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        alert = Draft("L'eau monte.", group_ids=(1,), channels=("sms",), urgency="vital")
        number = await town.services.sending.send(town.actor, alert)
        await town.box.finished(number)
        there, answered = f"/messages/{number}/suite/correction", "/reponses/%2B33639980001"
        follow = {**hidden(await browser.text(there), there), "channel": "sms"}
        answer = hidden(await browser.text(answered), f"{answered}/repondre")
        first = await browser.post(there, {**follow, "text": "L'eau baisse."})
        refused = await browser.post(there, {**follow, "text": "L'eau remonte."})
        again = await browser.post(there, {**follow, "text": "L'eau baisse."})
        await browser.post(f"{answered}/repondre", {**answer, "text": "Oui."})
        late = await browser.post(f"{answered}/repondre", {**answer, "text": "Non."})
        shown = [unescape(await one.text()) for one in (refused, late)]

    assert first.headers["Location"] == again.headers["Location"]
    assert "rien n'est parti une autre fois" in shown[0]
    assert "La vôtre n'est pas partie" in shown[1]
    assert all(said in page for said, page in zip(("L'eau remonte.", "Non."), shown, strict=True))


@pytest.mark.parametrize("name", ["first try", "duty", "rule"])
async def test_from_two_windows_it_is_done_once_too(tmp_path: Path, name: str) -> None:
    """Minutes apart, or by somebody else: the same thing once more is what stands already."""
    at, path, typed, table = FORMS[name]
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        shown = [hidden(await browser.text(at), path) for _ in range(2)]
        before = await count(town, table)
        first = await browser.post(path, {**shown[0], **typed})
        await town.box.advance(60)
        second = await browser.post(path, {**shown[1], **typed, "window": "2"})
        added = await count(town, table) - before

    assert (first.status, second.status, added) == (303, 303, 1)


async def test_what_is_done_taken_back_and_done_again_is_done(tmp_path: Path) -> None:
    """Only the press right after is a bounce."""
    ring = FORMS["first try"][2]
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        before = await count(town, "broadcast")
        for fields in (ring, {"action": "again"}, ring):
            await browser.post("/premier-essai", fields)
        added = await count(town, "broadcast") - before

    assert added == 2


async def test_what_was_refused_is_asked_again(tmp_path: Path) -> None:
    """The number is free now: the second press is a real one."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        group = {"name": "Chasseurs", "purpose": "information"}
        await browser.post("/groupes/nouveau", group)
        other = {**group, "more": "1"}
        refused = await browser.post("/groupes/nouveau", other)
        made = {one.name: one.id for one in await town.services.directory.groups(town.actor)}
        await town.services.groupings.remove(town.actor, made["Chasseurs"])
        again = await browser.post("/groupes/nouveau", other)

    assert (refused.status, again.status) == (400, 303)


async def count(town: RealTown, table: str) -> int:
    """Return how many there are."""

    def work(db: Connection) -> int:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608

    return await town.box.daemon.store.read(work)


def hidden(page: str, path: str) -> dict[str, str]:
    """Return what the form that posts there holds already, its token apart."""
    form = next(one for one in re.findall(r"<form\b.*?</form>", page, re.DOTALL)
                if f'action="{path}"' in one)  # fmt: skip
    return dict(re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)"', form))
