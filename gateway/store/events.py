"""The chain of events: what happened, sealed so that any later change shows.

Each digest is ``H(previous digest, time, kind, H(salt ‖ payload))``. The inner hash is kept, so a
payload and its salt can be erased, as the law may ask, and the chain still verifies.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import struct
from typing import Any, Final

GENESIS: Final = b"\0" * 32


def _sealed(salt: bytes, payload: str) -> bytes:
    return hashlib.sha256(salt + payload.encode()).digest()


def _digest(previous: bytes, at: float, kind: str, sealed: bytes) -> bytes:
    head = struct.pack(">dI", at, len(kind.encode())) + kind.encode()
    return hashlib.sha256(previous + head + sealed).digest()


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
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True)
    sealed = _sealed(salt, text)
    digest = _digest(last["digest"] if last else GENESIS, at, kind, sealed)
    db.execute(
        "INSERT INTO event(at, kind, entity_id, broadcast_id, recipient_id, job_id, salt, payload,"
        " sealed, digest) VALUES (?,?,?,?,?,?,?,?,?,?)",
        (at, kind, entity_id, broadcast_id, recipient_id, job_id, salt, text, sealed, digest),
    )


def first_broken(db: sqlite3.Connection) -> int | None:
    """Return the number of the first event that was changed, or None when the chain is whole."""
    previous = GENESIS
    expected = 1
    for row in db.execute("SELECT * FROM event ORDER BY seq"):
        if row["seq"] != expected:
            return expected
        if row["payload"] is not None and _sealed(row["salt"], row["payload"]) != row["sealed"]:
            return int(row["seq"])
        if _digest(previous, row["at"], row["kind"], row["sealed"]) != row["digest"]:
            return int(row["seq"])
        previous, expected = row["digest"], expected + 1
    return None
