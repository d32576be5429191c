"""A modem kept alive: what its status says, and how it comes back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from modem.discovery import Rollcall
from modem.emulator import Network, Pace
from modem.emulator.identity import make_sim
from modem.errors import CommandTimeout
from modem.events import ModemEvent
from modem.status import ModemState, Trouble
from modem.supervisor import ModemSettings, Supervisor
from modem.transport import open_port
from tests.modem.harness.bus import EmulatedBus
from tests.modem.harness.kept import supervised, until
from tests.modem.harness.lines import a_pdu


@asynccontextmanager
async def a_network() -> AsyncIterator[Network]:
    network = Network(seed=5, pace=Pace.FAST)
    network.add_modem("m1")
    network.install()
    try:
        yield network
    finally:
        network.remove()


REPORT = "07913396050096F5062A0B913316325476F8621142102030406211421020704000"
M1 = ModemSettings("orange-1", "emulator:m1")


async def test_a_healthy_modem_is_ready_and_says_who_it_is() -> None:
    """The page of modems, from one value."""
    async with a_network(), supervised(M1) as (supervisor, _):
        status = supervisor.status

        assert (status.state, status.trouble) == (ModemState.READY, None)
        assert (status.name, status.port, status.profile) == ("orange-1", "emulator:m1", "simcom")
        assert status.voice
        assert all((status.imei, status.imsi, status.iccid, status.operator, status.technology))
        assert status.signal_dbm is not None
        assert supervisor.driver is not None
        assert await supervisor.driver.submit(a_pdu()) >= 0


async def test_what_comes_in_while_it_starts_waits_until_its_sim_is_known() -> None:
    """A report is matched by its SIM: told too early it would match nothing, and be lost."""
    cards: list[str] = []

    async def take(_: ModemEvent) -> None:
        cards.append(supervisor.status.iccid)

    async with a_network() as network:
        supervisor = Supervisor(M1, take, lambda: None)
        async with asyncio.TaskGroup() as group:
            group.create_task(supervisor.run())
            while supervisor.driver is None:
                network.modems["m1"].engine.notify("+CDS: 25", REPORT)
                await asyncio.sleep(0.01)
            await asyncio.sleep(5)
            await supervisor.stop()

    assert cards
    assert set(cards) == {supervisor.status.iccid} != {""}


async def test_a_card_changed_on_a_port_that_stays_is_known_at_once() -> None:
    """A board on a serial line restarts and its port stays: texts would go by the old card."""
    async with a_network() as network, supervised(M1) as (supervisor, _):
        device, before = network.modems["m1"], supervisor.status.iccid
        device.sim = make_sim(2, random.Random(1))
        device.sim.store = device.stores["SM"]
        device.restart()
        await until(lambda: supervisor.status.iccid == device.iccid != before)
        await until(lambda: supervisor.driver is not None)

        assert supervisor.status.state is ModemState.READY


async def test_a_pin_that_cannot_be_read_sets_one_modem_aside_until_it_can() -> None:
    """The file is read anew before each start: mended, it serves without a restart of the box."""
    found: list[str] = []

    def read() -> str:
        if not found:
            raise ValueError("/etc/tocsin/pin: gone")
        return found[0]

    async with a_network() as network:
        network.modems["m1"].sim.pin = "4321"
        settings = ModemSettings("orange-1", "emulator:m1", read_pin=read)
        async with supervised(settings) as (supervisor, _):
            status = supervisor.status
            assert (status.state, status.trouble) == (
                ModemState.QUARANTINED, Trouble.PIN_UNREADABLE,
            )  # fmt: skip
            assert "/etc/tocsin/pin: gone" in status.detail
            found.append("4321")
            await until(lambda: supervisor.status.state is ModemState.READY, 700)


async def test_a_pin_that_cannot_be_read_is_no_matter_to_a_sim_that_asks_for_none() -> None:
    """A file lost by a restore must not silence a modem that could send the alert."""

    def read() -> str:
        raise ValueError("/etc/tocsin/pin: gone")

    async with a_network():
        settings = ModemSettings("orange-1", "emulator:m1", read_pin=read)
        async with supervised(settings) as (supervisor, _):
            assert supervisor.status.state is ModemState.READY


async def test_a_missing_port_is_absent_and_tried_again() -> None:
    """Plugged in later, it serves without anybody's help."""
    network = Network(seed=5, pace=Pace.FAST)
    device = network.add_modem("m1")
    async with supervised(M1) as (supervisor, _):
        assert supervisor.status.state is ModemState.ABSENT
        assert supervisor.status.trouble is Trouble.PORT_MISSING
        network.install()
        await asyncio.sleep(70)
        assert supervisor.status.state is ModemState.READY
        assert device.imei == supervisor.status.imei
    network.remove()


async def test_a_stick_pulled_out_and_put_back_serves_again() -> None:
    """USB sticks are knocked off by brooms."""
    async with a_network() as network, supervised(M1) as (supervisor, history):
        device = network.modems["m1"]
        device.unplug()
        await asyncio.sleep(1)
        assert supervisor.driver is None
        assert supervisor.status.state is ModemState.ABSENT
        device.replug()
        await asyncio.sleep(70)
        assert supervisor.status.state is ModemState.READY
        assert supervisor.driver is not None

    assert [status.state for status in history if status.state is ModemState.ABSENT]


async def test_a_modem_that_falls_again_and_again_is_left_alone() -> None:
    """A loose cable: ten minutes of rest, and a word for the technician."""
    async with a_network() as network, supervised(M1) as (supervisor, _):
        device = network.modems["m1"]
        for _ in range(5):
            async with asyncio.timeout(200):
                while supervisor.status.state is not ModemState.READY:  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
            device.unplug()
            device.replug()
            await asyncio.sleep(0.5)
        assert supervisor.status.state is ModemState.QUARANTINED
        assert supervisor.status.trouble is Trouble.UNSTABLE
        await asyncio.sleep(700)
        assert supervisor.status.state is ModemState.READY


async def test_a_held_port_is_said_to_be_held() -> None:
    """And as soon as the other program lets go, the modem serves."""
    async with a_network():
        rival = await open_port("emulator:m1")
        async with supervised(M1) as (supervisor, _):
            assert supervisor.status.trouble is Trouble.PORT_BUSY
            assert supervisor.status.holder == "another part of this process"
            await rival.close()
            await asyncio.sleep(70)
            assert supervisor.status.state is ModemState.READY


async def test_a_frozen_modem_is_noticed_and_comes_back() -> None:
    """It takes bytes and says nothing: only asking finds out."""
    async with a_network() as network, supervised(M1) as (supervisor, _):
        device = network.modems["m1"]
        device.freeze()
        await asyncio.sleep(60)
        assert supervisor.status.trouble is Trouble.NO_ANSWER
        assert supervisor.driver is None
        device.unplug()
        device.replug()
        await asyncio.sleep(130)
        assert supervisor.status.state is ModemState.READY


async def test_a_fault_a_lane_reports_is_looked_into() -> None:
    """One silence, then all is well: the driver stays the same."""
    async with a_network(), supervised(M1) as (supervisor, _):
        driver = supervisor.driver
        supervisor.report_fault(CommandTimeout("AT+CMGS: no answer in 10 s"))
        await asyncio.sleep(5)

        assert supervisor.driver is driver
        assert supervisor.status.state is ModemState.READY


async def test_stopping_closes_the_port() -> None:
    """The next start must find it free."""
    async with a_network():
        async with supervised(M1):
            pass
        port = await open_port("emulator:m1")
        await port.close()


@pytest.mark.parametrize("settings", [
    ModemSettings("x", "", match_usb_path="9-9"),
    ModemSettings("x", "", match_imei="000000000000000"),
    ModemSettings("x", "/dev/tocsin-no-such-port"),
    ModemSettings("x", "socket://127.0.0.1:nowhere"),
])  # fmt: skip
async def test_what_cannot_be_found_is_absent(settings: ModemSettings) -> None:
    """However it was to be found."""
    async with supervised(settings) as (supervisor, _):
        assert supervisor.status.trouble is Trouble.PORT_MISSING


async def test_a_pin_does_not_show() -> None:
    """Settings are logged."""
    assert "1234" not in repr(ModemSettings("x", "y", read_pin=lambda: "1234"))


async def test_a_modem_is_found_by_its_imei() -> None:
    """Whatever port it turns up on; a port that another holds is passed over."""
    network = Network(seed=6, pace=Pace.FAST)
    for name in ("held", "other", "wanted"):
        network.add_modem(name)
    network.install()
    rival = await open_port("emulator:held")
    imei = network.modems["wanted"].imei
    found = ModemSettings("orange-1", match_imei=imei)
    async with supervised(found, Rollcall(EmulatedBus())) as (supervisor, _):
        assert supervisor.status.state is ModemState.READY
        assert (supervisor.status.port, supervisor.status.imei) == ("emulator:wanted", imei)
    await rival.close()
    network.remove()


async def test_a_modem_without_a_network_is_sick_until_it_has_one() -> None:
    """No coverage is no reason to start anew: it is looked at every few seconds."""
    async with a_network() as network:
        network.modems["m1"].registration = 2
        async with supervised(M1) as (supervisor, _):
            assert supervisor.status.trouble is Trouble.NOT_REGISTERED
            assert supervisor.driver is None
            network.modems["m1"].registration = 1
            await asyncio.sleep(6)
            assert supervisor.status.state is ModemState.READY
            assert supervisor.driver is not None
