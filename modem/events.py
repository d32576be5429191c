"""What a modem tells of its own accord, as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class ReleaseCause(Enum):
    """Why a call ended, as far as the device tells (modem-side names, Q.850 in brackets)."""

    NORMAL = "normal"  # cleared after an answer (16)
    BUSY = "busy"  # (17)
    NO_ANSWER = "no_answer"  # rang out (18, 19)
    REFUSED = "refused"  # rejected by the person called (21)
    UNREACHABLE = "unreachable"  # no such route, switched off, no coverage (1, 3, 20, 27)
    NETWORK = "network"  # congestion, barred, no service (8, 34, 38, 41, 42)
    LOST = "lost"  # the device or its port went away in mid-call


class DigitSource(Enum):
    """Who noticed the key: the modem's notification, or our detector on the received audio."""

    MODEM = "modem"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class Alerting:
    """The phone called is ringing."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody, or something, picked up."""


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """One key: ``digit`` is one of ``0123456789*#ABCD``."""

    digit: str
    source: DigitSource = DigitSource.MODEM


class MachineSign(Enum):
    """What was heard that no person does: a hint, never a proof."""

    GREETING = "greeting"  # a voice that talks on and on, without a pause
    BEEP = "beep"  # one steady tone, which has just ended


@dataclass(frozen=True, slots=True)
class MachineHeard:
    """Perhaps a machine, or an announcement of the network, has answered."""

    sign: MachineSign


@dataclass(frozen=True, slots=True)
class Released:
    """The call is over; ``detail`` is what the device said, for the technician."""

    cause: ReleaseCause
    detail: str = ""


CallEvent = Alerting | Answered | DigitPressed | MachineHeard | Released


@dataclass(frozen=True, slots=True)
class StatusReport:
    """An SMS-STATUS-REPORT (23.040, 9.2.2.3).

    ``recipient`` is as the network wrote it, ``+``-prefixed when international: it may differ
    in form from the number dialled, compare the last nine digits.
    """

    reference: int
    recipient: str
    submitted_at: datetime | None
    discharged_at: datetime | None
    status: int


@dataclass(frozen=True, slots=True)
class IncomingSms:
    """One SMS-DELIVER (23.040, 9.2.2.1), perhaps one part of a longer message.

    ``flash``: class 0, meant for the screen; no device stores it, ours is the only copy.
    """

    sender: str
    text: str
    sent_at: datetime | None
    reference: int | None = None
    part: int = 1
    total: int = 1
    flash: bool = False


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """Somebody rang us and was not answered; ``number`` is empty where it is hidden."""

    number: str


ModemEvent = StatusReport | IncomingSms | IncomingCall
