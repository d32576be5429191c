"""A supervised modem, and the history of its status."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from modem.discovery import Rollcall
from modem.events import ModemEvent
from modem.remedies import UsbSwitch
from modem.status import ModemStatus
from modem.supervisor import ModemSettings, Supervisor


async def nobody(_: ModemEvent) -> None:
    """Take an event and forget it."""


@asynccontextmanager
async def supervised(
    settings: ModemSettings, roll: Rollcall | None = None, usb: UsbSwitch | None = None
) -> AsyncIterator[tuple[Supervisor, list[ModemStatus]]]:
    """Run a supervisor until the block ends; at its beginning the modem has made up its mind."""
    history: list[ModemStatus] = []
    supervisor = Supervisor(
        settings, nobody, lambda: history.append(supervisor.status), roll=roll, usb=usb
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(supervisor.run())
        try:
            await supervisor.wait_settled()
            yield supervisor, history
        finally:
            await supervisor.stop()


async def until(happened: Callable[[], bool], limit: float = 300.0) -> float:
    """Return after how many driven seconds ``happened`` came true."""
    now = asyncio.get_running_loop().time
    began = now()
    async with asyncio.timeout(limit):
        while not happened():  # noqa: ASYNC110  what is watched sets no event
            await asyncio.sleep(0.2)
    return now() - began
