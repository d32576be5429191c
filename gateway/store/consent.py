"""Who asked not to be called: kept per number and channel, honoured by every door."""

from __future__ import annotations

import sqlite3

from gateway.model import Channel
from gateway.store import events


def opt_out(
    db: sqlite3.Connection,
    entity_id: int,
    channel: Channel,
    address: str,
    source: str,
    now: float,
) -> None:
    """Write down that this number wants no more routine messages this way."""
    cursor = db.execute(
        "INSERT INTO opt_out(entity_id, channel, address, at, source) VALUES (?,?,?,?,?)"
        " ON CONFLICT DO NOTHING",
        (entity_id, channel, address, now, source),
    )
    if cursor.rowcount:
        events.record(
            db, now, "consent.opt_out", {"channel": channel, "address": address, "source": source},
            entity_id=entity_id,
        )  # fmt: skip


def opted_out(db: sqlite3.Connection, entity_id: int) -> frozenset[tuple[Channel, str]]:
    """Return all (channel, address) that want no routine message."""
    rows = db.execute("SELECT channel, address FROM opt_out WHERE entity_id = ?", (entity_id,))
    return frozenset((Channel(row["channel"]), row["address"]) for row in rows)
