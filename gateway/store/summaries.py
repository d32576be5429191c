"""Broadcasts with their totals, as lists and pages show them."""

from __future__ import annotations

import sqlite3

from gateway.store.joint import IS_JOINT

#: Counted in the index on (broadcast, state): a year of messages must not slow the list down.
#: The end of a message is that of all that says it again, too (`gateway.store.family`).
#: Whom it never was for (a double, somebody who wants none) is no part of « 8 of 38 ».
_COUNTED = f"""SELECT b.*,
  coalesce(nullif((SELECT count(*) FROM recipient r WHERE r.broadcast_id = b.id
    AND r.state != 'excluded'), 0), b.awaited) AS recipients,
  (SELECT count(*) FROM recipient r WHERE r.broadcast_id = b.id AND {IS_JOINT}) AS reached,
  CASE WHEN b.plan ->> '$.confirm' THEN (SELECT count(*) FROM recipient r
    WHERE r.broadcast_id = b.id AND r.state = 'acknowledged') END AS confirmed,
  CASE WHEN b.state = 'cancelled' THEN coalesce(
    (SELECT 'refused' FROM approval a WHERE a.broadcast_id = b.id AND a.answer = 'no'),
    (WITH RECURSIVE up(id, parent_id, kind) AS (SELECT b.id, b.parent_id, b.kind UNION ALL
      SELECT p.id, p.parent_id, p.kind FROM broadcast p JOIN up ON p.id = up.parent_id
        WHERE up.kind IN ('resend', 'correction'))
      SELECT f.kind FROM broadcast f WHERE f.id > b.id AND f.parent_id IN (SELECT id FROM up)
      AND f.kind IN ('end', 'correction') AND f.state != 'cancelled' ORDER BY f.id LIMIT 1)) END
    AS ended_as
  FROM """  # noqa: S608
_SUMMARY = f"{_COUNTED} broadcast b"


def one(db: sqlite3.Connection, entity_id: int, broadcast_id: int) -> sqlite3.Row | None:
    """Return one broadcast with its totals, if it is this town's."""
    row: sqlite3.Row | None = db.execute(
        f"{_SUMMARY} WHERE b.entity_id = ? AND b.id = ?", (entity_id, broadcast_id)
    ).fetchone()
    return row


def page(
    db: sqlite3.Connection, entity_id: int, limit: int, offset: int
) -> tuple[list[sqlite3.Row], int]:
    """Return one page of the town's broadcasts, newest first, and how many there are.

    What the box itself tells mailboxes (SMS sent on, the day's summary) is nobody's message.
    """
    own = "'forward', 'summary', 'alarm', 'auto', 'reply', 'round'"
    whose = f"entity_id = ? AND kind NOT IN ({own})"
    total = db.execute(f"SELECT count(*) FROM broadcast WHERE {whose}", (entity_id,))  # noqa: S608
    rows = db.execute(
        f"{_COUNTED} (SELECT * FROM broadcast WHERE {whose} ORDER BY id DESC LIMIT ?"  # noqa: S608
        " OFFSET ?) b ORDER BY b.id DESC",
        (entity_id, limit, offset),
    ).fetchall()
    return rows, int(total.fetchone()[0])
