"""The words of a person's own that a text may hold: name, street, quarter."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

_FIELDS = """SELECT id, given_name AS "prénom", name AS nom, honorific AS civilité,
    trim(trim(number || ' ' || street) || ' ' || complement) AS adresse, zone AS quartier
  FROM contact WHERE entity_id = ? AND id IN (SELECT value FROM json_each(?))"""


def values(
    db: sqlite3.Connection, entity_id: int, contact_ids: Sequence[int]
) -> dict[int, dict[str, str]]:
    """Return, for each contact of the town among ``contact_ids``, its value of each field."""
    rows = db.execute(_FIELDS, (entity_id, json.dumps(list(contact_ids)))).fetchall()
    return {row["id"]: {key: row[key] for key in row.keys() if key != "id"} for row in rows}  # noqa: SIM118
