"""Reading the chain of events as a record of who did what. Nothing here writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

#: The names under which an event tells who did it.
_WHO: Final = "coalesce(payload ->> '$.by', payload ->> '$.author', payload ->> '$.told_by', '')"


def page(
    db: sqlite3.Connection, entity_id: int, kinds: Sequence[str], *, who: str = "",
    since: float = 0.0, until: float = 1e12, limit: int, offset: int,
) -> tuple[list[sqlite3.Row], int]:  # fmt: skip
    """Return one page of a town's events of these kinds, newest first, and how many there are.

    What belongs to no town is the box's own and shown with each. ``who`` is the beginning of a
    name, whatever its case; ``limit`` below zero means all.
    """
    marks = ",".join("?" * len(kinds))
    where = (
        f"kind IN ({marks}) AND (entity_id = ? OR entity_id IS NULL) AND at >= ? AND at < ?"
        f" AND (? = '' OR {_WHO} LIKE ? || '%' ESCAPE '!')"
    )
    literal = who.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    values: list[Any] = [*kinds, entity_id, since, until, who, literal]
    total = db.execute(f"SELECT count(*) FROM event WHERE {where}", values).fetchone()[0]  # noqa: S608
    rows = db.execute(
        f"SELECT seq, at, kind, broadcast_id, payload, {_WHO} AS who FROM event"  # noqa: S608
        f" WHERE {where} ORDER BY seq DESC LIMIT ? OFFSET ?",
        [*values, limit, offset],
    ).fetchall()
    return rows, int(total)
