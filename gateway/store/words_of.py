"""The words of a person's own that a text may hold: name, street, quarter."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway import merge

_ASKED: Final = ("prénom", "nom", "civilité", "quartier")
_FIELDS: Final = """SELECT id, given_name AS "prénom", name AS nom, honorific AS civilité,
    number, street, complement, zone AS quartier
  FROM contact WHERE entity_id = ? AND id IN (SELECT value FROM json_each(?))"""


def values(
    db: sqlite3.Connection, entity_id: int, contact_ids: Sequence[int]
) -> dict[int, dict[str, str]]:
    """Return, for each contact of the town among ``contact_ids``, its value of each field."""
    rows = db.execute(_FIELDS, (entity_id, json.dumps(list(contact_ids)))).fetchall()
    return {
        row["id"]: {key: row[key] for key in _ASKED} | {"adresse": _address(row)} for row in rows
    }


def _address(row: sqlite3.Row) -> str:
    return merge.address(row["number"], row["street"], row["complement"])
