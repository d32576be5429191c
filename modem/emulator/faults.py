"""What may go wrong with an emulated modem, at a test's word.

Job: hold the faults and say when one strikes. Not its job: the wire and the dialogue, which ask
here. Pure but for its own seeded chance; used by `modem.emulator.device` and set by tests.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Iterable
from enum import Enum, auto
from typing import Final

Failure = tuple[str, int | None]


#: Frames a worn sound port takes before it stalls in mid-call.
STALLS_AFTER: Final = 100


class Gap(Enum):
    """A place in the dialogue where a modem may slip a notification in."""

    AFTER_ECHO = auto()  # between the command and its first answer line
    BEFORE_FINAL = auto()  # between an information line and its OK
    INSIDE_PAIR = auto()  # between a header line and its PDU
    AFTER_PROMPT = auto()  # between "> " and the host's PDU


class Faults:
    """The faults of one modem; none to begin with."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._failures: dict[str, deque[Failure]] = {}
        self._swallows: Counter[str] = Counter()
        self._injected: dict[Gap, deque[str]] = {gap: deque() for gap in Gap}
        self.garbling = 0.0
        #: Spellings that always answer ERROR: {"AT", "AT+CMEE=1"}.
        self.refused: set[str] = set()
        #: An audio write that is not whole 320-byte frames stops the endpoint for good (SIM7600).
        self.short_write_blocks = False
        #: Keys are heard in the audio, and the device says nothing of them.
        self.deaf_to_digits = False
        #: So many openings of the audio path fail before one works.
        self.audio_refusals = 0
        #: The next voice path starts on the second byte of a sample: noise, unless re-aligned.
        self.slips_a_byte = False
        #: Delivery reports overtake the OK of their own submission.
        self.report_before_ok = False
        #: Wear of the sound port from the second call after power-up on: 1 opens at the second
        #: request, 2 not at all, 3 stops taking sound after `STALLS_AFTER` frames.
        self.audio_wear = 0
        #: Seconds after the sound opens at which the device asks for a pause of half a second.
        self.pauses_sound: float | None = None
        #: So many command lines are not heard at all.
        self.deaf_to_lines = 0
        #: AT+CMGL: never answers, or names places one too high.
        self.list_hangs = self.list_lies = False
        #: AT+CSCA? says this so many times before the truth.
        self.centre_nonsense: list[str] = []
        #: New messages are announced as being at place -1.
        self.places_unknown = False
        #: The PDU is taken, and the prompt stays open until ESC (Huawei E1550).
        self.stuck_prompts = 0

    def fail_next(
        self, command: str, code: int | None = None, *, kind: str = "CMS", times: int = 1
    ) -> None:
        """Refuse the next ``times`` of ``command`` (``"AT+CMGS"``) with +CMS or +CME ``code``."""
        name = command.upper().removeprefix("AT")
        failures = self._failures.setdefault(name, deque())
        failures.extend([(kind if code is not None else "", code)] * times)

    def swallow_final(self, command: str, times: int = 1) -> None:
        """Do what ``command`` asks, and never say so: the answer is lost on the way."""
        self._swallows[command.upper().removeprefix("AT")] += times

    def refuse(self, commands: Iterable[str]) -> None:
        """Always answer ERROR to these spellings: ``{"AT", "AT+CMEE=1", "AT+CSMS=1"}``."""
        self.refused.update(command.upper().replace(" ", "") for command in commands)

    def inject(self, gap: Gap, *lines: str) -> None:
        """Slip each line in at the next such gaps, one line per gap."""
        self._injected[gap].extend(lines)

    def garble(self, share: float) -> None:
        """Change this share (0 to 1) of the bytes the host reads; 0 ends it."""
        self.garbling = share

    def failure_of(self, name: str) -> Failure | None:
        """Return, once, the refusal planned for the command ``name`` (``"+CMGS"``)."""
        planned = self._failures.get(name)
        return planned.popleft() if planned else None

    def unheard(self) -> bool:
        """Tell, once, whether a command line is not heard."""
        self.deaf_to_lines, before = max(0, self.deaf_to_lines - 1), self.deaf_to_lines
        return before > 0

    def swallows(self, name: str) -> bool:
        """Tell, once, whether the answer of this command gets lost."""
        if self._swallows[name] <= 0:
            return False
        self._swallows[name] -= 1
        return True

    def injected(self, gap: Gap) -> str | None:
        """Return, once, the line to slip in here."""
        waiting = self._injected[gap]
        return waiting.popleft() if waiting else None

    def on_the_wire(self, data: bytes) -> bytes:
        """Return what arrives of ``data``."""
        if not self.garbling:
            return data
        chance = self._rng.random
        return bytes(
            self._rng.randrange(256) if chance() < self.garbling else octet for octet in data
        )
