"""Calls: ring, speak, listen for a key, and tell the truth about who heard what."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol, TypeVar

from gateway.channels.base import ChannelService, Hand, LaneFault
from gateway.channels.call_script import CallScript, CallSound, Part, may_opt_out
from gateway.channels.performance import Performance
from gateway.model import Asks, JobState, Outcome, Reason
from gateway.policy import Settlement
from gateway.store.jobs import ClaimedJob
from modem.errors import CommandFailed, ModemError, PortLost
from modem.events import Answered, ReleaseCause, Released
from modem.refusal import Blame, judge
from modem.voice import VoiceCall

T = TypeVar("T")

#: How long (seconds) a phone may ring before we give up; a network's own limit is 30 to 60.
RING_LIMIT: Final = 45.0

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


class Ear(Protocol):
    """What keeps the other end's side of a call, where the site allows it."""

    def begin(self, call: VoiceCall) -> None:
        """Begin to keep."""
        ...

    async def keep(
        self, call: VoiceCall, lane: str, number: str, entity_id: int | None, *, incoming: bool
    ) -> None:
        """Write down what was heard."""
        ...


class Unspeakable(Exception):
    """No engine could speak a text."""


class VoiceChannel(ChannelService):
    """Places one call and performs the call script in it."""

    def __init__(
        self, speech: Speech, *, ring_limit: float = RING_LIMIT, ear: Ear | None = None
    ) -> None:
        self._speech, self._ring_limit, self._ear = speech, ring_limit, ear

    async def deliver(self, job: ClaimedJob, hand: Hand) -> Settlement:
        """Call once. Everything is rendered before dialling: an alert never waits on a voice."""
        driver = hand.driver
        if driver is None:
            raise LaneFault(_again("no modem"), PortLost(hand.lane))
        try:
            sounds = await _unless(hand.preempt, self._speech.sounds(job))
        except Unspeakable as error:
            return Settlement(JobState.FAILED, None, Reason.SPEECH_FAILED, str(error))
        if sounds is None or hand.preempt.is_set():  # nobody's telephone rings for nothing
            return replace(_interrupted("gave way to an alert"), outcome=None)
        try:
            call = await driver.dial(job.address)
        except CommandFailed as error:
            return _refused(error)
        except ModemError as error:
            raise LaneFault(_again(str(error)), error) from error
        try:
            settlement = await self._conduct(call, sounds.parts, hand, job)
        finally:
            await call.hang_up()
        if self._ear is not None:
            await self._ear.keep(call, hand.lane, job.address, job.entity_id, incoming=False)
        said = " · ".join(filter(None, (settlement.detail, sounds.spoken_by)))
        return replace(settlement, detail=said)

    async def _conduct(
        self, call: VoiceCall, sounds: Mapping[Part, bytes], hand: Hand, job: ClaimedJob
    ) -> Settlement:
        loop = asyncio.get_running_loop()
        limit = loop.time() + self._ring_limit
        while (left := limit - loop.time()) > 0 and not hand.preempt.is_set():
            event = await _unless(hand.preempt, call.next_event(left))
            if isinstance(event, Released):
                return _unanswered(event)
            if isinstance(event, Answered):
                if self._ear is not None:
                    self._ear.begin(call)
                spares = may_opt_out(job.urgency, job.asks)
                script = CallScript(may_opt_out=spares, asks=job.asks)
                performance = Performance(call, sounds, script, hand.preempt)
                await performance.run()
                gave_way = hand.preempt.is_set()
                if gave_way and job.asks is Asks.WELL and script.outcome is Outcome.LISTENED:
                    return _interrupted("gave way to an alert")  # nobody has said how they are
                return _told(script, performance.released, preempted=gave_way)
        if hand.preempt.is_set():
            return _interrupted("gave way to an alert")
        return Settlement(JobState.FAILED, Outcome.NO_ANSWER, Reason.NO_ANSWER, "rang out")


async def _unless(wish: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Return what ``work`` does; None when ``wish`` comes true before it is done."""
    working = asyncio.ensure_future(work)
    wished = asyncio.ensure_future(wish.wait())
    try:
        await asyncio.wait({working, wished}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, wished):
            task.cancel()


def _told(script: CallScript, released: Released | None, *, preempted: bool) -> Settlement:
    """Return what became of an answered call."""
    outcome, detail = script.outcome, released.detail if released else ""
    if outcome in {Outcome.ACKNOWLEDGED, Outcome.DECLINED, Outcome.LISTENED}:
        return Settlement(JobState.DELIVERED, outcome, detail=detail, opted_out=script.opted_out)
    if released is not None and released.cause is ReleaseCause.LOST:
        raise LaneFault(_interrupted(detail), PortLost(detail))
    if preempted:
        return _interrupted("gave way to an alert")
    reason = Reason.MACHINE if script.suspected else Reason.HUNG_UP
    reason = Reason.OPTED_OUT if script.opted_out else reason
    return Settlement(JobState.FAILED, outcome, reason, detail, opted_out=script.opted_out)


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
