"""Few people told or asked something by SMS at once: who they are, and the text to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from gateway import orders, telephones
from gateway.model import Address, BroadcastState, Channel, Door, Line, Urgency
from gateway.store import broadcasts, routes, scenarios, settings
from gateway.store.people import Person


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who is asked."""

    name: str
    number: str


def on_duty(db: sqlite3.Connection, entity_id: int, now: float) -> list[Asked]:
    """Return the mobiles of whoever is on duty in a town now, in the order of its lists."""
    numbers = dict.fromkeys(
        contact
        for name in scenarios.duty_lists(db, entity_id)
        for contact in scenarios.on_duty(db, entity_id, name, now)
    )
    return [
        Asked(person.name, address.value)
        for person in scenarios.people_of(db, entity_id, numbers)
        for address in person.addresses
        if address.line is Line.MOBILE
    ]


def trusted(db: sqlite3.Connection, entity_id: int) -> list[Asked]:
    """Return the telephones a town trusts."""
    known = telephones.listed(settings.read(db, entity_id))
    return [Asked(one.name, one.number) for one in known]


def tell(
    db: sqlite3.Connection, entity_id: int, urgency: Urgency, title: str, said: str,
    whom: Sequence[Asked], now: float, until: float, *, kind: str = "question", sim: str = "",
    spoken: str = "", parent_id: int | None = None,
) -> int:  # fmt: skip
    """Queue one SMS to each of a few people, at any hour; return the broadcast's number.

    With ``spoken``, each is called too. ``parent_id`` is the message it belongs to. ``sim`` (ICCID)
    is asked to carry it first: an answer comes from the number that was written to.
    """
    texts = {Channel.SMS: ("", said)}
    if spoken:
        texts[Channel.VOICE] = ("", spoken)
    known = [Person(None, one.name, (Address(None, Line.MOBILE, one.number),)) for one in whom]
    number = broadcasts.create(
        db,
        broadcasts.NewBroadcast(
            entity_id=entity_id, title=title[:120], urgency=urgency,
            plan=orders.at_once(tuple(texts)), door=Door.SCHEDULE, author="Tocsin",
            texts=texts, parent_id=parent_id, people=known, groups="", expires_at=until,
            state=BroadcastState.SENDING, kind=kind,
        ),
        now,
    )  # fmt: skip
    if sim:
        routes.prefer(db, number, sim)
    return number
