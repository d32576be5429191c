"""The queue: claim a job, settle it, and put right what a stop left half done.

`claim` and `settle` are one transaction each. Claiming is the only way a job begins, settling the
only way it ends.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from gateway import kinds, rounds
from gateway.model import (
    Asks,
    Channel,
    JobState,
    Outcome,
    PartState,
    Reason,
    RecipientState,
    Urgency,
)
from gateway.policy import (
    ALARM_PATIENCE,
    ALARM_RANK,
    COUNTED,
    Settlement,
    next_try,
    resends_in_doubt,
)
from gateway.states import JOB_MOVES, move
from gateway.store import (
    answers,
    budgets,
    consent,
    council_words,
    events,
    fairness,
    fitting,
    mail,
    mail_returns,
    parts,
    progress,
    round_words,
    turns,
    windows,
)
from gateway.store.expiring import expire
from gateway.store.holding import Carrier


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job in somebody's hands: all that a channel needs, frozen."""

    id: int
    entity_id: int
    entity: str
    timezone: str
    broadcast_id: int
    recipient_id: int
    channel: Channel
    address: str
    subject: str
    body: str
    urgency: Urgency
    expires_at: float
    attempt_id: int
    attempt: int
    tries: int
    exercise: bool = False
    recording: str = ""
    language: str = "fr"
    overdue: bool = False  # a mail that no relay took in time
    doubted: bool = False  # it perhaps left before
    asks: Asks = Asks.HEARD


#: What a SIM may not do now; alerts and mail pass all of it, the box's own alarms all but the stop
#: of a SIM that its operator refuses.
_ALLOWED = """(j.urgency = 'vital' OR j.channel = 'email'
      OR (b.kind = :alarm AND NOT :stopped) OR (
        (:texts OR j.channel != 'sms') AND (:calls OR j.channel != 'voice')
        AND (NOT :ordinary OR b.any_sim)
        AND (NOT :known_only OR EXISTS (SELECT 1 FROM sim_recipient s
          WHERE s.month = :month AND s.sim = :sim AND s.address = j.address))))"""
#: Where little is left of a SIM's day or month: a routine text that would go over it waits.
_FITTING = f"(j.urgency = 'vital' OR b.kind = :alarm OR {fitting.FITS})"
#: Seconds the SIM that began a routine message has to go on with it: parts sent by two SIMs are
#: two messages, and a phone joins neither.
SIM_PATIENCE: Final = 30.0
#: Seconds the SIM that carries a number first has to do so, before any other may; none where it is
#: spent, stopped, or not allowed to.
ROUTE_PATIENCE: Final = 900.0

# + keeps the index of what waits by channel out: in the order of rank the first row found is it
_CLAIM = """UPDATE job SET state = 'running', lane = :lane, attempts = attempts + 1,
  held_reason = '' WHERE id = (
    SELECT j.id FROM job j JOIN broadcast b ON b.id = j.broadcast_id
    WHERE j.state = 'queued' AND +j.channel IN ({channels}) AND j.not_before <= :now
      AND j.expires_at > :now AND b.state = 'sending'
      AND (b.closes_at IS NULL OR b.closes_at > :now) AND {allowed}
      AND (NOT :scant OR j.urgency = 'vital'
        OR b.kind IN (SELECT value FROM json_each(:always)))
      {of_town} {late}
      AND NOT EXISTS (SELECT 1 FROM job r WHERE r.state = 'running'
        AND r.channel = j.channel AND r.address = j.address)
      AND (j.urgency = 'vital' OR j.not_before + {patience} <= :now OR NOT EXISTS (
        SELECT 1 FROM part p WHERE p.job_id = j.id AND p.sim != :sim
          AND p.state IN ('accepted', 'reported')))
      AND (j.urgency = 'vital' OR j.prefers_sim IN ('', :sim) OR j.not_before + {route} <= :now
        OR j.channel || ' ' || j.prefers_sim IN (SELECT value FROM json_each(:spent))
        OR (NOT b.any_sim AND j.prefers_sim IN (SELECT id FROM sim WHERE regime = 'ordinary')))
      AND (j.channel != 'email' OR lower(substr(j.address, instr(j.address, '@') + 1))
        NOT IN (SELECT value FROM json_each(:closed)))
    ORDER BY j.rank, j.id LIMIT 1)
  RETURNING *"""

_TEXT = """SELECT b.id, b.kind, b.exercise, b.recording, b.language, e.name, e.timezone,
    EXISTS (SELECT 1 FROM council m WHERE m.broadcast_id = coalesce(b.parent_id, b.id)
      AND b.kind IN ('council', 'reminder', 'recall')) AS council,
    coalesce(t.subject, b.title) AS subject, coalesce(t.body, '') AS body
  FROM broadcast b JOIN entity e ON e.id = b.entity_id
  LEFT JOIN broadcast_text t ON t.broadcast_id = b.id AND t.channel = ? WHERE b.id = ?"""


def claim(
    db: sqlite3.Connection, channels: Sequence[Channel], lane: str, sim: str, now: float,
    *, alerts_only: bool = False, regime: str = "automated", closed: Sequence[str] = (),
    scant: bool = False,
) -> ClaimedJob | None:  # fmt: skip
    """Give ``lane`` the job that goes first among those it can do, or None.

    ``closed`` are domains that get no mail now. Where room is ``scant`` only alerts leave, and what
    the box has to tell of itself.

    With ``alerts_only`` (a SIM that was stopped) its texts are alerts and nothing else; what its
    regime (``regime`` until the SIM is known) and its budget do not allow is left to others.
    """
    if not turns.anything_due(db, channels, now):
        return None
    marks = ",".join(f":c{index}" for index in range(len(channels)))
    values = {f"c{index}": str(channel) for index, channel in enumerate(channels)}
    may = budgets.allowance(db, sim, regime, now)
    allowed = _ALLOWED if may.room is None else f"({_ALLOWED} AND {_FITTING})"
    for turn in _turns(db, channels, lane, sim, may, now):
        rows = db.execute(
            _CLAIM.format(
                channels=marks, allowed=allowed, patience=SIM_PATIENCE, route=ROUTE_PATIENCE,
                of_town="AND j.entity_id = :town" if turn.town is not None else "",
                late="AND j.rank = :alarm_rank AND j.not_before <= :waited" if turn.alarm else "",
            ),
            {**values, "lane": lane, "now": now, "sim": sim, "month": may.month,
             "texts": may.texts and not alerts_only, "calls": may.calls, "room": may.room,
             "ordinary": may.ordinary, "known_only": turn.known_only, "town": turn.town,
             "closed": json.dumps(list(closed)), "spent": json.dumps(turn.spent), "scant": scant,
             "stopped": alerts_only, "alarm": kinds.ALARM, "always": json.dumps(kinds.ALWAYS),
             "alarm_rank": ALARM_RANK, "waited": now - ALARM_PATIENCE},
        ).fetchall()  # fmt: skip
        if rows:
            if turn.town is not None:
                fairness.served(db, turn.town, now)
            return _claimed(db, rows[0], lane, sim, now)
    return None


class _Turn(NamedTuple):
    """What is asked for at once: an alarm of the box that is late, or any job it says.

    ``spent``: what the SIMs awaited first carry no more; ``town``: None, any;
    ``known_only``: numbers that the SIM has served this month.
    """

    spent: Sequence[str] = ()
    town: int | None = None
    known_only: bool = False
    alarm: bool = False


def _turns(
    db: sqlite3.Connection, channels: Sequence[Channel], lane: str, sim: str,
    may: budgets.Allowance, now: float,
) -> Iterator[_Turn]:  # fmt: skip
    """Yield what to ask for, in order; each only where what goes before gave nothing."""
    if turns.alarm_is_late(db, lane, now):
        yield _Turn(alarm=True)
    towns = fairness.turns(db, channels, now)
    for spent in turns.spent(db, sim, now):
        for town, known_only in itertools.product(towns, may.recipients_first):
            yield _Turn(spent, town, known_only)


def _claimed(
    db: sqlite3.Connection, row: sqlite3.Row, lane: str, sim: str, now: float
) -> ClaimedJob:
    text = db.execute(_TEXT, (row["channel"], row["broadcast_id"])).fetchone()
    cursor = db.execute(
        "INSERT INTO attempt(job_id, number, lane, sim, started_at) VALUES (?,?,?,?,?)",
        (row["id"], row["attempts"], lane, sim, now),
    )
    if not row["to_referent"]:  # a call lasts for minutes: its person waits no more
        db.execute(
            "UPDATE recipient SET state = ?, changed_at = ? WHERE id = ? AND state = ?",
            (RecipientState.IN_PROGRESS, now, row["recipient_id"], RecipientState.PENDING),
        )
    return ClaimedJob(
        id=row["id"], entity_id=row["entity_id"], entity=text["name"], timezone=text["timezone"],
        broadcast_id=row["broadcast_id"], recipient_id=row["recipient_id"],
        channel=Channel(row["channel"]), address=row["address"], subject=text["subject"],
        body=row["body"] if row["body"] is not None else text["body"],
        urgency=Urgency(row["urgency"]), expires_at=row["expires_at"],
        attempt_id=int(cursor.lastrowid or 0), attempt=row["attempts"], tries=row["tries"],
        exercise=bool(text["exercise"]), recording=text["recording"],
        language=row["language"] or text["language"], overdue=row["overdue_at"] is not None,
        doubted=row["reason"] == Reason.RESENT_AFTER_DOUBT, asks=_asks(row, text),
    )  # fmt: skip


def _asks(row: sqlite3.Row, text: sqlite3.Row) -> Asks:
    if text["council"]:
        return Asks.PRESENCE
    if text["kind"] != rounds.KIND:
        return Asks.HEARD
    return Asks.VISIT if row["to_referent"] else Asks.WELL


def settle(
    db: sqlite3.Connection, job: ClaimedJob, settlement: Settlement, now: float,
    jitter: float = 0.0, *, last_sign: float | None = None,
) -> None:  # fmt: skip
    """End an attempt, and take the person's plan as far as it goes.

    One that a stop cut ended at the ``last_sign`` of life, as far as anybody can tell: hours in
    which the machine was off are no call.
    """
    db.execute(
        "UPDATE attempt SET ended_at = min(?, max(started_at, ?)), result = ?, detail = ?"
        " WHERE id = ?",
        (now, now if last_sign is None else last_sign,
         settlement.outcome or settlement.reason or settlement.state, settlement.detail,
         job.attempt_id),
    )  # fmt: skip
    if job.channel is Channel.VOICE:
        budgets.count_call(db, job.attempt_id, job.address, now)
    if settlement.opted_out:
        answers.leave_alone(db, job.entity_id, job.channel, job.address, "touche 9", now)
    tries = job.tries + (settlement.retry in COUNTED)
    made = tries if settlement.retry in COUNTED else job.attempt
    again = next_try(settlement, made, now, jitter)
    if again is not None and again < _expires_at(db, job) and not _against(db, job):
        _queue_again(db, job, settlement, tries, again)
    elif settlement.state is JobState.QUEUED:
        _end(db, job, _given_up(db, job, settlement, again), now)
    else:
        _end(db, job, settlement, now)
    events.record(
        db, now, "attempt.ended",
        {"channel": job.channel, "state": settlement.state, "outcome": settlement.outcome,
         "reason": settlement.reason, "detail": settlement.detail, "attempt": job.attempt},
        entity_id=job.entity_id, broadcast_id=job.broadcast_id, recipient_id=job.recipient_id,
        job_id=job.id,
    )  # fmt: skip
    if job.channel is Channel.SMS:
        parts.overtook(db, job.id, now)
    if job.channel is Channel.EMAIL:
        mail_returns.overtook(db, job.id, job.attempt_id, now)
    if settlement.state is JobState.DELIVERED:
        _heard_by_key(db, job, settlement.outcome, now)
    progress.advance(db, job.recipient_id, now)


def _heard_by_key(
    db: sqlite3.Connection, job: ClaimedJob, outcome: Outcome | None, now: float
) -> None:
    """Take down what a key said to whoever asked."""
    if job.asks is Asks.PRESENCE:
        council_words.by_key(db, job.broadcast_id, job.address, outcome, now)
    elif job.asks in {Asks.WELL, Asks.VISIT}:
        round_words.by_key(db, job.recipient_id, job.asks, outcome, now)


def _given_up(
    db: sqlite3.Connection, job: ClaimedJob, settlement: Settlement, again: float | None
) -> Settlement:
    """Return the end of a job that wanted another try and gets none."""
    if settlement.retry == "doubt":
        state = JobState.UNCERTAIN
    elif why := _against(db, job):
        return replace(settlement, state=JobState.CANCELLED, reason=why)
    else:
        state = JobState.EXPIRED if again is not None else JobState.FAILED
    return replace(settlement, state=state)


def _expires_at(db: sqlite3.Connection, job: ClaimedJob) -> float:
    """Return until when a job is worth sending by now: the clock may have leapt meanwhile."""
    row = db.execute("SELECT expires_at FROM job WHERE id = ?", (job.id,)).fetchone()
    return float(row["expires_at"])


def _against(db: sqlite3.Connection, job: ClaimedJob) -> Reason:
    """Return why a job is tried no more: not wanted, enough have answered, or somebody's no."""
    if _is_unwanted(db, job):
        return Reason.OPTED_OUT
    row = db.execute(
        "SELECT state, full_at FROM broadcast WHERE id = ?", (job.broadcast_id,)
    ).fetchone()
    if row["full_at"] is not None:
        return Reason.ENOUGH
    goes_on = row["state"] in {"sending", "paused", "closed"}
    return Reason.NONE if goes_on else Reason.BY_SOMEBODY


def _is_unwanted(db: sqlite3.Connection, job: ClaimedJob) -> bool:
    """Tell whether a STOP came while a job was in hand: it is not tried again."""
    row = db.execute(
        "SELECT b.kind, j.to_referent FROM job j JOIN broadcast b ON b.id = j.broadcast_id"
        " WHERE j.id = ?",
        (job.id,),
    ).fetchone()
    purpose = consent.purpose_of(job.urgency, row["kind"])
    owed = row["kind"] in consent.OWED or row["to_referent"]
    return not owed and consent.is_refused(db, job.entity_id, job.channel, job.address, purpose)


def _queue_again(
    db: sqlite3.Connection, job: ClaimedJob, settlement: Settlement, tries: int, again: float
) -> None:
    move(JOB_MOVES, JobState.RUNNING, JobState.QUEUED)
    again = windows.opens_for(db, job.broadcast_id, again)
    reason = Reason.RESENT_AFTER_DOUBT if settlement.retry == "doubt" else settlement.reason
    db.execute(
        "UPDATE job SET state = 'queued', not_before = ?, held_reason = ?, reason = ?, tries = ?,"
        " outcome = ?, lane = NULL WHERE id = ?",
        (again, Reason.TRY_AGAIN, reason, tries, settlement.outcome, job.id),
    )


def _end(db: sqlite3.Connection, job: ClaimedJob, settlement: Settlement, now: float) -> None:
    row = db.execute("SELECT state, reason FROM job WHERE id = ?", (job.id,)).fetchone()
    if row["state"] == JobState.DELIVERED:
        return  # the report overtook the modem's own answer
    move(JOB_MOVES, JobState(row["state"]), settlement.state)
    reason = settlement.reason
    if row["reason"] == Reason.RESENT_AFTER_DOUBT and not reason:
        reason = Reason.RESENT_AFTER_DOUBT  # the doubt stays visible, whatever came of it
    waits = settlement.state in {JobState.HANDED_OVER, JobState.UNCERTAIN}
    db.execute(
        "UPDATE job SET state = ?, outcome = ?, reason = ?, held_reason = '', lane = NULL,"
        " handed_over_at = CASE WHEN ? THEN ? ELSE handed_over_at END,"
        " ended_at = CASE WHEN ? THEN NULL ELSE ? END WHERE id = ?",
        (settlement.state, settlement.outcome, reason, waits, now, waits, now, job.id),
    )


def recover(db: sqlite3.Connection, now: float) -> int:
    """Settle what a crash left running; return how many jobs. Called before any lane starts."""
    rows = db.execute("SELECT id, channel, urgency FROM job WHERE state = 'running'").fetchall()
    last_sign = events.last_sign(db)
    for row in rows:
        job = as_claimed(db, row["id"])
        settle(db, job, _after_crash(db, job), now, last_sign=last_sign)
    return len(rows)


def as_claimed(db: sqlite3.Connection, job_id: int) -> ClaimedJob:
    """Return a job in its present attempt."""
    row = db.execute(
        "SELECT j.*, e.name, e.timezone, a.id AS attempt_id FROM job j"
        " JOIN entity e ON e.id = j.entity_id"
        " JOIN attempt a ON a.job_id = j.id AND a.number = j.attempts WHERE j.id = ?",
        (job_id,),
    ).fetchone()
    return ClaimedJob(
        id=row["id"], entity_id=row["entity_id"], entity=row["name"], timezone=row["timezone"],
        broadcast_id=row["broadcast_id"], recipient_id=row["recipient_id"],
        channel=Channel(row["channel"]), address=row["address"], subject="", body="",
        urgency=Urgency(row["urgency"]), expires_at=row["expires_at"],
        attempt_id=row["attempt_id"], attempt=row["attempts"], tries=row["tries"],
    )  # fmt: skip


def _after_crash(db: sqlite3.Connection, job: ClaimedJob) -> Settlement:
    if job.channel is Channel.VOICE:
        return Settlement(JobState.QUEUED, Outcome.INTERRUPTED, Reason.CALL_INTERRUPTED,
                          "the daemon stopped in mid-call", "ours", 0.0)  # fmt: skip
    if job.channel is Channel.EMAIL and mail.was_given(db, job.attempt_id):
        return in_doubt(job.urgency, Reason.RELAY_ANSWER_LOST)
    states = [
        PartState(row["state"])
        for row in db.execute("SELECT state FROM part WHERE job_id = ?", (job.id,))
    ]
    if job.channel is Channel.SMS and PartState.SUBMITTING in states:
        return in_doubt(job.urgency, Reason.STOPPED_MEANWHILE)
    if job.channel is Channel.SMS and states and PartState.PREPARED not in states:
        return Settlement(JobState.HANDED_OVER)
    return Settlement(JobState.QUEUED, None, Reason.STOPPED_MEANWHILE,
                      "the daemon stopped before it left", "ours", 0.0)  # fmt: skip


def in_doubt(urgency: Urgency, reason: Reason) -> Settlement:
    """Return how a message that perhaps left is settled: sent again if vital, else uncertain."""
    if resends_in_doubt(urgency):
        return Settlement(JobState.QUEUED, None, reason, parts.IN_DOUBT, "doubt", 0.0)
    return Settlement(JobState.UNCERTAIN, None, reason, parts.IN_DOUBT)


def sweep(db: sqlite3.Connection, now: float, lanes: Sequence[Carrier] | None = None) -> set[int]:
    """Expire what is too late and ask the plans whose waiting is over; return the broadcasts.

    ``lanes``: the modems as they are now, to say what was waited for in vain.
    """
    held = windows.close(db, now)
    windows.raise_the_oldest(db, now)
    late = expire(db, now, lanes)
    # what was handed over stays so for ever: nobody reported in the time there was
    db.execute(
        "UPDATE job SET reason = ?, ended_at = ? WHERE expires_at <= ? AND ended_at IS NULL"
        " AND state = 'handed_over'",
        (Reason.NO_REPORT, now, now),
    )
    due = db.execute(
        "SELECT id, broadcast_id FROM recipient WHERE closed_at IS NULL AND look_again_at <= ?"
        " LIMIT 500",
        (now,),
    ).fetchall()
    people = {row["recipient_id"]: row["broadcast_id"] for row in late}
    people |= {row["id"]: row["broadcast_id"] for row in due}
    for recipient_id in people:
        progress.advance(db, recipient_id, now)
    return held | set(people.values())


def next_wake(db: sqlite3.Connection, now: float, *, planned: bool = True) -> float | None:
    """Return the next moment something falls due by itself, or None.

    ``planned``: what was planned for an hour may leave then.
    """
    row = db.execute(
        "SELECT min(t) AS t FROM ("
        " SELECT min((SELECT min(not_before) FROM job WHERE state = 'queued'"
        "  AND channel = c.value AND not_before > :now)) AS t FROM json_each(:channels) c"
        " UNION ALL SELECT min(expires_at) FROM job WHERE state = 'queued'"
        " UNION ALL SELECT min(closes_at) FROM broadcast WHERE closes_at IS NOT NULL"
        "  AND state IN ('sending', 'paused')"
        " UNION ALL SELECT min(starts_at) FROM broadcast WHERE state = 'scheduled' AND :planned"
        " UNION ALL SELECT min(next_at) FROM series WHERE ended_at IS NULL AND :planned"
        " UNION ALL SELECT min(look_again_at) FROM recipient WHERE closed_at IS NULL)",
        {"now": now, "planned": planned, "channels": json.dumps(list(Channel))},
    ).fetchone()
    return None if row["t"] is None else float(row["t"])


def queue_lengths(db: sqlite3.Connection) -> dict[str, int]:
    """Return how many jobs of each channel wait."""
    rows = db.execute(
        "SELECT channel, count(*) AS jobs FROM job WHERE state = 'queued' GROUP BY channel"
    )
    return {row["channel"]: int(row["jobs"]) for row in rows}


def recent(db: sqlite3.Connection, since: float, now: float) -> dict[tuple[str, str], int]:
    """Return how many jobs, by channel and state, the messages begun in this span have."""
    rows = db.execute(
        "SELECT j.channel, j.state, count(*) AS jobs FROM broadcast b"
        " JOIN job j ON j.broadcast_id = b.id WHERE b.starts_at > ? AND b.starts_at <= ?"
        " GROUP BY j.channel, j.state",
        (since, now),
    )
    return {(row["channel"], row["state"]): int(row["jobs"]) for row in rows}


def recent_seconds(db: sqlite3.Connection, channel: Channel, limit: int = 50) -> list[float]:
    """Return how long (seconds) the latest calls or mails took, or each part of the latest SMS."""
    rows = db.execute(
        "SELECT (a.ended_at - a.started_at) / max(1, (SELECT count(*) FROM part p WHERE"
        " p.job_id = j.id AND p.sim = a.sim)) AS seconds FROM attempt a"
        " JOIN job j ON j.id = a.job_id WHERE j.channel = ? AND a.ended_at IS NOT NULL"
        " AND j.state != 'queued' ORDER BY a.id DESC LIMIT ?",
        (channel, limit),
    )
    return [float(row["seconds"]) for row in rows]


def vital_waiting(db: sqlite3.Connection, channel: Channel, now: float) -> bool:
    """Tell whether an alert waits for this channel at this moment."""
    row = db.execute(
        "SELECT 1 FROM job WHERE state = 'queued' AND urgency = 'vital' AND channel = ?"
        " AND not_before <= ? LIMIT 1",
        (channel, now),
    ).fetchone()
    return row is not None
