"""What the SIMs here hold back of a routine message: used up, or not allowed to carry it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from gateway import kinds
from gateway.model import Channel, Reason, Urgency
from gateway.store import budgets, windows


class Hold(NamedTuple):
    """Why nothing of a channel leaves, until when (seconds since 1970), None where nobody knows."""

    reason: Reason
    until: float | None = None


class Carrier(NamedTuple):
    """A modem as it is at a moment, to be looked at in a thread of the store."""

    sim: str
    regime: str
    channels: frozenset[Channel]


def holds(
    db: sqlite3.Connection, message: sqlite3.Row, lanes: Sequence[Carrier], now: float
) -> dict[Channel, Hold]:
    """Return the channels of a message that no SIM here carries for it now; none of an alert."""
    if message["urgency"] == Urgency.VITAL:
        return {}
    found = {}
    for channel in (Channel.SMS, Channel.VOICE):
        able = [lane for lane in lanes if channel in lane.channels]
        known = [hold for lane in able if (hold := _of(db, message, lane, channel, now))]
        if known and len(known) == len(able):
            found[channel] = min(known, key=soonest)
    return found


def but_alerts(message: sqlite3.Row) -> dict[Channel, Hold]:
    """Return what waits of a message while only alerts are begun: all of one that is none."""
    if message["urgency"] == Urgency.VITAL or message["kind"] in kinds.ALWAYS:
        return {}
    return dict.fromkeys(Channel, Hold(Reason.ALERTS_ONLY))


def _of(
    db: sqlite3.Connection, message: sqlite3.Row, lane: Carrier, channel: Channel, now: float
) -> Hold | None:
    opens = budgets.reopens(db, lane.sim, channel, now, message["id"])
    if opens == budgets.NEVER:
        return Hold(Reason.TOO_LONG)
    if opens is not None:
        return Hold(Reason.BUDGET, windows.opens_for(db, message["id"], opens))
    if not message["any_sim"] and budgets.is_ordinary(db, lane.sim, lane.regime):
        return Hold(Reason.REGIME)
    return None


def soonest(hold: Hold) -> float:
    """Return when a hold ends, for comparing: never, where nobody knows."""
    return float("inf") if hold.until is None else hold.until
