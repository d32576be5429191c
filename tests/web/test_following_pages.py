"""What follows a message, on its pages: no end of an end, and a word before it is said again."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, cast

from gateway.model import Door
from gateway.services import Draft
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
