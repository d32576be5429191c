"""Modems pulled out and put back: known by IMEI and USB place, never by the name of a port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from modem.discovery import Rollcall, SysfsBus, at_ports
from modem.emulator import Behaviour, Network, Pace
from modem.errors import OutcomeUnknown, PortLost
from modem.events import ReleaseCause, Released
from modem.status import ModemState, Trouble
from modem.supervisor import ModemSettings
from tests.faults.table import fault
from tests.modem.harness.bus import EmulatedBus, replug, unplug
from tests.modem.harness.kept import supervised, until
from tests.modem.harness.lines import NUMBER, a_pdu

M1 = ModemSettings("orange-1", "emulator:m1")


@asynccontextmanager
async def a_network(*names: str, pace: Pace = Pace.FAST) -> AsyncIterator[Network]:
    network = Network(seed=5, pace=pace)
    for name in names or ("m1",):
        network.add_modem(name)
    network.install()
    try:
        yield network
    finally:
        network.remove()


async def test_a_stick_put_back_under_another_name_serves_again_within_seconds() -> None:
    """ttyUSB2 came back as ttyUSB7: nobody edits a file for that."""
    async with a_network() as network:
        device = network.modems["m1"]
        async with supervised(M1, Rollcall(EmulatedBus())) as (supervisor, _):
            unplug(device)
            await until(lambda: supervisor.status.state is ModemState.ABSENT, 5)
            await asyncio.sleep(40)
            replug(device, "ttyUSB7")
            seconds = await until(lambda: supervisor.status.state is ModemState.READY)

            assert "emulator:ttyUSB7" == supervisor.status.port
            assert seconds < 10


@fault(
    "modem", "arraché au milieu d'un SMS",
    "Ce SMS est un doute, que son accusé peut lever ; le modem reprend dès qu'il est "
    "rebranché.",
)  # fmt: skip
async def test_a_stick_pulled_out_in_mid_send_leaves_a_doubt_and_comes_back() -> None:
    """The text may have left: nobody but its report can tell."""
    async with a_network(pace=Pace.REAL) as network:
        device = network.modems["m1"]
        async with supervised(M1, Rollcall(EmulatedBus())) as (supervisor, _):
            assert supervisor.driver is not None
            sending = asyncio.create_task(supervisor.driver.submit(a_pdu()))
            await asyncio.sleep(0.5)
            unplug(device)
            with pytest.raises(OutcomeUnknown):
                await sending
            await until(lambda: supervisor.status.state is ModemState.ABSENT, 5)
            replug(device, "ttyUSB3")
            await until(lambda: supervisor.status.state is ModemState.READY)
            assert supervisor.driver is not None
            assert await supervisor.driver.submit(a_pdu()) >= 0


@fault(
    "modem", "arraché au milieu d'un appel",
    "L'appel est dit perdu, non refusé, et refait ; le modem reprend dès qu'il est "
    "rebranché.",
)  # fmt: skip
async def test_a_stick_pulled_out_in_mid_call_ends_the_call_and_comes_back() -> None:
    """The call is over, and said to be lost, not refused."""
    async with a_network(pace=Pace.REAL) as network:
        device = network.modems["m1"]
        network.handset(NUMBER).behaviour = Behaviour(answers_after=2.0)
        async with supervised(M1, Rollcall(EmulatedBus())) as (supervisor, _):
            assert supervisor.driver is not None
            call = await supervisor.driver.dial(NUMBER)
            await asyncio.sleep(10)
            unplug(device)
            ends = []
            while not ends:
                event = await call.next_event(30)
                assert event is not None
                ends = [event] if isinstance(event, Released) else []
            await until(lambda: supervisor.status.state is ModemState.ABSENT, 20)
            replug(device, "ttyUSB3")
            await until(lambda: supervisor.status.state is ModemState.READY)

            assert [ReleaseCause.LOST] == [end.cause for end in ends]


async def test_two_sticks_that_changed_their_names_are_told_apart() -> None:
    """Two of the same make with one serial number between them: only the IMEI differs."""
    async with a_network("m1", "m2") as network:
        one, two = network.modems["m1"], network.modems["m2"]
        roll = Rollcall(EmulatedBus())
        m2 = ModemSettings("sfr-1", "emulator:m2")
        async with supervised(M1, roll) as (first, _), supervised(m2, roll) as (second, _):
            unplug(one)
            unplug(two)
            await asyncio.sleep(5)
            replug(two, "m1")
            await asyncio.sleep(1)
            replug(one, "m2")
            await until(
                lambda: (
                    first.status.state is ModemState.READY
                    and second.status.state is ModemState.READY
                )
            )
            assert {one.imei, two.imei} == {first.status.imei, second.status.imei}


async def test_a_new_stick_in_place_of_a_dead_one_is_taken_as_it_is() -> None:
    """The technician swapped it at night: no configuration is needed for the same port."""
    async with a_network("m1", "spare") as network:
        old, new = network.modems["m1"], network.modems["spare"]
        unplug(new)
        async with supervised(M1, Rollcall(EmulatedBus())) as (supervisor, _):
            unplug(old)
            await asyncio.sleep(5)
            replug(new, "m1")
            await until(lambda: supervisor.status.state is ModemState.READY)
            assert new.imei == supervisor.status.imei


async def test_a_modem_known_by_its_imei_is_never_mistaken_for_its_neighbour() -> None:
    """Its SIM has the operator's leave; the neighbour's has not."""
    async with a_network("m1", "m2") as network:
        imei = network.modems["m1"].imei
        wanted = ModemSettings("orange-1", match_imei=imei)
        async with supervised(wanted, Rollcall(EmulatedBus())) as (supervisor, _):
            unplug(network.modems["m1"])
            await asyncio.sleep(30)
            assert Trouble.PORT_MISSING is supervisor.status.trouble
            replug(network.modems["m1"], "ttyUSB9")
            await until(lambda: supervisor.status.state is ModemState.READY)
            assert "emulator:ttyUSB9" == supervisor.status.port


async def test_sixteen_modems_known_by_imei_find_their_ports_together() -> None:
    """Each port is asked once, not once for each modem looking for another."""
    names = [f"m{n}" for n in range(16)]
    async with a_network(*names) as network, asyncio.TaskGroup() as group:
        roll = Rollcall(EmulatedBus())
        began = asyncio.get_running_loop().time()
        settled = []

        async def serve(imei: str) -> None:
            wanted = ModemSettings("x", match_imei=imei)
            async with supervised(wanted, roll) as (supervisor, _):
                await until(lambda: supervisor.status.state is ModemState.READY, 120)
                settled.append(asyncio.get_running_loop().time() - began)

        for device in network.modems.values():
            group.create_task(serve(device.imei))

    assert 16 == len(settled)
    assert max(settled) < 60


def a_tree(root: Path, *rows: tuple[str, str, int, str]) -> Path:
    """Lay out a sysfs with (tty, place, interface, vendor:product) rows; return its class/tty."""
    ttys = root / "class" / "tty"
    ttys.mkdir(parents=True)
    for tty, place, interface, ids in rows:
        device = root / "devices" / "usb1" / place
        leaf = device / f"{place}:1.{interface}" / tty
        leaf.mkdir(parents=True)
        vendor, product = ids.split(":")
        (device / "idVendor").write_text(f"{vendor}\n")
        (device / "idProduct").write_text(f"{product}\n")
        (device / "serial").write_text("0123456789ABCDEF\n")
        (ttys / tty).mkdir()
        (ttys / tty / "device").symlink_to(leaf)
    return ttys


def test_two_sticks_with_one_serial_number_are_two_places(tmp_path: Path) -> None:
    """Several makes write the same serial number into every stick."""
    ttys = a_tree(
        tmp_path,
        ("ttyUSB0", "1-1.2", 0, "1e0e:9001"), ("ttyUSB2", "1-1.2", 2, "1e0e:9001"),
        ("ttyUSB3", "1-1.2", 3, "1e0e:9001"), ("ttyUSB4", "1-1.2", 4, "1e0e:9001"),
        ("ttyUSB5", "1-1.4", 2, "1e0e:9001"),
    )  # fmt: skip
    ports = SysfsBus(ttys).ports()

    assert ("/dev/ttyUSB2", "/dev/ttyUSB3") == at_ports(ports, "1-1.2")
    assert ("/dev/ttyUSB5",) == at_ports(ports, "1-1.4")


def test_a_port_that_came_back_is_seen_to_have_been_away(tmp_path: Path) -> None:
    """The same name, and yet whoever answers there must be asked again."""
    bus, port = SysfsBus(tmp_path), tmp_path / "ttyUSB0"
    assert bus.stamp(str(port)) is None
    port.touch()
    first = bus.stamp(str(port))
    (tmp_path / "other").touch()
    port.unlink()
    (tmp_path / "third").touch()
    port.touch()

    assert first != bus.stamp(str(port))


async def test_a_modem_nobody_has_is_absent_and_named() -> None:
    """The technician reads which IMEI is being looked for."""
    async with a_network():
        roll = Rollcall(EmulatedBus())
        with pytest.raises(PortLost, match="868501052397914"):
            await roll.find("868501052397914")
