"""Lanes: what can carry a job, one at a time. A modem is one, the mail relay another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.barred import RefusalRun, StoppedSims
from gateway.channels.base import ChannelService, Hand, Modem
from gateway.mail.pace import Pace
from gateway.model import Channel, Urgency
from gateway.store.holding import Carrier
from gateway.store.jobs import ClaimedJob
from modem.driver import Driver

#: Pauses (seconds) of a lane whose failures follow one another.
PAUSES: Final = (1.0, 2.0, 5.0, 15.0, 60.0)

_BY_ROLE: Final = {
    "sms": (Channel.SMS,),
    "voice": (Channel.VOICE,),
    "both": (Channel.SMS, Channel.VOICE),
}


@dataclass(slots=True)
class Visit:
    """Somebody who rings at a modem: ``receive`` picks up, speaks and hangs up.

    It ends early, and politely, when ``preempt`` is set: an alert needs the modem.
    """

    receive: Callable[[Driver, asyncio.Event], Awaitable[None]]
    preempt: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Lane:
    """A carrier and what it is doing. ``modem`` is None for mail.

    ``visit`` rings, ``guest`` has been let in. ``borrower`` is there while a technician has the
    modem; it is set when an alert wants it back.
    """

    name: str
    services: dict[Channel, ChannelService]
    modem: Modem | None = None
    role: str = "both"
    regime: str = "ordinary"
    job: ClaimedJob | None = None
    hand: Hand | None = None
    choosing: bool = False  # what it does next is being asked of the queue
    failures: int = 0
    last_error: str = ""
    last_error_at: float | None = None
    paused_for_sim: bool = False
    run: RefusalRun = field(default_factory=RefusalRun)
    stopped: StoppedSims = field(default_factory=StoppedSims)
    borrower: asyncio.Event | None = None
    rung: bool = False  # somebody rings, and what they will hear is being made ready
    visit: Visit | None = None
    guest: Visit | None = None
    call_pause: float = 0.0  # seconds between two calls of this SIM
    no_call_before: float = 0.0  # on the loop's clock
    pace: Pace | None = None  # of mail, shared by all its lanes

    @property
    def channels(self) -> tuple[Channel, ...]:
        """What it can be given now: what it is `able` to, no call in the pause after another."""
        if self.modem is None or asyncio.get_running_loop().time() >= self.no_call_before:
            return self.able
        return tuple(channel for channel in self.able if channel is not Channel.VOICE)

    @property
    def able(self) -> tuple[Channel, ...]:
        """What it can carry: nothing while its modem is away, no call without audio."""
        if self.modem is None:
            return () if self.mail_rest() else (Channel.EMAIL,)
        if self.modem.driver is None or self.borrower is not None:
            return ()
        able = _BY_ROLE[self.role]
        if self.modem.status.voice:
            return able
        return tuple(channel for channel in able if channel is not Channel.VOICE)

    @property
    def offers(self) -> tuple[Channel, ...]:
        """What it could carry if it were free."""
        return (Channel.EMAIL,) if self.modem is None else _BY_ROLE[self.role]

    @property
    def idle(self) -> bool:
        """Whether it does nothing for anybody."""
        return self.job is None and self.guest is None and not self.choosing

    @property
    def bell(self) -> bool:
        """Whether somebody has begun to ring, and who they are is not yet known."""
        driver = self.modem.driver if self.modem else None
        return driver is not None and self.can_answer and driver.door.undecided

    @property
    def can_answer(self) -> bool:
        """Whether somebody who rings here could be spoken to."""
        if self.modem is None or self.modem.driver is None or self.borrower is not None:
            return False
        return self.modem.status.voice and self.role != "sms"

    @property
    def sim(self) -> str:
        """The SIM's ICCID; where a modem tells none, its name stands in."""
        return (self.modem.status.iccid or self.name) if self.modem else ""

    @property
    def alerts_only(self) -> bool:
        """Whether its SIM was stopped: then its texts are alerts, which try it all the same."""
        return bool(self.stopped.why(self.sim))

    def mail_rest(self) -> float:
        """Return for how long (seconds) no mail at all may leave."""
        return self.pace.wait(asyncio.get_running_loop().time()) if self.pace else 0.0

    def closed_domains(self) -> dict[str, float]:
        """Return the domains that get no mail now, and for how long (seconds)."""
        return self.pace.full(asyncio.get_running_loop().time()) if self.pace else {}

    def ready(self) -> Hand:
        """Return what it would begin a job with now."""
        return Hand(self.name, self.sim, self.modem.driver if self.modem else None)

    def take(self, job: ClaimedJob, hand: Hand) -> None:
        """Begin a job."""
        self.job, self.hand = job, hand

    def leave(self) -> None:
        """End a job, however it ended."""
        self.job = self.hand = None

    def rest_from_calls(self) -> float:
        """Place no call for a while, texts go on; return how long (seconds)."""
        self.no_call_before = asyncio.get_running_loop().time() + self.call_pause
        return self.call_pause

    def give_way(self) -> bool:
        """Ask a routine call, a caller or a technician to make way for an alert."""
        if self.borrower is not None:
            self.borrower.set()
            return True
        if self.guest is not None:
            self.guest.preempt.set()
            return True
        if self.job is None or self.hand is None or self.job.channel is not Channel.VOICE:
            return False
        if self.job.urgency is Urgency.VITAL:
            return False
        self.hand.preempt.set()
        return True

    def failed(self, error: str, at: float, *, sim: bool) -> float:
        """Note a failure of the lane itself; return how long (seconds) to leave it alone."""
        self.last_error, self.last_error_at, self.paused_for_sim = error, at, sim
        pause = PAUSES[min(self.failures, len(PAUSES) - 1)]
        self.failures += 1
        return max(pause, 60.0) if sim else pause

    def succeeded(self) -> None:
        """Forget past failures."""
        self.failures, self.paused_for_sim = 0, False


def carriers(lanes: Iterable[Lane]) -> tuple[Carrier, ...]:
    """Return the modems among the lanes as they are now, to be looked at elsewhere."""
    return tuple(
        Carrier(lane.sim, lane.regime, frozenset(lane.able))
        for lane in lanes
        if lane.modem is not None
    )
