"""What leaves later, on its pages: ready messages, calendar, convocation, duty, trial."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any, cast

import pytest

from tests.harness import NIGHT
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.real import real_town
from tests.web.site import Site, site
from tests.web.test_browser import violations
from tests.web.test_the_work_pages import open_all

TEXT = "Bonjour {prénom}, l'eau sera coupée jeudi."
FORM = {
    "text": TEXT, "group": "1", "channel": "sms", "urgency": "service", "order": "advised",
}  # fmt: skip


async def announced(browser: Site, form: dict[str, str]) -> dict[str, str]:
    """Return a form as the page posts it once it has shown what will leave."""
    page = await (await browser.post("/messages/prevision", form)).text()
    return {**form, "announced": page.split('name="announced" value="')[1].split('"')[0]}


async def test_a_form_sent_after_the_hours_have_ended_shows_the_day_it_leaves_first(
    tmp_path: Path,
) -> None:
    """« Demain », shown at one minute to eight as leaving at once, was read a day late."""
    evening = NIGHT.replace(hour=19, minute=59)
    async with (
        real_town(tmp_path, moment=evening) as town,
        site(cast("Any", town)) as browser,
    ):
        sent = []
        for key, action in (("a", "send"), ("b", "send_now")):
            text = {"text": "L'eau sera coupée demain.", "key": key}
            form = await announced(browser, {**FORM, **text})
            await town.box.advance(120)
            sent.append(await browser.post("/messages/nouveau", {**form, "action": action}))
        shown = unescape(await sent[0].text())

    assert [200, 303] == [one.status for one in sent]
    assert "« demain », mais ce message ne partira que le mercredi 25 novembre 2026" in shown


async def test_a_ready_message_is_kept_found_and_filled_in_again(tmp_path: Path) -> None:
    """Two gestures in the night, none of them typing."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        kept = await browser.post(
            "/messages/nouveau", {**FORM, "action": "keep", "ready_name": "Coupure d'eau"}
        )
        listed = await browser.text("/modeles")
        filled = await browser.text("/messages/nouveau?modele=1")
        await browser.post("/modeles/1/supprimer", {})
        gone = await browser.text("/modeles")
        missing = await browser.get("/messages/nouveau?modele=1")

    assert kept.headers["Location"] == "/modeles"
    assert "Coupure d&#39;eau" in listed
    assert "Quartier inondable" in listed
    assert "{prénom}, l&#39;eau" in filled
    assert "Aucun message prêt" in gone
    assert 400 <= missing.status < 500


async def test_a_message_that_has_not_left_never_says_that_it_has(tmp_path: Path) -> None:
    """Its page says when it will leave, and to how many; taken back, it leaves no more."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        form = await announced(browser, {**FORM, "at": "2026-12-24T10:00"})
        sent = await browser.post("/messages/nouveau", {**form, "action": "send"})
        where = sent.headers["Location"]
        waiting = unescape(await browser.text(where))
        listed = unescape(await browser.text("/messages"))
        home = unescape(await browser.text("/alerter"))
        await browser.post(f"{where}/annuler", {})
        taken_back = unescape(await browser.text(where))

    assert "partira le 24 décembre à 10 h 00" in waiting
    assert "<strong>2 personnes</strong> aujourd'hui" in waiting
    assert "<summary>Texte</summary>" in waiting
    assert "Prévu" in home
    assert "part le 24 décembre 2026 à 10 h 00" in re.sub("<[^>]+>", "", home).replace(
        "\u00a0", " "
    )
    assert "– 2 personnes" in " ".join(listed.split())
    assert "jointe" not in listed
    untrue = ("Tout est parti", "Personne dans cet état", "jointe", "Texte envoyé")
    assert [] == [said for said in untrue if said in waiting]
    assert "partira" not in taken_back.casefold()
    assert "Tout est parti" not in taken_back


async def test_a_year_nobody_can_mean_costs_nothing_that_was_typed(tmp_path: Path) -> None:
    """Year 1 is what a browser sends while the year is being typed."""
    message = {**FORM, "text": "Mon texte.", "at": "0001-01-01T00:00"}
    meeting = {"at": "0001-01-01T00:00", "agenda": "Mon ordre du jour", "inhabitants": "100"}
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        foreseen = await browser.post("/messages/prevision", message)
        composed = await browser.post("/messages/nouveau", {**message, "action": "send"})
        convened = await browser.post("/convocation", meeting)
        said = [unescape(await one.text()) for one in (foreseen, composed, convened)]

    assert [200, 400, 400] == [foreseen.status, composed.status, convened.status]
    assert 1 == said[1].count("L'année 0001 n'est pas possible")
    assert all("L'année 0001 n'est pas possible" in one for one in said)
    assert "Mon texte.</textarea>" in said[1]
    assert "Mon ordre du jour</textarea>" in said[2]


async def test_a_field_nobody_has_is_told_and_what_was_typed_stays(tmp_path: Path) -> None:
    """The mend stands beside the text."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        answer = await browser.post(
            "/messages/nouveau",
            {**FORM, "text": "Bonjour {toi}", "action": "keep", "ready_name": "x"},
        )
        said = await answer.text()

    assert answer.status == 400
    assert "Champ inconnu : {toi}" in said
    assert "Bonjour {toi}</textarea>" in said


async def test_a_message_that_comes_again_stands_in_the_calendar_until_it_is_ended(
    tmp_path: Path,
) -> None:
    """What leaves by itself must be seen, and stopped, by whoever comes after."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        form = await announced(browser, {**FORM, "at": "2026-12-24T10:00", "rhythm": "weekly"})
        sent = await browser.post("/messages/nouveau", {**form, "action": "send"})
        shown = await browser.text("/calendrier")
        await browser.post("/calendrier/series/1/arreter", {})
        after = await browser.text("/calendrier")

    assert sent.headers["Location"] == "/calendrier"
    assert "jeudi 24 décembre 2026" in shown
    assert "chaque semaine, ce jour-là" in shown
    assert "Rien n'est prévu" in after


async def test_a_rhythm_without_a_first_time_is_refused(tmp_path: Path) -> None:
    """It would never leave."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        form = await announced(browser, {**FORM, "rhythm": "weekly"})
        answer = await browser.post("/messages/nouveau", {**form, "action": "send"})

        assert answer.status == 400
        assert "première fois" in await answer.text()


async def test_what_comes_again_and_has_an_end_is_told_before_it_is_sent(tmp_path: Path) -> None:
    """The check says what sending would refuse, and offers no button for it."""
    again = {"at": "2026-12-24T10:00", "until": "2026-12-31T10:00", "rhythm": "weekly"}
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        checked = await browser.post("/messages/nouveau", {**FORM, **again, "action": "verify"})
        live = await browser.post("/messages/prevision", {**FORM, **again})
        pages = [unescape(await one.text()) for one in (checked, live)]

    for page in pages:
        assert "Un message qui revient n'a pas de fin : laissez ce champ vide." in page
        assert 'value="send"' not in page


async def test_a_trial_goes_to_whoever_writes_and_to_nobody_else(tmp_path: Path) -> None:
    """Seen on one's own telephone first, with one's own name in it."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        answer = await browser.post(
            "/messages/nouveau", {**FORM, "action": "try", "test_to": "06 39 98 00 01"}
        )
        said = await answer.text()
        await town.box.finished(1)
        own = [sms.text for sms in town.box.network.handset("+33639980001").inbox]
        others = town.box.network.handset("+33639980003").inbox
        again = await browser.text("/messages/nouveau")

    assert answer.status == 200
    assert "essai est parti" in said
    assert ["Bonjour Anne, l'eau sera coupée jeudi."] == own
    assert [] == others
    assert 'value="06 39 98 00 01"' in again


MEETING = {
    "what": "conseil municipal", "at": "2027-01-14T18:30", "place": "salle du conseil",
    "agenda": "Budget", "group": "1", "days_before": "2", "morning": "1", "inhabitants": "1200",
}  # fmt: skip


async def test_a_convocation_shows_what_will_leave_then_leaves(tmp_path: Path) -> None:
    """The secretary sees each date before anything is sent."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        shown = await (await browser.post("/convocation", {**MEETING, "action": "verify"})).text()
        key = shown.split('name="key" value="')[1].split('"')[0]
        sent = await browser.post("/convocation", {**MEETING, "key": key, "action": "send"})
        days = await browser.text("/calendrier")
        message = await browser.text(sent.headers["Location"])
        off = await browser.post(f"{sent.headers['Location']}/rappels", {})
        after = await browser.text("/calendrier")

    assert "3 jours francs : respectés" in shown
    assert "12 janvier 2027 à 8" in shown
    assert "mardi 12 janvier 2027" in days
    assert "jeudi 14 janvier 2027" in days
    assert "retirer les rappels" in message
    assert "/suite/correction" in off.headers["Location"]
    assert "janvier 2027" not in after


async def test_what_has_not_left_yet_has_not_followed_a_convocation(tmp_path: Path) -> None:
    """« A été suivi de : rappel » was read a week before the reminder, and after it was dropped."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        answer = await browser.post("/convocation", {**MEETING, "action": "send"})
        address = answer.headers["Location"]
        planned = await browser.text(address)
        await browser.post(f"{address}/rappels", {})
        dropped = await browser.text(address)

    assert "Sera suivi de :" in planned
    assert "A été suivi de :" not in planned + dropped
    assert "Sera suivi de :" not in dropped


async def test_a_convocation_that_waits_for_the_morning_or_a_second_person_says_so(
    tmp_path: Path,
) -> None:
    """The law counts from the day it leaves; the page said « Maintenant » at three in the night."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await town.services.tuning.set_rules(
            town.actor, take_back=20, approval_above=1, signature=""
        )
        shown = unescape(
            await (await browser.post("/convocation", {**MEETING, "action": "verify"})).text()
        )

    assert "<strong>Maintenant</strong>" not in shown
    assert "<strong>24 novembre 2026 à 8\u00a0h\u00a000</strong>" in shown
    assert "Une seconde personne devra valider" in shown
    assert "Les jours francs se comptent du jour où il part." in shown
    assert "la convocation doit être validée avant" in shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"at": "2020-01-01T10:00"}, "déjà passée"),
        ({"at": ""}, "quand la réunion a lieu"),
        ({"inhabitants": "beaucoup"}, "habitants"),
        ({"agenda": ""}, "ordre du jour"),
    ],
)
async def test_a_convocation_that_cannot_be_is_told_with_its_field(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    """And all that was filled in stays."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        answer = await browser.post("/convocation", {**MEETING, **change, "action": "send"})
        page = await answer.text()

    assert answer.status == 400
    assert said in page
    assert "salle du conseil" in page


async def test_a_turn_of_duty_is_entered_seen_and_taken_away(tmp_path: Path) -> None:
    """By the number in the directory; one that nobody has is told."""
    turn = {"list": "Astreinte", "address": "06 39 98 00 01", "begins": "2026-11-23T08:00",
            "ends": "2026-11-30T08:00"}  # fmt: skip
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        wrong = await browser.post("/gardes", {**turn, "address": "06 39 98 77 77"})
        told = await wrong.text()
        await browser.post("/gardes", turn)
        shown = await browser.text("/gardes")
        form = await browser.text("/messages/nouveau")
        await browser.post("/gardes/1/supprimer", {})
        after = await browser.text("/gardes")

    assert "ajoutez d'abord ce contact" in unescape(told)
    assert "Astreinte : Anne Alibert" in shown
    assert 'name="duty" value="Astreinte"' in form
    assert "Personne n'est de garde" in after


async def test_whoever_is_on_duty_at_night_only_may_be_written_to_now(tmp_path: Path) -> None:
    """At three, held until eight, when the turn is over: only « Envoyer maintenant » is offered."""
    turn = {"list": "Astreinte", "address": "06 39 98 00 01", "begins": "2026-11-23T08:00",
            "ends": "2026-11-24T06:00"}  # fmt: skip
    form = {"text": "Arbre.", "duty": "Astreinte", "channel": "sms", "urgency": "service"}
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await browser.post("/gardes", turn)
        shown = unescape(await (await browser.post("/messages/prevision", form)).text())
        refused = await browser.post("/messages/nouveau", {**form, "action": "send"})
        form |= {"announced": shown.split('name="announced" value="')[1].split('"')[0]}
        named = await browser.post("/messages/nouveau", {**form, "action": "send_now"})
        again = unescape(await named.text())
        form |= {"announced": again.split('name="announced" value="')[1].split('"')[0]}
        sent = await browser.post("/messages/nouveau", {**form, "action": "send_now"})

    assert "personne ne sera de garde pour « Astreinte »" in shown
    assert 'id="maintenant"' in shown
    assert 'id="envoyer"' not in shown
    assert "Location" not in refused.headers
    assert "dont Anne Alibert" in " ".join(again.split())
    assert sent.headers["Location"].startswith("/messages/")


@pytest.mark.real_time
@in_windows
def test_the_pages_of_what_leaves_later_can_be_read_by_everybody(
    visitor: Visitor, tmp_path: Path, width: int
) -> None:
    """No axe violation, no sideways scrolling, narrow and wide."""

    async def scenario() -> list[str]:
        found = []
        async with real_town(tmp_path) as town:
            async with site(cast("Any", town)) as browser:
                form = {**FORM, "action": "keep", "ready_name": "Coupure"}
                await browser.post("/messages/nouveau", form)
                await browser.post("/convocation", {**MEETING, "action": "send", "key": "k"})
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                for address in (
                    "/papier",
                    "/modeles", "/calendrier", "/convocation", "/gardes", "/messages", "/api",
                    "/consommation", "/appels",
                    "/messages/1", "/messages/nouveau?modele=1",
                ):  # fmt: skip
                    await page.goto(here + address)
                    await open_all(page)
                    found += [f"{address}: {one}" for one in await violations(page)]
                    if await page.evaluate(
                        "document.documentElement.scrollWidth > window.innerWidth"
                    ):
                        found.append(f"{address}: wider than the window")
        return found

    assert [] == visitor.run(scenario())
