"""The referents a list brings, written in slices after its contacts, so that all can be undone.

A referent who has to be made a contact is in no group. One whose people are all of the register
only is reserved as they are: in clear, a name and number that came in with the register's list,
in no group and with no address, would tell everybody whose daughter she is.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from gateway.lists.matching import Appointed, Verdict
from gateway.store import contacts, newcomers
from gateway.store.imports import Noting


def wards(verdicts: Sequence[Verdict], made: Mapping[int, int]) -> dict[int, list[int]]:
    """Return for whom each referent of a list is: contacts by the referent's id in the list.

    ``made`` says what contacts the lines of this list became.
    """
    found: dict[int, list[int]] = {}
    for one in verdicts:
        if one.referent is not None:
            ward = made.get(one.contact_id, one.contact_id)
            found.setdefault(one.referent.contact_id, []).append(ward)
    return found


def make(
    db: sqlite3.Connection, import_id: int, entity_id: int, appointed: Sequence[Appointed],
    of: Mapping[int, Sequence[int]], made: dict[int, int], now: float,
) -> None:  # fmt: skip
    """Make contacts of those who are none yet; ``made`` remembers them, ``of`` is `wards`."""
    asked = [(one.contact_id, one.made) for one in appointed if one.made is not None]
    reserved = _reserved(db, [ward for number, _ in asked for ward in of[number]])
    people = [
        newcomers.Newcomer(
            one.name, "", {}, [(way.line, way.address, way.warning) for way in one.ways],
            reserved=reserved.issuperset(of[number]),
        )
        for number, one in asked
    ]  # fmt: skip
    numbers = newcomers.add(db, entity_id, people, now)
    made.update(zip((number for number, _ in asked), numbers, strict=True))
    Noting(db, import_id, entity_id).all("appointed", dict.fromkeys(numbers))


def _reserved(db: sqlite3.Connection, contact_ids: Sequence[int]) -> set[int]:
    rows = db.execute(
        "SELECT id FROM main.contact WHERE reserved = 1 AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(contact_ids),),
    )
    return {int(row["id"]) for row in rows}


def link(
    db: sqlite3.Connection, import_id: int, entity_id: int, verdicts: Sequence[Verdict],
    made: Mapping[int, int], by: str, now: float,
) -> None:  # fmt: skip
    """Give contacts their referents; the history of one that was there before says so."""
    fresh: dict[int, int] = {}
    details: dict[int, tuple[object, int, bool]] = {}
    for verdict in verdicts:
        if verdict.referent is None:
            continue
        contact_id = made.get(verdict.contact_id, verdict.contact_id)
        referent_id = made.get(verdict.referent.contact_id, verdict.referent.contact_id)
        if verdict.contact_id < 0:
            fresh[contact_id] = referent_id  # of two lines about one person the last counts
            details[contact_id] = (None, referent_id, True)
            continue
        changed = contacts.change(db, contact_id, {"referent_id": referent_id}, by, now)
        if changed:
            before = details[contact_id][0] if contact_id in details else changed["referent_id"][0]
            details[contact_id] = (before, referent_id, False)
    db.execute(
        "UPDATE main.contact AS c SET referent_id = j.value ->> 1 FROM json_each(?) j"
        " WHERE c.id = j.value ->> 0",
        (json.dumps(list(fresh.items())),),
    )
    Noting(db, import_id, entity_id).all("referent", details)
