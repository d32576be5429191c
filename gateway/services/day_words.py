"""What the day's summary says of the messages: how far each has got, what waits, what is to come.

Whoever reads it in the morning has no page open: « encore en cours » of a message that waits for
ten o'clock, or was paused, would have them look for a fault.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway import plan as plans
from gateway.model import REACHED, BroadcastState, Reason, RecipientState, Urgency
from gateway.services import clear_days, words
from gateway.store import broadcasts, day

_DAY: Final = 86400.0
_WAITING: Final = frozenset({RecipientState.PENDING, RecipientState.IN_PROGRESS})
_LOST: Final = frozenset({RecipientState.FAILED, RecipientState.EXPIRED})
#: Why what is queued has not left, said of several people.
_WHY: Final = {
    Reason.HOURS: "hors des heures d'envoi", Reason.TAKE_BACK: "peut encore être repris",
    Reason.TRY_AGAIN: "nouvel essai prévu", Reason.PAUSE_BETWEEN_CALLS: "second appel prévu",
    Reason.BUDGET: "forfait de la carte SIM épuisé", Reason.NO_MODEM: "aucun modem prêt",
    Reason.RESTART: "les personnes d'astreinte sont consultées après l'arrêt du boîtier",
}  # fmt: skip


def of_messages(db: sqlite3.Connection, town: sqlite3.Row, now: float) -> list[str]:
    """Return the lines on what was sent in a day, is still on its way, or leaves within a day."""
    entity, zone = town["id"], town["timezone"]
    sent = [_line(db, row, zone, now) for row in day.sent(db, entity, now - _DAY)]
    lines = ["Messages des dernières 24 heures, et ceux encore en cours :", *(sent or ["- aucun"])]
    coming = [_coming(db, row, zone, now) for row in day.coming(db, entity, now + _DAY)]
    return [*lines, "", "À venir dans les 24 heures :", *coming] if coming else lines


def _line(db: sqlite3.Connection, row: sqlite3.Row, zone: str, now: float) -> str:
    counts = broadcasts.counts(db, row["id"])
    whole = sum(counts.values())
    plan = plans.from_json(row["plan"])
    reached = _of(counts, plans.reached(plan))
    unsure = _of(counts, REACHED - plans.reached(plan))
    lost, sent = _of(counts, _LOST), counts.get(RecipientState.SENT, 0)
    waiting = 0 if row["closed_at"] else _of(counts, _WAITING)
    others = whole - reached - unsure - lost - sent - waiting
    parts = [
        f"{reached} {'ont' if reached > 1 else 'a'} répondu ou prévenu de vive voix, sur {whole}"
        if plan.confirm
        else f"{_many(reached, 'joint')} sur {whole}",
        f"{_many(unsure, 'reçu')} sans confirmation" if unsure else "",
        f"{_many(sent, 'envoyé')} sans accusé de réception" if sent else "",
        _many(lost, "échec") if lost else "aucun échec",
        f"{_many(others, 'autre')} (voyez le rapport)" if others else "",
        f"{waiting} en attente ({_why(db, row, zone, now)})" if waiting else "",
    ]
    return f"- {_named(row)} : {', '.join(filter(None, parts))}{_late(db, row, zone, now)}"


def _why(db: sqlite3.Connection, row: sqlite3.Row, zone: str, now: float) -> str:
    if row["state"] == BroadcastState.PAUSED:
        return "en pause : « Reprendre » est sur sa page"
    held = day.held(db, row["id"], now)
    if held is None:
        return "en cours"
    why = _WHY.get(Reason(held["held"]), "attendent leur tour")
    then = held["not_before"]
    return f"{why}, dès {words.clock_time(then, zone, now)}" if then > now else why


def _coming(db: sqlite3.Connection, row: sqlite3.Row, zone: str, now: float) -> str:
    late = _late(db, row, zone, now)
    if row["state"] == BroadcastState.AWAITING_APPROVAL:
        return f"- {_named(row)} : attend qu'une seconde personne le valide{late}"
    return f"- {_named(row)} : partira {words.at_time(row['starts_at'], zone, now)}{late}"


def _late(db: sqlite3.Connection, row: sqlite3.Row, zone: str, now: float) -> str:
    """Say of a convocation that it does not reach everybody in the clear days it needs."""
    late = clear_days.lateness(db, row, zone, now)
    return f". {late}" if late else ""


def _named(row: sqlite3.Row) -> str:
    return f"{row['title']} ({words.URGENCIES[Urgency(row['urgency'])]})"


def _of(counts: dict[RecipientState, int], states: frozenset[RecipientState]) -> int:
    return sum(people for state, people in counts.items() if state in states)


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 else ''}"
