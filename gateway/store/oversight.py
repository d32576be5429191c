"""A few counts about the box as a whole, for whoever looks after it."""

from __future__ import annotations

import sqlite3


def regime_facts(db: sqlite3.Connection) -> tuple[int, int, int]:
    """Return how many SIMs are ordinary, groups any SIM may serve, and usable administrators."""
    row = db.execute(
        "SELECT (SELECT count(*) FROM sim WHERE regime = 'ordinary'),"
        " (SELECT count(*) FROM grouping WHERE any_sim = 1),"
        " (SELECT count(*) FROM account WHERE role = 'administrator' AND disabled_at IS NULL)"
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])
