"""Who is not reached and where they live: the rows of the door-to-door sheet."""

from __future__ import annotations

import sqlite3


def unreached(db: sqlite3.Connection, broadcast_id: int, *, register: bool) -> list[sqlite3.Row]:
    """Return those of a broadcast whom nothing says to be warned, with their address.

    Those of the register of vulnerable people only for its keepers (``register``).
    """
    return db.execute(
        """SELECT r.id, CASE WHEN r.registered AND c.id IS NOT NULL
               THEN trim(c.given_name || ' ' || c.name) ELSE r.name END AS name,
             r.state, coalesce(c.number, '') AS number,
             coalesce(c.street, '') AS street, coalesce(c.complement, '') AS complement,
             coalesce(c.floor, '') AS floor, coalesce(c.note, '') AS note,
             coalesce(c.help_first, 0) AS help_first, c.id AS contact_id,
             (SELECT group_concat(e.address, ' ') FROM endpoint e WHERE e.contact_id = c.id
               AND e.line != 'email') AS telephones
           FROM recipient r LEFT JOIN contact c ON c.id = r.contact_id
           WHERE r.broadcast_id = ? AND r.state NOT IN
             ('received', 'listened', 'acknowledged', 'told_in_person')
             AND r.registered <= ? ORDER BY 2""",
        (broadcast_id, register),
    ).fetchall()


def kept_back(db: sqlite3.Connection, broadcast_id: int) -> int:
    """Return how many of the register are not reached: a keeper has their addresses."""
    row = db.execute(
        "SELECT count(*) FROM recipient WHERE broadcast_id = ? AND registered = 1 AND state NOT IN"
        " ('received', 'listened', 'acknowledged', 'told_in_person')",
        (broadcast_id,),
    ).fetchone()
    return int(row[0])


def told(db: sqlite3.Connection, broadcast_id: int) -> list[sqlite3.Row]:
    """Return who was told face to face, by whom."""
    return db.execute(
        "SELECT name, told_by, told_at FROM recipient WHERE broadcast_id = ?"
        " AND told_at IS NOT NULL ORDER BY told_at",
        (broadcast_id,),
    ).fetchall()
