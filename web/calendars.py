"""Which days a calendar page shows: a month or a week, and the ones beside it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from gateway.services import DayView, EntryView

#: How far (days) from today a page can be asked for.
_FARTHEST: Final = 800


@dataclass(frozen=True, slots=True)
class Shown:
    """The days from ``first`` to ``last``; ``skip``: columns left empty before the first."""

    view: str  # "mois" or "semaine"
    first: date
    last: date
    before: date
    after: date
    skip: int


def of(query: Mapping[str, str], today: date) -> Shown:
    """Return what was asked for; this month where that makes no sense."""
    asked = _day(query.get("le", ""), today)
    if query.get("vue") == "semaine":
        first = asked - timedelta(days=asked.weekday())
        week = timedelta(days=7)
        return Shown("semaine", first, first + timedelta(days=6), first - week, first + week, 0)
    first = asked.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    return Shown("mois", first, after - timedelta(days=1), before, after, first.weekday())


def _day(text: str, today: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return today
    return found if abs((found - today).days) <= _FARTHEST else today


def once(days: Iterable[DayView]) -> list[tuple[date, EntryView]]:
    """Return what is in these days, a message that comes again its first time only."""
    found: list[tuple[date, EntryView]] = []
    seen: set[int] = set()
    for day in days:
        for one in day.entries:
            if not one.series or one.series not in seen:
                found.append((day.day, one))
            seen.add(one.series)
    return found
