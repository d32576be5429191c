"""What a lane looks at before it is given its next job: anything at all, a late alarm, the rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from gateway.model import Channel, Urgency
from gateway.policy import ALARM_PATIENCE, ALARM_RANK
from gateway.store import budgets


def anything_due(db: sqlite3.Connection, channels: Sequence[Channel], now: float) -> bool:
    """Tell whether anything at all waits for these channels: most lanes ask for nothing mostly."""
    return any(
        db.execute(
            "SELECT 1 FROM job WHERE state = 'queued' AND channel = ? AND not_before <= ? LIMIT 1",
            (str(channel), now),
        ).fetchone()
        for channel in channels
    )


def spent(db: sqlite3.Connection, sim: str, now: float) -> Iterator[list[str]]:
    """Yield nothing, then, if that gave no job, what the SIMs awaited first can carry no more."""
    yield []
    awaited = db.execute(
        "SELECT DISTINCT prefers_sim FROM job WHERE state = 'queued' AND prefers_sim != ''"
        " AND prefers_sim != ? AND not_before <= ?",
        (sim, now),
    ).fetchall()
    spent = [one for row in awaited for one in budgets.spent(db, row["prefers_sim"], now)]
    if spent:
        yield spent


def alarm_is_late(db: sqlite3.Connection, lane: str, now: float) -> bool:
    """Tell whether an alarm of the box that has waited its patience goes before an alert's next.

    Only on a lane whose last job was an alert's: an alert that begins still goes first everywhere.
    One alarm at a time, as far apart as their patience: many things break at once.
    """
    values = {"rank": ALARM_RANK, "waited": now - ALARM_PATIENCE, "lane": lane}
    if db.execute(
        "SELECT 1 FROM job WHERE state = 'queued' AND rank = :rank AND not_before <= :waited"
        " LIMIT 1",
        values,
    ).fetchone() is None:  # fmt: skip
        return False
    # by its number, not by its lane: a lane has a year of attempts, and this asks for the last
    newest = "a.id > (SELECT max(id) FROM attempt) - 200"
    last = db.execute(
        "SELECT j.urgency FROM attempt a JOIN job j ON j.id = a.job_id WHERE +a.lane = :lane"  # noqa: S608
        f" AND {newest} ORDER BY a.id DESC LIMIT 1",
        values,
    ).fetchone()
    another = db.execute(
        "SELECT 1 FROM attempt a JOIN job j ON j.id = a.job_id WHERE j.rank = :rank"  # noqa: S608
        f" AND a.started_at > :waited AND {newest} LIMIT 1",
        values,
    ).fetchone()
    return last is not None and last["urgency"] == Urgency.VITAL and another is None
