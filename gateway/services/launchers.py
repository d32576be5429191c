"""Who may launch by telephone: known by number, proved by PIN, held off after wrong ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from gateway import launch_words, launching, phone, telephones
from gateway.clock import Clock
from gateway.launching import Aim, Event
from gateway.logs import log_for, masked
from gateway.model import Urgency
from gateway.services import words
from gateway.services.accounts import Accounts
from gateway.services.asked import Asked, tell
from gateway.services.drafting import cheaper
from gateway.services.values import Actor
from gateway.store import Store, entities, launches, settings, tries

_log = log_for(__name__)

#: Seconds that what is told may wait for a modem.
_LIFE = 3600.0
#: Seconds by which news of a launch let the alert itself go first, on each modem.
BEHIND = 2.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever seems to write or call: a telephone that a town trusts with more than dictating."""

    entity_id: int
    town: str
    timezone: str
    name: str
    number: str
    roles: frozenset[str]

    @property
    def launches(self) -> bool:
        """Whether this telephone may launch, once its PIN was given."""
        return telephones.LAUNCHER in self.roles

    def acting(self, door: str) -> Actor:
        """Return for whom the services act; only once the PIN was right."""
        return Actor(
            None, door, self.name, "administrator", self.entity_id, self.town, self.timezone
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a PIN was right; else how many more may be wrong, or until when none is taken.

    ``no_pin``: this telephone was given none.
    """

    right: bool
    left: int = 0
    until: float | None = None
    held_off: bool = False  # it was not even compared
    no_pin: bool = False
    made: tuple[int, ...] = ()  # broadcasts that tell the others


def known(db: sqlite3.Connection, number: str) -> list[Caller]:
    """Return what a number (E.164) is to each town that trusts it with something."""
    return [
        Caller(town["id"], town["name"], town["timezone"], one.name, one.number, one.roles)
        for town in entities.every(db)
        for one in telephones.listed(settings.read(db, town["id"]))
        if one.number == number and one.roles
    ]


def others(db: sqlite3.Connection, caller: Caller) -> list[Asked]:
    """Return the other launchers of a town."""
    return [
        Asked(one.name, one.number)
        for one in telephones.listed(settings.read(db, caller.entity_id))
        if telephones.LAUNCHER in one.roles and one.number != caller.number
    ]


def say(
    db: sqlite3.Connection, entity_id: int, whom: Sequence[Asked], said: str, now: float, *,
    urgency: Urgency = Urgency.VITAL, after: float = 0.0,
) -> int:  # fmt: skip
    """Queue an SMS to a few launchers, before all else where it is vital; return its number.

    ``after`` so many seconds: what matters more has begun to leave by then.
    """
    text, _ = cheaper(said)
    number = tell(
        db, entity_id, urgency, "Lancement par téléphone", text, whom, now, now + _LIFE,
        kind="auto",
    )  # fmt: skip
    if urgency is Urgency.VITAL:
        launches.go_first(db, number, now + after)
    return number


class Launchers:
    """Compares PINs, and no more of them than it must."""

    def __init__(self, store: Store, clock: Clock, accounts: Accounts) -> None:
        self._store, self._clock, self._accounts = store, clock, accounts

    async def check(self, caller: Caller, pin: str, door: str) -> Verdict:
        """Compare a PIN; a try is on the disk before, so that no crowd of them slips through."""
        now = self._clock.now()

        def reserve(db: sqlite3.Connection) -> tuple[int, str] | Verdict:
            stored = tries.pin_of(db, caller.entity_id, caller.number)
            until = launching.locked_until(tries.of_number(db, caller.number, now), now)
            if not stored or until is not None:
                return Verdict(False, until=until, held_off=until is not None, no_pin=not stored)
            pending = tries.note(db, caller.entity_id, caller.number, door, Event.PENDING, now)
            return pending, stored

        begun = await self._store.write(reserve)
        if isinstance(begun, Verdict):
            return begun
        pending, stored = begun
        right = await self._accounts.matches(stored, pin)
        _log.info("PIN compared", right=right, door=door, number=masked(caller.number))
        return await self._store.write(lambda db: _settled(db, caller, pending, right, now))


def _settled(
    db: sqlite3.Connection,
    caller: Caller,
    pending: int,
    right: bool,
    now: float,
) -> Verdict:
    tries.settle(db, pending, Event.RIGHT if right else Event.WRONG, now)
    if right:
        return Verdict(True)
    lately = tries.of_number(db, caller.number, now)
    until = launching.locked_until(lately, now)
    made = _warn(db, caller, lately, until, now)
    return Verdict(False, launching.tries_left(lately, now), until, made=made)


def _warn(
    db: sqlite3.Connection, caller: Caller, lately: Sequence[launching.Try], until: float | None,
    now: float,
) -> tuple[int, ...]:  # fmt: skip
    """Tell the other launchers, no oftener than is useful; not before a call of theirs."""
    whom = others(db, caller)
    what = Event.WARNED if until is None else Event.LOCKED
    town = tries.of_town(db, caller.entity_id, now - launching.MEMORY)
    if not whom or not launching.may_warn(what, lately, town, now):
        return ()
    shown = phone.shown(caller.number)
    if until is None:
        said = launch_words.warn_wrong(caller.name, shown)
    else:
        at = words.clock_time(until, caller.timezone, now)
        code = _lifting_code(db, caller, whom, now)
        said = launch_words.warn_locked(caller.name, shown, at, code)
    tries.note(db, caller.entity_id, caller.number, "", what, now)
    return (say(db, caller.entity_id, whom, said, now, urgency=Urgency.SERVICE),)


def _lifting_code(db: sqlite3.Connection, caller: Caller, whom: Sequence[Asked], now: float) -> str:
    asked = [
        launches.begin(
            db, caller.entity_id, one.number, one.name, "sms", Aim.LIFT, now, target=caller.number
        )
        for one in whom
    ]
    return launches.share_code(db, asked, "", now)
