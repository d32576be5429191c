"""What every channel is: one small interface, and the ways a delivery is not the person's fault.

The dispatcher and the daemon import it; doors do not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from gateway.policy import Settlement
from gateway.store import Connection
from gateway.store.jobs import ClaimedJob
from gateway.store.parts import Part
from modem.driver import Driver
from modem.errors import ModemError
from modem.refusal import Refusal
from modem.sms import SubmitPdu
from modem.status import ModemStatus


class LaneFault(Exception):
    """A delivery ended because its lane is at fault: settle the job, then look after the lane."""

    def __init__(self, settlement: Settlement, cause: Exception, *, sim: bool = False) -> None:
        self.settlement, self.cause, self.sim = settlement, cause, sim
        super().__init__(str(cause))

    @property
    def modem_error(self) -> ModemError:
        """The cause as the modem's supervisor takes it."""
        return self.cause if isinstance(self.cause, ModemError) else ModemError(str(self.cause))


class Modem(Protocol):
    """A modem as a channel needs it: what `modem.supervisor.Supervisor` offers."""

    @property
    def status(self) -> ModemStatus:
        """What is known of it now."""
        ...

    @property
    def driver(self) -> Driver | None:
        """Its driver while it serves, else None."""
        ...

    def borrowed(self) -> AbstractAsyncContextManager[str]:
        """Have it leave its port, whose address is given, until the block ends."""
        ...

    def report_fault(self, error: ModemError) -> None:
        """Take note that the driver failed in our hands."""
        ...


@dataclass(slots=True)
class Hand:
    """The lane that delivers: its name, its SIM, and the wish that it be free for an alert.

    ``refusal`` is what the network said of the job in hand, for whoever watches the SIM.
    ``begun`` are the parts to send, the first marked as being submitted; None: not yet looked at.
    ``left`` is what the last step of a delivery leaves to be written down with its settlement.
    """

    lane: str
    sim: str = ""
    driver: Driver | None = None
    preempt: asyncio.Event = field(default_factory=asyncio.Event)
    refusal: Refusal | None = None
    begun: Sequence[Part] | None = None
    left: Callable[[Connection], None] | None = None

    def write_down(self, db: Connection) -> None:
        """Write what the delivery left, in the transaction that settles its job."""
        if self.left is not None:
            self.left(db)


class ChannelService(Protocol):
    """Delivers one job."""

    def begin(self, db: Connection, job: ClaimedJob, hand: Hand, now: float) -> None:  # noqa: ARG002
        """Write down the first step in the transaction that claims the job; nothing, for most.

        A step that has its own would be one more wait for the disk, in which the modem idles.
        """
        return

    async def deliver(self, job: ClaimedJob, hand: Hand) -> Settlement:
        """Try once; an expected failure is a value, a lane's own failure is a `LaneFault`."""
        ...


def as_pdu(hexadecimal: str, length: int, recipient: str, part: int, total: int) -> SubmitPdu:
    """Return a stored part as the driver takes it."""
    return SubmitPdu(hex=hexadecimal, length=length, recipient=recipient, part=part, total=total)
