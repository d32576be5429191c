"""Who is not reached and where they live: the rows of the door-to-door sheet."""

from __future__ import annotations

import sqlite3

from gateway.model import Reason
from gateway.store import events, joint, progress


def unreached(db: sqlite3.Connection, broadcast_id: int, *, register: bool) -> list[sqlite3.Row]:
    """Return those of a broadcast whom nothing says to be warned, with their address.

    Of one that asks to confirm, those who did not.

    Those of the register of vulnerable people only for its keepers (``register``).
    """
    return db.execute(
        f"""SELECT r.id, CASE WHEN r.registered AND c.id IS NOT NULL
               THEN trim(c.given_name || ' ' || c.name) ELSE r.name END AS name,
             r.state, coalesce(c.number, '') AS number,
             coalesce(c.street, '') AS street, coalesce(c.complement, '') AS complement,
             coalesce(c.floor, '') AS floor, coalesce(c.note, '') AS note,
             coalesce(c.help_first, 0) AS help_first, c.id AS contact_id,
             (SELECT group_concat(e.address, ' ') FROM endpoint e WHERE e.contact_id = c.id
               AND e.line != 'email') AS telephones
           FROM recipient r JOIN broadcast b ON b.id = r.broadcast_id
             LEFT JOIN contact c ON c.id = r.contact_id
           WHERE r.broadcast_id = ? AND NOT {joint.IS_JOINT}
             AND r.registered <= ? ORDER BY 2""",  # noqa: S608
        (broadcast_id, register),
    ).fetchall()


def kept_back(db: sqlite3.Connection, broadcast_id: int) -> int:
    """Return how many of the register are not reached: a keeper has their addresses."""
    row = db.execute(
        "SELECT count(*) FROM recipient r JOIN broadcast b ON b.id = r.broadcast_id"  # noqa: S608
        f" WHERE r.broadcast_id = ? AND r.registered = 1 AND NOT {joint.IS_JOINT}",
        (broadcast_id,),
    ).fetchone()
    return int(row[0])


def told(db: sqlite3.Connection, broadcast_id: int) -> list[sqlite3.Row]:
    """Return who was told face to face, by whom."""
    return db.execute(
        "SELECT id, name, told_by, told_at FROM recipient WHERE broadcast_id = ?"
        " AND told_at IS NOT NULL ORDER BY told_at",
        (broadcast_id,),
    ).fetchall()


def take_back(
    db: sqlite3.Connection, broadcast_id: int, recipient_id: int, by: str, now: float
) -> bool:
    """Undo a tick; False when there is none. What it stopped stays stopped, and says why.

    What the person lived is derived again from their jobs.
    """
    row = db.execute(
        "SELECT entity_id, told_at, told_by FROM recipient WHERE id = ? AND broadcast_id = ?"
        " AND told_at IS NOT NULL",
        (recipient_id, broadcast_id),
    ).fetchone()
    if row is None:
        return False
    db.execute("UPDATE recipient SET told_at = NULL, told_by = '' WHERE id = ?", (recipient_id,))
    db.execute(
        "UPDATE job SET reason = ? WHERE recipient_id = ? AND state = 'cancelled' AND reason = ?"
        " AND ended_at = ?",
        (Reason.TICK_TAKEN_BACK, recipient_id, Reason.ALREADY_REACHED, row["told_at"]),
    )
    events.record(
        db, now, "recipient.tick_taken_back", {"by": by, "told_by": row["told_by"]},
        entity_id=row["entity_id"], broadcast_id=broadcast_id, recipient_id=recipient_id,
    )  # fmt: skip
    progress.advance(db, recipient_id, now)
    return True
