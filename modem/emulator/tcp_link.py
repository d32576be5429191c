"""One port of an emulated modem as a TCP socket on this machine.

Job: relay bytes between a port and one connection at a time. Not its job: the bytes. Used by
`modem.emulator.terminal` and by tests of ``socket://`` addresses.
"""

from __future__ import annotations

import asyncio
import contextlib

from modem.emulator.audio import FRAME
from modem.emulator.device import Device
from modem.emulator.port import EmulatedPort
from modem.emulator.relay import until_either
from modem.errors import ModemError


async def listen(device: Device, port: int, *, audio: bool = False) -> asyncio.Server:
    """Serve a device's port on 127.0.0.1; ``port`` 0 takes a free one. Raises OSError."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _relay(device.open(audio=audio), reader, writer, audio=audio)
        except ModemError:  # held by another connection, or unplugged: hang up
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    return await asyncio.start_server(serve, "127.0.0.1", port, limit=4 * FRAME)


async def _relay(
    port: EmulatedPort,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    *,
    audio: bool,
) -> None:
    try:
        await until_either(_inwards(port, reader, audio=audio), _outwards(port, writer))
    finally:
        await port.close()


async def _inwards(port: EmulatedPort, reader: asyncio.StreamReader, *, audio: bool) -> None:
    while data := await reader.read(2 * FRAME if audio else 4096):
        port.write(data)
        await port.drain()


async def _outwards(port: EmulatedPort, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(await port.read())
        await writer.drain()
