"""When a message may leave: hours of the day, days of the week, public holidays. Pure.

Wall times are the town's: "8 h 00" stays 8 h 00 across a change of daylight-saving time. Alerts
know no hours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.errors import Refused
from gateway.model import Urgency

Holiday = Callable[[date], bool]

#: Minutes of the day.
_DAY: Final = 24 * 60
#: Nobody's hours are closed longer than this many days in a row.
_FARTHEST: Final = 30
#: Hours that end so soon (seconds) after they begin do little of what the last ones left.
_WORTH_IT: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Hours:
    """For each weekday (0 is Monday) one opening and one closing, in minutes of the day."""

    days: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    on_holidays: bool = True


def every_day(opens: int, closes: int, *, but: frozenset[int] = frozenset()) -> Hours:
    """Return the same hours (of the day, 0 to 24) for all weekdays except ``but``."""
    return Hours({d: (opens * 60, closes * 60) for d in range(7) if d not in but})


#: Service from 8 to 20 h; Information from 10 to 20 h, not on Sundays and public holidays.
DEFAULTS: Final[Mapping[Urgency, Hours | None]] = {
    Urgency.VITAL: None,
    Urgency.SERVICE: every_day(8, 20),
    Urgency.INFORMATION: Hours(every_day(10, 20, but=frozenset({6})).days, on_holidays=False),
}


def never(_: date) -> bool:
    """Return False: a calendar without public holidays."""
    return False


def next_open(hours: Hours | None, zone: str, at: float, holiday: Holiday = never) -> float:
    """Return ``at`` if it lies within the hours, else when they next begin (seconds since 1970)."""
    if hours is None:
        return at
    for opens, closes in _windows(hours, zone, at, holiday):
        if at < closes:
            return max(at, opens)
    raise Refused("Ces horaires ne sont jamais ouverts : donnez au moins un jour.", "hours")


def closes_at(hours: Hours | None, zone: str, at: float, holiday: Holiday = never) -> float | None:
    """Return when the hours that hold at ``at``, or begin after it, end; None for no hours."""
    if hours is None:
        return None
    for _, closes in _windows(hours, zone, at, holiday):
        if at < closes:
            return closes
    raise Refused("Ces horaires ne sont jamais ouverts : donnez au moins un jour.", "hours")


def next_ends(hours: Hours, zone: str, at: float, holiday: Holiday = never) -> float:
    """Return when the hours end that come after those of ``at``: by then what they caught has left.

    Where that is very soon after they begin, it is the end of the hours after them.
    """
    _, *after = [window for window in _windows(hours, zone, at, holiday) if at < window[1]]
    long_enough = (closes for _, closes in after if closes >= after[0][0] + _WORTH_IT)
    return next(long_enough, after[-1][1])


def last_close(hours: Hours, zone: str, day: date, holiday: Holiday = never) -> float:
    """Return when the last hours end that there are on a day, or before it."""
    open_days = (day - timedelta(days=ago) for ago in range(_FARTHEST))
    found = next((one for one in open_days if opens_on(hours, one, holiday)), day)
    return _instant(found, hours.days.get(found.weekday(), (0, 0))[1], ZoneInfo(zone))


def opens_on(hours: Hours, day: date, holiday: Holiday = never) -> bool:
    """Tell whether anything may leave on a day."""
    return day.weekday() in hours.days and (hours.on_holidays or not holiday(day))


def day_ends(zone: str, at: float, hour: int = 24) -> float:
    """Return when the day of ``at`` is over in the town (seconds since 1970).

    An ``hour`` of it ends it sooner where it is still to come.
    """
    place = ZoneInfo(zone)
    day = datetime.fromtimestamp(at, place).date()
    ends = _instant(day, hour * 60, place)
    return ends if at < ends else _instant(day, _DAY, place)


def done_by(hours: Hours | None, zone: str, at: float, seconds: float, holiday: Holiday) -> float:
    """Return when work of so many ``seconds`` is done that begins at ``at`` and keeps the hours."""
    if hours is None:
        return at + seconds
    begins = at
    for opens, closes in _windows(hours, zone, at, holiday):
        begins = max(begins, opens)
        if begins + seconds <= closes:
            break
        seconds -= max(closes - begins, 0.0)
    return begins + seconds


def _windows(hours: Hours, zone: str, at: float, holiday: Holiday) -> list[tuple[float, float]]:
    place = ZoneInfo(zone)
    first = datetime.fromtimestamp(at, place).date()
    found = []
    for ahead in range(_FARTHEST):
        day = first + timedelta(days=ahead)
        if opens_on(hours, day, holiday):
            window = hours.days[day.weekday()]
            found.append((_instant(day, window[0], place), _instant(day, window[1], place)))
    return found


def _instant(day: date, minutes: int, place: ZoneInfo) -> float:
    if minutes >= _DAY:
        day, minutes = day + timedelta(days=1), 0
    return datetime.combine(day, time(minutes // 60, minutes % 60), place).timestamp()


def minutes_of(text: str) -> int:
    """Return an hour as written, 08:00, in minutes of the day; raise `Refused` for what is none."""
    try:
        hour, _, minute = text.strip().partition(":")
        return int(hour) * 60 + int(minute or 0)
    except ValueError:
        raise Refused(
            "« {text} » n'est pas une heure : écrivez 08:00.", "hours", text=text
        ) from None


def clock_of(minutes: int) -> str:
    """Return minutes of the day as a browser writes an hour, which knows no 24:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}" if minutes < _DAY else "23:59"


def to_json(hours: Hours | None) -> str:
    """Return hours as they are stored; none are the empty text."""
    if hours is None:
        return ""
    return json.dumps({"days": {str(d): w for d, w in hours.days.items()},
                       "on_holidays": hours.on_holidays})  # fmt: skip


def from_json(text: str) -> Hours | None:
    """Return the hours stored as ``text``; raise `ValueError` or `KeyError` if it is none."""
    if not text:
        return None
    data = json.loads(text)
    days = {int(day): (int(opens), int(closes)) for day, (opens, closes) in data["days"].items()}
    return check(Hours(days, bool(data["on_holidays"])))


def check(hours: Hours) -> Hours:
    """Return ``hours``; raise `Refused` with the mend when they make no sense."""
    if not hours.days:
        raise Refused("Ces horaires ne sont jamais ouverts : donnez au moins un jour.", "hours")
    for day, (opens, closes) in hours.days.items():
        if not (0 <= day <= 6 and 0 <= opens < closes <= _DAY):
            raise Refused("L'heure de fin doit venir après l'heure de début.", "hours")
    return hours
