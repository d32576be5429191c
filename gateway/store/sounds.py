"""How the town says its names, and the recordings it keeps."""

from __future__ import annotations

import sqlite3

from gateway.store import events, settings


def pronunciations(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return the town's lexicon by what is written."""
    return db.execute(
        "SELECT * FROM pronunciation WHERE entity_id = ? ORDER BY written", (entity_id,)
    ).fetchall()


def lexicon(db: sqlite3.Connection, town: str) -> dict[str, str]:
    """Return how the town of this name says what is written; nothing for a town not known yet."""
    rows = db.execute(
        "SELECT written, spoken FROM pronunciation p JOIN entity e ON e.id = p.entity_id"
        " WHERE e.name = ?",
        (town,),
    )
    return {row["written"]: row["spoken"] for row in rows}


def set_pronunciation(
    db: sqlite3.Connection, entity_id: int, written: str, spoken: str, by: str, now: float
) -> None:
    """Write down how a word is said; what was there before stays in the record."""
    before = db.execute(
        "SELECT spoken FROM pronunciation WHERE entity_id = ? AND written = ?",
        (entity_id, written),
    ).fetchone()
    db.execute(
        "INSERT INTO pronunciation(entity_id, written, spoken, changed_at, changed_by)"
        " VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET written = excluded.written,"
        " spoken = excluded.spoken, changed_at = excluded.changed_at,"
        " changed_by = excluded.changed_by",
        (entity_id, written, spoken, now, by),
    )
    was = before["spoken"] if before else None
    if was != spoken:
        settings.note_change(
            db, entity_id, settings.PRONUNCIATION, (0, written), was, spoken, by, now
        )
    events.record(
        db, now, "pronunciation.set",
        {"written": written, "spoken": spoken, "before": was, "by": by}, entity_id=entity_id,
    )  # fmt: skip


def remove_pronunciation(
    db: sqlite3.Connection, entity_id: int, written: str, by: str, now: float
) -> bool:
    """Forget how a word is said; return whether it was known."""
    gone = db.execute(
        "DELETE FROM pronunciation WHERE entity_id = ? AND written = ? RETURNING written, spoken",
        (entity_id, written),
    ).fetchall()
    for row in gone:
        of = (0, row["written"])
        settings.note_change(
            db, entity_id, settings.PRONUNCIATION, of, row["spoken"], None, by, now
        )
        told = {"written": row["written"], "before": row["spoken"], "by": by}
        events.record(db, now, "pronunciation.removed", told, entity_id=entity_id)
    return bool(gone)


def keep_recording(
    db: sqlite3.Connection,
    entity_id: int,
    name: str,
    title: str,
    seconds: float,
    by: str,
    now: float,
) -> None:
    """Write down a recording whose sound is already on the disk."""
    db.execute(
        "INSERT INTO recording(entity_id, name, title, seconds, added_at, added_by)"
        " VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET title = excluded.title",
        (entity_id, name, title, seconds, now, by),
    )
    told = {"recording": name, "title": title, "by": by}
    events.record(db, now, "recording.kept", told, entity_id=entity_id)


def recordings(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return the town's recordings, newest first."""
    return db.execute(
        "SELECT * FROM recording WHERE entity_id = ? ORDER BY added_at DESC, name", (entity_id,)
    ).fetchall()


def recording(db: sqlite3.Connection, entity_id: int, name: str) -> sqlite3.Row | None:
    """Return one recording, if it is this town's."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM recording WHERE entity_id = ? AND name = ?", (entity_id, name)
    ).fetchone()
    return row
