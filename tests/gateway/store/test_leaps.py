"""The clock leaps in the middle of an alert: its waits last as long as if it had not."""

from __future__ import annotations

import pytest

from gateway import orders
from gateway.model import Channel, Door, JobState, Outcome, Reason, Urgency
from gateway.policy import Settlement, expires_at
from gateway.store import broadcasts, budgets, leaps, parts, people
from tests.gateway.store.ledger import ANNE, Ledger, number_to_address

DAY = 86400.0
LEAPS = [pytest.param(30 * DAY, id="forward"), pytest.param(-DAY, id="back")]
NO_ANSWER = Settlement(JobState.FAILED, Outcome.NO_ANSWER, Reason.NO_ANSWER)


def alerted(number: str = ANNE) -> Ledger:
    """Raise an alert as towns are advised to: a text, and a call where nobody says it came."""
    ledger = Ledger()
    channels = (Channel.SMS, Channel.VOICE)
    new = broadcasts.NewBroadcast(
        entity_id=ledger.entity, title="Crue", urgency=Urgency.VITAL,
        plan=orders.ADVISED[Urgency.VITAL], door=Door.PAGE, author="Essai",
        texts=dict.fromkeys(channels, ("Crue", "Crue.")),
        people=[people.Person(None, "Anne", (number_to_address(number),))],
        expires_at=expires_at(Urgency.VITAL, ledger.now, "Europe/Paris"),
    )  # fmt: skip
    broadcasts.create(ledger.db, new, ledger.now)
    return ledger


def leap(ledger: Ledger, seconds: float) -> None:
    """Have the clock believed that says another time."""
    leaps.move_alerts(ledger.db, seconds, ledger.now)
    ledger.now += seconds


@pytest.mark.parametrize("seconds", LEAPS)
def test_whoever_is_not_heard_of_is_called_when_they_would_have_been(seconds: float) -> None:
    """Three minutes from the hand-over; set back by a day it was a day, and the alert too old."""
    ledger = alerted()
    ledger.hand_over(ledger.take(), 7)
    ledger.now += 60
    leap(ledger, seconds)
    ledger.sweep(110)
    early = ledger.claim(Channel.VOICE)
    ledger.sweep(20)

    assert early is None
    assert ledger.claim(Channel.VOICE) is not None


@pytest.mark.parametrize("seconds", LEAPS)
def test_a_second_call_comes_when_it_would_have_come(seconds: float) -> None:
    """Counted from the end of the first, which was by the clock of before."""
    ledger = alerted("+33199000001")
    ledger.settle(ledger.take(Channel.VOICE), NO_ANSWER)
    (wait,) = [job["wait"] for job in ledger.rows(
        "SELECT not_before - ? AS wait FROM job WHERE state = 'queued'", ledger.now)]  # fmt: skip
    leap(ledger, seconds)
    ledger.now += wait
    second = ledger.take(Channel.VOICE)
    leap(ledger, seconds)
    ledger.settle(second, NO_ANSWER)

    (third,) = ledger.rows("SELECT not_before FROM job WHERE state = 'queued'")
    assert 0 < third["not_before"] - ledger.now < 3600


@pytest.mark.parametrize("seconds", LEAPS)
def test_a_report_still_finds_its_message(seconds: float) -> None:
    """A box without a battery begins in 1970, and the time comes while the phones report."""
    ledger = alerted()
    ledger.hand_over(ledger.take(), 7)
    leap(ledger, seconds)
    ledger.now += 5
    ledger.report(ANNE, 7)

    assert ["received"] == ledger.states("recipient")


@pytest.mark.parametrize("seconds", LEAPS)
def test_a_report_before_its_reference_still_finds_its_message(seconds: float) -> None:
    ledger = alerted()
    job = ledger.take()
    (part,) = ledger.prepare(job)
    parts.submitting(ledger.db, part.id, ledger.now)
    ledger.report(ANNE, 7)
    leap(ledger, seconds)
    parts.accepted(ledger.db, part.id, 7, ledger.now + 2)
    ledger.settle(job)

    assert ["received"] == ledger.states("recipient")


def test_what_was_in_hand_when_the_clock_was_set_forward_is_tried_again() -> None:
    """Its modem fell away in that moment: the alert is as young as it was."""
    ledger = alerted()
    job = ledger.take()
    leap(ledger, 30 * DAY)
    ledger.settle(job, Settlement(JobState.QUEUED, None, Reason.MODEM_FAULT, "", "ours", 0.0))

    assert ledger.claim() is not None


def test_a_sim_rests_no_longer_for_a_clock_set_back() -> None:
    """What it carried a minute ago would lie in the future, and hold it up until then."""
    ledger = alerted()
    budgets.set_limits(ledger.db, "sim1", budgets.Limits(segments_per_minute=2), "x", ledger.now)
    ledger.hand_over(ledger.take(), 7)
    leap(ledger, -DAY)

    assert budgets.rest(ledger.db, "sim1", ledger.now) < 60
