"""Warnings received from the State and from machines, and what each kind proposes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from gateway.store import events


def rules(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return a town's rules, by name, with the ready message each proposes (None: deleted)."""
    return db.execute(
        "SELECT r.*, s.name AS scenario FROM warning_rule r"
        " LEFT JOIN scenario s ON s.id = r.scenario_id AND s.entity_id = r.entity_id"
        " WHERE r.entity_id = ? ORDER BY r.name, r.id",
        (entity_id,),
    ).fetchall()


def towns(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the towns that have rules."""
    return db.execute(
        "SELECT id, name, timezone FROM entity WHERE id IN (SELECT entity_id FROM warning_rule)"
        " ORDER BY id"
    ).fetchall()


def add_rule(
    db: sqlite3.Connection, entity_id: int, name: str, sender: str, words: Sequence[str],
    scenario_id: int, by: str, now: float,
) -> int:  # fmt: skip
    """Add a rule; return its number."""
    cursor = db.execute(
        "INSERT INTO warning_rule(entity_id, name, sender, words, scenario_id, added_at, added_by)"
        " VALUES (?,?,?,?,?,?,?)",
        (entity_id, name, sender, json.dumps(list(words)), scenario_id, now, by),
    )
    events.record(db, now, "warning_rule.added", {"name": name, "by": by}, entity_id=entity_id)
    return int(cursor.lastrowid or 0)


def remove_rule(db: sqlite3.Connection, entity_id: int, number: int, by: str, now: float) -> bool:
    """Take a rule away; return whether it was there."""
    gone = db.execute(
        "DELETE FROM warning_rule WHERE id = ? AND entity_id = ? RETURNING name",
        (number, entity_id),
    ).fetchall()
    for row in gone:
        told = {"name": row["name"], "by": by}
        events.record(db, now, "warning_rule.removed", told, entity_id=entity_id)
    return bool(gone)


def note(db: sqlite3.Connection, rule: sqlite3.Row, sender: str, subject: str, now: float) -> int:
    """Write a warning down that came in; return its number."""
    cursor = db.execute(
        "INSERT INTO warning(entity_id, rule_id, rule, sender, subject, at) VALUES (?,?,?,?,?,?)",
        (rule["entity_id"], rule["id"], rule["name"], sender, subject, now),
    )
    told = {"rule": rule["name"], "subject": subject}
    events.record(db, now, "warning.received", told, entity_id=rule["entity_id"])
    return int(cursor.lastrowid or 0)


def say(db: sqlite3.Connection, number: int, said: str, broadcast_id: int | None = None) -> None:
    """Write down what became of a warning, and the message that asks or tells of it."""
    db.execute(
        "UPDATE warning SET said = ?, broadcast_id = coalesce(?, broadcast_id) WHERE id = ?",
        (said, broadcast_id, number),
    )


def asked_since(db: sqlite3.Connection, rule_id: int, since: float) -> sqlite3.Row | None:
    """Return the last warning of a rule that somebody was asked about since then."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM warning WHERE rule_id = ? AND at > ? AND broadcast_id IS NOT NULL"
        " ORDER BY id DESC LIMIT 1",
        (rule_id, since),
    ).fetchone()
    return row


def asked_by(db: sqlite3.Connection, broadcast_id: int) -> sqlite3.Row | None:
    """Return the warning a question is about, with the ready message it proposes."""
    row: sqlite3.Row | None = db.execute(
        "SELECT w.*, r.scenario_id FROM warning w LEFT JOIN warning_rule r ON r.id = w.rule_id"
        " WHERE w.broadcast_id = ?",
        (broadcast_id,),
    ).fetchone()
    return row


def latest(db: sqlite3.Connection, entity_id: int, since: float) -> list[sqlite3.Row]:
    """Return the warnings of a town since a moment, newest first."""
    return db.execute(
        "SELECT w.*, r.scenario_id FROM warning w LEFT JOIN warning_rule r ON r.id = w.rule_id"
        " WHERE w.entity_id = ? AND w.at > ? ORDER BY w.id DESC LIMIT 50",
        (entity_id, since),
    ).fetchall()
