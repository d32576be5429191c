"""The order of sends: which channels, how long to wait for which result, then which next. Pure.

A plan is data, kept with its broadcast as JSON; this file says what it means for one person.
The ready-made plans are in `gateway.orders`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from gateway.lived import is_settled
from gateway.model import (
    REACHED,
    Address,
    Channel,
    JobFact,
    JobState,
    Line,
    Outcome,
    Reason,
    RecipientState,
)

J = JobState

#: A call that came to one of these is worth a second one.
UNANSWERED: Final = frozenset({Outcome.NO_ANSWER, Outcome.BUSY, Outcome.UNREACHABLE})
_ANSWERED: Final = frozenset({Outcome.ACKNOWLEDGED, Outcome.DECLINED})
_HEARD: Final = _ANSWERED | {Outcome.LISTENED}
_UNDER_WAY: Final = frozenset({J.QUEUED, J.RUNNING})
_HANDED: Final = frozenset({J.HANDED_OVER, J.UNCERTAIN})
_LOST: Final = frozenset({J.FAILED, J.EXPIRED, J.CANCELLED})
#: A number that refused for one of these will refuse again.
_FOR_EVER: Final = frozenset({Reason.NUMBER_UNKNOWN, Reason.NUMBER_REFUSED})


class When(StrEnum):
    """What must have been lived for a step to be taken."""

    ALWAYS = "always"
    UNREACHED = "unreached"  # nothing says that they know
    UNCALLED = "uncalled"  # the same, and no telephone of theirs has rung
    UNANSWERED = "unanswered"  # their last call rang in vain
    FAILED = "failed"  # nothing was even handed over


class Whom(StrEnum):
    """Which addresses a step uses."""

    FIRST = "first"  # every mobile, every mailbox, one telephone
    SAME = "same"  # the telephone that was called last
    NEXT = "next"  # the telephone after those already called
    REFERENT = "referent"  # whoever looks after the person


@dataclass(frozen=True, slots=True)
class Step:
    """Jobs to make by ``channels``, or by the first of ``otherwise`` the person has.

    ``after`` seconds from the end of what came before: from the hand-over of a message that
    nobody reported, from the end of a call; at once where the message failed.
    """

    channels: tuple[Channel, ...]
    after: float = 0.0
    when: When = When.ALWAYS
    whom: Whom = Whom.FIRST
    otherwise: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered steps, and how long (seconds) a delivery report is waited for.

    ``confirm``: only an acknowledgement counts as reached. ``enough``: so many acknowledgements
    end the whole broadcast (0: everybody's is wanted). ``spare``: no call to somebody who was
    reached meanwhile. ``call_silent``: call also those whose network gives no receipts.
    """

    steps: tuple[Step, ...]
    report_wait: float = 180.0
    confirm: bool = False
    enough: int = 0
    spare: bool = False
    call_silent: bool = False


@dataclass(frozen=True, slots=True)
class Ways:
    """How a person can be reached: their addresses in order, and those of their referent."""

    own: tuple[Address, ...] = ()
    referent: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Launch:
    """One job to make."""

    channel: Channel
    address: Address
    to_referent: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do next for one person.

    ``launch`` are the jobs of the step numbered ``step``, not before ``not_before``;
    ``look_again`` is when this question must be asked anew though nothing happened.
    """

    step: int
    launch: tuple[Launch, ...] = ()
    not_before: float = 0.0
    withdraw: frozenset[Channel] = frozenset()
    close: bool = False
    look_again: float | None = None
    skipped: tuple[Step, ...] = field(default=())


#: *Joint* where a message asks to confirm: who answered, and who was told face to face.
SURE: Final = frozenset(
    {RecipientState.ACKNOWLEDGED, RecipientState.DECLINED, RecipientState.TOLD_IN_PERSON}
)


def reached(plan: Plan) -> frozenset[RecipientState]:
    """Return the states in which somebody counts as *joint* for a message of this plan."""
    return SURE if plan.confirm else REACHED


def addresses(channel: Channel, known: Sequence[Address]) -> list[Address]:
    """Return the addresses one channel uses of a person's, in their order.

    Every mobile gets the SMS and every mailbox the mail; one telephone rings: the landline where
    there is one, since the mobile already has the SMS.
    """
    if channel is Channel.SMS:
        return [a for a in known if a.line is Line.MOBILE]
    if channel is Channel.EMAIL:
        return [a for a in known if a.line is Line.EMAIL]
    return telephones(known)[:1]


def telephones(known: Sequence[Address]) -> list[Address]:
    """Return the telephones in the order they are called: landlines first."""
    landlines = [a for a in known if a.line is Line.LANDLINE]
    return landlines + [a for a in known if a.line is Line.MOBILE]


def lines_of(channels: Collection[str]) -> frozenset[Line]:
    """Return the kinds of endpoint that these channels can use; unknown ones use none."""
    uses = {
        Channel.SMS: {Line.MOBILE}, Channel.EMAIL: {Line.EMAIL},
        Channel.VOICE: {Line.LANDLINE, Line.MOBILE},
    }  # fmt: skip
    return frozenset().union(*(uses[channel] for channel in Channel if channel in channels))


def entry(
    plan: Plan, known: Sequence[Address], referent: Sequence[Address] = ()
) -> tuple[int, list[tuple[Channel, Address]]]:
    """Return the first step that has a way to a person, and its jobs; none where no step has.

    A step with nobody to reach is no reason to wait, nor to leave anybody out: what `decide` says
    of somebody for whom nothing was done yet.
    """
    if found := _by_first(plan.steps[0], known):
        return 0, found
    for number, step in enumerate(plan.steps[1:], 1):
        if step.when is not When.UNANSWERED and step.whom is not Whom.SAME:  # of calls made before
            ways = _launch(step, (), Ways(tuple(known), tuple(referent)))
            if ways:
                return number, [(one.channel, one.address) for one in ways]
    return 0, []


def opening(
    plan: Plan, known: Sequence[Address], referent: Sequence[Address] = ()
) -> list[tuple[Channel, Address]]:
    """Return the first jobs for a person."""
    return entry(plan, known, referent)[1]


def asks_referents(plan: Plan, step: int | None = None) -> bool:
    """Tell whether a plan, or that step of it, goes to whoever looks after a person."""
    steps = plan.steps if step is None else (plan.steps[step],)
    return any(one.whom is Whom.REFERENT for one in steps)


def own_ways(plan: Plan) -> list[Channel]:
    """Return the channels by which a plan may begin with somebody, in their order."""
    begun = [s for s in plan.steps if s.when is not When.UNANSWERED and s.whom is not Whom.REFERENT]
    return list(dict.fromkeys(c for s in begun for c in (*s.channels, *s.otherwise)))


def _by_first(step: Step, known: Sequence[Address]) -> list[tuple[Channel, Address]]:
    found = [(c, a) for c in step.channels for a in addresses(c, known)]
    for channel in step.otherwise:
        found = found or [(channel, a) for a in addresses(channel, known)]
    return found


def decide(
    plan: Plan, step: int, jobs: Sequence[JobFact], now: float, ways: Ways | None = None
) -> Decision:
    """Say what comes next for a person whose plan stands at ``step``."""
    if any(_has_answered(job) for job in jobs):
        return Decision(step, withdraw=frozenset(Channel), close=True)
    own = [job for job in jobs if not job.to_referent]
    spared = frozenset({Channel.VOICE}) if plan.spare and _reached(plan, own) else frozenset()
    return replace(_next(plan, step, jobs, own, now, ways or Ways()), withdraw=spared)


def _next(
    plan: Plan, step: int, jobs: Sequence[JobFact], own: Sequence[JobFact], now: float, ways: Ways
) -> Decision:
    for number in range(step + 1, len(plan.steps)):
        wanted = plan.steps[number]
        due = _DUE[wanted.when](plan, wanted, own, now)
        if due is _NOT_YET:
            return Decision(number - 1, look_again=_next_look(plan, jobs, now))
        if due is not None and (launch := _possible(_launch(wanted, jobs, ways), jobs)):
            return Decision(number, launch, due)
        step = number
    if _all_settled(plan, jobs, now) and not _may_return(plan, jobs, now):
        return Decision(step, close=True)
    return Decision(step, look_again=_next_look(plan, jobs, now))


#: An answer of the functions below beside a time and None: it cannot be said yet.
_NOT_YET: Final = float("-inf")


def _due_always(_: Plan, step: Step, jobs: Sequence[JobFact], now: float) -> float | None:
    return _NOT_YET if _busy(jobs) else _end_of(jobs, step.after, now)


def _due_unanswered(_: Plan, step: Step, jobs: Sequence[JobFact], now: float) -> float | None:
    """Whether the last call rang in vain; a report still awaited never delays a second call."""
    calls = [job for job in jobs if job.channel is Channel.VOICE]
    if _busy(calls):
        return _NOT_YET
    if not calls or _last(calls).outcome not in UNANSWERED:
        return None
    return (_last(calls).ended_at or now) + step.after


def _possible(launch: tuple[Launch, ...], jobs: Sequence[JobFact]) -> tuple[Launch, ...]:
    """Leave out the mail where one already waits for the way to be free."""
    if not any(job.overdue for job in jobs):
        return launch
    return tuple(one for one in launch if one.channel is not Channel.EMAIL)


def _due_unreached(plan: Plan, step: Step, jobs: Sequence[JobFact], now: float) -> float | None:
    """Whether nothing says that the person knows, once all that was sent had its time.

    A telephone never waits for a mail, but for somebody who has nothing else.
    """
    silent = not plan.confirm and not plan.call_silent and _without_receipts(jobs)
    if silent or _reached(plan, jobs):
        return None
    jobs = [job for job in jobs if job.channel is not Channel.EMAIL] or jobs
    if _busy(jobs) or not _over(plan, jobs, now):
        return _NOT_YET
    return _end_of(jobs, step.after, now)


def _due_uncalled(plan: Plan, step: Step, jobs: Sequence[JobFact], now: float) -> float | None:
    called = any(job.channel is Channel.VOICE for job in jobs)
    return None if called else _due_unreached(plan, step, jobs, now)


def _due_failed(plan: Plan, step: Step, jobs: Sequence[JobFact], now: float) -> float | None:
    if _busy(jobs) or not _over(plan, jobs, now) or _may_return(plan, jobs, now):
        return _NOT_YET
    if any(job.state not in _LOST and not job.overdue for job in jobs):
        return None
    return _end_of(jobs, step.after, now)


_DUE: Final[dict[When, Callable[[Plan, Step, Sequence[JobFact], float], float | None]]] = {
    When.ALWAYS: _due_always,
    When.UNREACHED: _due_unreached,
    When.UNCALLED: _due_uncalled,
    When.UNANSWERED: _due_unanswered,
    When.FAILED: _due_failed,
}


def _has_answered(job: JobFact) -> bool:
    """Whether somebody said yes or no; a referent's no is no word of the person's."""
    return job.outcome in (_ANSWERED if not job.to_referent else {Outcome.ACKNOWLEDGED})


def _busy(jobs: Sequence[JobFact]) -> bool:
    return any(job.state in _UNDER_WAY and not job.overdue for job in jobs)


def _all_settled(plan: Plan, jobs: Sequence[JobFact], now: float) -> bool:
    return all(is_settled(job, now, plan.report_wait) for job in jobs)


def _over(plan: Plan, jobs: Sequence[JobFact], now: float) -> bool:
    """Whether nothing need be waited for before the next step."""
    return all(job.overdue or is_settled(job, now, plan.report_wait) for job in jobs)


def _may_return(plan: Plan, jobs: Sequence[JobFact], now: float) -> bool:
    """Whether a mail left a moment ago and would be seen to come back."""
    return any(
        job.channel is Channel.EMAIL and job.state is J.HANDED_OVER
        and job.reason is Reason.RETURNS_WATCHED and job.handed_over_at is not None
        and now < job.handed_over_at + plan.report_wait
        for job in jobs
    )  # fmt: skip


def _reached(plan: Plan, jobs: Sequence[JobFact]) -> bool:
    if plan.confirm:
        return any(_has_answered(job) for job in jobs)
    return any(
        job.outcome in _HEARD or (job.channel is not Channel.VOICE and job.state is J.DELIVERED)
        for job in jobs
    )


def _without_receipts(jobs: Sequence[JobFact]) -> bool:
    """Whether a text left by a network that gives no receipts: silence then says nothing."""
    return any(
        job.channel is Channel.SMS and job.state is J.HANDED_OVER and not job.receipts
        for job in jobs
    )


def _end_of(jobs: Sequence[JobFact], after: float, now: float) -> float:
    """Return ``after`` seconds past the last hand-over or call; what failed delays nothing."""
    ends = [
        (job.handed_over_at if job.state in _HANDED else job.ended_at) or now
        for job in jobs
        if job.state in _HANDED or (job.channel is Channel.VOICE and job.state is not J.CANCELLED)
    ]
    if not ends:
        # a text that was received and asks for a word: its time runs from the report
        ends = [job.ended_at for job in jobs if job.state is J.DELIVERED and job.ended_at]
    return max((end + after for end in ends), default=now)


def _last(jobs: Sequence[JobFact]) -> JobFact:
    return max(jobs, key=lambda job: (job.step, job.id))


def _launch(step: Step, jobs: Sequence[JobFact], ways: Ways) -> tuple[Launch, ...]:
    if step.whom is Whom.REFERENT:
        return tuple(Launch(c, a, True) for c, a in _by_first(step, ways.referent))
    if step.whom is Whom.FIRST:
        return tuple(Launch(c, a) for c, a in _by_first(step, ways.own))
    called = [job for job in jobs if job.channel is Channel.VOICE and not job.to_referent]
    if step.whom is Whom.SAME:
        return _again(called)
    return (*_not_yet_written_to(step, jobs, ways), *_next_call(step, called, ways))


def _not_yet_written_to(step: Step, jobs: Sequence[JobFact], ways: Ways) -> tuple[Launch, ...]:
    """Return the texts and mails of a step to whatever of a person's has had none so far."""
    written = {(job.channel, job.address) for job in jobs if not job.to_referent}
    found = [(c, a) for c, a in _by_first(step, ways.own) if c is not Channel.VOICE]
    return tuple(Launch(c, a) for c, a in found if (c, a.value) not in written)


def _next_call(step: Step, called: Sequence[JobFact], ways: Ways) -> tuple[Launch, ...]:
    if Channel.VOICE not in step.channels:
        return ()
    tried = {job.address for job in called}
    untried = [a for a in telephones(ways.own) if a.value not in tried]
    return tuple(Launch(Channel.VOICE, address) for address in untried[:1])


def _again(called: Sequence[JobFact]) -> tuple[Launch, ...]:
    if not called or (last := _last(called)).line is None or last.reason in _FOR_EVER:
        return ()
    return (Launch(Channel.VOICE, Address(last.endpoint_id, last.line, last.address)),)


def _next_look(plan: Plan, jobs: Sequence[JobFact], now: float) -> float | None:
    waits = [
        job.handed_over_at + plan.report_wait
        for job in jobs
        if job.state in _HANDED and job.handed_over_at is not None
    ]
    return min((w for w in waits if w > now), default=None)


def to_json(plan: Plan) -> str:
    """Return the plan as it is stored."""
    return json.dumps(
        {
            "steps": [
                {"channels": s.channels, "after": s.after, "when": s.when, "whom": s.whom,
                 "otherwise": s.otherwise}
                for s in plan.steps
            ],
            "report_wait": plan.report_wait, "confirm": plan.confirm, "enough": plan.enough,
            "spare": plan.spare, "call_silent": plan.call_silent,
        }
    )  # fmt: skip


def from_json(text: str) -> Plan:
    """Return the plan stored as ``text``; raise `ValueError` or `KeyError` if it is none."""
    data = json.loads(text)
    steps = tuple(
        Step(
            tuple(Channel(c) for c in step["channels"]), float(step["after"]),
            When(step["when"]), Whom(step["whom"]),
            tuple(Channel(c) for c in step["otherwise"]),
        )
        for step in data["steps"]
    )  # fmt: skip
    return Plan(
        steps, float(data["report_wait"]), bool(data["confirm"]), int(data["enough"]),
        bool(data["spare"]), bool(data["call_silent"]),
    )  # fmt: skip
