"""No page leads where its reader may not go, or nowhere: each link and button of each role."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, deque
from collections.abc import Iterator
from functools import partial
from html import unescape
from pathlib import Path

import pytest

from gateway.services import Session
from tests.harness import Town
from tests.web import test_roles as table
from tests.web.site import Site
from tests.web.test_council_page import LIST, MEETING
from tests.web.test_inbox_page import STRANGER, until
from tests.web.test_roles import ROLES, browsing, everybody

#: Files that take a while to make, and what leads away from this session: not followed.
_SPARED = re.compile(r"\.(pdf|xlsx|csv|vcf|crt|txt|css|js|svg|webp|json)\b|^/(deconnexion|langue)")
_LINK = re.compile(r'<a [^>]*?href="(/[^"#]*)')
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_SENT = re.compile(r'<(?:button|input)\b[^>]*\bformaction="([^"]+)"')
#: Four addresses that differ by a number stand for all of their kind: a council is no alert.
_KIND = re.compile(r"\d+")
_OF_A_KIND = 4
_MOST = 200
#: What a role may read that no link of its own leads to: an address in a mail, or by heart.
_UNLINKED = ("/messages/2/porte-a-porte", "/messages/2/conseil")
#: Whoever wrote a message may say yes to it with a reason, of which the table knows nothing.
_OWN = {("S", "/messages/{id}/valider")}


async def busy(town: Town, chief: Session) -> None:
    """Give the town what pages have buttons for: a council, replies, people seen at their doors."""
    services = town.services
    await services.imports.take_file(chief.actor, LIST.encode())
    found = {one.name: one.id for one in await services.directory.groups(chief.actor)}
    async with browsing(town, chief) as browser:
        form = {**MEETING, "council": str(found["Conseil"]), "action": "send"}
        here = (await browser.post("/convocation", form)).headers["Location"]
        await browser.post(f"{here}/partir", {})
        await town.finished(int(here.rpartition("/")[2]))
        roll = await browser.text(f"{here}/conseil")
        paper = re.findall(r'type="checkbox" name="member" value="(\d+)"', roll)
        await browser.post(f"{here}/conseil/papier", {"member": paper[0]})
        for number, words in (("+33639980002", "peut-être"), (STRANGER, "bonjour")):
            town.network.send(number, town.network.modems["orange-1"], words)
            await until(partial(_stands, browser, "/reponses", words))
        await town.daemon.store.write(
            lambda db: db.execute("UPDATE recipient SET state = 'failed'")
        )
        sheet = await browser.text(f"{here}/porte-a-porte")
        people = re.findall(r'name="person" value="(\d+)"', sheet)
        assert len(people) > 1
        await browser.post(f"{here}/porte-a-porte", {"person": people[0], "by": "Camille"})


async def _stands(browser: Site, path: str, words: str) -> bool:
    return words in await browser.text(path)


async def dead_ends(browser: Site, letter: str) -> tuple[list[str], int, int]:
    """Follow every link from the home page, look at every button.

    Return what is refused or missing, how many pages were asked for and how many buttons seen.
    """
    waiting, seen, pressed, wrong = deque([("/", "/")]), {"/"}, set(), []
    waiting += [(one, "/") for one in _UNLINKED if may_press(letter, "GET", one)]
    kinds: Counter[str] = Counter()
    while waiting and len(seen) < _MOST:
        path, origin = waiting.popleft()
        async with browser.client.get(path) as answer:
            body = await answer.text()
        if answer.status >= 400:
            wrong.append(f"{origin} → {path}: {answer.status}")
            continue
        for link in map(unescape, _LINK.findall(body)):
            bare = link.partition("?")[0]
            kind = _KIND.sub("1", bare)
            if not _SPARED.search(link) and bare not in seen and kinds[kind] < _OF_A_KIND:
                seen.add(bare)
                kinds[kind] += 1
                waiting.append((link, path))
        for method, action in buttons(body, path):
            pressed.add((method, action))
            if not may_press(letter, method, action):
                wrong.append(f"{path}: a button for {method} {action}")
    return wrong, len(seen), len(pressed)


def buttons(body: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield (method, address) of each form of a page and of its buttons that post elsewhere."""
    for attributes, inside in _FORM.findall(body):
        said = dict(re.findall(r'\b(method|action)="([^"]*)"', attributes))
        method = said.get("method", "get").upper()
        for action in (said.get("action") or path, *_SENT.findall(inside)):
            yield method, unescape(action).partition("?")[0]


def may_press(letter: str, method: str, action: str) -> bool:
    """Tell whether the table of roles lets this one send a form there."""
    if f"{method} {action}" in table.OPEN or letter in table.OTHERS.get(action, ""):
        return True
    return any(
        letter in may or (letter, path) in _OWN
        for may, listed in table.MATRIX.items()
        for verb, path in (one.split(" ") for one in listed)
        if verb == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), action)
    )


@pytest.mark.real_time
@pytest.mark.timeout(180)
def test_no_link_leads_and_no_button_posts_where_its_reader_may_not_go(tmp_path: Path) -> None:
    """A refusal is a page nobody should see by following what was shown to them."""

    async def every_role() -> dict[str, list[str]]:
        found = {}
        async with everybody(tmp_path) as (town, sessions):
            await busy(town, sessions["administrator"])
            for letter, role in ROLES.items():
                async with browsing(town, sessions[role]) as browser:
                    wrong, asked, pressed = await dead_ends(browser, letter)
                assert asked > 5, role
                assert pressed > 2, role
                found[role] = wrong
        return found

    assert {role: [] for role in ROLES.values()} == asyncio.run(every_role())
