"""Moments as people say them: today, yesterday, Monday; the whole date where it is far or kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.site import site
from web import formats, pages
from web.pages import translations

PARIS, NOUMEA = ZoneInfo("Europe/Paris"), ZoneInfo("Pacific/Noumea")
NOW = datetime(2026, 11, 24, 17, 30, tzinfo=PARIS)  # a Tuesday
HOME = Path(pages.__file__).parent


def words(when: datetime, now: datetime = NOW, language: str = "fr") -> str:
    said = formats.said(when, now.timestamp(), language, translations(language).gettext)
    return said.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("when", "french", "english"),
    [
        ("2026-11-24T14:05", "aujourd'hui à 14 h 05", "today at 14:05"),
        ("2026-11-24T23:59", "aujourd'hui à 23 h 59", "today at 23:59"),
        ("2026-11-23T18:30", "hier à 18 h 30", "yesterday at 18:30"),
        ("2026-11-25T00:00", "demain à 0 h 00", "tomorrow at 00:00"),
        ("2026-11-30T08:00", "lundi à 8 h 00", "Monday at 08:00"),
        ("2026-11-18T08:00", "mercredi à 8 h 00", "Wednesday at 08:00"),
        ("2026-12-01T08:00", "le 1er décembre 2026 à 8 h 00", "1 December 2026, 08:00"),
        ("2026-11-17T23:59", "le 17 novembre 2026 à 23 h 59", "17 November 2026, 23:59"),
    ],
)
def test_a_moment_is_said_as_people_do(when: str, french: str, english: str) -> None:
    """Six days each way have a name; a week away the name would mean today's."""
    at = datetime.fromisoformat(when).replace(tzinfo=PARIS)

    assert words(at) == french
    assert words(at, language="en") == english


#: Around midnights, and around the hours that are lived twice or not at all.
EDGES = [
    datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2028, 2, 29, 13, tzinfo=UTC),
]  # fmt: skip
near = st.integers(-3 * 3600, 3 * 3600)
NEAR = {-1: "hier", 0: "aujourd'hui", 1: "demain"}


@given(st.sampled_from(EDGES), near, st.integers(-9, 9), near, st.sampled_from([PARIS, NOUMEA]))
def test_the_day_is_that_of_the_towns_own_calendar(
    edge: datetime, apart: int, days: int, later: int, zone: ZoneInfo
) -> None:
    """Not 24 hours: a night of 23 or 25 is one night, and Nouméa's midnight is its own."""
    now = edge + timedelta(seconds=apart)
    when = (now + timedelta(days=days, seconds=later)).astimezone(zone)
    said = words(when, now)
    today = now.astimezone(zone)
    away = when.toordinal() - today.toordinal()

    assert said.endswith(f"à {when.hour} h {when.minute:02}")
    if away in NEAR:
        assert said.startswith(NEAR[away])
    elif abs(away) < 7:
        days_named = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
        assert said.startswith(days_named[when.weekday()])
    else:
        assert said.startswith(f"le {when.day} ")
        assert str(when.year) in said


async def test_the_whole_date_is_behind_the_words_of_a_page() -> None:
    """To hover, to print, and for whatever reads the page."""
    async with site() as browser:
        said = await browser.text("/messages")

    assert (
        '<time datetime="2026-11-24T17:30+01:00" title="24 novembre 2026 à 17\u00a0h\u00a030">'
        "Aujourd&#39;hui à 17\u00a0h\u00a030</time>" in said
    )


def test_papers_and_the_record_keep_the_whole_date() -> None:
    """« Hier » means nothing on a sheet of last month's."""
    for name in ("paper", "audit", "doors", "settings_changements"):
        template = (HOME / "templates" / f"{name}.html").read_text("utf-8")

        assert "|moment" in template
        assert "|said" not in template


def test_no_date_said_stands_where_only_plain_text_can() -> None:
    """Inside an attribute or an option its tag would be shown, or break the page."""
    for path in (HOME / "templates").glob("*.html"):
        template = path.read_text("utf-8")

        assert not re.search(r'="[^"<>]*\|said', template), path.name
        assert not re.search(r"<option[^<]*\|said", template), path.name
