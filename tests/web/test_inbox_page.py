"""SMS that came in, on their pages: read, answered, ruled, nobody's danger overlooked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.store import Connection
from modem.emulator import Network
from tests.acceptance.test_asked_by_sms import ANNE
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.everybody import unusable
from tests.web.real import RealTown, real_town
from tests.web.site import site

STRANGER = "+33639980099"
PAGES = ("/reponses", f"/reponses/{ANNE}", f"/reponses/{STRANGER}", "/reponses/automatiques")


def one_modem() -> Network:
    made = Network(seed=1)
    made.add_modem("m1")
    return made


def last_of(page: str) -> str:
    """Return the last SMS a page shows, as its forms send it."""
    found = re.search(r'name="last" value="(\d+)"', page)
    assert found
    return found[1]


def version_of(page: str) -> str:
    """Return what a page's form says it was made from."""
    found = re.search(r'name="version" value="(\w+)"', page)
    assert found
    return found[1]


async def until(look: Callable[[], Awaitable[object]]) -> None:
    """Wait until it is so, on driven time and on the real clock alike."""
    for _ in range(600):
        if await look():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came")


async def hear(town: RealTown, number: str, *words: str) -> None:
    """Have somebody write, and Tocsin have dealt with it."""

    async def dealt() -> int:
        return int(await town.box.daemon.store.read(_count))

    def _count(db: Connection) -> int:
        return int(db.execute("SELECT count(*) FROM inbox").fetchone()[0])

    network = town.box.network
    for said in words:
        before = await dealt()

        async def more(before: int = before) -> bool:
            return await dealt() > before

        network.send(number, network.modems["m1"], said)
        await until(more)


async def test_a_conversation_is_found_read_and_answered_by_the_same_number(
    tmp_path: Path,
) -> None:
    """From the list to the last word, and back: nothing is left to read."""
    made = one_modem()
    async with real_town(tmp_path, made) as town, site(cast("Any", town)) as browser:
        await hear(town, ANNE, "La salle est-elle ouverte ?")
        await hear(town, STRANGER, "C'est qui ?")
        listed = await browser.text("/reponses")
        found = await browser.text("/reponses?q=alibert")
        talk = await browser.text(f"/reponses/{ANNE}")
        empty = await browser.post(f"/reponses/{ANNE}/repondre", {"text": " ", "key": "k0"})
        for _ in range(2):  # a thumb that trembles sends once
            answer = {"text": "Oui, à 8 h.", "key": "k1", "last": last_of(talk)}
            await browser.post(f"/reponses/{ANNE}/repondre", answer)
        await town.box.advance(30)
        after = await browser.text(f"/reponses/{ANNE}")
        stranger = await browser.text(f"/reponses/{STRANGER}")
        await hear(town, STRANGER, "Au secours !")  # while the first is being read
        await browser.post(f"/reponses/{STRANGER}/lu", {"last": last_of(stranger)})
        meanwhile = await browser.text(f"/reponses/{STRANGER}")
        await browser.post(f"/reponses/{STRANGER}/lu", {"last": last_of(meanwhile)})
        messages = await browser.text("/messages")

    assert "Anne Alibert" in listed
    assert "06 39 98 00 99" in listed
    assert "1 à lire" in listed
    assert "Anne Alibert" in found
    assert "06 39 98 00 99" not in found
    assert "La salle est-elle ouverte" in talk
    assert 400 == empty.status
    assert ["Oui, à 8 h."] == [sms.text for sms in made.handset(ANNE).inbox]
    assert after.index("La salle") < after.index("Oui, à 8 h.")
    assert "reçu" in after
    assert "sans répondre" not in after
    assert f"/contacts/nouveau?numero=%2B{STRANGER[1:]}" in stranger
    assert 1 == meanwhile.count('tag">à lire')
    assert "à lire" not in messages
    assert "Réponse à" not in messages


async def test_the_second_of_two_who_answer_reads_the_first_before_hers_leaves(
    tmp_path: Path,
) -> None:
    """Nothing typed is lost; sent again it leaves. Who presses twice is no second person."""
    made = one_modem()
    async with real_town(tmp_path, made) as town, site(cast("Any", town)) as browser:
        await hear(town, ANNE, "Au secours !")
        talk = await browser.text(f"/reponses/{ANNE}")
        opened = {"version": version_of(talk), "last": last_of(talk)}
        first = {"text": "Le maire arrive.", "key": "k1", **opened}
        for _ in range(2):
            await browser.post(f"/reponses/{ANNE}/repondre", first)
        second = {"text": "Montez au grenier.", "key": "k2", **opened}
        told = await browser.post(f"/reponses/{ANNE}/repondre", second)
        page = await told.text()
        await town.box.advance(30)
        before = [sms.text for sms in made.handset(ANNE).inbox]
        await browser.post(f"/reponses/{ANNE}/repondre", {**second, "version": version_of(page)})
        await town.box.advance(30)

    assert 400 == told.status
    warned = page.split('role="alert"')[1].split("<ol")[0]
    assert "Camille" in warned
    assert "Le maire arrive." in warned
    assert "Montez au grenier.</textarea>" in page
    assert 1 == before.count("Le maire arrive.")
    assert not [text for text in before if "grenier" in text]
    assert "Montez au grenier." in [sms.text for sms in made.handset(ANNE).inbox]


async def test_danger_is_said_on_every_page_until_somebody_has_read_it(tmp_path: Path) -> None:
    made = one_modem()
    async with real_town(tmp_path, made) as town, site(cast("Any", town)) as browser:
        number = await town.box.raise_alert("L'Aude monte.", to=[ANNE], channels=["sms"])
        await town.box.advance(30)
        await hear(town, ANNE, "au secours on est sur le toit")
        pages = [await browser.text(f"/{one}") for one in ("messages", "contacts", "modems")]
        live = await browser.text(f"/messages/{number}/suivi")
        talk = await browser.text(f"/reponses/{ANNE}")
        await browser.post(f"/reponses/{ANNE}/lu", {"last": last_of(talk)})
        calm = await browser.text("/contacts")

    assert all("demande peut-être de l" in one for one in pages)
    assert "au secours on est sur le toit" in live
    assert "EN DANGER ?" in talk
    assert "demande peut-être" not in calm


async def test_a_rule_answers_and_hides_nothing(tmp_path: Path) -> None:
    """Twice a day at most: two automats get bored."""
    made = one_modem()
    async with real_town(tmp_path, made) as town, site(cast("Any", town)) as browser:
        rule = {"words": "Horaires, ouvert", "answer": "Mairie ouverte de 9 h à 12 h."}
        await browser.post("/reponses/automatiques/ajouter", rule)
        wrong = await browser.post("/reponses/automatiques/ajouter", {"words": "x", "answer": ""})
        for _ in range(5):
            await hear(town, STRANGER, "c'est OUVERT demain le guichet ?")
            await town.box.sleep_through(3700)
        await hear(town, ANNE, "le chat est couvert de boue")
        await town.box.advance(60)
        shown = await browser.text("/reponses/automatiques")
        listed = await browser.text("/reponses")
        await browser.post("/reponses/automatiques/retirer", {"id": "1"})
        gone = await browser.text("/reponses/automatiques")

    assert 400 == wrong.status
    assert "horaires, ouvert" in shown
    assert ["Mairie ouverte de 9 h à 12 h."] * 2 == [s.text for s in made.handset(STRANGER).inbox]
    assert [] == made.handset(ANNE).inbox
    assert "5 à lire" in listed
    assert "horaires, ouvert" not in gone


async def test_whoever_may_not_read_messages_reads_none_of_these() -> None:
    async with site() as browser:
        browser.enter("technician")
        pages = [await browser.get(one) for one in ("/reponses", f"/reponses/{ANNE}")]

    assert [403, 403] == [one.status for one in pages]


@pytest.mark.real_time
@in_windows
def test_the_pages_of_replies_are_usable_by_everybody(
    tmp_path: Path, visitor: Visitor, width: int
) -> None:
    """No axe violation, no sideways scrolling, narrow and wide."""

    async def scenario() -> list[str]:
        async with real_town(tmp_path, one_modem()) as town:
            await hear(town, ANNE, "au secours !")
            await hear(town, STRANGER, "C'est qui ?")
            rule = ("ouvert", "Mairie ouverte de 9 h à 12 h.")
            await town.services.inbox.add_rule(town.actor, *rule)
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                return await unusable(page, here, PAGES)

    assert [] == visitor.run(scenario())
