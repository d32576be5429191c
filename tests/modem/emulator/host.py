"""A host program at an emulated modem's ports, for the tests here: it writes, and reads all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from modem.emulator import Device, Network, Pace
from modem.emulator.port import EmulatedPort
from modem.emulator.registry import open_port

#: "Alerte crue: restez chez vous." to +33612345678, report asked, validity 4 days: 41 octets.
FLOOD = "0031000B913316325476F80000AA1E4176594E2F83C6F27A59079297E7F4B21E344697F520FBBB3E7701"
PHONE = "+33612345678"
SUB = "\x1a"
ESC = "\x1b"


class Host:
    """One program talking to one modem."""

    def __init__(self, network: Network, device: Device, port: EmulatedPort) -> None:
        self.network, self.device, self.port = network, device, port

    async def heard(self, seconds: float = 0.01) -> bytes:
        """Return everything that arrives within ``seconds``."""
        await asyncio.sleep(seconds)
        try:
            async with asyncio.timeout(0.0001):
                return await self.port.read()
        except TimeoutError:
            return b""

    async def says(self, typed: str, seconds: float = 0.01) -> bytes:
        """Write, and return everything that comes back."""
        self.port.write(typed.encode("latin-1"))
        return await self.heard(seconds)

    async def sends(self, pdu: str = FLOOD, length: int = 41, seconds: float = 0.01) -> bytes:
        """Submit one PDU and return what follows the prompt."""
        await self.says(f"AT+CMGS={length}\r")
        return await self.says(pdu + SUB, seconds)

    async def in_call(self, number: str = PHONE) -> EmulatedPort:
        """Dial, wait for the answer, open the voice path; return the voice port."""
        await self.says(f"ATD{number};\r", 0.5)
        await self.says("AT+CPCMREG=1\r")
        return open_port(f"{self.device.name}.audio")


@asynccontextmanager
async def host(
    profile: str = "simcom",
    pace: Pace = Pace.FAST,
    sms_seconds: float | None = None,
    report_seconds: float | None = None,
    *,
    echo: bool = False,
    seed: int = 7,
) -> AsyncIterator[Host]:
    """Give a network with one modem, its AT port open, echo off and CMEE=1 unless ``echo``."""
    network = Network(seed=seed, pace=pace, sms_seconds=sms_seconds, report_seconds=report_seconds)
    device = network.add_modem("modem-1", profile)
    network.install()
    try:
        port = open_port("modem-1")
        talker = Host(network, device, port)
        if not echo:
            await talker.says("ATE0\rAT+CMEE=1\r")
        yield talker
    finally:
        network.remove()
