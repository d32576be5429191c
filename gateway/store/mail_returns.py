"""What came back for mails: taken once, and what it changes for the person."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway.mail.returns import Kind, Return
from gateway.model import Channel, JobState, Outcome, Reason
from gateway.states import JOB_MOVES, move
from gateway.store import answers, council_words, events, progress

#: What a return makes of the job: its state, call outcome and reason. No entry: only noted.
_MAKES: Final = {
    Kind.BOUNCED: (JobState.FAILED, None, Reason.BOUNCED),
    Kind.DELIVERED: (JobState.HANDED_OVER, None, Reason.IN_MAILBOX),
    Kind.READ: (JobState.DELIVERED, None, Reason.MAIL_READ),
    Kind.ANSWERED: (JobState.DELIVERED, Outcome.ACKNOWLEDGED, Reason.MAIL_ANSWERED),
}
#: A bounce or a delivery says nothing new of a mail in one of the other states.
_OPEN: Final = frozenset({JobState.HANDED_OVER, JobState.UNCERTAIN})


def take(db: sqlite3.Connection, returned: Return, now: float) -> int | None:
    """Note what came back; return the broadcast it is about, None where the mail is forgotten."""
    mark = returned.mark
    job = db.execute(
        "SELECT * FROM job WHERE id = ? AND recipient_id = ? AND broadcast_id = ?"
        " AND channel = 'email'",
        (mark.job, mark.recipient, mark.broadcast),
    ).fetchone()
    if job is None:
        return None
    db.execute(
        "INSERT INTO mail_return(job_id, kind, said, at) VALUES (?,?,?,?)",
        (job["id"], returned.kind, returned.said, now),
    )
    events.record(
        db, now, "mail.returned", {"kind": returned.kind},
        entity_id=job["entity_id"], broadcast_id=job["broadcast_id"],
        recipient_id=job["recipient_id"], job_id=job["id"],
    )  # fmt: skip
    if returned.kind is Kind.STOP:
        answers.leave_alone(
            db, job["entity_id"], Channel.EMAIL, job["address"], "STOP par courriel", now
        )
    if returned.kind is Kind.ANSWERED:
        council_words.by_mail(
            db, job["broadcast_id"], job["address"], returned.first, returned.said, now
        )
    made = _MAKES.get(returned.kind)
    if made is not None and _is_news(job, made[0]):
        _settle(db, job, made, now)
    return int(job["broadcast_id"])


def overtook(db: sqlite3.Connection, job_id: int, attempt_id: int, now: float) -> None:
    """Let count what came back while a mail was in hand, before the relay's own answer."""
    rows = db.execute(
        "SELECT r.kind FROM mail_return r JOIN attempt a ON a.id = ? WHERE r.job_id = ?"
        " AND r.at >= a.started_at ORDER BY r.id",
        (attempt_id, job_id),
    ).fetchall()
    for row in rows:
        job = db.execute("SELECT * FROM job WHERE id = ?", (job_id,)).fetchone()
        made = _MAKES.get(Kind(row["kind"]))
        if made is not None and _is_news(job, made[0]):
            _settle(db, job, made, now)


def _is_news(job: sqlite3.Row, state: JobState) -> bool:
    old = JobState(job["state"])
    if state is JobState.DELIVERED:
        return old is not JobState.RUNNING and job["outcome"] is None
    return old in _OPEN


def _settle(
    db: sqlite3.Connection, job: sqlite3.Row, made: tuple[JobState, Outcome | None, Reason],
    now: float,
) -> None:  # fmt: skip
    state, outcome, reason = made
    old = JobState(job["state"])
    if old is JobState.QUEUED:  # about to be sent again in a doubt that this settles
        old = move(JOB_MOVES, old, JobState.RUNNING)
    move(JOB_MOVES, old, state)
    over = state is not JobState.HANDED_OVER
    db.execute(
        "UPDATE job SET state = ?, outcome = ?, reason = ?, held_reason = '',"
        " ended_at = CASE WHEN ? THEN ? ELSE ended_at END WHERE id = ?",
        (state, outcome, reason, over, now, job["id"]),
    )
    progress.advance(db, job["recipient_id"], now)


def seen(db: sqlite3.Connection, mailbox: str) -> tuple[int, int] | None:
    """Return UIDVALIDITY and the last UID taken of a mailbox, None before its first visit."""
    row = db.execute(
        "SELECT validity, uid FROM mailbox_seen WHERE mailbox = ?", (mailbox,)
    ).fetchone()
    return (int(row["validity"]), int(row["uid"])) if row else None


def see(db: sqlite3.Connection, mailbox: str, validity: int, uid: int, now: float) -> None:
    """Write down up to which mail a mailbox was looked at."""
    db.execute(
        "INSERT INTO mailbox_seen(mailbox, validity, uid, at) VALUES (?,?,?,?)"
        " ON CONFLICT DO UPDATE SET validity = excluded.validity, uid = excluded.uid,"
        " at = excluded.at",
        (mailbox, validity, uid, now),
    )
