"""A council on its pages: convened by a form, followed by its quorum, its sheet kept by hand."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any, cast

import pytest

from modem.emulator import Network, Pace
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.real import RealTown, real_town
from tests.web.site import Site, site
from tests.web.test_browser import violations
from tests.web.test_the_work_pages import open_all

LIST = """Nom;Prénom;Tel;Étiquettes;Groupe
Alibert;Anne;06 39 98 00 01;;Conseil
Bœuf;Blaise;06 39 98 00 02;;Conseil
Cros;Céline;06 39 98 00 03;;Conseil
Faure;Fanny;06 39 98 00 06;papier;Conseil
"""
MEETING = {
    "what": "conseil municipal", "at": "2026-12-03T18:30", "place": "salle du conseil",
    "agenda": "Budget.", "days_before": "2", "morning": "1", "inhabitants": "1200", "key": "k",
    "members": "5", "rule": "half", "proxies_each": "1", "answer_by": "2026-12-01T12:00",
}  # fmt: skip


def network() -> Network:
    made = Network(seed=1, pace=Pace.FAST, sms_seconds=0.01, report_seconds=0.02)
    made.add_modem("m1")
    return made


async def group(town: RealTown) -> dict[str, str]:
    """Take the list in; return the form that convenes its council."""
    await town.services.imports.take_file(town.actor, LIST.encode())
    found = {one.name: one.id for one in await town.services.directory.groups(town.actor)}
    return {**MEETING, "council": str(found["Conseil"])}


async def convened(town: RealTown, browser: Site) -> str:
    """Convene the council of the list; return the address of its message."""
    sent = await browser.post("/convocation", {**await group(town), "action": "send"})
    return str(sent.headers["Location"])


def member(roll: str, name: str) -> str:
    """Return the number of a member on the attendance sheet."""
    found = re.search(rf'id="m(\d+)"><details><summary><strong>{name}', roll)
    assert found is not None
    return found[1]


def filled(page: str) -> dict[str, str]:
    """Return what a page's form of a convocation holds, without what stands for nothing."""
    form = page.split('action="/convocation"')[1].split("</form>", maxsplit=1)[0]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = (re.search(rf'{one}="([^"]*)"', tag) for one in ("name", "value"))
        if name and value and ("checkbox" not in tag or " checked" in tag):
            found[name[1]] = value[1]
    found["agenda"] = re.findall(r"<textarea[^>]*>([^<]*)", form)[0]
    for name, options in re.findall(
        r'<select id="\w+" name="(\w+)".*?>(<option.*?)</select>', form
    ):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', options)[0]
    return {name: value for name, value in found.items() if name != "csrf"}


async def test_the_form_says_before_what_the_quorum_will_be(tmp_path: Path) -> None:
    """And who gets paper; what is wrong is told beside its field, nothing typed is lost."""
    async with real_town(tmp_path, network()) as town, site(cast("Any", town)) as browser:
        form = await group(town)
        shown = await (await browser.post("/convocation", {**form, "action": "verify"})).text()
        wrong = await browser.post("/convocation", {**form, "members": "2", "action": "verify"})
        said = await wrong.text()

    assert "5 membres en exercice ; il faudra 3 présents" in shown
    assert "À remettre par courrier : Fanny Faure." in " ".join(shown.split())
    assert "POUVOIR A suivi du nom, avant le mardi 1er décembre 2026 à 12 h" in shown
    assert 400 == wrong.status
    assert "4 personnes pour 2 membres en exercice" in said
    assert 'name="members" inputmode="numeric" value="2" aria-invalid="true"' in said


async def test_who_cannot_be_convened_is_said_before_and_after(tmp_path: Path) -> None:
    """By name, with why and what to do; the button counts the others."""
    async with real_town(tmp_path, network()) as town, site(cast("Any", town)) as browser:
        land = "Nom;Prénom;Tel;Groupe\nHerte;Hugo;01 99 00 00 01;Conseil\n"
        await town.services.imports.take_file(town.actor, land.encode())
        form = await group(town)
        shown = await (await browser.post("/convocation", {**form, "action": "verify"})).text()
        here = await convened(town, browser)
        await browser.post(f"{here}/partir", {})
        lives = await browser.text(f"{here}/suivi")

    before = " ".join(shown.split('id="avant"')[1].split())
    assert "<strong>3 personnes</strong>" in before
    assert "Convoquer 3 personnes" in before
    assert "À convoquer par écrit" in before
    assert "Hugo Herte : aucun numéro ni adresse" in before
    assert "Relancer les 4 sans réponse" in lives
    assert "à convoquer par écrit :</strong> Hugo Herte." in lives


async def test_the_quorum_is_drawn_where_the_message_lives(tmp_path: Path) -> None:
    """One box for each member in office; in the part that is fetched anew, and read aloud."""
    async with real_town(tmp_path, network()) as town, site(cast("Any", town)) as browser:
        here = await convened(town, browser)
        waits = await browser.text(f"{here}/suivi")
        await browser.post(f"{here}/partir", {})
        roll = await browser.text(f"{here}/conseil")
        await browser.post(f"{here}/conseil", {"member": member(roll, "Anne"), "answer": "present"})
        await browser.post(
            f"{here}/conseil",
            {"member": member(roll, "Blaise"), "answer": "proxy", "holder": member(roll, "Anne")},
        )
        lives = await browser.text(f"{here}/suivi")

    sentence = "Quorum non atteint : 1 présent, il en faut 3 sur 5 (il en manque 2)."
    assert "Relancer" not in waits, "nobody is reminded of what has not left"
    assert 2 == lives.count(sentence), "written, and told to a screen reader"
    assert ["present", "proxy", "silent", "silent", "unlisted"] == re.findall(
        r'<rect class="q-(\w+)" x="\d+1?" y="\d+" width="18"', lives
    )
    assert "M60 0V40" in lives, "the line stands after the third box"
    assert "Céline Cros, Fanny Faure." in lives
    assert "Relancer les 2 sans réponse" in lives
    assert "1 membre en exercice n&#39;est pas dans le groupe" in lives.replace("'", "&#39;")


async def test_a_proxy_that_cannot_be_is_refused_by_hand_too(tmp_path: Path) -> None:
    """One for each colleague; the page says why, and keeps nothing of it."""
    async with real_town(tmp_path, network()) as town, site(cast("Any", town)) as browser:
        here = await convened(town, browser)
        roll = await browser.text(f"{here}/conseil")
        anne, blaise, celine = (member(roll, one) for one in ("Anne", "Blaise", "Céline"))
        first = {"member": blaise, "answer": "proxy", "holder": anne}
        taken = await browser.post(f"{here}/conseil", first)
        again = await browser.post(f"{here}/conseil", {**first, "member": celine})
        nobody = await browser.post(f"{here}/conseil", {"member": anne, "answer": "proxy"})
        said = await again.text(), await nobody.text()
        after = await browser.text(f"{here}/conseil")

    assert f"{here}/conseil#m{blaise}" == taken.headers["Location"]
    assert (400, 400) == (again.status, nobody.status)
    assert "porte déjà tous les pouvoirs" in said[0]
    assert "Dites à qui le pouvoir est donné" in said[1]
    assert "noté par Camille" in after


async def test_paper_is_ticked_and_the_tick_taken_back(tmp_path: Path) -> None:
    async with real_town(tmp_path, network()) as town, site(cast("Any", town)) as browser:
        here = await convened(town, browser)
        before = await browser.text(f"{here}/suivi")
        fanny = member(await browser.text(f"{here}/conseil"), "Fanny")
        await browser.post(f"{here}/conseil/papier", {"member": fanny})
        ticked = await browser.text(f"{here}/conseil")
        after = await browser.text(f"{here}/suivi")
        await browser.post(f"{here}/conseil/papier-retirer", {"member": fanny})
        back = await browser.text(f"{here}/suivi")

    assert [True, False, True] == [
        "À remettre par courrier" in one for one in (before, after, back)
    ]
    assert "noté par Camille" in ticked
    assert "Tout est remis" in ticked


async def test_the_reminder_is_proposed_and_goes_to_the_silent_only(tmp_path: Path) -> None:
    """Its text may be changed; what was sent and when stands on the page."""
    async with real_town(tmp_path, network()) as town, site(cast("Any", town)) as browser:
        here = await convened(town, browser)
        roll = await browser.text(f"{here}/conseil")
        await browser.post(f"{here}/conseil", {"member": member(roll, "Anne"), "answer": "present"})
        proposed = await browser.text(f"{here}/conseil/relance")
        form = {"text": "Venez-vous ?", "key": "k", "channel": "sms"}
        empty = await browser.post(f"{here}/conseil/relance", {**form, "channel": "pigeon"})
        sent = await browser.post(f"{here}/conseil/relance", form)
        lives = await browser.text(here)

    assert "nous attendons votre réponse" in proposed
    assert "3 personnes" in proposed
    assert 400 == empty.status
    assert here == sent.headers["Location"]
    assert "Une relance" in lives
    assert ">relance</a>" in lives


async def test_the_sheet_is_handed_out_and_other_messages_have_none(tmp_path: Path) -> None:
    async with real_town(tmp_path, network()) as town, site(cast("Any", town)) as browser:
        here = await convened(town, browser)
        pdf = await browser.get(f"{here}/conseil/feuille.pdf")
        data = await pdf.read()
        table = await browser.text(f"{here}/conseil/feuille.csv")
        plain = await browser.post(
            "/convocation", {**MEETING, "group": "1", "key": "other", "action": "send"}
        )
        other = plain.headers["Location"]
        missing = [
            (await browser.get(f"{other}/conseil{end}")).status
            for end in ("", "/feuille.pdf", "/relance")
        ]
        lives = await browser.text(other)

    assert ("application/pdf", b"%PDF-") == (pdf.content_type, data[:5])
    assert "Sceau;" in table
    assert [404, 404, 404] == missing
    assert "q-present" not in lives


async def test_a_reply_to_deal_with_stands_on_the_page_until_somebody_has(tmp_path: Path) -> None:
    """A proxy is dealt with by writing down what was meant."""
    made = network()
    async with real_town(tmp_path, made) as town, site(cast("Any", town)) as browser:
        await town.box.sleep_through(5 * 3600 + 60)
        here = await convened(town, browser)
        await town.box.advance(60)
        made.send("+33639980001", made.modems["m1"], "pouvoir à Durand")
        await town.box.advance(60)
        lives = await browser.text(f"{here}/suivi")
        roll = await browser.text(f"{here}/conseil")
        await browser.post(f"{here}/conseil", {"member": member(roll, "Anne"), "answer": "excused"})
        after = await browser.text(f"{here}/suivi")

    assert "« pouvoir à Durand »" in lives
    assert "aucun membre de ce conseil ne s&#39;appelle ainsi" in lives
    assert "C'est traité" not in roll.replace("&#39;", "'")
    assert "pouvoir à Durand" not in after.split("À lire")[0]


async def test_a_convocation_that_was_stopped_is_convened_again_as_it_was(tmp_path: Path) -> None:
    """Its page follows no quorum and offers nothing that does nothing; its form is filled in."""
    async with real_town(tmp_path, network()) as town, site(cast("Any", town)) as browser:
        here = await convened(town, browser)
        before = await browser.text(here)
        await browser.post(f"{here}/annuler", {})
        page = await browser.text(here)
        roll = await browser.text(f"{here}/conseil")
        number = here.rpartition("/")[2]
        form = await browser.text(f"/convocation?message={number}")
        gone = await browser.get("/convocation?message=999")
        known = await town.services.convening.taken_back(town.actor, int(number))
        theirs = {**filled(form), "key": "autre", "action": "send"}
        again = await browser.post("/convocation", {**filled(form), "action": "send"})
        twice = await browser.post("/convocation", theirs)
        said = unescape(await twice.text())
        after = await browser.text(here)
        other = await town.services.councils.view(
            town.actor, int(again.headers["Location"].rpartition("/")[2])
        )

    assert "Quorum non atteint : 0 présent, il en faut 3" in before
    assert "retirer les rappels" in before
    for one in ("Quorum", "sans réponse", "retirer les rappels", "/messages/nouveau?message="):
        assert one not in page
    assert "Quorum non atteint" not in roll
    assert f'href="/convocation?message={number}"' in page
    assert 404 == gone.status
    wanted = {**MEETING, "council": str(known.council.group_id if known.council else 0)}
    assert {**wanted, "again": number} == {**filled(form), "key": "k"}
    assert 400 == twice.status
    assert "déjà été corrigé et renvoyé" in said
    assert "/convocation?message=" not in after
    assert other is not None
    assert ("conseil municipal", 5, False) == (other.what, other.size, other.cancelled)


@pytest.mark.real_time
@in_windows
def test_the_pages_of_a_council_are_usable_by_everybody(
    tmp_path: Path, visitor: Visitor, width: int
) -> None:
    """No axe violation, no sideways scrolling, narrow and wide."""

    async def scenario() -> list[str]:
        async with real_town(tmp_path, network()) as town:
            async with site(cast("Any", town)) as browser:
                here = await convened(town, browser)
                roll = await browser.text(f"{here}/conseil")
                anne, blaise = member(roll, "Anne"), member(roll, "Blaise")
                await browser.post(f"{here}/conseil", {"member": anne, "answer": "present"})
                await browser.post(
                    f"{here}/conseil", {"member": blaise, "answer": "proxy", "holder": anne}
                )
            found: list[str] = []
            async with visitor.visit(cast("Any", town), width=width) as (page, at):
                for path in ("/convocation", here, f"{here}/conseil", f"{here}/conseil/relance"):
                    await page.goto(at + path)
                    await open_all(page)
                    found += await violations(page)
                    if await page.evaluate(
                        "document.documentElement.scrollWidth > window.innerWidth"
                    ):
                        found.append(f"{path} is wider than the window")
        return found

    assert [] == visitor.run(scenario())
