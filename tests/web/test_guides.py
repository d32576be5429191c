"""The help: searched, printed, pictured; and the first message, guided."""

from __future__ import annotations

import html
import json
import re
import tomllib
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway.config_box import BackupSettings, HealthSettings
from gateway.upkeep import sealing
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.everybody import unusable
from tests.web.pictures import MANIFEST, WANTED, furnish, structures
from tests.web.real import RealTown, real_town
from tests.web.site import Site, site
from web import guides
from web.views.guide import PAGES

FILES = [file for file, _ in PAGES.values()]


@pytest.mark.parametrize("asked", ["quorum", "QUORUM", "le quórum", "  quorum !"])
def test_a_word_is_found_however_it_is_typed(asked: str) -> None:
    """Capitals, accents and signs are nobody's concern."""
    found = guides.search("user.html", asked)

    assert any("quorum" in one.heading for one in found)
    assert any("<mark>quorum</mark>" in one.heading for one in found)


def test_all_words_must_be_there_and_headings_come_first() -> None:
    """Or a search for two words finds half the guide."""
    found = guides.search("user.html", "quorum présence")

    assert found
    assert found == [one for one in guides.search("user.html", "quorum") if one in found] or all(
        "mark" in one.extract + one.heading for one in found
    )
    assert [] == guides.search("user.html", "quorum xylophone")
    assert "<mark>" in guides.search("user.html", "exercice")[0].heading


@pytest.mark.parametrize(
    ("asked", "file", "heading"),
    [("mot de passe", "user.html", "compte"), ("quota", "technician.html", ""),
     ("facture", "user.html", ""), ("brouillon", "user.html", ""), ("scénario", "user.html", ""),
     ("fusionner", "user.html", ""), ("consentement", "user.html", ""),
     ("horaires", "user.html", ""), ("enregistrement", "user.html", ""),
     ("écarté", "user.html", "")],
)  # fmt: skip
def test_words_of_elsewhere_and_words_side_by_side_find_their_section(
    asked: str, file: str, heading: str
) -> None:
    """An operator's « quota » is a SIM's « forfait » here."""
    found = guides.search(file, asked)

    assert found
    assert heading in guides.fold(found[0].heading)


def test_the_nearest_is_shown_where_no_section_has_every_word() -> None:
    """Nobody is sent away for one word too many."""
    assert [] == guides.search("technician.html", "signal faible xylophone")
    assert guides.nearest("technician.html", "signal faible xylophone")
    assert [] == guides.nearest("technician.html", "xylophone de la")


@given(st.text(max_size=80))
def test_whatever_is_asked_nothing_but_marks_comes_into_the_page(asked: str) -> None:
    """What is typed never becomes a tag."""
    for one in (*guides.search("user.html", asked), *guides.nearest("user.html", asked)):
        for shown in (one.heading, one.extract):
            rest = shown.replace("<mark>", "").replace("</mark>", "")
            assert "<" not in rest
            assert ">" not in rest


@pytest.mark.parametrize("file", FILES)
def test_each_section_has_an_anchor_of_its_own(file: str) -> None:
    """Two the same, and the contents lead to the wrong one."""
    anchors = [one.anchor for one in guides.sections(file)]

    assert len(anchors) == len(set(anchors))
    assert all(f'<h2 id="{one}">' in guides.whole(file) for one in anchors)


@pytest.mark.parametrize("file", FILES)
def test_the_marks_of_make_guide_are_not_read_by_anybody(file: str) -> None:
    """They say where a table is written, to us."""
    assert "{#" not in guides.whole(file)
    assert not any("{#" in one.text for one in guides.sections(file))


def test_the_pictures_named_are_there_and_small() -> None:
    """A guide is read over a village's line; a picture nobody shows is dead weight."""
    named = [name for file in FILES for name in guides.pictures(file)]
    there = {path.name: path.stat().st_size for path in guides.PICTURES.glob("*.webp")}

    assert sorted(there) == sorted(named) == sorted(f"{name}.webp" for name in WANTED)
    assert len(there) <= 8
    assert {} == {name: size for name, size in there.items() if size > 20_000}


@pytest.mark.parametrize("file", FILES)
def test_the_place_of_a_picture_is_kept_until_the_reader_comes_near(file: str) -> None:
    """Without its size a browser takes them all for near, and fetches all at once."""
    for name in guides.pictures(file):
        with Image.open(guides.PICTURES / name) as picture:
            kept = f'{name}" width="{picture.width}" height="{picture.height}"'
        assert kept in guides.whole(file)


async def test_the_pages_are_still_as_they_were_pictured(tmp_path: Path) -> None:
    """Where this fails a page has changed: `make pictures`, look at them, commit them."""
    async with real_town(tmp_path) as town:
        await furnish(town)
        async with site(cast("Any", town)) as browser:
            now = await structures(browser)

    assert json.loads(MANIFEST.read_text()) == now


async def test_the_help_answers_and_hands_out_its_pictures_only(tmp_path: Path) -> None:
    """By a form, without JavaScript; and nothing else of the folder."""
    async with site() as browser:
        found = await browser.text("/aide?q=quorum")
        nothing = await browser.text("/aide?q=xylophone")
        guide = await browser.text("/aide/utilisateur")
        image = await browser.get("/aide/images/ecrire.webp")
        gone = await browser.get("/aide/images/aucune.webp")
        manifest = await browser.get("/aide/images/manifest.json")

    assert '<a href="/aide/utilisateur#convoquer-le-conseil-et-suivre-le-quorum">' in found
    assert "<mark>quorum</mark>" in found
    assert "Rien dans l'aide" in nothing.replace("&#39;", "'")
    assert '<a href="#envoyer-un-message">' in guide
    assert (200, "image/webp") == (image.status, image.content_type)
    assert (404, 404) == (gone.status, manifest.status)


def example(name: str) -> dict[str, Any]:
    """Return the piece of configuration that the technician guide shows under this name."""
    found = re.search(
        rf'<pre id="exemple-{name}"><code>(.*?)</code>', guides.whole("technician.html"), re.DOTALL
    )
    assert found, name
    return tomllib.loads(html.unescape(found[1]))


def test_what_the_guide_says_to_write_is_what_the_box_reads() -> None:
    """Copied as it stands: a wrong key keeps the service from starting."""
    health = HealthSettings(**example("sante")["health"])
    backup = example("sauvegarde")["backup"]
    key, _ = sealing.new_key()  # the guide's is cut short: nobody else may have its sheet

    assert health.technician_sms
    assert health.technician_mail
    assert 3 == len(BackupSettings(**{**backup, "recipient": key}).to)


# the first message


async def sent(town: RealTown, browser: Site) -> str:
    """Do the first two steps; return the page."""
    await browser.post("/premier-essai", {"to": "06 39 98 00 01", "text": "Mon essai."})
    (summary,) = (await town.services.broadcasts.list(town.actor)).items
    await town.box.finished(summary.id)
    return await browser.text("/premier-essai")


async def test_a_first_message_goes_to_oneself_only_and_says_that_it_is_an_exercise(
    tmp_path: Path,
) -> None:
    """Nobody else's telephone rings; from the empty page to the report."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        empty = await browser.text("/messages")
        page = await sent(town, browser)
        (summary,) = (await town.services.broadcasts.list(town.actor)).items
        report = await town.box.report(summary.id)
        texts = town.box.network.handset("+33639980001").inbox
        await browser.post("/premier-essai", {"action": "over"})
        done = await browser.text("/premier-essai")

    assert 'href="/premier-essai"' in empty
    assert 1 == len(report["recipients"])
    assert summary.exercise
    assert any("EXERCICE" in str(one) for one in texts)
    assert f"/messages/{summary.id}/rapport.pdf" in page
    assert "C'est fait." in done.replace("&#39;", "'")


async def test_a_wrong_number_put_right_rings_the_right_telephone(tmp_path: Path) -> None:
    """« Précédent », corrected and sent: the page said « fait » of a number nobody had rung."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        for number in ("06 39 98 00 02", "06 39 98 00 01", "06 39 98 00 01"):
            await browser.post("/premier-essai", {"to": number, "text": "Mon essai."})
        listed = (await town.services.broadcasts.list(town.actor)).items
        view = await town.services.first_try.view(town.actor)
        assert view.message is not None
        rung = await town.box.report(view.message.summary.id)

    assert 2 == len(listed)
    assert {"+33639980001"} == {job["endpoint"] for job in rung["recipients"][0]["jobs"]}


async def test_it_is_skipped_begun_anew_and_told_where_it_cannot_be(tmp_path: Path) -> None:
    """Nobody is held up by a lesson; a wrong number says so, the text stays."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        wrong = await browser.post("/premier-essai", {"to": "12", "text": "Mon essai à moi."})
        told = await wrong.text()
        await browser.post("/premier-essai", {"action": "over"})
        over = await town.services.first_try.view(town.actor)
        await browser.post("/premier-essai", {"action": "again"})
        anew = await town.services.first_try.view(town.actor)
        listed = await town.services.history.changes(town.actor)

    assert 400 == wrong.status
    assert "Mon essai à moi." in told
    assert over.over
    assert not anew.over
    # one's own lesson is no setting of the town
    assert {"rôle d'un compte « Camille »"} == {one.what for one in listed}


@pytest.mark.real_time
@in_windows
def test_the_help_and_the_first_message_are_for_everybody(
    visitor: Visitor, tmp_path: Path, width: int
) -> None:
    """No violation, no sideways scrolling."""

    async def scenario() -> list[str]:
        async with real_town(tmp_path) as town:
            paths = ["/aide", "/aide?q=quorum", "/aide/utilisateur", "/premier-essai"]
            async with site(cast("Any", town)) as browser:
                async with visitor.visit(cast("Any", town), width=width) as (page, here):
                    found = await unusable(page, here, paths)
                # the call rings on meanwhile: the page is read as it is then
                await browser.post("/premier-essai", {"to": "06 39 98 00 01", "text": "Essai."})
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                return found + await unusable(page, here, ["/premier-essai"])

    assert [] == visitor.run(scenario())
