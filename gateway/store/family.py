"""A message, the same sent again, and its corrections: one family, which ends together.

Told by ``parent_id`` and ``kind``. What is sent again says the same as what it repeats; a
correction speaks to whoever had any of it. An end is no part of it: it is a message of its own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from typing import Final

#: What says the same once more.
REPEATS: Final = ("resend",)
#: What belongs to a message until its end.
OF_ONE: Final = ("resend", "correction")


def first(db: sqlite3.Connection, broadcast_id: int, kinds: Collection[str] = OF_ONE) -> int:
    """Return the message that one of these kinds goes back to; itself, if it is of none."""
    row = db.execute(
        "WITH RECURSIVE up(id, parent_id, kind) AS ("
        " SELECT id, parent_id, kind FROM broadcast WHERE id = :id UNION ALL"
        " SELECT p.id, p.parent_id, p.kind FROM broadcast p JOIN up ON p.id = up.parent_id"
        " WHERE up.kind IN (SELECT value FROM json_each(:kinds))"
        ") SELECT min(id) AS first FROM up",
        {"id": broadcast_id, "kinds": json.dumps(list(kinds))},
    ).fetchone()
    return int(row["first"])


def whole(
    db: sqlite3.Connection, first_id: int, kinds: Collection[str] = OF_ONE
) -> tuple[int, ...]:
    """Return a first message and all of these kinds that go back to it, oldest first."""
    rows = db.execute(
        "WITH RECURSIVE down(id) AS (SELECT :id UNION ALL"
        " SELECT b.id FROM broadcast b JOIN down ON b.parent_id = down.id"
        " WHERE b.kind IN (SELECT value FROM json_each(:kinds))) SELECT id FROM down ORDER BY id",
        {"id": first_id, "kinds": json.dumps(list(kinds))},
    )
    return tuple(row["id"] for row in rows)


def going(db: sqlite3.Connection, first_id: int) -> tuple[int, ...]:
    """Return what of a family may still reach somebody."""
    rows = db.execute(
        "SELECT id FROM broadcast WHERE id IN (SELECT value FROM json_each(?))"
        # scheduled: a correction that a second person agreed to at night waits for the morning
        " AND state IN ('sending', 'paused', 'awaiting_approval', 'scheduled') ORDER BY id",
        (json.dumps(whole(db, first_id)),),
    )
    return tuple(row["id"] for row in rows)


def ends(db: sqlite3.Connection, broadcast_id: int) -> tuple[int, ...]:
    """Return the ends of the family a message belongs to, and those sent again."""
    rows = db.execute(
        "SELECT id FROM broadcast WHERE kind = 'end'"
        " AND parent_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(whole(db, first(db, broadcast_id))),),
    ).fetchall()
    return tuple(one for row in rows for one in whole(db, row["id"], REPEATS))


def last_word(
    db: sqlite3.Connection, first_id: int, kinds: Collection[str], after: int, but: int = 0
) -> sqlite3.Row | None:
    """Return the last end or correction (``kinds``) of a family, made later than ``after``.

    ``but``: one that does not count.
    """
    row: sqlite3.Row | None = db.execute(
        "SELECT id, kind, author, created_at FROM broadcast WHERE id > :after AND id != :but"
        " AND parent_id IN (SELECT value FROM json_each(:family))"
        " AND kind IN (SELECT value FROM json_each(:kinds)) AND state != 'cancelled'"
        " ORDER BY id DESC LIMIT 1",
        {"after": after, "but": but, "family": json.dumps(whole(db, first_id)),
         "kinds": json.dumps(list(kinds))},
    ).fetchone()  # fmt: skip
    return row


def is_end(db: sqlite3.Connection, broadcast_id: int) -> bool:
    """Tell whether a message is the end of another, or that end sent again."""
    row = db.execute(
        "SELECT kind FROM broadcast WHERE id = ?", (first(db, broadcast_id),)
    ).fetchone()
    return bool(row["kind"] == "end")
