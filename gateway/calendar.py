"""Public holidays of the place, and the clear days a council's convocation needs.

The `holidays` package knows the days, Alsace-Moselle and the overseas departments included. Pure
but for that table.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any, Final

from gateway.hours import Holiday

#: Departments with days of their own, by the time zone a town there sets.
_SUBDIVISIONS: Final = {
    "America/Guadeloupe": "971", "America/Martinique": "972", "America/Cayenne": "973",
    "Indian/Reunion": "974", "America/Miquelon": "PM", "Indian/Mayotte": "976",
    "America/St_Barthelemy": "BL", "America/Marigot": "MF", "Pacific/Wallis": "WF",
    "Pacific/Tahiti": "PF", "Pacific/Noumea": "NC",
}  # fmt: skip


def holidays_of(zone: str) -> Holiday:
    """Return the calendar of a place: whether a day is a public holiday there."""
    return _calendar(_SUBDIVISIONS.get(zone, ""))


def holiday_names(zone: str) -> Callable[[date], str]:
    """Return the names of a place's public holidays by day, in French; empty for other days."""
    known = _table(_SUBDIVISIONS.get(zone, ""))

    def name(day: date) -> str:
        return str(known.get(day, ""))

    return name


@cache
def _calendar(subdivision: str) -> Holiday:
    def is_holiday(day: date) -> bool:
        return day in _table(subdivision)  # made when a day is first asked: no alert waits for it

    return is_holiday


@cache
def _table(subdivision: str) -> Any:
    import holidays

    return holidays.country_holidays("FR", subdiv=subdivision or None, language="fr")
