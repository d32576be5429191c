"""A box without modems and its people's mail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.clock import LoopClock
from gateway.config import Config, RelaySettings, TownSettings
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
        return await self.services.broadcasts.report(self.actor, number)


@asynccontextmanager
async def office(folder: Path, port: int, **more: Any) -> AsyncIterator[Office]:
    config = Config(
        data_dir=folder, town=TownSettings(name="La Redorte"),
        relay=RelaySettings(port=port, sender="mairie@la-redorte.example", **more),
    )  # fmt: skip
    daemon = Daemon(config, clock=LoopClock(NIGHT), seed=1, page=False)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(daemon.run(), name="daemon")
        await daemon.ready.wait()
        try:
            yield Office(daemon, Actor(None, "t", "Essai", "administrator", 1, "La Redorte"))
        finally:
            daemon.stop()
