"""One modem's way up the recovery ladder: choose a remedy, do it, remember which and when.

Job: join the pure ladder (`modem.recovery`) to what really can be done (`modem.remedies`) with
this modem at this moment. Not its job: noticing that it is ill, connecting again afterwards
(`modem.supervisor`, for which this is).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from modem import remedies
from modem.discovery import Finder
from modem.errors import (
    CommandTimeout,
    ModemError,
    NotReady,
    PortBusy,
    PortLost,
    RemoteProtocolError,
    SoundLost,
)
from modem.logs import log_for
from modem.profiles.base import Profile
from modem.recovery import HOUR, Ladder, Reach, Rung, Symptom
from modem.remedies import UsbSwitch
from modem.status import Trouble

#: Seconds between a remedy and the next attempt to connect.
_AFTER: Final = {Rung.RESET: 5.0, Rung.USB: 5.0}
_PAUSE: Final = 2.0
_BY_TROUBLE: Final = {
    Trouble.NO_ANSWER: Symptom.MUTE,
    Trouble.GARBAGE: Symptom.CONFUSED,
    Trouble.REFUSES: Symptom.REFUSING,
    Trouble.SIM_FAILURE: Symptom.REFUSING,
}

_log = log_for(__name__)


def symptom_of(error: ModemError) -> Symptom | None:
    """Return what a failure is a symptom of; None where only waiting or a human helps."""
    if isinstance(error, SoundLost):
        return Symptom.SOUNDLESS
    if isinstance(error, PortLost | PortBusy):
        return None
    if isinstance(error, CommandTimeout):
        return Symptom.MUTE
    if isinstance(error, RemoteProtocolError):
        return Symptom.CONFUSED
    if isinstance(error, NotReady):
        return _BY_TROUBLE.get(Trouble(error.reason))
    return Symptom.REFUSING


@dataclass(frozen=True, slots=True)
class Tried:
    """A remedy, when (seconds on the loop's clock), and what came of it."""

    rung: Rung
    at: float
    note: str = ""


class Rescue:
    """Climbs for one modem."""

    def __init__(self, finder: Finder, usb: UsbSwitch) -> None:
        self.last: Tried | None = None
        self._finder, self._usb = finder, usb
        self._ladder = Ladder()
        #: Illnesses that come and go while the modem is well otherwise climb on their own.
        self._apart = {
            Symptom.SOUNDLESS: (sound := Ladder()), Symptom.WORN: sound,
            Symptom.NO_SERVICE: Ladder(),
        }  # fmt: skip
        self._given_up: float | None = None

    @property
    def given_up(self) -> bool:
        """Whether all remedies were tried, and a human has been called."""
        return self._given_up is not None

    def served(self) -> None:
        """Take note that the modem is well and has been for a while."""
        self._ladder.down()
        self._given_up = None

    def note(self, rung: Rung, note: str = "") -> None:
        """Write down a remedy that somebody else has tried."""
        now = asyncio.get_running_loop().time()
        self._ladder.note(rung, now)
        self.last = Tried(rung, now, note)

    def choose(self, symptom: Symptom, address: str, profile: Profile) -> Rung | None:
        """Return the next remedy, counted as tried; None when there is only patience."""
        now = asyncio.get_running_loop().time()
        if self._given_up is not None and now - self._given_up > HOUR:
            self.served()  # an hour later what failed may work
        ladder = self._apart.get(symptom, self._ladder)
        if ladder is not self._ladder and (symptom is Symptom.WORN or not ladder.tried(now)):
            ladder.down()  # nothing was tried on it within the hour
        step = ladder.next(symptom, self._reach(address, profile), now)
        if step.rung is None:
            return None
        self.last = Tried(step.rung, now, step.skipped)
        if step.rung is Rung.HUMAN:
            self._given_up = now
        _log.warning("recovery: %s (%s)", step.rung.value, step.skipped or "next")
        return step.rung

    def _reach(self, address: str, profile: Profile) -> Reach:
        return Reach(
            other_port=bool(self._finder.second(address)),
            reset=bool(profile.reset),
            usb=self._usb.permitted(self._finder.place_of(address)),
        )

    async def climb(self, rung: Rung, address: str, profile: Profile) -> None:
        """Do it, on a port nobody holds, and leave the device a moment. Raises nothing."""
        worked = True
        if rung is Rung.RADIO:
            worked = await remedies.cycle_radio(address)
        elif rung is Rung.RESET:
            worked = await remedies.restart(address, profile.reset)
        elif rung is Rung.USB:
            worked = await self._usb.cycle(self._finder.place_of(address))
        if not worked and self.last is not None:
            said = ", ".join(filter(None, ("no effect", self.last.note)))
            self.last = Tried(rung, self.last.at, said)
        await asyncio.sleep(_AFTER.get(rung, _PAUSE))
