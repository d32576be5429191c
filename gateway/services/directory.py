"""The directory as it is listed and searched. One person is `persons`, lists are `imports`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway import phone
from gateway.clock import Clock
from gateway.french import folded
from gateway.model import Channel, Line
from gateway.rights import Right
from gateway.sentences import fr_all, sentence
from gateway.services.permits import need
from gateway.services.values import Actor, ContactView, EndpointView, GroupName, GroupView, Page
from gateway.store import Store, contacts, groups, people, refusing

PAGE_SIZE: Final = 50
LINES: Final = fr_all({
    Line.MOBILE: "Portable", Line.LANDLINE: "Téléphone fixe", Line.EMAIL: "Courriel",
})  # fmt: skip


#: People whom a search counts; the page says that there are more.
MOST_FOUND: Final = 1000


def paged(total: int, number: int, size: int = PAGE_SIZE) -> tuple[int, int, int]:
    """Return the page's number within bounds, how many pages, and the first row's offset."""
    pages = max(1, -(-total // size))
    number = min(max(number, 1), pages)
    return number, pages, (number - 1) * size


class Directory:
    """What the doors may ask of the directory."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def groups(self, actor: Actor) -> list[GroupView]:
        """Return the town's groups by name, those of the register for its keepers only."""
        rows = await self._store.read(
            lambda db: groups.listed(db, actor.entity_id, register=actor.keeper)
        )
        views = [
            GroupView(
                row["id"], row["name"], row["purpose"], size["people"],
                {"sms": size["mobile"], "voice": size["phone"], "email": size["email"]},
                bool(row["any_sim"]), row["criteria"],
            )
            for row, size in rows
        ]  # fmt: skip
        return sorted(views, key=lambda view: folded(view.name))

    async def groups_reached(self, actor: Actor) -> list[GroupView]:
        """Return the town's groups as `groups` does, with who refused what each is for.

        Whoever refused one way is not counted for it, as a message to the group would not.
        """
        known = await self._store.read(
            lambda db: refusing.of_groups(db, actor.entity_id, register=actor.keeper)
        )
        return [_reached(view, known.get(view.id)) for view in await self.groups(actor)]

    async def group_names(self, actor: Actor) -> list[GroupName]:
        """Return the town's groups by name without their sizes, for a list to choose from."""
        rows = await self._store.read(
            lambda db: groups.named(db, actor.entity_id, register=actor.keeper)
        )
        found = [
            GroupName(row["id"], row["name"], row["purpose"], bool(row["any_sim"]), row["criteria"])
            for row in rows
        ]
        return sorted(found, key=lambda one: folded(one.name))

    async def contacts(
        self, actor: Actor, group_id: int | None = None, search: str = "", page: int = 1,
        size: int = PAGE_SIZE, *, whole: bool = False,
    ) -> Page[ContactView]:  # fmt: skip
        """Return one page of contacts, by name; ``search``: the beginnings of words or numbers.

        What a search finds is counted, and paged, up to `MOST_FOUND`: whoever has so many types a
        letter more. A program gets the ``whole``.
        """
        need(actor, Right.PEOPLE)
        most = -1 if whole or not search.strip() else MOST_FOUND + 1

        def work(db: sqlite3.Connection) -> Page[ContactView]:
            def rows(limit: int, offset: int) -> tuple[list[sqlite3.Row], int]:
                return contacts.page(
                    db, actor.entity_id, register=actor.keeper, grouping_id=group_id,
                    text=search.strip()[:80], limit=limit, offset=offset, most=most,
                )  # fmt: skip

            wanted = (max(page, 1) - 1) * size
            found, counted = rows(size, wanted)
            total = counted if most < 0 else min(counted, MOST_FOUND)
            number, pages, offset = paged(total, page, size)
            if offset != wanted:
                found, _ = rows(size, offset)
            views = contact_views(db, found, actor)
            return Page(views, number, pages, total, more=counted > total)

        return await self._store.read(work)


def contact_views(
    db: sqlite3.Connection, rows: Sequence[sqlite3.Row], actor: Actor
) -> tuple[ContactView, ...]:
    """Return contacts as they are listed."""
    numbers = [row["id"] for row in rows]
    listed = groups.of_contacts(db, numbers, register=actor.keeper)
    ways = contacts.endpoints_of(db, numbers)
    return tuple(
        ContactView(
            row["id"], people.full_name(row), tuple(group["name"] for group in listed[row["id"]]),
            _endpoint_views(ways[row["id"]]),
            " ".join(filter(None, (row["number"], row["street"], row["complement"]))),
            row["zone"], bool(row["help_first"]),
        )
        for row in rows
    )  # fmt: skip


def endpoint_views(db: sqlite3.Connection, contact_id: int) -> tuple[EndpointView, ...]:
    """Return a contact's numbers and addresses in their order."""
    return _endpoint_views(contacts.endpoints(db, contact_id))


def _endpoint_views(rows: Sequence[sqlite3.Row]) -> tuple[EndpointView, ...]:
    return tuple(
        EndpointView(
            e["line"], e["label"] or LINES[Line(e["line"])], phone.shown(e["address"]),
            sentence(e["warning"]), e["id"], e["address"],
        )
        for e in rows
    )  # fmt: skip


def _reached(view: GroupView, known: refusing.Refusals | None) -> GroupView:
    if known is None:
        return view
    left = {way: count - known.by_channel.get(Channel(way), 0)
            for way, count in view.reachable_by.items()}  # fmt: skip
    return replace(view, refused=known.people, reachable_by=left)
