"""Texts from one modem of the box to another: network, both SIMs and both sticks in one proof."""

from __future__ import annotations

import secrets
import sqlite3
from typing import Final

#: Seconds a text of this kind has to arrive.
TIME: Final = 1800.0
#: The fact that no modem could write to another: since when fewer than two numbers are known.
NO_NUMBERS: Final = "no_numbers"


def last(db: sqlite3.Connection) -> float | None:
    """Return when modems last wrote to each other (seconds since 1970)."""
    row = db.execute("SELECT max(sent_at) AS at FROM heartbeat").fetchone()
    return None if row["at"] is None else float(row["at"])


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


def lost(db: sqlite3.Connection, now: float) -> list[str]:
    """Return the pairs (« A vers B ») whose newest text has not arrived in its time."""
    rows = db.execute(
        "SELECT sender, receiver, came_at, max(sent_at) AS sent_at FROM heartbeat"
        " GROUP BY sender, receiver ORDER BY sender"
    )
    return [
        f"{row['sender']} vers {row['receiver']}"
        for row in rows
        if row["came_at"] is None and now - row["sent_at"] > TIME
    ]
