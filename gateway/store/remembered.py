"""The newest moment the database knows: whatever the time is now, it is not earlier.

Told by what is written anyway, and by a mark every few minutes. Not its job: what follows from a
clock that says otherwise (`gateway.clock`).
"""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from gateway.store import facts

MARK: Final = "clock"
#: Somebody has said that the machine's time is right: what the database knew before was wrong.
VOUCHED: Final = "clock.vouched"
#: By how much (seconds) a network is ahead of the machine that somebody said then is wrong.
DENIED: Final = "clock.denied"
#: When the time was last sure.
SURE: Final = "clock.sure"
#: The newest moment before a start whose time nobody has confirmed yet.
UNCONFIRMED: Final = "clock.unconfirmed"
#: What is written by the very clock that is in question: by the opening of the database itself,
#: and by a backup beside a box at rest.
_BY_THE_MACHINE: Final = ("register.sealed", "box.mended", "box.rewound", "box.backup")


def newest(db: sqlite3.Connection) -> float | None:
    """Return it (seconds since 1970); None in a database in which nothing has happened.

    What was written while the time was to be confirmed, or before it was set back, tells nothing.
    """
    before = db.execute("SELECT at FROM box_fact WHERE name = ?", (UNCONFIRMED,)).fetchone()
    if before is not None:
        return float(before["at"])
    row = db.execute(
        "SELECT max(at) AS at FROM ("
        " SELECT max(at) AS at FROM (SELECT at FROM event"
        " WHERE kind NOT IN (SELECT value FROM json_each(:own))"
        " AND seq >= coalesce((SELECT max(seq) FROM event WHERE kind = :vouched), 0)"
        " AND seq > coalesce((SELECT max(seq) FROM event WHERE kind = 'clock.leapt'"
        " AND json_extract(payload, '$.seconds') < 0), 0)"
        " ORDER BY seq DESC LIMIT 20)"
        " UNION ALL SELECT max(at) FROM box_fact WHERE name = :mark)",
        {"own": json.dumps(_BY_THE_MACHINE), "vouched": VOUCHED, "mark": MARK},
    ).fetchone()
    return None if row["at"] is None else float(row["at"])


def at_start(db: sqlite3.Connection) -> tuple[float | None, float | None, float | None]:
    """Return the newest moment, how far a network is ahead that is denied, when time was sure."""
    known = facts.known(db)
    denied = known[DENIED][1] if DENIED in known else None
    return newest(db), denied, known[SURE][0] if SURE in known else None


def mark(db: sqlite3.Connection, now: float, *, sure: bool) -> None:
    """Write down that it was now, and whether that is sure."""
    facts.forget(db, UNCONFIRMED)
    facts.note(db, MARK, {}, now)
    if sure:
        facts.note(db, SURE, {}, now)


def unconfirmed(db: sqlite3.Connection, moment: float) -> None:
    """Keep the newest moment before a start until a `mark`: events of now do not confirm now."""
    facts.note(db, UNCONFIRMED, {}, moment)
