"""A driver on an emulated modem, with telephones around it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from modem.driver import Driver
from modem.emulator import Behaviour, Device, Network, Pace
from modem.emulator.at import Answer
from modem.emulator.commandline import Request
from modem.events import Answered, CallEvent, ModemEvent, Released
from modem.transport import open_port
from modem.voice import VoiceCall

PHONE = "+33639980001"


@asynccontextmanager
async def a_line(
    behaviour: Behaviour | None = None,
    events: list[ModemEvent] | None = None,
    *,
    audio: str = "emulator:m1.audio",
    profile: str = "simcom",
    prepare: Callable[[Device], None] = lambda _: None,
) -> AsyncIterator[tuple[Driver, Device, Network]]:
    """Start a driver on modem ``m1``, of the make ``profile``, after ``prepare``."""
    network = Network(seed=4, pace=Pace.REAL)
    device = network.add_modem("m1", profile)
    prepare(device)
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


async def answered(driver: Driver, number: str = PHONE) -> VoiceCall:
    """Dial, and return the call once somebody has picked up."""
    call = await driver.dial(number)
    while True:
        event = await call.next_event(60)
        assert event is not None
        assert not isinstance(event, Released), event
        if isinstance(event, Answered):
            return call


def said(device: Device) -> list[str]:
    """Return the list that will hold all command lines the device hears from now on."""
    lines: list[str] = []
    run = device.engine._run

    def noting(request: Request) -> Answer:
        lines.append(request.spelled)
        return run(request)

    device.engine._run = noting
    return lines
