"""Who rings us: asked once whether they are to be let in, and for how long they may wait.

Job: from the first RING to the moment somebody picks up, sends the caller away, or the caller
gives up. An incoming call blocks every outgoing one, so nobody rings for ever. Not its job: the
call itself (`modem.voice`), who is worth an answer (the gateway). Times come from the running
loop. For `modem.driver`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

#: Seconds between the first RING and the question: the caller's number comes in between.
BELL: Final = 1.0
#: Seconds a caller whom somebody wants to answer may ring; networks give up after 30 to 60.
PATIENCE: Final = 25.0
#: Seconds without a RING after which the caller has gone: five between two is the rule.
SILENCE: Final = 9.0


class Door:
    """The door of one modem. ``wanted`` is asked who may ring on; without it nobody may.

    ``turn_away`` is awaited with the number of whoever was not answered.
    """

    def __init__(self, turn_away: Callable[[str], Awaitable[None]]) -> None:
        self.wanted: Callable[[str], bool] | None = None
        self._turn_away = turn_away
        self._number = ""
        self._ringing = self._opened = self._asked = False
        self._rang_at = 0.0
        self._left, self._free = asyncio.Event(), asyncio.Event()
        self._free.set()

    def rings(self) -> bool:
        """Hear a RING; return whether it is the first of a new caller: then `attend`."""
        self._rang_at = asyncio.get_running_loop().time()
        if self._ringing:
            return False
        self._ringing = True
        self._number = ""
        self._left.clear()
        self._free.clear()
        return True

    @property
    def undecided(self) -> bool:
        """Whether somebody rings and nobody has been asked yet: within `BELL` they will be."""
        return self._ringing and not self._asked

    def caller(self, number: str) -> None:
        """Hear who it is; empty for somebody who hides it."""
        self._number = number

    async def attend(self) -> None:
        """See one caller through: until they are let in, sent away or gone."""
        now = asyncio.get_running_loop().time
        try:
            await asyncio.sleep(BELL)
            self._asked = True
            until = now() + PATIENCE
            if self.wanted is not None and self.wanted(self._number):
                while not self._left.is_set() and now() < min(until, self._rang_at + SILENCE):
                    await self._wait(min(until, self._rang_at + SILENCE) - now())
            if not self._opened:
                self._ringing = False  # from here on nobody picks up any more
                await self._turn_away(self._number)
        finally:
            self._ringing = self._opened = self._asked = False
            self._free.set()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._left.wait()
        except TimeoutError:
            pass

    def open(self) -> bool:
        """Let the caller in; return whether there still is one."""
        if not self._ringing:
            return False
        self._opened = True
        self._left.set()
        return True

    async def clear(self) -> None:
        """Send away whoever rings, and return when nobody does."""
        if not self._free.is_set():
            self._left.set()
            await self._free.wait()
