"""The dispatcher: gives each lane its next job, settles what comes back, keeps the time.

A lane's own failure stays inside its lane. Only the store's failure leaves this file, and ends
the daemon: systemd starts it again.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from gateway.changes import MODEMS, Changes
from gateway.channels.base import Hand, LaneFault
from gateway.clock import Clock, is_known
from gateway.errors import StoreError
from gateway.lanes import Lane, carriers
from gateway.logs import log_for, masked
from gateway.model import Channel, JobState, Reason
from gateway.policy import Settlement
from gateway.store import Store, budgets, calls, jobs, sims
from gateway.store.together import apart
from modem.door import BELL
from modem.errors import CommandFailed, ModemError
from modem.logs import tell_of

_log = log_for(__name__)

#: The clockwork looks at least this often (seconds), and at most that often.
SLOWEST_TICK: Final = 30.0
FASTEST_TICK: Final = 0.25
#: A stopped SIM is tried with an alert at most so often (seconds).
STOPPED_PAUSE: Final = 60.0
#: An alert that no lane has taken for so long (seconds) is held up by what they do.
OVERDUE: Final = 2.0
#: A lane waits so long (seconds) for the words of somebody who rings; then its work goes on.
MAKING_READY: Final = 10.0
#: A stop waits so long (seconds) for the jobs in hand; systemd would kill us at 90.
GRACE: Final = 20.0


class Taken(NamedTuple):
    """A job that a lane has claimed, and the hand that begins it."""

    job: jobs.ClaimedJob
    hand: Hand


Claim = Callable[[sqlite3.Connection], Taken | None]


class Dispatcher:
    """Hands jobs to lanes until told to stop."""

    def __init__(
        self, store: Store, clock: Clock, changes: Changes, lanes: Sequence[Lane], seed: int = 0
    ) -> None:
        self._store, self._clock, self._changes = store, clock, changes
        self.lanes = tuple(lanes)
        self._signal, self._alert = asyncio.Event(), asyncio.Event()
        self._due = asyncio.Event()
        self._stopping = asyncio.Event()
        self._chance = random.Random(seed or None)
        #: Asked at every tick what its own calendar holds: scheduled messages leave that way.
        self.at_each_tick: Callable[[], Awaitable[None]] | None = None
        #: Whether the machine will be stopped soon: what is not vital is not begun.
        self.stop_is_near: Callable[[], bool] = lambda: False

    @property
    def alerts_only(self) -> bool:
        """Whether nothing else is begun: the disk is nearly full, or the machine about to stop."""
        return self._store.room.scant or self.stop_is_near()

    async def run(self) -> None:
        """Recover what a crash left, then serve all lanes until `stop`."""
        now = self._clock.now()
        recovered = await self._store.write(lambda db: jobs.recover(db, now))
        if recovered:
            _log.warning("jobs recovered after a stop", jobs=recovered)
        async with asyncio.TaskGroup() as tasks:
            clockwork = tasks.create_task(self._keep_time(), name="dispatcher:clockwork")
            serving = [
                tasks.create_task(self._serve(lane), name=f"lane:{lane.name}")
                for lane in self.lanes
            ]
            await self._stopping.wait()
            self.wake()
            if serving:
                await asyncio.wait(serving, timeout=GRACE)
            for task in (clockwork, *serving):
                task.cancel()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when the jobs in hand are done, or `GRACE` is over."""
        self._stopping.set()
        self._alert.set()

    def wake(self) -> None:
        """Say that there may be something to claim."""
        signal, self._signal = self._signal, asyncio.Event()
        signal.set()
        self._due.set()

    def make_way(self) -> None:
        """An alert has come in: end routine calls and rests, and wake all lanes."""
        for lane in self.lanes:
            lane.give_way()
        alert, self._alert = self._alert, asyncio.Event()
        alert.set()
        self.wake()

    def end_calls(self, broadcast_ids: Sequence[int]) -> None:
        """End, politely, the calls of these messages that are under way."""
        for lane in self.lanes:
            if lane.job is None or lane.hand is None or lane.job.channel is not Channel.VOICE:
                continue
            if lane.job.broadcast_id in broadcast_ids:
                lane.hand.preempt.set()

    async def _serve(self, lane: Lane) -> None:
        if lane.modem is not None:
            tell_of(lane.name)
        while not self._stopping.is_set():
            try:
                await self._serve_once(lane)
            except (sqlite3.Error, StoreError):
                raise
            except Exception:  # noqa: BLE001  a lane's defect never stops its siblings
                _log.exception("lane failed", lane=lane.name)
                pause = lane.failed("défaut interne", self._clock.now(), sim=False)
                await self._rest(pause, self._alert)

    async def _serve_once(self, lane: Lane) -> None:
        signal, channels = self._signal, lane.channels
        if lane.bell and not await self._alert_waits(channels):
            await asyncio.sleep(BELL)  # a text begun now would send away who is not yet known
            return
        if (lane.visit or lane.rung) and not await self._alert_waits(channels):
            await self._attend(lane, signal)
            return
        taken, pause = await self._claim(lane) if channels else (None, 0.0)
        if taken is None and lane.visit is not None:
            await self._host(lane)
            return
        if taken is None:
            await self._until(signal, lane, pause)
            return
        while taken is not None:
            taken = await self._work(lane, taken)

    async def _work(self, lane: Lane, taken: Taken) -> Taken | None:
        """Deliver a job and settle it; return the next, where it was claimed along with that."""
        (job, hand), alert = taken, self._alert
        lane.take(job, hand)
        self._changes.touch(MODEMS)
        self._changes.touch_broadcasts([job.broadcast_id])
        try:
            settlement, pause = await self._delivered(lane, taken)
            following = await self._settle(lane, taken, settlement)
            await self._accepted(lane, settlement, hand)
        finally:
            lane.leave()
        if job.channel is Channel.VOICE and (quiet := lane.rest_from_calls()):
            asyncio.get_running_loop().call_later(quiet, self.wake)
        held = await self._refused(lane, job, hand)
        await self._rest(held, self._stopping)  # by an operator, whom no hurry of ours persuades
        await self._rest(pause - held, alert)  # also one that came in meanwhile
        return following

    async def _delivered(self, lane: Lane, taken: Taken) -> tuple[Settlement, float]:
        """Try a job once; return how it ended, and for how long (seconds) its lane rests."""
        job, hand = taken
        try:
            settlement = await lane.services[job.channel].deliver(job, hand)
            lane.succeeded()
        except LaneFault as fault:
            return fault.settlement, self._blame(lane, fault)
        except (sqlite3.Error, StoreError):
            raise
        except Exception as error:  # noqa: BLE001  one message's defect never stops its lane
            _log.exception("delivery failed", lane=lane.name, job=job.id)
            return Settlement(JobState.FAILED, None, Reason.DEFECT, type(error).__name__), 0.0
        return settlement, 0.0

    async def _until(self, signal: asyncio.Event, lane: Lane, pause: float) -> None:
        """Wait for something to do, or until the pace of mail, or of the SIM, allows more."""
        paces = (pause, lane.mail_rest(), *lane.closed_domains().values())
        waits = [wait for wait in paces if wait]
        try:
            async with asyncio.timeout(min(waits, default=None)):
                await signal.wait()
        except TimeoutError:
            pass

    async def _alert_waits(self, channels: Sequence[Channel], since: float = 0.0) -> bool:
        """Tell whether an alert could leave by ``channels``, and could ``since`` seconds ago."""
        now = self._clock.now()
        return await self._store.read(lambda db: calls.alert_waits(db, channels, now - since, now))

    async def _attend(self, lane: Lane, signal: asyncio.Event) -> None:
        """Let in whoever rings; a text begun now would send them away."""
        if lane.visit is None:
            try:
                async with asyncio.timeout(MAKING_READY):
                    await signal.wait()
            except TimeoutError:
                lane.rung = False
            return
        await self._host(lane)

    async def _host(self, lane: Lane) -> None:
        """Let in whoever rings at a lane, as if they were its job."""
        visit, lane.visit = lane.visit, None
        driver = lane.modem.driver if lane.modem and lane.can_answer else None
        if visit is None or driver is None:
            return
        lane.guest = visit
        self._changes.touch(MODEMS)
        try:
            await visit.receive(driver, visit.preempt)
        except ModemError as error:
            _log.warning("call not answered", lane=lane.name, error=str(error))
            if lane.modem is not None and not isinstance(error, CommandFailed):
                lane.modem.report_fault(error)
        finally:
            lane.guest = None
            self._changes.touch(MODEMS)
            self.wake()

    async def _claim(self, lane: Lane) -> tuple[Taken | None, float]:
        """Return a lane's next job, or for how long (seconds) its SIM's pace has it rest."""
        claiming, sim, now = self._claiming(lane), lane.sim, self._clock.now()

        def work(db: sqlite3.Connection) -> tuple[Taken | None, float]:
            taken = claiming(db)
            return taken, budgets.rest(db, sim, now) if taken is None and sim else 0.0

        lane.choosing = True
        try:
            return await self._store.write(work)
        finally:
            lane.choosing = False

    def _claiming(self, lane: Lane) -> Claim:
        """Return the work of claiming what ``lane`` can do now, its first step already begun."""
        services, hand, now = lane.services, lane.ready(), self._clock.now()
        claim = partial(
            jobs.claim, channels=lane.channels, lane=lane.name, sim=hand.sim, now=now,
            alerts_only=lane.alerts_only, regime=lane.regime, closed=tuple(lane.closed_domains()),
            scant=self.alerts_only,
        )  # fmt: skip

        def work(db: sqlite3.Connection) -> Taken | None:
            hand.begun = None
            job = claim(db)
            if job is None:
                return None
            try:
                services[job.channel].begin(db, job, hand, now)
            except sqlite3.Error:
                raise
            except Exception as error:  # noqa: BLE001  one message's defect: its delivery meets it
                _log.warning("job not begun", lane=hand.lane, job=job.id, error=str(error))
            return Taken(job, hand)

        return work

    async def _settle(self, lane: Lane, taken: Taken, settlement: Settlement) -> Taken | None:
        """Settle a job; where all went well the next is claimed by the same wait for the disk."""
        job, hand = taken
        now, jitter = self._clock.now(), self._chance.random()
        go_on = self._claiming(lane) if self._goes_on(lane, job, settlement) else None

        def alone(db: sqlite3.Connection, told: Settlement = settlement) -> None:
            hand.write_down(db)
            jobs.settle(db, job, told, now, jitter)

        def work(db: sqlite3.Connection) -> Taken | None:
            alone(db)
            return self._also(db, go_on) if go_on else None

        try:
            following = await self._store.write(work)
        except (sqlite3.Error, StoreError):  # a full disk may have room for this much
            await self._store.write(alone)
            raise
        except Exception as error:  # noqa: BLE001  in hand for ever, it would block its number too
            _log.exception("settlement failed", lane=lane.name, job=job.id)
            settlement, following = _plain(settlement, error), None
            await self._store.write(partial(alone, told=settlement))
        _log.info(
            "attempt ended", lane=lane.name, job=job.id, channel=job.channel,
            to=masked(job.address), state=settlement.state, outcome=settlement.outcome,
            reason=settlement.reason, detail=settlement.detail,
        )  # fmt: skip
        self._changes.touch(MODEMS)
        self._changes.touch_broadcasts([job.broadcast_id])
        self.wake()
        return following

    def _also(self, db: sqlite3.Connection, go_on: Claim) -> Taken | None:
        """Claim beside a settlement, which stands whatever becomes of that."""
        try:
            with apart(db):
                return go_on(db)
        except sqlite3.Error:
            raise
        except Exception:  # noqa: BLE001  the lane asks again by itself, and says so then
            return None

    def _goes_on(self, lane: Lane, job: jobs.ClaimedJob, settlement: Settlement) -> bool:
        """Tell whether a lane that sent a text may take the next thing without a look around."""
        if job.channel is not Channel.SMS or settlement.state is not JobState.HANDED_OVER:
            return False
        busy = self._stopping.is_set() or lane.bell or lane.rung or lane.visit is not None
        return bool(lane.channels) and not busy

    async def _accepted(self, lane: Lane, settlement: Settlement, hand: Hand) -> None:
        """Hear that a text was taken: whatever stopped its SIM is over."""
        if settlement.state is not JobState.HANDED_OVER or not hand.sim:
            return
        lane.run.accepted()
        if lane.stopped.resume(hand.sim):
            now = self._clock.now()
            await self._store.write(lambda db: sims.resume(db, hand.sim, "network", now))

    async def _refused(self, lane: Lane, job: jobs.ClaimedJob, hand: Hand) -> float:
        """Watch for a barred SIM; return how long (seconds) a stopped one rests."""
        if hand.refusal is None:
            return 0.0
        why = lane.run.refused(hand.sim, job.address, hand.refusal)
        if why and lane.stopped.stop(hand.sim, why):
            _log.error("SIM stopped", lane=lane.name, sim=hand.sim[-4:], why=why)
            now = self._clock.now()
            await self._store.write(lambda db: sims.stop(db, hand.sim, why, now))
            self._changes.touch(MODEMS)
        return STOPPED_PAUSE if lane.alerts_only else 0.0

    def _blame(self, lane: Lane, fault: LaneFault) -> float:
        _log.warning("lane at fault", lane=lane.name, error=str(fault.cause), sim=fault.sim)
        if lane.modem is not None and not fault.sim:
            lane.modem.report_fault(fault.modem_error)
        return lane.failed(str(fault.cause), self._clock.now(), sim=fault.sim)

    async def _rest(self, seconds: float, until: asyncio.Event) -> None:
        """Leave a lane alone for so long, or until something ends its rest."""
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await until.wait()
        except TimeoutError:
            pass

    async def _keep_time(self) -> None:
        """Expire, ask the plans again, and wake the lanes when something falls due."""
        while True:
            self._due.clear()
            now, lanes = self._clock.now(), carriers(self.lanes)
            changed = await self._store.write(
                lambda db, now=now, lanes=lanes: jobs.sweep(db, now, lanes)  # type: ignore[misc]
            )
            self._changes.touch_broadcasts(changed)
            await self._look_at_the_calendar()
            await self._clear_the_way()
            planned = is_known(self._clock)
            due = await self._store.write(
                lambda db, now=now, planned=planned: jobs.next_wake(db, now, planned=planned)  # type: ignore[misc]
            )
            await self._rest_until(due)
            signal, self._signal = self._signal, asyncio.Event()
            signal.set()

    async def _clear_the_way(self) -> None:
        """End what holds a modem up while an alert has come due by itself and nobody took it."""
        for lane in self.lanes:
            if lane.modem is None or not (lane.guest or lane.job):
                continue
            if await self._alert_waits(lane.offers, since=OVERDUE):
                lane.give_way()

    async def _look_at_the_calendar(self) -> None:
        if self.at_each_tick is None:
            return
        try:
            await self.at_each_tick()
        except (sqlite3.Error, StoreError):
            raise
        except Exception:  # noqa: BLE001  one message's defect never stops the clock
            _log.exception("a scheduled message failed")

    async def _rest_until(self, due: float | None) -> None:
        left = SLOWEST_TICK if due is None else due - self._clock.now()
        await asyncio.sleep(FASTEST_TICK)
        try:
            async with asyncio.timeout(max(min(left, SLOWEST_TICK) - FASTEST_TICK, 0)):
                await self._due.wait()
        except TimeoutError:
            pass


def _plain(settlement: Settlement, error: Exception) -> Settlement:
    """Return what a settlement that a defect stands against says of the person, and no more."""
    state = JobState.FAILED if settlement.state is JobState.QUEUED else settlement.state
    return Settlement(state, settlement.outcome, Reason.DEFECT, type(error).__name__)
