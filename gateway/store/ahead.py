"""What stands in the queue before a message, counted as it costs: in SMS, and in calls."""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

from gateway.model import Channel, Urgency
from gateway.policy import rank
from modem.sms import count_segments

#: Jobs of one urgency have ranks within the same thousand (`gateway.policy.rank`).
_CLASS: Final = 1000
#: Of people's own texts so many are measured, for their mean.
_SAMPLE: Final = 40
#: The towns' queues that may leave now, message by message.
_QUEUED: Final = """SELECT j.entity_id, j.broadcast_id, j.channel, j.rank < :first AS urgent,
    count(*) AS jobs, sum(j.body IS NULL) AS shared
  FROM job j JOIN broadcast b ON b.id = j.broadcast_id
  WHERE j.state = 'queued' AND j.not_before <= :now AND j.rank < :last AND b.state = 'sending'
    AND (:own IS NULL OR j.broadcast_id != :own)
    AND (:own IS NULL OR j.entity_id != :town OR j.rank < :first OR j.id < :newest)
  GROUP BY j.entity_id, j.broadcast_id, j.channel, urgent"""


class Queued(NamedTuple):
    """Jobs of a town that wait; ``parts``: SMS, or calls. ``urgent`` go first, whoever's turn."""

    entity_id: int
    channel: Channel
    jobs: int
    parts: float
    urgent: bool = False


def of_new(db: sqlite3.Connection, urgency: Urgency, now: float) -> list[Queued]:
    """Return what waits before, or beside, a message of an urgency that is written now."""
    return _queued(db, rank(urgency, Channel.SMS, 0) // _CLASS, now, None)


def of_sending(db: sqlite3.Connection, message: sqlite3.Row, now: float) -> list[Queued]:
    """Return what waits before, or beside, what is left in the queue of a message."""
    own = db.execute(
        "SELECT max(rank) AS rank, max(id) AS newest FROM job WHERE broadcast_id = ?"
        " AND state = 'queued'",
        (message["id"],),
    ).fetchone()
    if own["rank"] is None:
        return []
    return _queued(db, own["rank"] // _CLASS, now, message, own["newest"])


def left(db: sqlite3.Connection, broadcast_id: int, jobs: int) -> float:
    """Return how many SMS a message's ``jobs`` texts take, which are queued or running."""
    shared = db.execute(
        "SELECT count(*) FROM job WHERE broadcast_id = ? AND state IN ('queued', 'running')"
        " AND channel = 'sms' AND body IS NULL",
        (broadcast_id,),
    ).fetchone()[0]
    return _parts(db, broadcast_id, jobs, shared)


def _queued(
    db: sqlite3.Connection, level: int, now: float, own: sqlite3.Row | None, newest: int = 0
) -> list[Queued]:
    values = {
        "first": level * _CLASS, "last": (level + 1) * _CLASS, "now": now, "newest": newest,
        "own": own["id"] if own else None, "town": own["entity_id"] if own else None,
    }  # fmt: skip
    return [
        Queued(
            row["entity_id"], Channel(row["channel"]), row["jobs"],
            _parts(db, row["broadcast_id"], row["jobs"], row["shared"])
            if row["channel"] == Channel.SMS else row["jobs"],
            bool(row["urgent"]),
        )
        for row in db.execute(_QUEUED, values).fetchall()
    ]  # fmt: skip


def _parts(db: sqlite3.Connection, broadcast_id: int, jobs: int, shared: int) -> float:
    """Return the SMS of so many texts, of which ``shared`` are everybody's."""
    found = 0.0
    if shared:
        row = db.execute(
            "SELECT body FROM broadcast_text WHERE broadcast_id = ? AND channel = 'sms'",
            (broadcast_id,),
        ).fetchone()
        found += shared * (count_segments(row["body"]) if row else 1)
    if jobs > shared:
        rows = db.execute(
            "SELECT body FROM job WHERE broadcast_id = ? AND channel = 'sms'"
            " AND state IN ('queued', 'running') AND body IS NOT NULL LIMIT ?",
            (broadcast_id, _SAMPLE),
        ).fetchall()
        each = [count_segments(row["body"]) for row in rows]
        found += (jobs - shared) * (sum(each) / len(each) if each else 1.0)
    return found
