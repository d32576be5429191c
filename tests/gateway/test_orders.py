"""The order of sends: what each person's plan does, whatever their telephones do."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import orders
from gateway import plan as plans
from gateway.errors import Refused
from gateway.lived import lived
from gateway.model import (
    Address,
    Channel,
    JobFact,
    JobState,
    Line,
    Outcome,
    Reason,
    RecipientState,
    Urgency,
)
from gateway.plan import Decision, Plan, Step, Ways, When, Whom

MOBILE = Address(1, Line.MOBILE, "+33639980001")
HOUSE = Address(2, Line.LANDLINE, "+33199000001")
MAIL = Address(3, Line.EMAIL, "anne@example.org")
NEIGHBOUR = Address(4, Line.LANDLINE, "+33199000009")


@dataclass
class Life:
    """A person and their telephones: what is launched happens, as ``fate`` says."""

    plan: Plan
    ways: Ways
    fate: list[str]
    receipts: bool = True
    now: float = 0.0
    step: int = 0
    jobs: list[JobFact] = field(default_factory=list)
    log: list[tuple[float, Channel, str, bool]] = field(default_factory=list)
    closed: bool = False

    def run(self, limit: int = 200) -> Life:
        for channel, address in plans.opening(self.plan, self.ways.own):
            self._make(plans.Launch(channel, address), 0, 0.0)
        for _ in range(limit):
            if self.closed:
                return self
            self._once()
        raise AssertionError("the plan never ended")

    def _once(self) -> None:
        queued = [job for job in self.jobs if job.state is JobState.QUEUED]
        if queued:
            self._happen(queued[0])
            return
        decision = plans.decide(self.plan, self.step, self.jobs, self.now, self.ways)
        self.step = decision.step
        if decision.launch:
            for one in decision.launch:
                self._make(one, decision.step, decision.not_before)
        elif decision.close:
            self.closed = True
        else:
            assert decision.look_again is not None, "waits for nothing"
            assert decision.look_again > self.now
            self.now = decision.look_again

    def _make(self, one: plans.Launch, step: int, at: float) -> None:
        assert not any(job.outcome is Outcome.ACKNOWLEDGED for job in self.jobs)
        self.now = max(self.now, at)
        self.log.append((self.now, one.channel, one.address.value, one.to_referent))
        self.jobs.append(
            JobFact(
                len(self.jobs) + 1, one.channel, step, JobState.QUEUED, address=one.address.value,
                line=one.address.line, endpoint_id=one.address.endpoint_id,
                to_referent=one.to_referent, receipts=self.receipts,
            )
        )  # fmt: skip

    def _happen(self, job: JobFact) -> None:
        fate = self.fate.pop(0) if self.fate else "nothing"
        over: dict[str, object] = {"ended_at": self.now, "attempts": 1}
        if job.channel is Channel.VOICE:
            outcome = _CALLS.get(fate, Outcome.NO_ANSWER)
            done = outcome in {Outcome.LISTENED, Outcome.ACKNOWLEDGED, Outcome.ANSWERED}
            state = JobState.DELIVERED if done else JobState.FAILED
            new = replace(job, state=state, outcome=outcome, **over)
        elif fate == "fails":
            new = replace(job, state=JobState.FAILED, **over)
        elif fate == "good" and job.channel is Channel.SMS and self.receipts:
            new = replace(job, state=JobState.DELIVERED, **over)
        else:
            new = replace(job, state=JobState.HANDED_OVER, handed_over_at=self.now, attempts=1)
        self.jobs[self.jobs.index(job)] = new

    @property
    def state(self) -> RecipientState:
        return lived(self.jobs, self.now, self.plan.report_wait)[0]

    def calls(self) -> list[tuple[float, str]]:
        return [(at, to) for at, channel, to, _ in self.log if channel is Channel.VOICE]


_CALLS = {
    "good": Outcome.LISTENED, "fails": Outcome.BUSY, "key": Outcome.ACKNOWLEDGED,
    "hung up": Outcome.ANSWERED,
}  # fmt: skip
STEPS = st.builds(
    Step,
    channels=st.lists(st.sampled_from(list(Channel)), min_size=1, max_size=3, unique=True).map(
        tuple
    ),
    after=st.sampled_from([0.0, 60.0, 600.0]),
    when=st.sampled_from(list(When)),
    whom=st.sampled_from(list(Whom)),
    otherwise=st.lists(st.sampled_from(list(Channel)), max_size=2, unique=True).map(tuple),
)
PLANS = st.builds(
    lambda first, rest, confirm, spare, silent: Plan(
        (replace(first, when=When.ALWAYS, whom=Whom.FIRST), *rest), 180.0, confirm, 0, spare, silent
    ),
    STEPS, st.lists(STEPS, max_size=8), st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
WAYS = st.builds(
    Ways,
    st.lists(st.sampled_from([MOBILE, HOUSE, MAIL]), unique=True, max_size=3).map(tuple),
    st.lists(st.sampled_from([NEIGHBOUR]), max_size=1).map(tuple),
)
FATES = st.lists(st.sampled_from(["good", "fails", "nothing", "key", "hung up"]), max_size=20)


@given(PLANS, WAYS, FATES, st.booleans())
def test_every_plan_ends_for_everybody_and_nothing_follows_an_acknowledgement(
    plan: Plan, ways: Ways, fate: list[str], receipts: bool
) -> None:
    """Nothing is lost in silence, no state lasts for ever, no one is called who has confirmed."""
    life = Life(plan, ways, fate, receipts).run()

    assert life.state not in {RecipientState.PENDING, RecipientState.IN_PROGRESS}


@given(PLANS)
def test_a_stored_plan_reads_back_the_same(plan: Plan) -> None:
    """A broadcast survives the restart with its plan."""
    assert plan == plans.from_json(plans.to_json(plan))


def alert(*own: Address, fate: tuple[str, ...] = (), **changes: object) -> Life:
    referent = changes.pop("referent", ())
    receipts = bool(changes.pop("receipts", True))
    plan = replace(orders.ALERT, **changes)  # type: ignore[arg-type]
    return Life(plan, Ways(own, tuple(referent)), list(fate), receipts).run()  # type: ignore[arg-type]


def test_a_received_alert_rings_nobody() -> None:
    """Received counts as reached: at three in the morning the house may go on sleeping."""
    life = alert(MOBILE, HOUSE, fate=("good",))

    assert [Channel.SMS] == [channel for _, channel, _, _ in life.log]
    assert RecipientState.RECEIVED is life.state


def test_an_alert_nobody_reported_is_spoken_three_minutes_after_its_own_hand_over() -> None:
    """A text in a phone switched off has warned nobody."""
    life = alert(MOBILE, HOUSE, fate=("nothing", "good"))

    assert [(180.0, HOUSE.value)] == life.calls()
    assert RecipientState.LISTENED is life.state


def test_an_alert_that_failed_is_spoken_at_once() -> None:
    """There is no report to wait for."""
    assert [(0.0, HOUSE.value)] == alert(MOBILE, HOUSE, fate=("fails", "good")).calls()


def test_who_has_a_landline_only_is_called_at_once_then_after_two_five_and_ten_minutes() -> None:
    """Those are mostly old, and alone."""
    life = alert(HOUSE)

    assert [(0.0, HOUSE.value), (120.0, HOUSE.value), (420.0, HOUSE.value),
            (1020.0, HOUSE.value)] == life.calls()  # fmt: skip


def test_after_the_house_the_mobile_rings_and_then_the_referent() -> None:
    """A neighbour who goes and looks is worth ten calls."""
    life = alert(MOBILE, HOUSE, referent=(NEIGHBOUR,), fate=("fails",) * 6 + ("key",))

    assert [HOUSE.value] * 4 + [MOBILE.value] + [NEIGHBOUR.value] == [to for _, to in life.calls()]
    assert (True, RecipientState.ACKNOWLEDGED) == (life.log[-1][3], life.state)


def test_a_referent_who_only_listened_settles_nothing() -> None:
    """The person themselves still know nothing."""
    life = alert(HOUSE, referent=(NEIGHBOUR,), fate=("fails",) * 4 + ("good",))

    assert RecipientState.FAILED is life.state


def test_where_no_network_gives_receipts_silence_rings_nobody_until_asked() -> None:
    """Else every alert would call the whole town: the page asks once whether to."""
    assert [] == alert(MOBILE, HOUSE, receipts=False).calls()
    assert alert(MOBILE, HOUSE, receipts=False, call_silent=True).calls()


def test_where_confirmation_is_asked_a_received_text_is_not_enough() -> None:
    """For those who must leave their house now."""
    life = alert(MOBILE, fate=("good", "good", "key"), confirm=True)

    assert [MOBILE.value] * 2 == [to for _, to in life.calls()]
    assert RecipientState.ACKNOWLEDGED is life.state


def test_a_call_that_is_queued_is_withdrawn_when_the_report_comes_meanwhile() -> None:
    """The report is late by a minute; nobody needs to be woken twice."""
    late = JobFact(1, Channel.SMS, 0, JobState.DELIVERED, address=MOBILE.value)
    queued = JobFact(2, Channel.VOICE, 1, JobState.QUEUED, address=HOUSE.value)
    decision = plans.decide(orders.ALERT, 1, [late, queued], 200.0)

    assert frozenset({Channel.VOICE}) == decision.withdraw


def test_a_number_the_network_does_not_know_is_not_called_again() -> None:
    """It will not be known in two minutes either."""
    wrong = JobFact(1, Channel.VOICE, 0, JobState.FAILED, Outcome.UNREACHABLE,
                    Reason.NUMBER_UNKNOWN, ended_at=0.0, address=HOUSE.value,
                    line=Line.LANDLINE)  # fmt: skip

    assert Decision(7, close=True) == plans.decide(orders.ALERT, 0, [wrong], 0.0, Ways((HOUSE,)))


@pytest.mark.parametrize(
    ("urgency", "own", "first"),
    [
        (Urgency.SERVICE, (MOBILE, HOUSE, MAIL), {Channel.SMS}),
        (Urgency.SERVICE, (HOUSE, MAIL), {Channel.EMAIL}),
        (Urgency.SERVICE, (HOUSE,), {Channel.VOICE}),
        (Urgency.INFORMATION, (MOBILE, MAIL), {Channel.EMAIL}),
        (Urgency.INFORMATION, (MOBILE,), {Channel.SMS}),
        (Urgency.VITAL, (MOBILE, MAIL, HOUSE), {Channel.SMS, Channel.EMAIL}),
        (Urgency.VITAL, (HOUSE,), {Channel.VOICE}),
    ],
)
def test_each_urgency_goes_by_its_cheapest_sure_way(
    urgency: Urgency, own: tuple[Address, ...], first: set[Channel]
) -> None:
    """A flood rings every telephone, a fair fills no one's memory."""
    assert first == {channel for channel, _ in plans.opening(orders.ADVISED[urgency], own)}


@pytest.mark.parametrize("own", [(), (MOBILE,), (HOUSE,), (MAIL,)])
@pytest.mark.parametrize(
    "then",
    [
        Step((Channel.VOICE,), 180.0, When.UNCALLED),
        Step((Channel.EMAIL,), 60.0, When.FAILED, otherwise=(Channel.VOICE,)),
        Step((Channel.VOICE,), 60.0, When.UNANSWERED, Whom.SAME),
        Step((Channel.VOICE,), 0.0, When.UNREACHED, Whom.NEXT),
        Step((Channel.SMS,), 0.0, When.UNREACHED, Whom.REFERENT),
    ],
)
def test_who_lacks_the_first_way_begins_where_the_order_would_go_on(
    own: tuple[Address, ...], then: Step
) -> None:
    """What is sent at first and what comes next are one rule."""
    plan, ways = Plan((Step((Channel.SMS,)), then)), Ways(own, (MOBILE,))
    decided = plans.decide(plan, 0, [], 0.0, ways)
    step, first = plans.entry(plan, own, ways.referent)

    if own == (MOBILE,):
        assert (step, first) == (0, [(Channel.SMS, MOBILE)])
    else:
        assert first == [(one.channel, one.address) for one in decided.launch]
        assert step == (decided.step if first else 0)
        assert not decided.not_before


def test_the_next_telephone_is_written_to_where_the_step_is_a_text() -> None:
    """« SMS, son téléphone suivant » became a call that nobody had asked for."""
    second = Address(9, Line.MOBILE, "+33639980099")
    plan = Plan((Step((Channel.EMAIL,)), Step((Channel.SMS,), 5.0, When.UNREACHED, Whom.NEXT)))

    assert (1, [(Channel.SMS, MOBILE), (Channel.SMS, second)]) == plans.entry(
        plan, (MOBILE, second)
    )
    assert (0, []) == plans.entry(plan, (HOUSE,))


def test_an_order_without_calls_places_none() -> None:
    """What the sender left out stays out, to the last step."""
    plan = orders.only(orders.ALERT, [Channel.SMS])

    assert {Channel.SMS} == {c for s in plan.steps for c in (*s.channels, *s.otherwise)}
    with pytest.raises(Refused, match="Aucun des moyens"):
        orders.only(orders.INFORMATION, [Channel.VOICE])


@pytest.mark.parametrize(
    ("plan", "mend"),
    [
        (Plan(()), "aucune étape"),
        (Plan((Step((Channel.SMS,)),) * 13), "Pas plus de 12"),
        (Plan((Step(()),)), "Étape 1 : choisissez"),
        (Plan((Step((Channel.SMS,), when=When.UNREACHED),)), "rien ne l'a précédée"),
        (Plan((Step((Channel.SMS,)), Step((Channel.SMS,), after=1e6))), "Étape 2 : l'attente"),
        (Plan((Step((Channel.SMS,)),), enough=-1), "nombre de confirmations"),
    ],
)
def test_an_order_that_cannot_work_is_refused_with_the_mend(plan: Plan, mend: str) -> None:
    """At saving, never at three in the morning."""
    with pytest.raises(Refused, match=mend):
        orders.check(plan)


def test_a_mail_confirms_where_its_answers_are_read() -> None:
    """Whoever waits for a word that nobody could give waits for ever."""
    plan = Plan((Step((Channel.EMAIL,)),), confirm=True)

    assert orders.check(plan, answers_read=True) is plan
    with pytest.raises(Refused, match="ajoutez un SMS ou un appel, ou demandez"):
        orders.check(plan, answers_read=False)


@pytest.mark.parametrize("plan", list(orders.ADVISED.values()))
def test_the_advised_orders_pass_their_own_check(plan: Plan) -> None:
    """They are what a town starts from."""
    assert orders.check(plan) is plan


@pytest.mark.parametrize("plan", list(orders.ADVISED.values()))
@pytest.mark.parametrize("confirm", [False, True])
@pytest.mark.parametrize(
    "ways", [c for n in (1, 2, 3) for c in itertools.combinations(list(Channel), n)]
)
def test_an_advised_order_stays_one_with_fewer_ways(
    plan: Plan, ways: tuple[Channel, ...], *, confirm: bool
) -> None:
    """« Demander une confirmation » by calls alone is no fault of whoever asks."""
    if not {c for s in plan.steps for c in (*s.channels, *s.otherwise)} & set(ways):
        return
    narrow = replace(orders.only(plan, ways), confirm=confirm)

    assert orders.check(narrow) is narrow
    assert {c for s in narrow.steps for c in (*s.channels, *s.otherwise)} <= set(ways)


def test_the_dry_run_says_when_each_step_leaves() -> None:
    """A mayor must see before the flood how long silence takes to reach the referent."""
    moments = orders.timeline(orders.ALERT, call_seconds=45.0)

    assert [0, 180, 345, 690, 1335, 1380, 1425, 1470] == [round(moment.at) for moment in moments]


ALL = (Channel.SMS, Channel.VOICE, Channel.EMAIL)


@pytest.mark.parametrize("kind", ["end", "correction"])
@pytest.mark.parametrize("urgency", list(Urgency))
def test_what_follows_a_message_sent_by_all_ways_at_once_calls_last(
    urgency: Urgency, kind: str
) -> None:
    """Whoever has read that it is over need not be called; nobody's way is forgotten."""
    order = orders.after(orders.at_once(ALL), urgency, ALL, kind)

    assert Channel.VOICE not in order.steps[0].channels
    assert {c for s in order.steps for c in (*s.channels, *s.otherwise)} == {*ALL}
    assert Whom.REFERENT not in {step.whom for step in order.steps}
    assert orders.is_at_once(orders.after(orders.at_once(ALL), urgency, ALL, "resend"))


def test_what_follows_goes_as_the_first_went_and_asks_for_nothing() -> None:
    """Two volunteers were enough; all who were asked are told that it is over."""
    first = replace(orders.ALERT, confirm=True, enough=2)
    again, end, mend = (
        orders.after(first, Urgency.VITAL, ALL, kind) for kind in ("resend", "end", "correction")
    )
    by_mail = orders.after(first, Urgency.VITAL, (Channel.EMAIL,), "resend")

    assert again == first
    assert mend == orders.ALERT
    assert end.steps == tuple(s for s in orders.ALERT.steps if s.whom is not Whom.REFERENT)
    assert (end.confirm, end.enough, by_mail.confirm, by_mail.enough) == (False, 0, False, 0)


def test_a_way_that_the_first_order_has_not_is_taken_all_the_same() -> None:
    """The first went by SMS; whoever ticks the call for its end means it."""
    first = orders.only(orders.ALERT, (Channel.SMS,))
    order = orders.after(first, Urgency.VITAL, (Channel.SMS, Channel.VOICE), "end")
    single = orders.after(orders.at_once(ALL), Urgency.VITAL, (Channel.VOICE,), "end")

    assert any(Channel.VOICE in step.channels for step in order.steps)
    assert single == orders.at_once((Channel.VOICE,))
