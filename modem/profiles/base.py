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

from modem.commands import parse_call_row
from modem.events import Alerting, Answered, DigitPressed, DigitSource, ReleaseCause


@dataclass(frozen=True, slots=True)
class Ended:
    """The device says that a call is over; ``cause`` None: ask it why."""

    cause: ReleaseCause | None
    detail: str


CallSign = Alerting | Answered | DigitPressed | Ended
Reader = Callable[[str], CallSign | None]


class AudioKind(Enum):
    """How the sound of a call reaches us."""

    NONE = "none"  # no way: SMS only
    SERIAL_PCM = "serial_pcm"  # s16le, 8 kHz, mono, 320 bytes each 20 ms, on a port of its own


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of modem. All times in seconds.

    ``identities`` are lower-case words its identification holds; ``usb_ids`` are (vendor,
    product). ``signs`` reads notifications about a call, by their beginning. ``set_up``,
    ``before_dial`` and ``on_answer`` may each be refused without harm. ``audio_tries`` are the
    moments after the answer, relative to each other, at which ``audio_on`` is tried.
    ``poll_calls`` is the pace of AT+CLCC during a call, None where notifications suffice.
    ``answer_on_ok``: ATD keeps silent until somebody answers.
    """

    name: str
    identities: tuple[str, ...] = ()
    usb_ids: frozenset[tuple[int, int]] = frozenset()
    at_interface: int | None = None
    audio_interface: int | None = None
    signs: Mapping[str, Reader] = field(default_factory=dict)
    set_up: tuple[str, ...] = ()
    read_iccid: str = "AT+CCID"
    storages: tuple[str, ...] = ("ME", "SM")
    pause_before_pdu: float = 0.0
    pause_after_submit: float = 0.0
    audio: AudioKind = AudioKind.NONE
    before_dial: tuple[str, ...] = ()
    on_answer: tuple[str, ...] = ()
    audio_on: str = ""
    audio_off: str = ""
    audio_tries: tuple[float, ...] = (0.1,)
    digits: frozenset[DigitSource] = frozenset({DigitSource.MODEM})
    poll_calls: float | None = 1.0
    answer_on_ok: bool = False

    def sign_of(self, line: str) -> CallSign | None:
        """Return what ``line`` says about our call; None when it says nothing about it."""
        for beginning, read in self.signs.items():
            if line.startswith(beginning):
                return read(line)
        return None


def ended(cause: ReleaseCause | None) -> Reader:
    """Return a reader for a line that ends a call."""
    return lambda line: Ended(cause, line)


def read_clcc(line: str) -> CallSign | None:
    """Read ``+CLCC: <id>,<dir>,<stat>,<mode>,...`` as a sign of our own call."""
    row = parse_call_row(line)
    if row is None or not row.ours:
        return None
    signs: dict[int, CallSign] = {0: Answered(), 3: Alerting(), 6: Ended(None, "+CLCC: 6")}
    return signs.get(row.state)


def read_digit(line: str) -> CallSign | None:
    """Read ``+DTMF: 5``, ``+RXDTMF: 5``, with or without a duration behind."""
    found = re.match(r'\+\w+:\s*"?([0-9*#A-D])(?![0-9A-D])', line)
    return DigitPressed(found[1], DigitSource.MODEM) if found else None


#: Call results said outside of ATD, the same everywhere (V.250, 5.7.1).
RESULTS: Mapping[str, Reader] = {
    "NO CARRIER": ended(None),
    "BUSY": ended(ReleaseCause.BUSY),
    "NO ANSWER": ended(ReleaseCause.NO_ANSWER),
    "NO DIALTONE": ended(ReleaseCause.NETWORK),
    "NO DIAL TONE": ended(ReleaseCause.NETWORK),
}
