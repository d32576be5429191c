"""SMS parts: written down before they leave, and matched to the reports that come back.

``submitting`` is on disk before the PDU is on the wire, the reference before the next part. What
a crash finds in between is a doubt, and stays visible as one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.model import JobState, PartState, Reason
from gateway.phone import last_nine
from gateway.states import JOB_MOVES, PART_MOVES, move
from gateway.store import budgets, events, progress

#: A report that matches nothing is kept this long (seconds): some come before the reference.
STRAY_PATIENCE: Final = 60.0
#: And this long (seconds) for a doubt: a modem is given 130 seconds to answer before there is one.
STRAY_KEPT: Final = 200.0
#: A report is believed to belong to a part submitted at most this long ago (seconds).
REPORT_HORIZON: Final = 8 * 86400.0


#: What is written beside an attempt of which nobody knows whether its text has left.
IN_DOUBT: Final = "in doubt"


class Pdu(Protocol):
    """One TPDU ready for a modem, as the codec makes it."""

    @property
    def hex(self) -> str:
        """SCA and TPDU in hexadecimal."""
        ...

    @property
    def length(self) -> int:
        """Octets of the TPDU."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message, as stored."""

    id: int
    number: int
    total: int
    pdu: str
    length: int
    state: PartState


def next_concat_reference(db: sqlite3.Connection, sim: str) -> int:
    """Return the next concatenation reference of a SIM (0 to 255, then round again)."""
    row = db.execute(
        "INSERT INTO concat_counter(sim, last) VALUES (?, 0) ON CONFLICT(sim)"
        " DO UPDATE SET last = (last + 1) % 256 RETURNING last",
        (sim,),
    ).fetchall()[0]
    return int(row["last"])


def of_job(db: sqlite3.Connection, job_id: int, sim: str) -> list[Part]:
    """Return the parts a job already has, as far as ``sim`` can go on with them.

    A phone joins parts by their sender: what another SIM began is begun anew.
    """
    rows = db.execute("SELECT * FROM part WHERE job_id = ? ORDER BY number", (job_id,)).fetchall()
    if any(row["sim"] != sim for row in rows):
        db.execute("DELETE FROM part WHERE job_id = ?", (job_id,))
        return []
    return [
        Part(row["id"], row["number"], row["total"], row["pdu"], row["length"],
             PartState(row["state"]))
        for row in rows
    ]  # fmt: skip


def prepare(
    db: sqlite3.Connection, job_id: int, sim: str, recipient: str, reference: int,
    pdus: Sequence[Pdu],
) -> list[Part]:  # fmt: skip
    """Write down the parts of a message about to be sent."""
    db.executemany(
        "INSERT INTO part(job_id, number, total, pdu, length, concat_reference, state, sim,"
        " lastnine) VALUES (?,?,?,?,?,?,'prepared',?,?)",
        [
            (job_id, number, len(pdus), pdu.hex, pdu.length, reference, sim, last_nine(recipient))
            for number, pdu in enumerate(pdus, 1)
        ],
    )
    return of_job(db, job_id, sim)


def _state(db: sqlite3.Connection, part_id: int) -> PartState:
    row = db.execute("SELECT state FROM part WHERE id = ?", (part_id,)).fetchone()
    return PartState(row["state"])


def submitting(db: sqlite3.Connection, part_id: int, now: float) -> None:
    """Write down that a part is about to go on the wire: from here on nobody knows."""
    move(PART_MOVES, _state(db, part_id), PartState.SUBMITTING)
    db.execute(
        "UPDATE part SET state = 'submitting', submitted_at = ? WHERE id = ?", (now, part_id)
    )


def refused(db: sqlite3.Connection, part_id: int) -> None:
    """Write down that a part certainly did not leave."""
    move(PART_MOVES, _state(db, part_id), PartState.PREPARED)
    db.execute("UPDATE part SET state = 'prepared' WHERE id = ?", (part_id,))


def accepted(db: sqlite3.Connection, part_id: int, reference: int, now: float) -> None:
    """Write down the network's reference, and take the report if it has come already."""
    if _state(db, part_id) is PartState.REPORTED:
        return
    _taken(db, part_id, reference, now)
    stray = db.execute(
        "SELECT s.id, s.status FROM stray_report s JOIN part p ON p.id = ?"
        " WHERE s.sim = p.sim AND s.lastnine = p.lastnine AND s.reference = ?"
        " AND s.received_at >= coalesce(p.submitted_at, 0) AND s.received_at >= ?",
        (part_id, reference, now - STRAY_PATIENCE),
    ).fetchone()
    if stray:
        db.execute("DELETE FROM stray_report WHERE id = ?", (stray["id"],))
        _apply(db, part_id, int(stray["status"]), now)


def _taken(db: sqlite3.Connection, part_id: int, reference: int, now: float) -> None:
    """Write down that the network has taken a part, and under which reference."""
    move(PART_MOVES, _state(db, part_id), PartState.ACCEPTED)
    db.execute(
        "UPDATE part SET state = 'accepted', reference = ?, accepted_at = ? WHERE id = ?",
        (reference, now, part_id),
    )
    db.execute(
        "UPDATE sim SET accepted = accepted + 1 WHERE id = (SELECT sim FROM part WHERE id = ?)",
        (part_id,),
    )
    budgets.count_segment(db, part_id, now)


@dataclass(frozen=True, slots=True)
class Report:
    """A status report as the gateway keeps it: ``verdict`` says what the status means."""

    sim: str
    recipient: str
    reference: int
    status: int
    verdict: str  # delivered | still_trying | failed


def report(db: sqlite3.Connection, received: Report, now: float) -> int | None:
    """Match a report to its part and settle what it settles; return the broadcast it changed."""
    db.execute(
        "UPDATE sim SET reports_seen = reports_seen + 1 WHERE id = ?",
        (received.sim,),
    )
    if received.verdict == "still_trying":
        return None
    part = _awaiting(db, received, now)
    if part is not None:
        return _apply(db, part, received.status, now)
    doubt = _in_doubt(db, received, now)
    if doubt is not None:
        return _out_of_doubt(db, doubt, received, now)
    db.execute("DELETE FROM stray_report WHERE received_at < ?", (now - STRAY_KEPT,))
    db.execute(
        "INSERT INTO stray_report(sim, lastnine, reference, status, received_at)"
        " VALUES (?,?,?,?,?)",
        (received.sim, last_nine(received.recipient), received.reference, received.status, now),
    )
    return None


def _awaiting(db: sqlite3.Connection, received: Report, now: float) -> int | None:
    row = db.execute(
        "SELECT id FROM part WHERE sim = ? AND lastnine = ? AND reference = ?"
        " AND state = 'accepted' AND accepted_at >= ? ORDER BY accepted_at DESC LIMIT 1",
        (received.sim, last_nine(received.recipient), received.reference, now - REPORT_HORIZON),
    ).fetchone()
    return int(row["id"]) if row else None


def _in_doubt(db: sqlite3.Connection, received: Report, now: float) -> int | None:
    """A report nobody awaits settles a doubt, if it is the only one for that SIM and number.

    A part that a lane is submitting at this moment is no doubt, for its reference is on its way;
    but the report may be its own, come before it.
    """
    rows = db.execute(
        "SELECT p.*, j.address, j.state = 'running' AS on_its_way FROM part p"
        " JOIN job j ON j.id = p.job_id"
        " WHERE p.sim = ? AND p.lastnine = ? AND p.state = 'submitting' AND p.submitted_at >= ?",
        (received.sim, last_nine(received.recipient), now - REPORT_HORIZON),
    ).fetchall()
    if len(rows) != 1 or rows[0]["on_its_way"] or _is_repeated(db, received, now):
        return None
    return None if _is_anothers(db, rows[0], now) else int(rows[0]["id"])


def _is_anothers(db: sqlite3.Connection, part: sqlite3.Row, now: float) -> bool:
    """Tell whether a report may be of a text to that number whose reference nobody knows any more.

    It left in doubt and was sent again, or another SIM began it anew: a copy is on its way that
    no part stands for. Of a text of one part any copy says that it has arrived.
    """
    row = db.execute(
        "SELECT 1 FROM job j JOIN attempt a ON a.job_id = j.id"
        " LEFT JOIN part p ON p.job_id = j.id AND p.sim = a.sim"
        " WHERE j.address = :address AND j.channel = 'sms' AND a.sim = :sim"
        " AND a.started_at >= :since AND (j.id != :job OR (:total > 1 AND a.number < j.attempts))"
        " AND (p.id IS NULL OR (a.detail = :doubt AND a.number < j.attempts)) LIMIT 1",
        {"address": part["address"], "sim": part["sim"], "job": part["job_id"],
         "total": part["total"], "since": now - REPORT_HORIZON, "doubt": IN_DOUBT},
    ).fetchone()  # fmt: skip
    return row is not None


def _out_of_doubt(db: sqlite3.Connection, part_id: int, received: Report, now: float) -> int:
    """Settle a part in doubt: nobody reports what the network was never given."""
    _taken(db, part_id, received.reference, now)
    return _apply(db, part_id, received.status, now)


def _is_repeated(db: sqlite3.Connection, received: Report, now: float) -> bool:
    """Tell whether a report of this reference has already spoken of another message.

    Networks send one twice, and so does a modem that a crash kept from forgetting it: it must not
    stand for a message of which nobody knows whether it has left.
    """
    row = db.execute(
        "SELECT 1 FROM part WHERE sim = ? AND lastnine = ? AND reference = ?"
        " AND state = 'reported' AND accepted_at >= ? LIMIT 1",
        (received.sim, last_nine(received.recipient), received.reference, now - REPORT_HORIZON),
    ).fetchone()
    return row is not None


def overtook(db: sqlite3.Connection, job_id: int, now: float) -> None:
    """Let count what reports said of a message while a lane had it in hand."""
    job = _with_parts(db, job_id)
    if job["doubtful"]:
        _settle_doubt(db, job_id, now)
        job = _with_parts(db, job_id)
    if job["worst"] is not None:
        _draw(db, job, now)


def _settle_doubt(db: sqlite3.Connection, job_id: int, now: float) -> None:
    """Settle a part just come into doubt if its report came while its answer was awaited."""
    part = db.execute(
        "SELECT id, sim, lastnine, submitted_at FROM part WHERE job_id = ?"
        " AND state = 'submitting'",
        (job_id,),
    ).fetchone()
    if part is None:
        return
    strays = db.execute(
        "SELECT id, reference, status FROM stray_report WHERE sim = ? AND lastnine = ?"
        " AND received_at >= ? ORDER BY id",
        (part["sim"], part["lastnine"], part["submitted_at"]),
    ).fetchall()
    said = [
        Report(part["sim"], part["lastnine"], stray["reference"], stray["status"], "")
        for stray in strays
    ]
    said = [one for one in said if not _is_repeated(db, one, now)]
    if len({one.reference for one in said}) == 1 and _in_doubt(db, said[-1], now) == part["id"]:
        db.executemany("DELETE FROM stray_report WHERE id = ?", [(row["id"],) for row in strays])
        _out_of_doubt(db, part["id"], said[-1], now)


def _apply(db: sqlite3.Connection, part_id: int, status: int, now: float) -> int:
    move(PART_MOVES, _state(db, part_id), PartState.REPORTED)
    db.execute(
        "UPDATE part SET state = 'reported', reported_at = ?, status = ? WHERE id = ?",
        (now, status, part_id),
    )
    (job_id,) = db.execute("SELECT job_id FROM part WHERE id = ?", (part_id,)).fetchone()
    job = _with_parts(db, job_id)
    events.record(
        db, now, "part.reported", {"status": status, "part": part_id}, entity_id=job["entity_id"],
        broadcast_id=job["broadcast_id"], recipient_id=job["recipient_id"], job_id=job["id"],
    )  # fmt: skip
    _draw(db, job, now)
    return int(job["broadcast_id"])


def _with_parts(db: sqlite3.Connection, job_id: int) -> sqlite3.Row:
    """Return a job, and what became of its parts; ``worst`` is None before the first report."""
    row: sqlite3.Row = db.execute(
        "SELECT j.*, (SELECT count(*) FROM part WHERE job_id = j.id AND state != 'reported')"
        " AS unreported, (SELECT count(*) FROM part WHERE job_id = j.id AND state = 'submitting')"
        " AS doubtful, (SELECT max(status) FROM part WHERE job_id = j.id) AS worst"
        " FROM job j WHERE j.id = ?",
        (job_id,),
    ).fetchone()
    return row


def _draw(db: sqlite3.Connection, job: sqlite3.Row, now: float) -> None:
    """Draw from the reports that have come so far what they say of the whole message."""
    if job["worst"] >= DEFINITE_FAILURE:
        _conclude(db, job, JobState.FAILED, Reason.NOT_DELIVERED, now)
    elif job["unreported"] == 0:
        reason = Reason.NONE
        if job["reason"] in {Reason.RESENT_AFTER_DOUBT, Reason.STOPPED_MEANWHILE}:
            reason = Reason(job["reason"])
        _conclude(db, job, JobState.DELIVERED, reason, now)
    elif job["state"] == JobState.UNCERTAIN and not job["doubtful"]:
        _go_on(db, job, now)


def _go_on(db: sqlite3.Connection, job: sqlite3.Row, now: float) -> None:
    """The doubtful part has arrived: send those behind it, or await the reports still missing."""
    behind = db.execute(
        "SELECT count(*) AS parts FROM part WHERE job_id = ? AND state = 'prepared'", (job["id"],)
    ).fetchone()["parts"]
    sending = db.execute(
        "SELECT 1 FROM broadcast WHERE id = ? AND state IN ('sending', 'paused')",
        (job["broadcast_id"],),
    ).fetchone()
    if behind and not (sending and job["expires_at"] > now):
        return  # nobody may send any more: what came of the whole stays uncertain
    state = move(JOB_MOVES, JobState.UNCERTAIN, JobState.QUEUED if behind else JobState.HANDED_OVER)
    db.execute(
        "UPDATE job SET state = ?, reason = '', held_reason = '', not_before = ?, ended_at = NULL"
        " WHERE id = ?",
        (state, now if behind else job["not_before"], job["id"]),
    )
    progress.advance(db, job["recipient_id"], now)


#: TP-Status from here up says that the short message will not arrive (23.040, 9.2.3.15).
DEFINITE_FAILURE: Final = 0x40


def _conclude(
    db: sqlite3.Connection, job: sqlite3.Row, state: JobState, reason: Reason, now: float
) -> None:
    old = JobState(job["state"])
    if state is JobState.FAILED and old not in {JobState.HANDED_OVER, JobState.UNCERTAIN}:
        return  # being sent again, or long decided: one part's failure says nothing new
    if old is JobState.QUEUED:  # a vital doubt, about to be resent, is settled by its report
        old = move(JOB_MOVES, old, JobState.RUNNING)
    move(JOB_MOVES, old, state)
    db.execute(
        "UPDATE job SET state = ?, reason = ?, held_reason = '', ended_at = ? WHERE id = ?",
        (state, reason, now, job["id"]),
    )
    progress.advance(db, job["recipient_id"], now)
