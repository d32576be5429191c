"""The service centre's number: without it nothing leaves (CMS 330), and devices lose it.

Job: read it, see whether it can be one, put back the one this SIM had. Some devices forget it
when told other things about SMS, and some print nonsense until the network has been found. Not
its job: knowing an operator's number. For `modem.driver` and `modem.sending`.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Final

from modem import commands
from modem.commands import Command
from modem.link import Link
from modem.logs import log_for

#: A first reading that makes no sense is repeated so many times, so many seconds apart.
_READINGS: Final = 2
_PAUSE: Final = 1.0
_INTERNATIONAL, _NATIONAL = 145, 129

_log = log_for(__name__)


class ServiceCentre:
    """The number for one SIM. ``known`` remembers numbers by ICCID beyond one connection."""

    def __init__(self, link: Link, known: MutableMapping[str, str]) -> None:
        self.number = ""
        self._link, self._known = link, known

    async def look(self, iccid: str) -> str:
        """Read the number; restore the one remembered when there is none. Empty: none at all."""
        self.number = await self._read()
        if self.number:
            self._known[iccid] = self.number
        elif iccid in self._known:
            await self._restore(self._known[iccid])
        return self.number

    async def _read(self) -> str:
        for reading in range(_READINGS):
            if reading:
                await asyncio.sleep(_PAUSE)
            number = await self._link.wish(commands.SERVICE_CENTRE)
            if number is None or number:
                return number or ""
        return ""

    async def _restore(self, number: str) -> None:
        kind = _INTERNATIONAL if number.startswith("+") else _NATIONAL
        command: Command[None] = commands.SET_SERVICE_CENTRE
        await self._link.wish(command, number=number, kind=kind)
        self.number = await self._read()
        _log.warning("service centre lost; put back: %s", "yes" if self.number else "refused")
