"""One answered call being spoken: cue by cue, listening for keys, machines and the end.

What is said and what a key does is the script's; what an alert needs goes first. Imported by the
voice channel and by whoever answers the telephone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final, Protocol

from gateway.channels.call_script import Cue, Part, Say, Wait
from modem.errors import ModemError, PortLost
from modem.events import DigitPressed, MachineHeard, MachineSign, ReleaseCause, Released
from modem.voice import AHEAD, VoiceCall

#: After the last word, so that it is heard whole before the line goes dead (seconds).
LEAD_OUT: Final = AHEAD + 0.2


class Script(Protocol):
    """What a call says next, and what it makes of what it hears. Pure."""

    def next(self) -> Cue | None:
        """Return what to do now; None to hang up."""
        ...

    def key(self, digit: str) -> bool:
        """Take a key; return whether what is being said must stop at once."""
        ...

    def machine(self, *, beep: bool) -> bool:
        """Hear a sign of a machine; return whether what is being said must stop at once."""
        ...


class Performance:
    """One script in one call; its tasks live and die with `run`. ``released`` is its end."""

    def __init__(
        self, call: VoiceCall, sounds: Mapping[Part, bytes], script: Script, preempt: asyncio.Event
    ) -> None:
        self._call, self._sounds, self._script, self._preempt = call, sounds, script, preempt
        self.released: Released | None = None
        self._saying: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Speak until the script ends, the person hangs up, or an alert needs the modem."""
        async with asyncio.TaskGroup() as tasks:
            ear = tasks.create_task(self._listen(), name="call:listen")
            guard = tasks.create_task(self._give_way(), name="call:give-way")
            try:
                await self._speak(tasks)
                await self._excuse()
            finally:
                ear.cancel()
                guard.cancel()

    async def _speak(self, tasks: asyncio.TaskGroup) -> None:
        """Perform cue by cue. All is heard `AHEAD` late: the first silence is shorter for it."""
        early = AHEAD
        while not self._over and (cue := self._script.next()) is not None:
            if isinstance(cue, Wait):
                cue = Wait(max(cue.seconds - early, 0.0))
            early = 0.0
            self._saying = tasks.create_task(self._perform(cue), name="call:say")
            await asyncio.wait({self._saying})
        if not self._over:
            await asyncio.sleep(LEAD_OUT)

    async def _excuse(self) -> None:
        """Say why the call ends, to somebody still there, when an alert needs the modem."""
        if self.released is not None or not self._preempt.is_set():
            return
        if Part.EXCUSE in self._sounds:
            await self._perform(Say(Part.EXCUSE))
            await asyncio.sleep(LEAD_OUT)

    async def _perform(self, cue: Cue) -> None:
        try:
            if isinstance(cue, Say):
                await self._call.play(self._sounds[cue.part])
            else:
                await asyncio.sleep(cue.seconds)
        except PortLost as error:
            self.released = self.released or Released(ReleaseCause.LOST, str(error))
        except ModemError:
            pass  # the call ended under the sentence: why, the release itself will tell

    async def _listen(self) -> None:
        while self.released is None:
            event = await self._call.next_event()
            if isinstance(event, Released):
                self.released = event
                self._interrupt()
            elif isinstance(event, DigitPressed) and not self._over:
                self._heed(stop=self._script.key(event.digit))
            elif isinstance(event, MachineHeard) and not self._over:
                self._heed(stop=self._script.machine(beep=event.sign is MachineSign.BEEP))

    async def _give_way(self) -> None:
        await self._preempt.wait()
        self._interrupt()

    def _heed(self, *, stop: bool) -> None:
        if stop:
            self._interrupt()

    def _interrupt(self) -> None:
        if self._saying is not None:
            self._saying.cancel()

    @property
    def _over(self) -> bool:
        return self.released is not None or self._preempt.is_set()
