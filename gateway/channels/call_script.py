"""What is said in a call, and what a key does. Pure: no port, no clock, no sound.

The words are data (`phrases`), the course is a small table (`CUES`), and `CallScript` walks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from gateway.channels.call_words import words_of
from gateway.french import of_town
from gateway.model import Asks, Outcome, Urgency

#: Before the first word, so that the handset reaches the ear (seconds).
LEAD_IN: Final = 1.0
#: The message is played at most this often.
ROUNDS: Final = 3


class Part(Enum):
    """One thing the person on the line may hear."""

    GREETING = "greeting"
    MESSAGE = "message"
    PROMPT = "prompt"
    AGAIN = "again"
    THANKS = "thanks"
    SPARED = "spared"
    CALLED_BACK = "called_back"
    GOODBYE = "goodbye"
    EXCUSE = "excuse"
    # whoever calls us
    RECEPTION = "reception"
    MENU = "menu"
    # whoever dictates a message
    DICTATE = "dictate"
    BEEP = "beep"
    REVIEW = "review"
    KEPT = "kept"
    NOT_KEPT = "not_kept"


@dataclass(frozen=True, slots=True)
class Say:
    """Play one part."""

    part: Part


@dataclass(frozen=True, slots=True)
class Wait:
    """Say nothing for ``seconds``, listening for keys."""

    seconds: float


Cue = Say | Wait

_ROUND: Final[tuple[Cue, ...]] = (Say(Part.MESSAGE), Wait(0.8), Say(Part.PROMPT), Wait(5.0))

#: A beep after so many rounds is no longer a machine that begins to record.
_LAST_BEEP: Final = 2


_OF_THE_ROUND: Final = frozenset({Asks.WELL, Asks.VISIT})


def may_opt_out(urgency: Urgency, asks: Asks) -> bool:
    """Tell whether key 9 asks for no more calls: never in an alert, never in the daily round."""
    return urgency is not Urgency.VITAL and asks not in _OF_THE_ROUND


def phrases(
    town: str, message: str, urgency: Urgency, *, exercise: bool = False, language: str = "fr",
    asks: Asks = Asks.HEARD,
) -> dict[Part, str]:  # fmt: skip
    """Return the text of each part of a call from ``town``, in ``language``.

    Every key that does something is announced; an exercise says so first and last. ``asks``: what
    the keys answer.
    """
    words = words_of(language)
    first, last = (f"{words.exercise} ", f"{words.exercise_over} ") if exercise else ("", "")
    kind = "" if exercise or asks in _OF_THE_ROUND else words.kind[urgency]
    no_more = f" {words.no_more}" if may_opt_out(urgency, asks) else ""
    hello = words.hello.replace("{of_town}", of_town(town)).replace("{town}", town)
    return {
        Part.GREETING: f"{first}{hello} {kind}".strip(),
        Part.MESSAGE: message,
        Part.PROMPT: f"{words.prompts[asks]}{no_more}",
        Part.AGAIN: words.again,
        Part.THANKS: f"{last}{words.thanks}",
        Part.SPARED: words.spared,
        Part.CALLED_BACK: words.called_back,
        Part.GOODBYE: f"{last}{words.goodbye}",
        Part.EXCUSE: words.excuse,
    }


@dataclass(frozen=True, slots=True)
class CallSound:
    """All a call may play: s16le, 8 kHz, mono, by part; and who speaks, for the report."""

    parts: Mapping[Part, bytes]
    spoken_by: str = ""


class CallScript:
    """One answered call: gives the next cue, takes keys, and knows what the person lived.

    ``suspected`` tells whether something spoke or beeped as machines do: a hint. It changes
    nothing for a person, who hears all of it; but only their key proves that they did.
    """

    def __init__(self, *, may_opt_out: bool = False, asks: Asks = Asks.HEARD) -> None:
        """Begin; ``may_opt_out`` gives the key 9 its meaning (no alert does).

        ``asks`` gives the key 2 its own, where there is one: no, or call me back.
        """
        self._round = 0
        self._may_opt_out, self.opted_out = may_opt_out, False
        self._asks, self._declined = asks, False
        self.suspected = self._beeped = False
        self._course: Iterator[Cue] = self._walk(1, greets=True)
        self._cue: Cue | None = None
        self._begun = self._heard_whole = self._acknowledged = False

    def _walk(self, first_round: int, *, greets: bool = False) -> Iterator[Cue]:
        if greets:
            yield from (Wait(LEAD_IN), Say(Part.GREETING), Wait(0.5))
        for self._round in range(first_round, ROUNDS + 1):
            if self._round > first_round or not greets:
                yield Say(Part.AGAIN)
            yield from _ROUND
        yield Say(Part.GOODBYE)

    def next(self) -> Cue | None:
        """Return what to do now that the last cue is over; None to hang up."""
        self._heard_whole |= self._cue == Say(Part.MESSAGE)
        self._cue = next(self._course, None)
        self._begun |= self._cue == Say(Part.MESSAGE)
        return self._cue

    def key(self, digit: str) -> bool:
        """Take a key; return whether what is being said must stop at once.

        1 acknowledges once the message itself has begun (before that it may be a machine's
        menu, or a thumb), 2 says no where that is asked; 0 begins the message again, as one of
        its rounds; 9 asks for no more calls of this kind.
        """
        if self._ended or not self._begun:
            return False
        if digit == "1" or (digit == "2" and self._asks is not Asks.HEARD):
            self._acknowledged, self._declined = digit == "1", digit == "2"
            recalled = self._declined and self._asks is Asks.WELL
            self._course = iter((Say(Part.CALLED_BACK if recalled else Part.THANKS),))
        elif digit == "9" and self._may_opt_out:
            self.opted_out = True
            self._course = iter((Say(Part.SPARED),))
        elif digit == "0" and self._round < ROUNDS:
            self._course = self._walk(self._round + 1)
        else:
            return False
        self._cue = None  # what a key cuts short was not heard whole
        return True

    def machine(self, *, beep: bool) -> bool:
        """Hear a sign of a machine; return whether what is being said must stop at once.

        After a beep it records: all is said again from the beginning, once, so that the whole
        message is on the tape.
        """
        if self._ended:
            return False
        self.suspected = True
        if not beep or self._beeped or self._round > _LAST_BEEP:
            return False
        self._beeped = True
        self._course, self._cue = self._walk(max(self._round, 1), greets=True), None
        return True

    @property
    def _ended(self) -> bool:
        return self._acknowledged or self._declined or self.opted_out

    @property
    def outcome(self) -> Outcome:
        """What the person lived, should the call end now."""
        if self._acknowledged:
            return Outcome.ACKNOWLEDGED
        if self._declined:
            return Outcome.DECLINED
        heard = self._heard_whole and not self.suspected
        return Outcome.LISTENED if heard else Outcome.ANSWERED
