"""Which SIM carries a number first: those of its own operator, or those it has for nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from gateway.store import events, sims


def set_route(
    db: sqlite3.Connection, sim: str, prefixes: Sequence[str], by: str, now: float
) -> None:
    """Write down which numbers (beginnings of E.164) a SIM carries first; none: no preference."""
    if prefixes:
        db.execute(
            "INSERT INTO sim_route(sim, prefixes, changed_at, changed_by) VALUES (?,?,?,?)"
            " ON CONFLICT(sim) DO UPDATE SET prefixes = excluded.prefixes,"
            " changed_at = excluded.changed_at, changed_by = excluded.changed_by",
            (sim, json.dumps(list(prefixes)), now, by),
        )
    else:
        db.execute("DELETE FROM sim_route WHERE sim = ?", (sim,))
    events.record(
        db, now, "sim.route", {**sims.said(db, sim), "prefixes": list(prefixes), "by": by}
    )


def route_of(db: sqlite3.Connection, sim: str) -> tuple[str, ...]:
    """Return which numbers a SIM carries first."""
    row = db.execute("SELECT prefixes FROM sim_route WHERE sim = ?", (sim,)).fetchone()
    return tuple(json.loads(row["prefixes"])) if row else ()


def routes(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return each beginning of numbers that a SIM carries first, with the SIM."""
    rows = db.execute("SELECT sim, prefixes FROM sim_route ORDER BY sim")
    return [(prefix, row["sim"]) for row in rows for prefix in json.loads(row["prefixes"])]


def preferred(known: Sequence[tuple[str, str]], number: str) -> str:
    """Return the SIM that carries a number first, the longest beginning deciding; empty: any."""
    best, found = 0, ""
    for prefix, sim in known:
        if number.startswith(prefix) and len(prefix) > best:
            best, found = len(prefix), sim
    return found


def prefer(db: sqlite3.Connection, broadcast_id: int, sim: str) -> None:
    """Have what is queued of a broadcast carried by one SIM first."""
    db.execute(
        "UPDATE job SET prefers_sim = ? WHERE broadcast_id = ? AND state = 'queued'",
        (sim, broadcast_id),
    )
