"""The record of who did what, when and from where; read only, sealed by its chain."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway import paper
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.french import of_town
from gateway.rights import Right
from gateway.sentences import fr
from gateway.services import words
from gateway.services.audit_words import FAMILIES, SAID, facts, lost_hours
from gateway.services.directory import paged
from gateway.services.permits import need
from gateway.services.reports import TYPES, File, made
from gateway.services.values import Actor, Page
from gateway.store import Store, audit, events

_PER_PAGE: Final = 50
#: Lines of a file: a year of a large town; more is asked for by dates.
MOST: Final = 20_000
_HEAD: Final = ("Numéro", "Date et heure", "Qui", "Quoi", "Précisions", "Depuis", "Message")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One event: its number in the chain, who did what, from where, about which message."""

    number: int
    at: datetime
    who: str
    what: str
    facts: str
    origin: str
    broadcast_id: int | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What of the record is wanted; a day is one of the town's calendar."""

    family: str = ""
    who: str = ""
    since: date | None = None
    until: date | None = None  # that day included


@dataclass(frozen=True, slots=True)
class ChainView:
    """Whether the record is whole: its last seal, or the number of the first broken event."""

    broken_at: int | None
    seal: str


class Audit:
    """What the doors may ask of the record."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def page(self, actor: Actor, wanted: AuditFilter, page: int = 1) -> Page[AuditEntry]:
        """Return one page of the record, newest first. Raise `Refused` for a family we lack."""
        need(actor, Right.AUDIT)

        def work(db: sqlite3.Connection) -> Page[AuditEntry]:
            offset = (max(page, 1) - 1) * _PER_PAGE
            rows, total = _found(db, actor, wanted, _PER_PAGE, offset)
            number, pages, right = paged(total, page, _PER_PAGE)
            if right != offset:
                rows, _ = _found(db, actor, wanted, _PER_PAGE, right)
            return Page(tuple(_entry(row, actor) for row in rows), number, pages, total)

        return await self._store.read(work)

    async def file(self, actor: Actor, wanted: AuditFilter, kind: str) -> File:
        """Return the record as ``csv``, ``xlsx`` or ``pdf``, sealed; taking it away is recorded."""
        need(actor, Right.AUDIT)
        if kind not in TYPES:
            raise Refused("Le journal s'emporte en CSV, XLSX ou PDF.")
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> tuple[list[sqlite3.Row], str]:
            rows, _ = _found(db, actor, wanted, MOST, 0)
            told = {"by": actor.name, "events": len(rows)}
            events.record(db, now, "audit.exported", told, entity_id=actor.entity_id)
            return rows, events.last_seal(db)

        rows, seal = await self._store.write(work)
        table = [
            (str(one.number), f"{one.at:%d/%m/%Y %H:%M:%S}", one.who, one.what, one.facts,
             one.origin, str(one.broadcast_id or ""))
            for one in (_entry(row, actor) for row in rows)
        ]  # fmt: skip
        when = datetime.fromtimestamp(now, ZoneInfo(actor.timezone))
        told = [("Lignes", f"{len(table)} (les {MOST} dernières au plus)")]
        sheet = paper.Sheet(f"Journal {of_town(actor.entity_name)}", told, _HEAD, table, seal, when)
        return File(f"journal.{kind}", TYPES[kind], await made(sheet, kind))

    async def check(self, actor: Actor) -> ChainView:
        """Read the whole chain anew; a second or two for a year."""
        need(actor, Right.AUDIT)

        def work(db: sqlite3.Connection) -> ChainView:
            return ChainView(events.first_broken(db), events.last_seal(db))

        return await self._store.read(work)


def families() -> tuple[tuple[str, str], ...]:
    """Return the families of events: code and words."""
    return tuple((code, said) for code, (said, _) in FAMILIES.items())


def _found(
    db: sqlite3.Connection, actor: Actor, wanted: AuditFilter, limit: int, offset: int
) -> tuple[list[sqlite3.Row], int]:
    if wanted.family and wanted.family not in FAMILIES:
        raise Refused("Cette sorte d'événements n'existe pas.", "family")
    kinds = FAMILIES[wanted.family][1] if wanted.family else SAID
    zone = ZoneInfo(actor.timezone)
    since = datetime.combine(wanted.since or date(1970, 1, 2), time.min, zone).timestamp()
    last = wanted.until + timedelta(days=1) if wanted.until else date(9000, 1, 1)
    until = datetime.combine(last, time.min, zone).timestamp()
    return audit.page(
        db, actor.entity_id, tuple(kinds), who=wanted.who.strip()[:80], since=since, until=until,
        limit=limit, offset=offset,
    )  # fmt: skip


def _entry(row: sqlite3.Row, actor: Actor) -> AuditEntry:
    payload = json.loads(row["payload"]) if row["payload"] else {}
    told = _told(row, payload, actor.timezone)
    return AuditEntry(
        row["seq"], words.at(row["at"], actor.timezone), row["who"] or "Tocsin",
        SAID[row["kind"]], told, str(payload.get("origin", "")), row["broadcast_id"],
    )  # fmt: skip


def _told(row: sqlite3.Row, payload: dict[str, Any], zone: str) -> str:
    if not payload:
        return fr("effacé à sa date")
    if row["kind"] == "box.rewound":
        return lost_hours(payload, words.at(payload["since"], zone), words.at(row["at"], zone))
    return facts(payload)
