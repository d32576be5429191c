"""A box without modems and its people's mail."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.clock import LoopClock
from gateway.config import Config, RelaySettings, SmtpSettings, TownSettings
from gateway.daemon import Daemon
from gateway.model import Door
from gateway.services import Actor, Draft, Services
from tests.harness import NIGHT


@dataclass
class Office:
    """A box without modems."""

    daemon: Daemon
    actor: Actor

    @property
    def services(self) -> Services:
        return self.daemon.services

    async def send(self, *to: str, urgency: str = "service", **more: Any) -> int:
        draft = Draft("L'eau est coupée.", title="Eau", to=to, channels=("email",),
                      urgency=urgency, at_any_hour=True, **more)  # fmt: skip
        return await self.services.sending.send(self.actor, draft, Door.COMMAND)

    async def finished(self, number: int) -> dict[str, Any]:
        async for _ in self.services.live.watch(self.actor, f"broadcast:{number}"):
            view = await self.services.broadcasts.view(self.actor, number)
            if view.summary.closed_at is not None:
                break
        return await self.report(number)

    async def report(self, number: int) -> dict[str, Any]:
        return await self.services.broadcasts.report(self.actor, number)


@asynccontextmanager
async def office(
    folder: Path, port: int, smtp: SmtpSettings | None = None, **more: Any
) -> AsyncIterator[Office]:
    """Run a box whose relay is at this port; at 0 it has none."""
    relay = RelaySettings(port=port, sender="mairie@la-redorte.example", **more) if port else None
    config = Config(data_dir=folder, town=TownSettings(name="La Redorte"), smtp=smtp, relay=relay)
    daemon = Daemon(config, clock=LoopClock(NIGHT), seed=1, page=False)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(daemon.run(), name="daemon")
        await daemon.ready.wait()
        try:
            yield Office(daemon, Actor(None, "t", "Essai", "administrator", 1, "La Redorte"))
        finally:
            daemon.stop()


DOMAIN = "tocsin.la-redorte.example"


def door(**more: Any) -> SmtpSettings:
    """A mail door on any free port, which knows no neighbours unless told."""
    return SmtpSettings(listen="127.0.0.1:0", domain=DOMAIN, **more)


@dataclass
class Client:
    """Somebody at the mail door, word by word."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> str:
        """Return one answer, its last line; empty when the door was closed."""
        while line := (await self.reader.readline()).decode():
            if line[3:4] != "-":
                return line.strip()
        return ""

    async def say(self, *lines: str | bytes) -> str:
        """Say lines and return the last answer."""
        said = ""
        for line in lines:
            octets = line if isinstance(line, bytes) else f"{line}\r\n".encode()
            self.writer.write(octets)
            said = await self.answer()
        return said

    async def log_in(self, login: str, password: str) -> str:
        blob = base64.b64encode(f"\0{login}\0{password}".encode()).decode()
        return await self.say(f"AUTH PLAIN {blob}")


@asynccontextmanager
async def client(port: int) -> AsyncIterator[Client]:
    """Come to the mail door and greet."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    made = Client(reader, writer)
    try:
        await made.answer()
        await made.say("EHLO here.example")
        yield made
    finally:
        writer.close()
