"""The pure heart: what was lived, what comes next, who goes first, until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import orders
from gateway import plan as plans
from gateway.errors import IllegalMove
from gateway.lived import lived
from gateway.model import (
    Address,
    Channel,
    JobFact,
    JobState,
    Line,
    Outcome,
    PartState,
    Reason,
    RecipientState,
    Urgency,
)
from gateway.policy import (
    PATIENCE,
    Settlement,
    expires_at,
    next_try,
    rank,
    resends_in_doubt,
    seconds_needed,
)
from gateway.states import FINAL_JOB, JOB_MOVES, PART_MOVES, move

WAIT = 180.0
SMS = JobFact(1, Channel.SMS, 0, JobState.QUEUED, address="+33639980001", line=Line.MOBILE)
CALL = JobFact(2, Channel.VOICE, 0, JobState.QUEUED, address="+33639980001", line=Line.MOBILE)
MAIL = JobFact(3, Channel.EMAIL, 0, JobState.QUEUED, address="a@b.example", line=Line.EMAIL)
JOBS = st.builds(
    JobFact, st.integers(1, 9), st.sampled_from(Channel), st.integers(0, 1),
    st.sampled_from(JobState), st.one_of(st.none(), st.sampled_from(Outcome)),
    st.sampled_from(Reason), st.integers(0, 5), st.one_of(st.none(), st.floats(0, 1000)),
    st.one_of(st.none(), st.floats(0, 1000)), st.just("+33639980001"), st.just(Line.MOBILE),
)  # fmt: skip


def test_every_state_of_a_job_can_be_left_only_as_the_table_says() -> None:
    """A state machine that guesses is no state machine."""
    for old, new in product(JobState, JobState):
        if new in JOB_MOVES[old]:
            assert new is move(JOB_MOVES, old, new)
        else:
            with pytest.raises(IllegalMove, match=f"{old} → {new}"):
                move(JOB_MOVES, old, new)


def test_only_a_late_report_leaves_a_final_state() -> None:
    """What was told the mayor stays told, unless the phone proves us wrong."""
    for state in FINAL_JOB:
        assert JOB_MOVES[state] <= {JobState.DELIVERED}


def test_no_part_reaches_the_wire_without_being_written_down() -> None:
    """`prepared` leads to nothing but `submitting`."""
    assert {PartState.SUBMITTING} == PART_MOVES[PartState.PREPARED]


def test_handed_to_the_network_is_not_received() -> None:
    """The difference a mayor is asked about afterwards."""
    handed = replace(SMS, state=JobState.HANDED_OVER, handed_over_at=0.0, attempts=1)

    assert (RecipientState.IN_PROGRESS, Reason.WAITING_FOR_REPORT) == lived([handed], 10, WAIT)
    assert RecipientState.SENT is lived([handed], 200, WAIT)[0]
    delivered = replace(handed, state=JobState.DELIVERED)
    assert RecipientState.RECEIVED is lived([delivered], 10, WAIT)[0]


def test_a_key_outranks_everything_else_lived() -> None:
    """Acknowledged stays acknowledged though the SMS failed."""
    pressed = replace(CALL, state=JobState.DELIVERED, outcome=Outcome.ACKNOWLEDGED)
    failed = replace(SMS, state=JobState.FAILED)

    assert RecipientState.ACKNOWLEDGED is lived([failed, pressed], 0, WAIT)[0]


def test_an_answered_call_is_not_a_person_reached() -> None:
    """Voicemail answers too."""
    answered = replace(CALL, state=JobState.FAILED, outcome=Outcome.ANSWERED)

    assert RecipientState.ANSWERED is lived([answered], 0, WAIT)[0]


@pytest.mark.parametrize("end", [JobState.CANCELLED, JobState.EXPIRED])
def test_a_call_that_was_cut_and_is_not_made_again_may_have_been_heard(end: JobState) -> None:
    """« Annulé » says that nothing was heard, and keeps the end of the alert from them."""
    cut = replace(CALL, state=end, outcome=Outcome.INTERRUPTED, attempts=1)

    assert RecipientState.UNCERTAIN is lived([cut], 0, WAIT)[0]
    assert RecipientState.UNCERTAIN is not lived([replace(cut, outcome=None)], 0, WAIT)[0]


@given(st.lists(JOBS, max_size=5), st.floats(0, 2000))
def test_whatever_the_jobs_everybody_has_a_state(jobs: list[JobFact], now: float) -> None:
    """Nothing is lost in silence: no set of jobs leaves a person without a word."""
    state, _ = lived(jobs, now, WAIT)

    assert state in RecipientState


@given(st.lists(JOBS, min_size=1, max_size=5), st.floats(0, 5000), st.integers(0, 1))
def test_whatever_the_jobs_the_plan_closes_or_says_what_it_waits_for(
    jobs: list[JobFact], now: float, step: int
) -> None:
    """No state lasts for ever: close, launch, look again, or a job is still under way."""
    decision = plans.decide(orders.at_once(list(Channel)), step, jobs, now)
    under_way = any(job.state in {JobState.QUEUED, JobState.RUNNING} for job in jobs)
    unsaid = any(job.handed_over_at is None for job in jobs)

    assert decision.close or decision.launch or decision.look_again or under_way or unsaid


def test_nobody_answered_means_one_more_call_after_a_pause() -> None:
    """And only one."""
    plan = orders.at_once([Channel.VOICE])
    rang = replace(CALL, state=JobState.FAILED, outcome=Outcome.NO_ANSWER, ended_at=100.0)

    first = plans.decide(plan, 0, [rang], 100.0)
    again = replace(rang, id=9, step=1, ended_at=300.0)
    second = plans.decide(plan, 1, [rang, again], 300.0)

    assert (1, 220.0) == (first.step, first.not_before)
    assert [plans.Launch(Channel.VOICE, Address(None, Line.MOBILE, "+33639980001"))] == list(
        first.launch
    )
    assert second.close


def test_a_report_still_awaited_does_not_delay_the_second_call() -> None:
    """Two minutes matter more than tidiness."""
    plan = orders.at_once([Channel.SMS, Channel.VOICE])
    handed = replace(SMS, state=JobState.HANDED_OVER, handed_over_at=0.0)
    rang = replace(CALL, state=JobState.FAILED, outcome=Outcome.BUSY, ended_at=10.0)

    assert plans.decide(plan, 0, [handed, rang], 10.0).launch


def test_an_acknowledgement_withdraws_what_is_queued() -> None:
    """Nobody is called who has already confirmed."""
    pressed = replace(CALL, state=JobState.DELIVERED, outcome=Outcome.ACKNOWLEDGED)
    decision = plans.decide(orders.at_once(list(Channel)), 0, [pressed, SMS], 0.0)

    assert (frozenset(Channel), True) == (decision.withdraw, decision.close)


def test_the_landline_rings_where_there_is_one_and_every_mobile_gets_the_sms() -> None:
    """The mobile already has the text; the kitchen telephone wakes the house."""
    known = [
        Address(1, Line.MOBILE, "+33639980001"),
        Address(2, Line.LANDLINE, "+33199000001"),
        Address(3, Line.MOBILE, "+33639980002"),
    ]

    assert [1, 3] == [a.endpoint_id for a in plans.addresses(Channel.SMS, known)]
    assert [2] == [a.endpoint_id for a in plans.addresses(Channel.VOICE, known)]


def test_a_stored_plan_reads_back_the_same() -> None:
    """A broadcast survives the restart with its plan."""
    plan = orders.at_once(list(Channel))

    assert plan == plans.from_json(plans.to_json(plan))


def test_an_alert_goes_before_everything_and_messages_before_calls() -> None:
    """On one modem a call of a minute would hold up a dozen messages."""
    order = sorted(
        product(Urgency, (Channel.VOICE, Channel.SMS)), key=lambda pair: rank(*pair, calls=0)
    )

    assert [(Urgency.VITAL, Channel.SMS), (Urgency.VITAL, Channel.VOICE)] == order[:2]
    assert rank(Urgency.VITAL, Channel.VOICE, 1) < rank(Urgency.SERVICE, Channel.SMS, 0)


def test_a_service_message_dies_at_the_end_of_tomorrows_hours_even_across_dst() -> None:
    """The 24 hours of that night are 25."""
    zone = ZoneInfo("Europe/Paris")
    saturday = datetime(2026, 10, 24, 18, 0, tzinfo=zone).timestamp()

    end = expires_at(Urgency.SERVICE, saturday, "Europe/Paris")

    assert datetime(2026, 10, 25, 20, 0, tzinfo=zone).timestamp() == end
    assert 27 * 3600 == end - saturday


def test_an_alert_lives_at_least_twice_its_announced_duration() -> None:
    """Six hours are too short where one modem needs five."""
    assert 10 * 3600 == expires_at(Urgency.VITAL, 0, "Europe/Paris", forecast=5 * 3600)


def test_only_an_alert_is_sent_again_in_doubt() -> None:
    """Two convocations annoy; two flood alerts do not."""
    assert [Urgency.VITAL] == [urgency for urgency in Urgency if resends_in_doubt(urgency)]


def test_patience_with_one_number_ends_and_with_ourselves_does_not() -> None:
    """A dead number must not be tried for ever, a dead modem is not the number's fault."""
    later = Settlement(JobState.QUEUED, retry="recipient")
    ours = Settlement(JobState.QUEUED, retry="ours")

    assert next_try(later, PATIENCE, 0.0, 0.0) is None
    assert next_try(ours, 500, 0.0, 0.0) is not None
    assert next_try(Settlement(JobState.FAILED), 0, 0.0, 0.0) is None


@given(st.integers(1, 40), st.floats(0, 0.999))
def test_pauses_never_shrink_below_their_step(attempt: int, jitter: float) -> None:
    """Jitter spreads, it does not hurry."""
    again = next_try(Settlement(JobState.QUEUED, retry="ours"), attempt, 0.0, jitter)

    assert again is not None
    assert 15.0 <= again <= 1800 * 1.25


def test_two_modems_take_half_the_time_of_one() -> None:
    """The duration announced follows the fleet."""
    paces = {"part_seconds": 4.0, "call_seconds": 60.0}
    one = seconds_needed(600, 0, 0, sms_modems=1, voice_modems=1, **paces)
    two = seconds_needed(600, 0, 0, sms_modems=2, voice_modems=2, **paces)

    assert (2400.0, 1200.0) == (one, two)
