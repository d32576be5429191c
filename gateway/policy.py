"""Who goes first, how long a message is good for, and whether to try again. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.hours import Holiday, Hours, closes_at, never, next_ends
from gateway.model import Channel, JobState, Outcome, Reason, Urgency

_URGENCY_RANK: Final = {Urgency.VITAL: 0, Urgency.SERVICE: 1, Urgency.INFORMATION: 2}
#: Behind the texts of alerts (0), before their calls (5 and more).
ALARM_RANK: Final = 1
#: Seconds an alarm of the box waits so behind an alert to thousands; then it goes before the next
#: text. From a supply nearly empty to a machine switched off there may be less than a minute.
ALARM_PATIENCE: Final = 5.0

#: Seconds before the second, third... try of what may yet succeed; the last one repeats.
BACK_OFF: Final = (15.0, 60.0, 180.0, 600.0, 1800.0)
#: Tries after which a "later" about one recipient is taken for a no. What is our modem's or the
#: relay's fault has no such limit: the expiry bounds it.
PATIENCE: Final = 5
#: A vital message in doubt is sent again at most so often: the phone may already have it.
DOUBTS: Final = 2
#: Tries for which a failure may name its own pause.
PROMPT_TRIES: Final = 2
#: A message longer than this many SMS is a letter: it belongs into a mail. A SIM with as many left
#: carries any text.
MOST_SEGMENTS: Final = 10
COUNTED: Final = {"recipient": PATIENCE, "doubt": DOUBTS + 1}


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an attempt ended: the job's next state, and what to say of it.

    ``retry`` is the class of a failure worth another try: ``"recipient"`` and ``"doubt"``
    (counted), ``"ours"`` (bounded by the expiry alone), or ``""``.
    """

    state: JobState
    outcome: Outcome | None = None
    reason: Reason = Reason.NONE
    detail: str = ""
    retry: str = ""
    retry_after: float | None = None
    opted_out: bool = False  # the person asked for no more routine messages this way


def rank(
    urgency: Urgency, channel: Channel, calls: int, *, only_way: bool = False, alarm: bool = False
) -> int:
    """Return a job's place in the queue: the lowest goes first, then the oldest.

    ``calls`` counts those the person has had in this broadcast. An ``alarm`` of the box itself
    goes before all but the texts of an alert: it is one text, and the box may be dying. Behind
    those it waits `ALARM_PATIENCE` at most (`gateway.store.jobs`).

    Within one urgency all messages go before any call, for on a shared modem a call of a minute
    would hold up a dozen of them; everyone has a first call before anyone has a second; and
    those whom only a call can reach (``only_way``) are called before those who have a text.
    """
    if alarm:
        return ALARM_RANK
    call = 10 * (1 + calls) - 5 * only_way if channel is Channel.VOICE else 0
    return _URGENCY_RANK[urgency] * 1000 + call


def expires_at(
    urgency: Urgency, now: float, zone: str, forecast: float = 0.0, *, hours: Hours | None = None,
    holiday: Holiday = never,
) -> float:  # fmt: skip
    """Return until when (seconds since 1970) a broadcast is worth sending.

    A vital alert lives six hours and never less than twice its announced duration ``forecast``
    (seconds); a service message to the end of the next ``hours`` it may leave in; an information
    three days, to the end of its hours then, and never less than that. So what the end of one
    day's hours catches, Friday's for Monday, is still good when they begin again.
    """
    if urgency is Urgency.VITAL:
        return now + max(6 * 3600.0, 2 * forecast)
    if urgency is Urgency.INFORMATION:
        ends = now + 3 * 86400.0
        last = closes_at(hours, zone, ends, holiday) or ends
        return max(last, next_ends(hours, zone, now, holiday)) if hours else last
    if hours is not None:
        return next_ends(hours, zone, now, holiday)
    local = datetime.fromtimestamp(now, ZoneInfo(zone))
    tomorrow = (local + timedelta(days=1)).date()
    end = datetime(tomorrow.year, tomorrow.month, tomorrow.day, 20, tzinfo=ZoneInfo(zone))
    return end.timestamp()


def next_try(settlement: Settlement, attempts: int, now: float, jitter: float) -> float | None:
    """Return when to try again, or None for no more.

    ``attempts`` counts those already made; ``jitter`` in [0, 1) spreads those that failed
    together over a quarter of their pause.
    """
    if not settlement.retry or attempts >= COUNTED.get(settlement.retry, attempts + 1):
        return None
    pause = BACK_OFF[min(max(attempts - 1, 0), len(BACK_OFF) - 1)]
    if settlement.retry_after is not None and attempts <= PROMPT_TRIES:
        # later on the steps above hold: what fells one modem after another must not stand first
        # in the queue for ever
        pause = settlement.retry_after
    return now + pause * (1 + jitter / 4)


def resends_in_doubt(urgency: Urgency) -> bool:
    """Tell whether a message that perhaps left is sent again: an alert heard twice hurts nobody."""
    return urgency is Urgency.VITAL


#: Seconds a mail takes.
MAIL_SECONDS: Final = 0.05


def seconds_needed(
    parts: int, calls: int, mails: int, *, sms_modems: int, voice_modems: int,
    part_seconds: float, call_seconds: float, mail_seconds: float = MAIL_SECONDS,
) -> float:  # fmt: skip
    """Estimate how long a broadcast takes (seconds) with these modems at these paces."""
    # a modem does one thing at a time: the last call takes as long as the first
    sms = math.ceil(parts / max(sms_modems, 1)) * part_seconds
    voice = math.ceil(calls / max(voice_modems, 1)) * call_seconds
    shared = (parts * part_seconds + calls * call_seconds) / max(sms_modems, voice_modems, 1)
    return max(sms, voice, shared, mails * mail_seconds)


def mean(values: Sequence[float], default: float) -> float:
    """Return the mean, or ``default`` while too few are known to mean anything."""
    return sum(values) / len(values) if len(values) >= 5 else default
