"""Signs of life: one modem writes to another, the box to its technician, boxes to each other."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from gateway import kinds
from gateway.clock import STEP, Clock
from gateway.config import Config
from gateway.model import Urgency
from gateway.sentences import fr
from gateway.services import words
from gateway.services.asked import Asked, tell
from gateway.services.correspondence import Heard, Taker
from gateway.services.fleet_numbers import FleetNumbers
from gateway.services.health_line import HealthLine
from gateway.services.sending import Sending
from gateway.services.told import mail_to
from gateway.services.values import Actor
from gateway.services.watching import kept_up
from gateway.store import Store, facts, heartbeats, people
from gateway.store.inbox import Done

#: Seconds between two looks at the clock.
_TICK: Final = 60.0
_HOUR: Final = 3600.0
#: After a start the first sign waits so long (seconds) at most for what is to be known.
SETTLING: Final = 300.0
_LOOK_AGAIN: Final = 1.0
#: A sign that is later than this (seconds) is none.
_LATE: Final = 12 * _HOUR
#: The fact that keeps the day on which signs of life were last given.
_GIVEN: Final = "signs_given"
_BEAT: Final = re.compile(r"Tocsin battement (\d{6})")
#: What `gateway.services.proving` writes from modem to modem.
TRIAL: Final = re.compile(r"Essai Tocsin [0-9A-F]{6}")
_SIGN: Final = re.compile(r"Tocsin .{1,80} : signe de vie\b.*", re.DOTALL)


class Signs:
    """Gives and awaits signs of life."""

    def __init__(
        self, store: Store, clock: Clock, config: Config, numbers: FleetNumbers,
        health: HealthLine, sending: Sending,
    ) -> None:  # fmt: skip
        self._store, self._clock, self._settings = store, clock, config.health
        self._numbers, self._health, self._sending = numbers, health, sending
        #: Whether all is known that a sign of life tells.
        self.settled: Callable[[], bool] = lambda: True
        self._watched = {one.number: one for one in self._settings.watch}
        self._speaks_for = {n: b.number for b in self._settings.watch for n in (b.number, *b.also)}

    async def run(self) -> None:
        """Give what is due, for ever."""
        await self._await_others()
        await self._until_known()
        while True:
            await kept_up(self.give)
            await asyncio.sleep(_TICK)

    async def _await_others(self) -> None:
        """Await from now on whoever has never been heard, or by a clock that was ahead."""
        if not self._watched:
            return
        now, known = self._clock.now(), await self._store.read(facts.known)
        for name in (f"sign:{number}" for number in self._watched):
            if name not in known or known[name][0] > now + STEP:
                await self._store.write(partial(facts.note, name=name, value="", now=now))

    async def _until_known(self) -> None:
        """Let the box look at itself first: what it says of what nobody saw would be a lie."""
        for _ in range(round(SETTLING / _LOOK_AGAIN)):
            if self.settled():
                return
            await asyncio.sleep(_LOOK_AGAIN)

    async def give(self) -> None:
        """Give each sign that is due."""
        town = await self._store.read(people.first_entity)
        if town is None:
            return
        await self._await_others()
        await self._beat(town)
        await self._daily(town)

    # one modem to another

    async def _beat(self, town: sqlite3.Row) -> None:
        now, every = self._clock.now(), self._settings.heartbeat_hours * _HOUR
        last = await self._store.read(lambda db: heartbeats.last(db, now))
        if not every or (last is not None and now - last < every):
            return
        known = await self._numbers.by_modem()
        ready = [name for name, (number, _) in known.items() if number]
        if len(ready) < 2:
            if len(known) > 1:
                await self._store.write(partial(_awaited, name=heartbeats.NO_NUMBERS, now=now))
            return
        await self._store.write(lambda db: facts.forget(db, heartbeats.NO_NUMBERS))
        for sender, receiver in zip(ready, [*ready[1:], ready[0]], strict=True):
            pair = partial(
                _written, town=town, names=(sender, receiver), number=known[receiver][0],
                sim=known[sender][1], now=now,
            )  # fmt: skip
            self._sending.announce(await self._store.write(pair), Urgency.SERVICE)

    # the box to its technician, and to other boxes

    async def _daily(self, town: sqlite3.Row) -> None:
        now = self._clock.now()
        today = datetime.fromtimestamp(now, ZoneInfo(town["timezone"]))
        hour, minute = map(int, self._settings.sign_of_life_at.split(":"))
        due = today.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if not timedelta(0) <= today - due < timedelta(seconds=_LATE):
            return
        actor = Actor(None, "box", "Tocsin", "technician", town["id"], town["name"],
                      town["timezone"])  # fmt: skip
        day = f"{today:%Y-%m-%d}"
        known = await self._store.read(facts.known)
        if known.get(_GIVEN, (0.0, ""))[1] == day:
            return
        said = await self._health.said(actor)
        made = await self._store.write(lambda db: self._signs(db, town, day, said, now))
        for number in made:
            self._sending.announce(number, Urgency.SERVICE)

    def _signs(
        self, db: sqlite3.Connection, town: sqlite3.Row, day: str, said: str, now: float
    ) -> list[int]:
        """Write the day's signs down, once."""
        settings, made = self._settings, []
        facts.note(db, _GIVEN, day, now)
        until = now + _LATE
        if settings.sign_of_life == "sms" and settings.technician_sms:
            whom = [Asked("Technicien", settings.technician_sms)]
            made.append(tell(db, town["id"], Urgency.SERVICE, "Signe de vie", said, whom, now,
                             until, kind="auto"))  # fmt: skip
        if settings.sign_of_life == "mail" and settings.technician_mail:
            subject, to = f"Tocsin {town['name']} : signe de vie", [settings.technician_mail]
            made.append(mail_to(db, town["id"], subject, said, to, kinds.AUTO, f"sign-{day}", now))
        others = [Asked("Autre boîtier", one) for one in settings.sign_to]
        if others:
            text = f"Tocsin {town['name']} : signe de vie"
            made.append(tell(db, town["id"], Urgency.SERVICE, "Signe de vie", text, others, now,
                             until, kind="auto"))  # fmt: skip
        return made

    def silent(self, db: sqlite3.Connection, now: float) -> list[tuple[str, str]]:
        """Return the other boxes nobody has heard of in their time, and since when."""
        known = facts.known(db)
        found: list[tuple[str, str]] = []
        town = people.first_entity(db)
        for number, box in self._watched.items():
            heard = known.get(f"sign:{number}")
            if heard is not None and town is not None and now - heard[0] > box.hours * _HOUR:
                since = words.at(heard[0], town["timezone"])
                found.append((box.name, fr("le {since:%d/%m à %H h %M}", since=since)))
        return found

    def takers(self) -> tuple[Taker, ...]:
        """Return those who hear signs among the SMS that come in."""
        return (heard_beat, heard_trial, self._heard_sign)

    def _heard_sign(self, db: sqlite3.Connection, heard: Heard) -> Done | None:
        box = self._speaks_for.get(heard.number)
        if box is None or not _SIGN.fullmatch(heard.text.strip()):
            return None
        facts.note(db, f"sign:{box}", heard.text[:160], heard.now)
        return Done("sign")


def heard_beat(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Hear one of our own modems. A taker."""
    match = _BEAT.fullmatch(heard.text.strip())
    if match is None or not heartbeats.came(db, match[1], heard.now):
        return None
    return Done("heartbeat")


def heard_trial(_: sqlite3.Connection, heard: Heard) -> Done | None:
    """Hear what *Vérifier ce modem* had another modem of ours write: nobody's answer. A taker."""
    return Done("heartbeat") if TRIAL.fullmatch(heard.text.strip()) else None


def _awaited(db: sqlite3.Connection, name: str, now: float) -> None:
    if name not in facts.known(db):
        facts.note(db, name, "", now)


def _written(
    db: sqlite3.Connection, town: sqlite3.Row, names: tuple[str, str], number: str, sim: str,
    now: float,
) -> int:  # fmt: skip
    code = heartbeats.begin(db, *names, now)
    return tell(
        db, town["id"], Urgency.SERVICE, f"Battement {names[0]} vers {names[1]}",
        f"Tocsin battement {code}", [Asked(names[1], number)], now, now + heartbeats.TIME / 3,
        kind="auto", sim=sim,
    )  # fmt: skip
