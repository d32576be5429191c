"""Calls that come in: what waits for whoever calls, what they lived, and who has called."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.logs import masked
from gateway.model import Channel, JobState, Outcome, Reason, RecipientState, Urgency
from gateway.policy import rank
from gateway.store import answers, events, progress

#: Outcomes of an incoming call beside those of `Outcome`.
UNANSWERED, UNKNOWN, MENU = "unanswered", "unknown", "menu"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The last message that was meant for a number, and whose it is."""

    entity_id: int
    entity: str
    broadcast_id: int
    recipient_id: int
    job_id: int
    urgency: Urgency
    body: str
    exercise: bool
    recording: str
    expires_at: float


_LAST = """SELECT j.id, j.entity_id, j.broadcast_id, j.recipient_id, b.urgency, b.exercise,
    b.recording, b.expires_at, e.name AS entity,
    coalesce(j.body, v.body, s.body, '') AS body
  FROM job j JOIN broadcast b ON b.id = j.broadcast_id JOIN entity e ON e.id = j.entity_id
  LEFT JOIN broadcast_text v ON v.broadcast_id = b.id AND v.channel = 'voice'
  LEFT JOIN broadcast_text s ON s.broadcast_id = b.id AND s.channel = 'sms'
  WHERE j.address = ? AND j.channel IN ('sms', 'voice') AND b.expires_at > ?
    AND b.state IN ('sending', 'paused', 'closed')
    AND (j.attempts > 0 OR b.urgency = 'vital')
    AND b.kind NOT IN ('question', 'alarm', 'auto', 'reply')
  ORDER BY b.starts_at DESC, j.id DESC LIMIT 1"""


def last_message(db: sqlite3.Connection, number: str, now: float) -> Waiting | None:
    """Return the last message sent to ``number`` (E.164) that is still worth hearing."""
    row = db.execute(_LAST, (number, now)).fetchone()
    if row is None or not (row["body"] or row["recording"]):
        return None
    return Waiting(
        row["entity_id"], row["entity"], row["broadcast_id"], row["recipient_id"], row["id"],
        Urgency(row["urgency"]), row["body"], bool(row["exercise"]), row["recording"],
        row["expires_at"],
    )  # fmt: skip


def begin(
    db: sqlite3.Connection, lane: str, caller: str, entity_id: int | None, now: float,
    outcome: str = Outcome.INTERRUPTED,
) -> int:  # fmt: skip
    """Write down that somebody rings; return the call's number.

    It counts as interrupted until `end`: a crash in mid-call tells itself.
    """
    cursor = db.execute(
        "INSERT INTO incoming_call(entity_id, at, lane, caller, outcome) VALUES (?,?,?,?,?)",
        (entity_id, now, lane, caller, outcome),
    )
    shown = masked(caller) if caller else ""
    events.record(
        db, now, "call.received", {"lane": lane, "caller": shown, "outcome": outcome},
        entity_id=entity_id,
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def end(
    db: sqlite3.Connection, call: int, outcome: str, seconds: float,
    waiting: Waiting | None,
) -> None:  # fmt: skip
    """Write down how a call that came in ended."""
    db.execute(
        "UPDATE incoming_call SET outcome = ?, seconds = ?, recipient_id = ? WHERE id = ?",
        (outcome, seconds, waiting.recipient_id if waiting else None, call),
    )


def settle(
    db: sqlite3.Connection, waiting: Waiting, address: str, lane: str, sim: str,
    outcome: Outcome, began: float, now: float, *, opted_out: bool = False,
) -> bool:  # fmt: skip
    """Let a call-back count as a call of ours would; return whether it changes anything.

    It is a job of its own: what is queued or under way for the same person is left to the plan.
    """
    if opted_out:
        answers.leave_alone(db, waiting.entity_id, Channel.VOICE, address, "touche 9", now)
    if outcome not in {Outcome.ACKNOWLEDGED, Outcome.LISTENED}:
        return False
    person = db.execute(
        "SELECT state, step FROM recipient WHERE id = ?", (waiting.recipient_id,)
    ).fetchone()
    if person is None or person["state"] == RecipientState.ACKNOWLEDGED:
        return False
    job_id = _insert(db, waiting, outcome, person["step"], now)
    db.execute(
        "INSERT INTO attempt(job_id, number, lane, sim, started_at, ended_at, result, detail)"
        " VALUES (?,1,?,?,?,?,?,'')",
        (job_id, lane, sim, began, now, outcome),
    )
    events.record(
        db, now, "attempt.ended",
        {"channel": Channel.VOICE, "state": JobState.DELIVERED, "outcome": outcome,
         "reason": Reason.CALLED_BACK, "detail": "", "attempt": 1},
        entity_id=waiting.entity_id, broadcast_id=waiting.broadcast_id,
        recipient_id=waiting.recipient_id, job_id=job_id,
    )  # fmt: skip
    progress.advance(db, waiting.recipient_id, now)
    return True


def _insert(
    db: sqlite3.Connection, waiting: Waiting, outcome: Outcome, step: int, now: float
) -> int:
    place = rank(waiting.urgency, Channel.VOICE, 0)
    cursor = db.execute(
        "INSERT INTO job(entity_id, broadcast_id, recipient_id, endpoint_id, channel, line,"
        " address, body, urgency, step, rank, state, outcome, reason, not_before, expires_at,"
        " attempts, ended_at, to_referent) SELECT entity_id, broadcast_id, recipient_id,"
        " endpoint_id, 'voice', line, address, body, urgency, ?, ?, 'delivered', ?, ?, ?,"
        " expires_at, 1, ?, to_referent FROM job WHERE id = ?",
        (step, place, outcome, Reason.CALLED_BACK, now, now, waiting.job_id),
    )
    return int(cursor.lastrowid or 0)


def alert_waits(
    db: sqlite3.Connection, channels: Sequence[Channel], since: float, now: float
) -> bool:
    """Tell whether an alert could leave by one of ``channels``, and could at ``since`` already."""
    row = db.execute(
        "SELECT 1 FROM job j JOIN broadcast b ON b.id = j.broadcast_id WHERE j.state = 'queued'"
        " AND j.urgency = 'vital' AND j.channel IN (SELECT value FROM json_each(?))"
        " AND j.not_before <= ?"
        " AND j.expires_at > ? AND b.state = 'sending' AND NOT EXISTS (SELECT 1 FROM job r"
        " WHERE r.state = 'running' AND r.channel = j.channel AND r.address = j.address) LIMIT 1",
        (json.dumps(channels), since, now),
    ).fetchone()
    return row is not None


def latest(db: sqlite3.Connection, entity_id: int, limit: int = 30) -> list[sqlite3.Row]:
    """Return the calls that came in last, with the name of whoever has that number."""
    return db.execute(
        "SELECT c.*, (SELECT trim(k.name || ' ' || k.given_name) FROM endpoint p JOIN contact k"
        "   ON k.id = p.contact_id WHERE p.entity_id = ? AND p.mark = c.caller"
        "   AND c.caller != '' AND k.reserved = 0 LIMIT 1) AS name"
        " FROM incoming_call c WHERE c.entity_id IS NULL OR c.entity_id = ?"
        " ORDER BY c.at DESC, c.id DESC LIMIT ?",
        (entity_id, entity_id, limit),
    ).fetchall()


# --- what was heard ----------------------------------------------------------------------


def keep_sound(
    db: sqlite3.Connection, name: str, entity_id: int | None, lane: str, number: str,
    seconds: float, now: float, *, incoming: bool,
) -> None:  # fmt: skip
    """Write down a sound whose file is already on the disk."""
    db.execute(
        "INSERT INTO received_sound(name, entity_id, at, lane, number, incoming, seconds)"
        " VALUES (?,?,?,?,?,?,?)",
        (name, entity_id, now, lane, number, incoming, seconds),
    )
    shown = {"lane": lane, "number": masked(number) if number else "", "seconds": round(seconds)}
    events.record(db, now, "sound.kept", shown, entity_id=entity_id)


def sounds_kept(db: sqlite3.Connection, entity_id: int, limit: int = 50) -> list[sqlite3.Row]:
    """Return the sounds kept for a town, newest first."""
    return db.execute(
        "SELECT * FROM received_sound WHERE entity_id = ? ORDER BY at DESC LIMIT ?",
        (entity_id, limit),
    ).fetchall()


def forget_sounds(db: sqlite3.Connection, before: float) -> list[str]:
    """Forget the sounds kept before a moment; return their names, for their files."""
    rows = db.execute("SELECT name FROM received_sound WHERE at < ?", (before,)).fetchall()
    db.execute("DELETE FROM received_sound WHERE at < ?", (before,))
    return [row["name"] for row in rows]
