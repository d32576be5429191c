"""What the box tells chosen mailboxes of its own accord: SMS that came in, and each day's summary.

Both are kept by their own name (the SMS's number, the day): told once, whatever stops in between.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway import orders, phone
from gateway.assembly import PATIENCE, ReceivedMessage, assemble
from gateway.clock import Clock, is_known
from gateway.logs import log_for
from gateway.model import Address, BroadcastState, Channel, Door, Line, Urgency
from gateway.services import day_words, words
from gateway.services.fleet import Fleet
from gateway.services.mailing import forwarded_to, summary_of
from gateway.services.outage import Outage
from gateway.services.sending import Sending
from gateway.services.values import Actor
from gateway.store import (
    Store,
    broadcasts,
    day,
    entities,
    facts,
    inbox,
    people,
    sent_once,
    settings,
    sims,
)
from gateway.store.people import Person

_log = log_for(__name__)

#: Seconds between two looks at what is not whole yet, and at the clock while it may be set.
_LOOK: Final = 60.0
_LONGEST_REST: Final = 3600.0
_SOON: Final = 1.0
#: SMS so old (seconds) are told no more: the mail they would arrive in is no news.
_FRESH: Final = 3 * 86400.0
#: SMS forwarded in an hour; a storm of them waits, and is on the page meanwhile.
MOST_AN_HOUR: Final = 60
_HOUR: Final = 3600.0
#: Seconds a mail of this kind may wait for the relay.
_LIFE: Final = 3 * 86400.0
_DAY: Final = 86400.0
#: Alarms of the box that the summary tells in other words.
_SAID_ANYWAY: Final = frozenset({"modem", "outage"})


class Told:
    """Tells mailboxes."""

    def __init__(
        self, store: Store, clock: Clock, sending: Sending, fleet: Fleet, outage: Outage
    ) -> None:
        self._store, self._clock, self._sending = store, clock, sending
        self._fleet, self._outage = fleet, outage
        self._bell = asyncio.Event()
        self._told: set[tuple[int, int]] = set()  # town, SMS
        self._lately: deque[float] = deque()

    def ring(self) -> None:
        """Hear that an SMS came in."""
        self._bell.set()

    async def run(self) -> None:
        """Tell what is to be told, for ever."""
        while True:
            self._bell.clear()
            rest = min(await self._forward(), await self._summarise())
            try:
                async with asyncio.timeout(rest):
                    await self._bell.wait()
            except TimeoutError:
                pass

    # SMS to mail

    async def _forward(self) -> float:
        """Send on what came in; return after how long (seconds) to look again."""
        towns = await self._store.read(entities.every)
        return min([_LONGEST_REST, *[await self._forward_of(town, towns[0]) for town in towns]])

    async def _forward_of(self, town: sqlite3.Row, first: sqlite3.Row) -> float:
        """Send on what is this town's, or nobody's where it is the ``first``."""
        now = self._clock.now()
        known = await self._store.read(lambda db: settings.read(db, town["id"]))
        to, since = forwarded_to(known)
        if not to:
            return _LONGEST_REST
        parts = await self._store.read(lambda db: sims.received(db, max(since, now - _FRESH)))
        whole = assemble(parts, now)
        fresh = [one for one in whole if (town["id"], one.first) not in self._told]
        # as it is kept: whoever deals with it leaves a launcher's PIN out
        ids = [one.first for one in fresh]
        kept = await self._store.read(lambda db: inbox.dealt_with(db, ids))
        for message in reversed(fresh):  # the oldest first
            if message.first not in kept:
                continue
            owner, text = kept[message.first]
            if (owner or first["id"]) == town["id"]:
                if not self._room(now):
                    _log.warning("many SMS came in: forwarding waits", waiting=len(fresh))
                    return _LOOK
                await self._send_on(town, replace(message, text=text), to, now)
            self._told.add((town["id"], message.first))
        if len(kept) < len(fresh):
            return _SOON
        awaited = any(one.total > 1 and now - one.at <= PATIENCE for one in parts)
        return _LOOK if awaited else _LONGEST_REST

    def _room(self, now: float) -> bool:
        while self._lately and not now - _HOUR < self._lately[0] <= now:
            self._lately.popleft()
        return len(self._lately) < MOST_AN_HOUR

    async def _send_on(
        self, town: sqlite3.Row, message: ReceivedMessage, to: Sequence[str], now: float
    ) -> None:
        def work(db: sqlite3.Connection) -> int | None:
            key = f"sms-{message.first}"
            if sent_once.of_key(db, town["id"], key) is not None:
                return None
            name = _who(db, town["id"], message.sender)
            subject = f"SMS de {name}"
            body = _as_mail(message, name, day.modem_of(db, message.sim), town["timezone"])
            return mail_to(db, town["id"], subject, body, to, "forward", key, now)

        number = await self._store.write(work)
        if number is not None:
            self._lately.append(now)
            self._sending.announce(number, Urgency.SERVICE)

    # the day's summary

    async def _summarise(self) -> float:
        """Send the summaries whose hour it is; return after how long (seconds) to look again."""
        now, rest = self._clock.now(), _LONGEST_REST
        if not is_known(self._clock):
            return _LOOK  # nobody knows which day it is
        for town in await self._store.read(entities.every):
            known = await self._store.read(lambda db, n=town["id"]: settings.read(db, n))  # type: ignore[misc]
            to, hour = summary_of(known)
            if not to:
                continue
            here = datetime.fromtimestamp(now, ZoneInfo(town["timezone"]))
            if hour <= f"{here:%H:%M}" <= _late(hour):
                await self._tell_day(town, to, here)
            hours, minutes = map(int, hour.split(":"))
            begins = here.replace(hour=hours, minute=minutes, second=0, microsecond=0)
            if begins > here:
                rest = min(rest, (begins - here).total_seconds())
        return rest

    async def _tell_day(self, town: sqlite3.Row, to: Sequence[str], here: datetime) -> None:
        now, key = here.timestamp(), f"summary-{here:%Y-%m-%d}"
        if await self._store.read(lambda db: sent_once.of_key(db, town["id"], key)) is not None:
            return
        actor = Actor(None, "tocsin", "Tocsin", "technician", town["id"], town["name"],
                      town["timezone"])  # fmt: skip
        health = await self._health(actor)

        def work(db: sqlite3.Connection) -> int:
            received, rang = day.came_in(db, now - _DAY)
            came_in = f"Reçus : {received} SMS, {rang} appel{'s' if rang > 1 else ''}."
            told = day_words.of_messages(db, town, now)
            body = "\n".join([*health, "", *told, "", came_in])
            subject = f"Tocsin {town['name']} : résumé du {words.long_day(here.date())}"
            return mail_to(db, town["id"], subject, body, to, "summary", key, now)

        self._sending.announce(await self._store.write(work), Urgency.SERVICE)

    async def _health(self, actor: Actor) -> list[str]:
        """Return the box's health, one sentence first."""
        modems = await self._fleet.modems(actor)
        sick = [one for one in modems if one.trouble]
        alarms = await self._store.read(facts.alarms)
        notices = await self._fleet.notices_beside(actor, (one.kind for one in alarms))
        told = [
            f"{one.sentence}. À faire : {one.mend}."
            for one in alarms
            if one.kind not in _SAID_ANYWAY
        ]
        told += filter(None, [*notices, self._outage.notice()])
        told += [f"Modem {one.name} : {one.trouble} {one.mend}".strip() for one in sick]
        past = [one for one in await self._outage.past(actor, 1.0) if one.until is not None]
        told += [f"{one.what}, de {one.since:%H:%M} à {one.until:%H:%M}." for one in past]
        if told:
            return ["À voir :", *(f"- {one}" for one in told)]
        count = f"{len(modems)} modem{'s' if len(modems) > 1 else ''} en service"
        return [f"Tout va bien : {count}." if modems else "Aucun modem n'est configuré."]


def _late(hour: str) -> str:
    """Return until when a summary is still worth sending, after a night without power."""
    later = datetime.strptime(hour, "%H:%M") + timedelta(hours=6)  # noqa: DTZ007  an hour only
    return f"{later:%H:%M}" if f"{later:%H:%M}" > hour else "23:59"


def _who(db: sqlite3.Connection, entity_id: int, sender: str) -> str:
    row = people.by_address(db, entity_id, phone.of_caller(sender) or sender, keeper=False)
    if row is None or row["reserved"]:  # a mailbox is read by more than the register's keepers
        return phone.shown(sender)
    return f"{people.full_name(row)} ({phone.shown(sender)})"


def _as_mail(message: ReceivedMessage, name: str, modem: str, zone: str) -> str:
    at = words.at(message.at, zone)
    told = f"SMS de {name}, reçu le {words.long_day(at.date())} à {at:%H:%M}"
    lines = [message.text, "", f"{told}{f' sur {modem}' if modem else ''}."]
    if message.missing:
        lines.append(f"Incomplet : {len(message.missing)} partie(s) sur {message.total} manquent.")
    return "\n".join([*lines, "Ne répondez pas à ce courriel : la personne ne le verrait pas."])


def mail_to(
    db: sqlite3.Connection, entity_id: int, subject: str, body: str, to: Sequence[str], kind: str,
    key: str, now: float, file_ids: tuple[int, ...] = (),
) -> int:  # fmt: skip
    """Queue one mail of the box's own to a few mailboxes, once for each key; return its number."""
    whom = [Person(None, one, (Address(None, Line.EMAIL, one),)) for one in to]
    return broadcasts.create(
        db,
        broadcasts.NewBroadcast(
            entity_id=entity_id, title=subject[:120], urgency=Urgency.SERVICE,
            plan=orders.at_once((Channel.EMAIL,)), door=Door.SCHEDULE, author="Tocsin",
            texts={Channel.EMAIL: (subject[:200], body)}, people=whom, expires_at=now + _LIFE,
            state=BroadcastState.SENDING, kind=kind, idempotency_key=key,
            file_ids=file_ids,
        ),
        now,
    )  # fmt: skip
