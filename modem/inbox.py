"""What comes in: replies, status reports, messages waiting in the device's memory.

Job: decode, hand over, and only then delete: whoever takes an event has stored it when he
returns. Not its job: joining parts, matching reports (the gateway), reading the memory
(`modem.memory`). Notifications get lost, so the memory is read at the start and each minute as
well. For `modem.driver` only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from modem import commands
from modem.commands import Stored, fields_of, unquoted
from modem.connection import Notification
from modem.errors import CommandTimeout, PortLost, RemoteProtocolError
from modem.events import ModemEvent
from modem.link import Link
from modem.logs import log_for
from modem.memory import Memory
from modem.sms.incoming import decode_incoming

#: Seconds between two readings of the memory when nothing is announced.
POLL: Final = 60.0
_OURS: Final = frozenset({2, 3})  # stored unsent, stored sent: drafts of a former owner

#: The memory takes no more, and the network keeps what comes: Huawei, then SIMCom and Quectel.
_FULL: Final = ("^SMMEMFULL", "+SMS FULL", '+QIND: "smsfull"')

_log = log_for(__name__)


@dataclass(frozen=True, slots=True)
class _Routed:
    """Something that came directly, not by way of a memory; None: it could not be read."""

    event: ModemEvent | None


_Work = ModemEvent | _Routed | str

Taker = Callable[[ModemEvent], Awaitable[None]]


class Inbox:
    """Serves one link. ``busy`` tells when the memory must not be read (a call is on)."""

    def __init__(self, link: Link, take: Taker, busy: Callable[[], bool]) -> None:
        self.memory = Memory(link)
        #: Whether the device wants to hear that what it routes to us has been taken.
        self.acknowledges = False
        self._link, self._take, self._busy = link, take, busy
        self._work: asyncio.Queue[_Work] = asyncio.Queue()
        self._unreadable: set[str] = set()

    def notice(self, notification: Notification) -> bool:
        """Take a notification if it concerns messages; must not block."""
        line = notification.line
        if notification.pdu is not None:
            self._arrived(line, notification.pdu)
            return True
        if line.startswith(_FULL):
            self.look()
            return True
        if line.startswith(("+CMTI:", "+CDSI:")):
            fields = fields_of(line)
            self.look(unquoted(fields[0]) if fields else "")
            if line.startswith("+CDSI:"):  # some announce a report where it is not
                for storage in self._link.profile.report_storages:
                    self.look(storage)
            return True
        return False

    def look(self, storage: str = "") -> None:
        """Have the memory read soon; ``storage`` names it, the one in use if empty."""
        self._work.put_nowait(storage)

    def tell(self, event: ModemEvent) -> None:
        """Hand an event over in its turn."""
        self._work.put_nowait(event)

    def _arrived(self, line: str, pdu: str) -> None:
        if not line.startswith(("+CMT:", "+CDS:", "+CLASS0:")):
            return
        try:
            self._work.put_nowait(_Routed(decode_incoming(pdu)))
        except RemoteProtocolError as error:
            _log.warning("%s: %s", line.partition(":")[0], error)
            self._work.put_nowait(_Routed(None))

    async def run(self) -> None:
        """Serve for ever; the port's loss ends it."""
        while True:
            try:
                async with asyncio.timeout(POLL):
                    work = await self._work.get()
            except TimeoutError:
                work = ""
            try:
                await self._serve(work)
            except PortLost:
                return
            except CommandTimeout as error:  # told by whoever watches the health
                _log.warning("reading messages: %s", error)

    async def _serve(self, work: _Work) -> None:
        if isinstance(work, _Routed):
            await self._serve_routed(work)
        elif not isinstance(work, str):
            await self._hand_over(work)
        elif not self._busy():
            self._forget_repeated(work)
            await self.drain(work)

    def _forget_repeated(self, storage: str) -> None:
        """A burst of announcements needs one reading: drop the equal ones that wait behind."""
        waiting = [self._work.get_nowait() for _ in range(self._work.qsize())]
        for work in waiting:
            if work != storage:
                self._work.put_nowait(work)

    async def _hand_over(self, event: ModemEvent) -> bool:
        try:
            await self._take(event)
        except Exception:  # noqa: BLE001  # whatever the taker's fault, the message stays stored
            _log.exception("an incoming %s was not taken", type(event).__name__)
            return False
        return True

    async def _serve_routed(self, routed: _Routed) -> None:
        """Hand over what came directly, then let the device know where it waits for that.

        What cannot be read is acknowledged too: else the device stops telling us anything.
        """
        taken = routed.event is None or await self._hand_over(routed.event)
        if taken and self.acknowledges:
            await self._link.attempt(commands.ACKNOWLEDGE)

    async def drain(self, storage: str = "") -> None:
        """Read a memory, hand over what it holds, delete each message once taken."""
        async with self.memory.reading(storage):
            for stored in await self.memory.messages():
                if stored.status not in _OURS:
                    await self._serve_stored(stored)
        if not storage:
            await self.memory.measure()

    async def _serve_stored(self, stored: Stored) -> None:
        try:
            event = decode_incoming(stored.pdu)
        except RemoteProtocolError as error:
            if stored.pdu not in self._unreadable:
                self._unreadable.add(stored.pdu)
                _log.warning("message %d is left where it is: %s", stored.index, error)
            return
        if await self._hand_over(event):
            await self.memory.delete(stored)
