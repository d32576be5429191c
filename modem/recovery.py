"""The recovery ladder: what is tried on a sick modem, in which order, how often an hour.

Job: given what ails a modem and what can be done to it, say the next remedy, or that only a
human is left. Not its job: doing it (`modem.remedies`), noticing the illness
(`modem.supervisor`). Pure; anybody may import it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Rung(Enum):
    """One remedy, from the mildest up; the words are stable, screens translate them."""

    SYNC = "sync"  # ESC, then AT until exactly one answer comes
    REOPEN = "reopen"  # close the port, open it again, start from the beginning
    OTHER_PORT = "other_port"  # the device's second AT port, where it has one
    RADIO = "radio"  # AT+CFUN=4, AT+CFUN=1 (27.007, 8.2): it registers anew
    RESET = "reset"  # the make's own restart; the device leaves the bus and comes back
    USB = "usb"  # the bus takes its authorisation away and gives it back: as if replugged
    HUMAN = "human"  # nothing is left that software can do


class Symptom(Enum):
    """What ails a modem, as far as the choice of remedies goes."""

    MUTE = "mute"  # no answer to a command
    CONFUSED = "confused"  # answers that make no sense
    REFUSING = "refusing"  # it answers, and refuses what the start needs
    SOUNDLESS = "soundless"  # a call without sound
    WORN = "worn"  # a sound port that only a restart mends
    NO_SERVICE = "no_service"  # all is well but the network


#: No remedy cures a place without coverage: there the ladder ends without a human.
CLIMBS: Final[Mapping[Symptom, tuple[Rung, ...]]] = {
    Symptom.MUTE: tuple(Rung),
    Symptom.CONFUSED: tuple(Rung),
    Symptom.REFUSING: (Rung.SYNC, Rung.REOPEN, Rung.RADIO, Rung.RESET, Rung.USB, Rung.HUMAN),
    Symptom.SOUNDLESS: (Rung.REOPEN, Rung.RESET, Rung.USB),
    Symptom.WORN: (Rung.RESET, Rung.USB),
    Symptom.NO_SERVICE: (Rung.RADIO, Rung.RESET),
}
#: How often an hour each may be tried; a restart costs a minute, and wears a cheap stick out.
LIMITS: Final[Mapping[Rung, int]] = {
    Rung.SYNC: 30, Rung.REOPEN: 12, Rung.OTHER_PORT: 6, Rung.RADIO: 3, Rung.RESET: 3, Rung.USB: 2,
}  # fmt: skip
HOUR: Final = 3600.0

_HEIGHT: Final = {rung: height for height, rung in enumerate(Rung)}


@dataclass(frozen=True, slots=True)
class Reach:
    """Which of the rungs that not every modem has can be climbed here."""

    other_port: bool = False
    reset: bool = True
    usb: bool = False

    def has(self, rung: Rung) -> bool:
        """Tell whether ``rung`` exists for this modem."""
        own = {Rung.OTHER_PORT: self.other_port, Rung.RESET: self.reset, Rung.USB: self.usb}
        return own.get(rung, True)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next: ``rung`` None is nothing but patience; ``skipped`` says why not sooner."""

    rung: Rung | None
    skipped: str = ""


class Ladder:
    """How high one modem's illness has climbed. Times are the loop's, in seconds."""

    def __init__(self, limits: Mapping[Rung, int] = LIMITS) -> None:
        self._limits = limits
        self._height = -1
        self._tried: dict[Rung, deque[float]] = {rung: deque() for rung in limits}

    def next(self, symptom: Symptom, reach: Reach, now: float) -> Step:
        """Return the next remedy, and count it as tried.

        It is the lowest of the symptom's rungs above the last one tried that exists here and has
        tries left this hour. Above the last there is only patience.
        """
        skipped: list[str] = []
        for rung in CLIMBS[symptom]:
            if _HEIGHT[rung] <= self._height:
                continue
            why_not = self._why_not(rung, reach, now)
            if not why_not:
                self.note(rung, now)
                return Step(rung, ", ".join(skipped))
            skipped.append(f"{rung.value}: {why_not}")
        return Step(None, ", ".join(skipped))

    def note(self, rung: Rung, now: float) -> None:
        """Count a remedy as tried now."""
        if rung in self._tried:
            self._tried[rung].append(now)
        self._height = max(self._height, _HEIGHT[rung])

    def tried(self, now: float) -> int:
        """Return how many remedies were tried within the last hour."""
        for times in self._tried.values():
            while times and times[0] <= now - HOUR:
                times.popleft()
        return sum(len(times) for times in self._tried.values())

    def down(self) -> None:
        """Begin at the bottom next time: it served well, or a human has had his turn."""
        self._height = -1

    def _why_not(self, rung: Rung, reach: Reach, now: float) -> str:
        if not reach.has(rung):
            return "not permitted" if rung is Rung.USB else "not there"
        self.tried(now)
        if rung in self._limits and len(self._tried[rung]) >= self._limits[rung]:
            return f"{self._limits[rung]} times this hour"
        return ""
