"""Whatever happens, in whatever order, everybody ends in a state a human understands."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.model import Channel, JobState, Outcome, Reason, Urgency
from gateway.policy import Settlement
from gateway.store import broadcasts, events, jobs, parts
from gateway.store.jobs import in_doubt
from tests.gateway.store.ledger import Ledger

LANES = ("m1", "m2", "mail")
NUMBERS = [f"+3363998000{n}" for n in range(4)] + ["+33199000001", "+33199000002"]
HOUSEHOLDS = st.lists(
    st.sampled_from([*NUMBERS, "a@la-redorte.example", "b@la-redorte.example"]),
    min_size=1, max_size=3, unique=True,
)  # fmt: skip
VOICE_ENDS = st.sampled_from(
    [
        Settlement(JobState.DELIVERED, Outcome.ACKNOWLEDGED),
        Settlement(JobState.DELIVERED, Outcome.LISTENED),
        Settlement(JobState.FAILED, Outcome.ANSWERED, Reason.HUNG_UP),
        Settlement(JobState.FAILED, Outcome.NO_ANSWER, Reason.NO_ANSWER),
        Settlement(JobState.FAILED, Outcome.BUSY, Reason.BUSY),
        Settlement(JobState.QUEUED, Outcome.INTERRUPTED, Reason.CALL_INTERRUPTED, "", "ours", 5.0),
        Settlement(JobState.QUEUED, Outcome.UNREACHABLE, Reason.NETWORK_REFUSED, "", "recipient"),
    ]
)
OTHER_ENDS = st.sampled_from(
    [
        Settlement(JobState.HANDED_OVER),
        Settlement(JobState.FAILED, None, Reason.NUMBER_UNKNOWN),
        Settlement(JobState.FAILED, None, Reason.DEFECT),
        Settlement(JobState.QUEUED, None, Reason.PHONE_UNREACHABLE, "", "recipient", 60.0),
        Settlement(JobState.QUEUED, None, Reason.MODEM_FAULT, "", "ours", 0.0),
    ]
)
FINAL = {"sent", "received", "answered", "listened", "acknowledged", "uncertain", "failed",
         "expired", "cancelled", "excluded"}  # fmt: skip


class TheBox(RuleBasedStateMachine):
    """A box with three lanes, people who do as they like, and bad sockets."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.hands: dict[str, jobs.ClaimedJob] = {}
        self.reference = 0

    @initialize()
    def begin(self) -> None:
        self.ledger.send(NUMBERS[0])

    @rule(
        people=st.lists(HOUSEHOLDS, min_size=1, max_size=4),
        channels=st.lists(st.sampled_from(Channel), min_size=1, max_size=3, unique=True),
        urgency=st.sampled_from(Urgency), long=st.booleans(),
    )  # fmt: skip
    def send(
        self, people: list[list[str]], channels: list[Channel], urgency: Urgency, long: bool
    ) -> None:
        text = "Crue : gagnez la salle communale. " * (8 if long else 1)
        self.ledger.send(*people, channels=channels, urgency=urgency, text=text)

    @rule(lane=st.sampled_from(LANES))
    def claim(self, lane: str) -> None:
        if lane in self.hands:
            return
        able = (Channel.EMAIL,) if lane == "mail" else (Channel.SMS, Channel.VOICE)
        job = self.ledger.claim(*able, lane=lane, sim=f"sim-{lane}")
        if job is None:
            return
        (person,) = self.ledger.rows("SELECT * FROM recipient WHERE id = ?", job.recipient_id)
        assert person["state"] != "acknowledged", "whoever has confirmed is left in peace"
        assert job.expires_at > self.ledger.now
        self.hands[lane] = job

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        """An attempt ends, for an SMS after some of its parts have gone out."""
        lane = data.draw(st.sampled_from(sorted(self.hands)))
        job = self.hands.pop(lane)
        if job.channel is Channel.VOICE:
            self.ledger.settle(job, data.draw(VOICE_ENDS))
        elif job.channel is Channel.EMAIL:
            self.ledger.settle(job, data.draw(OTHER_ENDS))
        else:
            self._end_sms(job, lane, data)

    def _end_sms(self, job: jobs.ClaimedJob, lane: str, data: st.DataObject) -> None:
        for part in self._waiting(job, lane):
            parts.submitting(self.ledger.db, part.id, self.ledger.now)
            how = data.draw(st.sampled_from(["accepted"] * 6 + ["refused", "silent"]))
            if how == "refused":
                parts.refused(self.ledger.db, part.id)
                self.ledger.settle(job, data.draw(OTHER_ENDS.filter(_is_no_hand_over)))
                return
            if how == "silent":
                self.ledger.settle(job, in_doubt(job.urgency, Reason.ANSWER_LOST))
                return
            self.reference = (self.reference + 1) % 4  # so small that it comes round often
            parts.accepted(self.ledger.db, part.id, self.reference, self.ledger.now)
        self.ledger.settle(job)

    def _waiting(self, job: jobs.ClaimedJob, lane: str) -> list[parts.Part]:
        sim = f"sim-{lane}"
        known = parts.of_job(self.ledger.db, job.id, sim) or self.ledger.prepare(job, sim)
        return [part for part in known if part.state in {"prepared", "submitting"}]

    @rule(data=st.data())
    def work(self, data: st.DataObject) -> None:
        """All lanes take what there is, and finish some of it."""
        for lane in LANES:
            self.claim(lane)
        for _ in range(min(2, len(self.hands))):
            self.end(data)

    @precondition(lambda self: self.hands)
    @rule(data=st.data(), marked=st.booleans())
    def crash(self, data: st.DataObject, marked: bool) -> None:
        """The machine dies with all that was in hand, some of it on its way."""
        for lane, job in self.hands.items():
            if marked and job.channel is Channel.SMS and (waiting := self._waiting(job, lane)):
                parts.submitting(self.ledger.db, waiting[0].id, self.ledger.now)
        self.hands.clear()
        self.ledger.now += data.draw(st.sampled_from([0.0, 5.0, 3600.0, 90000.0]))
        self.ledger.recover()

    @rule(
        number=st.sampled_from(NUMBERS), reference=st.integers(0, 3),
        lane=st.sampled_from(LANES[:2]), status=st.sampled_from([0x00, 0x00, 0x00, 0x20, 0x46]),
    )  # fmt: skip
    def report(self, number: str, reference: int, lane: str, status: int) -> None:
        self.ledger.report(number, reference, sim=f"sim-{lane}", status=status)

    @rule(seconds=st.sampled_from([1.0, 20.0, 130.0, 200.0, 4000.0]))
    def wait(self, seconds: float) -> None:
        self.ledger.sweep(seconds)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        going = self.ledger.rows("SELECT id FROM broadcast WHERE state = 'sending'")
        if going and data.draw(st.integers(0, 4)) == 0:
            number = data.draw(st.sampled_from([row["id"] for row in going]))
            broadcasts.cancel(self.ledger.db, number, "le maire", self.ledger.now)

    @invariant()
    def no_number_is_in_two_hands(self) -> None:
        held = [(job.channel, job.address) for job in self.hands.values()]
        assert len(held) == len(set(held))

    @invariant()
    def the_hands_are_what_is_written_down(self) -> None:
        running = {
            row["id"] for row in self.ledger.rows("SELECT id FROM job WHERE state='running'")
        }
        assert running <= {job.id for job in self.hands.values()}

    @invariant()
    def nothing_is_queued_for_who_has_confirmed(self) -> None:
        assert not self.ledger.rows(
            "SELECT 1 FROM job j JOIN recipient r ON r.id = j.recipient_id"
            " WHERE j.state = 'queued' AND r.state = 'acknowledged'"
        )

    @invariant()
    def whatever_waits_will_be_looked_at_again(self) -> None:
        """An open recipient has a job in the queue or in a hand, or a time to be looked at."""
        assert not self.ledger.rows(
            "SELECT 1 FROM recipient r WHERE r.closed_at IS NULL AND r.look_again_at IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM job j WHERE j.recipient_id = r.id"
            " AND j.state IN ('queued', 'running'))"
        )

    def teardown(self) -> None:
        """Everybody goes home; after all expiries nobody may be left waiting."""
        self.hands.clear()
        self.ledger.recover()
        for _ in range(6):
            while self.ledger.sweep(90_000.0):
                pass
        left = self.ledger.rows("SELECT * FROM recipient WHERE closed_at IS NULL")
        assert not left, [_told(self.ledger, row["id"]) for row in left]
        assert set(self.ledger.states("recipient")) <= FINAL
        assert set(self.ledger.states("broadcast")) <= {"closed", "cancelled"}
        assert not {"queued", "running"} & set(self.ledger.states())
        assert events.first_broken(self.ledger.db) is None
        assert events.disputed(self.ledger.db) is None
        self.ledger.db.close()


def _is_no_hand_over(settlement: Settlement) -> bool:
    return settlement.state is not JobState.HANDED_OVER


def _told(ledger: Ledger, recipient: int) -> list[dict[str, Any]]:
    found = ledger.rows("SELECT * FROM job WHERE recipient_id = ?", recipient)
    return [dict(row) for row in found]


TestTheBox = TheBox.TestCase
TestTheBox.settings = settings(
    max_examples=80, stateful_step_count=30, deadline=None, derandomize=True
)
