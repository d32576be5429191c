"""A village's line takes minutes for a convocation with its plans."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.config import RelaySettings
from gateway.mail import session

TEXT = b"Subject: Conseil\r\n\r\n" + (b"x" * 76 + b"\r\n") * 120_000
ENVELOPE = session.Envelope("mairie@la-redorte.example", "anne@example.org")


@asynccontextmanager
async def offered(
    take: Callable[[asyncio.StreamReader], Awaitable[str]],
) -> AsyncIterator[session.Giving]:
    """Come as far as the text with a relay that takes it its own way, and says what it says."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay.example\r\n")
        while line := await reader.readline():
            writer.write(b"354 go\r\n" if line.startswith(b"DATA") else b"250 ok\r\n")
            if line.startswith(b"DATA"):
                writer.write(f"{await take(reader)}\r\n".encode())
                break
        writer.transport.abort()
        over.set()

    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
    small.bind(("127.0.0.1", 0))
    async with await asyncio.start_server(serve, sock=small, limit=16 * 1024) as server:
        smtp = await session.connect(RelaySettings(port=small.getsockname()[1]))
        # a line of its own size: on this machine all would fit into what waits to leave
        line = smtp.transport
        assert line is not None
        line.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
        giving = session.Giving(smtp)
        await giving.offer(ENVELOPE, len(TEXT))
        yield giving
        assert isinstance(line, asyncio.Transport)
        line.abort()
        await over.wait()
        server.close()


async def test_a_slow_line_is_waited_for_while_it_takes_something() -> None:
    """Ten megabytes at sixty kilobytes a second: nobody's convocation ends as uncertain."""
    seen = bytearray()

    async def slowly(reader: asyncio.StreamReader) -> str:
        while not seen.endswith(b"\r\n.\r\n"):
            seen.extend(await reader.read(64 * 1024))
            await asyncio.sleep(1)
        return "250 2.0.0 queued"

    async with offered(slowly) as giving:
        began = asyncio.get_running_loop().time()
        assert "queued" in await giving.give(TEXT)
        took = asyncio.get_running_loop().time() - began

    assert took > session.DOT_LIMIT
    assert len(seen) == len(TEXT) + 3


async def test_a_line_cut_in_the_middle_leaves_no_doubt() -> None:
    """Without its final dot no relay takes a mail: it is given again whole, and is no double."""

    async def not_at_all(_: asyncio.StreamReader) -> str:
        await asyncio.sleep(600)
        return "421 enough"

    async with offered(not_at_all) as giving:
        with pytest.raises(session.Gone):
            await giving.give(TEXT)


async def test_a_refusal_half_way_is_heard() -> None:
    """A relay that has seen enough says so before the end, and hangs up."""

    async def enough(reader: asyncio.StreamReader) -> str:
        await reader.read(1024)
        return "552 5.3.4 too big"

    async with offered(enough) as giving:
        with pytest.raises(session.Refusal) as refused:
            await giving.give(TEXT)

    assert refused.value.code == 552
