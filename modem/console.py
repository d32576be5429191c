"""A technician's line to a modem: raw commands, raw answers, all of it kept as a transcript.

Job: say one line, return what comes until a result or silence. Not its job: knowing what the
lines mean (`modem.connection`). The port must be free: the supervisor lends it. For port tools.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from modem.errors import LocalProtocolError
from modem.transport import Port, open_port

#: Seconds for a result to come; the network may be asked.
ANSWER_LIMIT: Final = 60.0
#: Seconds without a byte after which an answer without a result counts as whole.
_QUIET: Final = 1.5
_RESULT: Final = re.compile(
    r"(OK|ERROR|NO CARRIER|BUSY|NO ANSWER|NO DIAL ?TONE|COMMAND NOT SUPPORT"
    r"|TOO MANY PARAMETERS|CONNECT.*|\+CM[ES] ERROR:.*|>)"
)
#: No console rings the rescue services: a number of two or three digits is never dialled.
_SHORT_NUMBER: Final = re.compile(r"ATD\D{0,3}\d{2,3}\D*;?", re.IGNORECASE)
#: What a technician types for the ESC that leaves a prompt.
_ESCAPE_WORD: Final = "ESC"


class Console:
    """A modem's port in a technician's hands. ``transcript`` holds (``>`` or ``<``, line)."""

    def __init__(self, port: Port) -> None:
        self.transcript: list[tuple[str, str]] = []
        self._port = port
        self._rest = b""
        self._lines: asyncio.Queue[str] = asyncio.Queue()

    async def say(self, text: str, limit: float = ANSWER_LIMIT) -> tuple[str, ...]:
        """Say one line; return the lines that follow, up to a result or a silence.

        Raises LocalProtocolError for what must not be said, PortLost.
        """
        if not text.isascii() or not (text.isprintable() or not text):
            raise LocalProtocolError("one line of printable ASCII")
        if _SHORT_NUMBER.fullmatch(text.replace(" ", "")):
            raise LocalProtocolError("emergency and short numbers are never dialled")
        self.transcript.append((">", text))
        escape = text.strip().upper() == _ESCAPE_WORD
        self._port.write(b"\x1b\r" if escape else text.encode("ascii") + b"\r")
        await self._port.drain()
        return tuple([line async for line in self._answer(text, limit)])

    async def _answer(self, text: str, limit: float) -> AsyncIterator[str]:
        until = asyncio.get_running_loop().time() + limit
        heard = False
        while True:
            left = until - asyncio.get_running_loop().time()
            line = await self._line(min(left, _QUIET) if heard else left)
            if line is None:
                return
            if line == text.strip():
                continue  # its echo
            heard = True
            self.transcript.append(("<", line))
            yield line
            if _RESULT.fullmatch(line):
                return

    async def _line(self, seconds: float) -> str | None:
        """Return the next line that is not empty; None when none comes in time."""
        try:
            async with asyncio.timeout(max(seconds, 0)):
                while self._lines.empty():
                    self._take(await self._port.read())
        except TimeoutError:
            return None
        return self._lines.get_nowait()

    def _take(self, data: bytes) -> None:
        *whole, self._rest = re.split(rb"[\r\n]+", self._rest + data.replace(b"\0", b""))
        if self._rest.strip() == b">":
            whole, self._rest = [*whole, b">"], b""
        for line in whole:
            said = line.decode("latin-1").strip()
            if said:
                self._lines.put_nowait(said)


@asynccontextmanager
async def console(address: str) -> AsyncIterator[Console]:
    """Open ``address`` for a technician. Raises PortLost and PortBusy."""
    port = await open_port(address)
    try:
        yield Console(port)
    finally:
        await port.close()
