"""Convocations of a council: its size and rules, its members, what was handed over on paper."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.colleagues import Colleague
from gateway.quorum import Rule, Rules
from gateway.store import events, groups

#: The tag of contacts who asked for their convocations on paper.
PAPER: Final = "papier"
#: A meeting so long ago (seconds) is not offered as the first of two any more.
_RECENT: Final = 60 * 86400.0


@dataclass(frozen=True, slots=True)
class NewCouncil:
    """A council to convene; times are seconds since 1970, ``members`` contacts by group."""

    what: str
    place: str
    at: float
    rules: Rules
    group_id: int
    answer_by: float | None = None
    after_id: int | None = None


def create(db: sqlite3.Connection, entity_id: int, broadcast_id: int, new: NewCouncil) -> None:
    """Write a council's convocation down, with its members as they are today."""
    made = db.execute(
        "INSERT OR IGNORE INTO council(broadcast_id, entity_id, what, place, at, answer_by,"
        " members, rule, proxies_each, after_id) VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            broadcast_id, entity_id, new.what, new.place, new.at, new.answer_by,
            new.rules.members, new.rules.rule, new.rules.proxies_each, new.after_id,
        ),
    )  # fmt: skip
    if not made.rowcount:
        return  # the same form sent twice
    for row in people(db, entity_id, new.group_id):
        db.execute(
            "INSERT INTO council_member(broadcast_id, contact_id, given_name, name, paper)"
            " VALUES (?,?,?,?,?)",
            (broadcast_id, row["id"], row["given_name"], row["name"], row["paper"]),
        )


def people(db: sqlite3.Connection, entity_id: int, group_id: int) -> list[sqlite3.Row]:
    """Return the members of a group by name, each with whether they want paper."""
    inside, values = groups.within(db, entity_id, [group_id])
    return db.execute(
        "SELECT c.id, c.given_name, c.name, EXISTS (SELECT 1 FROM contact_tag t"  # noqa: S608
        " WHERE t.contact_id = c.id AND t.tag = :paper) AS paper FROM contact c"
        f" WHERE c.entity_id = :entity AND ({inside}) ORDER BY c.sort_name, c.id",
        {"entity": entity_id, "paper": PAPER, **values},
    ).fetchall()


def meeting(db: sqlite3.Connection, broadcast_id: int) -> sqlite3.Row | None:
    """Return the council a broadcast convened, None where it convened none."""
    row: sqlite3.Row | None = db.execute(
        "SELECT m.*, b.state, b.created_at, b.author FROM council m JOIN broadcast b"
        " ON b.id = m.broadcast_id WHERE m.broadcast_id = ?",
        (broadcast_id,),
    ).fetchone()
    return row


def root(db: sqlite3.Connection, broadcast_id: int) -> int | None:
    """Return the convocation of a council that a message is, or follows; None for others."""
    row = db.execute(
        "SELECT m.broadcast_id FROM broadcast b JOIN council m"
        " ON m.broadcast_id IN (b.id, b.parent_id) WHERE b.id = ?",
        (broadcast_id,),
    ).fetchone()
    return int(row["broadcast_id"]) if row else None


def rules(row: sqlite3.Row) -> Rules:
    """Return the rules a council was convened under."""
    return Rules(row["members"], Rule(row["rule"]), row["proxies_each"])


def members(db: sqlite3.Connection, broadcast_id: int) -> list[sqlite3.Row]:
    """Return the members who were convened, by name."""
    return db.execute(
        "SELECT * FROM council_member WHERE broadcast_id = ? ORDER BY id", (broadcast_id,)
    ).fetchall()


def colleagues(rows: Sequence[sqlite3.Row]) -> list[Colleague]:
    """Return members as their names are compared."""
    return [Colleague(row["id"], row["given_name"], row["name"]) for row in rows]


def with_address(db: sqlite3.Connection, broadcast_id: int, address: str) -> list[int]:
    """Return the members who have this number or mail address."""
    rows = db.execute(
        "SELECT DISTINCT m.id FROM council_member m JOIN endpoint e"
        " ON e.contact_id = m.contact_id WHERE m.broadcast_id = ? AND e.address = ? ORDER BY m.id",
        (broadcast_id, address),
    )
    return [int(row["id"]) for row in rows]


def known_to(db: sqlite3.Connection, address: str) -> list[sqlite3.Row]:
    """Return the councils somebody with this number or address was convened to, newest first."""
    return db.execute(
        "SELECT m.*, b.state FROM council m JOIN broadcast b ON b.id = m.broadcast_id WHERE EXISTS"
        " (SELECT 1 FROM council_member p JOIN endpoint e ON e.contact_id = p.contact_id"
        "  WHERE p.broadcast_id = m.broadcast_id AND e.address = ?) ORDER BY m.at DESC, 1 DESC",
        (address,),
    ).fetchall()


def past(db: sqlite3.Connection, entity_id: int, now: float) -> list[sqlite3.Row]:
    """Return a town's councils that met lately, the last first."""
    return db.execute(
        "SELECT m.* FROM council m JOIN broadcast b ON b.id = m.broadcast_id WHERE m.entity_id = ?"
        " AND m.at <= ? AND m.at > ? AND b.state != 'cancelled' ORDER BY m.at DESC LIMIT 12",
        (entity_id, now, now - _RECENT),
    ).fetchall()


# --- paper ----------------------------------------------------------------------------------


def hand_over(
    db: sqlite3.Connection, broadcast_id: int, wanted: Collection[int], by: str, now: float,
    *, given: bool = True,
) -> int:  # fmt: skip
    """Write down who was handed the convocation on paper, or that it was not; return how many."""
    changed = db.execute(
        "UPDATE council_member SET handed_at = ?, handed_by = ? WHERE broadcast_id = ?"
        " AND id IN (SELECT value FROM json_each(?)) AND (handed_at IS NULL) = ?",
        (now if given else None, by if given else "", broadcast_id, json.dumps(sorted(wanted)),
         given),
    ).rowcount  # fmt: skip
    if changed:
        kind = "council.handed_over" if given else "council.not_handed_over"
        note(db, broadcast_id, kind, {"members": sorted(wanted), "by": by}, now)
    return changed


def note(
    db: sqlite3.Connection, broadcast_id: int, kind: str, told: Mapping[str, object], now: float
) -> None:
    """Put on record what happened to a council's convocation."""
    row = db.execute(
        "SELECT entity_id FROM council WHERE broadcast_id = ?", (broadcast_id,)
    ).fetchone()
    events.record(db, now, kind, dict(told), entity_id=row["entity_id"], broadcast_id=broadcast_id)


# --- what was sent --------------------------------------------------------------------------


def convened_by(db: sqlite3.Connection, broadcast_id: int) -> list[sqlite3.Row]:
    """Return each way the convocation was sent to each member, oldest first."""
    return db.execute(
        "SELECT p.id AS member_id, j.channel, j.state, j.outcome, j.reason, j.handed_over_at,"
        " j.ended_at, r.state AS person_state, r.reason AS person_reason,"
        " (SELECT max(a.started_at) FROM attempt a WHERE a.job_id = j.id) AS left_at"
        " FROM council_member p JOIN recipient r ON r.broadcast_id = p.broadcast_id"
        " AND r.contact_id = p.contact_id LEFT JOIN job j ON j.recipient_id = r.id"
        " AND j.to_referent = 0 WHERE p.broadcast_id = ? ORDER BY p.id, j.id",
        (broadcast_id,),
    ).fetchall()


def recalls(db: sqlite3.Connection, broadcast_id: int) -> list[sqlite3.Row]:
    """Return each time those who had not answered were reminded, with to how many."""
    return db.execute(
        "SELECT b.id, b.created_at, b.author, (SELECT count(*) FROM recipient r"
        " WHERE r.broadcast_id = b.id AND r.state != 'excluded') AS people FROM broadcast b"
        " WHERE b.parent_id = ? AND b.kind = 'recall' ORDER BY b.id",
        (broadcast_id,),
    ).fetchall()


def mail_waits(db: sqlite3.Connection, recipient_id: int) -> bool:
    """Tell whether a person's mail has still to leave: an answer must not withdraw it.

    The mail with the agenda is what the law calls the convocation.
    """
    row = db.execute(
        "SELECT 1 FROM job WHERE recipient_id = ? AND channel = 'email'"
        " AND state IN ('queued', 'running') LIMIT 1",
        (recipient_id,),
    ).fetchone()
    return row is not None


def mail_left(db: sqlite3.Connection, broadcast_id: int, member: int) -> sqlite3.Row | None:
    """Return the mail of a convocation that has left for a member (id, recipient, broadcast).

    An answer by SMS is one to it, where no SMS went to them.
    """
    row: sqlite3.Row | None = db.execute(
        "SELECT j.id, j.recipient_id, j.broadcast_id FROM council_member m"
        " JOIN recipient r ON r.contact_id = m.contact_id AND r.broadcast_id = m.broadcast_id"
        " JOIN job j ON j.recipient_id = r.id WHERE m.id = ? AND m.broadcast_id = ?"
        " AND j.channel = 'email' AND j.to_referent = 0 AND j.state IN ('handed_over', 'uncertain')"
        " ORDER BY j.id DESC LIMIT 1",
        (member, broadcast_id),
    ).fetchone()
    return row


def forget(db: sqlite3.Connection, broadcast_id: int, erased: str) -> None:
    """Forget the names of a council; how many said what stays."""
    db.execute("UPDATE council_word SET said = '' WHERE broadcast_id = ?", (broadcast_id,))
    db.execute(
        "UPDATE council_member SET given_name = '', name = ?, contact_id = NULL"
        " WHERE broadcast_id = ?",
        (erased, broadcast_id),
    )
