"""Who counts as reached (*joint*), said to the database as `gateway.plan.reached` says it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from gateway import plan as plans
from gateway.model import REACHED, RecipientState


def _listed(states: Iterable[RecipientState]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


#: Of a recipient ``r`` of a broadcast ``b``; the states alone first, as their index wants it.
IS_JOINT: Final = (
    f"(r.state IN ({_listed(REACHED)}) AND (r.state IN ({_listed(plans.SURE)})"
    " OR NOT coalesce(b.plan ->> '$.confirm', 0)))"
)


def of(db: sqlite3.Connection, broadcast_id: int) -> frozenset[RecipientState]:
    """Return the states in which somebody counts as reached by a broadcast."""
    row = db.execute("SELECT plan FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    return plans.reached(plans.from_json(row["plan"]))
