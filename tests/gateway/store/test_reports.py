"""Delivery reports: each to the message it speaks of, and to no other."""

from __future__ import annotations

import pytest

from gateway.model import JobState, Reason, Urgency
from gateway.store import budgets, parts
from gateway.store.jobs import in_doubt
from tests.gateway.store.ledger import ANNE, BRUNO, HANDED_OVER, Ledger

LONG = "Crue de l'Ornaise : quittez les rez-de-chaussée et gagnez la salle communale. " * 3


def submitted(ledger: Ledger, *, urgency: Urgency = Urgency.VITAL) -> parts.Part:
    """Send one text, and stop where nobody knows whether it has left."""
    ledger.send(ANNE, urgency=urgency)
    job = ledger.take()
    (part,) = ledger.prepare(job)
    parts.submitting(ledger.db, part.id, ledger.now)
    return part


def test_a_report_makes_the_person_reached() -> None:
    """Handed to the network is a hope; this is the phone's own word."""
    ledger = Ledger()
    number = ledger.send(ANNE)
    ledger.hand_over(ledger.take(), 7)

    assert number == ledger.report(ANNE, 7)
    assert (["delivered"], ["received"]) == (ledger.states(), ledger.states("recipient"))
    assert ["closed"] == ledger.states("broadcast")


@pytest.mark.parametrize("form", ["+33639980001", "33639980001", "0639980001", "0033639980001"])
def test_networks_may_write_the_number_as_they_like(form: str) -> None:
    """What was sent to +33 6 is reported for 06 by some."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.hand_over(ledger.take(), 7)
    ledger.report(form, 7)

    assert ["delivered"] == ledger.states()


@pytest.mark.parametrize(
    ("number", "reference", "sim"), [(BRUNO, 7, "sim1"), (ANNE, 8, "sim1"), (ANNE, 7, "sim2")]
)
def test_a_report_of_another_message_changes_nothing(number: str, reference: int, sim: str) -> None:
    """References are 0 to 255 on every SIM: all three must agree."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.hand_over(ledger.take(), 7)

    assert ledger.report(number, reference, sim=sim) is None
    assert ["handed_over"] == ledger.states()


def test_after_256_messages_the_newest_is_meant_then_the_older_one() -> None:
    """The counter comes round; an old message without report must not take the new one's."""
    ledger = Ledger()
    for _ in range(2):
        ledger.send(ANNE)
        ledger.hand_over(ledger.take(), 7)
        ledger.now += 3600

    ledger.report(ANNE, 7)
    assert ["handed_over", "delivered"] == ledger.states()
    ledger.report(ANNE, 7)
    assert ["delivered", "delivered"] == ledger.states()


def test_a_report_nine_days_late_is_of_another_message() -> None:
    """No network keeps a message so long: the counter has come round since."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.hand_over(ledger.take(), 7)
    ledger.now += 9 * 86400

    assert ledger.report(ANNE, 7) is None
    assert ["handed_over"] == ledger.states()


def test_a_report_may_come_before_its_reference() -> None:
    """On a slow port the phone has the message before we have the OK."""
    ledger = Ledger()
    part = submitted(ledger)
    ledger.report(ANNE, 7)
    assert ["submitting"] == ledger.states("part")

    ledger.now += 2
    parts.accepted(ledger.db, part.id, 7, ledger.now)
    assert ["reported"] == ledger.states("part")
    assert ["delivered"] == ledger.states()
    assert [] == ledger.rows("SELECT * FROM stray_report")


def test_an_early_report_of_another_reference_is_left_for_its_own() -> None:
    """The previous message's report, come late, is not this one's."""
    ledger = Ledger()
    part = submitted(ledger)
    ledger.report(ANNE, 6)
    parts.accepted(ledger.db, part.id, 7, ledger.now)

    assert ["accepted"] == ledger.states("part")


def test_a_stray_report_older_than_the_submission_is_not_believed() -> None:
    """The same reference 256 messages ago had a report too."""
    ledger = Ledger()
    ledger.report(ANNE, 7)
    ledger.now += 1
    part = submitted(ledger)
    parts.accepted(ledger.db, part.id, 7, ledger.now + 1)

    assert ["accepted"] == ledger.states("part")


def test_strays_do_not_pile_up() -> None:
    """A SIM that somebody else's software used reports for ever."""
    ledger = Ledger()
    for reference in range(50):
        ledger.report(ANNE, reference)
        ledger.now += 10

    assert len(ledger.rows("SELECT * FROM stray_report")) <= 21


def test_still_trying_is_no_end() -> None:
    """The network says the phone is off; tomorrow it may say received."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.hand_over(ledger.take(), 7)
    ledger.report(ANNE, 7, status=0x20)
    assert ["handed_over"] == ledger.states()

    ledger.report(ANNE, 7)
    assert ["delivered"] == ledger.states()


def test_a_final_failure_is_told_as_one() -> None:
    """Expired in the network: the person has not got it."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.hand_over(ledger.take(), 7)
    ledger.report(ANNE, 7, status=0x46)

    assert (["failed"], ["failed"]) == (ledger.states(), ledger.states("recipient"))
    assert [Reason.NOT_DELIVERED] == ledger.reasons()


def test_a_message_is_received_when_its_last_part_is() -> None:
    """A phone shows nothing, or nonsense, of a message with a hole."""
    ledger = Ledger()
    ledger.send(ANNE, text=LONG)
    ledger.hand_over(ledger.take(), 7, 8)
    ledger.report(ANNE, 8)
    assert ["handed_over"] == ledger.states()

    ledger.report(ANNE, 7)
    assert ["delivered"] == ledger.states()


def test_one_lost_part_loses_the_message_whatever_the_others_say() -> None:
    """Two of three parts are not an alert."""
    ledger = Ledger()
    ledger.send(ANNE, text=LONG)
    ledger.hand_over(ledger.take(), 7, 8)
    ledger.report(ANNE, 7, status=0x41)
    ledger.report(ANNE, 8)

    assert ["failed"] == ledger.states()


@pytest.mark.parametrize("text", ["Crue.", LONG])
@pytest.mark.parametrize("last", ["sent", "in doubt"])
def test_a_failure_reported_while_the_message_is_in_hand_is_told_as_one(
    text: str, last: str
) -> None:
    """Some reports come before the network's own answer, or before the last part has left."""
    ledger = Ledger()
    ledger.send(ANNE, text=text, urgency=Urgency.SERVICE)
    job = ledger.take()
    for reference, part in enumerate(written := ledger.prepare(job)):
        parts.submitting(ledger.db, part.id, ledger.now)
        if reference == 0:
            ledger.report(ANNE, 0, status=0x41)
        if last == "sent" or part is not written[-1]:
            parts.accepted(ledger.db, part.id, reference, ledger.now)
    doubt = in_doubt(Urgency.SERVICE, Reason.ANSWER_LOST)
    ledger.settle(job, HANDED_OVER if last == "sent" else doubt)

    assert (["failed"], [Reason.NOT_DELIVERED]) == (ledger.states(), ledger.reasons())
    assert ["failed"] == ledger.states("recipient")


def test_a_vital_doubt_that_the_network_could_not_deliver_is_told_as_failed() -> None:
    """Nothing of it is left to send again; whoever waits for a word of it waits in vain."""
    ledger = Ledger()
    submitted(ledger)
    ledger.recover()
    ledger.report(ANNE, 7, status=0x41)
    ledger.settle(ledger.take())

    assert (["failed"], ["failed"]) == (ledger.states(), ledger.states("recipient"))


def test_a_report_after_the_end_of_waiting_still_raises_the_state() -> None:
    """The phone was switched on at breakfast; the morning's report should know."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.hand_over(ledger.take(), 7)
    ledger.sweep(181)
    assert (["sent"], ["closed"]) == (ledger.states("recipient"), ledger.states("broadcast"))

    ledger.now += 3 * 3600
    ledger.report(ANNE, 7)
    assert ["received"] == ledger.states("recipient")


def test_the_same_report_twice_changes_nothing_more() -> None:
    """Modems repeat what was not acknowledged in time."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.hand_over(ledger.take(), 7)
    ledger.report(ANNE, 7)

    assert ledger.report(ANNE, 7) is None
    assert ["received"] == ledger.states("recipient")


@pytest.mark.parametrize("urgency", [Urgency.VITAL, Urgency.SERVICE])
def test_an_unmatched_report_settles_the_only_doubt(urgency: Urgency) -> None:
    """The reference was lost in the crash, the report was not: nothing need be sent again."""
    ledger = Ledger()
    submitted(ledger, urgency=urgency)
    ledger.recover()
    ledger.report(ANNE, 7)

    assert (["delivered"], ["received"]) == (ledger.states(), ledger.states("recipient"))
    assert [1] == [row["attempts"] for row in ledger.rows("SELECT attempts FROM job")]
    assert ledger.claim() is None


def long_in_doubt(ledger: Ledger) -> list[parts.Part]:
    """Send a routine text of several parts; the answer to the first is lost."""
    ledger.send(ANNE, urgency=Urgency.SERVICE, text=LONG)
    job = ledger.take()
    written = ledger.prepare(job)
    parts.submitting(ledger.db, written[0].id, ledger.now)
    ledger.settle(job, in_doubt(Urgency.SERVICE, Reason.ANSWER_LOST))
    assert (["uncertain"], None) == (ledger.states(), ledger.claim())
    return written


def test_a_doubt_settled_by_its_report_lets_the_other_parts_leave() -> None:
    """The first part arrived after all: half an invitation helps nobody."""
    ledger = Ledger()
    written = long_in_doubt(ledger)
    ledger.report(ANNE, 7)

    job = ledger.take()
    waiting = [part for part in parts.of_job(ledger.db, job.id, "sim1") if part.state == "prepared"]
    assert [part.id for part in waiting] == [part.id for part in written[1:]]
    for reference, part in enumerate(waiting, 8):
        parts.submitting(ledger.db, part.id, ledger.now)
        parts.accepted(ledger.db, part.id, reference, ledger.now)
    ledger.settle(job)
    assert ["handed_over"] == ledger.states()
    for reference, _ in enumerate(waiting, 8):
        ledger.report(ANNE, reference)
    assert (["delivered"], ["received"]) == (ledger.states(), ledger.states("recipient"))


def test_the_other_parts_leave_by_the_sim_that_sent_the_first() -> None:
    """By another they would be strangers to it; only when that SIM stays away is it begun anew."""
    ledger = Ledger()
    long_in_doubt(ledger)
    ledger.report(ANNE, 7)

    assert ledger.claim(lane="m2", sim="sim2") is None
    ledger.now += 31
    assert ledger.claim(lane="m2", sim="sim2") is not None


def test_a_doubt_settled_too_late_sends_nothing_more() -> None:
    """The meeting is over: what became of the whole stays uncertain."""
    ledger = Ledger()
    long_in_doubt(ledger)
    ledger.now += 4 * 86400
    ledger.report(ANNE, 7)

    assert (["uncertain"], None) == (ledger.states(), ledger.claim())


def test_a_last_part_in_doubt_settled_by_its_report_leaves_no_doubt() -> None:
    """The parts before it were taken, and their reports may still come."""
    ledger = Ledger()
    ledger.send(ANNE, urgency=Urgency.SERVICE, text=LONG)
    job = ledger.take()
    *first, last = ledger.prepare(job)
    for reference, part in enumerate(first):
        parts.submitting(ledger.db, part.id, ledger.now)
        parts.accepted(ledger.db, part.id, reference, ledger.now)
    parts.submitting(ledger.db, last.id, ledger.now)
    ledger.settle(job, in_doubt(Urgency.SERVICE, Reason.ANSWER_LOST))
    ledger.report(ANNE, 77)
    assert ["handed_over"] == ledger.states()
    for reference, _ in enumerate(first):
        ledger.report(ANNE, reference)
    assert (["delivered"], ["received"]) == (ledger.states(), ledger.states("recipient"))


def test_an_unmatched_report_settles_neither_of_two_doubts() -> None:
    """To which would be a guess, and a guess may hide somebody who knows nothing."""
    ledger = Ledger()
    for _ in range(2):
        submitted(ledger, urgency=Urgency.SERVICE)
        ledger.recover()
    ledger.report(ANNE, 7)

    assert ["uncertain", "uncertain"] == ledger.states()


@pytest.mark.parametrize("urgency", [Urgency.VITAL, Urgency.SERVICE])
def test_a_report_that_came_before_the_doubt_settles_it(urgency: Urgency) -> None:
    """A modem is waited for two minutes, the phone reported after three seconds."""
    ledger = Ledger()
    ledger.send(ANNE, urgency=urgency)
    job = ledger.take()
    (part,) = ledger.prepare(job)
    parts.submitting(ledger.db, part.id, ledger.now)
    ledger.now += 3
    ledger.report(ANNE, 7)
    ledger.now += 127
    ledger.report(BRUNO, 9)  # of something long forgotten: strays are swept at each other's coming
    ledger.settle(job, in_doubt(urgency, Reason.ANSWER_LOST))

    assert (["delivered"], ["received"]) == (ledger.states(), ledger.states("recipient"))
    assert ledger.claim() is None


def test_two_reports_of_different_messages_settle_no_doubt() -> None:
    """One of them is of an older message to the same phone, and nobody can tell which."""
    ledger = Ledger()
    ledger.send(ANNE, urgency=Urgency.SERVICE)
    job = ledger.take()
    (part,) = ledger.prepare(job)
    parts.submitting(ledger.db, part.id, ledger.now)
    ledger.report(ANNE, 7)
    ledger.report(ANNE, 6)
    ledger.settle(job, in_doubt(Urgency.SERVICE, Reason.ANSWER_LOST))

    assert ["uncertain"] == ledger.states()


def test_a_message_being_submitted_now_is_no_doubt() -> None:
    """Its reference is on its way: an older message's report must not end it."""
    ledger = Ledger()
    submitted(ledger)
    ledger.report(ANNE, 3)

    assert (["running"], ["submitting"]) == (ledger.states(), ledger.states("part"))


def test_a_report_that_comes_before_its_reference_settles_no_older_doubt() -> None:
    """Yesterday's text may never have left; this report is today's, whose answer is on its way."""
    ledger = Ledger()
    submitted(ledger, urgency=Urgency.SERVICE)
    ledger.recover()
    today = submitted(ledger)
    ledger.report(ANNE, 7)
    parts.accepted(ledger.db, today.id, 7, ledger.now)

    assert ["uncertain", "delivered"] == ledger.states()


def test_a_doubt_of_last_month_neither_takes_a_report_nor_keeps_one_from_another() -> None:
    """No network keeps a message so long; open for ever, it would stand in each new one's way."""
    ledger = Ledger()
    for _ in range(2):
        submitted(ledger, urgency=Urgency.SERVICE)
        ledger.recover()
        ledger.now += 30 * 86400
    ledger.report(ANNE, 7)
    assert ["uncertain", "uncertain"] == ledger.states()

    submitted(ledger, urgency=Urgency.SERVICE)
    ledger.recover()
    ledger.report(ANNE, 8)
    assert ["uncertain", "uncertain", "delivered"] == ledger.states()


@pytest.mark.parametrize("urgency", [Urgency.VITAL, Urgency.SERVICE])
@pytest.mark.parametrize("when", ["in the doubt", "before it"])
def test_a_report_that_comes_twice_settles_no_doubt_about_a_later_message(
    urgency: Urgency, when: str
) -> None:
    """It would be told as received, and never sent again, though it had not even left."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.hand_over(ledger.take(), 7)
    ledger.report(ANNE, 7)
    ledger.send(ANNE, urgency=urgency)
    job = ledger.take()
    (part,) = ledger.prepare(job)
    parts.submitting(ledger.db, part.id, ledger.now)
    if when == "before it":
        ledger.report(ANNE, 7)
    ledger.settle(job, in_doubt(urgency, Reason.ANSWER_LOST))
    if when == "in the doubt":
        ledger.report(ANNE, 7)

    assert ["received", "received"] != ledger.states("recipient")
    assert (urgency is Urgency.VITAL) is (ledger.claim() is not None)


def test_a_report_that_comes_twice_hides_none_that_settles_a_doubt() -> None:
    """The older message's, once more, beside this one's own: there is nothing to guess."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.hand_over(ledger.take(), 7)
    ledger.report(ANNE, 7)
    ledger.send(ANNE)
    job = ledger.take()
    (part,) = ledger.prepare(job)
    parts.submitting(ledger.db, part.id, ledger.now)
    ledger.report(ANNE, 8)
    ledger.report(ANNE, 7)
    ledger.settle(job, in_doubt(Urgency.VITAL, Reason.ANSWER_LOST))

    assert ["delivered", "delivered"] == ledger.states()


def test_a_report_that_settled_a_doubt_settles_no_other_when_it_comes_again() -> None:
    """Its reference is known by then, as if the network's answer had come."""
    ledger = Ledger()
    submitted(ledger)
    ledger.recover()
    ledger.report(ANNE, 7)
    submitted(ledger)
    ledger.recover()
    ledger.report(ANNE, 7)

    assert ["delivered", "queued"] == ledger.states()


def test_a_text_known_by_its_report_alone_counts_as_one_the_sim_has_carried() -> None:
    """Its answer was lost, and the operator counts it all the same."""
    ledger = Ledger()
    submitted(ledger)
    ledger.recover()
    ledger.report(ANNE, 7)

    assert 1 == budgets.use(ledger.db, "sim1", ledger.now).segments_per_month


def test_a_routine_doubt_without_a_report_stays_uncertain_and_is_told() -> None:
    """Never silently sent again, never silently dropped."""
    ledger = Ledger()
    submitted(ledger, urgency=Urgency.SERVICE)
    ledger.recover()
    ledger.sweep(181)

    assert ["uncertain"] == ledger.states("recipient")
    assert [Reason.STOPPED_MEANWHILE] == ledger.reasons("recipient")
    assert ["closed"] == ledger.states("broadcast")
    assert ledger.claim() is None


def test_a_vital_doubt_is_sent_again_at_most_twice() -> None:
    """A network that swallows every answer must not make us ring the phone all night."""
    ledger = Ledger()
    ledger.send(ANNE)
    sent = 0
    while job := ledger.claim():
        sent += 1
        ledger.settle(job, in_doubt(Urgency.VITAL, Reason.ANSWER_LOST))

    assert 3 == sent
    assert ["uncertain"] == ledger.states()


def test_a_report_of_the_first_copy_counts_though_a_second_was_sent() -> None:
    """The doubt stays visible, whatever came of it."""
    ledger = Ledger()
    submitted(ledger)
    ledger.recover()
    job = ledger.take()
    (part,) = parts.of_job(ledger.db, job.id, "sim1")
    parts.submitting(ledger.db, part.id, ledger.now)
    parts.accepted(ledger.db, part.id, 9, ledger.now)
    ledger.settle(job)
    ledger.report(ANNE, 9)

    assert ["delivered"] == ledger.states()
    assert [Reason.RESENT_AFTER_DOUBT] == ledger.reasons()
    assert [JobState.DELIVERED] == [JobState(state) for state in ledger.states()]
