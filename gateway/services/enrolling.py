"""Enrolment by SMS: « ALERTE rue du Port », its sender's word, then the town hall's.

Nobody enters the list of alerts by one message, nor without a human: anybody can write in
anybody's name, and a wrong address sends firemen to the wrong street.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from gateway import enrol_form, phone
from gateway.clock import Clock
from gateway.errors import NotHere, Refused
from gateway.model import Line, Purpose, Urgency
from gateway.replies import Kind
from gateway.rights import Right
from gateway.services import words
from gateway.services.asked import Asked, tell
from gateway.services.correspondence import Heard
from gateway.services.fleet_numbers import FleetNumbers
from gateway.services.permits import need
from gateway.services.reports import File
from gateway.services.sending import Sending
from gateway.services.values import Actor
from gateway.store import Store, consent, contacts, enrolments, entities, groups, people
from gateway.store.inbox import Done

#: An answer of the town hall is worth sending for so long (seconds).
_LIFE = 86400.0
_PLACE = re.compile(
    r"(?P<number>\d{1,4} ?(?:bis|ter|[a-d])?)\s*,?\s+(?P<street>\D.*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """Somebody who asks to be warned; ``number`` and ``street`` as read from what they wrote."""

    id: int
    phone: str
    said: str
    house: str
    street: str
    at: datetime


def split_place(place: str) -> tuple[str, str]:
    """Return house number and street of an address as people write it."""
    match = _PLACE.fullmatch(" ".join(place.split()))
    return (match["number"], match["street"]) if match else ("", " ".join(place.split()))


class Enrolling:
    """What the doors may ask of enrolments."""

    def __init__(self, store: Store, clock: Clock, sending: Sending, numbers: FleetNumbers) -> None:
        self._store, self._clock, self._sending = store, clock, sending
        self._numbers = numbers

    async def numbers(self, actor: Actor) -> tuple[str, ...]:
        """Return the numbers people write to (E.164), empty where nobody knows them."""
        return await self._numbers.of(actor)

    async def sheet(self, actor: Actor) -> File:
        """Return the sheet to be printed and handed out (PDF)."""
        need(actor, Right.PEOPLE)
        numbers = await self.numbers(actor)
        form = enrol_form.Form(actor.entity_name, numbers, [phone.shown(one) for one in numbers])
        try:
            data = await asyncio.get_running_loop().run_in_executor(None, enrol_form.make, form)
        except OSError as error:
            raise Refused("La feuille n'a pas pu être faite : réessayez.") from error
        return File("inscription.pdf", "application/pdf", data)

    async def card(self, actor: Actor) -> File:
        """Return the box as a contact for telephones (vCard)."""
        need(actor, Right.PEOPLE)
        text = enrol_form.vcard(actor.entity_name, await self.numbers(actor))
        return File("alerte.vcf", "text/vcard; charset=utf-8", text.encode())

    async def sign(self, actor: Actor) -> File | None:
        """Return the sign that opens a text to the box (SVG), None where no number is known."""
        need(actor, Right.PEOPLE)
        numbers = await self.numbers(actor)
        if not numbers:
            return None
        data = enrol_form.as_svg(enrol_form.sms_link(numbers[0]))
        return File("inscription.svg", "image/svg+xml", data)

    async def waiting(self, actor: Actor) -> list[EnrolmentView]:
        """Return who waits to be let in, the oldest first."""
        need(actor, Right.PEOPLE)
        rows = await self._store.read(lambda db: enrolments.waiting(db, actor.entity_id))
        return [
            EnrolmentView(
                row["id"], phone.shown(row["number"]), row["said"], *split_place(row["place"]),
                words.at(row["confirmed_at"], actor.timezone),
            )
            for row in rows
        ]  # fmt: skip

    async def approve(
        self, actor: Actor, number: int, *, name: str, given_name: str, house: str, street: str,
        group_id: int,
    ) -> int:  # fmt: skip
        """Let somebody into a group; return the contact. Raise `Refused` naming the field."""
        need(actor, Right.PEOPLE)
        called = " ".join(name.split())[:80]
        if not called:
            raise Refused("Écrivez au moins le nom de la personne.", "name")
        now, given = self._clock.now(), " ".join(given_name.split())[:80]
        fields = {
            "number": " ".join(house.split())[:10], "street": " ".join(street.split())[:120],
        }  # fmt: skip

        def work(db: sqlite3.Connection) -> tuple[int, int]:
            row = _asked(db, actor, number)
            known = {one["id"]: one for one in groups.named(db, actor.entity_id, register=False)}
            if group_id not in known:
                raise Refused("Choisissez le groupe.", "group_id")
            contact = _contact(db, actor, row, (called, given), fields, now)
            groups.join(db, group_id, contact)
            consent.restore(
                db, actor.entity_id, channel=None, address=row["number"], purpose=Purpose.ALERT,
                source="SMS", by=actor.name, now=now, text=row["said"],
            )  # fmt: skip
            enrolments.decide(db, number, "approved", actor.name, now)
            told = "vous êtes inscrit aux alertes. Pour arrêter : STOP."
            return contact, _tell(db, actor, row, told, now)

        contact, made = await self._store.write(work)
        self._sending.announce(made, Urgency.SERVICE)
        return contact

    async def refuse(self, actor: Actor, number: int) -> None:
        """Turn a request down, and say so to whoever asked."""
        need(actor, Right.PEOPLE)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> int:
            row = _asked(db, actor, number)
            enrolments.decide(db, number, "refused", actor.name, now)
            return _tell(
                db, actor, row, "inscription non retenue. Renseignez-vous à la mairie.", now
            )

        self._sending.announce(await self._store.write(work), Urgency.SERVICE)


def _asked(db: sqlite3.Connection, actor: Actor, number: int) -> sqlite3.Row:
    row = enrolments.get(db, actor.entity_id, number)
    if row is None:
        raise NotHere("Cette demande n'attend plus.")
    return row


def _contact(
    db: sqlite3.Connection, actor: Actor, row: sqlite3.Row, names: tuple[str, str],
    fields: dict[str, str], now: float,
) -> int:  # fmt: skip
    """Return the contact of a number, made where there is none."""
    known = people.by_address(db, actor.entity_id, row["number"])
    if known is not None:
        return int(known["id"])
    contact = contacts.add(db, actor.entity_id, *names, fields, now)
    contacts.add_endpoint(db, actor.entity_id, contact, Line.MOBILE, row["number"])
    contacts.note(db, contact, {"enrolled": "SMS"}, actor.name, now)
    return contact


def _tell(db: sqlite3.Connection, actor: Actor, row: sqlite3.Row, said: str, now: float) -> int:
    whom = [Asked(phone.shown(row["number"]), row["number"])]
    return tell(
        db, actor.entity_id, Urgency.SERVICE, "Inscription", f"{actor.entity_name} : {said}",
        whom, now, now + _LIFE, kind="auto",
    )  # fmt: skip


# --- takers --------------------------------------------------------------------------------


def enrol(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Ask whoever wrote « ALERTE » and an address for their word."""
    if heard.reply.kind is not Kind.ENROL or heard.entity_id is None:
        return None
    entity, place = heard.entity_id, heard.reply.detail
    asked = enrolments.ask(db, entity, heard.number, place, heard.text[:300], heard.now)
    if asked is None:
        return Done("enrol_full", entity, to_read=True)
    code, fresh = asked
    town = entities.name_of(db, entity)
    return Done(
        "enrol_asked", entity, moved=fresh,
        answer=f"{town} : être alerté au {phone.shown(heard.number)}, {place[:60]} ? "
        f"Pour confirmer, répondez OUI {code}.",
    )  # fmt: skip


def confirmed_enrolment(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Take the word of whoever asked to be warned."""
    if heard.reply.kind is not Kind.YES or not heard.reply.detail:
        return None
    row = enrolments.confirm(db, heard.number, heard.reply.detail, heard.text[:100], heard.now)
    if row is None:
        return None
    return Done(
        "enrol_confirmed", row["entity_id"], to_read=True, moved=True,
        answer="C'est noté. La mairie vérifie votre demande, puis vous répond.",
    )  # fmt: skip
