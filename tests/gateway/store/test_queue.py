"""The queue: who goes first, who must wait, and that nothing waits for ever."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway import kinds, orders, policy
from gateway.errors import KeyUsed
from gateway.model import Channel, Door, JobState, Outcome, Reason, Urgency
from gateway.plan import to_json
from gateway.policy import Settlement
from gateway.store import answers, broadcasts, consent, entities, jobs, people
from tests.gateway.store.ledger import ANNE, BRUNO, CHLOE, Ledger, number_to_address

FARM = "+33199000001"
UNANSWERED = Settlement(JobState.FAILED, Outcome.NO_ANSWER, Reason.NO_ANSWER)
ACKNOWLEDGED = Settlement(JobState.DELIVERED, Outcome.ACKNOWLEDGED)


def test_an_alert_goes_first_then_service_then_information() -> None:
    """The flood does not queue behind the fête."""
    ledger = Ledger()
    for urgency, number in ((Urgency.INFORMATION, ANNE), (Urgency.SERVICE, BRUNO),
                            (Urgency.VITAL, CHLOE)):  # fmt: skip
        ledger.send(number, urgency=urgency)

    assert [CHLOE, BRUNO, ANNE] == [ledger.take(lane=lane).address for lane in "abc"]


def test_an_alarm_of_the_box_waits_for_the_texts_of_an_alert_and_for_nothing_else() -> None:
    """It is one text, and the box may be dying: calls of a minute each can wait for it."""
    ledger, both = Ledger(), (Channel.SMS, Channel.VOICE)
    ledger.send(ANNE, urgency=Urgency.SERVICE)
    ledger.send((FARM,), BRUNO, channels=[Channel.VOICE, Channel.SMS])
    ledger.send(CHLOE, urgency=Urgency.SERVICE, kind=kinds.ALARM)
    order = [ledger.take(*both, lane=lane) for lane in "abcde"]

    assert [BRUNO, CHLOE, BRUNO] == [one.address for one in order[:2]] + [order[3].address]
    assert [Channel.VOICE, Channel.VOICE, Channel.SMS] == [one.channel for one in order[2:]]


def test_an_alarm_waits_five_seconds_behind_an_alert_to_thousands_and_no_alert_waits_for_it() -> (
    None
):
    """The machine may be off in half a minute; an alert that begins goes first all the same."""
    ledger, many = Ledger(), [f"+3363998{n:04d}" for n in range(100, 120)]
    ledger.send(*many)
    ledger.take(lane="a")
    ledger.send(CHLOE, urgency=Urgency.SERVICE, kind=kinds.ALARM)
    ledger.now += policy.ALARM_PATIENCE - 1
    early = ledger.take(lane="a").address
    ledger.now += 1
    elsewhere = ledger.take(lane="b").address
    due, after = (ledger.take(lane="a").address for _ in range(2))

    assert (early in many, elsewhere in many) == (True, True), "lane b had yet to begin the alert"
    assert (CHLOE, True) == (due, after in many)


def test_alarms_of_many_things_that_break_at_once_go_five_seconds_apart() -> None:
    """A hub that dies takes six modems with it; the seventh has an alert to carry."""
    ledger, many = Ledger(), [f"+3363998{n:04d}" for n in range(100, 140)]
    ledger.send(*many)
    for _ in range(6):
        ledger.send(CHLOE, urgency=Urgency.SERVICE, kind=kinds.ALARM)
    said = []
    for _ in range(20):
        ledger.now += 1
        job = ledger.take(lane="a")
        ledger.settle(job, Settlement(JobState.HANDED_OVER))
        said.append(job.address == CHLOE)

    assert [4, 9, 14, 19] == [second for second, alarm in enumerate(said) if alarm]


def test_an_alarm_tried_again_waits_its_turn_anew() -> None:
    """A technician's number that takes no SMS costs an alert one text now and then."""
    ledger, many = Ledger(), [f"+3363998{n:04d}" for n in range(100, 120)]
    ledger.send(*many)
    ledger.send(CHLOE, urgency=Urgency.SERVICE, kind=kinds.ALARM)
    ledger.take(lane="a")
    ledger.now += policy.ALARM_PATIENCE
    alarm = ledger.take(lane="a")
    again = Settlement(JobState.QUEUED, None, Reason.PHONE_UNREACHABLE, "", "recipient")
    ledger.settle(alarm, again)
    row = ledger.rows("SELECT not_before, rank FROM job WHERE id = ?", alarm.id)[0]
    ledger.now = row["not_before"]
    soon = ledger.take(lane="a").address
    ledger.now += policy.ALARM_PATIENCE

    assert (CHLOE, True) == (alarm.address, soon in many)
    assert CHLOE == ledger.take(lane="a").address


@pytest.mark.parametrize(
    ("kind", "leaves"), [(kinds.ALARM, True), (kinds.AUTO, True), (kinds.SUMMARY, False)]
)
@pytest.mark.parametrize(("to", "by"), [(ANNE, Channel.SMS), ("t@x.example", Channel.EMAIL)])
def test_where_only_alerts_leave_the_box_s_own_word_does_and_its_summary_waits(
    to: str, by: Channel, kind: str, leaves: bool
) -> None:
    """A disk nearly full, a supply nearly empty: that is what the technician must hear of."""
    ledger = Ledger()
    ledger.send(to, urgency=Urgency.SERVICE, channels=[by], kind=kind)

    assert leaves == (jobs.claim(ledger.db, (by,), "m1", "s", ledger.now, scant=True) is not None)


@pytest.mark.parametrize(("stopped", "leaves"), [(False, True), (True, False)])
def test_an_alarm_leaves_by_a_sim_that_may_serve_nothing_routine_unless_it_is_refused(
    stopped: bool, leaves: bool
) -> None:
    """The operator's rule is about the inhabitants; a SIM that is refused is left to alerts."""
    ledger = Ledger()
    ledger.send(ANNE, urgency=Urgency.SERVICE, kind=kinds.ALARM)
    job = jobs.claim(ledger.db, (Channel.SMS,), "m1", "s", ledger.now, regime="ordinary",
                     alerts_only=stopped)  # fmt: skip

    assert leaves == (job is not None)


def test_within_one_urgency_the_oldest_goes_first() -> None:
    """Nobody is overtaken by chance."""
    ledger = Ledger()
    ledger.send(CHLOE, ANNE)
    ledger.send(BRUNO)

    assert [CHLOE, ANNE, BRUNO] == [ledger.take(lane=lane).address for lane in "abc"]


def test_all_texts_go_before_the_first_call() -> None:
    """One call of a minute holds up a dozen texts."""
    ledger = Ledger()
    ledger.send(FARM, (ANNE,), BRUNO, channels=[Channel.VOICE, Channel.SMS])
    both = (Channel.SMS, Channel.VOICE)
    order = [ledger.take(*both, lane=lane).channel for lane in "abcde"]

    assert [Channel.SMS, Channel.SMS, Channel.VOICE, Channel.VOICE, Channel.VOICE] == order


def test_everybody_has_a_first_call_before_anybody_has_a_second() -> None:
    """The second call of the first on the list would cost the last one the dry road."""
    ledger = Ledger()
    ledger.send(FARM, "+33199000002", channels=[Channel.VOICE])
    ledger.settle(ledger.take(Channel.VOICE), UNANSWERED)
    ledger.now += 600

    assert "+33199000002" == ledger.take(Channel.VOICE, lane="a").address
    assert FARM == ledger.take(Channel.VOICE, lane="b").address


def test_a_lane_is_given_only_what_it_can_do() -> None:
    """A modem without sound cannot call."""
    ledger = Ledger()
    ledger.send(FARM, channels=[Channel.VOICE])

    assert ledger.claim(Channel.SMS) is None
    assert ledger.claim(Channel.EMAIL, Channel.SMS) is None
    assert ledger.claim(Channel.SMS, Channel.VOICE) is not None


def test_one_number_is_rung_by_one_modem_at_a_time() -> None:
    """Two of our modems on one telephone: each would find it busy."""
    ledger = Ledger()
    for _ in range(2):
        ledger.send(FARM, channels=[Channel.VOICE])
    first = ledger.take(Channel.VOICE, lane="a")

    assert ledger.claim(Channel.VOICE, lane="b") is None
    ledger.settle(first, ACKNOWLEDGED)
    assert ledger.claim(Channel.VOICE, lane="b") is not None


def test_a_call_does_not_hold_up_a_text_to_the_same_number() -> None:
    """They are two ways; whichever comes first may save somebody."""
    ledger = Ledger()
    ledger.send(ANNE, channels=[Channel.SMS, Channel.VOICE])

    assert {Channel.SMS, Channel.VOICE} == {
        ledger.take(Channel.VOICE, lane="a").channel, ledger.take(Channel.SMS, lane="b").channel,
    }  # fmt: skip


def test_two_lanes_never_get_the_same_job() -> None:
    """Claiming is the only way a job begins."""
    ledger = Ledger()
    ledger.send(ANNE, BRUNO, CHLOE)
    taken = [ledger.take(lane=lane).id for lane in "abc"]

    assert 3 == len(set(taken))
    assert ledger.claim(lane="d") is None


def test_a_failure_that_may_pass_is_tried_again_later_and_not_before() -> None:
    """A busy network is asked again in a quarter of a minute, not in a loop."""
    ledger = Ledger()
    ledger.send(ANNE)
    later = Settlement(JobState.QUEUED, None, Reason.NETWORK_REFUSED, "CMS 38", "ours", 15.0)
    ledger.settle(ledger.take(), later)
    assert ledger.claim() is None
    assert ledger.now + 15 == jobs.next_wake(ledger.db, ledger.now)

    ledger.now += 15.0
    assert 2 == ledger.take().attempt


def test_a_number_that_never_takes_it_is_given_up_after_five_tries() -> None:
    """A dead number must not use a modem for six hours."""
    ledger = Ledger()
    ledger.send(ANNE)
    later = Settlement(JobState.QUEUED, None, Reason.PHONE_UNREACHABLE, "CMS 21", "recipient")
    tries = 0
    while ["queued"] == ledger.states():
        ledger.now += 3600 / 2
        ledger.settle(ledger.take(), later)
        tries += 1

    assert 5 == tries
    assert (["failed"], ["failed"]) == (ledger.states(), ledger.states("recipient"))


def test_our_own_faults_are_tried_until_the_expiry_and_then_told_as_expired() -> None:
    """A modem that is sick all night has reached nobody, and it is not the number's fault."""
    ledger = Ledger()
    ledger.send(ANNE)
    ours = Settlement(JobState.QUEUED, None, Reason.MODEM_FAULT, "no answer", "ours", 600.0)
    tries = 0
    while job := ledger.claim():
        ledger.settle(job, ours)
        tries += 1
        ledger.now += 1800
    ledger.sweep(3600)

    assert (["expired"], ["expired"]) == (ledger.states(), ledger.states("recipient"))
    assert tries > 10


def test_what_waits_too_long_expires_with_its_reason() -> None:
    """No state lasts for ever."""
    ledger = Ledger()
    ledger.send(ANNE)

    assert {1} == ledger.sweep(6 * 3600 + 1)
    assert [Reason.TOO_LATE] == ledger.reasons()
    assert (["expired"], ["closed"]) == (ledger.states("recipient"), ledger.states("broadcast"))


def test_nobody_is_given_a_job_at_the_second_it_expires() -> None:
    """The edge belongs to the expiry, even before the clockwork has swept."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.now += 6 * 3600

    assert ledger.claim() is None


def test_what_nobody_reported_ends_as_handed_over_without_report() -> None:
    """Counted apart: neither reached nor unreached."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.hand_over(ledger.take(), 7)
    ledger.sweep(179)
    assert ["in_progress"] == ledger.states("recipient")
    ledger.sweep(2)
    assert ["sent"] == ledger.states("recipient")

    ledger.sweep(6 * 3600)
    assert (["handed_over"], [Reason.NO_REPORT]) == (ledger.states(), ledger.reasons())


def test_ten_thousand_expire_without_anybody_being_forgotten() -> None:
    """The sweep takes them in portions; the last portion counts too."""
    ledger = Ledger()
    ledger.send(*(f"+336399{n:05}" for n in range(1200)))
    ledger.now += 7 * 3600
    rounds = 0
    while ledger.sweep():
        rounds += 1

    assert {"expired"} == set(ledger.states("recipient"))
    assert 3 == rounds


def test_the_clockwork_sleeps_until_something_falls_due() -> None:
    """The next retry, the next expiry, the next end of waiting; else nothing."""
    ledger = Ledger()
    assert jobs.next_wake(ledger.db, ledger.now) is None
    ledger.send(ANNE)
    assert ledger.now + 6 * 3600 == jobs.next_wake(ledger.db, ledger.now)
    ledger.hand_over(ledger.take(), 7)
    assert ledger.now + 180 == jobs.next_wake(ledger.db, ledger.now)
    ledger.report(ANNE, 7)
    assert jobs.next_wake(ledger.db, ledger.now) is None


@pytest.mark.parametrize("state", ["cancelled", "paused"])
def test_a_broadcast_that_does_not_send_gives_nobody_work(state: str) -> None:
    """Stopped means stopped at the next job."""
    ledger = Ledger()
    number = ledger.send(ANNE, BRUNO)
    ledger.take()
    if state == "cancelled":
        broadcasts.cancel(ledger.db, number, "le maire", ledger.now)
    else:
        ledger.db.execute("UPDATE broadcast SET state = 'paused'")

    assert ledger.claim(lane="b") is None


def test_who_has_confirmed_gets_nothing_more() -> None:
    """A call after « j'ai entendu » teaches people not to press the key."""
    ledger = Ledger()
    ledger.send((ANNE, FARM), channels=[Channel.VOICE, Channel.SMS])
    ledger.settle(ledger.take(Channel.VOICE), ACKNOWLEDGED)

    assert ledger.claim(Channel.SMS) is None
    assert ["cancelled", "delivered"] == sorted(ledger.states())
    assert Reason.ALREADY_REACHED in ledger.reasons()
    assert (["acknowledged"], ["closed"]) == (
        ledger.states("recipient"), ledger.states("broadcast"),
    )  # fmt: skip


def test_a_second_number_for_the_same_person_is_tried_though_the_first_failed() -> None:
    """One dead number of a household is not the household."""
    ledger = Ledger()
    ledger.send((ANNE, BRUNO))
    ledger.settle(ledger.take(), Settlement(JobState.FAILED, None, Reason.NUMBER_UNKNOWN))
    assert ["in_progress"] == ledger.states("recipient")
    ledger.hand_over(ledger.take(), 7)
    ledger.report(BRUNO, 7)

    assert ["received"] == ledger.states("recipient")


def test_the_same_key_makes_the_same_broadcast() -> None:
    """A button pressed twice, or a request repeated by a bad line, is one alert."""
    ledger = Ledger()
    new = broadcasts.NewBroadcast(
        ledger.entity, "Crue", Urgency.VITAL, orders.at_once([Channel.SMS]), Door.PAGE, "Essai",
        {Channel.SMS: ("", "Crue.")},
        [people.Person(None, "Anne", (number_to_address(ANNE),))],
        expires_at=ledger.now + 60, idempotency_key="k",
    )  # fmt: skip
    first = broadcasts.create(ledger.db, new, ledger.now)

    assert first == broadcasts.create(ledger.db, new, ledger.now)
    assert first != broadcasts.create(ledger.db, replace(new, idempotency_key="other"), ledger.now)


def test_a_key_chosen_again_for_another_message_is_refused() -> None:
    """The program believed its second message had left; nobody ever got it."""
    ledger = Ledger()
    new = broadcasts.NewBroadcast(
        ledger.entity, "Crue", Urgency.VITAL, orders.at_once([Channel.SMS]), Door.API, "Essai",
        {Channel.SMS: ("", "Crue.")},
        [people.Person(None, "Anne", (number_to_address(ANNE),))],
        expires_at=ledger.now + 60, idempotency_key="k", asked="crue à Anne",
    )  # fmt: skip
    first = broadcasts.create(ledger.db, new, ledger.now)

    with pytest.raises(KeyUsed, match=f"message n° {first}"):
        broadcasts.create(ledger.db, replace(new, asked="crue à Bruno"), ledger.now)
    assert first == broadcasts.create(ledger.db, new, ledger.now)


@pytest.mark.parametrize("urgency", [Urgency.SERVICE, Urgency.VITAL])
def test_what_a_stop_overtakes_is_not_tried_again(urgency: Urgency) -> None:
    """A STOP to all that is routine; an alert is tried again all the same."""
    ledger = Ledger()
    ledger.send(ANNE, urgency=urgency)
    job = ledger.take()
    for purpose in consent.ROUTINE:
        consent.withdraw(
            ledger.db, ledger.entity, channel=None, address=ANNE, purpose=purpose, source="SMS",
            by="", now=ledger.now,
        )  # fmt: skip
    later = Settlement(JobState.QUEUED, None, Reason.NETWORK_REFUSED, "CMS 38", "ours", 15.0)
    ledger.settle(job, later)
    row = ledger.db.execute("SELECT state, reason FROM job").fetchone()

    cancelled = (JobState.CANCELLED, Reason.OPTED_OUT)
    wanted = (JobState.QUEUED, Reason.NETWORK_REFUSED) if urgency is Urgency.VITAL else cancelled
    assert wanted == (row["state"], row["reason"])


def test_a_stop_by_one_way_takes_back_what_waits_by_that_way() -> None:
    """A mail that says STOP ends mails, of this town and purpose alone; so does the key 9 calls."""
    ledger, address = Ledger(), "anne@example.org"
    other = entities.add(ledger.db, ledger.entity, "Azille", "Europe/Paris", "Essai", ledger.now)
    assert other is not None
    ledger.send((ANNE, address), channels=[Channel.EMAIL, Channel.SMS], urgency=Urgency.SERVICE)
    ledger.send(address, channels=[Channel.EMAIL], urgency=Urgency.VITAL)
    ledger.send(address, channels=[Channel.EMAIL], urgency=Urgency.SERVICE, entity=other)
    answers.leave_alone(ledger.db, ledger.entity, Channel.EMAIL, address, "STOP", ledger.now)
    rows = ledger.db.execute("SELECT channel, state FROM job ORDER BY broadcast_id, channel")

    assert [("email", "cancelled"), ("sms", "queued"), ("email", "queued"),
            ("email", "queued")] == [tuple(row) for row in rows]  # fmt: skip


def test_a_lane_for_mail_does_not_read_through_the_texts_that_wait() -> None:
    """It asks after each of them; so does every other lane."""
    ledger = Ledger()
    ledger.send(*[f"+336399{n:05}" for n in range(10_000, 12_000)], urgency=Urgency.SERVICE)
    steps: list[int] = []  # of SQLite's machine, by the hundred

    def count() -> int:
        steps.append(100)
        return 0

    ledger.db.set_progress_handler(count, 100)
    assert ledger.claim(Channel.EMAIL, lane="courriel", sim="") is None
    assert sum(steps) < 1000
    assert ledger.claim(Channel.SMS) is not None
    assert sum(steps) < 4000


def test_whoever_was_in_hand_when_enough_had_answered_is_not_tried_again() -> None:
    """Four volunteers were wanted and four come: a fifth is not rung a second time."""
    ledger = Ledger()
    number = ledger.send(ANNE, BRUNO, channels=[Channel.VOICE])
    plan = replace(orders.at_once([Channel.VOICE]), enough=1)
    ledger.db.execute("UPDATE broadcast SET plan = ? WHERE id = ?", (to_json(plan), number))
    anne, bruno = ledger.take(Channel.VOICE), ledger.take(Channel.VOICE, lane="m2", sim="sim2")
    ledger.settle(anne, ACKNOWLEDGED)
    broken_off = replace(UNANSWERED, state=JobState.QUEUED, retry="ours")
    ledger.settle(bruno, broken_off)

    assert (["delivered", "cancelled"], Reason.ENOUGH) == (ledger.states(), ledger.reasons()[1])
    assert ["closed"] == ledger.states("broadcast")
