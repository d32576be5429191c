"""Ports: the only file of the product that opens one.

Job: an address becomes a `Port`: a serial device (``/dev/...``), ``socket://host:port``,
``alsa:CARD`` for sound (`modem.soundcard`), or ``emulator:NAME``. Not its job: what is said on it
(`modem.link`). Every failure of the system underneath comes out as `PortLost` or `PortBusy`. For
`modem.link`, `modem.driver` and the supervisor.
"""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol

from modem.errors import PortBusy, PortLost

#: Seconds for a connection over the network to stand.
CONNECT_LIMIT: Final = 10.0
_CHUNK: Final = 4096


class Port(Protocol):
    """Bytes to and from one port of a modem."""

    async def read(self) -> bytes:
        """Return some bytes, at least one; raise PortLost when the port is gone."""
        ...

    def write(self, data: bytes) -> None:
        """Queue ``data``; a lost port is told by `read` and `drain`."""
        ...

    async def drain(self) -> None:
        """Wait until the queue is short again; raise PortLost when the port is gone."""
        ...

    async def close(self) -> None:
        """Close, whatever state the port is in."""
        ...


class StreamPort:
    """A port over asyncio streams: serial devices (at ``path``) and sockets."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str = ""
    ) -> None:
        self._reader, self._writer, self._path = reader, writer, path

    async def read(self) -> bytes:
        """Return what has come, waiting for the first byte."""
        try:
            data = await self._reader.read(_CHUNK)
        except OSError as error:  # pyserial's SerialException is one
            raise PortLost(self._told(str(error))) from error
        if not data:
            raise PortLost(self._told("end of stream"))
        return data

    def _told(self, said: str) -> str:
        """Add what the system does not tell: it says the same of a thief and of an unplugging."""
        if not self._path:
            return said
        there = Path(self._path).exists()
        why = "still there: perhaps another program reads it" if there else "gone: unplugged"
        return f"{self._path} is {why} ({said})"

    def write(self, data: bytes) -> None:
        """Queue ``data``."""
        if not self._writer.is_closing():
            self._writer.write(data)

    async def drain(self) -> None:
        """Wait for room in the queue."""
        try:
            await self._writer.drain()
        except OSError as error:
            raise PortLost(str(error)) from error

    async def close(self) -> None:
        """Close; the same error that ended the port comes again here, and is known already."""
        self._writer.close()
        try:
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()


async def open_port(address: str, *, baudrate: int = 115200) -> Port:
    """Open ``address``; raise PortLost when it is not there, PortBusy when another has it."""
    if address.startswith("emulator:"):
        return _open_emulated(address.removeprefix("emulator:"))
    if address.startswith("alsa:"):
        from modem.soundcard import open_card

        return await open_card(address.removeprefix("alsa:"))
    if address.startswith("socket://"):
        return await _open_socket(address.removeprefix("socket://"))
    return await _open_serial(address, baudrate)


def _open_emulated(name: str) -> Port:
    from modem.emulator.registry import open_port as open_emulated

    port: Port = open_emulated(name)
    return port


async def _open_socket(place: str) -> Port:
    host, _, port = place.rpartition(":")
    try:
        async with asyncio.timeout(CONNECT_LIMIT):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    except (OSError, ValueError, TimeoutError) as error:
        raise PortLost(f"socket://{place}: {str(error) or 'no answer'}") from error
    return StreamPort(reader, writer)


async def _open_serial(path: str, baudrate: int) -> Port:
    holder = await _holder_aside(path)
    if holder:
        raise PortBusy(path, holder)
    import serial
    from serial_asyncio_fast import open_serial_connection

    try:
        reader, writer = await open_serial_connection(url=path, baudrate=baudrate, exclusive=True)
    except (OSError, ValueError, serial.SerialException) as error:
        if _is_busy(error):
            raise PortBusy(path, await _holder_aside(path)) from error
        raise PortLost(f"{path}: {error}") from error
    return StreamPort(reader, writer, path)


def _is_busy(error: Exception) -> bool:
    code = getattr(error, "errno", None)
    return code in {errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK} or "lock" in str(error)


async def _holder_aside(path: str) -> str:
    """Look through /proc in a thread: with many processes it takes longer than an audio frame."""
    with ThreadPoolExecutor(1, "port-holder") as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, holder_of, path)


def holder_of(path: str) -> str:
    """Return "name (pid)" of another process that has ``path`` open, empty if none is seen.

    The master side of a pseudo-terminal keeps its slave open: such a process is the device
    itself, not a rival.
    """
    device = _device(Path(path))
    if device is None:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        if process.name != str(os.getpid()) and _holds(process, device):
            return _name_of(process)
    return ""


def _device(path: Path) -> int | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_rdev if stat.S_ISCHR(found.st_mode) else None


def _holds(process: Path, device: int) -> bool:
    try:
        opened = list((process / "fd").iterdir())
        return any(_device(file) == device for file in opened) and not any(
            "ptmx" in str(file.readlink()) for file in opened
        )
    except OSError:
        return False


def _name_of(process: Path) -> str:
    try:
        name = (process / "comm").read_text().strip()
    except OSError:
        name = "a program"
    return f"{name} ({process.name})"
