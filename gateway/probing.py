"""Asks the outside whether it is there, where nothing else has asked for a while.

A real exchange each time: the relay's greeting, its encryption and its answer to EHLO; never a
ping, which a router answers that leads nowhere.
"""

from __future__ import annotations

import asyncio
from typing import Final

from gateway.clock import Clock
from gateway.config import RelaySettings
from gateway.mail import session
from gateway.services.outage import Witness

#: Seconds without a word before one is asked for, the time an answer may take, and the pause
#: before asking again where none came. Together they stay below a minute.
QUIET: Final = 30.0
TIME_LIMIT: Final = 8.0
AGAIN: Final = 2.0
#: While it is cut, one asks so often (seconds): the return is noticed soon, at little cost.
WHILE_CUT: Final = 10.0
#: A relay of this same machine is asked more seldom: no cable leads to it.
QUIET_HERE: Final = 600.0
#: Mails it refused so long ago (seconds), with none since, say nothing of now.
FORGIVEN: Final = 3600.0


_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Probing:
    """Keeps asking the relay."""

    def __init__(self, relay: RelaySettings, clock: Clock, witness: Witness) -> None:
        # nobody logs in to say hello: a hosted relay counts logins
        self._relay = relay.model_copy(update={"username": None, "password_file": None})
        self._clock, self._witness = clock, witness
        self._quiet = QUIET_HERE if relay.host in _HERE else QUIET
        self._greeted_at, self._turned_away = float("-inf"), False

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            await asyncio.sleep(self._pause())
            if not self._in_doubt() and self._heard() < self._quiet:
                continue
            await self.ask()

    def _in_doubt(self) -> bool:
        """Whether it fell silent and has not greeted since; refusing one mail is no silence."""
        line = self._witness.line
        silent = line.silences > 0 and line.failed_at > self._greeted_at
        return line.since is not None and (silent or self._turned_away)

    def _heard(self) -> float:
        """Return how long ago (seconds) the relay last said something."""
        line = self._witness.line
        at = max(line.answered_at or 0.0, line.refused_at, self._greeted_at)
        return self._clock.now() - at

    def _pause(self) -> float:
        if self._in_doubt():
            return WHILE_CUT if self._witness.line.useless else AGAIN
        return max(self._quiet - self._heard(), 1.0)

    async def ask(self) -> None:
        """Ask once."""
        self._turned_away = False
        try:
            async with asyncio.timeout(TIME_LIMIT):
                smtp = await session.connect(self._relay, limit=TIME_LIMIT)
                await session.leave(smtp)
        except session.Refusal as refusal:
            self._turned_away = True
            self._witness.failed(f"refusé : {refusal.code}", reached=True)
        except (session.Gone, TimeoutError) as error:
            self._witness.failed(str(error), reached=False)
        else:
            self._there()

    def _there(self) -> None:
        """It greets: what it refused lately it may refuse yet, until a mail is taken."""
        line = self._witness.line
        self._greeted_at = self._clock.now()
        if not line.refusals or self._clock.now() - line.refused_at > FORGIVEN:
            self._witness.answered()
