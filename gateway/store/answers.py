"""A reply by SMS settles what it is about: equal to a key pressed in a call."""

from __future__ import annotations

import json
import secrets
import sqlite3
from typing import Final

from gateway.model import Channel, JobState, Outcome, Purpose, Reason, Urgency
from gateway.states import JOB_MOVES, move
from gateway.store import consent, events, progress

#: What somebody who answers says of themselves.
GIVEN: Final = frozenset({Outcome.ACKNOWLEDGED, Outcome.DECLINED})


def settle(db: sqlite3.Connection, job_id: int, outcome: Outcome, now: float) -> bool | None:
    """Write an answer to a job's message down; the last word counts.

    Return whether it changes anything, None while the job is under way: ask again later.
    """
    job = db.execute("SELECT * FROM job WHERE id = ?", (job_id,)).fetchone()
    if job["state"] == JobState.RUNNING:
        return None
    if job["outcome"] == outcome:
        return False
    old = JobState(job["state"])
    if old is JobState.QUEUED:  # about to be sent again in a doubt that this settles
        old = move(JOB_MOVES, old, JobState.RUNNING)
    move(JOB_MOVES, old, JobState.DELIVERED)
    db.execute(
        "UPDATE job SET outcome = ? WHERE recipient_id = ? AND to_referent = ? AND outcome IN"
        " ('acknowledged', 'declined') AND id != ?",
        (outcome, job["recipient_id"], job["to_referent"], job_id),
    )
    db.execute(
        "UPDATE job SET state = 'delivered', outcome = ?, reason = ?, held_reason = '',"
        " ended_at = ? WHERE id = ?",
        (outcome, Reason.SMS_ANSWERED, now, job_id),
    )
    events.record(
        db, now, "sms.answered", {"outcome": outcome}, entity_id=job["entity_id"],
        broadcast_id=job["broadcast_id"], recipient_id=job["recipient_id"], job_id=job_id,
    )  # fmt: skip
    progress.advance(db, job["recipient_id"], now)
    return True


def code_of(db: sqlite3.Connection, broadcast_id: int, now: float) -> str:
    """Return the four digits that name a message in a reply, made at the first asking."""
    row = db.execute(
        "SELECT code FROM broadcast_code WHERE broadcast_id = ?", (broadcast_id,)
    ).fetchone()
    if row:
        return str(row["code"])
    while True:
        code = f"{secrets.randbelow(9_000) + 1_000}"
        if not is_taken(db, code, now):
            db.execute("INSERT INTO broadcast_code VALUES (?,?)", (broadcast_id, code))
            return code


def is_taken(db: sqlite3.Connection, code: str, now: float) -> bool:
    """Tell whether four digits already name something that waits for an answer."""
    row = db.execute(
        "SELECT 1 FROM broadcast_code c JOIN broadcast b ON b.id = c.broadcast_id"
        " WHERE c.code = :code AND b.expires_at > :now - 604800"
        " UNION ALL SELECT 1 FROM question WHERE code = :code AND expires_at > :now"
        " UNION ALL SELECT 1 FROM stop_asked WHERE code = :code AND expires_at > :now"
        " UNION ALL SELECT 1 FROM enrolment WHERE code = :code AND asked_at > :now - 86400 LIMIT 1",
        {"code": code, "now": now},
    ).fetchone()
    return row is not None


# --- a STOP to the alerts -------------------------------------------------------------------

#: A STOP to the alerts waits so long (seconds) for its confirmation.
STOP_LIFE: Final = 86400.0


def ask_stop(
    db: sqlite3.Connection, number: str, entity_id: int, said: str, now: float
) -> tuple[str, bool]:
    """Ask whoever wrote STOP to the alerts for their word; return the code, and if it is new."""
    row = db.execute(
        "SELECT code FROM stop_asked WHERE number = ? AND entity_id = ? AND expires_at > ?",
        (number, entity_id, now),
    ).fetchone()
    if row:
        return str(row["code"]), False
    while is_taken(db, code := f"{secrets.randbelow(9_000) + 1_000}", now):
        pass
    db.execute(
        "INSERT OR REPLACE INTO stop_asked VALUES (?,?,?,?,?,?)",
        (number, entity_id, code, said, now, now + STOP_LIFE),
    )
    return code, True


def stop_confirmed(
    db: sqlite3.Connection, number: str, code: str, now: float
) -> sqlite3.Row | None:
    """Take the confirmation of a STOP; return what was asked, once."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM stop_asked WHERE number = ? AND code = ? AND expires_at > ?",
        (number, code, now),
    ).fetchone()
    if row is not None:
        db.execute(
            "DELETE FROM stop_asked WHERE number = ? AND entity_id = ?", (number, row["entity_id"])
        )
    return row


def leave_alone(
    db: sqlite3.Connection, entity_id: int, channel: Channel, address: str, source: str, now: float
) -> None:
    """Honour a no to all that is routine by one way, in what is queued already too."""
    consent.no_more_routine(db, entity_id, channel, address, source, now)
    withdraw_queued(db, entity_id, address, frozenset(consent.ROUTINE), now, channel)


def withdraw_queued(
    db: sqlite3.Connection, entity_id: int, address: str, purposes: frozenset[Purpose], now: float,
    channel: Channel | None = None,
) -> list[int]:  # fmt: skip
    """Take back what is queued for an address that wants it no more; return the broadcasts.

    By every way, or by ``channel`` alone.
    """
    rows = db.execute(
        "SELECT j.id, j.recipient_id, j.broadcast_id, j.urgency, b.kind FROM job j JOIN broadcast b"
        " ON b.id = j.broadcast_id WHERE j.address = ? AND j.entity_id = ? AND j.state = 'queued'"
        " AND j.to_referent = 0 AND ? IN ('', j.channel)"
        " AND b.kind NOT IN (SELECT value FROM json_each(?))",
        (address, entity_id, channel or "", json.dumps(sorted(consent.OWED))),
    ).fetchall()
    touched = []
    for row in rows:
        if consent.purpose_of(Urgency(row["urgency"]), row["kind"]) not in purposes:
            continue
        job = [one for one in progress.facts(db, row["recipient_id"], now) if one.id == row["id"]]
        progress.withdraw(db, job, frozenset(Channel), Reason.OPTED_OUT, now)
        progress.advance(db, row["recipient_id"], now)
        touched.append(int(row["broadcast_id"]))
    return touched
