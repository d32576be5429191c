"""Many contacts at once, as a list brings them: each statement writes them all."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.french import folded
from gateway.model import Line
from gateway.store import became, contacts, hidden

_ABSENT: Final = {"language": "fr", "kind": "person", "help_first": 0}
_COLUMNS: Final = ("id", "entity_id", "name", "given_name", "sort_name", "created_at",
                   "updated_at", "reserved", *contacts.DETAILS)  # fmt: skip
_WAY: Final = ("contact_id", "entity_id", "position", "line", "address", "warning")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A contact before it is there; ``details`` may hold the keys of `contacts.DETAILS`."""

    name: str
    given_name: str
    details: Mapping[str, str]
    ways: Sequence[tuple[Line, str, str]] = ()  # line, address, warning; no address twice
    reserved: bool = False  # about to be of the register only: never written in clear


def add(
    db: sqlite3.Connection, entity_id: int, people: Sequence[Newcomer], now: float
) -> list[int]:
    """Insert contacts with their endpoints; return their ids, in the order of ``people``."""
    sealed = hidden.made(db)
    secret = {
        at: _in_secret(db, entity_id, one, now)
        for at, one in enumerate(people)
        if one.reserved and sealed
    }
    first = became.fresh(db)
    clear = [one for at, one in enumerate(people) if at not in secret]
    hidden.insert_clear(
        db, "contact", _COLUMNS,
        [_row(entity_id, number, one, now) for number, one in enumerate(clear, first)],
    )  # fmt: skip
    hidden.insert_clear(
        db, "endpoint", _WAY,
        [
            (number, entity_id, position, *way)
            for number, one in enumerate(clear, first)
            for position, way in enumerate(one.ways, start=1)
        ],
    )  # fmt: skip
    numbers = iter(range(first, first + len(clear)))
    return [secret[at] if at in secret else next(numbers) for at in range(len(people))]


def _in_secret(db: sqlite3.Connection, entity_id: int, one: Newcomer, now: float) -> int:
    number = contacts.add(
        db, entity_id, one.name, one.given_name, one.details, now, reserved=True
    )  # fmt: skip
    for line, address, warning in one.ways:
        contacts.add_endpoint(db, entity_id, number, line, address, warning)
    return number


def _row(entity_id: int, number: int, one: Newcomer, now: float) -> tuple[object, ...]:
    details = (one.details.get(key) or _ABSENT.get(key, "") for key in contacts.DETAILS)
    return (
        number, entity_id, one.name, one.given_name, folded(f"{one.name} {one.given_name}"),
        now, now, int(one.reserved), *details,
    )  # fmt: skip
