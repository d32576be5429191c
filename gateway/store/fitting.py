"""Whether a text still fits what a SIM has left, told to the database."""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import Final

from modem.sms import count_segments, split

#: A condition on job ``j``: its text fits into ``:room`` SMS. One begun by this SIM counts what
#: it still lacks.
FITS: Final = """(j.channel != 'sms' OR text_fits(
    coalesce(j.body, (SELECT t.body FROM broadcast_text t
      WHERE t.broadcast_id = j.broadcast_id AND t.channel = 'sms'), ''),
    :room + (SELECT count(*) FROM part p WHERE p.job_id = j.id AND p.sim = :sim
      AND p.state IN ('accepted', 'reported'))))"""


def dress(db: sqlite3.Connection) -> None:
    """Have a connection understand `FITS`."""
    db.create_function("text_fits", 2, _fits, deterministic=True)


def some_fit(db: sqlite3.Connection, broadcast_id: int, sim: str, room: int) -> bool:
    """Tell whether a message has an SMS waiting that fits, or none that waits."""
    values = {"message": broadcast_id, "sim": sim, "room": room}
    waits = (
        "SELECT 1 FROM job j WHERE j.broadcast_id = :message AND j.state = 'queued'"
        " AND j.channel = 'sms'"
    )
    if db.execute(f"{waits} AND {FITS} LIMIT 1", values).fetchone() is not None:
        return True
    return db.execute(f"{waits} LIMIT 1", values).fetchone() is None


@lru_cache(maxsize=256)  # one text goes to thousands
def _fits(text: str, room: int) -> bool:
    # exact, but only where the quick count lets hope
    return count_segments(text) <= room and len(split(text)) <= room
