"""What each SIM may carry, and what it has carried: the claim asks here, the outcome counts here.

No limit, regime or budget ever mutes an alert: `gateway.store.jobs` lets it pass all of them.
Days and months are UTC's as far as nobody could tell the difference: an operator counts by his own
clock anyway.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from math import floor, inf
from random import Random
from typing import Final

from gateway.errors import Refused
from gateway.policy import MOST_SEGMENTS
from gateway.store import events, fitting, sims

#: The limits that end what a SIM carries for longer than a minute, and of which channel.
_SPENT: Final = {
    "segments_per_hour": "sms", "segments_per_day": "sms", "segments_per_month": "sms",
    "call_minutes_per_month": "voice",
}  # fmt: skip
#: Those of them that no text may go over by its length.
_ROOM: Final = ("segments_per_day", "segments_per_month")
#: When a SIM carries what is larger than its whole day, or month.
NEVER: Final = inf
#: From here on a budget is shown as nearly used (share of it).
WARN_AT: Final = 0.8


@dataclass(frozen=True, slots=True)
class Limits:
    """What a SIM may carry; 0 means no limit. SMS segments, distinct numbers, minutes of call.

    ``reserve_percent`` of each monthly limit is left to alerts: routine messages stop before.
    """

    segments_per_minute: int = 0
    segments_per_hour: int = 0
    segments_per_day: int = 0
    segments_per_month: int = 0
    recipients_per_month: int = 0
    call_minutes_per_month: int = 0
    reserve_percent: int = 0


@dataclass(frozen=True, slots=True)
class Use:
    """What a SIM has carried, counted as `Limits` counts."""

    segments_per_minute: int = 0
    segments_per_hour: int = 0
    segments_per_day: int = 0
    segments_per_month: int = 0
    recipients_per_month: int = 0
    call_minutes_per_month: float = 0.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a SIM may do for routine messages now.

    ``recipients_first``: whether to look at the numbers it knows only, in the order to try;
    ``room``: the SMS left of its day and month, None where that is more than any text takes.
    """

    texts: bool
    calls: bool
    ordinary: bool
    month: str
    recipients_first: tuple[bool, ...] = (False,)
    room: int | None = None


def check(limits: Limits) -> Limits:
    """Return ``limits``; raise `Refused` with the mend when one makes no sense."""
    if not 0 <= limits.reserve_percent <= 90:
        raise Refused("La part gardée pour les alertes va de 0 à 90 %.", "reserve_percent")
    for one in fields(limits):
        if not 0 <= getattr(limits, one.name) <= 10_000_000:
            raise Refused("Une limite est un nombre positif, ou 0 pour aucune.", one.name)
    return limits


def set_limits(db: sqlite3.Connection, sim: str, limits: Limits, by: str, now: float) -> None:
    """Write down what a SIM may carry from now on."""
    db.execute(
        "INSERT INTO sim_limit(sim, limits, changed_at, changed_by) VALUES (?,?,?,?)"
        " ON CONFLICT(sim) DO UPDATE SET limits = excluded.limits,"
        " changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        (sim, json.dumps(asdict(check(limits))), now, by),
    )
    events.record(db, now, "sim.limits", {**sims.said(db, sim), "by": by, **asdict(limits)})


def limits_of(db: sqlite3.Connection, sim: str) -> Limits | None:
    """Return what a SIM may carry, None where nobody ever said."""
    row = db.execute("SELECT limits FROM sim_limit WHERE sim = ?", (sim,)).fetchone()
    return Limits(**json.loads(row["limits"])) if row else None


def allowance(db: sqlite3.Connection, sim: str, regime: str, now: float) -> Allowance:
    """Return what a SIM may do for routine messages at this moment."""
    ordinary = is_ordinary(db, sim, regime)
    limits, month = limits_of(db, sim), _month(now)
    if limits is None:
        return Allowance(True, True, ordinary, month)
    used = use(db, sim, now)
    texts = not rest(db, sim, now) and not any(
        _full(limits, used, name)
        for name in ("segments_per_minute", "segments_per_hour", "segments_per_day",
                     "segments_per_month")
    )  # fmt: skip
    first: tuple[bool, ...] = (False,)
    if limits.recipients_per_month:
        # those it has written to this month first, so that the count does not grow
        full = _full(limits, used, "recipients_per_month")
        first = (True,) if full else (True, False)
    return Allowance(
        texts, not _full(limits, used, "call_minutes_per_month"), ordinary, month, first,
        _room(limits, used),
    )  # fmt: skip


def spent(db: sqlite3.Connection, sim: str, now: float) -> list[str]:
    """Return what a SIM carries no more of what is routine: « sms SIM », « voice SIM ».

    Not for the minute: then it goes on at once. Of a stopped SIM, both.
    """
    limits = limits_of(db, sim)
    used = use(db, sim, now) if limits is not None else Use()
    row = db.execute("SELECT stopped_at FROM sim WHERE id = ?", (sim,)).fetchone()
    stopped = row is not None and row["stopped_at"] is not None
    return [
        f"{channel} {sim}" for channel in ("sms", "voice")
        if stopped or (limits is not None and _used_up(limits, used, channel, _SPENT))
    ]  # fmt: skip


def is_ordinary(db: sqlite3.Connection, sim: str, regime: str) -> bool:
    """Tell whether a SIM is of the ordinary regime; ``regime`` until it is known."""
    row = db.execute("SELECT regime FROM sim WHERE id = ?", (sim,)).fetchone()
    return bool((row["regime"] if row else regime) == "ordinary")


def reopens(
    db: sqlite3.Connection, sim: str, channel: str, now: float, broadcast_id: int
) -> float | None:
    """Return when (seconds since 1970) a SIM carries a routine message again; None: it does now.

    For a number it has not served, where its distinct recipients of the month are full. Less left
    than the message's shortest text takes is nothing left; `NEVER` where that is more than its
    whole day or month. The limit a minute is no hold: it is the pace.
    """
    limits = limits_of(db, sim)
    if limits is None:
        return None
    used = use(db, sim, now)
    room = _room(limits, used) if channel == "sms" else None
    most = largest(limits) if channel == "sms" else None
    wanted = 1
    if room is not None and not fitting.some_fit(db, broadcast_id, sim, room):
        if most is not None and not fitting.some_fit(db, broadcast_id, sim, most):
            return NEVER
        wanted = room + 1
    full = _used_up(limits, used, channel, {**_SPENT, "recipients_per_month": channel}, wanted)
    return max((_ends(db, sim, limits, name, now) for name in full), default=None)


def largest(limits: Limits | None) -> int | None:
    """Return how many SMS a routine text may take for a SIM with these limits ever to carry it.

    None: as many as any text takes. A minute or an hour is no such limit: a text goes over it.
    """
    return None if limits is None else _room(limits, Use())


def _used_up(
    limits: Limits, used: Use, channel: str, of: Mapping[str, str], wanted: int = 1
) -> list[str]:
    """Return the limits of a channel, among those ``of`` channels, of which nothing is left.

    Less than ``wanted`` at once is nothing, of those that no text goes over.
    """
    return [
        name for name, its in of.items()
        if its == channel and _full(limits, used, name, wanted if name in _ROOM else 1)
    ]  # fmt: skip


def _ends(db: sqlite3.Connection, sim: str, limits: Limits, limit: str, now: float) -> float:
    """Return when the span of a limit ends, in which it is full."""
    if limit.endswith("hour"):  # the last so many SMS are one fewer an hour after the first of them
        row = db.execute(
            "SELECT accepted_at FROM part WHERE sim = ? AND accepted_at <= ?"
            " ORDER BY accepted_at DESC LIMIT 1 OFFSET ?",
            (sim, now, limits.segments_per_hour - 1),
        ).fetchone()
        return float(row["accepted_at"]) + 3600 if row else now
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if limit.endswith("day"):
        return (day + timedelta(days=1)).timestamp()
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1).timestamp()


def rest(db: sqlite3.Connection, sim: str, now: float) -> float:
    """Return for how long (seconds) a SIM with a limit a minute sends no routine text.

    Its texts leave evenly within the minute, half to one and a half times the mean apart: all at
    once and then none, or one every three seconds to the tenth, is what an operator's filter looks
    for.
    """
    limits = limits_of(db, sim)
    if limits is None or not limits.segments_per_minute:
        return 0.0
    limit = limits.segments_per_minute
    rows = db.execute(
        "SELECT accepted_at FROM part WHERE sim = ? AND accepted_at > ? ORDER BY accepted_at DESC"
        " LIMIT ?",
        (sim, now - 90, limit),
    ).fetchall()
    if not rows:
        return 0.0
    last = float(rows[0]["accepted_at"])
    spread = last + 60 / limit * (0.5 + Random(last).random())
    full = float(rows[-1]["accepted_at"]) + 60 if len(rows) == limit else 0.0
    return max(0.0, spread - now, full - now)


@dataclass(frozen=True, slots=True)
class State:
    """A SIM's budget against what is about to be sent; ``fresh`` numbers it has not served.

    Its modem sends ``texts``, places ``calls``, or both.
    """

    ordinary: bool
    limits: Limits | None
    used: Use
    fresh: int
    texts: bool = True
    calls: bool = True


def state(db: sqlite3.Connection, sim: str, regime: str, addresses: list[str], now: float) -> State:
    """Return where a SIM stands, and how many of ``addresses`` would be new to it."""
    limits, ordinary = limits_of(db, sim), is_ordinary(db, sim, regime)
    if limits is None:
        return State(ordinary, None, Use(), 0)
    fresh = new_to(db, sim, addresses, now) if limits.recipients_per_month else 0
    return State(ordinary, limits, use(db, sim, now), fresh)


def _full(limits: Limits, used: Use, name: str, wanted: int = 1) -> bool:
    """Tell whether nothing is left of a limit, or less than is ``wanted`` at once."""
    left = _left(limits, used, name)
    return left <= 0 or (wanted > 1 and left < wanted)


def _left(limits: Limits, used: Use, name: str) -> float:
    limit = float(getattr(limits, name))
    if not limit:
        return inf
    if name.endswith("per_month"):
        limit *= 1 - limits.reserve_percent / 100
    return limit - float(getattr(used, name))


def _room(limits: Limits, used: Use) -> int | None:
    left = min(_left(limits, used, name) for name in _ROOM)
    return None if left >= MOST_SEGMENTS else max(0, floor(left))


def use(db: sqlite3.Connection, sim: str, now: float) -> Use:
    """Return what a SIM has carried in the minute, hour, day and month that end now."""
    month, day = _month(now), _day(now)
    since = "SELECT count(*) FROM part WHERE sim = ? AND accepted_at > ?"
    total = db.execute(
        "SELECT coalesce(sum(segments), 0) AS segments, coalesce(sum(call_seconds), 0) AS seconds,"
        " coalesce(sum(CASE WHEN day = ? THEN segments END), 0) AS today"
        " FROM sim_use WHERE sim = ? AND day >= ? AND day <= ?",
        (day, sim, f"{month}-01", f"{month}-31"),
    ).fetchone()
    distinct = db.execute(
        "SELECT count(*) FROM sim_recipient WHERE month = ? AND sim = ?", (month, sim)
    ).fetchone()
    return Use(
        db.execute(since, (sim, now - 60)).fetchone()[0],
        db.execute(since, (sim, now - 3600)).fetchone()[0],
        total["today"], total["segments"], distinct[0], total["seconds"] / 60,
    )  # fmt: skip


_COUNT: Final = """INSERT INTO sim_use(sim, day, entity_id, segments, messages, calls, call_seconds)
  VALUES (:sim, :day, :entity, :segments, :messages, :calls, :seconds)
  ON CONFLICT(sim, day, entity_id) DO UPDATE SET segments = segments + excluded.segments,
    messages = messages + excluded.messages, calls = calls + excluded.calls,
    call_seconds = call_seconds + excluded.call_seconds"""


def count_segment(db: sqlite3.Connection, part_id: int, now: float) -> None:
    """Count one SMS part that the network has taken."""
    row = db.execute(
        "SELECT p.sim, p.number, j.entity_id, j.address FROM part p JOIN job j ON j.id = p.job_id"
        " WHERE p.id = ?",
        (part_id,),
    ).fetchone()
    db.execute(
        _COUNT,
        {"sim": row["sim"], "day": _day(now), "entity": row["entity_id"], "segments": 1,
         "messages": int(row["number"] == 1), "calls": 0, "seconds": 0.0},
    )  # fmt: skip
    _know(db, row["sim"], row["address"], now)


def count_call(db: sqlite3.Connection, attempt_id: int, address: str, now: float) -> None:
    """Count one call that has ended, with its whole duration: ringing costs a modem's time too."""
    row = db.execute(
        "SELECT a.sim, a.ended_at - a.started_at AS seconds, j.entity_id FROM attempt a"
        " JOIN job j ON j.id = a.job_id WHERE a.id = ?",
        (attempt_id,),
    ).fetchone()
    if not row["sim"]:
        return
    db.execute(
        _COUNT,
        {"sim": row["sim"], "day": _day(now), "entity": row["entity_id"], "segments": 0,
         "messages": 0, "calls": 1, "seconds": max(0.0, row["seconds"])},
    )  # fmt: skip
    _know(db, row["sim"], address, now)


def _know(db: sqlite3.Connection, sim: str, address: str, now: float) -> None:
    db.execute(
        "INSERT INTO sim_recipient(month, sim, address) VALUES (?,?,?) ON CONFLICT DO NOTHING",
        (_month(now), sim, address),
    )


def new_to(db: sqlite3.Connection, sim: str, addresses: list[str], now: float) -> int:
    """Return how many of ``addresses`` a SIM has not served this month."""
    month = _month(now)
    known = sum(
        db.execute(
            "SELECT 1 FROM sim_recipient WHERE month = ? AND sim = ? AND address = ?",
            (month, sim, address),
        ).fetchone()
        is not None
        for address in set(addresses)
    )
    return len(set(addresses)) - known


def _month(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m")


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")
