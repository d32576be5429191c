"""Conversations by SMS: what came from a number and what went to it; rules that answer."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway.logs import masked
from gateway.store import events

#: Names of the register's people are for its keepers alone.
_NAME: Final = """(SELECT trim(k.given_name || ' ' || k.name) FROM endpoint p JOIN contact k
    ON k.id = p.contact_id WHERE p.entity_id = :entity
    AND p.mark IN (i.number, register_mark(i.number)) AND (k.reserved = 0 OR :keeper)
    ORDER BY k.id LIMIT 1)"""
_OURS: Final = "(i.entity_id = :entity OR i.entity_id IS NULL)"
_LISTED: Final = f"""SELECT i.number, max(i.at) AS at,
    sum(i.to_read AND i.read_at IS NULL) AS unread,
    max(i.kind = 'distress' AND i.to_read AND i.read_at IS NULL) AS danger, {_NAME} AS name,
    (SELECT n.text FROM inbox n WHERE n.number = i.number AND (n.entity_id = :entity
      OR n.entity_id IS NULL) ORDER BY n.at DESC, n.id DESC LIMIT 1) AS text
  FROM inbox i WHERE {_OURS} AND i.effect NOT IN ('heartbeat', 'sign')
    AND (:words = '' OR i.text LIKE :like ESCAPE '\\'
    OR replace(i.number, ' ', '') LIKE :digits ESCAPE '\\' OR {_NAME} LIKE :like ESCAPE '\\')
  GROUP BY i.number"""  # noqa: S608  put together from what stands above


def listed(
    db: sqlite3.Connection, entity_id: int, words: str, limit: int, offset: int, *, keeper: bool
) -> tuple[list[sqlite3.Row], int]:
    """Return one page of conversations, danger and unread first; and how many there are.

    What modems and boxes write to each other is no conversation.
    ``words`` are looked for in the texts, names and numbers.
    """
    bare = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    digits = "".join(sign for sign in words if sign.isdigit()).removeprefix("0")
    values = {
        "entity": entity_id, "keeper": keeper, "words": words, "like": f"%{bare}%",
        "digits": f"%{digits}%" if len(digits) > 3 else "-", "limit": limit, "offset": offset,
    }  # fmt: skip
    total = db.execute(f"SELECT count(*) FROM ({_LISTED})", values).fetchone()[0]  # noqa: S608
    rows = db.execute(
        f"{_LISTED} ORDER BY danger DESC, unread > 0 DESC, at DESC LIMIT :limit OFFSET :offset",
        values,
    ).fetchall()
    return rows, int(total)


def received(
    db: sqlite3.Connection, entity_id: int, number: str, limit: int = 200
) -> list[sqlite3.Row]:
    """Return what came from a number, newest first."""
    return db.execute(
        f"SELECT i.*, b.title, b.kind AS about, r.registered FROM inbox i"  # noqa: S608
        " LEFT JOIN broadcast b ON b.id = i.broadcast_id"
        " LEFT JOIN recipient r ON r.id = i.recipient_id"
        f" WHERE i.number = :number AND {_OURS} ORDER BY i.at DESC, i.id DESC LIMIT :limit",
        {"number": number, "entity": entity_id, "limit": limit},
    ).fetchall()


def sent(
    db: sqlite3.Connection, entity_id: int, number: str, limit: int = 200
) -> list[sqlite3.Row]:
    """Return what went to a number by SMS or call, newest first, with what became of it."""
    return db.execute(
        "SELECT j.channel, j.state, j.reason, j.held_reason, j.not_before, b.id AS broadcast_id,"
        " b.title, b.kind,"
        " (SELECT r.registered FROM recipient r WHERE r.id = j.recipient_id) AS registered,"
        " b.author, coalesce(j.body, t.body, '') AS text, coalesce((SELECT min(a.started_at)"
        " FROM attempt a WHERE a.job_id = j.id), b.created_at) AS at"
        " FROM job j JOIN broadcast b ON b.id = j.broadcast_id"
        " LEFT JOIN broadcast_text t ON t.broadcast_id = b.id AND t.channel = j.channel"
        " WHERE j.address = ? AND j.entity_id = ? AND j.channel IN ('sms', 'voice')"
        " ORDER BY j.id DESC LIMIT ?",
        (number, entity_id, limit),
    ).fetchall()


def last_answer(db: sqlite3.Connection, entity_id: int, number: str) -> sqlite3.Row | None:
    """Return what was last written to a number by hand (id, author, at, text), if anything was."""
    row: sqlite3.Row | None = db.execute(
        "SELECT b.id, b.author, b.created_at AS at, t.body AS text FROM job j"
        " JOIN broadcast b ON b.id = j.broadcast_id JOIN broadcast_text t"
        " ON t.broadcast_id = b.id AND t.channel = j.channel WHERE j.address = ?"
        " AND j.entity_id = ? AND b.kind = 'reply' ORDER BY b.id DESC LIMIT 1",
        (number, entity_id),
    ).fetchone()
    return row


def read(
    db: sqlite3.Connection, entity_id: int, number: str, last: int, by: str, now: float
) -> int:  # fmt: skip
    """Write down that somebody has read what came from a number; return how many that were.

    Up to the message ``last``: what came while they read is not read.
    """
    changed = db.execute(
        f"UPDATE inbox AS i SET read_at = ?, read_by = ? WHERE number = ? AND to_read = 1"  # noqa: S608
        f" AND read_at IS NULL AND id <= ? AND {_OURS.replace(':entity', '?')}",
        (now, by, number, last, entity_id),
    ).rowcount
    if changed:
        told = {"by": by, "messages": changed, "number": masked(number)}
        events.record(db, now, "inbox.read", told, entity_id=entity_id)
    return changed


def unread(db: sqlite3.Connection) -> dict[int, tuple[int, int]]:
    """Return by town how many SMS wait to be read, and how many of them cry for help."""
    rows = db.execute(
        "SELECT e.id, count(*) AS whole, sum(i.kind = 'distress') AS danger FROM inbox i"
        " JOIN entity e ON i.entity_id = e.id OR i.entity_id IS NULL"
        " WHERE i.to_read = 1 AND i.read_at IS NULL GROUP BY e.id"
    )
    return {row["id"]: (row["whole"], row["danger"]) for row in rows}


def about(
    db: sqlite3.Connection, entity_id: int, broadcast_id: int, *, keeper: bool
) -> list[sqlite3.Row]:
    """Return the SMS a human must read that came after a broadcast, danger and unread first.

    Those of the register's people, and of whoever looks after them, for its keepers alone: to
    others a number without a name would tell whose it is.
    """
    return db.execute(
        f"SELECT i.*, b.kind AS about, r.registered, {_NAME} AS name FROM inbox i"  # noqa: S608
        " JOIN broadcast b ON b.id = i.broadcast_id"
        " LEFT JOIN recipient r ON r.id = i.recipient_id WHERE i.broadcast_id = :broadcast"
        f" AND i.to_read = 1 AND {_OURS} AND (:keeper OR NOT coalesce(r.registered, 0))"
        " ORDER BY i.kind = 'distress' DESC, i.read_at IS NOT NULL, i.at DESC LIMIT 50",
        {"broadcast": broadcast_id, "entity": entity_id, "keeper": keeper},
    ).fetchall()


def last_sim(db: sqlite3.Connection, entity_id: int, number: str) -> str:
    """Return the SIM a number last wrote to, empty for one that never did."""
    rows = received(db, entity_id, number, 1)
    return str(rows[0]["sim"]) if rows else ""


# --- rules that answer ----------------------------------------------------------------------


def rules(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return a town's rules in the order they were made: the first that fits answers."""
    return db.execute(
        "SELECT * FROM reply_rule WHERE entity_id = ? ORDER BY words = '', id", (entity_id,)
    ).fetchall()


def add_rule(
    db: sqlite3.Connection, entity_id: int, words: str, answer: str, by: str, now: float
) -> None:
    """Have whatever has one of these words (comma between; none: everything) answered.

    The same rule once more is the one that stands.
    """
    same = "SELECT 1 FROM reply_rule WHERE entity_id = ? AND words = ? AND answer = ?"
    if db.execute(same, (entity_id, words, answer)).fetchone():
        return
    db.execute(
        "INSERT INTO reply_rule(entity_id, words, answer, added_at, added_by) VALUES (?,?,?,?,?)",
        (entity_id, words, answer, now, by),
    )
    told = {"words": words, "answer": answer, "by": by}
    events.record(db, now, "reply_rule.added", told, entity_id=entity_id)


def remove_rule(db: sqlite3.Connection, entity_id: int, number: int, by: str, now: float) -> bool:
    """Take a rule back; return whether there was one."""
    gone = db.execute(
        "DELETE FROM reply_rule WHERE id = ? AND entity_id = ? RETURNING words, answer",
        (number, entity_id),
    ).fetchall()
    for row in gone:
        told = {"words": row["words"], "answer": row["answer"], "by": by}
        events.record(db, now, "reply_rule.removed", told, entity_id=entity_id)
    return bool(gone)
