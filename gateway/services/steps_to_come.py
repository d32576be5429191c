"""What may still follow of a message's order of sends, and until when at the latest. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from typing import Final

from gateway import orders
from gateway import plan as plans
from gateway.model import Channel
from gateway.sentences import fr, fr_all
from gateway.services import words

_WHAT: Final = fr_all(
    {Channel.SMS: "des SMS", Channel.VOICE: "des appels", Channel.EMAIL: "des courriels"}
)
#: Steps for those of whom nothing says that they know: most may need them. The others are for the
#: few whose message failed, and nobody can say how long those take.
_FOR_MANY: Final = frozenset({plans.When.ALWAYS, plans.When.UNREACHED, plans.When.UNCALLED})


def said(
    plan: plans.Plan, standing: Mapping[int, int], ends: float, call_seconds: float,
    expires_at: float, zone: str, now: float,
) -> str:  # fmt: skip
    """Say what may follow what is leaving; empty where nothing does.

    ``standing``: how many people who are still waited for are at each step; ``ends``: when
    (seconds since 1970) what is queued has left; ``call_seconds``: what one call adds, 0 where
    nothing here calls.
    """
    here = [c for c in Channel if call_seconds or c is not Channel.VOICE]
    coming = _coming(plan, min(standing, default=len(plan.steps)), here)
    if not coming:
        return ""
    channels = [c for c in here if any(c in step.channels for _, step in coming)]
    what = reduce(lambda one, two: fr("{one} et {two}", one=one, two=two), map(_said, channels))
    if not any(step.when in _FOR_MANY for _, step in coming):
        return fr("Puis, si besoin, {what}.", what=what)
    last = min(ends + _seconds(plan, coming, standing, call_seconds), expires_at)
    return fr(
        "Puis, si besoin, {what}, jusque vers {when} au plus tard.",
        what=what, when=words.clock_time(last, zone, now),
    )  # fmt: skip


def _said(channel: Channel) -> str:
    return _WHAT[channel]


def _coming(
    plan: plans.Plan, step: int, here: Collection[Channel]
) -> list[tuple[int, plans.Step]]:  # fmt: skip
    """Return the steps after ``step`` that something ``here`` could take."""
    return [
        (number, one)
        for number, one in enumerate(plan.steps)
        if number > step and not {*here}.isdisjoint(one.channels)
    ]


def _seconds(
    plan: plans.Plan, coming: Sequence[tuple[int, plans.Step]], standing: Mapping[int, int],
    call_seconds: float,
) -> float:  # fmt: skip
    """Return how long the steps for many take where nobody answers: their waits, their calls."""
    moments = orders.timeline(plan, call_seconds=0.0)
    found = 0.0
    for number, step in coming:
        if step.when not in _FOR_MANY:
            continue
        people = sum(many for at, many in standing.items() if at < number)
        found += moments[number].at - moments[number - 1].at
        found += people * call_seconds * (Channel.VOICE in step.channels)
    return found
