"""Whatever the plan, the hours, the budgets, the network and the power cuts: nobody is forgotten.

A town of random households, modems that do what a seed says, a clock that jumps from one thing to
the next. Only the modems are missing: the queue, the plans and the budgets are the real ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from gateway import orders
from gateway.departure import depart
from gateway.errors import Refused
from gateway.hours import DEFAULTS, Hours, next_open, to_json
from gateway.model import Channel, Door, JobState, Outcome, Reason, Urgency
from gateway.plan import Plan, Step, When, Whom
from gateway.policy import Settlement
from gateway.store import broadcasts, budgets, jobs, parts, people
from gateway.store.jobs import ClaimedJob
from tests.gateway.store.ledger import Ledger, number_to_address

ZONE = "Europe/Paris"
#: A Tuesday at noon, a minute before eight in the evening, at three in the morning.
BEGINNINGS = tuple(
    datetime(2026, 11, 24, hour, minute, tzinfo=ZoneInfo(ZONE)).timestamp()
    for hour, minute in ((12, 0), (19, 59), (3, 0))
)
LATER = st.builds(
    Step,
    channels=st.lists(st.sampled_from(list(Channel)), min_size=1, max_size=2, unique=True).map(
        tuple
    ),
    after=st.sampled_from([0.0, 120.0, 300.0]),
    when=st.sampled_from([one for one in When if one is not When.ALWAYS]),
    whom=st.sampled_from(list(Whom)),
)
PLANS = st.builds(
    Plan,
    steps=st.tuples(
        st.sampled_from([orders.at_once(list(Channel)).steps[0],
                         Step((Channel.SMS, Channel.EMAIL), otherwise=(Channel.VOICE,)),
                         Step((Channel.SMS,), otherwise=(Channel.EMAIL, Channel.VOICE)),
                         Step((Channel.VOICE,))]),
        st.lists(LATER, max_size=3),
    ).map(lambda pair: (pair[0], *pair[1])),
    confirm=st.booleans(), spare=st.booleans(), enough=st.sampled_from([0, 0, 2]),
    call_silent=st.booleans(),
)  # fmt: skip
HOMES = st.lists(
    st.lists(
        st.sampled_from([*(f"+3363998000{n}" for n in range(6)),
                         *(f"+3319900000{n}" for n in range(3)), "a@mairie.example",
                         "b@mairie.example"]),
        min_size=1, max_size=3, unique=True,
    ),
    min_size=1, max_size=7,
)  # fmt: skip


@dataclass
class World:
    """One broadcast, a few modems, and what was seen of them."""

    ledger: Ledger
    random: Random
    urgency: Urgency
    hours: Hours | None
    modems: int
    reports: bool
    number: int = 0
    acknowledged: set[int] = field(default_factory=set)
    waiting_reports: list[tuple[float, str, int, str]] = field(default_factory=list)
    reference: int = 0
    texts_by_sim: dict[str, int] = field(default_factory=dict)

    def send(self, plan: Plan, homes: list[list[str]]) -> None:
        """Store the broadcast as the services would."""
        ledger, now = self.ledger, self.ledger.now
        leaves = depart(self.urgency, Door.COMMAND, ZONE, now, hours=self.hours)
        new = broadcasts.NewBroadcast(
            entity_id=ledger.entity, title="x", urgency=self.urgency, plan=plan, door=Door.PAGE,
            author="Essai", texts=dict.fromkeys(Channel, ("x", "Crue.")),
            people=[
                people.Person(None, str(turn), tuple(map(number_to_address, home)))
                for turn, home in enumerate(homes)
            ],
            starts_at=leaves.starts_at, expires_at=leaves.expires_at, held_reason=leaves.held,
            hours=to_json(leaves.hours), closes_at=leaves.closes_at,
        )  # fmt: skip
        self.number = broadcasts.create(ledger.db, new, now)

    def live(self) -> None:
        """Let time pass until everybody has their end."""
        for _ in range(4000):
            if not self.open_people():
                return
            if not sum(self._lane(turn) for turn in range(self.modems)):
                self._wait()
        raise AssertionError(f"still open: {[tuple(row) for row in self.open_people()]}")

    def open_people(self) -> list[object]:
        return [
            tuple(row)
            for row in self.ledger.rows(
                "SELECT id, state, reason, step, look_again_at FROM recipient"
                " WHERE closed_at IS NULL"
            )
        ]

    def _wait(self) -> None:
        wakes = [jobs.next_wake(self.ledger.db, self.ledger.now)]
        wakes += [due for due, *_ in self.waiting_reports]
        known = [wake for wake in wakes if wake is not None]
        self.ledger.now = max(min(known, default=0.0), self.ledger.now + 30.0)
        for report in [one for one in self.waiting_reports if one[0] <= self.ledger.now]:
            self.waiting_reports.remove(report)
            _, number, reference, sim = report
            status = 0 if self.random.random() < 0.8 else 0x46
            self.ledger.report(number, reference, sim=sim, status=status)
        self.ledger.sweep()

    def _lane(self, turn: int) -> bool:
        """Let one modem, or the mail relay, do one thing; return whether it did."""
        sim = f"sim{turn}"
        channels = (Channel.SMS, Channel.VOICE, Channel.EMAIL)
        job = self.ledger.claim(*channels, lane=f"m{turn}", sim=sim)
        if job is None:
            return False
        self._check(job, sim)
        self.ledger.now += 4.0
        if self.random.random() < 0.06:  # the power goes, with the job in hand
            if job.channel is Channel.SMS and self.random.random() < 0.5:
                for part in self._parts(job, sim)[:1]:
                    parts.submitting(self.ledger.db, part.id, self.ledger.now)
            self.ledger.recover()
        else:
            self._do(job, sim)
        return True

    def _check(self, job: ClaimedJob, sim: str) -> None:
        """What must hold of any job that begins."""
        now, row = self.ledger.now, self.ledger.rows("SELECT * FROM job WHERE id = ?", job.id)[0]
        assert now < row["expires_at"]
        if self.hours is not None:
            assert next_open(self.hours, ZONE, now, lambda _: False) <= now, "outside its hours"
        if not row["to_referent"]:
            assert job.recipient_id not in self.acknowledged, "a job after the acknowledgement"
        if job.channel is Channel.VOICE:
            first = self.ledger.rows(
                "SELECT 1 FROM job WHERE channel = 'sms' AND state = 'queued' AND step = 0"
                " AND attempts = 0 AND not_before <= ? AND (SELECT count(*) FROM job v"
                "  WHERE v.recipient_id = job.recipient_id AND v.channel = 'voice') = 0",
                now,
            )
            allowed = budgets.allowance(self.ledger.db, sim, "automated", now)
            if self.urgency is Urgency.VITAL or allowed.texts:
                assert not first, "a call before a first SMS on a shared modem"
        if job.channel is Channel.SMS:
            self.texts_by_sim[sim] = self.texts_by_sim.get(sim, 0) + 1

    def _do(self, job: ClaimedJob, sim: str) -> None:
        luck = self.random.random()
        if job.channel is Channel.EMAIL:
            state = JobState.HANDED_OVER if luck < 0.8 else JobState.FAILED
            self.ledger.settle(job, Settlement(state, None, Reason.RELAYED))
        elif job.channel is Channel.VOICE:
            self._call(job, luck)
        elif luck < 0.7:
            self.reference = (self.reference + 1) % 256
            for part in self._parts(job, sim):
                parts.submitting(self.ledger.db, part.id, self.ledger.now)
                parts.accepted(self.ledger.db, part.id, self.reference, self.ledger.now)
            self.ledger.settle(job)
            if self.reports and luck < 0.6:
                due = self.ledger.now + self.random.choice([5.0, 60.0, 400.0])
                self.waiting_reports.append((due, job.address, self.reference, sim))
        elif luck < 0.85:
            self.ledger.settle(
                job, Settlement(JobState.QUEUED, None, Reason.PHONE_UNREACHABLE, "", "recipient")
            )
        else:
            self.ledger.settle(job, Settlement(JobState.FAILED, None, Reason.NUMBER_UNKNOWN))

    def _parts(self, job: ClaimedJob, sim: str) -> list[parts.Part]:
        """Return the parts still to send, as the channel does."""
        known = parts.of_job(self.ledger.db, job.id, sim) or self.ledger.prepare(job, sim)
        return [part for part in known if part.state in {"prepared", "submitting"}]

    def _call(self, job: ClaimedJob, luck: float) -> None:
        outcome, state = Outcome.NO_ANSWER, JobState.FAILED
        if luck < 0.3:
            outcome, state = Outcome.ACKNOWLEDGED, JobState.DELIVERED
        elif luck < 0.5:
            outcome, state = Outcome.LISTENED, JobState.DELIVERED
        reason = Reason.NO_ANSWER if state is JobState.FAILED else Reason.NONE
        self.ledger.settle(job, Settlement(state, outcome, reason))
        row = self.ledger.rows("SELECT to_referent FROM job WHERE id = ?", job.id)[0]
        if outcome is Outcome.ACKNOWLEDGED and not row["to_referent"]:
            self.acknowledged.add(job.recipient_id)


def checked(plan: Plan) -> Plan:
    try:
        return orders.check(plan)
    except Refused:
        assume(False)
        raise


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], deadline=None)
@example(
    # a report that came after the call was queued for the morning: withdrawn, and nobody asked on
    plan=Plan(
        (Step((Channel.SMS, Channel.EMAIL), otherwise=(Channel.VOICE,)),
         Step((Channel.SMS,), 0.0, When.UNREACHED, Whom.SAME),
         Step((Channel.VOICE,), 0.0, When.UNREACHED)), spare=True,
    ),
    homes=[["+33639980000"]], urgency=Urgency.SERVICE, begin=BEGINNINGS[1], modems=1,
    reports=True, limit=0, seed=0,
)  # fmt: skip
@given(
    plan=PLANS, homes=HOMES, urgency=st.sampled_from(list(Urgency)),
    begin=st.sampled_from(BEGINNINGS), modems=st.integers(1, 3), reports=st.booleans(),
    limit=st.sampled_from([0, 2]), seed=st.integers(0, 2**32),
)  # fmt: skip
def test_everybody_has_an_end_and_no_rule_is_broken_on_the_way(
    plan: Plan, homes: list[list[str]], urgency: Urgency, begin: float, modems: int,
    reports: bool, limit: int, seed: int,
) -> None:  # fmt: skip
    """Final states; hours, expiry and budgets held; no number twice; first SMS before calls."""
    ledger = Ledger()
    ledger.now = begin
    world = World(ledger, Random(seed), urgency, DEFAULTS[urgency], modems, reports)
    if limit:
        for turn in range(modems):
            budgets.set_limits(
                ledger.db, f"sim{turn}", budgets.Limits(segments_per_month=limit), "x", begin
            )
    world.send(checked(plan), homes)
    world.live()

    final = {"sent", "received", "answered", "listened", "acknowledged", "uncertain", "failed",
             "expired", "cancelled", "excluded"}  # fmt: skip
    assert {row["state"] for row in ledger.rows("SELECT state FROM recipient")} <= final
    assert not ledger.rows("SELECT 1 FROM job WHERE state IN ('queued', 'running')")
    shared = ledger.rows(
        "SELECT address, channel FROM job WHERE to_referent = 0 GROUP BY address, channel"
        " HAVING count(DISTINCT recipient_id) > 1"
    )
    assert [] == shared
    used = ledger.rows("SELECT count(*) FROM part WHERE accepted_at IS NOT NULL GROUP BY sim")
    if limit and urgency is not Urgency.VITAL:
        assert all(row[0] <= limit for row in used)
    if urgency is Urgency.VITAL:
        never = ledger.rows(
            "SELECT id, address, channel, reason FROM job WHERE attempts = 0 AND state = 'expired'"
        )
        assert [] == [tuple(row) for row in never], "an alert was muted"
    assert ["closed"] == ledger.states("broadcast")
