"""A second person's yes or no before a large message leaves; nothing waits for ever."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway.model import BroadcastState, Reason
from gateway.sentences import fr
from gateway.states import BROADCAST_MOVES, move
from gateway.store import broadcasts, events, questions


def ask(db: sqlite3.Connection, broadcast_id: int, now: float, until: float) -> bool:
    """Write down that a broadcast waits for somebody's word; return whether that is new.

    Its code by SMS is the question's.
    """
    asked = db.execute(
        "INSERT INTO approval(broadcast_id, asked_at, expires_at, code) VALUES (?,?,?,'')"
        " ON CONFLICT DO NOTHING",
        (broadcast_id, now, until),
    )
    return bool(asked.rowcount)


def hold(
    db: sqlite3.Connection, broadcast_id: int, people: int, now: float, until: float
) -> bool:  # fmt: skip
    """Let a scheduled broadcast that has grown to so many people wait for somebody's word.

    Return whether it still waited for its time.
    """
    row = db.execute("SELECT * FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    if row["state"] != BroadcastState.SCHEDULED:
        return False
    state = move(BROADCAST_MOVES, BroadcastState.SCHEDULED, BroadcastState.AWAITING_APPROVAL)
    db.execute(
        "UPDATE broadcast SET state = ?, held_reason = ?, awaited = ? WHERE id = ?",
        (state, Reason.APPROVAL, people, broadcast_id),
    )
    # a yes that was given for fewer is in the record, and its code lets nothing go any more
    db.execute("DELETE FROM approval WHERE broadcast_id = ?", (broadcast_id,))
    questions.withdraw(db, broadcast_id, questions.APPROVAL, now)
    ask(db, broadcast_id, now, until)
    events.record(
        db, now, "approval.asked", {"people": people}, entity_id=row["entity_id"],
        broadcast_id=broadcast_id,
    )  # fmt: skip
    return True


#: A reminder is agreed to with its convocation, its parent.
_OF: Final = "(p.id = b.id OR (b.kind = 'reminder' AND p.id = b.parent_id))"
_YES: Final = "EXISTS (SELECT 1 FROM approval a WHERE a.broadcast_id = p.id AND a.answer = 'yes')"


def awaited(db: sqlite3.Connection, broadcast_id: int) -> bool:
    """Tell whether somebody's yes must come first, to a broadcast or to what it calls to mind."""
    return bool(
        db.execute(
            f"SELECT 1 FROM broadcast b JOIN broadcast p ON {_OF} WHERE b.id = ?"  # noqa: S608
            f" AND p.state = 'awaiting_approval' AND NOT {_YES}",
            (broadcast_id,),
        ).fetchone()
    )


def agreed(db: sqlite3.Connection, broadcast_id: int) -> bool:
    """Tell whether somebody said yes to a broadcast, or to what it calls to mind."""
    return bool(
        db.execute(
            f"SELECT 1 FROM broadcast b JOIN broadcast p ON {_OF} WHERE b.id = ? AND {_YES}",  # noqa: S608
            (broadcast_id,),
        ).fetchone()
    )


def of(db: sqlite3.Connection, broadcast_id: int) -> sqlite3.Row | None:
    """Return what is known of a broadcast's approval, None where none was needed."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM approval WHERE broadcast_id = ?", (broadcast_id,)
    ).fetchone()
    return row


def answer(
    db: sqlite3.Connection, broadcast_id: int, said: str, by: str, why: str, now: float
) -> bool:
    """Write down the answer; return whether one was still waited for, and not cancelled.

    A yes makes the broadcast a scheduled one, so that a stop right after it loses nothing: what is
    scheduled leaves by itself. A no needs its cancellation in the same transaction.
    """
    changed = db.execute(
        "UPDATE approval SET answered_at = ?, answered_by = ?, answer = ?, why = ?"
        " WHERE broadcast_id = ? AND answered_at IS NULL AND EXISTS (SELECT 1 FROM broadcast b"
        " WHERE b.id = approval.broadcast_id AND b.state = 'awaiting_approval')",
        (now, by, said, why, broadcast_id),
    ).rowcount
    if changed:
        if said == "yes":
            state = move(
                BROADCAST_MOVES, BroadcastState.AWAITING_APPROVAL, BroadcastState.SCHEDULED
            )
            db.execute(
                "UPDATE broadcast SET state = ?, held_reason = '' WHERE id = ?",
                (state, broadcast_id),
            )
        events.record(
            db, now, "approval.answered", {"answer": said, "by": by, "why": why},
            entity_id=_town_of(db, broadcast_id), broadcast_id=broadcast_id,
        )  # fmt: skip
    return bool(changed)


def _town_of(db: sqlite3.Connection, broadcast_id: int) -> int:
    row = db.execute("SELECT entity_id FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    return int(row["entity_id"])


def expire(db: sqlite3.Connection, now: float) -> list[int]:
    """Close what nobody answered in time; return those broadcasts."""
    rows = db.execute(
        "SELECT a.broadcast_id FROM approval a JOIN broadcast b ON b.id = a.broadcast_id"
        " WHERE a.answered_at IS NULL AND a.expires_at <= ? AND b.state = 'awaiting_approval'",
        (now,),
    ).fetchall()
    for row in rows:
        answer(db, row["broadcast_id"], "expired", "", "", now)
        broadcasts.give_up(
            db, row["broadcast_id"], fr("Personne n'a validé ce message à temps."), now
        )
    return [row["broadcast_id"] for row in rows]
