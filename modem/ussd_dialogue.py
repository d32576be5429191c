"""USSD on one link: a code goes out, the reply comes in its own time.

Job: ask in the spelling this device takes, learn which that is, wait for ``+CUSD``. Not its
job: the spellings (`modem.ussd`). For `modem.driver` only.
"""

from __future__ import annotations

import asyncio
from typing import Final

from modem.errors import CommandFailed, CommandTimeout, RemoteProtocolError
from modem.link import Link
from modem.profiles.base import UssdForm
from modem.ussd import ASK, CANCEL, TEXT_MODE, UssdReply, parse_reply, request_text

#: Seconds for the network to answer; services behind it are slow.
_REPLY: Final = 60.0


class UssdDialogue:
    """One question at a time."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._form: UssdForm | None = None
        self._waiting: asyncio.Future[UssdReply] | None = None

    def notice(self, line: str) -> bool:
        """Take a notification if it is a USSD reply."""
        if not line.startswith("+CUSD:"):
            return False
        waiting = self._waiting
        if waiting is not None and not waiting.done():
            try:
                waiting.set_result(parse_reply(line))
            except RemoteProtocolError as error:
                waiting.set_exception(error)
        return True

    async def ask(self, code: str) -> UssdReply:
        """Ask ``code``; return the reply. Raises CommandFailed, CommandTimeout, PortLost."""
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            await self._say(code)
            async with asyncio.timeout(_REPLY):
                return await self._waiting
        except TimeoutError:
            await self._link.attempt(CANCEL)
            raise CommandTimeout("no USSD reply") from None
        finally:
            self._waiting.cancel()
            self._waiting = None

    async def _say(self, code: str) -> None:
        """Say it as the profile has it, then, if refused, in the other spelling; remember."""
        first = self._form or self._link.profile.ussd
        other = UssdForm.PLAIN if first is UssdForm.PACKED else UssdForm.PACKED
        try:
            await self._link.request(ASK, text=request_text(code, first))
        except CommandFailed:
            if self._form is not None:
                raise
            if other is UssdForm.PLAIN:
                await self._link.attempt(TEXT_MODE)
            await self._link.request(ASK, text=request_text(code, other))
            first = other
        self._form = first
