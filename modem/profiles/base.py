"""What one kind of modem does differently, as data.

Job: the `Profile` value and the small readers its tables point to. Not its job: behaviour; the
driver has one, and a difference that cannot be said here needs a field here. Pure; anybody in
`modem` may import it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from modem.commands import PIN_TRIES, Command, Tries, parse_call_row
from modem.events import Alerting, Answered, DigitPressed, DigitSource, ReleaseCause


@dataclass(frozen=True, slots=True)
class Ended:
    """The device says that a call is over; ``cause`` None: ask it why."""

    cause: ReleaseCause | None
    detail: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The device asks for a pause in the sound we send, or for its end."""

    go_on: bool


CallSign = Alerting | Answered | DigitPressed | Ended | Flow
Reader = Callable[[str], CallSign | None]


class AudioKind(Enum):
    """How the sound of a call reaches us."""

    NONE = "none"  # no way: SMS only
    SERIAL_PCM = "serial_pcm"  # s16le, 8 kHz, mono, 320 bytes each 20 ms, on a port of its own
    WIRED = "wired"  # the same PCM, on a port the installer names: the device itself has none


class UssdForm(Enum):
    """How the text of AT+CUSD is written."""

    PLAIN = "plain"
    PACKED = "packed"  # hexadecimal of the packed GSM alphabet (Huawei)


@dataclass(frozen=True, slots=True)
class PortRoles:
    """What is on which USB interface (bInterfaceNumber): AT ports, best first, and the sound.

    Whatever is not named is not to be opened: diagnostic ports swallow what they are told, and
    GPS ports answer for ever.
    """

    at: tuple[int, ...] = ()
    audio: int | None = None


@dataclass(frozen=True, slots=True)
class Needed:
    """A query that must succeed for an ability: its ``reply`` must match ``sound``."""

    command: str
    reply: str | None = None
    sound: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """A firmware known to be at fault: ``revision`` is searched in AT+CGMR; a word says why."""

    revision: str
    word: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of modem. All times in seconds.

    ``identities`` are lower-case words its identification holds; ``ports`` the roles of its
    interfaces by USB (vendor, product). ``signs`` reads notifications about a call, by their
    beginning. ``set_up``, ``before_dial`` and ``on_answer`` may each be refused without harm.
    ``audio_tries`` are the moments after the answer, relative to each other, at which
    ``audio_on`` is tried, with ``audio_at_dial`` also right after ATD; ``audio_wears``: a sound
    that opens late heralds one that does not open, until ``reset``. ``poll_calls`` is the pace
    of AT+CLCC during a call, None where notifications suffice or asking does harm.
    ``send_digit`` presses one key. ``answer_on_ok``: ATD keeps silent until somebody answers.
    ``needs_for_voice`` and ``needs_for_sms`` are asked at the start: firmware variants lack what
    their model number promises. ``hints`` begin the notifications after which the device may
    have forgotten its set-up.
    """

    name: str
    identities: tuple[str, ...] = ()
    ports: Mapping[tuple[int, int], PortRoles] = field(default_factory=dict)
    signs: Mapping[str, Reader] = field(default_factory=dict)
    set_up: tuple[str, ...] = ()
    read_iccid: str = "AT+CCID"
    pin_tries: Command[Tries] = PIN_TRIES
    storages: tuple[str, ...] = ("ME", "SM")
    report_storages: tuple[str, ...] = ("SR",)
    more_messages: bool = True
    ussd: UssdForm = UssdForm.PLAIN
    pause_before_pdu: float = 0.0
    pause_after_submit: float = 0.0
    audio: AudioKind = AudioKind.NONE
    before_dial: tuple[str, ...] = ()
    on_answer: tuple[str, ...] = ()
    audio_on: str = ""
    audio_at_dial: bool = False
    audio_off: str = ""
    audio_tries: tuple[float, ...] = (0.1,)
    audio_wears: bool = False
    digits: frozenset[DigitSource] = frozenset({DigitSource.MODEM})
    poll_calls: float | None = 1.0
    answer_on_ok: bool = False
    send_digit: str = "AT+VTS={digit}"
    hang_up_limit: float = 10.0
    needs_for_voice: tuple[Needed, ...] = ()
    needs_for_sms: tuple[Needed, ...] = ()
    hints: tuple[str, ...] = ("RDY", "SMS Ready", "SMS DONE", "PB DONE", "+CPIN: READY")
    reset: str = "AT+CFUN=1,1"
    advice: tuple[Advice, ...] = ()

    @property
    def usb_ids(self) -> frozenset[tuple[int, int]]:
        """The USB devices known to be of this kind."""
        return frozenset(self.ports)

    def sign_of(self, line: str) -> CallSign | None:
        """Return what ``line`` says about our call; None when it says nothing about it."""
        for beginning, read in self.signs.items():
            if line.startswith(beginning):
                return read(line)
        return None

    def advice_on(self, revision: str) -> str:
        """Return a word for a firmware known to be at fault, empty for others."""
        return next((row.word for row in self.advice if row.revision in revision), "")


def ended(cause: ReleaseCause | None) -> Reader:
    """Return a reader for a line that ends a call."""
    return lambda line: Ended(cause, line)


def said(sign: CallSign) -> Reader:
    """Return a reader for a line of which the beginning says all."""
    return lambda _: sign


def read_clcc(line: str) -> CallSign | None:
    """Read ``+CLCC: <id>,<dir>,<stat>,<mode>,...`` as a sign of our own call."""
    row = parse_call_row(line)
    if row is None or not row.ours:
        return None
    signs: dict[int, CallSign] = {0: Answered(), 3: Alerting(), 6: Ended(None, "+CLCC: 6")}
    return signs.get(row.state)


def read_digit(line: str) -> CallSign | None:
    """Read ``+DTMF: 5``, ``+RXDTMF: 5``, with or without a duration behind."""
    found = re.match(r'[+^]\w+:\s*"?([0-9*#A-D])(?![0-9A-D])', line)
    return DigitPressed(found[1], DigitSource.MODEM) if found else None


#: Call results said outside of ATD, the same everywhere (V.250, 5.7.1).
RESULTS: Final[Mapping[str, Reader]] = {
    "NO CARRIER": ended(None),
    "BUSY": ended(ReleaseCause.BUSY),
    "NO ANSWER": ended(ReleaseCause.NO_ANSWER),
    "NO DIALTONE": ended(ReleaseCause.NETWORK),
    "NO DIAL TONE": ended(ReleaseCause.NETWORK),
}
