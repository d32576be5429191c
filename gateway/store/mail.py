"""What mails need beside their jobs: the box's key, the moment of doubt, what goes with them."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass

from gateway.attachments import Attachment
from gateway.store import attachments

_KEY = "mail"


def key(db: sqlite3.Connection) -> bytes:
    """Return the key that marks this box's mails, made on first use."""
    db.execute(
        "INSERT INTO box_key(name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (_KEY, secrets.token_bytes(32)),
    )
    row = db.execute("SELECT value FROM box_key WHERE name = ?", (_KEY,)).fetchone()
    return bytes(row["value"])


def giving(db: sqlite3.Connection, attempt_id: int, now: float) -> None:
    """Write down that a mail's text is about to be given to the relay."""
    db.execute("UPDATE attempt SET given_at = ? WHERE id = ?", (now, attempt_id))


def was_given(db: sqlite3.Connection, attempt_id: int) -> bool:
    """Tell whether an attempt had come to the point where its mail may have left."""
    row = db.execute("SELECT given_at FROM attempt WHERE id = ?", (attempt_id,)).fetchone()
    return row["given_at"] is not None


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes with all mails of a broadcast.

    ``raw`` is a mail relayed as it came, ``answers`` the Message-ID of the one it replies to.
    """

    kind: str = ""
    files: tuple[Attachment, ...] = ()
    raw: bytes | None = None
    answers: str = ""


def enclosed(db: sqlite3.Connection, broadcast_id: int) -> Enclosed:
    """Return what goes with a broadcast's mails."""
    row = db.execute(
        "SELECT b.kind, m.answers, i.content FROM broadcast b"
        " LEFT JOIN mail_of_broadcast m ON m.broadcast_id = b.id"
        " LEFT JOIN mail_in i ON i.id = m.mail_in_id WHERE b.id = ?",
        (broadcast_id,),
    ).fetchone()
    if row is None:
        return Enclosed()
    files = tuple(attachments.attachments_of(db, broadcast_id))
    return Enclosed(row["kind"], files, row["content"], row["answers"] or "")


def told_before(db: sqlite3.Connection, job_id: int) -> bool:
    """Tell whether the person of a late mail was sent the same news another way meanwhile."""
    row = db.execute(
        "SELECT 1 FROM job j WHERE j.id = ? AND j.overdue_at IS NOT NULL AND EXISTS ("
        "  SELECT 1 FROM job o WHERE o.recipient_id = j.recipient_id AND o.channel != 'email'"
        "  AND o.to_referent = 0 AND (o.handed_over_at IS NOT NULL OR o.outcome IS NOT NULL))",
        (job_id,),
    ).fetchone()
    return row is not None
