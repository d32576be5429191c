"""Mails that came in: on the disk before anybody is told *accepted*, dealt with in their order."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.store import broadcasts, events
from gateway.store.broadcasts import NewBroadcast

#: A client that never heard our yes sends the same mail again, within so long (seconds).
SAME: Final = 900.0


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail as it came; ``recipients`` are (form, value), ``digest`` tells it from others.

    ``arrived``: when it came to the mailbox it was found in (seconds since 1970), None: now.
    """

    entity_id: int
    door: str
    author: str
    role: str
    sender: str
    recipients: Sequence[tuple[str, str]]
    content: bytes
    digest: str = ""
    arrived: float | None = None


def keep(db: sqlite3.Connection, new: NewMail, now: float) -> int:
    """Keep a mail; return its number, that of the first where it is the same again.

    What stands in the mailbox is the same for ever: a stop before it was noted has it read again.
    """
    mark, since = new.digest, now - SAME
    if new.door == "mailbox":
        mark, since = hashlib.sha256(new.content).hexdigest(), 0.0
    if mark:
        row = db.execute(
            "SELECT id FROM mail_in WHERE digest = ? AND received_at > ?", (mark, since)
        ).fetchone()
        if row:
            return int(row["id"])
    cursor = db.execute(
        "INSERT INTO mail_in(entity_id, door, author, role, sender, recipients, received_at,"
        " content, digest) VALUES (?,?,?,?,?,?,?,?,?)",
        (new.entity_id, new.door, new.author, new.role, new.sender,
         json.dumps(list(new.recipients)), min(now, new.arrived or now), new.content, mark),
    )  # fmt: skip
    number = int(cursor.lastrowid or 0)
    events.record(
        db, now, "mail.received",
        {"mail": number, "door": new.door, "by": new.author, "recipients": len(new.recipients)},
        entity_id=new.entity_id,
    )  # fmt: skip
    return number


def next_waiting(db: sqlite3.Connection) -> sqlite3.Row | None:
    """Return the oldest mail nobody has dealt with, with its town."""
    row: sqlite3.Row | None = db.execute(
        "SELECT m.*, e.name AS town, e.timezone FROM mail_in m JOIN entity e ON e.id = m.entity_id"
        " WHERE m.state = 'waiting' ORDER BY m.id LIMIT 1"
    ).fetchone()
    return row


def done(db: sqlite3.Connection, number: int, state: str, said: str, *, keep: bool) -> None:
    """Write down what became of a mail; its text stays only where it is still to be relayed."""
    db.execute("UPDATE mail_in SET state = ?, said = ? WHERE id = ?", (state, said, number))
    if not keep:  # one relayed in part and refused in part is still to leave as it came
        db.execute(
            "UPDATE mail_in SET content = NULL WHERE id = ? AND NOT EXISTS ("
            " SELECT 1 FROM mail_of_broadcast m WHERE m.mail_in_id = mail_in.id)",
            (number,),
        )


def turned_away(db: sqlite3.Connection, entity_id: int, since: float) -> list[sqlite3.Row]:
    """Return a town's mails that led to nothing since then, newest first."""
    return db.execute(
        "SELECT author, received_at, said FROM mail_in WHERE entity_id = ?"
        " AND state IN ('refused', 'failed') AND received_at > ? ORDER BY id DESC LIMIT 50",
        (entity_id, since),
    ).fetchall()


def relay(db: sqlite3.Connection, new: NewBroadcast, number: int, now: float) -> int:
    """Queue a mail as it is for other people's mailboxes; return the broadcast."""
    broadcast = broadcasts.create(db, new, now)
    db.execute(
        "INSERT INTO mail_of_broadcast(broadcast_id, mail_in_id) VALUES (?,?)"
        " ON CONFLICT DO NOTHING",
        (broadcast, number),
    )
    return broadcast


def answer(db: sqlite3.Connection, new: NewBroadcast, answers: str, now: float) -> int:
    """Queue an answer to a mail of this Message-ID; return the broadcast."""
    broadcast = broadcasts.create(db, new, now)
    db.execute(
        "INSERT INTO mail_of_broadcast(broadcast_id, answers) VALUES (?,?) ON CONFLICT DO NOTHING",
        (broadcast, answers),
    )
    return broadcast


def people(db: sqlite3.Connection, broadcast_id: int) -> int:
    """Return how many people a broadcast is for."""
    row = db.execute(
        "SELECT count(*) FROM recipient WHERE broadcast_id = ? AND state != 'excluded'",
        (broadcast_id,),
    ).fetchone()
    return int(row[0])


def answered_since(db: sqlite3.Connection, entity_id: int, address: str, since: float) -> int:
    """Return how many answers went to an address since then."""
    row = db.execute(
        "SELECT count(*) FROM job j JOIN broadcast b ON b.id = j.broadcast_id"
        " WHERE j.entity_id = ? AND j.channel = 'email' AND j.address = ? AND b.kind = 'answer'"
        " AND b.created_at > ?",
        (entity_id, address, since),
    ).fetchone()
    return int(row[0])


# who may send by a mail into the mailbox


def sender(db: sqlite3.Connection, address: str, code_hash: str) -> sqlite3.Row | None:
    """Return the sender of this address and code, with its town."""
    row: sqlite3.Row | None = db.execute(
        "SELECT s.*, e.name AS town, e.timezone FROM mail_sender s"
        " JOIN entity e ON e.id = s.entity_id WHERE s.address = ? AND s.code_hash = ?",
        (address, code_hash),
    ).fetchone()
    return row


def senders(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return who may send by mail, by address."""
    return db.execute(
        "SELECT * FROM mail_sender WHERE entity_id = ? ORDER BY address", (entity_id,)
    ).fetchall()


def add_sender(
    db: sqlite3.Connection, entity_id: int, address: str, name: str, code_hash: str, by: str,
    now: float,
) -> None:  # fmt: skip
    """Let an address send with a code, in place of the one it had."""
    db.execute(
        "INSERT INTO mail_sender(entity_id, address, name, code_hash, added_at, added_by)"
        " VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET name = excluded.name,"
        " code_hash = excluded.code_hash, added_at = excluded.added_at,"
        " added_by = excluded.added_by",
        (entity_id, address, name, code_hash, now, by),
    )
    events.record(db, now, "mail_sender.added", {"name": name, "by": by}, entity_id=entity_id)


def remove_sender(db: sqlite3.Connection, entity_id: int, number: int, by: str, now: float) -> bool:
    """Let an address send no more; return whether it could."""
    gone = db.execute(
        "DELETE FROM mail_sender WHERE id = ? AND entity_id = ? RETURNING name",
        (number, entity_id),
    ).fetchall()
    for row in gone:
        told = {"name": row["name"], "by": by}
        events.record(db, now, "mail_sender.removed", told, entity_id=entity_id)
    return bool(gone)
