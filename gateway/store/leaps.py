"""The clock has leapt: what is under way and lasts so long, not until then, moves with it."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway.store import events, parts

_UNDER_WAY: Final = """(SELECT id FROM broadcast WHERE urgency = 'vital'
  AND state IN ('sending', 'paused') AND created_at > :since AND created_at <= :now)"""
_ENDS: Final = f"""UPDATE job SET not_before = not_before + :leap, expires_at = expires_at + :leap
  WHERE ended_at IS NULL AND broadcast_id IN {_UNDER_WAY}"""  # noqa: S608
#: From the hand-over of a text, and from the end of a call, the next step is counted.
_STEPS: Final = f"""UPDATE job SET handed_over_at = handed_over_at + :leap,
  ended_at = ended_at + :leap WHERE broadcast_id IN {_UNDER_WAY} AND EXISTS
    (SELECT 1 FROM recipient r WHERE r.id = job.recipient_id AND r.closed_at IS NULL)"""  # noqa: S608
_LOOKS: Final = f"""UPDATE recipient SET look_again_at = look_again_at + :leap
  WHERE closed_at IS NULL AND broadcast_id IN {_UNDER_WAY}"""  # noqa: S608
_ALERTS: Final = f"""UPDATE broadcast SET expires_at = expires_at + :leap,
  closes_at = closes_at + :leap WHERE id IN {_UNDER_WAY}"""  # noqa: S608
#: Of whatever urgency: how long a report is waited for, how much a SIM carries in a minute.
_PARTS: Final = """UPDATE part SET submitted_at = submitted_at + :leap,
  accepted_at = accepted_at + :leap WHERE coalesce(accepted_at, submitted_at) > :lately
    AND coalesce(accepted_at, submitted_at) <= :now"""
_STRAYS: Final = """UPDATE stray_report SET received_at = received_at + :leap
  WHERE received_at > :lately AND received_at <= :now"""
#: How long a call lasts is counted between two readings of one clock.
_CALLS: Final = "UPDATE attempt SET started_at = started_at + :leap WHERE ended_at IS NULL"


def move_alerts(
    db: sqlite3.Connection, leap: float, now: float, since: float | None = None
) -> None:  # fmt: skip
    """Move the waits and the end of every alert under way by ``leap`` seconds.

    Of those alone that were made after ``since``, until ``now``, where the time was nobody's: those
    before the stop have known the right one, and have aged meanwhile.
    """
    first, last = (float("-inf"), float("inf")) if since is None else (since, now)
    lately = max(first, now - parts.REPORT_HORIZON)
    values = {"leap": leap, "since": first, "now": last, "lately": lately}
    for move in (_ENDS, _STEPS, _LOOKS, _ALERTS, _PARTS, _STRAYS, _CALLS):
        db.execute(move, values)
    events.record(db, now, "clock.leapt", {"seconds": round(leap)})
