"""Who of a group refused what the group is for: whom a message to it leaves out."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from gateway import orders
from gateway import plan as plans
from gateway.model import Address, Channel, Purpose, Urgency
from gateway.store import broadcasts, groups, people

#: What is written to a group of each purpose; to the register's, alerts.
_URGENCIES: Final = {
    Purpose.ALERT: Urgency.VITAL, Purpose.SERVICE: Urgency.SERVICE,
    Purpose.INFORMATION: Urgency.INFORMATION, Purpose.VULNERABLE: Urgency.VITAL,
}  # fmt: skip


class Refusals(NamedTuple):
    """Of a group's people: how many get nothing, and how many by each way are reached no more."""

    people: int = 0
    by_channel: Mapping[Channel, int] = {}


def of_groups(db: sqlite3.Connection, entity_id: int, *, register: bool) -> dict[int, Refusals]:
    """Return what stands against the town's groups, each for its own purpose, where anything does.

    By the advised order, as a message to them would be foreseen.
    """
    found = {}
    known: dict[Urgency, list[tuple[people.Person, bool, frozenset[Channel]]]] = {}
    for row in groups.named(db, entity_id, register=register):
        urgency = _URGENCIES[Purpose(row["purpose"])]
        if urgency not in known:
            known[urgency] = [*_refusing(db, entity_id, urgency, register=register)]
        if not known[urgency]:
            continue
        inside = _inside(db, entity_id, row["id"], [one.id for one, _, _ in known[urgency]])
        theirs = [(left_out, lost) for one, left_out, lost in known[urgency] if one.id in inside]
        found[row["id"]] = Refusals(
            sum(left_out for left_out, _ in theirs),
            Counter(channel for _, lost in theirs for channel in lost),
        )
    return found


def _refusing(
    db: sqlite3.Connection, entity_id: int, urgency: Urgency, *, register: bool
) -> Iterator[tuple[people.Person, bool, frozenset[Channel]]]:
    """Yield who refused any of it: whether they get nothing, and by which ways nothing more."""
    unwanted = broadcasts.spared(db, entity_id, urgency)
    rows = db.execute(
        "SELECT DISTINCT contact_id FROM main.endpoint WHERE entity_id = ?1 AND address IN"
        " (SELECT value FROM json_each(?2) UNION SELECT register_mark(value) FROM json_each(?2))",
        (entity_id, json.dumps(sorted({address for _, address in unwanted}))),
    ).fetchall()
    numbers = [row["contact_id"] for row in rows]
    plan = orders.ADVISED[urgency]
    for one in people.chosen(db, entity_id, numbers, (), register=register):
        opening = plans.opening(plan, one.addresses)
        lost = frozenset(c for c in Channel if _all_refused(_ways(c, one), unwanted))
        yield one, _all_refused(opening, unwanted), lost


def _ways(channel: Channel, one: people.Person) -> list[tuple[Channel, Address]]:
    """Return all that a channel may ever use of somebody's addresses."""
    voice = channel is Channel.VOICE
    used = plans.telephones(one.addresses) if voice else plans.addresses(channel, one.addresses)
    return [(channel, address) for address in used]


def _all_refused(
    ways: Collection[tuple[Channel, Address]], unwanted: frozenset[tuple[Channel, str]]
) -> bool:
    return bool(ways) and all((channel, way.value) in unwanted for channel, way in ways)


def _inside(
    db: sqlite3.Connection, entity_id: int, grouping_id: int, contact_ids: Collection[int | None]
) -> set[int]:
    where, values = groups.within(db, entity_id, [grouping_id])
    rows = db.execute(
        "SELECT c.id FROM contact c WHERE c.entity_id = :entity"  # noqa: S608
        f" AND c.id IN (SELECT value FROM json_each(:some)) AND ({where})",
        {"entity": entity_id, "some": json.dumps([*contact_ids]), **values},
    )
    return {row["id"] for row in rows}
