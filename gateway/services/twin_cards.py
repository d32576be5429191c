"""Two cards that are perhaps one person: what each says, and what was not taken over."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway import phone
from gateway.lists.columns import HOLDS
from gateway.sentences import fr, fr_all
from gateway.services import words
from gateway.services.person_values import TwinView
from gateway.services.values import Actor
from gateway.store import contacts, people, twins

_NAMES: Final = fr_all({"kind": "Fiche", "referent_id": "Référent"})
_VALUES: Final = {
    "kind": fr_all({"person": "une personne", "household": "un foyer"}),
    "language": fr_all({"fr": "français", "en": "anglais"}),
    "help_first": fr_all({"0": "non", "1": "oui"}),
}


def view(db: sqlite3.Connection, actor: Actor, row: sqlite3.Row) -> TwinView | None:
    """Return a pair side by side, None where whoever asks may not see both."""
    one, other = (
        contacts.get(db, actor.entity_id, row[key], register=actor.keeper)
        for key in ("one", "other")
    )
    if one is None or other is None:
        return None
    why = fr("même nom") if row["why"] == "name" else phone.shown(row["shared"])
    return TwinView(
        one["id"], people.full_name(one), _about(db, one), other["id"],
        people.full_name(other), _about(db, other), why, _differs(db, actor, one, other),
    )  # fmt: skip


def _about(db: sqlite3.Connection, row: sqlite3.Row) -> str:
    place = " ".join(filter(None, (row["number"], row["street"])))
    shown = ", ".join(phone.shown(e["address"]) for e in contacts.endpoints(db, row["id"]))
    return " – ".join(filter(None, (place, shown)))


def _differs(
    db: sqlite3.Connection, actor: Actor, one: sqlite3.Row, other: sqlite3.Row
) -> tuple[tuple[str, str, str], ...]:
    """Return what two cards do not both say; when they were made tells apart two that agree."""
    found = [
        (_label(key), _said(db, actor, key, one[key]), _said(db, actor, key, other[key]))
        for key in twins.COMPARED
        if one[key] != other[key]
    ]
    since = [words.long_day(words.at(row["created_at"], actor.timezone)) for row in (one, other)]
    if since[0] != since[1]:
        found.append((fr("Au carnet depuis"), since[0], since[1]))
    return tuple(found)


def left(db: sqlite3.Connection, actor: Actor, key: str, pair: list[object]) -> str:
    """Say what a card that was merged away had otherwise; ``key`` may be a number's or address."""
    label = _label(key)
    before, after = (_said(db, actor, key, value) for value in pair)
    if not before:
        return fr("{what} : l'autre fiche disait « {after} »", what=label, after=after)
    return fr(
        "{what} : « {before} » gardé, l'autre fiche disait « {after} »", what=label,
        before=before, after=after,
    )  # fmt: skip


def _label(key: str) -> str:
    if key in _NAMES or key in HOLDS:
        return _NAMES.get(key) or HOLDS[key]
    return phone.shown(key)


def _said(db: sqlite3.Connection, actor: Actor, key: str, value: object) -> str:
    if key == "referent_id":
        return _referent(db, actor, value)
    known = _VALUES.get(key, {}).get(str(value))
    return known if known is not None else str(value or "")


def _referent(db: sqlite3.Connection, actor: Actor, number: object) -> str:
    """Return a referent's name; of the register only to its keepers."""
    if not number:
        return ""
    row = contacts.get(db, actor.entity_id, int(str(number)), register=actor.keeper)
    return people.full_name(row) if row is not None else fr("une autre personne")
