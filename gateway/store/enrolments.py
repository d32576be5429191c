"""People who ask by SMS to be warned: asked for their word, then kept for a human to let in."""

from __future__ import annotations

import secrets
import sqlite3
from typing import Final

from gateway.store import answers, events

#: A request waits so long (seconds) for its sender's word.
LIFE: Final = 86400.0
#: Requests of one town that wait at once; beyond, somebody is playing.
MOST: Final = 300


def ask(
    db: sqlite3.Connection, entity_id: int, number: str, place: str, said: str, now: float
) -> tuple[str, bool] | None:
    """Keep a request; return its code and whether it is new, None where too many wait.

    The same number has one request: a new address takes the place of the old.
    """
    row = db.execute(
        "SELECT * FROM enrolment WHERE entity_id = ? AND number = ? AND state = 'asked'"
        " AND asked_at > ?",
        (entity_id, number, now - LIFE),
    ).fetchone()
    if row is not None:
        db.execute(
            "UPDATE enrolment SET place = ?, said = ? WHERE id = ?", (place, said, row["id"])
        )
        return str(row["code"]), row["place"] != place
    if len(waiting(db, entity_id)) >= MOST or _asked_lately(db, entity_id, now) >= MOST:
        return None
    while answers.is_taken(db, code := f"{secrets.randbelow(9_000) + 1_000}", now):
        pass
    db.execute(
        "INSERT INTO enrolment(entity_id, number, place, said, code, state, asked_at)"
        " VALUES (?,?,?,?,?,'asked',?)",
        (entity_id, number, place, said, code, now),
    )
    return code, True


def _asked_lately(db: sqlite3.Connection, entity_id: int, now: float) -> int:
    row = db.execute(
        "SELECT count(*) FROM enrolment WHERE entity_id = ? AND asked_at > ?",
        (entity_id, now - LIFE),
    ).fetchone()
    return int(row[0])


def confirm(
    db: sqlite3.Connection, number: str, code: str, said: str, now: float
) -> sqlite3.Row | None:
    """Take the word of whoever asked; return the request, None where there is none."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM enrolment WHERE number = ? AND code = ? AND state = 'asked'"
        " AND asked_at > ?",
        (number, code, now - LIFE),
    ).fetchone()
    if row is None:
        return None
    db.execute(
        "UPDATE enrolment SET state = 'confirmed', confirmed_at = ?, said = said || ' / ' || ?"
        " WHERE id = ?",
        (now, said, row["id"]),
    )
    events.record(
        db, now, "enrolment.confirmed", {"enrolment": row["id"]}, entity_id=row["entity_id"]
    )
    return row


def waiting(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return the requests that wait for the town hall, the oldest first."""
    return db.execute(
        "SELECT * FROM enrolment WHERE entity_id = ? AND state = 'confirmed' ORDER BY confirmed_at",
        (entity_id,),
    ).fetchall()


def get(db: sqlite3.Connection, entity_id: int, number: int) -> sqlite3.Row | None:
    """Return a request that waits for the town hall."""
    return next((row for row in waiting(db, entity_id) if row["id"] == number), None)


def decide(db: sqlite3.Connection, enrolment_id: int, state: str, by: str, now: float) -> None:
    """Write down what the town hall decided: ``approved`` or ``refused``."""
    db.execute(
        "UPDATE enrolment SET state = ?, decided_at = ?, decided_by = ? WHERE id = ?",
        (state, now, by, enrolment_id),
    )
    row = db.execute("SELECT entity_id FROM enrolment WHERE id = ?", (enrolment_id,)).fetchone()
    events.record(
        db,
        now,
        f"enrolment.{state}",
        {"enrolment": enrolment_id, "by": by},
        entity_id=row["entity_id"],
    )
