"""Whom a message can be for, as the compose page offers it: groups, parts of the town, people."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.french import folded
from gateway.rights import Right
from gateway.services.directory import Directory
from gateway.services.permits import need
from gateway.services.values import Actor, GroupView
from gateway.store import Store, contacts, group_uses, people

#: Groups shown without being asked for, and what is ticked; the others are looked for by name.
SHOWN: Final = 12
#: People and parts of the town offered for what was typed.
_FOUND: Final = 8


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """Somebody to pick: ``where`` tells two of the same name apart."""

    id: int
    name: str
    where: str


@dataclass(frozen=True, slots=True)
class WhomView:
    """What can be ticked: the chosen first, then what answers to the words typed."""

    groups: tuple[GroupView, ...]
    zones: tuple[str, ...]
    people: tuple[PersonChoice, ...]
    more_groups: int  # not shown until they are looked for
    nothing: bool  # nothing answers to the words typed


class Choosing:
    """What the compose page asks while somebody looks for whom to tell."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store, self._directory = store, directory

    async def offer(
        self, actor: Actor, looked_for: str, groups: Collection[int], picked: Sequence[int],
        zones: Sequence[str],
    ) -> WhomView:  # fmt: skip
        """Return what to show beside what is chosen already."""
        need(actor, Right.WRITE)
        wanted = folded(looked_for.strip())
        known = await self._directory.group_names(actor)
        names = {one.id for one in known if wanted and wanted in folded(one.name)} | {*groups}
        # counting people, and reading where all live, take long in a large directory
        counted = await self._directory.groups(actor) if known and (names or not wanted) else []
        if not wanted:
            names |= await self._most_useful(actor, counted)
        shown = [one for one in counted if one.id in names]
        fitting = await self._parts(actor, wanted) if wanted else []
        found: list[int] = []
        if len(wanted) > 1:
            page = await self._directory.contacts(actor, search=looked_for, size=_FOUND)
            found = [one.id for one in page.items if one.id not in picked]
        chosen, new = await self._store.read(
            lambda db: (_people(db, actor, picked), _people(db, actor, found))
        )
        offered = [one for one in fitting if one not in zones]
        fresh = [one for one in shown if one.id not in groups]
        return WhomView(
            tuple(shown), (*zones, *offered), (*chosen, *new), len(known) - len(shown),
            bool(wanted) and not (fresh or offered or new),
        )  # fmt: skip

    async def _most_useful(self, actor: Actor, counted: Sequence[GroupView]) -> set[int]:
        """Return the groups to show before anything is looked for."""
        if len(counted) <= SHOWN:
            return {one.id for one in counted}
        told = await self._store.read(lambda db: group_uses.last_told(db, actor.entity_id))
        return most_useful(counted, told)

    async def _parts(self, actor: Actor, wanted: str) -> list[str]:
        """Return the parts of the town that answer to the words typed."""
        used = await self._store.read(lambda db: contacts.values_used(db, actor.entity_id, "zone"))
        return [one for one in used if wanted in folded(one)][:_FOUND]


def most_useful(counted: Sequence[GroupView], told: Sequence[str]) -> set[int]:
    """Return the `SHOWN` groups a town most likely writes to, by number.

    The largest, which is mostly the whole town, then those of its last messages (``told``: whom
    each was for, as `said_whom` joins it, the newest first), then the larger ones.
    """
    largest = sorted(counted, key=lambda one: -one.people)
    used = {one.id: _last_use(one.name, told) for one in counted}
    others = sorted(largest[1:], key=lambda one: used[one.id])
    return {one.id for one in (*largest[:1], *others)[:SHOWN]}


def _last_use(name: str, told: Sequence[str]) -> int:
    """Return how many messages ago a group of this name was written to."""
    asked = f", {name}, "
    return next((n for n, whom in enumerate(told) if asked in f", {whom}, "), len(told))


def _people(
    db: sqlite3.Connection, actor: Actor, numbers: Sequence[int]
) -> tuple[PersonChoice, ...]:
    if not numbers:
        return ()
    found = people.chosen(db, actor.entity_id, numbers, (), register=actor.keeper)
    return tuple(
        PersonChoice(one.id, one.name, people.place_of(db, one.id))
        for one in found if one.id is not None
    )  # fmt: skip
