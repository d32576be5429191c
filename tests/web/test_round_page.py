"""The pages of the daily round: for keepers alone, usable by everybody, in words of a secretary."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.rounds import Standing
from gateway.services import GroupForm, PersonForm
from gateway.store import Connection, round_words, rounds
from gateway.store.rounds import NewEntry
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.everybody import unusable
from tests.web.real import RealTown, real_town
from tests.web.site import site

#: The town's night, its yesterday, and its hours.
TODAY, YESTERDAY, NINE = "2026-11-24", "2026-11-23", 540
PAGES = ("/tournee", "/tournee/reglages", f"/tournee/{YESTERDAY}")
FORM = {"first": TODAY, "last": "2026-11-26", "hour": "09:00", "pause": "30",
        "numbers": "06 39 98 00 90", "action": "on"}  # fmt: skip


async def keeper(town: RealTown) -> None:
    """Name the administrator a keeper: their next page knows."""
    await town.services.groupings.name_keeper(town.actor, town.actor.user_id or 0, on=True)


async def registered(town: RealTown) -> list[int]:
    """Put four people on the register."""
    actor = replace(town.actor, keeper=True)
    group = await town.services.groupings.save(actor, None, GroupForm("Fragiles", "registre"))
    return [
        await town.services.persons.save(
            actor, None,
            PersonForm(
                {"name": "Cabanel", "given_name": name, "honorific": "Mme", "note": "oxygène",
                 "number": "3", "street": "rue Basse"},
                endpoints=((0, f"01 99 00 01 0{n}", ""),), group_ids=(group,),
                referent="06 39 98 00 01",
            ),
        )
        for n, name in enumerate(("Yvette", "Blaisette", "Céline", "Denise"))
    ]  # fmt: skip


async def yesterday(town: RealTown, cards: list[int]) -> None:
    """Write a day down: one missed, one well, one to call back, one whose words need reading."""

    def work(db: Connection) -> None:
        for card in cards:
            rounds.add(
                db, NewEntry(1, YESTERDAY, card, NINE, 1795420800.0, 1800.0, None, "off"), 0.0
            )
        missed, well, recall, wrote = (r["id"] for r in rounds.of_day(db, 1, YESTERDAY))
        del missed
        round_words.say(db, well, Standing.WELL, "key", 1795421000.0)
        round_words.say(db, recall, Standing.CALLBACK, "sms", 1795421000.0)
        round_words.wrote(db, wrote, "J'ai un peu chaud <b>ici</b>")

    await town.box.daemon.store.write(work)


async def test_whoever_keeps_no_register_is_refused(tmp_path: Path) -> None:
    """Not even the administrator, until they are named; nobody is led there."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        (card, *_) = await registered(town)
        for path in (*PAGES, f"/tournee/{YESTERDAY}.pdf"):
            assert 403 == (await browser.get(path)).status, path
        posts = ("/tournee/reglages", f"/tournee/personnes/{card}", "/tournee/vu/1")
        assert [403] * 3 == [(await browser.post(path, FORM)).status for path in posts]
        before = await browser.text("/contacts")
        await keeper(town)
        after = await browser.text("/contacts")

    assert "/tournee" not in before
    assert 'href="/tournee"' in after


async def test_a_round_is_set_and_says_how_long_it_takes(tmp_path: Path) -> None:
    """Before it is switched on; then when the first call is; each may have their hour."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await keeper(town)
        empty = await browser.post("/tournee/reglages", FORM)
        (card, other, *_) = await registered(town)
        shown = await browser.text("/tournee/reglages")
        wrong = await browser.post("/tournee/reglages", {**FORM, "numbers": "04 68 00 00 00"})
        wrong_said = await wrong.text()
        done = await browser.post("/tournee/reglages", FORM)
        early = {"hour": "05:00", "way": "voice", "out_why": ""}
        too_early = await browser.post(f"/tournee/personnes/{card}", early)
        await browser.post(f"/tournee/personnes/{card}", {**early, "hour": "10:30"})
        await browser.post(f"/tournee/personnes/{other}", {"hour": "", "out_why": "en cure"})
        on = await browser.text("/tournee")
        setup = await browser.text("/tournee/reglages")
        await browser.post("/tournee/reglages", {**FORM, "action": "off"})
        off = await browser.text("/tournee")

    assert 400 == empty.status
    assert "09:00 : 4 personnes, environ 4 minutes, fini vers 9\xa0h\xa004" in shown
    assert "1 modem pour appeler" in shown
    assert "Mettre la tournée en marche" in shown
    assert (400, 303, 400) == (wrong.status, done.status, too_early.status)
    assert "pas un portable" in wrong_said
    assert re.search(r"Prochain appel : <time [^>]+>aujourd(&#39;|')hui à 9\xa0h\xa000<", on)
    assert "heure à venir" in on
    assert "10:30 : 1 personne" in setup
    assert "en cure" in setup
    assert "personne n'est appelé" in off


async def test_a_day_shows_whom_to_see_and_is_printed(tmp_path: Path) -> None:
    """Who answered what, the referent, the note; a tick writes who saw them and when."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await keeper(town)
        await yesterday(town, await registered(town))
        shown = await browser.text(f"/tournee/{YESTERDAY}")
        seen = await browser.post("/tournee/vu/1", {})
        after = await browser.text(f"/tournee/{YESTERDAY}")
        paper = await browser.get(f"/tournee/{YESTERDAY}.pdf")
        data = await paper.read()
        nothing = await browser.get("/tournee/2026-01-01")
        nowhere = await browser.get("/tournee/2026-13-01")
        stranger = await browser.post("/tournee/vu/99", {})

    assert "Tocsin était arrêté à cette heure" in shown
    assert "à rappeler" in shown
    assert "tout va bien" in shown
    assert "oxygène" in shown
    assert "3 rue Basse" in shown
    assert "01 99 00 01 00" in shown
    assert "Anne Alibert, 06 39 98 00 01" in shown
    assert "« J&#39;ai un peu chaud &lt;b&gt;ici&lt;/b&gt; »" in shown
    assert (303, f"/tournee/{YESTERDAY}") == (seen.status, seen.headers["Location"])
    assert "Vu, tout va bien : Camille, à 3\xa0h\xa0" in after
    assert (200, "application/pdf") == (paper.status, paper.content_type)
    assert data.startswith(b"%PDF")
    assert [404, 404, 404] == [nothing.status, nowhere.status, stranger.status]


@pytest.mark.real_time
@in_windows
def test_the_pages_of_the_round_are_usable_by_everybody(
    tmp_path: Path, visitor: Visitor, width: int
) -> None:
    """No axe violation, no sideways scrolling, narrow and wide."""

    async def scenario() -> list[str]:
        async with real_town(tmp_path) as town:
            await keeper(town)
            cards = await registered(town)
            await yesterday(town, cards)
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                return await unusable(page, here, PAGES)

    assert [] == visitor.run(scenario())
