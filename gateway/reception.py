"""Whoever calls the gateway: who they are, what they hear, and what their key means.

A number hears the last message that was sent to it and is still worth hearing, and acknowledges
it as in a call of ours; anybody else hears who this is, and nothing of anybody's. All is rendered
while it rings: a lane never waits on a voice. What an alert needs goes first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway import phone as phones
from gateway.channels.call_script import CallScript, Part
from gateway.channels.performance import Performance, Script
from gateway.channels.reception_script import AUTHORISED, STRANGER, Course, reception_phrases
from gateway.channels.voice import Unspeakable
from gateway.clock import Clock
from gateway.lanes import Lane, Visit
from gateway.launch_call import LONGEST as LONGEST_LAUNCH
from gateway.launch_call import MENU, WAITING, LaunchCall
from gateway.launch_reception import LaunchByCall
from gateway.logs import log_for, masked
from gateway.model import Outcome, Urgency
from gateway.received import ReceivedSounds
from gateway.speech import SpeechService
from gateway.store import Connection, Store, calls, people, settings
from gateway.telephones import is_authorised
from modem.driver import Driver
from modem.errors import CallEnded
from modem.events import ReleaseCause
from modem.voice import VoiceCall

_log = log_for(__name__)

#: Seconds a caller may hold a modem at most: three rounds of a message of half a minute.
LONGEST: Final = 180.0
#: Seconds between two looks at what is kept too long.
_HOUSEKEEPING: Final = 3600.0


@dataclass(frozen=True, slots=True)
class _Caller:
    """Somebody at the door: who, at which modem, and what they are about to hear."""

    lane: Lane
    number: str  # E.164, empty: hidden, or no number at all
    entity_id: int | None
    waiting: calls.Waiting | None
    authorised: bool
    sounds: Mapping[Part, bytes]
    launcher: LaunchCall | None = None


class Reception:
    """Answers the telephone."""

    def __init__(
        self, store: Store, clock: Clock, speech: SpeechService, received: ReceivedSounds,
        wake: Callable[[], None], touch: Callable[[int], None], *, answers: bool,
    ) -> None:  # fmt: skip
        """Make it; ``wake`` has the lanes look round, ``touch`` tells that a broadcast changed."""
        self._store, self._clock, self._speech, self._received = store, clock, speech, received
        self._wake, self._touch, self._answers = wake, touch, answers
        self._open = False
        #: Leads the call of whoever may launch an alert.
        self.launch: LaunchByCall | None = None
        self._ringing: asyncio.Queue[tuple[Lane, str]] = asyncio.Queue()

    def at_door(self, lane: Lane, number: str) -> bool:
        """Hear that somebody rings; return whether they may go on ringing. Must not block."""
        if not self._open or not lane.can_answer or lane.visit or lane.guest:
            return False
        lane.rung = True
        self._ringing.put_nowait((lane, number))
        return True

    async def run(self) -> None:
        """Prepare for whoever rings, for ever."""
        self._open = self._answers
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_house(), name="reception:housekeeping")
            while True:
                lane, number = await self._ringing.get()
                tasks.create_task(self._prepare(lane, number), name=f"reception:{lane.name}")

    async def _keep_house(self) -> None:
        while True:
            await self._received.forget_old()
            await asyncio.sleep(_HOUSEKEEPING)

    async def _prepare(self, lane: Lane, said: str) -> None:
        """Find out who it is and have their words ready; then the lane may let them in."""
        number = phones.of_caller(said)
        try:
            caller = await self._welcome(lane, number)
        except Unspeakable as error:
            _log.warning("caller not answered", lane=lane.name, error=str(error))
        else:
            lane.visit = Visit(lambda driver, preempt: self._receive(caller, driver, preempt))
        finally:
            lane.rung = False
            self._wake()

    async def _welcome(self, lane: Lane, number: str) -> _Caller:
        now = self._clock.now()
        town = await self._store.read(people.first_entity)
        waiting = await self._store.read(lambda db: calls.last_message(db, number, now))
        entity_id = waiting.entity_id if waiting else town["id"] if town else None
        known = await self._store.read(lambda db: settings.read(db, entity_id or 0))
        authorised = bool(number) and is_authorised(known, number)
        launcher = None
        if self.launch is not None:
            launcher = await self.launch.welcome(number, waiting=waiting is not None)
        if waiting is not None:
            sounds = await self._speech.message(
                waiting.entity_id, waiting.entity, waiting.body, waiting.urgency,
                exercise=waiting.exercise, recording=waiting.recording,
            )  # fmt: skip
            return _Caller(lane, number, entity_id, waiting, authorised, sounds.parts, launcher)
        words = reception_phrases(town["name"] if town else "")
        return _Caller(
            lane, number, entity_id, None, authorised,
            await self._speech.say_all(words, entity_id or 0), launcher,
        )  # fmt: skip

    async def _receive(self, caller: _Caller, driver: Driver, preempt: asyncio.Event) -> None:
        """Pick up, speak, hang up, and write down what was lived. Raises ModemError."""
        began, loop = self._clock.now(), asyncio.get_running_loop()
        name, number = caller.lane.name, caller.number
        try:
            call = await driver.answer()
        except CallEnded:
            await self.missed(name, number)
            return
        picked_up = loop.time()
        entry = await self._store.write(
            lambda db: calls.begin(db, name, number, caller.entity_id, began)
        )
        if caller.launcher is None:  # the keys of a PIN are heard on the sound
            self._received.begin(call)
        script: Script = _script(caller)
        performance = Performance(call, caller.sounds, script, preempt)
        led = WAITING
        try:
            if caller.launcher is not None:
                led = await self._led(caller.launcher, call, preempt)
            if led == WAITING:
                async with asyncio.timeout(LONGEST):
                    await performance.run()
        except TimeoutError:
            _log.info("caller sent away: too long", lane=name)
        finally:
            await call.hang_up()
        seconds = loop.time() - picked_up
        if led != WAITING:
            await self._store.write(lambda db: calls.end(db, entry, led, seconds, None))
            return
        lost = performance.released is not None and performance.released.cause is ReleaseCause.LOST
        await self._settle(caller, script, entry, began, seconds, lost=lost)
        if caller.launcher is None:
            await self._received.keep(call, name, number, caller.entity_id, incoming=True)

    async def _led(self, launcher: LaunchCall, call: VoiceCall, preempt: asyncio.Event) -> str:
        """Let somebody launch; return what came of it."""
        try:
            async with asyncio.timeout(LONGEST_LAUNCH):
                led = await launcher.hold(call, preempt)
        except TimeoutError:
            return MENU
        lost = launcher.lost is not None and launcher.lost.cause is ReleaseCause.LOST
        return Outcome.INTERRUPTED if lost and led == MENU else led

    async def _settle(
        self, caller: _Caller, script: Script, entry: int, began: float, seconds: float,
        *, lost: bool,
    ) -> None:  # fmt: skip
        waiting, now = caller.waiting, self._clock.now()
        outcome = _outcome(caller, script, lost=lost)

        def work(db: Connection) -> bool:
            calls.end(db, entry, outcome, seconds, waiting)
            if waiting is None or not isinstance(script, CallScript):
                return False
            return calls.settle(
                db, waiting, caller.number, caller.lane.name, caller.lane.sim, script.outcome,
                began, now, opted_out=script.opted_out,
            )  # fmt: skip

        changed = await self._store.write(work)
        _log.info(
            "call answered", lane=caller.lane.name, caller=masked(caller.number),
            outcome=outcome, seconds=round(seconds),
        )  # fmt: skip
        if changed and waiting is not None:
            self._touch(waiting.broadcast_id)
            self._wake()

    async def missed(self, lane: str, number: str) -> None:
        """Write down somebody who rang and was not answered."""
        caller, now = phones.of_caller(number), self._clock.now()
        await self._store.write(
            lambda db: calls.begin(db, lane, caller, None, now, calls.UNANSWERED)
        )


def _script(caller: _Caller) -> CallScript | Course:
    if caller.waiting is not None:
        return CallScript(may_opt_out=caller.waiting.urgency is not Urgency.VITAL)
    return Course(AUTHORISED if caller.authorised else STRANGER, "hello")


def _outcome(caller: _Caller, script: Script, *, lost: bool) -> str:
    if isinstance(script, CallScript):
        heard = script.outcome in {Outcome.ACKNOWLEDGED, Outcome.LISTENED}
        return script.outcome if heard or not lost else Outcome.INTERRUPTED
    if lost:
        return Outcome.INTERRUPTED
    return calls.MENU if caller.authorised else calls.UNKNOWN
