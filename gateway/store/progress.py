"""From what became of the jobs to what the person lived, and to what comes next, in one place.

Called inside the transaction that changed a job, so that no crash can leave a person behind.
"""

from __future__ import annotations

import sqlite3

from gateway import plan as plans
from gateway.lived import lived
from gateway.model import (
    Address,
    BroadcastState,
    Channel,
    JobFact,
    JobState,
    Line,
    Outcome,
    Reason,
    RecipientState,
    Urgency,
)
from gateway.policy import rank
from gateway.states import BROADCAST_MOVES, JOB_MOVES, move
from gateway.store import events


def facts(db: sqlite3.Connection, recipient_id: int) -> list[JobFact]:
    """Return a person's jobs as policy sees them."""
    rows = db.execute("SELECT * FROM job WHERE recipient_id = ? ORDER BY id", (recipient_id,))
    return [
        JobFact(
            id=row["id"],
            channel=Channel(row["channel"]),
            step=row["step"],
            state=JobState(row["state"]),
            outcome=Outcome(row["outcome"]) if row["outcome"] else None,
            reason=Reason(row["reason"] or row["held_reason"]),
            attempts=row["attempts"],
            handed_over_at=row["handed_over_at"],
            ended_at=row["ended_at"],
            address=row["address"],
            line=Line(row["line"]),
            endpoint_id=row["endpoint_id"],
        )
        for row in rows
    ]


def advance(db: sqlite3.Connection, recipient_id: int, now: float) -> None:
    """Take a person's plan as far as it goes now, and write down what they lived."""
    person = db.execute(
        "SELECT r.*, b.plan, b.urgency, b.expires_at FROM recipient r"
        " JOIN broadcast b ON b.id = r.broadcast_id WHERE r.id = ?",
        (recipient_id,),
    ).fetchone()
    plan = plans.from_json(person["plan"])
    jobs = facts(db, recipient_id)
    decision = plans.decide(plan, person["step"], jobs, now)
    while decision.launch and decision.not_before >= person["expires_at"]:
        decision = plans.decide(plan, decision.step, jobs, now)  # too late for that step
    closed_at = person["closed_at"]
    if decision.withdraw:
        _withdraw(db, jobs, now)
    if closed_at is None and decision.launch:
        _launch(db, person, decision, now)
    elif closed_at is None and decision.close:
        closed_at = now
    jobs = facts(db, recipient_id)
    state, reason = lived(jobs, now, plan.report_wait)
    _write(db, person, decision, state, reason, closed_at, now)
    if closed_at is not None and person["closed_at"] is None:
        close_if_done(db, person["broadcast_id"], now)


def _write(
    db: sqlite3.Connection,
    person: sqlite3.Row,
    decision: plans.Decision,
    state: RecipientState,
    reason: Reason,
    closed_at: float | None,
    now: float,
) -> None:
    changed = state != person["state"] or reason != person["reason"]
    db.execute(
        "UPDATE recipient SET state = ?, reason = ?, step = ?, look_again_at = ?, closed_at = ?,"
        " changed_at = CASE WHEN ? THEN ? ELSE changed_at END WHERE id = ?",
        (state, reason, decision.step, decision.look_again, closed_at, changed, now, person["id"]),
    )
    if state != person["state"]:
        events.record(
            db, now, "recipient.state", {"from": person["state"], "to": state, "reason": reason},
            entity_id=person["entity_id"], broadcast_id=person["broadcast_id"],
            recipient_id=person["id"],
        )  # fmt: skip


def _withdraw(db: sqlite3.Connection, jobs: list[JobFact], now: float) -> None:
    for job in jobs:
        if job.state is JobState.QUEUED:
            move(JOB_MOVES, job.state, JobState.CANCELLED)
            db.execute(
                "UPDATE job SET state = 'cancelled', reason = ?, ended_at = ? WHERE id = ?",
                (Reason.ALREADY_REACHED, now, job.id),
            )


def _launch(
    db: sqlite3.Connection, person: sqlite3.Row, decision: plans.Decision, now: float
) -> None:
    for channel, address in decision.launch:
        insert_job(
            db, person["entity_id"], person["broadcast_id"], person["id"], channel, address,
            Urgency(person["urgency"]), decision.step, max(decision.not_before, now),
            person["expires_at"], None, Reason.PAUSE_BETWEEN_CALLS,
        )  # fmt: skip


def insert_job(
    db: sqlite3.Connection,
    entity_id: int,
    broadcast_id: int,
    recipient_id: int,
    channel: Channel,
    address: Address,
    urgency: Urgency,
    step: int,
    not_before: float,
    expires_at: float,
    body: str | None,
    held_reason: Reason = Reason.NONE,
    *,
    only_way: bool = False,
) -> None:
    """Queue one text to one endpoint by one channel."""
    db.execute(
        "INSERT INTO job(entity_id, broadcast_id, recipient_id, endpoint_id, channel, line,"
        " address, body, urgency, step, rank, state, not_before, held_reason, expires_at)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,'queued',?,?,?)",
        (
            entity_id, broadcast_id, recipient_id, address.endpoint_id, channel, address.line,
            address.value, body, urgency, step,
            rank(urgency, channel, step, only_way=only_way), not_before,
            held_reason, expires_at,
        ),
    )  # fmt: skip


def close_if_done(db: sqlite3.Connection, broadcast_id: int, now: float) -> bool:
    """End a broadcast none of whose people are still waited for; tell whether it ended now."""
    row = db.execute(
        "SELECT state, entity_id, closed_at, (SELECT count(*) FROM recipient"
        " WHERE broadcast_id = b.id AND closed_at IS NULL) AS waiting FROM broadcast b"
        " WHERE id = ?",
        (broadcast_id,),
    ).fetchone()
    if row["waiting"] or row["closed_at"] is not None:
        return False
    state = BroadcastState(row["state"])
    if state is not BroadcastState.CANCELLED:  # which stays its last word
        state = move(BROADCAST_MOVES, state, BroadcastState.CLOSED)
    db.execute(
        "UPDATE broadcast SET state = ?, closed_at = ? WHERE id = ?", (state, now, broadcast_id)
    )
    events.record(
        db, now, "broadcast.closed", {}, entity_id=row["entity_id"], broadcast_id=broadcast_id
    )
    return True
