"""How a page says numbers, times and durations. Pure; imported by `web.pages`.

Datetimes come aware, in the zone of the entity; nothing here converts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from gateway.services import StateCount
from web.texts import N_

_MINUTE: Final = 60
_HOUR: Final = 3600


@lru_cache(maxsize=4096)  # a page of groups has hundreds, and Babel reads its locale for each
def number(value: float, language: str) -> str:
    """Return ``1 234`` with the language's own separators."""
    return str(format_decimal(value, locale=language))


def _date(when: date, pattern: str, language: str) -> str:
    return _of_day(when.date() if isinstance(when, datetime) else when, pattern, language)


@lru_cache(maxsize=4096)  # a person's history has hundreds, of few days, 0.13 ms each in Babel
def _of_day(when: date, pattern: str, language: str) -> str:
    if language == "fr" and when.day == 1:
        pattern = re.sub(r"\bd\b", "d'er'", pattern)
    return str(format_date(when, pattern, locale=language))


def moment(when: datetime, language: str) -> str:
    """Return a date and an hour, *24 novembre 2026 à 17:30*."""
    if language == "fr":
        return f"{_date(when, 'd MMMM y', language)} à {hour(when, language)}"
    return f"{_date(when, 'd MMMM y', language)}, {hour(when, language)}"


#: How the days around today are called, by how many days they are away.
_NEAR: Final = {
    -1: N_("hier à %(hour)s"), 0: N_("aujourd'hui à %(hour)s"), 1: N_("demain à %(hour)s"),
}  # fmt: skip
_IN_THE_WEEK: Final = N_("%(weekday)s à %(hour)s")
_FAR: Final = N_("le %(moment)s")


def said(when: datetime, now: float, language: str, say: Callable[[str], str]) -> str:
    """Return a moment as people say it at ``now`` (seconds since 1970): *demain à 8 h 00*.

    Days are those of the zone of ``when``. Six days back and ahead have their names, *lundi à
    8 h 00*; further away it is the whole date, *le 24 novembre 2026 à 17 h 30*. ``say`` translates.
    """
    today = datetime.fromtimestamp(now, when.tzinfo or UTC).date()
    away = (when.date() - today).days
    if away in _NEAR:
        return say(_NEAR[away]) % {"hour": hour(when, language)}
    if abs(away) <= 6:
        name = _date(when, "EEEE", language)
        return say(_IN_THE_WEEK) % {"weekday": name, "hour": hour(when, language)}
    return say(_FAR) % {"moment": moment(when, language)}


def hour(when: datetime, language: str) -> str:
    """Return an hour as the language writes it: *17 h 30*."""
    if language == "fr":
        return f"{when.hour}\u00a0h\u00a0{when.minute:02}"
    return f"{when:%H:%M}"


def day(when: date, language: str) -> str:
    """Return a day as the language writes it: *mardi 24 novembre 2026*."""
    return _date(when, "EEEE d MMMM y", language)


def month(when: date, language: str) -> str:
    """Return a month as the language writes it: *novembre 2026*."""
    return _date(when, "MMMM y", language)


def weekday(when: date, language: str) -> str:
    """Return a day within its month: *mardi 24*."""
    return _date(when, "EEEE d", language)


def weekday_month(when: date, language: str) -> str:
    """Return a day within its year: *mardi 24 novembre*."""
    return _date(when, "EEEE d MMMM", language)


def precise(when: datetime, language: str) -> str:
    """Return an hour with its seconds, for the detail of an attempt."""
    return str(format_time(when, "HH:mm:ss", locale=language))


def duration(seconds: float, say: Callable[[str], str]) -> str:
    """Return a length in words, rounded as people do; ``say`` translates."""
    if seconds < _MINUTE:
        return say("moins d'une minute")
    minutes = -(-int(seconds) // _MINUTE)
    if minutes < 2:
        return say("environ une minute")
    if minutes < 60:
        return say("environ %(minutes)s minutes") % {"minutes": minutes}
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return say("environ %(days)s jours") % {"days": -(-minutes // 1440)}
    return say("environ %(hours)s h %(minutes)s") % {"hours": hours, "minutes": f"{rest:02}"}


#: What the kinds of a state are worth to whoever looks at a bar, best first.
_KINDS: Final = ("reached", "doubtful", "waiting", "unreached")


def best_first(counts: Iterable[StateCount]) -> list[StateCount]:
    """Return the states in the order a bar shows them: reached first, not reached last."""
    order = {kind: at for at, kind in enumerate(_KINDS)}
    return sorted(counts, key=lambda count: order.get(count.kind, len(order)))


def bars(shares: list[tuple[str, int]], width: int = 1000) -> list[dict[str, Any]]:
    """Return the pieces of a bar ``width`` long: kind, start and length of each, summing up."""
    total = sum(people for _, people in shares)
    pieces, begin, before = [], 0, 0
    for kind, people in shares:
        before += people
        end = round(width * before / total) if total else 0
        pieces.append({"kind": kind, "start": begin, "length": end - begin})
        begin = end
    return pieces


#: Squares in the small picture of everybody; beyond, one square stands for several people.
SQUARES: Final = 400
_COLUMNS: Final = 40


def squares(counts: Iterable[StateCount]) -> dict[str, Any]:
    """Return everybody as squares of ten, best first: columns, rows, people a square, runs.

    A run is one row's squares of one state: its code, column, row and how many. A state that
    somebody is in has one square at least.
    """
    ordered = [one for one in best_first(counts) if one.people]
    total = sum(one.people for one in ordered)
    each = max(1, -(-total // SQUARES))
    runs, at = [], 0
    for one in ordered:
        left = -(-one.people // each)
        while left:
            row, column = divmod(at, _COLUMNS)
            length = min(left, _COLUMNS - column)
            runs.append({"state": one.code, "column": column, "row": row, "length": length})
            at, left = at + length, left - length
    return {"columns": _COLUMNS, "rows": -(-at // _COLUMNS), "each": each, "runs": runs}
