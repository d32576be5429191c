"""The device's message memories: read whole, emptied one by one, and how full they are.

Job: list what a memory holds, by AT+CMGL where that can be trusted, place by place where it
hangs or lies; delete exactly the message that was read. Not its job: what the messages mean
(`modem.inbox`). For `modem.inbox` only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from modem import commands
from modem.commands import Stored, Usage
from modem.errors import CommandFailed, CommandTimeout, RemoteProtocolError
from modem.link import Link
from modem.logs import log_for
from modem.refusal import code_of

#: Memories that only reports live in: they can be read, not chosen for what comes in.
_FOR_REPORTS: Final = frozenset({"SR", "BM"})
#: The largest memory seen has 255 places; more is a device talking nonsense.
_MOST_PLACES: Final = 255
#: +CMS ERROR: 321: no message has this place.
_EMPTY: Final = 321

_log = log_for(__name__)


class Memory:
    """The memories of one device. ``usage`` is that of the one messages arrive in."""

    def __init__(self, link: Link) -> None:
        self.usage: Usage | None = None
        self._link = link
        #: None: nobody has looked yet whether AT+CMGL names places as AT+CMGR does.
        self._list_is_true: bool | None = None

    @asynccontextmanager
    async def reading(self, storage: str) -> AsyncIterator[None]:
        """Have commands work on ``storage`` meanwhile; the one in use if empty."""
        home = self._link.profile.storages[0]
        if not storage or storage == home:
            yield
            return
        command = commands.READ_STORAGE if storage in _FOR_REPORTS else commands.USE_STORAGE
        await self._link.attempt(command, storage=storage, home=home)
        try:
            yield
        finally:
            if self._link.lost is None:
                await self._link.attempt(commands.USE_STORAGE, storage=home)

    async def messages(self) -> tuple[Stored, ...]:
        """Return all messages there are. Raises PortLost, and CommandTimeout if nothing helps."""
        listed = await self._listed()
        if self._list_is_true is None and listed:
            self._list_is_true = await self._is_there(listed[0])
        if self._list_is_true is not False and listed is not None:
            return listed
        found = await self._place_by_place()
        if listed and not found:  # the places are what is broken here: the list is all there is
            self._list_is_true = True
            return listed
        return found

    async def _listed(self) -> tuple[Stored, ...] | None:
        """Return what AT+CMGL says; None where it is refused, hangs, or was found to lie."""
        if self._list_is_true is False:
            return None
        try:
            return await self._link.attempt(commands.LIST_MESSAGES)
        except CommandTimeout:
            _log.warning("AT+CMGL does not answer: reading place by place")
            self._list_is_true = False
            return None

    async def delete(self, stored: Stored) -> None:
        """Delete one message; a refusal is only logged."""
        try:
            await self._link.request(commands.DELETE_MESSAGE, index=stored.index)
        except CommandFailed as error:
            _log.warning("message %d could not be deleted: %s", stored.index, error)

    async def measure(self) -> None:
        """Read how full the memory is; what a device does not tell stays as it was."""
        self.usage = await self._link.attempt(commands.USAGE) or self.usage

    async def _is_there(self, stored: Stored) -> bool:
        """Tell whether a message lies where the list says; a device without AT+CMGR is believed."""
        try:
            there = await self._link.request(commands.READ_MESSAGE, index=stored.index)
        except CommandFailed as refused:
            return code_of(refused) != _EMPTY
        except RemoteProtocolError:
            return True
        return there is not None and there.pdu == stored.pdu

    async def _place_by_place(self) -> tuple[Stored, ...]:
        usage = await self._link.attempt(commands.USAGE)
        if usage is None:
            return ()
        found: list[Stored] = []
        for index in range(min(usage.total, _MOST_PLACES) + 1):  # some count from 0
            if len(found) >= usage.used:
                break
            stored = await self._link.attempt(commands.READ_MESSAGE, index=index)
            if stored is not None:
                found.append(Stored(index, stored.status, stored.pdu))
        return tuple(found)
