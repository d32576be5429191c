"""What tests of the driver share: a started driver, its events, PDUs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from modem.driver import Driver
from modem.events import ModemEvent
from modem.sms import SubmitPdu, encode_submit
from tests.modem.harness.scripted import ScriptedDevice

NUMBER = "+33639980001"


def a_pdu(text: str = "Alerte") -> SubmitPdu:
    return encode_submit(NUMBER, text, concat_reference=1)[0]


@asynccontextmanager
async def driving(
    device: ScriptedDevice, events: list[ModemEvent] | None = None, profile: str = "auto"
) -> AsyncIterator[Driver]:
    """Start a driver on ``device``; at the end nothing may be waited for any more."""

    async def take(event: ModemEvent) -> None:
        if events is not None:
            events.append(event)

    driver = Driver(device, take, profile=profile)
    try:
        await driver.start()
        await asyncio.sleep(1)  # the memory has been read
        yield driver
    finally:
        await driver.close()
        assert driver.waiters == 0
        assert device.closed
