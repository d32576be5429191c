"""The plug is pulled at every step of a message; what is on disk must tell what may have left."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.channels.base import Hand
from gateway.channels.sms import SmsChannel
from gateway.clock import LoopClock
from gateway.model import Channel, Outcome, PartState, Reason, Urgency
from gateway.policy import Settlement
from gateway.store import Store, jobs, leaps, parts
from modem.sms import SubmitPdu
from tests.gateway.store.ledger import ANNE, HANDED_OVER, Ledger
from tests.harness import NIGHT

LONG = "Crue de l'Ornaise : quittez les rez-de-chaussée et gagnez la salle communale. " * 5


class PlugPulled(BaseException):
    """The machine is dead from here on."""


class Life:
    """How many steps are left to this machine."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def step(self) -> None:
        if self.steps == 0:
            raise PlugPulled
        self.steps -= 1


class MortalStore(Store):
    """A store whose machine may die after any commit."""

    life = Life(-1)

    async def write(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        result = await super().write(work)
        self.life.step()
        return result


class MortalModem:
    """A driver that remembers what went on the air, and may die right after."""

    def __init__(self) -> None:
        self.life, self.air = Life(-1), list[str]()

    async def submit(self, pdu: SubmitPdu) -> int:
        self.air.append(pdu.hex)
        self.life.step()
        return len(self.air)


@asynccontextmanager
async def a_store(folder: Path, ledger: Ledger) -> AsyncIterator[MortalStore]:
    """Open a real database with what ``ledger`` holds."""
    with sqlite3.connect(folder / "tocsin.db") as file:
        ledger.db.backup(file)
    file.close()
    store = MortalStore(folder / "tocsin.db")
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def settle(
    db: sqlite3.Connection, hand: Hand, job: jobs.ClaimedJob, settlement: Settlement, now: float
) -> None:
    """Settle as the dispatcher does."""
    hand.write_down(db)
    jobs.settle(db, job, settlement, now)


def claim(
    db: sqlite3.Connection, channel: SmsChannel, hand: Hand, now: float
) -> jobs.ClaimedJob | None:
    """Claim and begin as the dispatcher does."""
    job = jobs.claim(db, (Channel.SMS,), "m1", "sim1", now)
    if job is not None:
        channel.begin(db, job, hand, now)
    return job


async def send_all(store: Store, modem: MortalModem, clock: LoopClock) -> None:
    """Do what a lane does until nothing is left."""
    channel = SmsChannel(store, clock)
    while True:
        hand, now = Hand("m1", "sim1", modem), clock.now()  # type: ignore[arg-type]
        job = await store.write(partial(claim, channel=channel, hand=hand, now=now))
        if job is None:
            return
        settlement = await channel.deliver(job, hand)
        await store.write(partial(settle, hand=hand, job=job, settlement=settlement, now=now))


#: The steps of a message of n parts: claimed with its first part marked, then each on the air and
#: accepted, the last one with its settlement.
STEPS = {1: 3, 3: 7}


@pytest.mark.parametrize("urgency", [Urgency.VITAL, Urgency.SERVICE])
@pytest.mark.parametrize(
    ("total", "step"), [(total, step) for total, steps in STEPS.items() for step in range(steps)]
)
async def test_at_whatever_step_the_plug_is_pulled_nobody_is_lost_or_told_twice_unseen(
    tmp_path: Path, total: int, step: int, urgency: Urgency
) -> None:
    """Doubt begins when a part is marked and ends with its reference on disk; nowhere else."""
    ledger, modem, clock = Ledger(), MortalModem(), LoopClock(NIGHT)
    ledger.send(ANNE, urgency=urgency, text="Crue." if total == 1 else LONG)
    async with a_store(tmp_path, ledger) as store:
        store.life = modem.life = Life(step)
        with pytest.raises(PlugPulled):
            await send_all(store, modem, clock)
        before = list(modem.air)
        store.life = modem.life = Life(-1)
        now = clock.now()
        recovered = await store.write(lambda db: jobs.recover(db, now))
        await send_all(store, modem, clock)
        (job,) = await store.read(lambda db: db.execute("SELECT * FROM job").fetchall())
        whole = await store.read(lambda db: db.execute("SELECT pdu FROM part").fetchall())
    settled = step == STEPS[total] - 1
    doubtful = not settled
    twice = {pdu for pdu in modem.air if modem.air.count(pdu) > 1}

    assert (0 if settled else 1) == recovered
    assert len(twice) <= 1
    if doubtful and urgency is Urgency.SERVICE:
        assert ("uncertain", Reason.STOPPED_MEANWHILE) == (job["state"], job["reason"])
        assert before == modem.air, "never sent again by itself"
        return
    assert "handed_over" == job["state"]
    assert [row["pdu"] for row in whole] == list(dict.fromkeys(modem.air)), "all, in order"
    assert (Reason.RESENT_AFTER_DOUBT if doubtful else Reason.NONE) == job["reason"]
    assert not twice or doubtful


def test_parts_not_yet_sent_go_on_under_the_same_reference() -> None:
    """A phone joins the parts of one reference: a new one would leave two halves."""
    ledger = Ledger()
    ledger.send(ANNE, text=LONG)
    job = ledger.take()
    first, *rest = ledger.prepare(job)
    parts.submitting(ledger.db, first.id, ledger.now)
    parts.accepted(ledger.db, first.id, 7, ledger.now)
    ledger.recover()
    again = ledger.take()
    known = parts.of_job(ledger.db, again.id, "sim1")

    assert [PartState.ACCEPTED, *[PartState.PREPARED] * len(rest)] == [p.state for p in known]
    assert [p.pdu for p in rest] == [p.pdu for p in known[1:]]
    assert [Reason.STOPPED_MEANWHILE] == ledger.reasons()


def test_another_sim_begins_the_message_anew() -> None:
    """To the phone it is another sender; its parts would never meet the first one's."""
    ledger = Ledger()
    ledger.send(ANNE, text=LONG)
    job = ledger.take()
    ledger.prepare(job)
    ledger.recover()
    again = ledger.take(lane="m2", sim="sim2")

    assert [] == parts.of_job(ledger.db, again.id, "sim2")
    assert [] == ledger.states("part")


def test_a_call_cut_by_the_crash_is_made_again() -> None:
    """Half a message is not a warning; hearing it twice is no harm."""
    ledger = Ledger()
    ledger.send("+33199000001", channels=[Channel.VOICE])
    ledger.take(Channel.VOICE)
    ledger.recover()
    again = ledger.take(Channel.VOICE)

    assert 2 == again.attempt
    ledger.settle(again, Settlement(HANDED_OVER.state, Outcome.LISTENED))
    results = [row["result"] for row in ledger.rows("SELECT result FROM attempt ORDER BY id")]
    assert ["interrupted", "listened"] == results


def test_hours_without_power_are_no_call() -> None:
    """Neither on the bill of the SIM, nor in what the next alert is said to take."""
    ledger = Ledger()
    ledger.send("+33199000001", channels=[Channel.VOICE])
    ledger.take(Channel.VOICE)
    ledger.now += 20
    ledger.send(ANNE)  # the last thing anybody heard of the box
    ledger.now += 65 * 3600
    ledger.recover()

    row = ledger.rows("SELECT calls, call_seconds FROM sim_use")[0]
    assert (1, 20.0) == (row["calls"], row["call_seconds"])
    assert 20.0 == ledger.rows("SELECT ended_at - started_at AS s FROM attempt")[0]["s"]


def test_a_clock_set_right_in_mid_call_makes_it_no_longer() -> None:
    """A year's leap is no year on the telephone."""
    ledger = Ledger()
    ledger.send("+33199000001", channels=[Channel.VOICE])
    job = ledger.take(Channel.VOICE)
    ledger.now += 365 * 86400
    leaps.move_alerts(ledger.db, 365 * 86400, ledger.now)
    ledger.now += 30
    ledger.settle(job, Settlement(HANDED_OVER.state, Outcome.LISTENED))

    assert 30.0 == ledger.rows("SELECT call_seconds FROM sim_use")[0]["call_seconds"]


def test_a_mail_cut_by_the_crash_is_sent_again_under_its_own_id() -> None:
    """The Message-ID stays, so that the mailbox can tell the copies."""
    ledger = Ledger()
    ledger.send("anne@la-redorte.example", channels=[Channel.EMAIL])
    before = ledger.take(Channel.EMAIL)
    ledger.recover()
    again = ledger.take(Channel.EMAIL)

    assert (before.id, before.recipient_id) == (again.id, again.recipient_id)


def test_a_crash_after_the_cancel_does_not_send_what_was_withdrawn() -> None:
    """Cancel means cancel, across a restart too."""
    from gateway.store import broadcasts

    ledger = Ledger()
    number = ledger.send(ANNE)
    ledger.take()
    broadcasts.cancel(ledger.db, number, "le maire", ledger.now)
    ledger.recover()

    assert ledger.claim() is None
    assert (["cancelled"], ["cancelled"]) == (ledger.states(), ledger.states("recipient"))


def test_what_expired_while_the_box_was_off_does_not_leave() -> None:
    """Yesterday's evacuation order must not leave today."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.take()
    ledger.now += 7 * 3600
    ledger.recover()
    ledger.sweep()

    assert ledger.claim() is None
    assert (["expired"], ["expired"]) == (ledger.states(), ledger.states("recipient"))


def test_recovering_twice_is_recovering_once() -> None:
    """A box on a bad socket starts more than once."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.take()

    assert [1, 0] == [ledger.recover(), ledger.recover()]
