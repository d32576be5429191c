"""Programs that may send for a town, as rows; of a token only its hash is kept."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway.store import events, settings

#: The moment a token was last used is written at most so often (seconds).
_SEEN: Final = 60.0


def add(
    db: sqlite3.Connection, entity_id: int, name: str, token_hash: str, by: str, now: float
) -> bool:
    """Let a program in; return False when one in use has that name."""
    taken = db.execute(
        "SELECT 1 FROM software WHERE entity_id = ? AND name = ? AND revoked_at IS NULL",
        (entity_id, name),
    ).fetchone()
    if taken:
        return False
    db.execute(
        "INSERT INTO software(entity_id, name, token_hash, created_at, created_by)"
        " VALUES (?,?,?,?,?)",
        (entity_id, name, token_hash, now, by),
    )
    settings.note_change(db, entity_id, settings.SOFTWARE, (0, name), False, True, by, now)
    events.record(db, now, "software.added", {"name": name, "by": by}, entity_id=entity_id)
    return True


def listed(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return the programs of a town that may still come in, by name."""
    return db.execute(
        "SELECT * FROM software WHERE entity_id = ? AND revoked_at IS NULL ORDER BY name",
        (entity_id,),
    ).fetchall()


def by_token(db: sqlite3.Connection, token_hash: str) -> sqlite3.Row | None:
    """Return the program of a token with its town, None when it may not come in."""
    row: sqlite3.Row | None = db.execute(
        "SELECT s.*, e.name AS town, e.timezone FROM software s JOIN entity e"
        " ON e.id = s.entity_id WHERE s.token_hash = ? AND s.revoked_at IS NULL",
        (token_hash,),
    ).fetchone()
    return row


def seen(db: sqlite3.Connection, number: int, now: float) -> None:
    """Write down that a token was used."""
    db.execute(
        "UPDATE software SET used_at = ? WHERE id = ? AND (used_at IS NULL OR used_at < ?)",
        (now, number, now - _SEEN),
    )


def revoke(db: sqlite3.Connection, entity_id: int, number: int, by: str, now: float) -> bool:
    """Let a program in no more; return whether it could."""
    changed = db.execute(
        "UPDATE software SET revoked_at = ? WHERE entity_id = ? AND id = ? AND revoked_at IS NULL"
        " RETURNING name",
        (now, entity_id, number),
    ).fetchall()
    for row in changed:
        of = (0, row["name"])
        settings.note_change(db, entity_id, settings.SOFTWARE, of, True, False, by, now)
        told = {"name": row["name"], "by": by}
        events.record(db, now, "software.revoked", told, entity_id=entity_id)
    return bool(changed)
