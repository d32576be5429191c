"""Calls: ring, speak, listen for a key, and tell the truth about who heard what."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from gateway.channels.base import Hand, LaneFault
from gateway.channels.call_script import CallScript, CallSound, Cue, Part, Say, Wait
from gateway.model import JobState, Outcome, Reason, Urgency
from gateway.policy import Settlement
from gateway.store.jobs import ClaimedJob
from modem.errors import CommandFailed, ModemError, PortLost
from modem.events import Answered, DigitPressed, ReleaseCause, Released
from modem.refusal import Blame, judge
from modem.voice import AHEAD, VoiceCall

#: How long (seconds) a phone may ring before we give up; a network's own limit is 30 to 60.
RING_LIMIT: Final = 45.0
#: After the last word, so that it is heard whole before the line goes dead (seconds).
LEAD_OUT: Final = AHEAD + 0.2

_UNANSWERED: Final = {
    ReleaseCause.BUSY: (Outcome.BUSY, Reason.BUSY),
    ReleaseCause.NO_ANSWER: (Outcome.NO_ANSWER, Reason.NO_ANSWER),
    ReleaseCause.REFUSED: (Outcome.REFUSED, Reason.CALL_REFUSED),
    ReleaseCause.UNREACHABLE: (Outcome.UNREACHABLE, Reason.PHONE_UNREACHABLE),
    ReleaseCause.NORMAL: (Outcome.REFUSED, Reason.CALL_REFUSED),
}


class Speech(Protocol):
    """What has the sound of a call ready (s16le, 8 kHz, mono)."""

    async def sounds(self, job: ClaimedJob) -> CallSound:
        """Return the sound of every part; raise `Unspeakable` when no engine manages."""
        ...


class Unspeakable(Exception):
    """No engine could speak a text."""


class VoiceChannel:
    """Places one call and performs the call script in it."""

    def __init__(self, speech: Speech, *, ring_limit: float = RING_LIMIT) -> None:
        self._speech, self._ring_limit = speech, ring_limit

    async def deliver(self, job: ClaimedJob, hand: Hand) -> Settlement:
        """Call once. Everything is rendered before dialling: an alert never waits on a voice."""
        driver = hand.driver
        if driver is None:
            raise LaneFault(_again("no modem"), PortLost(hand.lane))
        try:
            sounds = await self._speech.sounds(job)
        except Unspeakable as error:
            return Settlement(JobState.FAILED, None, Reason.SPEECH_FAILED, str(error))
        try:
            call = await driver.dial(job.address)
        except CommandFailed as error:
            return _refused(error)
        except ModemError as error:
            raise LaneFault(_again(str(error)), error) from error
        try:
            settlement = await self._conduct(call, sounds.parts, hand, job.urgency)
        finally:
            await call.hang_up()
        said = " · ".join(filter(None, (settlement.detail, sounds.spoken_by)))
        return replace(settlement, detail=said)

    async def _conduct(
        self, call: VoiceCall, sounds: Mapping[Part, bytes], hand: Hand, urgency: Urgency
    ) -> Settlement:
        loop = asyncio.get_running_loop()
        limit = loop.time() + self._ring_limit
        while (left := limit - loop.time()) > 0:
            event = await call.next_event(left)
            if isinstance(event, Released):
                return _unanswered(event)
            if isinstance(event, Answered):
                script = CallScript(may_opt_out=urgency is not Urgency.VITAL)
                return await _Performance(call, sounds, hand, script).run()
        return Settlement(JobState.FAILED, Outcome.NO_ANSWER, Reason.NO_ANSWER, "rang out")


class _Performance:
    """One answered call being spoken; its two tasks live and die with `run`."""

    def __init__(
        self, call: VoiceCall, sounds: Mapping[Part, bytes], hand: Hand, script: CallScript
    ) -> None:
        self._call, self._sounds, self._hand, self._script = call, sounds, hand, script
        self._released: Released | None = None
        self._saying: asyncio.Task[None] | None = None

    async def run(self) -> Settlement:
        """Speak until the script ends, the person hangs up, or an alert needs the modem."""
        async with asyncio.TaskGroup() as tasks:
            ear = tasks.create_task(self._listen(), name="call:listen")
            guard = tasks.create_task(self._give_way(), name="call:give-way")
            try:
                await self._speak(tasks)
            finally:
                ear.cancel()
                guard.cancel()
        return self._told()

    async def _speak(self, tasks: asyncio.TaskGroup) -> None:
        """Perform cue by cue. All is heard `AHEAD` late: the first silence is shorter for it."""
        early = AHEAD
        while not self._over and (cue := self._script.next()) is not None:
            if isinstance(cue, Wait):
                cue = Wait(max(cue.seconds - early, 0.0))
            early = 0.0
            self._saying = tasks.create_task(self._perform(cue), name="call:say")
            await asyncio.wait({self._saying})
        if not self._over:
            await asyncio.sleep(LEAD_OUT)

    async def _perform(self, cue: Cue) -> None:
        try:
            if isinstance(cue, Say):
                await self._call.play(self._sounds[cue.part])
            else:
                await asyncio.sleep(cue.seconds)
        except PortLost as error:
            self._released = self._released or Released(ReleaseCause.LOST, str(error))
        except ModemError:
            pass  # the call ended under the sentence: why, the release itself will tell

    async def _listen(self) -> None:
        while not self._over:
            event = await self._call.next_event()
            if isinstance(event, DigitPressed) and self._script.key(event.digit):
                self._interrupt()
            elif isinstance(event, Released):
                self._released = event
                self._interrupt()

    async def _give_way(self) -> None:
        await self._hand.preempt.wait()
        self._interrupt()

    def _interrupt(self) -> None:
        if self._saying is not None:
            self._saying.cancel()

    @property
    def _over(self) -> bool:
        return self._released is not None or self._hand.preempt.is_set()

    def _told(self) -> Settlement:
        outcome = self._script.outcome
        detail = self._released.detail if self._released else ""
        if outcome in {Outcome.ACKNOWLEDGED, Outcome.LISTENED}:
            return Settlement(
                JobState.DELIVERED, outcome, detail=detail, opted_out=self._script.opted_out
            )
        lost = self._released is not None and self._released.cause is ReleaseCause.LOST
        if lost:
            raise LaneFault(_interrupted(detail), PortLost(detail))
        if self._hand.preempt.is_set():
            return _interrupted("gave way to an alert")
        if self._script.opted_out:
            return Settlement(JobState.FAILED, outcome, Reason.OPTED_OUT, detail, opted_out=True)
        return Settlement(JobState.FAILED, outcome, Reason.HUNG_UP, detail)


def _interrupted(detail: str) -> Settlement:
    return Settlement(
        JobState.QUEUED, Outcome.INTERRUPTED, Reason.CALL_INTERRUPTED, detail, "ours", 5.0
    )


def _again(detail: str) -> Settlement:
    return Settlement(JobState.QUEUED, None, Reason.MODEM_FAULT, detail, "ours", 5.0)


def _unanswered(event: Released) -> Settlement:
    if event.cause is ReleaseCause.LOST:
        raise LaneFault(_again(event.detail), PortLost(event.detail))
    if event.cause is ReleaseCause.NETWORK:
        return Settlement(
            JobState.QUEUED, Outcome.UNREACHABLE, Reason.NETWORK_REFUSED, event.detail, "recipient"
        )
    outcome, reason = _UNANSWERED[event.cause]
    return Settlement(JobState.FAILED, outcome, reason, event.detail)


def _refused(error: CommandFailed) -> Settlement:
    refusal = judge(error)
    detail = f"{refusal.code} {refusal.reason}"
    if refusal.blame is Blame.RECIPIENT_FOREVER:
        return Settlement(JobState.FAILED, Outcome.UNREACHABLE, Reason.NUMBER_UNKNOWN, detail)
    if refusal.blame in {Blame.MODEM, Blame.SIM}:
        settlement = Settlement(
            JobState.QUEUED, None, Reason.MODEM_FAULT, detail, "recipient", 10.0
        )
        raise LaneFault(settlement, error, sim=refusal.blame is Blame.SIM) from error
    return Settlement(
        JobState.QUEUED, Outcome.UNREACHABLE, Reason.NETWORK_REFUSED, detail, "recipient",
        refusal.retry_after,
    )  # fmt: skip
