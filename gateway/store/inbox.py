"""SMS that came in, whole, under what they were understood as; and what a reply may be about."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway import kinds
from gateway import plan as plans
from gateway.assembly import PATIENCE, TOGETHER, ReceivedMessage, ReceivedPart, assemble
from gateway.matching import Candidate
from gateway.model import Urgency
from gateway.replies import Reply
from gateway.store import events

#: A reply is about something sent at most so long ago (seconds).
HORIZON: Final = 7 * 86400.0
_SETTLED: Final = frozenset({"acknowledged", "declined", "told_in_person"})

_WAITING: Final = """SELECT * FROM received_sms r WHERE r.dealt_at IS NULL OR (r.total > 1
    AND EXISTS (SELECT 1 FROM received_sms u WHERE u.dealt_at IS NULL AND u.total > 1
      AND u.sim = r.sim AND u.sender = r.sender AND u.reference = r.reference
      AND r.received_at BETWEEN u.received_at - :together AND u.received_at + :together))
  ORDER BY r.received_at, r.id"""


@dataclass(frozen=True, slots=True)
class Done:
    """What an SMS led to: a code word, what it concerns, whether a human must read it.

    ``answer`` goes back to the sender; ``moved`` says that something changed: such an answer is
    no echo (`gateway.store.inbox.may_answer`).
    """

    effect: str = ""
    entity_id: int | None = None
    broadcast_id: int | None = None
    recipient_id: int | None = None
    to_read: bool = False
    answer: str = ""
    moved: bool = False


def waiting(
    db: sqlite3.Connection, now: float, patience: float = PATIENCE
) -> list[ReceivedMessage]:
    """Return the messages nobody has dealt with yet, the oldest first.

    One that lacks parts is among them after ``patience`` seconds.
    """
    rows = db.execute(_WAITING, {"together": TOGETHER}).fetchall()
    fresh = {row["id"] for row in rows if row["dealt_at"] is None}
    parts = [
        ReceivedPart(
            row["sim"], row["sender"], row["text"], row["received_at"], row["reference"],
            row["part"], row["total"], row["id"],
        )
        for row in rows
    ]  # fmt: skip
    found = [one for one in assemble(parts, now, patience) if fresh & set(one.ids)]
    return sorted(found, key=lambda one: one.at)


def awaited(db: sqlite3.Connection) -> bool:
    """Tell whether parts of a message are still to come."""
    row = db.execute("SELECT 1 FROM received_sms WHERE dealt_at IS NULL LIMIT 1").fetchone()
    return row is not None


def known(db: sqlite3.Connection, message_id: int) -> sqlite3.Row | None:
    """Return a message that was dealt with before, which late parts may complete."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM inbox WHERE id = ?", (message_id,)
    ).fetchone()
    return row


def keep(
    db: sqlite3.Connection, message: ReceivedMessage, number: str, reply: Reply, done: Done,
    now: float,
) -> None:  # fmt: skip
    """Write a message down with what it led to; its parts wait no more."""
    db.execute(
        "INSERT INTO inbox(id, entity_id, sim, number, text, at, missing, kind, detail, effect,"
        " broadcast_id, recipient_id, to_read) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            message.first, done.entity_id, message.sim, number, message.text, message.at,
            len(message.missing), reply.kind, reply.detail, done.effect, done.broadcast_id,
            done.recipient_id, done.to_read,
        ),
    )  # fmt: skip
    _dealt(db, message, now)
    events.record(
        db, now, "sms.understood", {"kind": reply.kind, "effect": done.effect},
        entity_id=done.entity_id, broadcast_id=done.broadcast_id, recipient_id=done.recipient_id,
    )  # fmt: skip


def conceal(db: sqlite3.Connection, message: ReceivedMessage) -> None:
    """Keep a message as it stands now, also where its parts are kept: it held a secret.

    The event of its coming in loses its words, the chain stays whole.
    """
    db.execute(
        "UPDATE event SET payload = NULL, salt = NULL WHERE kind = 'sms.received'"
        " AND EXISTS (SELECT 1 FROM received_sms r WHERE r.received_at = event.at"
        " AND r.id IN (SELECT value FROM json_each(?)))",
        (json.dumps(message.ids),),
    )
    db.execute(
        "UPDATE received_sms SET text = CASE WHEN id = ? THEN ? ELSE '' END"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (message.first, message.text, json.dumps(message.ids)),
    )


def dealt_with(db: sqlite3.Connection, ids: Sequence[int]) -> dict[int, tuple[int | None, str]]:
    """Return whose (town) and the texts, as they are kept, of those that were dealt with."""
    rows = db.execute(
        "SELECT id, entity_id, text FROM inbox WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {row["id"]: (row["entity_id"], row["text"]) for row in rows}


def complete(db: sqlite3.Connection, message: ReceivedMessage, now: float) -> None:
    """Put the parts that came late into a message already dealt with: a human reads it again."""
    db.execute(
        "UPDATE inbox SET text = ?, missing = ?, to_read = 1, read_at = NULL WHERE id = ?"
        " AND text != ?",
        (message.text, len(message.missing), message.first, message.text),
    )
    _dealt(db, message, now)


def understood_late(db: sqlite3.Connection, message_id: int, reply: Reply, done: Done) -> None:
    """Write down what a message led to once the parts that came late were read."""
    db.execute(
        "UPDATE inbox SET kind = ?, effect = ?, entity_id = ?, broadcast_id = ?, recipient_id = ?"
        " WHERE id = ?",
        (
            reply.kind, done.effect, done.entity_id, done.broadcast_id, done.recipient_id,
            message_id,
        ),
    )  # fmt: skip


def _dealt(db: sqlite3.Connection, message: ReceivedMessage, now: float) -> None:
    """Mark a message's parts, and the copies of them the network sent twice."""
    db.execute(
        "UPDATE received_sms AS r SET dealt_at = ? WHERE dealt_at IS NULL AND EXISTS"
        " (SELECT 1 FROM received_sms k WHERE k.id IN (SELECT value FROM json_each(?))"
        " AND (k.id = r.id OR (k.total > 1 AND k.sim = r.sim AND k.sender = r.sender"
        " AND k.reference = r.reference AND k.part = r.part AND k.text = r.text)))",
        (now, json.dumps(message.ids)),
    )


_CANDIDATES: Final = """SELECT j.id, j.broadcast_id, j.recipient_id, j.entity_id, j.to_referent,
    j.state AS job_state, j.channel, b.urgency, b.plan, b.kind, b.parent_id, b.title, b.state,
    b.expires_at, r.state AS person_state, coalesce(c.code, '') AS code,
    (SELECT a.sim FROM attempt a WHERE a.job_id = j.id ORDER BY a.number DESC LIMIT 1) AS sim,
    (SELECT max(a.started_at) FROM attempt a WHERE a.job_id = j.id) AS left_at,
    (SELECT NOT EXISTS (SELECT 1 FROM council_word w JOIN council_member p ON p.id = w.member_id
      WHERE p.broadcast_id = m.broadcast_id AND p.contact_id = r.contact_id AND w.answer != '')
      FROM council m WHERE m.broadcast_id = coalesce(b.parent_id, b.id)) AS council_silent
  FROM job j JOIN broadcast b ON b.id = j.broadcast_id JOIN recipient r ON r.id = j.recipient_id
  LEFT JOIN broadcast_code c ON c.broadcast_id = b.id
  WHERE j.address = ? AND j.channel IN ('sms', 'voice') AND j.attempts > 0
    AND b.state IN ('sending', 'paused', 'closed', 'cancelled')
    AND b.kind NOT IN (SELECT value FROM json_each(?))
    AND (EXISTS (SELECT 1 FROM attempt a WHERE a.job_id = j.id AND a.started_at > ?)
      OR EXISTS (SELECT 1 FROM council m WHERE m.broadcast_id = coalesce(b.parent_id, b.id)
        AND m.at > ?))
  ORDER BY j.channel = 'sms', j.id"""


def sent_to(db: sqlite3.Connection, number: str, now: float) -> list[sqlite3.Row]:
    """Return what was sent to a number (E.164) lately, by SMS or call."""
    return db.execute(_CANDIDATES, (number, json.dumps(kinds.OWN), now - HORIZON, now)).fetchall()


def candidates(rows: Sequence[sqlite3.Row], now: float) -> list[Candidate]:
    """Return what was sent as matching sees it."""
    return [
        Candidate(
            row["id"], row["broadcast_id"], row["sim"] or "", row["left_at"],
            asks=_asks(row),
            open=row["state"] != "cancelled" and row["expires_at"] > now,
            code=row["code"], thread=row["parent_id"] or row["broadcast_id"],
        )
        for row in rows
    ]  # fmt: skip


def asking(rows: Sequence[sqlite3.Row], now: float) -> list[sqlite3.Row]:
    """Return what was sent that wants an answer, and may still have one."""
    wanted = {one.job_id for one in candidates(rows, now) if one.asks and one.open}
    return [row for row in rows if row["id"] in wanted]


def _asks(row: sqlite3.Row) -> bool:
    """Whether an answer is wanted: an alert's always, others where their order says so.

    A council asks, in its convocation and in every reminder, until its member has answered.
    """
    if row["council_silent"] is not None:
        return bool(row["council_silent"])
    if row["person_state"] in _SETTLED:
        return False
    if row["to_referent"]:
        return True
    plan = plans.from_json(row["plan"])
    return plan.confirm or plan.enough > 0 or (row["urgency"] == Urgency.VITAL and not row["kind"])


def town_of(db: sqlite3.Connection, number: str, rows: Sequence[sqlite3.Row]) -> int | None:
    """Return which town a number's SMS concerns: the last that wrote to it, or has it listed."""
    if rows:
        return int(max(rows, key=lambda row: row["left_at"])["entity_id"])
    row = (
        db.execute(
            "SELECT entity_id FROM endpoint WHERE mark IN (?, register_mark(?))"
            " ORDER BY id LIMIT 1",
            (number, number),
        ).fetchone()
        or db.execute("SELECT id AS entity_id FROM entity ORDER BY id LIMIT 1").fetchone()
    )
    return int(row["entity_id"]) if row else None


# --- answers of the box ---------------------------------------------------------------------

#: Answers to one number within a day that tell of no change; more would be two automats talking.
MOST_ECHOES: Final = 2
#: Answers to one number within a day, whatever they tell.
MOST_ANSWERS: Final = 20
_DAY: Final = 86400.0
_HOUR: Final = 3600.0


def may_answer(db: sqlite3.Connection, number: str, kind: str, now: float, *, moved: bool) -> bool:
    """Tell whether the box may answer a number once more by itself.

    The same thing is told once an hour unless something changed.
    """
    rows = db.execute(
        "SELECT kind, at, moved FROM auto_answer WHERE number = ? AND at > ?", (number, now - _DAY)
    ).fetchall()
    if len(rows) >= MOST_ANSWERS:
        return False
    if moved:
        return True
    echoes = [row for row in rows if not row["moved"]]
    said = any(row["kind"] == kind and row["at"] > now - _HOUR for row in rows)
    return len(echoes) < MOST_ECHOES and not said


def answered(db: sqlite3.Connection, number: str, kind: str, now: float, *, moved: bool) -> None:
    """Write down that the box answered a number by itself."""
    db.execute("DELETE FROM auto_answer WHERE at < ?", (now - _DAY,))
    db.execute(
        "INSERT INTO auto_answer(number, kind, at, moved) VALUES (?,?,?,?)",
        (number, kind, now, moved),
    )


def authors_of_alerts(db: sqlite3.Connection, entity_id: int, now: float) -> set[str]:
    """Return who launched the alerts of a town that are still worth answering."""
    rows = db.execute(
        "SELECT DISTINCT author FROM broadcast WHERE entity_id = ? AND urgency = 'vital'"
        " AND state IN ('sending', 'paused', 'closed') AND expires_at > ?",
        (entity_id, now),
    )
    return {row["author"] for row in rows}


def told_of(db: sqlite3.Connection, number: str, since: float) -> int:
    """Return how many messages of distress a number has written since then."""
    row = db.execute(
        "SELECT count(*) FROM inbox WHERE number = ? AND kind = 'distress' AND at > ?",
        (number, since),
    ).fetchone()
    return int(row[0])
