"""From what became of the jobs to what the person lived, and to what comes next, in one place.

Called inside the transaction that changed a job, so that no crash can leave a person behind.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from gateway import hours as opening_hours
from gateway import plan as plans
from gateway import referent, rounds
from gateway.calendar import holidays_of
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
from gateway.store import consent, events, register, round_words, routes, waiting

#: Said where a telephone tells what a mail was to say, the internet being cut.
MAIL_FOLLOWS: Final = "\nInternet est coupé : le courriel suivra."
#: Texts a network must have taken, without one receipt, to be one that gives none.
SILENT_AFTER: Final = 5


_UNDER_WAY: Final = frozenset({JobState.QUEUED, JobState.RUNNING})


class NewJob(NamedTuple):
    """One text to one endpoint by one channel, before it is queued; times since 1970.

    ``calls``: how many this person has had already in this broadcast.
    """

    entity_id: int
    broadcast_id: int
    recipient_id: int
    channel: Channel
    address: Address
    urgency: Urgency
    step: int
    not_before: float
    expires_at: float
    body: str | None = None
    held_reason: Reason = Reason.NONE
    only_way: bool = False
    to_referent: bool = False
    calls: int = 0
    language: str = ""  # of this text, where it is not the message's
    alarm: bool = False  # of the box itself


_FACTS: Final = """SELECT j.*, coalesce((SELECT s.reports_seen > 0 OR s.accepted < :few
    FROM sim s JOIN attempt a ON a.sim = s.id
    WHERE a.job_id = j.id AND a.number = j.attempts), 1) AS receipts
  FROM job j WHERE j.recipient_id = :recipient ORDER BY j.id"""


def facts(db: sqlite3.Connection, recipient_id: int, now: float) -> list[JobFact]:
    """Return a person's jobs as policy sees them at this moment."""
    rows = db.execute(_FACTS, {"recipient": recipient_id, "few": SILENT_AFTER})
    return [
        JobFact(
            id=row["id"],
            channel=Channel(row["channel"]),
            step=row["step"],
            state=JobState(row["state"]),
            outcome=Outcome(row["outcome"]) if row["outcome"] else None,
            reason=waiting.reason_of(row, now),
            attempts=row["attempts"],
            handed_over_at=row["handed_over_at"],
            ended_at=row["ended_at"],
            address=row["address"],
            line=Line(row["line"]),
            endpoint_id=row["endpoint_id"],
            to_referent=bool(row["to_referent"]),
            receipts=bool(row["receipts"]),
            overdue=row["overdue_at"] is not None and row["state"] in ("queued", "running"),
        )
        for row in rows
    ]


_PERSON: Final = """SELECT r.*, b.plan, b.kind, b.urgency, b.expires_at, b.hours,
    b.state AS broadcast_state, e.name AS town, e.timezone
  FROM recipient r JOIN broadcast b ON b.id = r.broadcast_id JOIN entity e ON e.id = r.entity_id
  WHERE r.id = ?"""


def advance(db: sqlite3.Connection, recipient_id: int, now: float) -> None:
    """Take a person's plan as far as it goes now, and write down what they lived."""
    person = db.execute(_PERSON, (recipient_id,)).fetchone()
    plan = plans.from_json(person["plan"])
    if person["broadcast_state"] == BroadcastState.CANCELLED:
        plan = replace(plan, steps=plan.steps[:1])  # what is under way ends, nothing follows
    jobs = facts(db, recipient_id, now)
    decision = _decide(db, person, plan, jobs, now)
    closed_at = person["closed_at"]
    if decision.withdraw and withdraw(db, jobs, decision.withdraw, Reason.ALREADY_REACHED, now):
        # with that gone there may be nothing left to wait for, and nobody would ask again
        jobs = facts(db, recipient_id, now)
        decision = _decide(db, person, plan, jobs, now)
    if closed_at is None and decision.launch:
        _launch(db, person, decision, jobs, now)
    elif closed_at is None and decision.close:
        closed_at = now
    jobs = facts(db, recipient_id, now)
    # nobody would ask again of somebody whose plan had ended: a report that may come is not awaited
    wait = plan.report_wait if person["closed_at"] is None else 0.0
    state, reason = lived(jobs, now, wait)
    if person["told_at"] is not None:
        state, reason = RecipientState.TOLD_IN_PERSON, Reason.IN_PERSON
    _write(db, person, decision, state, reason, closed_at, now)
    unreached = (
        closed_at is not None and person["closed_at"] is None and state not in plans.reached(plan)
    )
    if unreached or decision.launch:
        _wake_who_shares(db, person, jobs, now)
    if state is RecipientState.ACKNOWLEDGED and plan.enough:
        _end_when_enough(db, person, plan, now)
    if closed_at is not None and person["closed_at"] is None:
        close_if_done(db, person["broadcast_id"], now)


def _wake_who_shares(
    db: sqlite3.Connection, person: sqlite3.Row, jobs: list[JobFact], now: float
) -> None:
    """Go on with those left out because they share an endpoint with somebody not reached there.

    One text to the telephone of a couple is enough as long as it arrives. Whoever has no other way
    stays left out, and whoever their plan would leave in peace had that text been to them alone:
    where nobody can know that it arrived, it is not doubted for one of the two.
    """
    ended = [job for job in jobs if not job.to_referent and job.state not in _UNDER_WAY]
    used = json.dumps([job.address for job in jobs if not job.to_referent])
    rows = db.execute(
        "SELECT r.id FROM main.endpoint e CROSS JOIN recipient r ON r.contact_id = e.contact_id"
        " WHERE e.entity_id = ?1 AND e.address IN (SELECT value FROM json_each(?2) UNION"
        " SELECT register_mark(value) FROM json_each(?2)) AND r.broadcast_id = ?3"
        " AND r.state = 'excluded' AND r.reason = ?4 GROUP BY r.id ORDER BY r.id",
        (person["entity_id"], used, person["broadcast_id"], Reason.DUPLICATE),
    ).fetchall()
    for row in rows:
        twin = db.execute(_PERSON, (row["id"],)).fetchone()
        theirs = {one.value for one in addresses_of(db, twin["contact_id"])}
        shared = [job for job in ended if job.address in theirs]
        if _decide(db, twin, plans.from_json(twin["plan"]), shared, now).launch:
            db.execute("UPDATE recipient SET closed_at = NULL WHERE id = ?", (twin["id"],))
            advance(db, twin["id"], now)


def _decide(
    db: sqlite3.Connection, person: sqlite3.Row, plan: plans.Plan, jobs: list[JobFact], now: float
) -> plans.Decision:
    """Ask the plan; a step that would come too late, or has nobody left to ask, is passed over."""
    step = person["step"]
    if person["told_at"] is not None:
        return plans.Decision(step, withdraw=frozenset(Channel), close=True)
    ways = _ways(db, person, plan, jobs)
    while True:
        decision = plans.decide(plan, step, jobs, now, ways)
        if not decision.launch:
            return decision
        fresh = tuple(one for one in decision.launch if _is_free(db, person, one))
        begins = _opens(person, max(decision.not_before, now))
        if fresh and begins < person["expires_at"]:
            return replace(decision, launch=fresh, not_before=begins)
        step = decision.step


def _opens(person: sqlite3.Row, at: float) -> float:
    if not person["hours"]:
        return at
    known = opening_hours.from_json(person["hours"])
    return opening_hours.next_open(known, person["timezone"], at, holidays_of(person["timezone"]))


def _is_free(db: sqlite3.Connection, person: sqlite3.Row, one: plans.Launch) -> bool:
    """Tell whether nobody else of this broadcast is reached there, and they did not opt out.

    A referent may look after several, and has a text for each.
    """
    purpose = consent.purpose_of(Urgency(person["urgency"]), person["kind"])
    if consent.is_refused(db, person["entity_id"], one.channel, one.address.value, purpose):
        return False
    if one.to_referent:
        return True
    other = db.execute(
        "SELECT 1 FROM job WHERE address = ? AND broadcast_id = ? AND channel = ?"
        " AND recipient_id != ? LIMIT 1",
        (one.address.value, person["broadcast_id"], one.channel, person["id"]),
    ).fetchone()
    return other is None


def _ways(
    db: sqlite3.Connection, person: sqlite3.Row, plan: plans.Plan, jobs: list[JobFact]
) -> plans.Ways:
    """Return a person's addresses, where a step to come may ask for them."""
    coming = {step.whom for step in plan.steps[person["step"] + 1 :]}
    if not coming - {plans.Whom.SAME}:
        return plans.Ways()
    own = addresses_of(db, person["contact_id"])
    if not own:
        own = tuple(
            Address(job.endpoint_id, job.line, job.address)
            for job in jobs if job.line is not None and not job.to_referent
        )  # fmt: skip
    if plans.Whom.REFERENT not in coming:
        return plans.Ways(own)
    row = db.execute(
        "SELECT referent_id FROM contact WHERE id = ?", (person["contact_id"],)
    ).fetchone()
    return plans.Ways(own, addresses_of(db, row["referent_id"] if row else None))


def addresses_of(db: sqlite3.Connection, contact_id: int | None) -> tuple[Address, ...]:
    """Return a contact's addresses in their order, none for nobody."""
    if contact_id is None:
        return ()
    rows = db.execute(
        "SELECT id, line, address FROM endpoint WHERE contact_id = ? AND address != ''"
        " ORDER BY position",
        (contact_id,),
    )
    return tuple(Address(row["id"], Line(row["line"]), row["address"]) for row in rows)


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


def withdraw(
    db: sqlite3.Connection, jobs: list[JobFact], channels: frozenset[Channel], why: Reason,
    now: float,
) -> int:  # fmt: skip
    """Cancel what is queued of ``jobs`` by ``channels``; return how many that were."""
    queued = [job for job in jobs if job.state is JobState.QUEUED and job.channel in channels]
    for job in queued:
        move(JOB_MOVES, job.state, JobState.CANCELLED)
        db.execute(
            "UPDATE job SET state = 'cancelled', reason = ?, ended_at = ? WHERE id = ?",
            (why, now, job.id),
        )
    return len(queued)


def _end_when_enough(
    db: sqlite3.Connection, person: sqlite3.Row, plan: plans.Plan, now: float
) -> None:
    """Withdraw what is queued for all others once as many have confirmed as were wanted."""
    broadcast_id = person["broadcast_id"]
    row = db.execute(
        "SELECT count(*) FROM recipient WHERE broadcast_id = ? AND state = 'acknowledged'",
        (broadcast_id,),
    ).fetchone()
    if row[0] < plan.enough:
        return
    ended = plans.to_json(replace(plan, steps=plan.steps[:1]))
    db.execute(
        "UPDATE broadcast SET plan = ?, full_at = coalesce(full_at, ?) WHERE id = ?",
        (ended, now, broadcast_id),
    )
    others = db.execute(
        "SELECT id FROM recipient WHERE broadcast_id = ? AND closed_at IS NULL AND id != ?",
        (broadcast_id, person["id"]),
    ).fetchall()
    for other in others:
        withdraw(db, facts(db, other["id"], now), frozenset(Channel), Reason.ENOUGH, now)
        advance(db, other["id"], now)


def broadcast_of(db: sqlite3.Connection, entity_id: int, recipient_id: int) -> int | None:
    """Return which broadcast of this town a recipient belongs to, None if to none."""
    row = db.execute(
        "SELECT broadcast_id FROM recipient WHERE id = ? AND entity_id = ?",
        (recipient_id, entity_id),
    ).fetchone()
    return int(row["broadcast_id"]) if row else None


def told_in_person(
    db: sqlite3.Connection, recipient_id: int, by: str, now: float, *, noted_by: str = ""
) -> None:
    """Write down that somebody told this person face to face; nothing queued leaves any more.

    ``noted_by``: who says so, where that is somebody else.
    """
    told = db.execute(
        "UPDATE recipient SET told_at = ?, told_by = ? WHERE id = ? AND told_at IS NULL"
        " RETURNING entity_id, broadcast_id",
        (now, by, recipient_id),
    ).fetchall()
    for row in told:
        events.record(
            db, now, "recipient.told", {"by": noted_by or by, "teller": by},
            entity_id=row["entity_id"], broadcast_id=row["broadcast_id"], recipient_id=recipient_id,
        )  # fmt: skip
    advance(db, recipient_id, now)


def _launch(
    db: sqlite3.Connection, person: sqlite3.Row, decision: plans.Decision, jobs: list[JobFact],
    now: float,
) -> None:  # fmt: skip
    calls = sum(job.channel is Channel.VOICE and not job.to_referent for job in jobs)
    written = not jobs or not all(job.to_referent for job in jobs)
    for one in decision.launch:
        held = Reason.PAUSE_BETWEEN_CALLS if decision.not_before > now else Reason.NONE
        body = (
            _referents_text(db, person, now, written=written)
            if one.to_referent
            else _own_text(db, person, one)
        )
        if one.channel is not Channel.EMAIL and any(job.overdue for job in jobs):
            body = f"{body or _everybodys_text(db, person, one.channel)}{MAIL_FOLLOWS}"
        insert_job(
            db,
            NewJob(
                person["entity_id"], person["broadcast_id"], person["id"], one.channel,
                one.address, Urgency(person["urgency"]), decision.step, decision.not_before,
                person["expires_at"], body, held, to_referent=one.to_referent, calls=calls,
                language="" if one.to_referent else _language(person),
            ),
        )  # fmt: skip


def _language(person: sqlite3.Row) -> str:
    """Return the language of a person's own texts, empty for everybody's."""
    return str(json.loads(person["own_texts"]).get("language", "")) if person["own_texts"] else ""


def _own_text(db: sqlite3.Connection, person: sqlite3.Row, one: plans.Launch) -> str | None:
    """Return this person's own text for a channel, None where they get everybody's."""
    if person["own_texts"]:
        return str(json.loads(person["own_texts"]).get(one.channel, "")) or None
    row = db.execute(
        "SELECT body FROM job WHERE recipient_id = ? AND channel = ? AND to_referent = 0 LIMIT 1",
        (person["id"], one.channel),
    ).fetchone()
    return row["body"] if row else None


def _everybodys_text(db: sqlite3.Connection, person: sqlite3.Row, channel: Channel) -> str:
    row = db.execute(
        "SELECT body FROM broadcast_text WHERE broadcast_id = ? AND channel = ?",
        (person["broadcast_id"], channel),
    ).fetchone()
    return str(row["body"]) if row else ""


def ask_referents(db: sqlite3.Connection, wanted: Sequence[NewJob], now: float) -> None:
    """Queue what goes to those who look after people that have no way of their own."""
    for new in wanted:
        person = db.execute(_PERSON, (new.recipient_id,)).fetchone()
        body = _referents_text(db, person, now, written=False)
        insert_job(db, new._replace(body=body, to_referent=True, language=""))


def _referents_text(
    db: sqlite3.Connection, person: sqlite3.Row, now: float, *, written: bool
) -> str:
    """Return what a referent is told; ``written``: the person was sent something themselves."""
    if person["kind"] == rounds.KIND:
        moment = datetime.fromtimestamp(now, ZoneInfo(person["timezone"]))
        return referent.of_round(round_words.whom(db, person["id"]), person["town"], moment)
    row = db.execute(
        "SELECT body FROM broadcast_text WHERE broadcast_id = ? ORDER BY channel = 'sms' DESC",
        (person["broadcast_id"],),
    ).fetchone()
    own = json.loads(person["own_texts"]) if person["own_texts"] else {}
    body = own.get("sms") or next(iter(own.values()), "") or (row["body"] if row else "")
    name = register.name_of(db, person, keeper=True)  # the referent knows whom to visit
    alert = person["urgency"] == Urgency.VITAL
    return referent.text(name, person["town"], body, alert=alert, written=written)


def insert_job(db: sqlite3.Connection, new: NewJob) -> None:
    """Queue one text to one endpoint by one channel."""
    insert_jobs(db, [new])


def insert_jobs(db: sqlite3.Connection, wanted: Sequence[NewJob]) -> None:
    """Queue these texts in their order, at the price of one look at the routes."""
    known = routes.routes(db)
    db.executemany(
        "INSERT INTO job(entity_id, broadcast_id, recipient_id, endpoint_id, channel, line,"
        " address, body, urgency, step, rank, state, not_before, held_reason, expires_at,"
        " to_referent, language, prefers_sim)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,'queued',?,?,?,?,?,?)",
        (_row(new, known) for new in wanted),
    )


def _row(new: NewJob, known: Sequence[tuple[str, str]]) -> tuple[object, ...]:
    """Return the values of a job, as plain texts: sqlite3 is slow to find what an enum is."""
    by_sim = known and new.channel is not Channel.EMAIL
    return (
        new.entity_id, new.broadcast_id, new.recipient_id, new.address.endpoint_id,
        str(new.channel), str(new.address.line), new.address.value, new.body, str(new.urgency),
        new.step,
        rank(new.urgency, new.channel, new.calls, only_way=new.only_way, alarm=new.alarm),
        new.not_before, str(new.held_reason), new.expires_at, new.to_referent, new.language,
        routes.preferred(known, new.address.value) if by_sim else "",
    )  # fmt: skip


def close_if_done(db: sqlite3.Connection, broadcast_id: int, now: float) -> bool:
    """End a broadcast none of whose people are still waited for; tell whether it ended now."""
    row = db.execute(
        "SELECT state, entity_id, closed_at, EXISTS (SELECT 1 FROM recipient"
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
