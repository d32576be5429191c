"""Who has guessed wrong lately; a restart is no way round the wait."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway import throttle

#: Rows kept at most: whoever guesses from everywhere must not fill the disk.
_MOST: Final = 5000


def name_of(kind: str, about: str) -> str:
    """Return under which name a place or login is counted; people type passwords as logins."""
    return f"{kind}:{hashlib.sha256(about.encode()).hexdigest()[:32]}"


def begin(db: sqlite3.Connection, names: Sequence[str], now: float) -> float:
    """Count a try under each name before it is looked at; return 0.

    When one must wait still, return for how long (seconds), and count nothing: to wait is to wait.
    """
    found = {name: _lately(db, name, now) for name in names}
    wait = max((until - now for _, until in found.values()), default=0.0)
    if wait > 0:
        return min(wait, throttle.LONGEST)
    db.execute("DELETE FROM guess WHERE at < ?", (now - throttle.FORGOTTEN,))
    for name, (wrong, _) in found.items():
        db.execute(
            "INSERT OR REPLACE INTO guess(about, wrong, at, until) VALUES (?,?,?,?)",
            (name, wrong + 1, now, now + throttle.delay_after(wrong + 1)),
        )
    db.execute(
        "DELETE FROM guess WHERE about IN (SELECT about FROM guess ORDER BY at DESC"
        " LIMIT -1 OFFSET ?)",
        (_MOST,),
    )
    return 0.0


def _lately(db: sqlite3.Connection, name: str, now: float) -> tuple[int, float]:
    row = db.execute("SELECT wrong, at, until FROM guess WHERE about = ?", (name,)).fetchone()
    # a clock set back must not make anybody wait for years
    if row is None or not now - throttle.FORGOTTEN <= row["at"] <= now + throttle.LONGEST:
        return 0, 0.0
    return int(row["wrong"]), float(row["until"])


def forget(db: sqlite3.Connection, name: str) -> None:
    """Forget one name: what it tried was right."""
    db.execute("DELETE FROM guess WHERE about = ?", (name,))


def take_back(db: sqlite3.Connection, name: str) -> None:
    """Take back the one try just counted: a right one must not excuse the wrong ones before."""
    db.execute("UPDATE guess SET wrong = wrong - 1, until = at WHERE about = ?", (name,))
