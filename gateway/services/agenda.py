"""The calendar: what is to leave later, and messages that come again."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway import recurrence
from gateway.calendar import holiday_names, holidays_of
from gateway.clock import Clock, is_known, is_somebodys
from gateway.errors import Refused
from gateway.hours import Hours, clock_of
from gateway.logs import log_for
from gateway.model import BroadcastState, Door, Urgency
from gateway.near_days import near_day
from gateway.rights import Right
from gateway.sentences import fr
from gateway.services import before_leaving as before
from gateway.services import clear_days, drafts, moving, of_groups, town_settings, words
from gateway.services.compose import Compose
from gateway.services.permits import need
from gateway.services.sending import Sending
from gateway.services.values import Actor, Draft
from gateway.store import Store, groups, scenarios, settings

_log = log_for(__name__)

#: A message that comes again and is so late (seconds) is left out: the box was off.
TOO_LATE: Final = 6 * 3600.0
#: One that leaves within so long (seconds) is not late.
_IN_TIME: Final = 600.0
#: Days the calendar shows.
SHOWN: Final = 92
#: Times of one message that comes again on one page.
_MOST_TIMES: Final = 800


@dataclass(frozen=True, slots=True)
class EntryView:
    """One thing that is to leave: ``broadcast`` or ``series`` is its number, the other 0."""

    at: datetime
    title: str
    note: str
    urgency_label: str
    broadcast: int = 0
    series: int = 0
    problem: str = ""
    movable: bool = False  # it can be given another time from the calendar
    late: str = ""  # of a convocation: that it would not leave in the clear days it needs


@dataclass(frozen=True, slots=True)
class DayView:
    """A day of the calendar; ``holiday`` is its name, ``hours`` when messages may leave."""

    day: date
    holiday: str
    entries: tuple[EntryView, ...]
    hours: tuple[tuple[str, str], ...] = ()  # urgency, its hours; empty: closed all day
    today: bool = False
    past: bool = False


class Agenda:
    """What the doors may ask of what leaves later."""

    def __init__(self, store: Store, clock: Clock, compose: Compose, sending: Sending) -> None:
        self._store, self._clock = store, clock
        self._compose, self._sending = compose, sending

    # the calendar

    async def days(self, actor: Actor) -> list[DayView]:
        """Return the days to come that have something in them, the next first."""
        horizon = self._clock.now() + SHOWN * 86400
        return _by_day(await self._entries(actor, horizon), actor.timezone)

    async def between(self, actor: Actor, first: date, last: date) -> list[DayView]:
        """Return each day from ``first`` to ``last``, whatever is in it, with its hours."""
        zone = ZoneInfo(actor.timezone)
        horizon = datetime.combine(last + timedelta(days=1), time(), zone).timestamp()
        entries = await self._entries(actor, horizon)
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        filled = {one.day: one.entries for one in _by_day(entries, actor.timezone)}
        name, here = holiday_names(actor.timezone), self.today(actor)
        count = (last - first).days + 1
        return [
            DayView(day, name(day), filled.get(day, ()), _open(town, day, bool(name(day))),
                    day == here, day < here)
            for day in (first + timedelta(days=ahead) for ahead in range(count))
        ]  # fmt: skip

    def today(self, actor: Actor) -> date:
        """Return what day it is in the town."""
        return _local(self._clock.now(), actor.timezone).date()

    async def _entries(self, actor: Actor, horizon: float) -> list[EntryView]:
        need(actor, Right.FOLLOW)
        zone, now = actor.timezone, self._clock.now()
        waiting, series = await self._store.read(
            lambda db: (
                [(row, clear_days.lateness(db, row, zone, now))
                 for row in scenarios.scheduled(db, actor.entity_id)],
                scenarios.series(db, actor.entity_id),
            )
        )  # fmt: skip
        entries = [self._scheduled(row, late, actor) for row, late in waiting]
        town, rows = await self._store.read(
            lambda db: (settings.read(db, actor.entity_id), groups.named(db, actor.entity_id))
        )
        for row in series:
            draft = drafts.from_json(row["draft"])
            own = of_groups.own_hours(draft, [one for one in rows if one["id"] in draft.group_ids])
            known = of_groups.hours(draft, town, Urgency(draft.urgency), own)
            entries.extend(self._coming(row, actor, horizon, known))
        return entries

    def _scheduled(self, row: sqlite3.Row, late: str, actor: Actor) -> EntryView:
        state = BroadcastState(row["state"])
        note = words.BROADCAST_STATES[state]
        if row["kind"] == "reminder":
            note = fr("rappel d'une convocation")
        return EntryView(
            _local(row["starts_at"], actor.timezone), row["title"], note,
            words.URGENCIES[Urgency(row["urgency"])], broadcast=row["id"],
            movable=moving.may_move(row), late=late,
        )  # fmt: skip

    def _coming(
        self, row: sqlite3.Row, actor: Actor, horizon: float, known: Hours | None
    ) -> list[EntryView]:  # fmt: skip
        """Return the next times of a message that comes again, as far as the calendar shows.

        They are those at which it leaves, within the hours it has.
        """
        calendar = holidays_of(actor.timezone)
        draft = drafts.from_json(row["draft"])
        at = _local(row["next_at"], actor.timezone)
        found: list[EntryView] = []
        while at.timestamp() < horizon and len(found) < _MOST_TIMES:
            leaves = recurrence.leaves(row["cron"], at, known, calendar)
            if leaves is not None:
                found.append(EntryView(
                    leaves, row["title"], recurrence.said(row["cron"]),
                    words.URGENCIES[Urgency(draft.urgency)], series=row["id"],
                    problem=row["problem"], movable=not found,
                ))  # fmt: skip
            at = recurrence.following(row["cron"], at)
        return found

    # messages that come again

    def against(self, actor: Actor, draft: Draft, rhythm: str) -> Refused | None:
        """Return what `repeat` would refuse of when this leaves, before it is asked."""
        try:
            _first_time(draft, rhythm, actor.timezone, self._clock.now())
        except Refused as refusal:
            return refusal
        return None

    async def repeat(self, actor: Actor, draft: Draft, rhythm: str) -> int:
        """Let a message leave at ``draft.at`` and again in a rhythm; return the series' number.

        Raise `Refused` for a message that could not leave now, or without a first time.
        """
        need(actor, Right.WRITE)
        now = self._clock.now()
        first, line = _first_time(draft, rhythm, actor.timezone, now)
        prepared = await self._compose.prepare(actor, draft)
        if prepared.problems:
            raise prepared.problems[0]
        await self._compose.check_carried(prepared)
        kept = drafts.to_json(replace(draft, at=None, idempotency_key=None, as_keeper=actor.keeper))
        begins = recurrence.following(line, first - timedelta(minutes=1)).timestamp()
        key = draft.idempotency_key or ""

        def work(db: sqlite3.Connection) -> int:
            known = scenarios.series_of_key(db, actor.entity_id, key) if key else None
            return known or scenarios.begin_series(
                db, actor.entity_id, prepared.title, line, kept, begins, actor.name, now, key
            )

        return await self._store.write(work)

    async def move(
        self, actor: Actor, number: int, at: datetime | None, *, sure: bool = False
    ) -> None:
        """Let a scheduled message leave at another time; raise `Refused` with what stands."""
        await moving.move(self._store, self._clock, self._sending, actor, number, at, sure=sure)

    async def move_series(
        self, actor: Actor, number: int, at: datetime | None, *, sure: bool = False
    ) -> None:
        """Let a message come again from another time on, in the same rhythm."""
        await moving.move_series(self._store, self._clock, actor, number, at, sure=sure)

    async def end_series(self, actor: Actor, number: int) -> None:
        """Let a message come no more."""
        need(actor, Right.WRITE)
        now = self._clock.now()
        ended = await self._store.write(
            lambda db: scenarios.end_series(db, actor.entity_id, number, actor.name, now)
        )
        if not ended:
            raise Refused("Ce message ne revient plus.")

    async def launch_due(self) -> None:
        """Let leave whatever has come due, once: a crash in between sends nothing twice.

        While nobody knows the time nothing leaves by it; while it is to be confirmed, alerts do.
        """
        if not is_somebodys(self._clock):
            return
        planned = is_known(self._clock)
        if planned:
            await self._series_due()
        await self._sending.launch_due(alerts_only=not planned)

    async def _series_due(self) -> None:
        now = self._clock.now()
        for row in await self._store.read(lambda db: scenarios.series_due(db, now)):
            late = now - row["next_at"] > TOO_LATE
            problem = _missed(row) if late else await self._come_again(row)
            begin = max(now, row["next_at"])
            after = datetime.fromtimestamp(begin, ZoneInfo(row["timezone"]))
            coming = recurrence.following(row["cron"], after).timestamp()
            number = row["id"]
            await self._store.write(
                lambda db, number=number, coming=coming, problem=problem: scenarios.move_series(  # type: ignore[misc]
                    db, number, coming, problem, now
                )
            )

    async def _come_again(self, row: sqlite3.Row) -> str:
        """Send one occurrence; return why it could not leave, empty when it did."""
        actor = Actor(
            None, "série", row["created_by"], "administrator", row["entity_id"], row["town"],
            row["timezone"],
        )  # fmt: skip
        key = f"series-{row['id']}-{row['next_at']:.0f}"
        draft = replace(drafts.from_json(row["draft"]), idempotency_key=key)
        try:
            if not await self._leaves(actor, draft, row):
                number, now = row["id"], self._clock.now()
                await self._store.write(lambda db: scenarios.skip_series(db, number, now))
                return ""
            await self._sending.send(actor, draft, Door.COMMAND, kind="series")
        except Refused as refusal:
            _log.warning("a message that comes again could not leave", series=row["id"])
            return refusal.message
        return ""

    async def _leaves(self, actor: Actor, draft: Draft, row: sqlite3.Row) -> bool:
        """Tell whether one occurrence is not left out.

        Raise `Refused` where it would leave another day than its text means.
        """
        prepared = await self._compose.prepare(actor, draft)
        _, departure = await self._sending.assembled(actor, draft, prepared, Door.COMMAND)
        now, due = self._clock.now(), row["next_at"]
        calendar, day = holidays_of(actor.timezone), words.at(due, actor.timezone)
        if recurrence.leaves(row["cron"], day, departure.hours, calendar, now) is None:
            return False
        leaves = max(now, departure.starts_at)
        if now - due > _IN_TIME:
            before.check_still_true(draft, actor.timezone, due, leaves)
        elif (word := near_day(*draft.texts)) and words.at(
            leaves, actor.timezone
        ).date() > day.date():
            raise Refused(
                "N'est pas parti : les envois étaient fermés ce jour-là, et le texte dit "
                "« {word} ». Écrivez plutôt le jour.", word=word,
            )  # fmt: skip
        return True


def _first_time(draft: Draft, rhythm: str, zone: str, now: float) -> tuple[datetime, str]:
    """Return when a message that comes again leaves first, in its town, and its cron line."""
    if draft.at is None:
        raise Refused("Choisissez la date et l'heure de la première fois.", "at")
    if draft.urgency == Urgency.VITAL:
        raise Refused("Une alerte ne se répète pas d'elle-même.", "rhythm")
    if draft.expires is not None:
        raise Refused("Un message qui revient n'a pas de fin : laissez ce champ vide.", "until")
    first = draft.at.astimezone(ZoneInfo(zone))
    if first.timestamp() <= now:
        raise Refused("Cette heure est déjà passée : choisissez-en une autre.", "at")
    return first, recurrence.line(rhythm, first)


def _missed(row: sqlite3.Row) -> str:
    """Return what is told of an occurrence whose hour passed while nobody kept the time."""
    when = datetime.fromtimestamp(row["next_at"], ZoneInfo(row["timezone"]))
    _log.warning("a message that comes again was missed", series=row["id"], due=when.isoformat())
    return fr(
        "N'est pas parti le {day} à {hour} : le boîtier était arrêté à cette heure. S'il est "
        "encore utile, envoyez-le maintenant.",
        day=f"{when:%d/%m/%Y}", hour=f"{when.hour}\u00a0h\u00a0{when:%M}",
    )  # fmt: skip


def _by_day(entries: Sequence[EntryView], zone: str) -> list[DayView]:
    name = holiday_names(zone)
    days: dict[date, list[EntryView]] = {}
    for entry in sorted(entries, key=lambda one: one.at):
        days.setdefault(entry.at.date(), []).append(entry)
    return [DayView(day, name(day), tuple(found)) for day, found in days.items()]


def _open(town: Mapping[str, Any], day: date, holiday: bool) -> tuple[tuple[str, str], ...]:
    """Return when messages of each urgency that knows hours may leave on a day."""
    found = []
    for urgency in (Urgency.SERVICE, Urgency.INFORMATION):
        hours = town_settings.hours(town, urgency)
        window = hours.days.get(day.weekday()) if hours else (0, 0)
        if hours and holiday and not hours.on_holidays:
            window = None
        said = f"{clock_of(window[0])}–{clock_of(window[1])}" if window and hours else ""
        found.append((words.URGENCIES[urgency], said))
    return tuple(found)


def _local(at: float, zone: str) -> datetime:
    return datetime.fromtimestamp(at, ZoneInfo(zone))
