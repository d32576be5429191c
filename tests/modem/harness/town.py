"""A driver on an emulated modem, with telephones around it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from modem.driver import Driver
from modem.emulator import Behaviour, Device, Network, Pace
from modem.events import CallEvent, ModemEvent, Released
from modem.transport import open_port
from modem.voice import VoiceCall

PHONE = "+33639980001"


@asynccontextmanager
async def a_line(
    behaviour: Behaviour | None = None,
    events: list[ModemEvent] | None = None,
    *,
    audio: str = "emulator:m1.audio",
) -> AsyncIterator[tuple[Driver, Device, Network]]:
    """Start a driver on modem ``m1``; at its end no call may be left in the network."""
    network = Network(seed=4, pace=Pace.REAL)
    device = network.add_modem("m1")
    network.install()
    if behaviour is not None:
        network.handset(PHONE).behaviour = behaviour

    async def take(event: ModemEvent) -> None:
        if events is not None:
            events.append(event)

    driver = Driver(await open_port("emulator:m1"), take, audio=audio)
    try:
        await driver.start()
        yield driver, device, network
    finally:
        await driver.close()
        network.remove()
        assert driver.waiters == 0


async def until_over(call: VoiceCall, limit: float = 60.0) -> list[CallEvent]:
    """Return all events of a call up to its release."""
    events: list[CallEvent] = []
    while True:
        event = await call.next_event(limit)
        assert event is not None, f"nothing more in {limit} s after {events}"
        events.append(event)
        if isinstance(event, Released):
            return events
