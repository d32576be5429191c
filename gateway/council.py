"""The convocation of a council: clear days, and when its reminders leave. Pure.

A clear day has its full 24 hours: neither the day of sending nor that of the meeting counts
(articles L2121-10 to L2121-12 of the code général des collectivités territoriales: three clear
days below 3,500 inhabitants, five from there up; a public holiday counts).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from gateway.errors import Refused

SMALL_TOWN: Final = 3
LARGE_TOWN: Final = 5
#: Inhabitants from which five clear days are needed.
LARGE_FROM: Final = 3500
#: When the reminder of the morning leaves.
MORNING: Final = time(8, 0)


@dataclass(frozen=True, slots=True)
class Convocation:
    """When everything about a meeting leaves; ``late``: clear days that would be missing."""

    meeting: datetime
    last_day: date
    clear_days: int
    late: int
    reminders: tuple[datetime, ...]


def clear_days_needed(inhabitants: int) -> int:
    """Return how many clear days a town of so many inhabitants owes its councillors."""
    return LARGE_TOWN if inhabitants >= LARGE_FROM else SMALL_TOWN


def last_day(meeting: date, clear_days: int) -> date:
    """Return the last day a convocation may be sent."""
    return meeting - timedelta(days=clear_days + 1)


def clear_days_between(sent: date, meeting: date) -> int:
    """Return how many clear days lie between sending and meeting."""
    return max(0, (meeting - sent).days - 1)


def check_to_come(meeting: datetime, now: datetime) -> None:
    """Raise `Refused` for a meeting in the past."""
    if meeting <= now:
        raise Refused("La réunion est déjà passée : vérifiez la date.", "meeting")


def plan(
    meeting: datetime, sent: datetime, inhabitants: int, *, days_before: int, morning: bool
) -> Convocation:
    """Return when convocation and reminders of a meeting leave; times aware, in the town's zone.

    Raise `Refused` for a meeting in the past. A reminder whose moment has gone is left out.
    """
    check_to_come(meeting, sent)
    needed = clear_days_needed(inhabitants)
    reminders = []
    if days_before:
        day = meeting.date() - timedelta(days=days_before)
        reminders.append(datetime.combine(day, MORNING, meeting.tzinfo))
    if morning:
        at = datetime.combine(meeting.date(), MORNING, meeting.tzinfo)
        # a meeting at eight or before: its reminder leaves the evening before
        reminders.append(at if at < meeting else at - timedelta(hours=14))
    missing = needed - clear_days_between(sent.date(), meeting.date())
    return Convocation(
        meeting, last_day(meeting.date(), needed), needed, max(0, missing),
        tuple(sorted(one for one in set(reminders) if sent < one < meeting)),
    )  # fmt: skip
