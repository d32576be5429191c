"""The second AT port, and the network's time: what a supervisor does besides serving."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from modem import supervisor as keeping
from modem.discovery import Rollcall, UsbPort
from modem.emulator import Network, Pace, registry
from modem.recovery import Rung
from modem.status import ModemState
from modem.supervisor import ModemSettings, Supervisor
from modem.transport import Port
from tests.modem.harness.bus import EmulatedBus
from tests.modem.harness.kept import nobody, supervised, until
from tests.modem.harness.scripted import PLAIN, ScriptedDevice

_ID = (0x1E0E, 0x9001)


class TwoPorts(EmulatedBus):
    """One SIM7600 whose interfaces 2 and 3 both speak AT."""

    def ports(self) -> tuple[UsbPort, ...]:
        return tuple(
            UsbPort(f"emulator:{name}", "1-1.4", interface, *_ID)
            for name, interface in (("first", 2), ("second", 3))
            if name in registry.names()
        )


async def test_a_modem_whose_first_port_hangs_serves_by_its_second() -> None:
    """SIM7600: interface 2 says nothing more, interface 3 answers."""
    network = Network(seed=9, pace=Pace.FAST)
    for name in ("first", "second"):
        network.add_modem(name)
    network.install()
    settings = ModemSettings("orange-1", "emulator:first")
    async with supervised(settings, Rollcall(TwoPorts())) as (supervisor, _):
        network.modems["first"].freeze()
        await until(lambda: supervisor.status.rung is Rung.OTHER_PORT, 240)
        await until(lambda: supervisor.status.state is ModemState.READY, 60)

        assert "emulator:second" == supervisor.status.port
    network.remove()


async def test_the_network_s_time_is_asked_for_once_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever keeps the clock hears of it, and the modem is not pestered."""
    table = {**PLAIN, "AT+CCLK?": '\r\n+CCLK: "26/11/24,04:00:00+04"\r\n\r\nOK\r\n'}
    device = ScriptedDevice(table)
    heard: list[datetime] = []

    async def open_scripted(_: str) -> Port:
        return device

    monkeypatch.setattr(keeping, "open_port", open_scripted)
    supervisor = Supervisor(
        ModemSettings("x", "socket://here:1"), nobody, lambda: None, on_time=heard.append
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(supervisor.run())
        await asyncio.sleep(3 * 3630 + 60)
        await supervisor.stop()

    assert [datetime(2026, 11, 24, 3, tzinfo=UTC)] * 4 == heard
