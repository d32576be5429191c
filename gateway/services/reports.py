"""Reports of a message and of a month, as files an office keeps; each bears its seal.

A seal is the number and digest of an event of the message: whoever has the paper can have it
compared with the record for ever (`tocsin report --verify --seal …`). That event is the making of
the report, with what was said, the order's name and the digest of every line of it.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway import paper, phone
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.model import BroadcastState, Channel, JobState, Reason, RecipientState
from gateway.rights import Right
from gateway.services import sealing, words
from gateway.services.broadcasts import full_report
from gateway.services.owning import owned
from gateway.services.permits import need
from gateway.services.values import Actor
from gateway.store import Store, entities, events

TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_HEAD: Final = (
    "Personne", "État", "Pourquoi", "Moyen", "Adresse", "Envoi", "Essais", "Dernier essai",
)  # fmt: skip
_EACH_TRY: Final = (
    "Personne", "Moyen", "Adresse", "Essai", "Modem", "Début", "Fin", "Résultat", "Détail",
)  # fmt: skip
#: In these states somebody has had nothing of a message that is over.
_NOBODY_HAS: Final = frozenset({
    RecipientState.CANCELLED, RecipientState.EXCLUDED, RecipientState.EXPIRED,
})  # fmt: skip
_OVER: Final = frozenset({BroadcastState.CANCELLED, BroadcastState.CLOSED})
_SEAL: Final = re.compile(r"^(\d{1,18})-([0-9a-f]{64})$")


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand out."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class UseView:
    """What a town used in a month."""

    town: str
    messages: int
    segments: int
    calls: int
    minutes: float


class Reports:
    """What the doors may ask of reports."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def file(self, actor: Actor, broadcast_id: int, kind: str) -> File:
        """Return the report of a message as ``csv``, ``xlsx`` or ``pdf``."""
        need(actor, Right.FOLLOW)
        if kind not in TYPES:
            raise Refused("Un rapport est en csv, xlsx ou pdf.")
        now = datetime.fromtimestamp(self._clock.now(), ZoneInfo(actor.timezone))

        def work(db: sqlite3.Connection) -> paper.Sheet:
            report = full_report(db, actor, broadcast_id, now.timestamp())
            said = sealing.said_of(db, actor, report)
            seal = sealing.seal_of(db, actor, report, said, now.timestamp())
            kind = owned(db, actor, broadcast_id)["kind"]
            return _sheet(report, kind, said, seal, actor, now)

        data = await made(await self._store.write(work), kind)
        return File(f"message-{broadcast_id}.{kind}", TYPES[kind], data)

    def this_month(self, actor: Actor) -> str:
        """Return the month it is in the town (``2026-11``), by the box's own clock."""
        return f"{words.at(self._clock.now(), actor.timezone):%Y-%m}"

    async def use(self, actor: Actor, month: str) -> list[UseView]:
        """Return what each town used in a month (``2026-11``)."""
        need(actor, Right.FOLLOW)
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month):
            raise Refused("Écrivez le mois ainsi : 2026-11.", "month")
        rows = await self._store.read(lambda db: entities.month_of_use(db, actor.entity_id, month))
        return [
            UseView(
                row["name"], row["messages"], row["segments"], row["calls"],
                row["call_seconds"] / 60,
            )
            for row in rows
        ]  # fmt: skip

    async def use_file(self, actor: Actor, month: str) -> File:
        """Return what each town used in a month, as a workbook for sharing the cost."""
        need(actor, Right.FOLLOW)
        rows = await self.use(actor, month)
        now = datetime.fromtimestamp(self._clock.now(), ZoneInfo(actor.timezone))
        table = [
            (one.town, str(one.messages), str(one.segments), str(one.calls), f"{one.minutes:.1f}")
            for one in rows
        ]
        sheet = paper.Sheet(
            f"Consommation de {month}", [("Établi le", _moment(now))],
            ("Commune", "SMS envoyés", "SMS facturés", "Appels", "Minutes d'appel"), table, "", now,
        )  # fmt: skip
        return File(f"consommation-{month}.xlsx", TYPES["xlsx"], await made(sheet, "xlsx"))


async def made(sheet: paper.Sheet, kind: str) -> bytes:
    """Return a sheet as a file, made in a child; raise `Refused` when that fails."""
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(None, paper.make, sheet, kind)
    except OSError:
        raise Refused("Ce rapport n'a pas pu être fait : réessayez dans un moment.") from None


def check_seal(db: sqlite3.Connection, seal: str) -> bool:
    """Tell whether a seal is that of an event of this record; raise `Refused` for none at all."""
    match = _SEAL.fullmatch(seal.strip().lower())
    if match is None:
        raise Refused("Un sceau s'écrit : numéro, tiret, 64 chiffres et lettres.")
    return events.has_seal(db, int(match.group(1)), bytes.fromhex(match.group(2)))


def _sheet(
    report: dict[str, Any],
    kind: str,
    said: sealing.Said,
    seal: str,
    actor: Actor,
    now: datetime,
) -> paper.Sheet:
    counts = ", ".join(
        f"{words.state(RecipientState(state), kind=kind)} : {people}"
        for state, people in report["counts"].items() if people
    )  # fmt: skip
    facts = [
        ("Commune", actor.entity_name),
        ("Message n°", str(report["broadcast"])),
        ("Écrit le", _iso_moment(report["created_at"])),
        _departure(report, now),
        ("Par", report["author"]),
        ("Exercice", "oui" if report["exercise"] else "non"),
        (
            "Personnes",
            f"{len(report['recipients'])} ({counts})"
            if counts
            else f"{report['people']} au moment où il a été écrit",
        ),
        ("Rapport établi le", _moment(now)),
    ]
    rows = [line for person in report["recipients"] for line in _lines(person, kind)]
    tries = [line for person in report["recipients"] for line in _tries(person, kind)]
    return paper.Sheet(
        report["title"], facts, _HEAD, rows, seal, now, said, "Essais", _EACH_TRY, tries
    )


def _departure(report: dict[str, Any], now: datetime) -> tuple[str, str]:
    """Say when a message left, which may be days after it was written, or that it has not."""
    state, left = BroadcastState(report["state"]), _iso_moment(report["starts_at"])
    if state is BroadcastState.AWAITING_APPROVAL:
        return "Parti le", "pas encore : une seconde personne doit le valider"
    if state in _OVER and {*report["counts"]} <= _NOBODY_HAS:
        return "Parti le", "rien n'est parti"
    ahead = datetime.fromisoformat(report["starts_at"]) > now
    return ("Partira le" if ahead or state is BroadcastState.SCHEDULED else "Parti le"), left


def _tries(person: dict[str, Any], kind: str) -> list[tuple[str, ...]]:
    return [
        (
            person["contact"], words.CHANNELS[Channel(job["channel"])],
            phone.shown(job["endpoint"]), str(number), attempt["modem"],
            _iso_moment(attempt["started_at"]), _iso_moment(attempt["ended_at"]),
            _ended(attempt["result"], person, kind), attempt["detail"],
        )
        for job in person["jobs"]
        for number, attempt in enumerate(job["attempts"], 1)
    ]  # fmt: skip


def _ended(result: str, person: dict[str, Any], kind: str) -> str:
    """Say how a try or a job ended; a no is the person's own unless only a referent said it."""
    return words.ended(result, kind, to_referent=person["state"] != RecipientState.DECLINED)


def _lines(person: dict[str, Any], kind: str) -> list[tuple[str, ...]]:
    about = (
        person["contact"], words.state(RecipientState(person["state"]), kind=kind),
        words.REASONS[Reason(person["reason"])],
    )  # fmt: skip
    return [(*about, *_sending(job, person, kind)) for job in person["jobs"]] or [
        (*about, "", "", "", "", "")
    ]


def _sending(job: dict[str, Any], person: dict[str, Any], kind: str) -> tuple[str, ...]:
    outcome = _ended(job["outcome"], person, kind) if job["outcome"] else ""
    attempts = job["attempts"]
    last = _iso_moment(attempts[-1]["started_at"]) if attempts else ""
    return (
        words.CHANNELS[Channel(job["channel"])], phone.shown(job["endpoint"]),
        outcome or words.JOB_STATES[JobState(job["state"])], str(len(attempts)), last,
    )  # fmt: skip


def _iso_moment(text: str | None) -> str:
    return _moment(datetime.fromisoformat(text)) if text else ""


def _moment(when: datetime) -> str:
    return when.strftime("%d/%m/%Y %H:%M:%S")
