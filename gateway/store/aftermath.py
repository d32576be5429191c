"""What a broadcast leads to: whom a following message is for, and another plan for the rest."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway import phone
from gateway import plan as plans
from gateway.model import Address, Channel, Line, RecipientState
from gateway.store import progress
from gateway.store.people import Person

#: The kind of a message that was stopped, mended and sent.
MENDED: Final = "again"
_ON_ITS_WAY: Final = frozenset({RecipientState.PENDING, RecipientState.IN_PROGRESS})


@dataclass(slots=True)
class _Lived:
    """What one person lived of all the messages of a family."""

    row: sqlite3.Row  # of the first of them
    known: tuple[Address, ...]
    states: set[str] = field(default_factory=set)
    running: bool = False  # being sent to at this moment
    coming: bool = False  # something is still on its way to them
    reserved: bool = False
    reached: bool = False  # as the message that reached them counts it


def had(
    db: sqlite3.Connection, family: Sequence[int], states: Collection[RecipientState]
) -> list[Person]:
    """Return who is in one of these states in any of a family's messages, each person once.

    With their addresses as they are now, and whoever is being sent to at this moment.
    """
    return [_person(db, one) for one in _lived(db, family) if one.running or one.states & {*states}]


def asked(db: sqlite3.Connection, family: Sequence[int]) -> list[Person]:
    """Return the referents who were asked to go and see somebody, in any of these messages.

    Each once, with their addresses as they are now. Whoever looks after somebody of the register
    is named to its keepers alone.
    """
    rows = db.execute(
        "SELECT j.address, j.line, j.endpoint_id, e.contact_id, r.registered,"
        " trim(c.given_name || ' ' || c.name) AS name, c.reserved, c.language"
        " FROM job j JOIN recipient r ON r.id = j.recipient_id"
        " LEFT JOIN main.endpoint e ON e.id = j.endpoint_id LEFT JOIN contact c"
        " ON c.id = e.contact_id WHERE j.to_referent = 1"
        " AND j.broadcast_id IN (SELECT value FROM json_each(?)) AND (j.outcome IS NOT NULL"
        " OR j.state IN ('running', 'handed_over', 'delivered', 'uncertain')) ORDER BY j.id",
        (json.dumps(list(family)),),
    ).fetchall()
    found: dict[object, Person] = {}
    for row in rows:
        number = row["contact_id"]
        known = progress.addresses_of(db, number)
        known = known or (Address(row["endpoint_id"], Line(row["line"]), row["address"]),)
        before = found.get(_who(row, known))
        secret = bool(row["registered"] or row["reserved"] or (before and before.reserved))
        found[_who(row, known)] = Person(
            number, row["name"] or phone.shown(row["address"]), known, reserved=secret,
            language=row["language"] or "fr",
        )  # fmt: skip
    return list(found.values())


def unreached(
    db: sqlite3.Connection, family: Sequence[int], states: Collection[RecipientState],
    ends: Sequence[int] = (),
) -> list[Person]:  # fmt: skip
    """Return who is in one of these states, and whom no message of a family reached or will yet.

    Nor any of its ``ends``: whoever knows that it is over needs none of it any more. With their
    addresses as they are now, each person once.
    """
    told = {_who(one.row, one.known) for one in _lived(db, ends) if _knows(one)}
    return [
        _person(db, one)
        for one in _lived(db, family)
        if one.states & {*states} and not _knows(one) and _who(one.row, one.known) not in told
    ]


def _knows(one: _Lived) -> bool:
    """Tell whether somebody was reached, or something is on its way to them."""
    return one.reached or one.coming


def _lived(db: sqlite3.Connection, family: Sequence[int]) -> list[_Lived]:
    """Return the people of all these messages who still have an address."""
    ids = json.dumps(list(family))
    within = "broadcast_id IN (SELECT value FROM json_each(?))"
    jobs = db.execute(
        f"SELECT recipient_id, state FROM job WHERE {within}"  # noqa: S608
        " AND state IN ('queued', 'running') AND to_referent = 0", (ids,),
    ).fetchall()  # fmt: skip
    busy = {job["recipient_id"] for job in jobs}
    running = {job["recipient_id"] for job in jobs if job["state"] == "running"}
    plan = db.execute(
        "SELECT id, plan FROM broadcast WHERE id IN (SELECT value FROM json_each(?))", (ids,)
    ).fetchall()
    joint = {row["id"]: plans.reached(plans.from_json(row["plan"])) for row in plan}
    found: dict[object, _Lived] = {}
    for row in db.execute(f"SELECT * FROM recipient WHERE {within} ORDER BY id", (ids,)).fetchall():  # noqa: S608
        one = found.get(row["contact_id"])  # asked once for each: a town has thousands
        known = one.known if one else _addresses(db, row)
        if not known:
            continue
        one = one or found.setdefault(_who(row, known), _Lived(row, known))
        one.states.add(row["state"])
        one.reached |= row["state"] in joint[row["broadcast_id"]]
        one.running |= row["id"] in running
        one.coming |= row["id"] in busy or row["state"] in _ON_ITS_WAY
        one.reserved |= bool(row["registered"])
    return list(found.values())


def _addresses(db: sqlite3.Connection, row: sqlite3.Row) -> tuple[Address, ...]:
    return progress.addresses_of(db, row["contact_id"]) or _used(db, row["id"])


def _who(row: sqlite3.Row, known: Sequence[Address]) -> object:
    """Return what tells a person from all others; one typed by hand is their numbers."""
    return row["contact_id"] or tuple(sorted({address.value for address in known}))


def _person(db: sqlite3.Connection, one: _Lived) -> Person:
    number = one.row["contact_id"]
    return Person(
        number, one.row["name"], one.known, reserved=one.reserved, language=_language(db, number)
    )


def english(db: sqlite3.Connection, family: Sequence[int]) -> list[tuple[Channel, str]]:
    """Return what was written in English to some people of these messages: each text once.

    By the first of its channels; where a text has names in it, that is one for each person.
    """
    rows = db.execute(
        "SELECT DISTINCT own_texts FROM recipient WHERE own_texts != ''"
        " AND broadcast_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(family)),),
    )
    own = [json.loads(row["own_texts"]) for row in rows]
    return [
        next((channel, one[channel]) for channel in Channel if one.get(channel))
        for one in own
        if one.get("language") == "en" and any(one.get(channel) for channel in Channel)
    ]


def _language(db: sqlite3.Connection, contact_id: int | None) -> str:
    row = db.execute("SELECT language FROM contact WHERE id = ?", (contact_id,)).fetchone()
    return str(row["language"]) if row else "fr"


def _used(db: sqlite3.Connection, recipient_id: int) -> tuple[Address, ...]:
    rows = db.execute(
        "SELECT DISTINCT endpoint_id, line, address FROM job WHERE recipient_id = ?"
        " AND to_referent = 0",
        (recipient_id,),
    )
    return tuple(Address(row["endpoint_id"], Line(row["line"]), row["address"]) for row in rows)


def replan(db: sqlite3.Connection, broadcast_id: int, plan: plans.Plan, now: float) -> None:
    """Give a broadcast another plan and ask it anew for everybody not reached."""
    db.execute(
        "UPDATE broadcast SET plan = ?, closed_at = NULL, state = CASE state WHEN 'closed'"
        " THEN 'sending' ELSE state END WHERE id = ?",
        (plans.to_json(plan), broadcast_id),
    )
    rows = db.execute(
        "SELECT id FROM recipient WHERE broadcast_id = ? AND state IN"
        " ('sent', 'in_progress', 'pending', 'answered', 'uncertain', 'failed')",
        (broadcast_id,),
    ).fetchall()
    for row in rows:
        db.execute(
            "UPDATE recipient SET closed_at = NULL, step = coalesce((SELECT max(step) FROM job"
            " WHERE recipient_id = recipient.id), 0) WHERE id = ?",
            (row["id"],),
        )
        progress.advance(db, row["id"], now)
    progress.close_if_done(db, broadcast_id, now)


def followed_by(db: sqlite3.Connection, broadcast_id: int) -> list[sqlite3.Row]:
    """Return what was made because of a broadcast, and whether it has ``begun`` to leave."""
    return db.execute(
        "SELECT id, kind, state, EXISTS (SELECT 1 FROM recipient r WHERE r.broadcast_id = b.id)"
        " AS begun FROM broadcast b WHERE parent_id = ? ORDER BY id",
        (broadcast_id,),
    ).fetchall()


def mended_into(db: sqlite3.Connection, entity_id: int, broadcast_id: int) -> sqlite3.Row | None:
    """Return the message that a stopped one was mended into, None as long as there is none.

    A message names it as its parent; a convocation, whose parent would be its council's, says so in
    the meeting that its draft keeps.
    """
    row: sqlite3.Row | None = db.execute(
        "SELECT id, author, created_at, idempotency_key FROM broadcast WHERE entity_id = :town"
        " AND id > :one AND state != 'cancelled' AND (kind = :mended AND parent_id = :one"
        "  OR kind IN ('council', 'convocation')"
        "  AND nullif(nullif(draft, '') ->> '$.meeting', '') ->> '$.again_of' = :one)"
        " ORDER BY id LIMIT 1",
        {"town": entity_id, "one": broadcast_id, "mended": MENDED},
    ).fetchone()
    return row


def stopped(db: sqlite3.Connection, broadcast_id: int) -> sqlite3.Row | None:
    """Return when (``at``) a message was stopped, and by ``who``; None where nobody knows."""
    row: sqlite3.Row | None = db.execute(
        "SELECT at, payload ->> '$.by' AS who FROM event WHERE broadcast_id = ?"
        " AND kind = 'broadcast.cancelled' AND who != '' ORDER BY seq LIMIT 1",
        (broadcast_id,),
    ).fetchone()
    return row


def silent(db: sqlite3.Connection, broadcast_id: int) -> bool:
    """Tell whether people were only texted by networks that give no receipts, and nobody rang."""
    row = db.execute(
        "SELECT 1 FROM job j JOIN attempt a ON a.job_id = j.id JOIN sim s ON s.id = a.sim"
        " WHERE j.broadcast_id = :id AND j.channel = 'sms' AND j.state = 'handed_over'"
        " AND s.reports_seen = 0 AND s.accepted >= :few AND NOT EXISTS (SELECT 1 FROM job v"
        "  WHERE v.recipient_id = j.recipient_id AND v.channel = 'voice') LIMIT 1",
        {"id": broadcast_id, "few": progress.SILENT_AFTER},
    ).fetchone()
    return row is not None
