"""Calls whoever's hour has come in the daily round, and writes down who was missed.

On a connection: what one look does is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from gateway import plan as plans
from gateway import rounds as policy
from gateway.model import Channel, Reason, Urgency
from gateway.rounds import Missed, Settings
from gateway.services import round_words as said
from gateway.store import broadcasts, consent, rounds
from gateway.store.rounds import Member, NewEntry

#: Somebody whose card was changed so few seconds after their hour is called all the same.
_CHANGED: Final = 120.0


@dataclass(frozen=True, slots=True)
class Town:
    """A town and its round."""

    id: int
    name: str
    zone: str
    known: Settings


def towns(db: sqlite3.Connection) -> list[Town]:
    """Return every town that ever set a round."""
    return [
        Town(row["id"], row["name"], row["timezone"],
             policy.of_town({policy.SETTING: json.loads(row["value"])}))
        for row in rounds.towns(db)
    ]  # fmt: skip


def due(db: sqlite3.Connection, town: Town, now: float) -> list[tuple[date, float, Member]]:
    """Return whoever's hour has come, today or while the box was off, and was not called."""
    days = [one for one in policy.days_before(now, town.zone) if town.known.covers(one)]
    found: list[tuple[date, float, Member]] = []
    if not days:
        return found
    members = [one for one in rounds.members(db, town.id) if takes_part(db, town.id, one)]
    for day in days:
        begun = rounds.begun(db, town.id, day.isoformat())
        for one in members:
            at = policy.due(day, hour_of(one, town.known), town.zone)
            since = max(town.known.since, one.since - _CHANGED)
            if since <= at <= now and one.person.id not in begun:
                found.append((day, at, one))
    return found


def hour_of(one: Member, known: Settings) -> int:
    """Return somebody's hour, in minutes of the day."""
    return known.minutes if one.minutes is None else one.minutes


def takes_part(db: sqlite3.Connection, entity_id: int, one: Member) -> bool:
    """Tell whether somebody is called: neither left out, nor have all their telephones said no."""
    return not one.out_why and not stopped(db, entity_id, one)


def stopped(db: sqlite3.Connection, entity_id: int, one: Member) -> bool:
    """Tell whether somebody asked by SMS to be called no more, on every telephone they have."""
    no = consent.refused(db, entity_id, (consent.purpose_of(Urgency.SERVICE, policy.KIND),))
    known = [a.value for a in one.person.addresses if a.line != "email"]
    return bool(known) and all((Channel.VOICE, number) in no for number in known)


def begin(db: sqlite3.Connection, town: Town, now: float, *, calls: bool) -> list[int]:
    """Call whoever is due, and write down who was missed; return the broadcasts made."""
    waiting: dict[tuple[date, int, str], list[Member]] = defaultdict(list)
    for day, at, one in due(db, town, now):
        minutes = hour_of(one, town.known)
        if now - at > policy.MAKE_UP:
            rounds.add(db, _entry(town, day, one, missed=Missed.OFF), now)
        else:
            waiting[day, minutes, way_of(one, calls=calls)].append(one)
    return [
        number
        for (day, _, way), people in waiting.items()
        if (number := _call(db, town, day, way, people, now)) is not None
    ]


def way_of(one: Member, *, calls: bool) -> str:
    """Return how somebody is asked: by SMS where that is wanted, or where no modem can call."""
    lines = {address.line for address in one.person.addresses}
    texts = "mobile" in lines and (one.way == "sms" or not calls)
    return "sms" if texts else "voice"


def _call(
    db: sqlite3.Connection, town: Town, day: date, way: str, people: Sequence[Member], now: float
) -> int | None:
    """Make the broadcast of those of one hour and way; two of one telephone get one call."""
    chosen, shares = _one_a_telephone(people, way)
    for one in people:
        if not _rings_first(one, way):
            rounds.add(db, _entry(town, day, one, missed=Missed.NO_WAY), now)
    if not chosen:
        return None
    new = said.broadcast(town, day, way, [one.person for one in chosen], now)
    new = replace(new, any_sim=rounds.any_sim(db, town.id))
    number = broadcasts.create(db, new, now)
    made = rounds.recipients(db, number)
    for one, first in shares:
        row = made[first.person.id or 0]
        why = Missed.STOPPED if row["reason"] == Reason.OPTED_OUT else Missed.NONE
        rounds.add(db, _entry(town, day, one, recipient=row["id"], missed=why), now)
    return number


def _rings_first(one: Member, way: str) -> str:
    """Return the telephone that is called, or written to, first; empty where there is none."""
    plan = policy.texted(0.0) if way == "sms" else policy.called(0.0)
    return next((address.value for _, address in plans.opening(plan, one.person.addresses)), "")


def _one_a_telephone(
    people: Sequence[Member], way: str
) -> tuple[list[Member], list[tuple[Member, Member]]]:
    """Return whom to call, and for each person whose call is theirs too.

    A telephone that comes second to two people (a daughter's) makes no household of them.
    """
    first: dict[str, Member] = {}
    shares = [
        (one, first.setdefault(number, one)) for one in people if (number := _rings_first(one, way))
    ]
    return [one for one, by in shares if one is by], shares


def _entry(
    town: Town, day: date, one: Member, *, recipient: int | None = None, missed: str = ""
) -> NewEntry:
    minutes = hour_of(one, town.known)
    return NewEntry(
        town.id, day.isoformat(), one.person.id or 0, minutes, policy.due(day, minutes, town.zone),
        town.known.pause * 60.0, recipient, missed,
    )  # fmt: skip
