"""What people of the daily round, and those who look after them, said: by key or by SMS."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway.model import Asks, Outcome
from gateway.rounds import Standing
from gateway.store import events

_WORDS: Final = {Outcome.ACKNOWLEDGED: Standing.WELL, Outcome.DECLINED: Standing.CALLBACK}
_VISITS: Final = {Outcome.ACKNOWLEDGED: "yes", Outcome.DECLINED: "no"}


def by_key(
    db: sqlite3.Connection, recipient_id: int, asks: Asks, outcome: Outcome | None, now: float
) -> None:
    """Take down which key was pressed, for all who share the telephone."""
    if outcome not in _WORDS:
        return
    for row in db.execute(
        "SELECT id FROM round_entry WHERE recipient_id = ?", (recipient_id,)
    ).fetchall():
        if asks is Asks.WELL:
            say(db, row["id"], _WORDS[outcome], "key", now)
        else:
            visit(db, row["id"], outcome, now)


def say(db: sqlite3.Connection, entry_id: int, word: Standing, way: str, now: float) -> bool:
    """Write down what somebody said of themselves: the last word counts; return if it is new."""
    changed = db.execute(
        "UPDATE round_entry SET word = ?, word_at = ?, word_way = ? WHERE id = ? AND word != ?",
        (word, now, way, entry_id, word),
    ).rowcount
    if changed:
        _note(db, entry_id, "round.said", {"word": word, "way": way}, now)
    return changed > 0


def wrote(db: sqlite3.Connection, entry_id: int, text: str) -> None:
    """Keep what somebody wrote that only a human understands, next to where they stand."""
    db.execute("UPDATE round_entry SET wrote = ? WHERE id = ?", (text[:300], entry_id))


def visit(db: sqlite3.Connection, entry_id: int, outcome: Outcome, now: float) -> bool:
    """Write down whether a referent goes; return if it is new."""
    changed = db.execute(
        "UPDATE round_entry SET visit = ?, visit_at = ? WHERE id = ? AND visit != ?",
        (_VISITS[outcome], now, entry_id, _VISITS[outcome]),
    ).rowcount
    if changed:
        _note(db, entry_id, "round.visit", {"goes": _VISITS[outcome]}, now)
    return changed > 0


def open_of(db: sqlite3.Connection, number: str, since: float) -> list[sqlite3.Row]:
    """Return the last day since then of each person who has this number, of whom a round asked."""
    return db.execute(
        "SELECT n.*, r.broadcast_id FROM round_entry n JOIN endpoint e"
        " ON e.contact_id = n.contact_id LEFT JOIN recipient r ON r.id = n.recipient_id"
        " WHERE e.address = ? AND n.due_at > ? AND n.missed IN ('', 'off') AND n.id ="
        " (SELECT max(m.id) FROM round_entry m WHERE m.contact_id = n.contact_id) ORDER BY n.id",
        (number, since),
    ).fetchall()


def asked_of(db: sqlite3.Connection, number: str, since: float) -> list[sqlite3.Row]:
    """Return whom a number was asked to go and see since then and has said nothing about yet.

    ``place`` is where they live: one word is enough for all of one home.
    """
    return db.execute(
        "SELECT n.*, r.broadcast_id, max(j.id) AS job_id,"
        " trim(c.number || ' ' || c.street || ' ' || c.city) AS place"
        " FROM round_entry n JOIN recipient r ON r.id = n.recipient_id"
        " JOIN job j ON j.recipient_id = r.id JOIN contact c ON c.id = n.contact_id"
        " WHERE j.to_referent AND j.address = ? AND j.attempts > 0 AND n.due_at > ?"
        " AND n.visit != 'yes' AND n.seen_at IS NULL GROUP BY n.id ORDER BY n.id",
        (number, since),
    ).fetchall()


def last_job(db: sqlite3.Connection, recipient_id: int) -> sqlite3.Row | None:
    """Return the last call or text of somebody's own that has begun, or the one that waits."""
    row: sqlite3.Row | None = db.execute(
        "SELECT id, state FROM job WHERE recipient_id = ? AND NOT to_referent"
        " ORDER BY attempts > 0 DESC, id DESC LIMIT 1",
        (recipient_id,),
    ).fetchone()
    return row


def whom(db: sqlite3.Connection, recipient_id: int) -> list[tuple[str, str]]:
    """Return title and name of those whom a call of the round was for."""
    rows = db.execute(
        "SELECT c.honorific, c.given_name, c.name FROM round_entry n JOIN contact c"
        " ON c.id = n.contact_id WHERE n.recipient_id = ? ORDER BY n.id",
        (recipient_id,),
    )
    return [
        (row["honorific"], f"{row['given_name']} {row['name']}".strip()
         if not row["honorific"] else f"{row['honorific']} {row['name']}")
        for row in rows
    ]  # fmt: skip


def _note(
    db: sqlite3.Connection, entry_id: int, kind: str, told: dict[str, object], now: float
) -> None:
    row = db.execute(
        "SELECT n.entity_id, n.recipient_id, r.broadcast_id FROM round_entry n"
        " LEFT JOIN recipient r ON r.id = n.recipient_id WHERE n.id = ?",
        (entry_id,),
    ).fetchone()
    events.record(
        db, now, kind, told, entity_id=row["entity_id"], broadcast_id=row["broadcast_id"],
        recipient_id=row["recipient_id"],
    )  # fmt: skip
