"""Whose turn it is on a shared box: the urgent first, then town by town, job by job.

A commune that writes to its 3,000 inhabitants does not hold up the ten texts of its neighbour.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from gateway.model import Channel

#: Jobs of one urgency have ranks within the same thousand (`gateway.policy.rank`).
_CLASS = 1000


def turns(
    db: sqlite3.Connection, channels: Sequence[Channel], now: float
) -> tuple[int | None, ...]:
    """Return the towns in the order to ask for a job; None alone where there is one town."""
    towns = db.execute("SELECT id, served_at FROM entity").fetchall()
    if len(towns) < 2:
        return (None,)
    marks = ",".join("?" * len(channels))
    heads = []
    for town in towns:
        row = db.execute(
            f"SELECT rank FROM job WHERE entity_id = ? AND state = 'queued'"  # noqa: S608
            f" AND +channel IN ({marks}) AND not_before <= ? ORDER BY rank LIMIT 1",
            (town["id"], *channels, now),
        ).fetchone()
        if row:
            heads.append((row["rank"] // _CLASS, town["served_at"], town["id"]))
    return tuple(town for *_, town in sorted(heads))


def served(db: sqlite3.Connection, town: int, now: float) -> None:
    """Write down that a town has just had its turn."""
    db.execute("UPDATE entity SET served_at = ? WHERE id = ?", (now, town))
