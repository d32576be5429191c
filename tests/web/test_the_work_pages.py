"""Orders, settings, what follows a message: in a real browser, on the real services."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import Page, expect

from gateway.services import Draft, Refused
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.real import RealTown, real_town
from tests.web.site import site
from tests.web.test_browser import violations

pytestmark = pytest.mark.real_time

TEXT = "La rivière monte : montez à l'étage."


async def group(town: RealTown) -> int:
    return (await town.services.directory.groups(town.actor))[0].id


async def sent(town: RealTown, **changes: Any) -> int:
    values: dict[str, Any] = {
        "text": TEXT, "group_ids": (await group(town),), "channels": ("sms",),
        "urgency": "vital", **changes,
    }  # fmt: skip
    return await town.services.sending.send(town.actor, Draft(**values))


async def finished(town: RealTown, number: int) -> None:
    async for _ in town.services.live.watch(town.actor, f"broadcast:{number}"):
        if (await town.services.broadcasts.view(town.actor, number)).summary.closed_at:
            return


async def open_all(page: Page) -> None:
    await page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")


@in_windows
def test_the_pages_of_the_work_are_usable_by_everybody(
    visitor: Visitor, tmp_path: Path, width: int
) -> None:
    """No axe violation, no sideways scrolling, on a telephone and on a screen."""

    async def scenario() -> list[str]:
        found = []
        async with real_town(tmp_path) as town:
            number = await sent(town)
            waiting = await sent(town, urgency="service")
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                for address in (
                    "/ordres", "/ordres?depuis=vital", "/reglages", "/reglages/heures",
                    "/reglages/regles", "/reglages/garde", "/reglages/forfaits",
                    "/reglages/comptes", "/reglages/communes", "/reglages/sauvegardes",
                    "/reglages/changements",
                    f"/messages/{number}", f"/messages/{waiting}",
                    f"/messages/{number}/suite/end", f"/messages/{number}/suite/resend",
                    f"/messages/{number}/porte-a-porte", "/messages/nouveau",
                ):  # fmt: skip
                    await page.goto(here + address)
                    await open_all(page)
                    found += await violations(page)
        return found

    assert visitor.run(scenario()) == []


def test_an_order_is_made_and_chosen_on_the_page(visitor: Visitor, tmp_path: Path) -> None:
    """SMS, five minutes, then a call: the town's own way, drawn and ready to be used."""

    async def scenario() -> None:
        async with (
            real_town(tmp_path) as town,
            visitor.visit(cast("Any", town)) as (page, here),
        ):
            await page.goto(f"{here}/ordres")
            await page.get_by_text("Préparer un ordre d'envoi").click()
            await page.fill("#name", "Cantine")
            await page.locator("input[name=channel-1][value=sms]").check()
            await page.locator("input[name=channel-2][value=voice]").check()
            await page.fill("#minutes-2", "5")
            await page.get_by_role("button", name="Enregistrer cet ordre").click()
            await expect(page.get_by_role("heading", name="Cantine")).to_be_visible()
            await page.goto(f"{here}/messages/nouveau")
            await page.locator("#comment > summary").click()
            await expect(page.get_by_label("Cantine")).to_be_visible()

    visitor.run(scenario())


async def test_an_order_that_cannot_work_is_said_and_nothing_typed_is_lost(
    tmp_path: Path,
) -> None:
    """The mend is on the same page as what was filled in."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        answer = await browser.post(
            "/ordres", {"name": "Courriel seul", "channel-1": "email", "confirm": "1"}
        )
        said = await answer.text()

    assert answer.status == 400
    assert "Personne ne peut confirmer par courriel" in said
    assert 'value="Courriel seul"' in said


CANTEEN = {
    "name": "Cantine", "channel-1": "sms", "otherwise-1": "voice", "channel-2": "voice",
    "minutes-2": "2,5", "when-2": "unreached", "whom-2": "next", "enough": "3",
}  # fmt: skip


def fields_of(form: str) -> list[tuple[str, str]]:
    """Return what a browser would post of the order's form."""
    form = form.split('<form method="post" action="/ordres">')[1]
    found = []
    for tag in re.findall(r"<input[^>]*>|<select.*?</select>", form, re.DOTALL):
        (name,) = re.findall(r'name="([^"]*)"', tag)
        value = re.findall(r'value="([^"]*)"(?: selected| checked|[^>]*>$)', tag)
        if tag.startswith("<select"):
            value = [*re.findall(r'value="([^"]*)" selected', tag), ""]
        if "checkbox" not in tag or " checked" in tag:
            found.append((name, html.unescape(value[0])))
    return [field for field in found if field[0] != "csrf"]


async def test_an_order_opened_again_comes_back_whole_and_replaces_the_old_one(
    tmp_path: Path,
) -> None:
    """One pause to lengthen must not mean making eight steps anew."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await browser.post("/ordres", CANTEEN)
        (made,) = await town.services.orders.list(town.actor)
        opened = await browser.text(f"/ordres?depuis={made.id}")
        form = fields_of(opened)
        same = await browser.post("/ordres", form)
        (kept,) = await town.services.orders.list(town.actor)
        changed = [(name, "10" if name == "minutes-2" else value) for name, value in form]
        await browser.post("/ordres", changed)
        (longer,) = await town.services.orders.list(town.actor)
        renamed = [(name, "Midi" if name == "name" else value) for name, value in form]
        await browser.post("/ordres", renamed)
        both = await town.services.orders.list(town.actor)

    assert "il remplacera celui qui est là" in opened
    assert same.status == 303
    assert kept == made
    assert (made.id, 600.0) == (longer.id, longer.steps[1].after)
    assert [("Cantine", 600.0), ("Midi", 150.0)] == [(o.name, o.steps[1].after) for o in both]


async def test_the_eight_steps_of_an_alert_are_copied_under_a_name_of_the_towns(
    tmp_path: Path,
) -> None:
    """Ours cannot be changed; the town starts from it and changes its copy."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        for order in town.services.orders.advised():
            form = fields_of(await browser.text(f"/ordres?depuis={order.code}"))
            named = [(name, order.code if name == "name" else value) for name, value in form]
            await browser.post("/ordres", named)
        copies = {one.name: one.steps for one in await town.services.orders.list(town.actor)}
        ours = {one.code: one.steps for one in town.services.orders.advised()}
        missing = await browser.get("/ordres?depuis=77")

    assert ours == copies
    assert len(copies["vital"]) == 8
    assert missing.status == 404


async def test_a_new_order_never_takes_the_place_of_another_unasked(tmp_path: Path) -> None:
    """Two secretaries think of the same name; the first one's order is still there."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await browser.post("/ordres", CANTEEN)
        answer = await browser.post("/ordres", {"name": "CANTINE", "channel-1": "email"})
        said = html.unescape(await answer.text())
        (kept,) = await town.services.orders.list(town.actor)

    assert answer.status == 400
    assert "« CANTINE » existe déjà : donnez un autre nom" in said
    assert ("sms",) == kept.steps[0].channels


def test_a_message_of_the_night_says_when_it_leaves_and_can_be_sent_now(
    visitor: Visitor, tmp_path: Path
) -> None:
    """It is three in the morning; the button tells the truth, and the other one is beside it."""

    async def scenario() -> None:
        async with (
            real_town(tmp_path) as town,
            visitor.visit(cast("Any", town)) as (page, here),
        ):
            await page.goto(f"{here}/messages/nouveau")
            await page.fill("#text", "L'eau sera coupée à midi.")
            await page.get_by_label("Quartier inondable").check()
            await expect(page.locator("#envoyer")).to_contain_text("8")
            await page.locator("#maintenant").click()
            await expect(page.locator("h1")).to_contain_text("L'eau sera coupée")
            await expect(page.locator("#depart")).to_contain_text("partira à")
            await page.locator("#faire-partir").click()
            await expect(page.locator("#depart")).to_have_count(0)

    visitor.run(scenario())


def test_the_unreached_are_visited_and_ticked(visitor: Visitor, tmp_path: Path) -> None:
    """Street by street; whoever was told at their door is reached."""

    async def scenario() -> None:
        async with real_town(tmp_path) as town:
            number = await sent(town)
            await finished(town, number)
            async with visitor.visit(cast("Any", town)) as (page, here):
                await page.goto(f"{here}/messages/{number}/porte-a-porte")
                await expect(page.locator("main")).to_contain_text("rue du Port")
                await page.get_by_label("Blaise Bonnet").check()
                await page.fill("#by", "Camille, 3 h 20")
                await page.get_by_role("button", name="Noter comme prévenus").click()
                await expect(page.locator("main")).to_contain_text("Déjà prévenus de vive voix")
            people = await town.services.broadcasts.recipients(town.actor, number)
            told = {person.name: person.state for person in people.items}

            assert told["Blaise Bonnet"] == "told_in_person"

    visitor.run(scenario())


@in_windows
def test_a_tick_made_by_mistake_is_taken_back(visitor: Visitor, tmp_path: Path, width: int) -> None:
    """The wrong Bonnet was ticked: he is to be visited still, and the record says who undid it."""

    async def scenario() -> list[str]:
        async with real_town(tmp_path) as town:
            number = await sent(town)
            await finished(town, number)
            people = (await town.services.broadcasts.recipients(town.actor, number)).items
            before = {person.name: (person.state, person.reason) for person in people}
            bonnet = next(person.id for person in people if person.name == "Blaise Bonnet")
            await town.services.sending.told_in_person(town.actor, [bonnet], "Camille, 3 h 20")
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                await page.goto(f"{here}/messages/{number}/porte-a-porte")
                found = await violations(page)
                await page.get_by_role("button", name="Retirer ce pointage").press("Enter")
                await expect(page.locator("#retire")).to_contain_text("ne repart pas")
                await expect(page.get_by_label("Blaise Bonnet")).to_be_visible()
                await expect(page.get_by_text("Déjà prévenus")).to_have_count(0)
                found += await violations(page)
            again = await town.services.broadcasts.recipients(town.actor, number)
            after = {person.name: (person.state, person.reason) for person in again.items}
            with pytest.raises(Refused, match="déjà retiré"):
                await town.services.sending.take_back_tick(town.actor, number, bonnet)

            assert before == after
            return found

    assert visitor.run(scenario()) == []


def test_the_end_of_the_alert_is_one_page_and_one_press(visitor: Visitor, tmp_path: Path) -> None:
    """To those who had the alert, with the text proposed."""

    async def scenario() -> None:
        async with real_town(tmp_path) as town:
            number = await sent(town)
            await finished(town, number)
            async with visitor.visit(cast("Any", town)) as (page, here):
                await page.goto(f"{here}/messages/{number}")
                await page.get_by_role("button", name="Fin d'alerte").click()
                assert "Fin de l'alerte : " in await page.input_value("#text")
                await page.get_by_role("button", name="Envoyer à 2 personnes").click()
                await expect(page.locator("main")).to_contain_text("Fin annoncée pour")

    visitor.run(scenario())


def test_hours_and_budgets_are_set_on_the_page(visitor: Visitor, tmp_path: Path) -> None:
    """And who set them stays written."""

    async def scenario() -> None:
        async with (
            real_town(tmp_path) as town,
            visitor.visit(cast("Any", town)) as (page, here),
        ):
            await page.goto(f"{here}/reglages")
            await page.get_by_role("link", name="Heures d'envoi").click()
            await page.locator("#heures-service summary").click()
            await page.locator("#heures-service input[name=opens-0]").fill("07:30")
            await page.locator("#heures-service button").click()
            await page.goto(f"{here}/reglages/forfaits")
            await page.locator("#sim-1 summary").click()
            await page.get_by_label("SMS par mois").fill("500")
            await page.get_by_role("button", name="Enregistrer ce forfait").click()
            await page.goto(f"{here}/reglages/changements")
            await expect(page.locator("main")).to_contain_text("lundi 07:30–20:00")
            await page.get_by_role("button", name="Remettre comme avant : heures").click()
            await expect(page.locator("li#changement-2")).to_contain_text("Camille")
            (sim,) = await town.services.tuning.sims(town.actor)
            limits = {gauge.code: gauge.limit for gauge in sim.gauges}

            (service, _) = (await town.services.tuning.view(town.actor)).hours

            assert limits["segments_per_month"] == 500
            assert service.said == "lundi à dimanche 08:00–20:00"

    visitor.run(scenario())
