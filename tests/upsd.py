"""A false upsd: NUT's network protocol as its guide for developers gives it, without a supply.

What it can be made to do is what a real one does on a bad day: refuse, tell nothing new, lose its
driver, stop in the middle of a line, say nothing at all, end the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import Enum

from gateway.config_box import PowerSettings


class Mood(Enum):
    """How it answers what is asked of its supply."""

    WELL = "well"
    STALE = "ERR DATA-STALE"
    NO_DRIVER = "ERR DRIVER-NOT-CONNECTED"
    HALF_A_LINE = "half a line"
    SILENT = "silent"
    HANGS_UP = "hangs up"
    BABBLES = "babbles"


@dataclass
class FalseUpsd:
    """One server with one supply; change it while it runs."""

    variables: dict[str, str] = field(default_factory=dict)
    mood: Mood = Mood.WELL
    account: tuple[str, str] | None = None
    port: int = 0
    asked: list[str] = field(default_factory=list)
    visitors: int = 0  # connections that are open now
    _server: asyncio.Server | None = None

    def says(self, status: str, charge: float = 100, runtime: float = 1800) -> None:
        """Have the supply say this from now on; the charge in percent, the runtime in seconds."""
        self.variables |= {
            "device.mfr": "Éclair & Fils", "ups.status": status, "battery.charge": f"{charge:g}",
            "battery.runtime": f"{runtime:g}",
        }  # fmt: skip

    def settings(self) -> PowerSettings:
        """Return the configuration of a box that reads it."""
        return PowerSettings(ups=f"onduleur@127.0.0.1:{self.port}")

    async def start(self) -> None:
        """Open the port it has, or any."""
        self._server = await asyncio.start_server(self._visit, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Let nobody in any more."""
        if self._server is not None:
            self._server.close()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visitors += 1
        given: list[str] = []
        try:
            while line := (await reader.readline()).decode().strip():
                self.asked.append(line)
                answer = self._answer(line, given)
                if answer is None:
                    break
                writer.write(answer.encode())
        except ConnectionError:
            pass
        finally:
            self.visitors -= 1
            writer.close()

    def _answer(self, line: str, given: list[str]) -> str | None:
        match line.split():
            case ["USERNAME" | "PASSWORD", word]:
                given.append(word)
                return "OK\n"
            case ["LIST", "UPS"]:
                return 'BEGIN LIST UPS\nUPS onduleur "De la baie"\nEND LIST UPS\n'
            case ["LIST" | "GET", "VAR", *_] if self.account and tuple(given) != self.account:
                return "ERR ACCESS-DENIED\n"
            case ["LIST" | "GET", "VAR", name, *_] if name != "onduleur":
                return "ERR UNKNOWN-UPS\n"
            case ["LIST" | "GET", "VAR", *_] if self.mood is not Mood.WELL:
                return self._badly()
            case ["LIST", "VAR", name]:
                told = "".join(f'VAR {name} {k} "{v}"\n' for k, v in self.variables.items())
                return f"BEGIN LIST VAR {name}\n{told}END LIST VAR {name}\n"
            case ["GET", "VAR", name, key]:
                known = self.variables.get(key)
                return f'VAR {name} {key} "{known}"\n' if known else "ERR VAR-NOT-SUPPORTED\n"
            case ["LOGOUT"]:
                return None
        return "ERR UNKNOWN-COMMAND\n"

    def _badly(self) -> str | None:
        if self.mood is Mood.HANGS_UP:
            return None
        return {
            Mood.SILENT: "", Mood.HALF_A_LINE: "VAR ondu", Mood.BABBLES: "\x1b[é" * 90_000,
        }.get(self.mood, f"{self.mood.value}\n")  # fmt: skip


@contextlib.asynccontextmanager
async def false_upsd(status: str = "OL", **more: float) -> AsyncIterator[FalseUpsd]:
    """Run one until the block ends."""
    made = FalseUpsd()
    made.says(status, **more)
    await made.start()
    try:
        yield made
    finally:
        made.stop()
