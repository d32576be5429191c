"""The order of sends: which channels, how long to wait for which result, then which next. Pure.

A plan is data, kept with its broadcast as JSON; this file says what it means for one person.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from gateway.lived import is_settled
from gateway.model import Address, Channel, JobFact, JobState, Line, Outcome

#: A call that came to one of these is worth a second one.
UNANSWERED: Final = frozenset({Outcome.NO_ANSWER, Outcome.BUSY, Outcome.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Step:
    """Jobs to make: by which ``channels``, ``after`` how many seconds, ``when`` what came before.

    An empty ``when`` means always; otherwise the step is taken only for the endpoints whose last
    call came to one of these outcomes.
    """

    channels: tuple[Channel, ...]
    after: float = 0.0
    when: frozenset[Outcome] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered steps, and how long (seconds) a delivery report is waited for."""

    steps: tuple[Step, ...]
    report_wait: float = 180.0


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do next for one person.

    ``launch`` are the addresses of the step numbered ``step``, not before ``not_before``;
    ``look_again`` is when this question must be asked anew though nothing happened.
    """

    step: int
    launch: tuple[tuple[Channel, Address], ...] = ()
    not_before: float = 0.0
    withdraw: bool = False
    close: bool = False
    look_again: float | None = None
    skipped: tuple[Step, ...] = field(default=())


def first_plan(channels: Sequence[Channel], *, pause: float = 120.0) -> Plan:
    """Return the plain plan: all channels at once, and one more call where nobody answered."""
    steps = [Step(tuple(channels))]
    if Channel.VOICE in channels:
        steps.append(Step((Channel.VOICE,), after=pause, when=UNANSWERED))
    return Plan(tuple(steps))


def addresses(channel: Channel, known: Sequence[Address]) -> list[Address]:
    """Return the addresses one channel uses of a person's, in their order.

    Every mobile gets the SMS and every mailbox the mail; one telephone rings: the landline where
    there is one, since the mobile already has the SMS.
    """
    if channel is Channel.SMS:
        return [a for a in known if a.line is Line.MOBILE]
    if channel is Channel.EMAIL:
        return [a for a in known if a.line is Line.EMAIL]
    landlines = [a for a in known if a.line is Line.LANDLINE]
    mobiles = [a for a in known if a.line is Line.MOBILE]
    return (landlines or mobiles)[:1]


def opening(plan: Plan, known: Sequence[Address]) -> list[tuple[Channel, Address]]:
    """Return the first step's jobs for a person."""
    return [(c, a) for c in plan.steps[0].channels for a in addresses(c, known)]


def decide(plan: Plan, step: int, jobs: Sequence[JobFact], now: float) -> Decision:
    """Say what comes next for a person whose plan stands at ``step``."""
    if any(job.outcome is Outcome.ACKNOWLEDGED for job in jobs):
        return Decision(step, withdraw=True, close=True)
    for number in range(step + 1, len(plan.steps)):
        if not _decided(jobs, number - 1):
            return Decision(number - 1, look_again=_next_look(plan, jobs, now))
        launch = _retry_of(plan.steps[number], jobs)
        if launch:
            since = max(job.ended_at or now for job in jobs if job.channel is Channel.VOICE)
            return Decision(number, launch, since + plan.steps[number].after)
        step = number
    if all(is_settled(job, now, plan.report_wait) for job in jobs):
        return Decision(step, close=True)
    return Decision(step, look_again=_next_look(plan, jobs, now))


def _decided(jobs: Sequence[JobFact], step: int) -> bool:
    """Whether the calls of a step are over: a report still awaited never delays a second call."""
    calls = [job for job in jobs if job.step == step and job.channel is Channel.VOICE]
    return all(job.state not in {JobState.QUEUED, JobState.RUNNING} for job in calls)


def _retry_of(step: Step, jobs: Sequence[JobFact]) -> tuple[tuple[Channel, Address], ...]:
    latest: dict[tuple[Channel, str], JobFact] = {
        (job.channel, job.address): job for job in sorted(jobs, key=lambda j: (j.step, j.id))
    }
    return tuple(
        (job.channel, Address(job.endpoint_id, job.line, job.address))
        for job in latest.values()
        if job.channel in step.channels and job.line and job.outcome in step.when
    )


def _next_look(plan: Plan, jobs: Sequence[JobFact], now: float) -> float | None:
    waits = [
        job.handed_over_at + plan.report_wait
        for job in jobs
        if job.state in {JobState.HANDED_OVER, JobState.UNCERTAIN}
        and job.handed_over_at is not None
    ]
    return min((w for w in waits if w > now), default=None)


def to_json(plan: Plan) -> str:
    """Return the plan as it is stored."""
    data = asdict(plan)
    for step in data["steps"]:
        step["when"] = sorted(step["when"])
    return json.dumps(data)


def from_json(text: str) -> Plan:
    """Return the plan stored as ``text``; raise `ValueError` or `KeyError` if it is none."""
    data = json.loads(text)
    steps = tuple(
        Step(
            tuple(Channel(c) for c in step["channels"]),
            step["after"],
            frozenset(Outcome(o) for o in step["when"]),
        )
        for step in data["steps"]
    )
    return Plan(steps, data["report_wait"])
