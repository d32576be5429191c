"""The sheet for the minutes: who was convened, how, who came, who votes for whom. Sealed."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway import paper
from gateway.clock import Clock
from gateway.errors import NotHere, Refused
from gateway.quorum import Standing
from gateway.services import council_view
from gateway.services import council_words as said
from gateway.services.council_values import CouncilView, MemberView
from gateway.services.owning import owned
from gateway.services.reports import TYPES, File, made
from gateway.services.values import Actor
from gateway.store import Store, council, events

#: The event the sheet is sealed by.
MADE: Final = "council.sheet"
_HEAD: Final = ("Membre", "Présence", "Pouvoir à", "Porte le pouvoir de", "Réponse", "Convoqué")


class Minutes:
    """Makes the sheet."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def file(self, actor: Actor, broadcast_id: int, kind: str) -> File:
        """Return the sheet of a council as ``csv``, ``xlsx`` or ``pdf``."""
        if kind not in TYPES:
            raise Refused("Une feuille est en csv, xlsx ou pdf.")
        now = datetime.fromtimestamp(self._clock.now(), ZoneInfo(actor.timezone))

        def work(db: sqlite3.Connection) -> paper.Sheet:
            row = owned(db, actor, broadcast_id)
            meeting = council.meeting(db, broadcast_id)
            if meeting is None:
                raise NotHere(
                    "Le message n° {number} ne convoque pas de conseil.",
                    number=broadcast_id,
                )
            view = council_view.of(db, meeting, actor.timezone, now.timestamp())
            facts, table = _facts(view, actor, row), [_line(one) for one in view.members]
            seal = _sealed(db, actor, broadcast_id, [facts, table], now.timestamp())
            return paper.Sheet(
                f"{view.what} du {said.when(view.at)}", [*facts, ("Établie le", _moment(now))],
                _HEAD, table, seal, now,
            )  # fmt: skip

        data = await made(await self._store.write(work), kind)
        return File(f"conseil-{broadcast_id}.{kind}", TYPES[kind], data)


def _facts(view: CouncilView, actor: Actor, row: sqlite3.Row) -> list[tuple[str, str]]:
    count = sum(one.standing == Standing.PROXY for one in view.members)
    facts = [
        ("Commune", actor.entity_name), ("Séance", f"{said.when(view.at)}, {view.place}"),
        ("Convoquée le", _moment(datetime.fromtimestamp(row["created_at"], view.at.tzinfo))),
        ("Par", row["author"]), ("Membres en exercice", str(view.size)),
        ("Quorum", f"{view.rule_label} : {view.needed}"),
        ("Présents", str(view.present)), ("Pouvoirs", str(count)),
        ("Votants", str(view.present + count)), ("Constat", view.sentence),
    ]  # fmt: skip
    if view.unclear:
        facts.append(("Réponses à traiter", str(view.unclear)))
    if out := view.unlisted + len(view.unconvened):
        facts.append(("Non convoqués par Tocsin", str(out)))
    return facts


def _line(one: MemberView) -> tuple[str, ...]:
    last = one.words[-1] if one.words else None
    how = f"{last.way or f'notée par {last.by}'}, le {_moment(last.at)}" if last else ""
    standing = Standing(one.standing)
    stands = _quoted(one, standing) or said.IN_MINUTES[standing]
    if one.unconvened and standing is Standing.SILENT:
        stands = said.UNCONVENED
    return (
        one.name, stands,
        one.holder if standing in {Standing.PROXY, Standing.PROXY_WAITS} else "",
        ", ".join(one.holds), how, " ; ".join(one.convened),
    )  # fmt: skip


def _quoted(one: MemberView, standing: Standing) -> str:
    """Return what a member wrote that nobody took for an answer; empty where there is none."""
    unclear = [word for word in one.words if word.open or standing is Standing.SILENT]
    if not unclear or standing not in {Standing.DOUBT, Standing.SILENT}:
        return ""
    stands = said.IN_MINUTES[standing] if standing is Standing.DOUBT else said.NOT_CLEAR
    return f"{stands} : « {unclear[-1].said or unclear[-1].what} »"


def _sealed(
    db: sqlite3.Connection, actor: Actor, number: int, content: list[object], now: float
) -> str:
    """Write down that this sheet was made, unless the same was last; return its seal."""
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
    if events.last_payload(db, number, MADE).get("sha256") != digest:
        events.record(
            db, now, MADE, {"sha256": digest, "by": actor.name}, entity_id=actor.entity_id,
            broadcast_id=number,
        )  # fmt: skip
    return events.seal(db, number)


def _moment(when: datetime) -> str:
    return when.strftime("%d/%m/%Y %H:%M")
