"""The daily round of the register: who is called when, what their answer means. Pure.

A day's round is kept person by person; this file says where each stands, and knows no disk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.hours import Hours, every_day
from gateway.model import Channel, JobFact, JobState, Outcome
from gateway.plan import Plan, Step, When, Whom
from gateway.replies import Kind, Reply, plain

#: What a broadcast of the round is (`NewBroadcast.kind`).
KIND: Final = "round"
#: Key of the settings table.
SETTING: Final = "round"
#: Seconds after somebody's hour in which a box that was off still calls them.
MAKE_UP: Final = 2 * 3600.0
#: Nobody is called outside of these hours, whatever held the calls up.
HOURS: Final[Hours] = every_day(7, 21)
#: Minutes of the day between which somebody's hour may be.
EARLIEST, LATEST = 7 * 60, 19 * 60
#: Minutes between two calls.
SHORTEST, LONGEST = 5, 180
#: Seconds a call may still wait for a modem after the hour of the second one.
PATIENCE: Final = 6 * 3600.0


class Standing(StrEnum):
    """Where a person of the round stands today."""

    WAITING = "waiting"
    WELL = "well"
    CALLBACK = "callback"
    SILENT = "silent"
    MISSED = "missed"  # nothing rang at their home: the box was off, or nothing could carry it
    SEEN = "seen"  # somebody went, or rang them up


#: Whom a human must see or ring up.
FOR_HUMANS: Final = frozenset({Standing.CALLBACK, Standing.SILENT, Standing.MISSED})


class Missed(StrEnum):
    """Why nobody was called."""

    NONE = ""
    OFF = "off"
    NO_WAY = "no_way"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Settings:
    """A town's round: the days (ISO, both included), the hour (minutes of the day), the rest.

    ``pause``: minutes until the second call; ``tell``: numbers (E.164) told who needs somebody;
    ``since``: when it was switched on, in seconds since 1970.
    """

    first: str = ""
    last: str = ""
    minutes: int = 9 * 60
    pause: int = 30
    tell: tuple[str, ...] = ()
    on: bool = False
    since: float = 0.0
    by: str = ""

    def covers(self, day: date) -> bool:
        """Tell whether there is a round that day."""
        return self.on and self.first <= day.isoformat() <= self.last


def of_town(town: Mapping[str, Any]) -> Settings:
    """Return a town's round from its settings; off where nothing was ever set."""
    kept = dict(town.get(SETTING, {}))
    return Settings(**{**kept, "tell": tuple(kept.get("tell", ()))})


def to_setting(known: Settings) -> dict[str, Any]:
    """Return what is written into the settings."""
    return {name: getattr(known, name) for name in Settings.__dataclass_fields__}


def due(day: date, minutes: int, zone: str) -> float:
    """Return when a wall time of a day is, whatever the clocks do that night."""
    return datetime.combine(day, time(minutes // 60, minutes % 60), ZoneInfo(zone)).timestamp()


def days_before(now: float, zone: str, count: int = 7) -> tuple[date, ...]:
    """Return today and the days before it, the oldest first: what a box that was off missed."""
    today = datetime.fromtimestamp(now, ZoneInfo(zone)).date()
    return tuple(today - timedelta(days=ago) for ago in reversed(range(count)))


def called(pause: float) -> Plan:
    """Return the order for whoever is called: twice, then their referent."""
    return Plan(
        (
            Step((Channel.VOICE,)),
            Step((Channel.VOICE,), pause, When.UNREACHED, Whom.SAME),
            Step((Channel.SMS,), 0.0, When.UNREACHED, Whom.REFERENT, (Channel.VOICE,)),
        ),
        confirm=True,
    )


def texted(pause: float) -> Plan:
    """Return the order for whoever is written to: an SMS is left the time to be answered."""
    return Plan(
        (
            Step((Channel.SMS,)),
            Step((Channel.SMS,), pause, When.UNREACHED, Whom.FIRST),
            Step((Channel.SMS,), pause, When.UNREACHED, Whom.REFERENT, (Channel.VOICE,)),
        ),
        confirm=True,
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one person's day beside the calls."""

    word: str = ""  # well | callback, the last said
    missed: str = ""
    seen: bool = False


_OPEN: Final = frozenset({JobState.QUEUED, JobState.RUNNING})


def standing(entry: Entry, jobs: Sequence[JobFact], now: float, pause: float) -> Standing:
    """Return where a person stands; ``jobs`` are those of their round, a referent's included."""
    if entry.seen:
        return Standing.SEEN
    if entry.word:
        return Standing(entry.word)
    own = [job for job in jobs if not job.to_referent]
    if any(job.state in _OPEN for job in own) and not entry.missed:
        return Standing.WAITING
    if entry.missed or not any(_rang(job) for job in own):
        return Standing.MISSED
    return Standing.WAITING if _may_still_answer(own, now, pause) else Standing.SILENT


def _rang(job: JobFact) -> bool:
    if job.channel is Channel.SMS:
        return job.handed_over_at is not None or job.state is JobState.DELIVERED
    return job.outcome not in {None, Outcome.INTERRUPTED}


def _may_still_answer(own: Sequence[JobFact], now: float, pause: float) -> bool:
    """Whether a text left so lately that its answer may be under way."""
    last = max(own, key=lambda job: job.id)
    if last.channel is not Channel.SMS or last.handed_over_at is None:
        return False
    return now < last.handed_over_at + pause


_WELL: Final = re.compile(
    r"(?:oui |ok |bonjour )*(?:tout va (?:tres )?bien|tout est ok|ca va(?: (?:tres )?bien| merci)?"
    r"|je vais (?:tres )?bien|tres bien|rien a signaler|ras)(?: (?:ici|chez moi|pour moi|merci|"
    r"bonne journee|a demain|beaucoup|et|a vous))*"
)


def said(reply: Reply, text: str) -> Standing | None:
    """Return what an SMS says of somebody who was asked whether all is well; None: a human reads.

    A no to « tout va bien ? » wants somebody to ring; so does a cry for help.
    """
    if reply.kind in {Kind.YES, Kind.ACK}:
        return Standing.WELL
    if reply.kind in {Kind.CALLBACK, Kind.NO, Kind.DISTRESS}:
        return Standing.CALLBACK
    well = reply.kind is Kind.FREE and "?" not in text and _WELL.fullmatch(plain(text))
    return Standing.WELL if well else None
