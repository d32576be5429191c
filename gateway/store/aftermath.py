"""What a broadcast leads to: whom a following message is for, and another plan for the rest."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from gateway import plan as plans
from gateway.model import Address, Channel, Line, RecipientState
from gateway.store import progress
from gateway.store.people import Person


def audience(
    db: sqlite3.Connection, broadcast_id: int, states: Collection[RecipientState]
) -> list[Person]:
    """Return a broadcast's people in these states, with their addresses as they are now.

    Those under way include whoever is being sent to at this moment.
    """
    busy = "state = 'running'" if RecipientState.IN_PROGRESS in states else "FALSE"
    marks = ",".join("?" * len(states))
    rows = db.execute(
        f"SELECT * FROM recipient WHERE broadcast_id = ? AND (state IN ({marks}) OR id IN"  # noqa: S608
        f" (SELECT recipient_id FROM job WHERE broadcast_id = ? AND {busy})) ORDER BY id",
        (broadcast_id, *states, broadcast_id),
    ).fetchall()
    found = []
    for row in rows:
        known = progress.addresses_of(db, row["contact_id"]) or _used(db, row["id"])
        if known:
            reserved = bool(row["registered"])
            found.append(
                Person(
                    row["contact_id"], row["name"], known, reserved=reserved,
                    language=_language(db, row["contact_id"]),
                )
            )  # fmt: skip
    return found


def english(db: sqlite3.Connection, broadcast_id: int) -> list[tuple[Channel, str]]:
    """Return what was written in English to some of a broadcast's people: each text once.

    By the first of its channels; where a text has names in it, that is one for each person.
    """
    rows = db.execute(
        "SELECT DISTINCT own_texts FROM recipient WHERE broadcast_id = ? AND own_texts != ''",
        (broadcast_id,),
    )
    own = [json.loads(row["own_texts"]) for row in rows]
    return [
        next((channel, one[channel]) for channel in Channel if one.get(channel))
        for one in own
        if one.get("language") == "en" and any(one.get(channel) for channel in Channel)
    ]


def _language(db: sqlite3.Connection, contact_id: int | None) -> str:
    row = db.execute("SELECT language FROM contact WHERE id = ?", (contact_id,)).fetchone()
    return str(row["language"]) if row else "fr"


def _used(db: sqlite3.Connection, recipient_id: int) -> tuple[Address, ...]:
    rows = db.execute(
        "SELECT DISTINCT endpoint_id, line, address FROM job WHERE recipient_id = ?"
        " AND to_referent = 0",
        (recipient_id,),
    )
    return tuple(Address(row["endpoint_id"], Line(row["line"]), row["address"]) for row in rows)


def replan(db: sqlite3.Connection, broadcast_id: int, plan: plans.Plan, now: float) -> None:
    """Give a broadcast another plan and ask it anew for everybody not reached."""
    db.execute(
        "UPDATE broadcast SET plan = ?, closed_at = NULL, state = CASE state WHEN 'closed'"
        " THEN 'sending' ELSE state END WHERE id = ?",
        (plans.to_json(plan), broadcast_id),
    )
    rows = db.execute(
        "SELECT id FROM recipient WHERE broadcast_id = ? AND state IN"
        " ('sent', 'in_progress', 'pending', 'answered', 'uncertain', 'failed')",
        (broadcast_id,),
    ).fetchall()
    for row in rows:
        db.execute(
            "UPDATE recipient SET closed_at = NULL, step = coalesce((SELECT max(step) FROM job"
            " WHERE recipient_id = recipient.id), 0) WHERE id = ?",
            (row["id"],),
        )
        progress.advance(db, row["id"], now)
    progress.close_if_done(db, broadcast_id, now)


def followed_by(db: sqlite3.Connection, broadcast_id: int) -> list[sqlite3.Row]:
    """Return what was sent after a broadcast because of it."""
    return db.execute(
        "SELECT id, kind, state, author, created_at, idempotency_key FROM broadcast"
        " WHERE parent_id = ? ORDER BY id",
        (broadcast_id,),
    ).fetchall()


def silent(db: sqlite3.Connection, broadcast_id: int) -> bool:
    """Tell whether people were only texted by networks that give no receipts, and nobody rang."""
    row = db.execute(
        "SELECT 1 FROM job j JOIN attempt a ON a.job_id = j.id JOIN sim s ON s.id = a.sim"
        " WHERE j.broadcast_id = :id AND j.channel = 'sms' AND j.state = 'handed_over'"
        " AND s.reports_seen = 0 AND s.accepted >= :few AND NOT EXISTS (SELECT 1 FROM job v"
        "  WHERE v.recipient_id = j.recipient_id AND v.channel = 'voice') LIMIT 1",
        {"id": broadcast_id, "few": progress.SILENT_AFTER},
    ).fetchone()
    return row is not None
