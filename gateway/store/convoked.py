"""Whom a convocation reaches after its last day: those who had it late, those who wait for it."""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

#: For each person, when the first of a message left, and when the first that waits may leave.
_EACH: Final = """SELECT
    min(coalesce(handed_over_at, CASE WHEN state = 'delivered' THEN ended_at END)) AS left_at,
    min(CASE WHEN state IN ('queued', 'running') THEN
      max(not_before, CASE channel WHEN 'sms' THEN :sms ELSE :now END) END) AS opens
  FROM job WHERE broadcast_id = :id AND NOT to_referent GROUP BY recipient_id"""


class Late(NamedTuple):
    """How many people; ``opens``: when the first of those may leave who have had nothing yet."""

    people: int
    opens: float | None


def late(
    db: sqlite3.Connection, broadcast_id: int, last: float, now: float, sms_opens: float
) -> Late:
    """Return whom a message reached, or would reach, no sooner than ``last`` (since 1970).

    ``sms_opens``: when a SIM here carries its texts again, now where one does.
    """
    values = {"id": broadcast_id, "last": last, "now": now, "sms": max(now, sms_opens)}
    row = db.execute(
        f"SELECT count(*) AS people, min(CASE WHEN left_at IS NULL THEN opens END) AS opens"  # noqa: S608
        f" FROM ({_EACH}) WHERE coalesce(left_at, opens) >= :last",
        values,
    ).fetchone()
    return Late(row["people"], row["opens"])
