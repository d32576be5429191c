"""The list for the social worker: who is on it, and the SMS that tells how many, without a name."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway import rounds as policy
from gateway.model import Urgency
from gateway.rounds import Standing
from gateway.services import round_words as said
from gateway.services.asked import Asked, tell
from gateway.services.round_begins import Town
from gateway.store import progress, rounds

#: Seconds between two SMS to the social worker; the first of a day leaves at once.
TELL_AGAIN: Final = 300.0
#: Seconds such an SMS is worth sending.
_LIFE: Final = 6 * 3600.0


def standing_of(db: sqlite3.Connection, row: sqlite3.Row, now: float) -> Standing:
    """Return where somebody stands (a row of `store.rounds`)."""
    seen = row["seen_at"] is not None or row["met_at"] is not None
    known = policy.Entry(row["word"], row["missed"], seen)
    jobs = progress.facts(db, row["recipient_id"], now) if row["recipient_id"] else ()
    return policy.standing(known, jobs, now, row["pause"])


def _since(town: Town, now: float) -> str:
    return policy.days_before(now, town.zone)[0].isoformat()


def _needing(
    db: sqlite3.Connection, rows: Sequence[sqlite3.Row], now: float
) -> list[tuple[int, Standing]]:
    found = [(row["id"], standing_of(db, row, now)) for row in rows]
    return [(number, one) for number, one in found if one in policy.FOR_HUMANS]


def something(db: sqlite3.Connection, town: Town, now: float) -> bool:
    """Tell whether somebody is to be put on the list, or told of."""
    since = _since(town, now)
    if _needing(db, rounds.unlisted(db, town.id, since), now):
        return True
    rested = now - rounds.told_last(db, town.id) >= TELL_AGAIN
    return rested and bool(rounds.untold(db, town.id, since))


def put_on_list(db: sqlite3.Connection, town: Town, now: float) -> int | None:
    """Put on the list whoever needs somebody; tell it, unless that was done a moment ago."""
    since = _since(town, now)
    fresh = _needing(db, rounds.unlisted(db, town.id, since), now)
    rounds.put_on_list(db, [number for number, _ in fresh], now)
    if now - rounds.told_last(db, town.id) < TELL_AGAIN or not town.known.tell:
        return None
    rows = rounds.untold(db, town.id, since)
    rounds.told(db, [row["id"] for row in rows], now)
    needing = [one for _, one in _needing(db, rows, now)]
    if not needing:
        return None
    whom = [Asked("Tournée", number) for number in town.known.tell]
    return tell(
        db, town.id, Urgency.SERVICE, "Tournée : personnes à voir",
        said.to_social_worker(town.name, needing), whom, now, now + _LIFE, kind="auto",
    )  # fmt: skip
