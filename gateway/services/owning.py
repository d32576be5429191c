"""A message that somebody asks about: theirs to see, or nobody's."""

from __future__ import annotations

import sqlite3

from gateway.errors import NotHere
from gateway.services.values import Actor
from gateway.store import summaries


def owned(db: sqlite3.Connection, actor: Actor, broadcast_id: int) -> sqlite3.Row:
    """Return a broadcast with its totals; raise `NotHere` when it is not this town's."""
    row = summaries.one(db, actor.entity_id, broadcast_id)
    if row is None:
        raise NotHere("Le message n° {number} n'existe pas.", number=broadcast_id)
    return row
