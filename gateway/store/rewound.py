"""A database that has lost its last hours: what may have left meanwhile is a doubt, not a queue.

After damage or a dead disk the box goes on from a copy. What waits in it may have left since: an
alert leaves again and is shown as a reminder, the rest ends as uncertain. Whatever was scheduled
for those hours is not sent a second time.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from gateway.model import Reason, Urgency
from gateway.sentences import fr
from gateway.store import broadcasts, events, facts, jobs
from gateway.store.mending import Mended

#: How far a SIM's concatenation references may have gone meanwhile.
_REFERENCES: Final = 128
_DAY: Final = 86400.0
#: The fact that the database was mended, until somebody has seen it.
MENDED: Final = "mended"
PERHAPS_GONE: Final = fr(
    "Peut-être déjà parti : la base a été rendue d’une copie faite avant son heure. "
    "Vérifiez auprès d’un destinataire, puis renvoyez-le au besoin."
)


@dataclass(frozen=True, slots=True)
class Rewound:
    """What the lost hours (``since`` to ``now``) leave in doubt."""

    since: float
    now: float
    resent: int = 0
    uncertain: int = 0
    not_launched: int = 0


def settle(db: sqlite3.Connection, since: float, now: float, why: str) -> Rewound:
    """Settle what the hours between ``since`` and ``now`` leave in doubt, and write that down."""
    resent = uncertain = 0
    rows = db.execute(
        "SELECT j.id, j.urgency FROM job j JOIN broadcast b ON b.id = j.broadcast_id"
        " WHERE j.state IN ('queued', 'running') AND j.not_before <= ? AND b.state = 'sending'"
        " ORDER BY j.id",
        (now,),
    ).fetchall()
    for row in rows:
        _doubt(db, row["id"], Urgency(row["urgency"]), now)
        vital = row["urgency"] == Urgency.VITAL.value
        resent, uncertain = resent + vital, uncertain + (not vital)
    db.execute("UPDATE concat_counter SET last = (last + ?) % 256", (_REFERENCES,))
    told = Rewound(since, now, resent, uncertain, _not_again(db, now))
    events.record(
        db, now, "box.rewound",
        {"since": since, "why": why, "resent": resent, "uncertain": uncertain,
         "not_launched": told.not_launched},
    )  # fmt: skip
    return told


def _doubt(db: sqlite3.Connection, job_id: int, urgency: Urgency, now: float) -> None:
    """Take a job up as if it had been running when the box fell."""
    db.execute(
        "UPDATE job SET state = 'running', attempts = attempts + 1, held_reason = ''"
        " WHERE id = ? AND state = 'queued'",
        (job_id,),
    )
    db.execute(
        "INSERT OR IGNORE INTO attempt(job_id, number, lane, started_at)"
        " SELECT id, attempts, coalesce(lane, ''), ? FROM job WHERE id = ?",
        (now, job_id),
    )
    jobs.settle(
        db, jobs.as_claimed(db, job_id), jobs.in_doubt(urgency, Reason.STOPPED_MEANWHILE), now
    )


def _not_again(db: sqlite3.Connection, now: float) -> int:
    """Close what was scheduled for the lost hours; return how many messages."""
    rows = db.execute(
        "SELECT id FROM broadcast WHERE state = 'scheduled' AND starts_at <= ?"
        " AND urgency != 'vital'",
        (now,),
    ).fetchall()
    for row in rows:
        broadcasts.give_up(db, row["id"], PERHAPS_GONE, now)
    # the occurrence of those hours has had its day: so old a one is passed over
    db.execute(
        "UPDATE series SET next_at = ? WHERE ended_at IS NULL AND next_at <= ?",
        (now - _DAY, now),
    )
    return len(rows)


def after_mending(db: sqlite3.Connection, mended: Mended, now: float) -> Rewound | None:
    """Write down how the database was mended, and settle what that has lost; None: nothing was."""
    told = {"problem": mended.problem, "copied_at": mended.copied_at, "aside": mended.aside,
            "all_lost": mended.all_lost}  # fmt: skip
    events.record(db, now, "box.lost" if mended.all_lost else "box.mended", told)
    facts.end_alarm(db, MENDED, "", now)  # of an earlier one: this one is told anew
    facts.note(db, MENDED, told, now)
    if mended.copied_at is None:
        return None
    return settle(db, mended.copied_at, now, "damage")
