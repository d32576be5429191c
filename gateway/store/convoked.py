"""Whom a convocation reaches after its last day: those who had it late, those who wait for it."""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

#: For each person, when the first of a message left that did not come back, when the first that
#: waits may leave, when they were handed it on paper, and whether nothing reached them.
_EACH: Final = """SELECT
    min(CASE WHEN j.state != 'failed' THEN
      coalesce(j.handed_over_at, CASE WHEN j.state = 'delivered' THEN j.ended_at END) END) AS sent,
    min(CASE WHEN j.state IN ('queued', 'running') THEN
      max(j.not_before, CASE j.channel WHEN 'sms' THEN :sms ELSE :now END) END) AS opens,
    (SELECT min(m.handed_at) FROM council_member m
      WHERE m.broadcast_id = r.broadcast_id AND m.contact_id = r.contact_id) AS handed,
    r.told_at IS NULL AND max(j.state IN ('failed', 'expired')) AS undone
  FROM job j JOIN recipient r ON r.id = j.recipient_id
  WHERE j.broadcast_id = :id AND NOT j.to_referent GROUP BY r.id"""


class Late(NamedTuple):
    """How many people; ``opens``: when the first of those may leave who have had nothing yet."""

    people: int
    opens: float | None


def late(
    db: sqlite3.Connection, broadcast_id: int, last: float, now: float, sms_opens: float
) -> Late:
    """Return whom a message reached, or would reach, no sooner than ``last`` (since 1970).

    From then on also whom nothing reached: a mail that came back convened nobody.

    ``sms_opens``: when a SIM here carries its texts again, now where one does.
    """
    values = {"id": broadcast_id, "last": last, "now": now, "sms": max(now, sms_opens)}
    row = db.execute(
        f"SELECT count(*) AS people, min(CASE WHEN left_at IS NULL THEN opens END) AS opens"  # noqa: S608
        f" FROM (SELECT *, coalesce(min(sent, handed), sent, handed) AS left_at FROM ({_EACH}))"
        " WHERE coalesce(left_at, opens, CASE WHEN undone THEN :now END) >= :last",
        values,
    ).fetchone()
    return Late(row["people"], row["opens"])
