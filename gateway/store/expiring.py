"""What is too late to leave ends here, with what it waited for last."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.model import Channel, JobState, Reason
from gateway.states import JOB_MOVES, move
from gateway.store.holding import Carrier, Hold, holds

#: Seconds after its end in which what the modems are says what a job waited for: later the box was
#: off meanwhile, and modems that are not ready yet explain nothing.
_JUST_NOW: Final = 120.0
_WAITED_FOR: Final = {
    Reason.BUDGET: Reason.TOO_LATE_BUDGET,
    Reason.TOO_LONG: Reason.TOO_LATE_BUDGET,
    Reason.REGIME: Reason.TOO_LATE_REGIME,
}


def expire(
    db: sqlite3.Connection, now: float, lanes: Sequence[Carrier] | None = None
) -> list[sqlite3.Row]:
    """End what is queued and too late, five hundred at once; return those jobs.

    ``lanes`` are the modems as they are now; without them nobody knows whether one was lacking.
    """
    late = db.execute(
        "SELECT j.id, j.recipient_id, j.broadcast_id, j.state, j.channel, j.held_reason,"
        " j.not_before, j.expires_at FROM job j WHERE j.expires_at <= ? AND j.state = 'queued'"
        " LIMIT 500",
        (now,),
    ).fetchall()
    messages = {row["broadcast_id"] for row in late}
    held = {number: _holds(db, number, lanes or (), now) for number in messages}
    for row in late:
        move(JOB_MOVES, JobState(row["state"]), JobState.EXPIRED)
        why = _why(row, lanes, held[row["broadcast_id"]], now)
        db.execute(
            "UPDATE job SET state = 'expired', reason = ?, held_reason = '', ended_at = ?"
            " WHERE id = ?",
            (why, now, row["id"]),
        )
    return late


def _holds(
    db: sqlite3.Connection, broadcast_id: int, lanes: Sequence[Carrier], now: float
) -> dict[Channel, Hold]:
    message = db.execute(
        "SELECT id, urgency, any_sim FROM broadcast WHERE id = ?", (broadcast_id,)
    ).fetchone()
    return holds(db, message, lanes, now)


def _why(
    job: sqlite3.Row, lanes: Sequence[Carrier] | None, held: Mapping[Channel, Hold], now: float
) -> Reason:
    """Return what a job that has come to its end waited for last."""
    if job["held_reason"] == Reason.HOURS:
        return Reason.TOO_LATE_HOURS
    channel = Channel(job["channel"])
    by_modem = lanes is not None and channel is not Channel.EMAIL
    if not by_modem or job["not_before"] > now or now - job["expires_at"] > _JUST_NOW:
        return Reason.TOO_LATE
    if not any(channel in lane.channels for lane in lanes or ()):
        return Reason.TOO_LATE_NO_MODEM
    hold = held.get(channel)
    return _WAITED_FOR[hold.reason] if hold else Reason.TOO_LATE
