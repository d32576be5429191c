"""What each modem went through: its signal over a month, the remedies tried, its last errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

#: Seconds one row stands for: at first, and once it is older than `FINE`.
STEP: Final = 300
HOUR: Final = 3600
FINE: Final = 2 * 86400
KEPT: Final = 31 * 86400
#: Remedies kept for each modem.
DIARY: Final = 50
#: Hours folded, and rows deleted, in one transaction: nobody waits for the writer.
_HOURS_AT_ONCE: Final = 48
_ROWS_AT_ONCE: Final = 500
#: Errors of a modem that are shown, found among so many of its last attempts.
_ERRORS: Final = 5
_ATTEMPTS: Final = 500


@dataclass(frozen=True, slots=True)
class Sample:
    """A modem at a moment (seconds since 1970): its signal in dBm, its share of time ready."""

    modem: str
    at: float
    signal: float | None
    ready: float


@dataclass(frozen=True, slots=True)
class Remedy:
    """One rung tried: ``result`` is ``served``, ``none``, or empty while nobody knows."""

    at: float
    rung: str
    trouble: str
    note: str
    result: str
    ended_at: float | None


def note_samples(db: sqlite3.Connection, samples: Iterable[Sample]) -> None:
    """Keep one row for each modem in the five minutes its moment falls into."""
    db.executemany(
        "INSERT OR REPLACE INTO modem_sample(modem, at, signal, ready) VALUES (?,?,?,?)",
        [(one.modem, int(one.at) // STEP * STEP, one.signal, one.ready) for one in samples],
    )


def fold(db: sqlite3.Connection, now: float) -> bool:
    """Fold some hours that are two days old, delete what is a month old.

    One slice; return whether more is left to do.
    """
    before = int(now - FINE) // HOUR * HOUR
    hours = db.execute(
        "SELECT DISTINCT modem, at / ? * ? AS hour FROM modem_sample WHERE at < ? AND at % ? != 0"
        " LIMIT ?",
        (HOUR, HOUR, before, HOUR, _HOURS_AT_ONCE),
    ).fetchall()
    for row in hours:
        _fold_hour(db, row["modem"], row["hour"])
    gone = db.execute(
        "DELETE FROM modem_sample WHERE (modem, at) IN"
        " (SELECT modem, at FROM modem_sample WHERE at < ? LIMIT ?)",
        (now - KEPT, _ROWS_AT_ONCE),
    ).rowcount
    return len(hours) == _HOURS_AT_ONCE or gone == _ROWS_AT_ONCE


def _fold_hour(db: sqlite3.Connection, modem: str, hour: int) -> None:
    span = (modem, hour, hour + HOUR)
    mean = db.execute(
        "SELECT avg(signal) AS signal, avg(ready) AS ready FROM modem_sample"
        " WHERE modem = ? AND at >= ? AND at < ?",
        span,
    ).fetchone()
    db.execute("DELETE FROM modem_sample WHERE modem = ? AND at >= ? AND at < ?", span)
    db.execute("INSERT INTO modem_sample VALUES (?,?,?,?)", (modem, hour, *tuple(mean)))


def samples(db: sqlite3.Connection, since: float, step: int = STEP) -> dict[str, list[Sample]]:
    """Return each modem's samples from ``since`` on, oldest first, one mean for each ``step``."""
    found: dict[str, list[Sample]] = {}
    rows = db.execute(
        "SELECT modem, min(at), avg(signal), avg(ready) FROM modem_sample WHERE at >= ?"
        " GROUP BY modem, at / ? ORDER BY modem, at",
        (since, step),
    )
    for row in rows:
        found.setdefault(row["modem"], []).append(Sample(*tuple(row)))
    return found


def begin_remedy(
    db: sqlite3.Connection, modem: str, at: float, rung: str, trouble: str, note: str
) -> None:
    """Write a remedy down; the one before it, if nobody knew, has done no good."""
    _end(db, modem, at, "none")
    db.execute(
        "INSERT INTO modem_remedy(modem, at, rung, trouble, note) VALUES (?,?,?,?,?)",
        (modem, at, rung, trouble, note),
    )
    db.execute(
        "DELETE FROM modem_remedy WHERE modem = ? AND id NOT IN"
        " (SELECT id FROM modem_remedy WHERE modem = ? ORDER BY id DESC LIMIT ?)",
        (modem, modem, DIARY),
    )


def renote_remedy(db: sqlite3.Connection, modem: str, note: str) -> None:
    """Say of the last remedy what was learnt since."""
    db.execute(
        "UPDATE modem_remedy SET note = ? WHERE id ="
        " (SELECT max(id) FROM modem_remedy WHERE modem = ?)",
        (note, modem),
    )


def served(db: sqlite3.Connection, modem: str, now: float) -> None:
    """Note that the modem works again: the last remedy did it."""
    _end(db, modem, now, "served")


def _end(db: sqlite3.Connection, modem: str, at: float, result: str) -> None:
    db.execute(
        "UPDATE modem_remedy SET result = ?, ended_at = ? WHERE modem = ? AND ended_at IS NULL",
        (result, at, modem),
    )


def diaries(db: sqlite3.Connection) -> dict[str, list[Remedy]]:
    """Return what was tried on each modem, newest first."""
    found: dict[str, list[Remedy]] = {}
    for row in db.execute("SELECT * FROM modem_remedy ORDER BY id DESC"):
        found.setdefault(row["modem"], []).append(
            Remedy(row["at"], row["rung"], row["trouble"], row["note"], row["result"],
                   row["ended_at"])
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Fault:
    """An attempt of a modem that failed: its reason as `gateway.model.Reason` says it."""

    at: float
    result: str


def faults(db: sqlite3.Connection, lane: str, results: Iterable[str]) -> list[Fault]:
    """Return the last attempts of a modem that ended in one of ``results``, newest first."""
    wanted = set(results)
    rows = db.execute(
        "SELECT ended_at, result FROM attempt WHERE lane = ? AND ended_at IS NOT NULL"
        " ORDER BY ended_at DESC LIMIT ?",
        (lane, _ATTEMPTS),
    )
    return [Fault(*tuple(row)) for row in rows if row["result"] in wanted][:_ERRORS]


def progress(db: sqlite3.Connection, broadcast: int, channel: str) -> tuple[int, int]:
    """Return how many jobs of a broadcast by one channel are begun or done, and how many are."""
    row = db.execute(
        "SELECT coalesce(sum(state != 'queued'), 0), count(*) FROM job"
        " WHERE broadcast_id = ? AND channel = ?",
        (broadcast, channel),
    ).fetchone()
    return row[0], row[1]


def pace(db: sqlite3.Connection, sim: str, now: float) -> int:
    """Return how many SMS parts the network has taken from a SIM in the minute that ends now."""
    row = db.execute(
        "SELECT count(*) FROM part WHERE sim = ? AND accepted_at > ?", (sim, now - 60)
    ).fetchone()
    return int(row[0])
