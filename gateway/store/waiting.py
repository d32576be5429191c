"""Why a job stands as it stands: its own reason, else what holds it back for now."""

from __future__ import annotations

import sqlite3

from gateway.model import Reason


def reason_of(job: sqlite3.Row, now: float) -> Reason:
    """Return why a job stands as it does, `Reason.NONE` where it only waits for its turn.

    What held it back ends with its hour, and stays written down: thousands of jobs are not written
    anew to say that twenty seconds are over.
    """
    held = job["held_reason"] if job["not_before"] > now else ""
    return Reason(job["reason"] or held)
