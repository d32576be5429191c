"""What an idempotency key has made: pressed twice, or asked for again, it is one message."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.errors import Refused
from gateway.model import Channel, Door
from gateway.store.people import Person

#: Whose keys are chosen by somebody, who may choose one twice; elsewhere they are ours.
_CHOSEN: Final = frozenset({Door.API, Door.COMMAND})


def of_key(db: sqlite3.Connection, entity_id: int, key: str) -> int | None:
    """Return the broadcast that a key has made in a town, None before it has."""
    row = db.execute(
        "SELECT id FROM broadcast WHERE entity_id = ? AND idempotency_key = ?", (entity_id, key)
    ).fetchone()
    return int(row["id"]) if row else None


def check_text(
    db: sqlite3.Connection, made: int, door: Door, texts: Mapping[Channel, tuple[str, str]],
    people: Sequence[Person],
) -> None:  # fmt: skip
    """Raise `Refused` where a chosen key that has ``made`` a message comes back with other texts.

    The first message in its place would say that what never leaves has left.
    """
    if door not in _CHOSEN:
        return
    rows = db.execute(
        "SELECT channel, body FROM broadcast_text WHERE broadcast_id = ?", (made,)
    ).fetchall()
    before = {Channel(row["channel"]): row["body"] for row in rows}
    # by the channels of both: those with nobody to take them may have changed with the group
    changed = any(before.get(one, body) != body for one, (_, body) in texts.items())
    if changed or (not texts and _other_lines(db, made, people)):
        raise Refused(
            "Cette clé a déjà servi au message n° {number}, d'un autre texte : celui-ci n'est pas "
            "parti. Prenez une clé nouvelle pour chaque message.",
            "idempotency_key",
            number=made,
        )


def _other_lines(db: sqlite3.Connection, made: int, people: Sequence[Person]) -> bool:
    """Tell whether a batch has other texts for the numbers that had theirs under this key."""
    before: dict[str, set[str]] = {}
    for row in db.execute("SELECT address, body FROM job WHERE broadcast_id = ?", (made,)):
        if row["body"]:  # forgotten with its time, it forbids nothing
            before.setdefault(row["address"], set()).add(row["body"])
    return any(
        before[address.value].isdisjoint({person.body, *person.bodies.values()})
        for person in people
        for address in person.addresses
        if address.value in before
    )
