"""The directory: contacts, groups, and lists that come in."""

from __future__ import annotations

import csv
import io
import secrets
import sqlite3
import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from gateway import csv_import, phone
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.model import Line, Purpose
from gateway.services.values import (
    Actor,
    ContactView,
    EndpointView,
    GroupView,
    ImportPreview,
    ImportResult,
    Page,
)
from gateway.store import Store, people

PAGE_SIZE: Final = 50
_LINES: Final = {
    Line.MOBILE: "Portable", Line.LANDLINE: "Téléphone fixe", Line.EMAIL: "Courriel",
}  # fmt: skip
#: Previews kept until confirmed; the oldest goes when there are more.
_MOST_PREVIEWS: Final = 8


def paged(total: int, number: int, size: int = PAGE_SIZE) -> tuple[int, int, int]:
    """Return the page's number within bounds, how many pages, and the first row's offset."""
    pages = max(1, -(-total // size))
    number = min(max(number, 1), pages)
    return number, pages, (number - 1) * size


class Directory:
    """What the doors may ask of the directory."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._previews: OrderedDict[str, tuple[int, csv_import.Reading, str]] = OrderedDict()

    async def groups(self, actor: Actor) -> list[GroupView]:
        """Return the town's groups by name."""
        rows = await self._store.read(lambda db: people.groups(db, actor.entity_id))
        views = [
            GroupView(
                row["id"], row["name"], row["purpose"], row["people"],
                {"sms": row["mobile"], "voice": row["phone"], "email": row["email"]},
                bool(row["any_sim"]),
            )
            for row in rows
        ]  # fmt: skip
        return sorted(views, key=lambda view: _folded(view.name))

    async def contacts(
        self, actor: Actor, group_id: int | None = None, search: str = "", page: int = 1
    ) -> Page[ContactView]:
        """Return one page of contacts, by name."""

        def work(db: sqlite3.Connection) -> Page[ContactView]:
            text = search.strip()[:80]
            _, total = people.search(
                db, actor.entity_id, grouping_id=group_id, text=text, limit=0, offset=0
            )
            number, pages, offset = paged(total, page)
            rows, _ = people.search(
                db, actor.entity_id, grouping_id=group_id, text=text, limit=PAGE_SIZE,
                offset=offset,
            )  # fmt: skip
            return Page(tuple(_contact(db, row) for row in rows), number, pages, total)

        return await self._store.read(work)

    async def preview_import(self, actor: Actor, filename: str, data: bytes) -> ImportPreview:
        """Read a list and say what it would change; nothing is changed."""
        reading = csv_import.read(data)
        known = await self._store.read(lambda db: _known(db, actor.entity_id, reading))
        token = secrets.token_urlsafe(16)
        self._previews[token] = (actor.entity_id, reading, filename)
        while len(self._previews) > _MOST_PREVIEWS:
            self._previews.popitem(last=False)
        total = len(reading.lines) + len({problem.line for problem in reading.refused})
        return ImportPreview(
            total, len(reading.lines) - known, known, tuple(reading.warnings),
            tuple(reading.refused), token,
        )  # fmt: skip

    async def confirm_import(self, actor: Actor, token: str) -> ImportResult:
        """Take in a previewed list, once."""
        entity_id, reading, _ = self._previews.pop(token, (None, None, ""))
        if reading is None or entity_id != actor.entity_id:
            raise Refused("Cet import n'est plus en attente : envoyez de nouveau le fichier.")
        return await self.take_in(actor, reading)

    async def import_file(
        self, actor: Actor, data: bytes, groups: tuple[str, ...] = ()
    ) -> ImportResult:
        """Read and take in a list at once, everybody also into ``groups``."""
        return await self.take_in(actor, csv_import.read(data), groups)

    async def add(
        self, actor: Actor, *, name: str, given_name: str = "", phones: Sequence[str] = (),
        emails: Sequence[str] = (), groups: Sequence[str] = (),
    ) -> ImportResult:  # fmt: skip
        """Take in one contact as a list of one line: the same checks, the same merging.

        Raise `Refused` with why nothing could be taken in.
        """
        lines = io.StringIO()
        writer = csv.writer(lines, delimiter=";")
        writer.writerow(("Nom", "Prénom", "Téléphone", "Courriel"))
        writer.writerow((name, given_name, " / ".join(phones), " / ".join(emails)))
        reading = csv_import.read(lines.getvalue().encode())
        if not reading.lines:
            said = "; ".join(one.message for one in reading.refused) or "rien à garder"
            raise Refused(f"Ce contact n'a pas été ajouté : {said}.", "phones")
        return await self.take_in(actor, reading, tuple(groups))

    async def take_in(
        self, actor: Actor, reading: csv_import.Reading, groups: tuple[str, ...] = ()
    ) -> ImportResult:
        """Write what was read, in one transaction: half an import is never left."""
        now = self._clock.now()
        added, merged, unchanged = await self._store.write(
            lambda db: _write(db, actor.entity_id, reading, groups, now)
        )
        return ImportResult(
            added, merged, unchanged, tuple(reading.refused), tuple(reading.warnings)
        )


def _folded(text: str) -> str:
    """Return a text as a French reader sorts it: élus between cantine and quartier."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def _contact(db: sqlite3.Connection, row: sqlite3.Row) -> ContactView:
    endpoints = tuple(
        EndpointView(
            e["line"], _LINES[Line(e["line"])], phone.shown(e["address"]), e["warning"]
        )
        for e in people.endpoints_of(db, row["id"])
    )  # fmt: skip
    address = " ".join(filter(None, (row["number"], row["street"], row["complement"])))
    name = " ".join(filter(None, (row["given_name"], row["name"])))
    return ContactView(
        row["id"], name, tuple(people.groups_of(db, row["id"])), endpoints, address, row["zone"]
    )


def _known(db: sqlite3.Connection, entity_id: int, reading: csv_import.Reading) -> int:
    seen: set[tuple[str, str, str]] = set()
    known = 0
    for line in reading.lines:
        key = (line.name.casefold(), line.given_name.casefold(), line.details.get("street", ""))
        known += key in seen or _find(db, entity_id, line) is not None
        seen.add(key)
    return known


def _find(db: sqlite3.Connection, entity_id: int, line: csv_import.ImportLine) -> int | None:
    street = line.details.get("street", "")
    return people.same_contact(db, entity_id, line.name, line.given_name, street)


def _write(
    db: sqlite3.Connection,
    entity_id: int,
    reading: csv_import.Reading,
    groups: tuple[str, ...],
    now: float,
) -> tuple[int, int, int]:
    added = merged = unchanged = 0
    for line in reading.lines:
        contact_id = _find(db, entity_id, line)
        known = contact_id is not None
        if contact_id is None:
            contact_id = people.add_contact(
                db, entity_id, line.name, line.given_name, line.details, now
            )
        fresh = [
            people.add_endpoint(db, entity_id, contact_id, e.line, e.address, e.warning)
            for e in line.endpoints
        ]
        for name in dict.fromkeys((*line.groups, *groups)):
            grouping_id = people.ensure_group(db, entity_id, name, Purpose.ALERT, now)
            people.join_group(db, grouping_id, contact_id)
        added += not known
        merged += known and any(fresh)
        unchanged += known and not any(fresh)
    return added, merged, unchanged
