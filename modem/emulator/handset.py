"""An emulated telephone: what it received, truly, and what its owner does.

Job: reassemble messages as a phone does, remember every call with what was heard, carry the
owner's `Behaviour`. Not its job: the network that brings them. Used by tests, the demo and
`modem.emulator.network`. All times are seconds of the running loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from modem.emulator.behaviour import Behaviour
from modem.emulator.pdu import Submit


@dataclass(frozen=True, slots=True)
class ReceivedSms:
    """A whole message as the phone shows it; ``at`` is when its last part came."""

    text: str
    sender: str
    at: float
    parts: int = 1
    flash: bool = False
    modem: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedPart:
    """One SMS as it came, repeated ones included."""

    text: str
    sender: str
    at: float
    modem: str
    reference: int | None
    part: int
    total: int


@dataclass(frozen=True, slots=True)
class ReceivedCall:
    """A call, and what became of it.

    ``outcome`` is answered, machine, announcement, busy, refused, no_answer, unreachable,
    abandoned. ``keys`` are those pressed at the phone, ``keys_heard`` those the modem pressed;
    ``beeped_at`` seconds after the answer a machine began to record. ``pcm`` is what was heard
    from the answer on: signed 16-bit little-endian mono at 8 kHz.
    """

    at: float
    answered_at: float | None
    ended_at: float
    outcome: str
    pcm: bytes = field(repr=False)
    keys: str
    modem: str
    sender: str
    keys_heard: str = ""
    beeped_at: float | None = None


class Handset:
    """One telephone number on the emulated network."""

    def __init__(self, number: str, behaviour: Behaviour | None = None) -> None:
        self.number = number
        self.behaviour = behaviour or Behaviour()
        self.inbox: list[ReceivedSms] = []
        self.parts: list[ReceivedPart] = []
        self.calls: list[ReceivedCall] = []
        #: Calls this phone placed to a modem.
        self.placed: list[ReceivedCall] = []
        self.in_call = False
        self._sets: dict[tuple[str, int | None, int, str], dict[int, str]] = {}

    def __repr__(self) -> str:
        return f"<Handset {self.number} {len(self.inbox)} SMS {len(self.calls)} calls>"

    def receive(self, submit: Submit, sender: str, modem: str, at: float) -> ReceivedSms | None:
        """Take one SMS; return the message when it is whole."""
        self.parts.append(
            ReceivedPart(
                submit.text, sender, at, modem, submit.reference, submit.part, submit.total
            )
        )
        text = self._assembled(submit, sender)
        if text is None:
            return None
        message = ReceivedSms(text, sender, at, submit.total, submit.flash, modem)
        self.inbox.append(message)
        return message

    @property
    def incomplete(self) -> int:
        """Messages of which a part is still missing."""
        return len(self._sets)

    def _assembled(self, submit: Submit, sender: str) -> str | None:
        if submit.reference is None:
            return submit.text
        key = (sender, submit.reference, submit.total, submit.encoding)
        parts = self._sets.setdefault(key, {})
        parts[submit.part] = submit.text
        if len(parts) < submit.total:
            return None
        del self._sets[key]
        return "".join(parts[number] for number in sorted(parts))
