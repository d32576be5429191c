"""When a message leaves, why not before, and until when it is worth sending. Pure.

An alert leaves at once, whatever the hour; a service message sent from the page can be taken back
for a moment; what is written at night waits for the morning, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.hours import Holiday, Hours, closes_at, day_ends, never, next_open
from gateway.model import Door, Reason, Urgency
from gateway.policy import expires_at

#: Seconds in which a message sent from the page can be taken back; an alert has a confirmation.
TAKE_BACK: Final = 20.0


@dataclass(frozen=True, slots=True)
class Departure:
    """Times in seconds since 1970; ``held`` says what is waited for until ``starts_at``."""

    starts_at: float
    held: Reason
    hours: Hours | None
    closes_at: float | None
    expires_at: float
    scheduled: bool  # people are looked up when it leaves, not now


def depart(
    urgency: Urgency, door: Door, zone: str, now: float, *, hours: Hours | None = None,
    wanted_at: float | None = None, expires: float | None = None, forecast: float = 0.0,
    take_back: float = TAKE_BACK, holiday: Holiday = never, true_until: int | None = None,
) -> Departure:  # fmt: skip
    """Say when a message leaves that is sent now; ``hours`` are those its urgency knows.

    One that says « demain », or « ce matin », stops leaving when that is over: at the hour of its
    day that ``true_until`` says. Where its hours end before, somebody may let it go until then.
    """
    known = None if urgency is Urgency.VITAL else hours
    asked = now if wanted_at is None else max(now, wanted_at)
    starts = next_open(known, zone, asked, holiday)
    held = Reason.NONE
    if starts > asked:
        held = Reason.HOURS
    elif asked > now:
        held = Reason.SCHEDULED
    if door is Door.PAGE and urgency is not Urgency.VITAL and starts < now + take_back:
        starts, held = now + take_back, Reason.TAKE_BACK
    ends = expires
    if ends is None:
        ends = expires_at(urgency, starts, zone, forecast, hours=known, holiday=holiday)
    closes = closes_at(known, zone, starts, holiday)
    if true_until is not None and urgency is not Urgency.VITAL:
        over = day_ends(zone, starts, true_until)
        closes = over if closes is None else min(closes, over)
    return Departure(
        starts, held, known, closes, ends,
        asked > now or held is Reason.HOURS,
    )  # fmt: skip
