"""Messages that come again: a few plain rhythms, kept as cron lines. Pure but for `cronsim`.

The wall time stays the same across a change of daylight-saving time: what is due in the hour that
is skipped leaves right after it, what is due in the hour that comes twice leaves once.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, tzinfo
from typing import Final

from gateway.errors import Refused
from gateway.hours import Holiday, Hours, next_open, opens_on
from gateway.sentences import fr_all

RHYTHMS: Final = fr_all(
    {
        "daily": "chaque jour",
        "weekdays": "du lundi au vendredi",
        "weekly": "chaque semaine, ce jour-là",
        "monthly": "chaque mois, ce jour-là",
    }
)


_IN_EVERY_MONTH: Final = 28
#: Days of a week from Monday on which people work.
_WORKING: Final = 5


def line(rhythm: str, first: datetime) -> str:
    """Return the cron line of a rhythm that begins at ``first``, a wall time."""
    at = f"{first.minute} {first.hour}"
    lines = {
        "daily": f"{at} * * *",
        "weekdays": f"{at} * * 1-5",
        "weekly": f"{at} * * {first.isoweekday() % 7}",
        "monthly": f"{at} {first.day} * *",
    }
    if rhythm not in lines:
        raise Refused("Rythme inconnu : {rhythm}.", "rhythm", rhythm=rhythm)
    return lines[rhythm]


def following(cron: str, after: datetime) -> datetime:
    """Return the next moment of a cron line after ``after``, aware, in its zone.

    A month without its day has it on the last.
    """
    from cronsim import CronSim

    minute, hour, day, _, _ = cron.split()
    if not day.isdigit() or int(day) <= _IN_EVERY_MONTH:
        return next(CronSim(cron, after))
    late = CronSim(f"{minute} {hour} {_IN_EVERY_MONTH}-31 * *", after)
    return next(at for at in late if at.day == min(int(day), monthrange(at.year, at.month)[1]))


def leaves(
    cron: str, due: datetime, hours: Hours | None, holiday: Holiday, now: float = 0.0
) -> datetime | None:
    """Return when what is ``due`` leaves within its hours; None where it is left out.

    What comes every day, or every working day, is left out on a day without hours: moved to the
    next it would come twice, or on a Saturday. So is what would leave on the day of the next one.
    """
    if hours is None:
        return due
    at = _opens(hours, max(due.timestamp(), now), due.tzinfo, holiday)
    if _left_out(cron, due, hours, holiday):
        return None
    after = following(cron, due)
    while _left_out(cron, after, hours, holiday):
        after = following(cron, after)
    then = _opens(hours, after.timestamp(), due.tzinfo, holiday)
    return None if at.date() == then.date() else max(at, due)


def _left_out(cron: str, due: datetime, hours: Hours, holiday: Holiday) -> bool:
    often = rhythm(cron) in {"daily", "weekdays"}
    return often and _comes_round(cron, hours) and not opens_on(hours, due.date(), holiday)


def _comes_round(cron: str, hours: Hours) -> bool:
    """Tell whether some day of a rhythm has hours: what has none waits for the next that has."""
    return rhythm(cron) == "daily" or any(day < _WORKING for day in hours.days)


def _opens(hours: Hours, at: float, zone: tzinfo | None, holiday: Holiday) -> datetime:
    return datetime.fromtimestamp(next_open(hours, str(zone), at, holiday), zone)


def rhythm(cron: str) -> str:
    """Return the rhythm of a cron line."""
    _, _, day, _, weekday = cron.split()
    if day != "*":
        return "monthly"
    return {"*": "daily", "1-5": "weekdays"}.get(weekday, "weekly")


def said(cron: str) -> str:
    """Return a rhythm's cron line in words."""
    return RHYTHMS[rhythm(cron)]
