"""The calendar: months and weeks, holidays by name, hours, and giving what waits another time."""

from __future__ import annotations

import html
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from multidict import MultiDict

from gateway.calendar import holiday_names
from gateway.services import Draft
from tests.harness import NIGHT
from tests.sweeps import DESK, PHONE, in_windows
from tests.web.conftest import Visitor
from tests.web.everybody import unusable
from tests.web.real import RealTown, real_town
from tests.web.site import site
from web import calendars

THURSDAY = NIGHT + timedelta(days=2, hours=7)  # 26 November, ten o'clock


async def planned(town: RealTown) -> int:
    """Plan a message for Thursday, another each Saturday; return the first one's number."""
    (group,) = await town.services.directory.groups(town.actor)
    about = {"group_ids": (group.id,), "channels": ("sms",), "urgency": "service"}
    number = await town.services.sending.send(
        town.actor,
        Draft("L'eau sera coupée.", title="Coupure d'eau", at=THURSDAY, **about),  # type: ignore[arg-type]
    )
    saturday = Draft("Marché.", title="Marché", at=NIGHT + timedelta(days=4, hours=6), **about)  # type: ignore[arg-type]
    await town.services.agenda.repeat(town.actor, saturday, "weekly")
    return number


def days_of(page: str) -> dict[str, str]:
    """Return what each day of a page says, by its heading."""
    grid = html.unescape(page).split("</ol>")[0]
    found = {}
    for one in re.split(r'<li class="day[ "]', grid)[1:]:
        name, _, body = one.partition("</h3>")
        found[" ".join(re.sub(r"^.*?<h3>|<[^>]+>", "", name, flags=re.DOTALL).split())] = body
    return found


@pytest.mark.parametrize(
    ("query", "first", "last", "skip"),
    [
        ("", date(2026, 11, 1), date(2026, 11, 30), 6),
        ("vue=semaine", date(2026, 11, 23), date(2026, 11, 29), 0),
        ("le=2028-02-10", date(2028, 2, 1), date(2028, 2, 29), 1),
        ("le=2026-12-31&vue=semaine", date(2026, 12, 28), date(2027, 1, 3), 0),
        ("le=9999-12-31", date(2026, 11, 1), date(2026, 11, 30), 6),
        ("le=hier&vue=siècle", date(2026, 11, 1), date(2026, 11, 30), 6),
    ],
)
def test_a_month_or_a_week_begins_where_it_should(
    query: str, first: date, last: date, skip: int
) -> None:
    """Leap years, a week over New Year, and nonsense in the address."""
    asked = MultiDict(part.split("=") for part in query.split("&") if part)
    shown = calendars.of(asked, date(2026, 11, 24))

    assert (first, last, skip) == (shown.first, shown.last, shown.skip)


def test_holidays_have_their_names() -> None:
    """« Jour férié » tells nobody why; overseas has days of its own."""
    assert "Toussaint" == holiday_names("Europe/Paris")(date(2026, 11, 1))
    assert "Abolition de l'esclavage" == holiday_names("America/Martinique")(date(2027, 5, 22))
    assert "" == holiday_names("Europe/Paris")(date(2026, 11, 24))


async def test_each_thing_stands_on_its_day_with_what_it_is(tmp_path: Path) -> None:
    """And a week says when messages may leave, holidays included."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        number = await planned(town)
        month = days_of(await browser.text("/calendrier"))
        week = days_of(await browser.text("/calendrier?vue=semaine&le=2026-12-25"))

    assert f"/messages/{number}" in month["jeudi 26"]
    assert "Coupure d'eau" in month["jeudi 26"]
    assert "chaque semaine, ce jour-là" in month["samedi 28"]
    assert "Toussaint" in month["dimanche 1er"]
    assert "Noël" in week["vendredi 25 décembre"]
    assert "Information : attend le jour suivant" in week["vendredi 25 décembre"]
    assert "Service : 08:00–20:00" in week["vendredi 25 décembre"]
    assert "Marché" in week["samedi 26 décembre"]


async def test_a_message_is_moved_from_the_calendar_and_leaves_then(tmp_path: Path) -> None:
    """The works are a day late: one gesture, no message written anew."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        number = await planned(town)
        where = f"/calendrier/messages/{number}/deplacer"
        past = await browser.post(where, {"at": "2026-11-20T10:00"})
        told = await past.text()
        await browser.post(where, {"at": "2026-11-27T11:00"})
        month = days_of(await browser.text("/calendrier"))
        (row,) = [
            one for day in await town.services.agenda.days(town.actor)
            for one in day.entries if one.broadcast == number
        ]  # fmt: skip

    assert 400 == past.status
    assert "déjà passée" in told
    assert "Coupure d'eau" not in month["jeudi 26"]
    assert "Coupure d'eau" in month["vendredi 27"]
    assert datetime(2026, 11, 27, 11, 0, tzinfo=NIGHT.tzinfo) == row.at


async def test_a_text_that_says_tomorrow_is_moved_to_another_day_by_a_second_press(
    tmp_path: Path,
) -> None:
    """« Demain » a day later is the wrong day; who moves it is asked, the hour they chose kept."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        (group,) = await town.services.directory.groups(town.actor)
        number = await town.services.sending.send(
            town.actor,
            Draft("L'eau sera coupée demain.", title="Coupure", at=THURSDAY,
                  group_ids=(group.id,), channels=("sms",), urgency="service"),
        )  # fmt: skip
        where = f"/calendrier/messages/{number}/deplacer"
        asked = await browser.post(where, {"at": "2026-11-27T11:00"})
        said = html.unescape(await asked.text())
        unmoved = days_of(said)
        again = re.search(rf'action="{where}">(.*?)</form>', said, re.DOTALL)
        assert again is not None
        fields = dict(re.findall(r'name="(sure|at)" value="([^"]+)"', again[1]))
        await browser.post(where, fields)
        moved = days_of(await browser.text("/calendrier"))

    assert 400 == asked.status
    assert "Le texte dit « demain »" in said
    assert "déplacer au" in said
    assert "Coupure" in unmoved["jeudi 26"]
    assert "Coupure" in moved["vendredi 27"]


async def test_a_series_is_moved_and_keeps_its_rhythm(tmp_path: Path) -> None:
    """From Saturdays at nine to Fridays at ten."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        await planned(town)
        await browser.post("/calendrier/series/1/deplacer", {"at": "2026-11-27T10:00"})
        gone = await browser.post("/calendrier/series/9/deplacer", {"at": "2026-11-27T10:00"})
        month = days_of(await browser.text("/calendrier?le=2026-12-01"))

    assert 400 <= gone.status < 500
    assert "Marché" in month["vendredi 4"]
    assert "Marché" in month["vendredi 11"]
    assert "Marché" not in month["samedi 5"]


async def test_a_message_is_cancelled_from_the_calendar(tmp_path: Path) -> None:
    """And it is gone from there."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        number = await planned(town)
        await browser.post(f"/calendrier/messages/{number}/annuler", {})
        month = days_of(await browser.text("/calendrier"))
        view = await town.services.broadcasts.view(town.actor, number)

    assert "Coupure d'eau" not in month["jeudi 26"]
    assert "cancelled" == view.summary.state


@pytest.mark.real_time
@in_windows
def test_the_calendar_is_for_everybody(visitor: Visitor, tmp_path: Path, width: int) -> None:
    """A list on a telephone, a grid on a screen; nothing stands in anybody's way."""

    async def scenario() -> tuple[list[str], list[str]]:
        async with real_town(tmp_path) as town:
            await planned(town)
            async with visitor.visit(cast("Any", town), width=width) as (page, here):
                paths = ["/calendrier?vue=semaine", "/calendrier?le=2026-12-01", "/calendrier"]
                found = await unusable(page, here, paths)
                await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = 1)")
                displays = []
                for window in (PHONE, DESK):
                    await page.set_viewport_size({"width": window, "height": 900})
                    shown = await page.eval_on_selector(".days", "e => getComputedStyle(e).display")
                    displays.append(str(shown))
                return found, displays

    found, displays = visitor.run(scenario())
    assert [] == found
    assert ["block", "grid"] == displays
