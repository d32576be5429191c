"""A register with somebody in it, in a file, and what a thief would look for there."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from gateway.model import Line
from gateway.store import Store, contacts, groups, people
from gateway.store.cipher import Key
from tests.gateway.store.ledger import NIGHT

T = TypeVar("T")

NAME, GIVEN, STREET, NOTE = "Quatrebarbes", "Zénaïde", "venelle des Échoppes", "respirateur à pile"
NUMBER, MAIL, LABEL = "+33639980076", "zenaide@la-redorte.example", "chez sa filleule"
#: As written, and as an index would fold it.
SECRETS = (NAME, GIVEN, STREET, NOTE, NUMBER, MAIL, LABEL, "quatrebarbes", "zenaide", "zénaïde",
           "echoppes", "échoppes", "39980076")  # fmt: skip
DETAILS = {"street": STREET, "number": "3", "note": NOTE, "city": "La Redorte", "zone": "Bourg"}


def enrolled(db: sqlite3.Connection) -> int:
    """Put Zénaïde into the register."""
    entity = people.ensure_entity(db, "La Redorte", "Europe/Paris", NIGHT)
    group = groups.ensure(db, entity, "Personnes fragiles", "registre", NIGHT)
    contact = contacts.add(db, entity, NAME, GIVEN, DETAILS, NIGHT, reserved=True)
    contacts.add_endpoint(db, entity, contact, Line.MOBILE, NUMBER, label=LABEL)
    contacts.add_endpoint(db, entity, contact, Line.EMAIL, MAIL)
    groups.join(db, group, contact)
    return contact


def known(db: sqlite3.Connection, name: str, number: str) -> int:
    """List somebody whom everybody may see."""
    entity = people.ensure_entity(db, "La Redorte", "Europe/Paris", NIGHT)
    group = groups.ensure(db, entity, "Alerte", "alerte", NIGHT)
    contact = contacts.add(db, entity, name, "", {}, NIGHT)
    contacts.add_endpoint(db, entity, contact, Line.MOBILE, number)
    groups.join(db, group, contact)
    return contact


def opened(path: Path, key: Key | None, *works: Callable[[sqlite3.Connection], T]) -> list[T]:
    """Do these writes on a database, one transaction each, as a daemon of this key would."""

    async def run() -> list[T]:
        store = Store(path, key)
        await store.open()
        try:
            return [await store.write(work) for work in works]
        finally:
            await store.close()

    return asyncio.run(run())


def traces(folder: Path) -> Iterator[tuple[str, str]]:
    """Name every file that has one of the secrets, byte for byte."""
    for file in (one for one in folder.rglob("*") if one.is_file()):
        data = file.read_bytes()
        yield from ((file.name, secret) for secret in SECRETS if secret.encode() in data)
