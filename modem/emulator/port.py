"""The host's end of an emulated serial port, in the same process.

Job: bytes both ways with the habits of a serial port: no message borders, exclusive, and gone
when the device is. Not its job: what the bytes mean. Times come from the running loop. Handed
out by `modem.emulator.registry`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from modem.errors import PortBusy, PortLost


class EmulatedPort:
    """What `open_port` returns: one reader, one writer."""

    def __init__(
        self,
        name: str,
        consume: Callable[[bytes], None],
        on_close: Callable[[], None],
        blocked: Callable[[], asyncio.Future[None] | None] | None = None,
    ) -> None:
        self.name = name
        self._consume, self._on_close, self._blocked = consume, on_close, blocked
        self._buffer = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._lost = ""

    async def read(self) -> bytes:
        """Return what has arrived, waiting for at least one byte. Raises PortLost."""
        while True:
            self._check()
            if self._buffer:
                data = bytes(self._buffer)
                self._buffer.clear()
                return data
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def write(self, data: bytes) -> None:
        """Hand bytes to the device, which sees them on the loop's next turn. Raises PortLost."""
        self._check()
        asyncio.get_running_loop().call_soon(self._pass, bytes(data))

    async def drain(self) -> None:
        """Wait until the device has taken what was written. Raises PortLost."""
        self._check()
        if self._blocked is None:
            return
        await asyncio.sleep(0)
        while (future := self._blocked()) is not None:
            await future
            self._check()

    async def close(self) -> None:
        """Let go of the port; closing twice is harmless."""
        if not self._lost:
            self.lose("closed")
            self._on_close()

    def deliver(self, data: bytes) -> None:
        """Make bytes arrive at the host (called by the device)."""
        if not self._lost:
            self._buffer += data
            self._wake()

    def lose(self, why: str) -> None:
        """Take the port away from the host (called by the device)."""
        self._lost = why
        self._buffer.clear()
        self._wake()

    def discard(self) -> None:
        """Forget what the host has not read yet (called by the device)."""
        self._buffer.clear()

    def _pass(self, data: bytes) -> None:
        if not self._lost:
            self._consume(data)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _check(self) -> None:
        if self._lost:
            raise PortLost(f"emulator:{self.name} {self._lost}")


class Socket:
    """Where one port of a device is plugged: holds at most one `EmulatedPort`."""

    def __init__(
        self,
        name: str,
        consume: Callable[[bytes], None],
        blocked: Callable[[], asyncio.Future[None] | None] | None = None,
    ) -> None:
        self.name = name
        self._consume, self._blocked = consume, blocked
        self.port: EmulatedPort | None = None
        self.present = True
        self.plugs = 0  # how often it has come back
        self._hopes: list[asyncio.Future[None]] = []

    def open(self) -> EmulatedPort:
        """Open the port. Raises PortLost when the device is unplugged, PortBusy when held."""
        if not self.present:
            raise PortLost(f"emulator:{self.name} is not there")
        if self.port is not None:
            raise PortBusy(f"emulator:{self.name}", "another part of this process")
        self.port = EmulatedPort(self.name, self._consume, self._closed, self._blocked)
        return self.port

    def deliver(self, data: bytes) -> bool:
        """Send bytes to the host; False when nobody has the port open, and they are lost."""
        if self.port is None:
            return False
        self.port.deliver(data)
        return True

    def unplug(self) -> None:
        """Take the port away, from its holder too."""
        self.present = False
        if self.port is not None:
            self.port.lose("was unplugged")
            self.port = None
        self._changed()

    def replug(self) -> None:
        """Bring the port back."""
        self.present = True
        self.plugs += 1
        self._changed()

    async def appear(self) -> None:
        """Wait until the port exists."""
        while not self.present:
            await self._change()

    async def vanish(self) -> None:
        """Wait until the port is gone."""
        while self.present:
            await self._change()

    async def _change(self) -> None:
        hope = asyncio.get_running_loop().create_future()
        self._hopes.append(hope)
        await hope

    def _changed(self) -> None:
        hopes, self._hopes = self._hopes, []
        for hope in hopes:
            if not hope.done():
                hope.set_result(None)

    def _closed(self) -> None:
        self.port = None
