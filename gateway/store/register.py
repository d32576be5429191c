"""The register of vulnerable people: who keeps it, and how its people are named to anybody else.

The law (CASF L.121-6-1) wants those who consult it named, and bound to secrecy. A broadcast may
reach its people; their names and addresses are shown to keepers only.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway.sentences import fr
from gateway.store import events

#: What everybody but a keeper reads in place of a name.
NAMELESS: Final = fr("Personne inscrite au registre")


def keepers(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return the accounts that keep a town's register, by name."""
    return db.execute(
        "SELECT a.id, a.name, k.named_at, k.named_by FROM register_keeper k"
        " JOIN account a ON a.id = k.account_id WHERE k.entity_id = ?"
        " AND a.entity_id = k.entity_id AND a.disabled_at IS NULL ORDER BY a.name",
        (entity_id,),
    ).fetchall()


def name_keeper(
    db: sqlite3.Connection, entity_id: int, account_id: int, by: str, now: float, *, on: bool
) -> bool:
    """Name a keeper among the town's own accounts, or no more; return whether that changed."""
    if on:
        changed = db.execute(
            "INSERT INTO register_keeper(entity_id, account_id, named_at, named_by)"
            " SELECT entity_id, id, ?, ? FROM account WHERE id = ? AND entity_id = ?"
            " ON CONFLICT DO NOTHING",
            (now, by, account_id, entity_id),
        ).rowcount
    else:
        changed = db.execute(
            "DELETE FROM register_keeper WHERE entity_id = ? AND account_id = ?",
            (entity_id, account_id),
        ).rowcount
    if changed:
        kind = "register.keeper_named" if on else "register.keeper_released"
        row = db.execute("SELECT login FROM account WHERE id = ?", (account_id,)).fetchone()
        events.record(db, now, kind, {"login": row["login"], "by": by}, entity_id=entity_id)
    return changed > 0


def name_of(db: sqlite3.Connection, recipient: sqlite3.Row, *, keeper: bool) -> str:
    """Return a recipient's name as whoever looks may know it."""
    if not recipient["registered"] or not keeper:
        return str(recipient["name"])
    row = db.execute(
        "SELECT trim(given_name || ' ' || name) AS name FROM contact WHERE id = ?",
        (recipient["contact_id"],),
    ).fetchone()
    return str(row["name"]) if row else str(recipient["name"])
