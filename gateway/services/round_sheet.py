"""The round on paper: the same as on the page, for whoever goes and sees. Sealed."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway import paper
from gateway.clock import Clock
from gateway.services import round_view, words
from gateway.services.permits import NotAllowed
from gateway.services.reports import TYPES, File, made
from gateway.services.round_values import DayPerson, RoundDay
from gateway.services.rounds import town_of
from gateway.services.values import Actor
from gateway.store import Store, events

_HEAD: Final = (
    "Personne, adresse", "État", "Heure", "Téléphone", "Appels", "Référent", "Pour les secours",
    "Vue par",
)  # fmt: skip


class RoundSheet:
    """Makes the sheet of a day, for a keeper."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def file(self, actor: Actor, day: date) -> File:
        """Return a day's round as PDF."""
        if not actor.keeper:
            raise NotAllowed(words.KEEPERS_ONLY)
        now = datetime.fromtimestamp(self._clock.now(), ZoneInfo(actor.timezone))

        def work(db: sqlite3.Connection) -> paper.Sheet:
            view = round_view.of(db, town_of(db, actor), day, now.timestamp())
            facts, table = _facts(view, actor), [line(one) for one in view.people]
            return paper.Sheet(
                f"Tournée du {words.long_day(day)}",
                [*facts, ("Imprimée le", f"{words.long_day(now.date())} à {words.hour(now)}")],
                _HEAD, table, _sealed(db, actor, day, [facts, table], now.timestamp()), now,
            )  # fmt: skip

        data = await made(await self._store.write(work), "pdf")
        return File(f"tournee-{day.isoformat()}.pdf", TYPES["pdf"], data)


def _facts(view: RoundDay, actor: Actor) -> list[tuple[str, str]]:
    counts = ", ".join(f"{label} : {count}" for _, label, count in view.counts if count)
    warning = "Registre nominatif : à ne remettre qu'aux personnes habilitées."
    return [
        ("Commune", actor.entity_name), ("Personnes", str(len(view.people))),
        ("Résultat", counts or "personne"), ("Confidentiel", warning),
    ]  # fmt: skip


def line(one: DayPerson) -> tuple[str, ...]:
    """Return a person's line: all that the page says of them."""
    state = " ; ".join(filter(None, (one.label, one.why, _word(one), _wrote(one))))
    referent = " ".join(filter(None, (one.referent, one.referent_phone)))
    if one.visit:
        at = f" ({words.hour(one.visit_at)})" if one.visit_at else ""
        referent = f"{referent} : {one.visit}{at}"
    seen = f"{one.seen_by} {words.hour(one.seen_at)}" if one.seen_at else ""
    return (
        ", ".join(filter(None, (one.name, one.place))), state, words.hour(one.hour),
        one.telephone, " ; ".join(one.calls), referent, one.note, seen,
    )  # fmt: skip


def _word(one: DayPerson) -> str:
    return f"{one.word_way} à {words.hour(one.word_at)}" if one.word_at else ""


def _wrote(one: DayPerson) -> str:
    return f"a écrit « {one.wrote} »" if one.wrote else ""


def _sealed(
    db: sqlite3.Connection, actor: Actor, day: date, content: list[object], now: float
) -> str:
    """Write down that this sheet was made; return its seal."""
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
    told = {"day": day.isoformat(), "sha256": digest, "by": actor.name}
    events.record(db, now, "round.sheet", told, entity_id=actor.entity_id)
    return events.last_seal(db)
