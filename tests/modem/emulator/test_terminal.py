"""The emulator as another program meets it: pseudo-terminals and sockets, in real time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import termios
import tty
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from modem.emulator import Network, Pace
from modem.emulator.tcp_link import listen
from modem.emulator.terminal import main
from tests.modem.emulator.host import FLOOD, PHONE, SUB


class Terminal:
    """A program that has opened one end of a pseudo-terminal."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.fd, termios.TCSANOW)

    def write(self, data: bytes) -> None:
        os.write(self.fd, data)

    async def until(self, *ends: bytes) -> bytes:
        """Read until one of ``ends`` has come."""
        said = b""
        async with asyncio.timeout(10):
            while not any(end in said for end in ends):
                readable = asyncio.Event()
                asyncio.get_running_loop().add_reader(self.fd, readable.set)
                try:
                    await readable.wait()
                finally:
                    asyncio.get_running_loop().remove_reader(self.fd)
                chunk = os.read(self.fd, 4096)
                if not chunk:
                    raise EOFError(said)
                said += chunk
        return said

    async def says(self, text: str, *ends: bytes) -> bytes:
        self.write(text.encode())
        return await self.until(*(ends or (b"OK\r\n", b"ERROR")))

    def close(self) -> None:
        os.close(self.fd)


@contextlib.asynccontextmanager
async def emulator(directory: Path, *arguments: str) -> AsyncIterator[dict[str, object]]:
    """Run ``python -m modem.emulator`` and give its first line."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "modem.emulator", "--dir", str(directory)),
        *("--pace", "fast", *arguments),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            yield json.loads(await process.stdout.readline())
    finally:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await process.wait() == 0


@pytest.mark.real_time
async def test_a_message_and_a_call_pass_over_pseudo_terminals(tmp_path: Path) -> None:
    """Opened, used, closed and opened again, as a daemon does that is restarted."""
    cast = tmp_path / "cast.json"
    cast.write_text('{"*": {"hangs_up_after": 1.0}}', encoding="utf-8")
    async with emulator(tmp_path, "--modems", "2", "--cast", str(cast)) as ready:
        modems = ready["modems"]
        assert isinstance(modems, list)
        assert [entry["at"] for entry in modems] == [
            str(tmp_path / "modem-1.at"),
            str(tmp_path / "modem-2.at"),
        ]
        first = Terminal(tmp_path / "modem-1.at")
        assert await first.says("ATE0\r") == b"ATE0\r\r\nOK\r\n"
        await first.says("AT+CMGS=41\r", b"> ")
        assert await first.says(FLOOD + SUB) == b"\r\n+CMGS: 1\r\n\r\nOK\r\n"
        first.close()

        again = Terminal(tmp_path / "modem-1.at")
        assert await again.says("AT+CSQ\r") == b"\r\n+CSQ: 19,99\r\n\r\nOK\r\n"
        await again.says("ATD0612345678;\r", b"VOICE CALL: BEGIN\r\n")
        while b"OK" not in await again.says("AT+CPCMREG=1\r"):
            pass
        audio = Terminal(tmp_path / "modem-1.audio")
        audio.write(b"\1\2" * 160 * 5)
        assert len(await audio.until(bytes(320))) >= 320
        assert b"NO CARRIER" in await again.until(b"NO CARRIER")
        again.close()
        audio.close()
    lines = (tmp_path / "handsets.jsonl").read_text(encoding="utf-8").splitlines()
    sms, call = map(json.loads, lines)
    assert (sms["to"], sms["text"]) == (PHONE, "Alerte crue: restez chez vous.")
    pcm = (tmp_path / call["wav"]).read_bytes()[44:]
    assert pcm.strip(b"\0") == b"\1\2" * 160 * 5
    assert not (tmp_path / "modem-1.at").is_symlink()


@pytest.mark.real_time
async def test_a_modem_that_resets_returns_under_the_same_name(tmp_path: Path) -> None:
    """Its terminal is gone like an unplugged device, and another stands at the same link."""
    async with emulator(tmp_path):
        link = tmp_path / "modem-1.at"
        before = Terminal(link)
        await before.says("AT+CRESET\r")
        with pytest.raises((EOFError, OSError)):
            await before.until(b"never")
        before.close()
        async with asyncio.timeout(10):
            while not link.exists():  # noqa: ASYNC110  # another process makes it
                await asyncio.sleep(0.02)

        after = Terminal(link)
        assert await after.says("AT\r") == b"AT\r\r\nOK\r\n"
        after.close()


@pytest.mark.real_time
async def test_a_socket_holds_the_port_alone() -> None:
    """A second connection is hung up on; after the first, the next is served."""
    network = Network(seed=1, pace=Pace.FAST)
    server = await listen(network.add_modem("m"), 0)
    number = server.sockets[0].getsockname()[1]
    async with server, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", number)
        writer.write(b"ATE0\r")
        assert await reader.readuntil(b"OK\r\n") == b"ATE0\r\r\nOK\r\n"
        second, other = await asyncio.open_connection("127.0.0.1", number)
        assert await second.read() == b""
        for one in (writer, other):
            one.close()
            await one.wait_closed()

        reader, writer = await asyncio.open_connection("127.0.0.1", number)
        writer.write(b"AT\r")
        assert await reader.readuntil(b"OK\r\n") == b"\r\nOK\r\n"
        writer.close()
        await writer.wait_closed()


def test_a_file_in_the_place_of_a_link_is_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is somebody's; the emulator says so and stops."""
    (tmp_path / "modem-1.at").write_text("mine", encoding="utf-8")

    assert main(["--dir", str(tmp_path)]) == 1
    assert "modem-1.at is in the way" in capsys.readouterr().err
    assert (tmp_path / "modem-1.at").read_text(encoding="utf-8") == "mine"


def test_a_bad_cast_is_said_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 1, and the file and the mistake on standard error."""
    cast = tmp_path / "cast.json"
    cast.write_text("{", encoding="utf-8")

    assert main(["--dir", str(tmp_path), "--cast", str(cast)]) == 1
    assert "cast.json: not JSON" in capsys.readouterr().err
