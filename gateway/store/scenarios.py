"""Ready messages, messages that come again, and the people on duty, as rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from gateway.store import events, hidden, progress, settings
from gateway.store.people import Person


def listed(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return a town's scenarios in the order it gave them."""
    return db.execute(
        "SELECT * FROM scenario WHERE entity_id = ? ORDER BY position, name", (entity_id,)
    ).fetchall()


def get(db: sqlite3.Connection, entity_id: int, number: int) -> sqlite3.Row | None:
    """Return one scenario, None when it is not this town's."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM scenario WHERE entity_id = ? AND id = ?", (entity_id, number)
    ).fetchone()
    return row


def save(db: sqlite3.Connection, entity_id: int, name: str, draft: str, by: str, now: float) -> int:
    """Keep a ready message under its name, in place of the one it had; return its number."""
    known = db.execute(
        "SELECT * FROM scenario WHERE entity_id = ? AND name = ?", (entity_id, name)
    ).fetchone()
    number = known["id"] if known else settings.fresh_number(db, "scenario", settings.SCENARIO)
    db.execute(
        "INSERT INTO scenario(id, entity_id, name, draft, position, changed_at, changed_by)"
        " SELECT ?, ?, ?, ?, coalesce(max(position), 0) + 1, ?, ? FROM scenario WHERE entity_id = ?"
        " ON CONFLICT(entity_id, name) DO UPDATE SET draft = excluded.draft,"
        " changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        (number, entity_id, name, draft, now, by, entity_id),
    )
    before = known["draft"] if known else None
    if before != draft:
        settings.note_change(
            db, entity_id, settings.SCENARIO, (number, name), before, draft, by, now
        )
    events.record(db, now, "scenario.saved", {"name": name, "by": by}, entity_id=entity_id)
    return int(number)


def bring_back(
    db: sqlite3.Connection, entity_id: int, number: int, name: str, draft: str,
    place: tuple[int, str], by: str, now: float,
) -> bool:  # fmt: skip
    """Put a ready message back under its number, with its ``place`` and word; False: name taken."""
    taken = db.execute(
        "SELECT 1 FROM scenario WHERE entity_id = ? AND (name = ? OR (word = ? AND word != ''))",
        (entity_id, name, place[1]),
    ).fetchone()
    if taken:
        return False
    db.execute(
        "INSERT INTO scenario(id, entity_id, name, draft, position, word, changed_at, changed_by)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (number, entity_id, name, draft, *place, now, by),
    )
    settings.note_change(db, entity_id, settings.SCENARIO, (number, name), None, draft, by, now)
    events.record(db, now, "scenario.saved", {"name": name, "by": by}, entity_id=entity_id)
    return True


def delete(db: sqlite3.Connection, entity_id: int, number: int, by: str, now: float) -> bool:
    """Remove a ready message; return whether it was there."""
    row = get(db, entity_id, number)
    if row is None:
        return False
    db.execute("DELETE FROM scenario WHERE id = ?", (number,))
    settings.note_change(
        db, entity_id, settings.SCENARIO, (number, row["name"]), row["draft"], None, by, now,
        position=row["position"], word=row["word"],
    )  # fmt: skip
    events.record(db, now, "scenario.deleted", {"name": row["name"], "by": by}, entity_id=entity_id)
    return True


def begin_series(
    db: sqlite3.Connection, entity_id: int, title: str, cron: str, draft: str, next_at: float,
    by: str, now: float, key: str = "",
) -> int:  # fmt: skip
    """Write down a message that comes again; return its number."""
    cursor = db.execute(
        "INSERT INTO series(entity_id, title, cron, draft, next_at, created_at, created_by, key)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (entity_id, title, cron, draft, next_at, now, by, key),
    )
    events.record(
        db, now, "series.begun", {"title": title, "cron": cron, "by": by}, entity_id=entity_id
    )
    return int(cursor.lastrowid or 0)


def series_of_key(db: sqlite3.Connection, entity_id: int, key: str) -> int | None:
    """Return the series that a form made already: sent twice, it is one."""
    row = db.execute(
        "SELECT id FROM series WHERE entity_id = ? AND key = ?", (entity_id, key)
    ).fetchone()
    return int(row["id"]) if row else None


def series(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return the messages of a town that come again, the next first."""
    return db.execute(
        "SELECT * FROM series WHERE entity_id = ? AND ended_at IS NULL ORDER BY next_at",
        (entity_id,),
    ).fetchall()


def series_due(db: sqlite3.Connection, now: float) -> list[sqlite3.Row]:
    """Return those whose time has come, with their town."""
    return db.execute(
        "SELECT s.*, e.name AS town, e.timezone FROM series s JOIN entity e ON e.id = s.entity_id"
        " WHERE s.ended_at IS NULL AND s.next_at <= ? ORDER BY s.next_at",
        (now,),
    ).fetchall()


def move_series(
    db: sqlite3.Connection, number: int, next_at: float, problem: str, now: float
) -> None:
    """Write down when a message comes next, and why it could not leave this time."""
    row = db.execute(
        "UPDATE series SET next_at = ?, problem = ? WHERE id = ? RETURNING entity_id, title",
        (next_at, problem, number),
    ).fetchall()
    if problem and row:
        told = {"title": row[0]["title"], "why": problem}
        events.record(db, now, "series.failed", told, entity_id=row[0]["entity_id"])


def skip_series(db: sqlite3.Connection, number: int, now: float) -> None:
    """Write down that one occurrence was left out: its day has no hours, or the next one's."""
    row = db.execute("SELECT entity_id, title FROM series WHERE id = ?", (number,)).fetchone()
    events.record(db, now, "series.skipped", {"title": row["title"]}, entity_id=row["entity_id"])


def reset_series(
    db: sqlite3.Connection, entity_id: int, number: int, cron: str, next_at: float, by: str,
    now: float,
) -> bool:  # fmt: skip
    """Let a message come at other times; return whether it still comes."""
    moved = db.execute(
        "UPDATE series SET cron = ?, next_at = ?, problem = '' WHERE entity_id = ? AND id = ?"
        " AND ended_at IS NULL RETURNING title",
        (cron, next_at, entity_id, number),
    ).fetchall()
    if moved:
        told = {"title": moved[0]["title"], "cron": cron, "by": by}
        events.record(db, now, "series.moved", told, entity_id=entity_id)
    return bool(moved)


def end_series(db: sqlite3.Connection, entity_id: int, number: int, by: str, now: float) -> bool:
    """Let a message come no more; return whether it still did."""
    ended = db.execute(
        "UPDATE series SET ended_at = ? WHERE entity_id = ? AND id = ? AND ended_at IS NULL"
        " RETURNING title",
        (now, entity_id, number),
    ).fetchall()
    if ended:
        told = {"title": ended[0]["title"], "by": by}
        events.record(db, now, "series.ended", told, entity_id=entity_id)
    return bool(ended)


def scheduled(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return the broadcasts of a town that wait for their time or a second person."""
    return db.execute(
        "SELECT * FROM broadcast WHERE entity_id = ? AND (state IN ('scheduled',"
        " 'awaiting_approval') OR (state = 'sending' AND starts_at > created_at AND"
        " closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM attempt a JOIN job j ON j.id = a.job_id"
        " WHERE j.broadcast_id = broadcast.id))) ORDER BY starts_at",
        (entity_id,),
    ).fetchall()


def reminders(db: sqlite3.Connection, entity_id: int, parent_id: int) -> list[sqlite3.Row]:
    """Return the reminders of a convocation that have not left."""
    return db.execute(
        "SELECT * FROM broadcast WHERE entity_id = ? AND parent_id = ? AND kind = 'reminder'"
        " AND state IN ('scheduled', 'awaiting_approval') ORDER BY starts_at",
        (entity_id, parent_id),
    ).fetchall()


def add_duty(
    db: sqlite3.Connection, entity_id: int, name: str, contact_id: int, begins: float,
    ends: float, by: str, now: float,
) -> int:  # fmt: skip
    """Put somebody on duty from ``begins`` to ``ends`` (seconds since 1970).

    The same turn once more is the one that stands.
    """
    stands = db.execute(
        "SELECT id FROM duty WHERE entity_id = ? AND list = ? AND contact_id = ?"
        " AND begins_at = ? AND ends_at = ?",
        (entity_id, name, contact_id, begins, ends),
    ).fetchone()
    if stands:
        return int(stands["id"])
    cursor = db.execute(
        "INSERT INTO duty(entity_id, list, contact_id, begins_at, ends_at) VALUES (?,?,?,?,?)",
        (entity_id, name, contact_id, begins, ends),
    )
    told = {"list": name, "contact": contact_id, "begins": begins, "ends": ends, "by": by}
    events.record(db, now, "duty.added", told, entity_id=entity_id)
    return int(cursor.lastrowid or 0)


def remove_duty(db: sqlite3.Connection, entity_id: int, number: int, by: str, now: float) -> bool:
    """Take a turn of duty away; return whether it was there."""
    gone = db.execute(
        "DELETE FROM duty WHERE entity_id = ? AND id = ? RETURNING *", (entity_id, number)
    ).fetchall()
    for row in gone:
        told = {"list": row["list"], "contact": row["contact_id"], "by": by}
        events.record(db, now, "duty.removed", told, entity_id=entity_id)
    return bool(gone)


def duty_lists(db: sqlite3.Connection, entity_id: int) -> list[str]:
    """Return the names of a town's lists of duty."""
    rows = db.execute("SELECT DISTINCT list FROM duty WHERE entity_id = ? ORDER BY list",
                      (entity_id,))  # fmt: skip
    return [row["list"] for row in rows]


def duties(db: sqlite3.Connection, entity_id: int, since: float) -> list[sqlite3.Row]:
    """Return the turns of duty that are not over at ``since``, with names."""
    return db.execute(
        "SELECT d.*, c.name, c.given_name FROM duty d JOIN contact c ON c.id = d.contact_id"
        " WHERE d.entity_id = ? AND d.ends_at > ? ORDER BY d.begins_at, d.list",
        (entity_id, since),
    ).fetchall()


def on_duty(db: sqlite3.Connection, entity_id: int, name: str, now: float) -> list[int]:
    """Return the contacts on duty of a list at this moment."""
    rows = db.execute(
        "SELECT DISTINCT contact_id FROM duty WHERE entity_id = ? AND list = ?"
        " AND begins_at <= ? AND ends_at > ?",
        (entity_id, name, now, now),
    )
    return [int(row["contact_id"]) for row in rows]


def people_of(db: sqlite3.Connection, entity_id: int, contact_ids: Iterable[int]) -> list[Person]:
    """Return these contacts of a town as a broadcast needs them, by name."""
    rows = db.execute(
        "SELECT id, name, given_name, reserved, language FROM contact WHERE entity_id = ?"
        " AND id IN (SELECT value FROM json_each(?)) ORDER BY clear_name, id",
        (entity_id, json.dumps(sorted(contact_ids))),
    ).fetchall()
    return [
        Person(
            row["id"], f"{row['given_name']} {row['name']}".strip(),
            progress.addresses_of(db, row["id"]), reserved=bool(row["reserved"]),
            language=row["language"], unreadable=hidden.unreadable(row),
        )
        for row in rows
    ]  # fmt: skip
