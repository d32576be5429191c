"""The chain of events: what happened, sealed so that any later change shows.

Each digest is ``H(previous digest, time, kind, whom it concerns, H(salt ‖ payload))``. The inner
hash is kept, so a payload and its salt can be erased, as the law may ask, and the chain still
verifies. Whom: the numbers of entity, broadcast, recipient and job, or an event could be handed
from one person to another.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import struct
from collections.abc import Sequence
from typing import Any, Final

from gateway.origin import ORIGIN

GENESIS: Final = b"\0" * 32


def _sealed(salt: bytes, payload: str) -> bytes:
    return hashlib.sha256(salt + payload.encode()).digest()


Whom = tuple[int | None, int | None, int | None, int | None]


def _digest(previous: bytes, at: float, kind: str, whom: Whom, sealed: bytes) -> bytes:
    name = kind.encode()
    head = struct.pack(">dI", at, len(name)) + name
    numbers = struct.pack(">4q", *(-1 if number is None else number for number in whom))
    return hashlib.sha256(previous + head + numbers + sealed).digest()


def record(
    db: sqlite3.Connection,
    at: float,
    kind: str,
    payload: dict[str, Any],
    *,
    entity_id: int | None = None,
    broadcast_id: int | None = None,
    recipient_id: int | None = None,
    job_id: int | None = None,
) -> None:
    """Append one event to the chain, in the caller's transaction."""
    last = db.execute("SELECT digest FROM event ORDER BY seq DESC LIMIT 1").fetchone()
    salt = secrets.token_bytes(16)
    if origin := ORIGIN.get():
        payload = {**payload, "origin": origin}
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True)
    sealed = _sealed(salt, text)
    whom = (entity_id, broadcast_id, recipient_id, job_id)
    digest = _digest(last["digest"] if last else GENESIS, at, kind, whom, sealed)
    db.execute(
        "INSERT INTO event(at, kind, entity_id, broadcast_id, recipient_id, job_id, salt, payload,"
        " sealed, digest) VALUES (?,?,?,?,?,?,?,?,?,?)",
        (at, kind, *whom, salt, text, sealed, digest),
    )


def seal(db: sqlite3.Connection, broadcast_id: int) -> str:
    """Return the number and digest of a broadcast's last event, as printed on its report."""
    row = db.execute(
        "SELECT seq, digest FROM event WHERE broadcast_id = ? ORDER BY seq DESC LIMIT 1",
        (broadcast_id,),
    ).fetchone()
    return f"{row['seq']}-{row['digest'].hex()}" if row else ""


def last_seal(db: sqlite3.Connection) -> str:
    """Return the number and digest of the last event of all, which the caller has just written."""
    row = db.execute("SELECT seq, digest FROM event ORDER BY seq DESC LIMIT 1").fetchone()
    return f"{row['seq']}-{row['digest'].hex()}"


def last_payload(db: sqlite3.Connection, broadcast_id: int, kind: str) -> dict[str, Any]:
    """Return what a broadcast's last event tells, empty when that is of another kind."""
    row = db.execute(
        "SELECT kind, payload FROM event WHERE broadcast_id = ? ORDER BY seq DESC LIMIT 1",
        (broadcast_id,),
    ).fetchone()
    return json.loads(row["payload"]) if row and row["kind"] == kind and row["payload"] else {}


def payload_of(db: sqlite3.Connection, seq: int, kind: str) -> dict[str, Any]:
    """Return what an event of this number and kind tells, empty when there is none."""
    row = db.execute("SELECT payload FROM event WHERE seq = ? AND kind = ?", (seq, kind)).fetchone()
    return json.loads(row["payload"]) if row and row["payload"] else {}


def has_seal(db: sqlite3.Connection, seq: int, digest: bytes) -> bool:
    """Tell whether an event of this number has this digest."""
    row = db.execute("SELECT digest FROM event WHERE seq = ?", (seq,)).fetchone()
    return row is not None and bool(row["digest"] == digest)


def first_broken(db: sqlite3.Connection) -> int | None:
    """Return the number of the first event changed or gone, or None when the chain is whole."""
    previous = GENESIS
    expected = 1
    for row in db.execute("SELECT * FROM event ORDER BY seq"):
        if row["seq"] != expected or not _is_sealed(row):
            return expected
        whom = (row["entity_id"], row["broadcast_id"], row["recipient_id"], row["job_id"])
        if _digest(previous, row["at"], row["kind"], whom, row["sealed"]) != row["digest"]:
            return expected
        previous, expected = row["digest"], expected + 1
    last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchone()
    return expected if last and expected <= last["seq"] else None


#: A person's state is the last that an event tells; the beginning of the first try has none.
_DISPUTED: Final = """SELECT r.broadcast_id AS number FROM recipient r
  LEFT JOIN (SELECT recipient_id, max(seq) AS seq FROM event WHERE kind = 'recipient.state'
    GROUP BY recipient_id) l ON l.recipient_id = r.id
  LEFT JOIN event e ON e.seq = l.seq
  WHERE CASE WHEN l.seq IS NULL THEN r.state NOT IN ('pending', 'in_progress', 'excluded')
    ELSE r.state != e.payload ->> '$.to'
      AND NOT (r.state = 'in_progress' AND e.payload ->> '$.to' = 'pending') END
  ORDER BY r.id LIMIT 1"""


def disputed(db: sqlite3.Connection) -> int | None:
    """Return the first broadcast that says of somebody what no event tells; None without one.

    The chain is whole all the same, where only the states were written over. Of whoever has been
    forgotten the events say nothing any more.
    """
    row = db.execute(_DISPUTED).fetchone()
    return int(row["number"]) if row else None


def _is_sealed(row: sqlite3.Row) -> bool:
    """Tell whether a payload is the one that was sealed, or was erased with its salt."""
    if row["payload"] is None or row["salt"] is None:
        return row["payload"] is None and row["salt"] is None
    return bool(_sealed(row["salt"], row["payload"]) == row["sealed"])


def forget_addresses(db: sqlite3.Connection, entity_id: int, addresses: Sequence[str]) -> None:
    """Erase what came from these addresses, and what they agreed to; the chain still verifies."""
    marks = ",".join("?" * len(addresses))
    db.execute(
        "UPDATE event SET payload = NULL, salt = NULL"  # noqa: S608
        " WHERE kind IN ('consent.given', 'consent.withdrawn', 'sms.received')"
        " AND (entity_id = ? OR entity_id IS NULL)"
        f" AND coalesce(payload ->> '$.address', payload ->> '$.sender') IN ({marks})",
        (entity_id, *addresses),
    )


def last_sign(db: sqlite3.Connection) -> float | None:
    """Return when anything last happened in this box (seconds since 1970)."""
    row = db.execute("SELECT at FROM event ORDER BY seq DESC LIMIT 1").fetchone()
    return float(row["at"]) if row else None


def last_kinds(db: sqlite3.Connection, count: int) -> list[tuple[float, str]]:
    """Return when and of what kind the last events were, newest first; nothing of what is in them.

    Times in seconds since 1970.
    """
    rows = db.execute("SELECT at, kind FROM event ORDER BY seq DESC LIMIT ?", (count,))
    return [(row["at"], row["kind"]) for row in rows]
