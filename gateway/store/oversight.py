"""A few counts about the box as a whole, for whoever looks after it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable


def regime_facts(db: sqlite3.Connection) -> tuple[int, int, int]:
    """Return how many SIMs are ordinary, groups any SIM may serve, and usable administrators."""
    row = db.execute(
        "SELECT (SELECT count(*) FROM sim WHERE regime = 'ordinary'),"
        " (SELECT count(*) FROM grouping WHERE any_sim = 1),"
        " (SELECT count(*) FROM account WHERE role = 'administrator' AND disabled_at IS NULL)"
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def left_ordinary(db: sqlite3.Connection, modems: Iterable[str]) -> list[str]:
    """Return those of these modems whose newest SIM is ordinary though nobody said so of it."""
    rows = db.execute(
        "SELECT modem FROM sim s WHERE regime = 'ordinary' AND coalesce(regime_by, '') = ''"
        " AND modem IN (SELECT value FROM json_each(?))"
        " AND seen_at = (SELECT max(seen_at) FROM sim WHERE modem = s.modem) ORDER BY modem",
        (json.dumps([*modems]),),
    )
    return [row["modem"] for row in rows]
