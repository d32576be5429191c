"""Questions asked of a few telephones about a message, and their answers."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway.model import Reason
from gateway.store import events

APPROVAL: Final = "approval"
RESTART: Final = "restart"
WARNING: Final = "warning"
_WHOLE: Final = (
    "SELECT q.*, b.title, e.name AS town, e.timezone FROM question q"
    " JOIN broadcast b ON b.id = q.broadcast_id JOIN entity e ON e.id = q.entity_id"
)


def ask(
    db: sqlite3.Connection, entity_id: int, broadcast_id: int, kind: str, code: str,
    numbers: Sequence[str], now: float, until: float,
) -> None:  # fmt: skip
    """Write a question down; ``numbers`` (E.164) may answer it until then."""
    db.execute(
        "INSERT INTO question(entity_id, broadcast_id, kind, code, numbers, asked_at, expires_at)"
        " VALUES (?,?,?,?,?,?,?)",
        (entity_id, broadcast_id, kind, code, json.dumps(list(numbers)), now, until),
    )


def take_turns(
    db: sqlite3.Connection, broadcast_id: int, turns: Sequence[tuple[str, str]], next_at: float
) -> None:
    """Have those left (name, number) asked one after the other from then on."""
    db.execute(
        "UPDATE question SET turns = ?, next_at = ? WHERE broadcast_id = ?",
        (json.dumps(list(turns)), next_at if turns else None, broadcast_id),
    )


def turns_due(db: sqlite3.Connection, now: float) -> list[sqlite3.Row]:
    """Return the questions nobody has answered or taken in hand, whose next person is due."""
    return db.execute(
        f"{_WHOLE} WHERE q.next_at <= ? AND q.answered_at IS NULL AND q.held_by = ''"
        " AND q.expires_at > ?",
        (now, now),
    ).fetchall()


def messages_of(db: sqlite3.Connection, broadcast_id: int) -> list[int]:
    """Return the messages that ask a question and are not over: the first, and those after it."""
    rows = db.execute(
        "SELECT id FROM broadcast WHERE (id = :first OR parent_id = :first) AND kind = 'question'"
        " AND state IN ('sending', 'paused')",
        {"first": broadcast_id},
    )
    return [int(row["id"]) for row in rows]


def held_by_call(db: sqlite3.Connection, broadcast_id: int) -> str:
    """Return who pressed 1 in a call that asked, empty for nobody."""
    row = db.execute(
        "SELECT r.name FROM recipient r JOIN broadcast b ON b.id = r.broadcast_id"
        " WHERE (b.id = :first OR b.parent_id = :first) AND r.state = 'acknowledged' LIMIT 1",
        {"first": broadcast_id},
    ).fetchone()
    return str(row["name"]) if row else ""


def hold_open(
    db: sqlite3.Connection, number: str, now: float, since: float = 0.0
) -> sqlite3.Row | None:
    """Let whoever was asked in turn say that they see to it; return the newest such question.

    Of those that were put to them after ``since``: their word is about what came last.
    """
    rows = db.execute(
        f"{_WHOLE} WHERE q.kind = 'warning' AND q.answered_at IS NULL AND q.held_by = ''"
        " AND q.expires_at > ? ORDER BY q.id DESC",
        (now,),
    )
    row = next((one for one in rows if number in json.loads(one["numbers"])), None)
    if row is not None and not _put_after(db, row["broadcast_id"], number, since):
        return None
    if row is not None:
        seen_to(db, row["id"], number)
    return row


def _put_after(db: sqlite3.Connection, broadcast_id: int, number: str, since: float) -> bool:
    found = db.execute(
        "SELECT 1 FROM job j JOIN broadcast b ON b.id = j.broadcast_id JOIN attempt a"
        " ON a.job_id = j.id WHERE (b.id = :first OR b.parent_id = :first)"
        " AND j.address = :number AND a.started_at >= :since LIMIT 1",
        {"first": broadcast_id, "number": number, "since": since},
    ).fetchone()
    return found is not None or not since


def seen_to(db: sqlite3.Connection, question_id: int, name: str) -> None:
    """Write down who sees to a question: nobody else is asked."""
    db.execute(
        "UPDATE question SET held_by = ?, next_at = NULL WHERE id = ? AND held_by = ''",
        (name, question_id),
    )


def fresh_code(db: sqlite3.Connection, now: float) -> str:
    """Return four digits that no open question has."""
    while True:
        code = f"{secrets.randbelow(10_000):04}"
        taken = db.execute(
            "SELECT 1 FROM question WHERE code = :code AND answered_at IS NULL"
            " AND expires_at > :now UNION ALL SELECT 1 FROM launch_dialogue WHERE code = :code"
            " AND expires_at > :now AND step = 'confirm'",
            {"code": code, "now": now},
        ).fetchone()
        if taken is None:
            return code


def open_for(db: sqlite3.Connection, number: str, code: str, now: float) -> sqlite3.Row | None:
    """Return the open question with this code that this number may answer."""
    rows = db.execute(
        f"{_WHOLE} WHERE q.code = ? AND q.answered_at IS NULL AND q.expires_at > ?", (code, now)
    )
    return next((row for row in rows if number in json.loads(row["numbers"])), None)


def over_for(db: sqlite3.Connection, number: str, code: str, since: float) -> sqlite3.Row | None:
    """Return the newest question of this code, asked since then, that this number could answer.

    Of those that are answered, replaced by another, or too old.
    """
    rows = db.execute(
        f"{_WHOLE} WHERE q.code = ? AND q.asked_at > ? ORDER BY q.id DESC", (code, since)
    )
    return next((row for row in rows if number in json.loads(row["numbers"])), None)


def withdraw(db: sqlite3.Connection, broadcast_id: int, kind: str, now: float) -> None:
    """Take no more answers to what was asked about a message."""
    db.execute(
        "UPDATE question SET expires_at = ?, next_at = NULL WHERE broadcast_id = ? AND kind = ?"
        " AND answered_at IS NULL AND expires_at > ?",
        (now, broadcast_id, kind, now),
    )


def unfinished(db: sqlite3.Connection, now: float) -> list[sqlite3.Row]:
    """Return the questions somebody answered and a stop kept from being acted on, still valid."""
    return db.execute(
        f"{_WHOLE} WHERE q.answered_at IS NOT NULL AND q.done_at IS NULL AND q.expires_at > ?",
        (now,),
    ).fetchall()


def done(db: sqlite3.Connection, question_id: int, now: float) -> None:
    """Write down that what was answered is done."""
    db.execute("UPDATE question SET done_at = ? WHERE id = ?", (now, question_id))


def answer(
    db: sqlite3.Connection, question_id: int, said: str, by: str, number: str, now: float
) -> bool:
    """Write an answer down, the first that comes, and from where; return whether it was."""
    row = db.execute("SELECT * FROM question WHERE id = ?", (question_id,)).fetchone()
    changed = db.execute(
        "UPDATE question SET answered_at = ?, answered_by = ?, answered_from = ?, answer = ?"
        " WHERE id = ? AND answered_at IS NULL",
        (now, by, number, said, question_id),
    ).rowcount
    if changed:
        events.record(
            db, now, "question.answered", {"kind": row["kind"], "answer": said, "by": by},
            entity_id=row["entity_id"], broadcast_id=row["broadcast_id"],
        )  # fmt: skip
    return changed > 0


def interrupted(db: sqlite3.Connection, now: float) -> list[sqlite3.Row]:
    """Return the alerts that still have something to send, with how many people wait."""
    return db.execute(
        "SELECT b.*, e.name AS town, e.timezone, count(DISTINCT j.recipient_id) AS people"
        " FROM broadcast b JOIN job j ON j.broadcast_id = b.id JOIN entity e ON e.id = b.entity_id"
        " WHERE b.state = 'sending' AND b.urgency = 'vital' AND b.closed_at IS NULL"
        " AND b.kind NOT IN ('question', 'auto') AND b.expires_at > ?"
        " AND j.state = 'queued' GROUP BY b.id",
        (now,),
    ).fetchall()


def hold(db: sqlite3.Connection, broadcast_id: int, until: float) -> None:
    """Let what is queued of a broadcast wait until then, and no longer."""
    db.execute(
        "UPDATE job SET not_before = ?, held_reason = ? WHERE broadcast_id = ?"
        " AND state = 'queued' AND not_before < ?",
        (until, Reason.RESTART, broadcast_id, until),
    )


def let_go(db: sqlite3.Connection, broadcast_id: int, now: float) -> None:
    """Let what was held go on."""
    db.execute(
        "UPDATE job SET not_before = ?, held_reason = '' WHERE broadcast_id = ?"
        " AND state = 'queued' AND held_reason = ?",
        (now, broadcast_id, Reason.RESTART),
    )
