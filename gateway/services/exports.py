"""The directory handed out: CSV and XLSX that can be imported again, and vCard for telephones."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway import paper, phone
from gateway.clock import Clock
from gateway.errors import NotHere
from gateway.french import of_town
from gateway.lists.columns import HOLDS
from gateway.lists.names import in_a_cell, names_of
from gateway.model import Line
from gateway.rights import Right
from gateway.services.permits import need
from gateway.services.reports import TYPES, File, made
from gateway.services.values import Actor
from gateway.store import Store, contacts, events, groups, people

_DETAILS: Final = ("honorific", "number", "street", "complement", "floor", "postcode", "city",
                   "zone", "language", "help_first", "note")  # fmt: skip
_HEAD: Final = (
    "Nom", "Prénom", "Téléphone", "Courriel", *(HOLDS[key] for key in _DETAILS), "Groupes",
    "Étiquettes", HOLDS["referent_name"], HOLDS["referent"],
)  # fmt: skip


class Exports:
    """What the doors may ask to take away."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def contacts(self, actor: Actor, kind: str, group_id: int | None = None) -> File:
        """Return the directory, or one group of it, as ``csv``, ``xlsx`` or ``vcf``; recorded."""
        need(actor, Right.PEOPLE)
        now = self._clock.now()
        rows, name = await self._store.read(lambda db: _rows(db, actor, group_id))
        told = {"kind": kind, "people": len(rows), "group": name, "by": actor.name}
        await self._store.write(
            lambda db: events.record(db, now, "contacts.exported", told, entity_id=actor.entity_id)
        )
        if kind == "vcf":
            loop = asyncio.get_running_loop()
            data = await loop.run_in_executor(None, _cards, rows)
            return File("carnet.vcf", "text/vcard; charset=utf-8", data)
        when = datetime.fromtimestamp(now, ZoneInfo(actor.timezone))
        sheet = paper.Sheet(
            f"Carnet {of_town(actor.entity_name)}",
            [("Groupe", name or "tous")],
            _HEAD,
            rows,
            "",
            when,
        )
        return File(f"carnet.{kind}", TYPES[kind], await made(sheet, kind))


def _rows(
    db: sqlite3.Connection, actor: Actor, group_id: int | None
) -> tuple[list[tuple[str, ...]], str]:
    name = ""
    if group_id is not None:
        group = groups.get(db, actor.entity_id, group_id)
        known = {row["id"] for row in groups.named(db, actor.entity_id, register=actor.keeper)}
        if group is None or group_id not in known:
            raise NotHere("Ce groupe n'existe pas, ou n'existe plus.")
        name = group["name"]
    found, _ = contacts.page(
        db, actor.entity_id, register=actor.keeper, grouping_id=group_id, text="", limit=-1,
        offset=0,
    )  # fmt: skip
    return [_row(db, row, actor) for row in found], name


def _row(db: sqlite3.Connection, row: sqlite3.Row, actor: Actor) -> tuple[str, ...]:
    numbers, mails = _ways(db, row["id"])
    details = {**{key: str(row[key]) for key in _DETAILS},
               "help_first": "oui" if row["help_first"] else ""}  # fmt: skip
    listed = groups.of_contact(db, row["id"], register=actor.keeper)
    return (
        row["name"], row["given_name"], " / ".join(numbers), " ".join(mails), *details.values(),
        in_a_cell([group["name"] for group in listed]),
        in_a_cell(contacts.tags(db, row["id"])),
        *_referent(db, row, actor),
    )  # fmt: skip


def _ways(db: sqlite3.Connection, contact_id: int) -> tuple[list[str], list[str]]:
    """Return a contact's numbers and mail addresses, as they are written."""
    found = contacts.endpoints(db, contact_id)
    return (
        [phone.shown(e["address"]) for e in found if e["line"] != Line.EMAIL],
        [e["address"] for e in found if e["line"] == Line.EMAIL],
    )


def _referent(db: sqlite3.Connection, row: sqlite3.Row, actor: Actor) -> tuple[str, str]:
    """Return who looks after a contact, and where to reach them; empty for one not to be known."""
    if row["referent_id"] is None:
        return "", ""
    other = contacts.get(db, actor.entity_id, row["referent_id"], register=actor.keeper)
    if other is None:
        return "", ""
    numbers, mails = _ways(db, other["id"])
    return people.full_name(other), " / ".join((*numbers, *mails))


def _cards(rows: Sequence[tuple[str, ...]]) -> bytes:
    """Return vCard 3.0 (RFC 2426): what every telephone and mailer opens."""
    import vobject

    cards = []
    for row in rows:
        line = dict(zip(_HEAD, row, strict=True))
        card = vobject.vCard()
        card.add("n").value = vobject.vcard.Name(family=line["Nom"], given=line["Prénom"])
        card.add("fn").value = " ".join(filter(None, (line["Prénom"], line["Nom"])))
        for number in filter(None, line["Téléphone"].split(" / ")):
            card.add("tel").value = number
        for address in line["Courriel"].split():
            card.add("email").value = address
        place = " ".join(filter(None, (line[HOLDS["number"]], line[HOLDS["street"]])))
        if place or line[HOLDS["city"]]:
            card.add("adr").value = vobject.vcard.Address(
                street=place, city=line[HOLDS["city"]], code=line[HOLDS["postcode"]]
            )
        if line["Étiquettes"]:
            card.add("categories").value = names_of(line["Étiquettes"])
        cards.append(card.serialize())
    return "".join(cards).encode()
