"""Files sent along with mails: stored once, named by each draft and broadcast that uses them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence

from gateway.attachments import Attachment


def keep(db: sqlite3.Connection, entity_id: int, file: Attachment, by: str, now: float) -> int:
    """Store a file, once however often it is sent; return its id."""
    digest = hashlib.sha256(file.data).hexdigest()
    db.execute(
        "INSERT INTO stored_file(entity_id, name, content_type, data, digest, at, by)"
        " VALUES (?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET at = excluded.at",
        (entity_id, file.name, file.content_type, file.data, digest, now, by),
    )
    row = db.execute(
        "SELECT id FROM stored_file WHERE entity_id = ? AND digest = ? AND name = ?",
        (entity_id, digest, file.name),
    ).fetchone()
    return int(row["id"])


def about(db: sqlite3.Connection, entity_id: int, ids: Sequence[int]) -> list[sqlite3.Row]:
    """Return id, name and size (octets) of those of these files that are the town's."""
    return db.execute(
        "SELECT id, name, length(data) AS size FROM stored_file WHERE entity_id = ?"
        " AND id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (entity_id, json.dumps(list(ids))),
    ).fetchall()


def attach(db: sqlite3.Connection, broadcast_id: int, ids: Sequence[int]) -> None:
    """Let these files go with a broadcast, and no others."""
    db.execute("DELETE FROM attachment WHERE broadcast_id = ?", (broadcast_id,))
    db.executemany(
        "INSERT INTO attachment(broadcast_id, position, file_id) VALUES (?,?,?)",
        [(broadcast_id, position, number) for position, number in enumerate(ids)],
    )


def ids_of(db: sqlite3.Connection, broadcast_id: int) -> tuple[int, ...]:
    """Return the files that go with a broadcast."""
    rows = db.execute(
        "SELECT file_id FROM attachment WHERE broadcast_id = ? ORDER BY position", (broadcast_id,)
    )
    return tuple(int(row["file_id"]) for row in rows)


def attachments_of(db: sqlite3.Connection, broadcast_id: int) -> list[Attachment]:
    """Return the files that go with a broadcast, whole."""
    rows = db.execute(
        "SELECT f.name, f.content_type, f.data FROM attachment a JOIN stored_file f"
        " ON f.id = a.file_id WHERE a.broadcast_id = ? ORDER BY a.position",
        (broadcast_id,),
    )
    return [Attachment(row["name"], row["content_type"], row["data"]) for row in rows]
