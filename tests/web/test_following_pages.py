"""What follows a message, on its pages: no end of an end, and a word before it is said again."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, cast

from gateway.model import Door
from gateway.services import Draft
from gateway.store import settings
from tests.harness import NIGHT
from tests.web.real import real_town
from tests.web.site import site

END = Draft("Fini.", channels=("sms",))


async def test_the_page_of_an_end_offers_no_end(tmp_path: Path) -> None:
    """Two mayors stopped their own end of the alert with it; its address says no, too."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        first = await town.box.raise_alert("Évacuez.", groups=["Quartier inondable"])
        await town.box.finished(first)
        end = await town.services.following.follow(town.actor, first, "end", END)
        await town.box.finished(end)
        pages = [await browser.text(f"/messages/{one}") for one in (first, end)]
        asked = await browser.get(f"/messages/{end}/suite/end")
        posted = await browser.post(
            f"/messages/{end}/suite/end", {"text": "x", "key": "k", "channel": "sms"}
        )
        said = [unescape(await one.text()) for one in (asked, posted)]

    assert ["/suite/end" in page for page in pages] == [True, False]
    assert ["/suite/correction" in page for page in pages] == [True, False]
    assert ["/suite/resend" in page for page in pages] == [True, True]
    assert [asked.status, posted.status] == [400, 400]
    assert all("déjà la fin d'une alerte" in one for one in said)


async def test_the_form_warns_that_what_is_over_would_be_said_again(tmp_path: Path) -> None:
    """It leaves once whoever reads the warning says yes to it, not before."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        first = await town.box.raise_alert("Évacuez.", groups=["Quartier inondable"])
        await town.box.finished(first)
        await town.box.daemon.store.write(
            lambda db: db.execute("UPDATE recipient SET state = 'failed' WHERE name LIKE 'Anne%'")
        )
        form = {"text": "Évacuez.", "key": "k", "channel": "sms", "before": ""}
        end = await town.services.following.follow(town.actor, first, "end", END)
        shown = unescape(await browser.text(f"/messages/{first}/suite/resend"))
        blind = await browser.post(f"/messages/{first}/suite/resend", form)
        again = await browser.post(f"/messages/{first}/suite/resend", {**form, "before": str(end)})

    assert "ce message redirait l'alerte" in shown
    assert "ni qu'ils savent que c'est fini : <strong>1 personne</strong>" in shown
    assert "Envoyer tout de même à" in shown
    assert f'name="before" value="{end}"' in shown
    assert "<p>Par SMS.</p>" in shown
    assert blind.status == 400
    assert again.headers["Location"] != f"/messages/{first}"


async def test_the_form_says_that_it_will_wait_for_the_hours(tmp_path: Path) -> None:
    """Pressed at three in the morning, it leaves at eight: its button promised to send."""
    draft = Draft("Eau coupée.", channels=("sms",), urgency="service", at_any_hour=True)
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        first = await town.services.sending.send(
            town.actor, replace(draft, to=("06 39 98 00 01",)), Door.COMMAND
        )
        await town.box.finished(first)
        shown = unescape(await browser.text(f"/messages/{first}/suite/end"))

    assert "Ces messages ne partent pas à cette heure. Partira" in shown
    assert 'datetime="2026-11-24T08:00+01:00"' in shown


async def test_demain_typed_anew_comes_back_with_its_words_and_leaves_once_it_was_seen(
    tmp_path: Path,
) -> None:
    """Nothing that was typed is lost; the second press is a yes to what was read."""
    draft = Draft("Eau coupée.", channels=("sms",), urgency="service", at_any_hour=True)
    evening = NIGHT.replace(hour=21)
    async with (
        real_town(tmp_path, moment=evening) as town,
        site(cast("Any", town)) as browser,
    ):
        first = await town.services.sending.send(
            town.actor, replace(draft, to=("06 39 98 00 01",)), Door.COMMAND
        )
        await town.box.finished(first)
        address = f"/messages/{first}/suite/correction"
        form = {"text": "Eau coupée demain.", "key": "k", "channel": "sms", "before": ""}
        blind = await browser.post(address, {**form, "word": ""})
        shown = unescape(await blind.text())
        seen = await browser.post(address, {**form, "word": "demain"})
        left = unescape(await browser.text(seen.headers["Location"]))

    assert (400, 303) == (blind.status, seen.status)
    assert 1 == shown.count("ne partira que le mercredi 25 novembre 2026")
    assert ">Eau coupée demain.</textarea>" in shown
    assert 'name="word" value="demain"' in shown
    assert "peuvent partir, jusqu'au 25 novembre à 8 h 00)" in left


async def test_a_text_of_two_lines_is_the_same_when_a_browser_sends_it_again(
    tmp_path: Path,
) -> None:
    """A browser ends its lines by two characters: the text « had changed », and cost more."""
    draft = Draft(
        "Eau coupée.\nBuvez en bouteille.", channels=("sms",), urgency="service",
        at_any_hour=True, to=("06 39 98 00 01", "06 39 98 00 02"),
    )  # fmt: skip
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        first = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.box.finished(first)
        await town.box.daemon.store.write(
            lambda db: (
                db.execute("UPDATE recipient SET state = 'failed'"),
                settings.write(db, 1, "approval_above", 1, "Essai", 0.0),
            )
        )
        form = {"text": draft.text.replace("\n", "\r\n"), "key": "k", "channel": "sms"}
        sent = await browser.post(f"/messages/{first}/suite/resend", form)
        page = unescape(await browser.text(sent.headers["Location"]))

    assert "Eau coupée.\nBuvez en bouteille." in page
