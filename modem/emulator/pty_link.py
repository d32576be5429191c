"""One port of an emulated modem as a pseudo-terminal with a fixed name.

Job: relay bytes between a port and a pseudo-terminal; survive programs that open and close it;
vanish and return, under another number, when the modem is unplugged and replugged. Not its job:
the bytes. Used by `modem.emulator.terminal`.

The terminal's own side must stay open while nobody uses it, or the master reads EIO; and must
be let go while somebody does, or that program's going away would never be seen. So it is held
until the first byte arrives, and taken again when the master reads EIO.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import termios
import tty
from pathlib import Path
from typing import Final

from modem.emulator.audio import FRAME
from modem.emulator.device import Device
from modem.emulator.port import EmulatedPort
from modem.emulator.relay import until_either
from modem.errors import ModemError

_READ_AHEAD: Final = 4096
_OUTPUT_LIMIT: Final = 65536


async def link_forever(link: Path, device: Device, ready: asyncio.Event, *, audio: bool) -> None:
    """Show the port at ``link`` whenever the modem is plugged; remove the link when cancelled."""
    while True:
        await device.socket.appear()
        terminal = _Terminal(link, audio=audio)
        try:
            ready.set()
            while device.plugged:
                await terminal.session(device)
        finally:
            terminal.close()


class _Terminal:
    """A pseudo-terminal, raw, with a link to it."""

    def __init__(self, link: Path, *, audio: bool) -> None:
        self._audio = audio
        self._master, slave = pty.openpty()
        self._slave: int | None = slave
        self._name = os.ttyname(slave)
        tty.setraw(slave, termios.TCSANOW)
        os.set_blocking(self._master, False)
        self._link = link
        self._output = bytearray()
        if link.is_symlink():  # of an emulator that was killed; anything else stays, and is said
            link.unlink()
        link.symlink_to(self._name)

    def close(self) -> None:
        """Take the terminal away from whoever uses it; the link too."""
        if self._link.is_symlink() and str(self._link.readlink()) == self._name:
            self._link.unlink()
        self._let_go()
        os.close(self._master)

    async def session(self, device: Device) -> None:
        """Relay from a program's first byte until it closes the terminal, or the modem is gone."""
        self._hold()
        self._output.clear()
        await until_either(device.socket.vanish(), self._readable())
        if device.plugged:
            await self._relay(device)

    async def _relay(self, device: Device) -> None:
        try:
            port = device.open(audio=self._audio)
        except ModemError:  # held through another door: what is written here goes nowhere
            with contextlib.suppress(OSError):
                os.read(self._master, _READ_AHEAD)
            return
        try:
            await until_either(self._inwards(port), self._outwards(port))
        finally:
            asyncio.get_running_loop().remove_writer(self._master)
            await port.close()

    def _hold(self) -> None:
        if self._slave is None:
            self._slave = os.open(self._name, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self._slave, termios.TCSANOW)
            termios.tcflush(self._slave, termios.TCIFLUSH)

    def _let_go(self) -> None:
        if self._slave is not None:
            os.close(self._slave)
            self._slave = None

    async def _inwards(self, port: EmulatedPort) -> None:
        size = 2 * FRAME if self._audio else _READ_AHEAD
        while True:
            await self._readable()
            try:
                data = os.read(self._master, size)
            except BlockingIOError:
                continue
            except OSError:  # the program has closed the terminal
                return
            self._let_go()
            port.write(data)
            await port.drain()

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.add_reader(self._master, _settle, future)
        try:
            await future
        finally:
            loop.remove_reader(self._master)

    async def _outwards(self, port: EmulatedPort) -> None:
        while True:
            data = await port.read()
            room = FRAME if self._audio else _OUTPUT_LIMIT
            if len(self._output) < room:  # nobody reads: the line does not wait for them
                self._output += data
            self._flush()

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):  # full, or hung up: the reader will notice
            del self._output[: os.write(self._master, self._output)]
        if self._output:
            loop.add_writer(self._master, self._flush)
        else:
            loop.remove_writer(self._master)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
