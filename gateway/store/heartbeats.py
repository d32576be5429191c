"""Texts from one modem of the box to another: network, both SIMs and both sticks in one proof."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable
from typing import Final

#: Seconds a text of this kind has to arrive.
TIME: Final = 1800.0
#: The fact that no modem could write to another: since when fewer than two numbers are known.
NO_NUMBERS: Final = "no_numbers"


#: What is settled of the pairs of the last round with both ends still there: each one's newest.
_SETTLED: Final = """SELECT sender, receiver, came_at, max(id) FROM heartbeat
  WHERE (sender, receiver) IN (SELECT sender, receiver FROM heartbeat
      WHERE sent_at = (SELECT sent_at FROM heartbeat ORDER BY id DESC LIMIT 1)
        AND sender IN (SELECT value FROM json_each(:modems))
        AND receiver IN (SELECT value FROM json_each(:modems)))
    AND (came_at IS NOT NULL OR sent_at < :late)
  GROUP BY sender, receiver ORDER BY sender"""


def last(db: sqlite3.Connection, now: float) -> float | None:
    """Return when modems last wrote to each other (seconds since 1970).

    By a clock that was ahead nobody waits.
    """
    row = db.execute("SELECT max(sent_at) AS at FROM heartbeat WHERE sent_at <= ?", (now,))
    at = row.fetchone()["at"]
    return None if at is None else float(at)


def begin(db: sqlite3.Connection, sender: str, receiver: str, now: float) -> str:
    """Write down that one modem is about to write to another; return the code in its text."""
    code = f"{secrets.randbelow(900_000) + 100_000}"
    db.execute("DELETE FROM heartbeat WHERE sent_at < ?", (now - 90 * 86400,))
    db.execute(
        "INSERT INTO heartbeat(sender, receiver, code, sent_at) VALUES (?,?,?,?)",
        (sender, receiver, code, now),
    )
    return code


def came(db: sqlite3.Connection, code: str, now: float) -> bool:
    """Write down that one has arrived; return whether it was awaited."""
    done = db.execute(
        "UPDATE heartbeat SET came_at = ? WHERE code = ? AND came_at IS NULL", (now, code)
    )
    return done.rowcount > 0


def lost(db: sqlite3.Connection, now: float, modems: Iterable[str]) -> list[str]:
    """Return the pairs (« A vers B ») whose newest text has not arrived in its time.

    One under way tells nothing yet. ``modems`` are those that write to each other now: to a modem
    that is gone nobody will, and what it lost would be told for ever.
    """
    rows = db.execute(_SETTLED, {"modems": json.dumps([*modems]), "late": now - TIME})
    return [f"{row['sender']} vers {row['receiver']}" for row in rows if row["came_at"] is None]
