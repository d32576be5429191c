"""What a person lived, derived from the jobs done for them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.model import Channel, JobFact, JobState, Outcome, Reason, RecipientState
from gateway.states import FINAL_JOB

R = RecipientState

_BY_OUTCOME: Final = {
    Outcome.ACKNOWLEDGED: R.ACKNOWLEDGED,
    Outcome.DECLINED: R.DECLINED,
    Outcome.LISTENED: R.LISTENED,
    Outcome.ANSWERED: R.ANSWERED,
}
_BY_STATE: Final = {
    JobState.UNCERTAIN: R.UNCERTAIN,
    JobState.HANDED_OVER: R.SENT,
    JobState.FAILED: R.FAILED,
    JobState.EXPIRED: R.EXPIRED,
    JobState.CANCELLED: R.CANCELLED,
}
#: From the best a person can have lived to the least.
_BEST_FIRST: Final = (
    R.ACKNOWLEDGED, R.DECLINED, R.LISTENED, R.RECEIVED, R.ANSWERED, R.SENT, R.UNCERTAIN, R.FAILED,
    R.EXPIRED, R.CANCELLED,
)  # fmt: skip
#: Shown at once, whatever is still under way for the same person.
_TOLD_AT_ONCE: Final = frozenset({
    R.ACKNOWLEDGED, R.DECLINED, R.LISTENED, R.RECEIVED, R.ANSWERED,
})  # fmt: skip


#: Ends of a job that nobody tries again.
_GIVEN_UP: Final = frozenset({JobState.CANCELLED, JobState.EXPIRED})


def _of_one(job: JobFact) -> RecipientState | None:
    if job.outcome is Outcome.INTERRUPTED and job.state in _GIVEN_UP:
        # a plug or a modem pulled out in mid-call: nobody knows what had been heard by then
        return R.UNCERTAIN
    if job.outcome in _BY_OUTCOME:
        return _BY_OUTCOME[job.outcome]
    if job.state is JobState.DELIVERED:
        return R.RECEIVED
    return _BY_STATE.get(job.state)


def is_settled(job: JobFact, now: float, report_wait: float) -> bool:
    """Tell whether a job's story is over as far as waiting goes.

    Mail handed to a relay whose replies nobody watches will never say more; an SMS is given
    ``report_wait`` seconds for its delivery report.
    """
    if job.state in FINAL_JOB:
        return True
    if job.state in {JobState.HANDED_OVER, JobState.UNCERTAIN}:
        since = job.handed_over_at if job.handed_over_at is not None else now
        return job.channel is Channel.EMAIL or now >= since + report_wait
    return False


def lived(jobs: Sequence[JobFact], now: float, report_wait: float) -> tuple[R, Reason]:
    """Return what the person lived so far, and the reason that goes with it.

    What a referent was sent says nothing of the person, but for the referent's own word.
    """
    if any(job.to_referent and job.outcome is Outcome.ACKNOWLEDGED for job in jobs):
        return R.ACKNOWLEDGED, Reason.BY_REFERENT
    asked = [job for job in jobs if job.to_referent]
    waiting_for_referent = [job for job in asked if not is_settled(job, now, report_wait)]
    jobs = [job for job in jobs if not job.to_referent]
    told = [(state, job) for job in jobs if (state := _of_one(job)) is not None]
    told.sort(key=lambda pair: _BEST_FIRST.index(pair[0]))
    best = told[0] if told else None
    if best and best[0] in _TOLD_AT_ONCE:
        return best[0], best[1].reason
    waiting = [job for job in jobs if not is_settled(job, now, report_wait)]
    waiting = waiting or waiting_for_referent
    if waiting:
        return _under_way(jobs, waiting)
    if best is None:
        return _by_referent_alone(asked)
    return best[0], best[1].reason


def _by_referent_alone(asked: Sequence[JobFact]) -> tuple[R, Reason]:
    """Return what became of somebody without a way of their own, whose referent said nothing."""
    if not asked:
        return R.EXCLUDED, Reason.NO_WAY
    last = asked[-1]
    if last.state in {JobState.EXPIRED, JobState.CANCELLED}:
        return _BY_STATE[last.state], last.reason
    return R.FAILED, Reason.NO_WAY


def _under_way(jobs: Sequence[JobFact], waiting: Sequence[JobFact]) -> tuple[R, Reason]:
    started = any(job.attempts for job in jobs)
    awaited = [job for job in waiting if job.state is not JobState.QUEUED] or waiting
    reason = awaited[0].reason
    if awaited[0].state is JobState.HANDED_OVER:
        reason = Reason.WAITING_FOR_REPORT
    return (R.IN_PROGRESS if started else R.PENDING), reason or Reason.IN_QUEUE
