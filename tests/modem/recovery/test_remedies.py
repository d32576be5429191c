"""A sick modem is nursed back, step by step, or a human is called with all that was tried."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from modem.emulator import Device, Network, Pace
from modem.errors import CommandFailed, CommandTimeout
from modem.recovery import Rung
from modem.remedies import SysfsSwitch, restart
from modem.status import ModemState, Trouble
from modem.supervisor import SEARCH_PATIENCE, ModemSettings
from tests.faults.table import fault
from tests.modem.harness.bus import EmulatedSwitch
from tests.modem.harness.kept import supervised, until

M1 = ModemSettings("orange-1", "emulator:m1")


@asynccontextmanager
async def a_modem() -> AsyncIterator[Device]:
    network = Network(seed=5, pace=Pace.FAST)
    device = network.add_modem("m1")
    network.install()
    try:
        yield device
    finally:
        network.remove()


@fault(
    "modem", "ne répond plus, courant USB permis",
    "Tocsin essaie tout, du plus doux au plus fort, et le rallume par l'USB.",
)  # fmt: skip
async def test_a_frozen_modem_is_cured_by_the_bus_where_that_is_permitted() -> None:
    """SIM7600: it answered nothing more, and only a replug brought it back."""
    async with a_modem() as device:
        switch = EmulatedSwitch(device)
        async with supervised(M1, usb=switch) as (supervisor, history):
            device.freeze()
            await until(lambda: switch.cycles > 0, 240)
            seconds = await until(lambda: supervisor.status.state is ModemState.READY, 120)

            climbed = list(dict.fromkeys(status.rung for status in history if status.rung))
            assert [Rung.SYNC, Rung.REOPEN, Rung.RADIO, Rung.RESET, Rung.USB] == climbed
            assert seconds < 30
            assert supervisor.driver is not None


async def test_a_frozen_modem_nothing_cures_is_set_aside_for_a_human() -> None:
    """Silent failure is the first complaint about every gateway: ours says what it tried."""
    async with (
        a_modem() as device,
        supervised(M1, usb=EmulatedSwitch(device, permitted=False)) as (
            supervisor,
            _,
        ),
    ):
        device.freeze()
        await until(lambda: supervisor.status.state is ModemState.QUARANTINED, 240)

        assert Trouble.NO_ANSWER is supervisor.status.trouble
        assert Rung.HUMAN is supervisor.status.rung
        assert "usb: not permitted" in supervisor.status.rung_note

        device.unplug()
        await asyncio.sleep(3)
        device.replug()  # as the sentence asked
        await until(lambda: supervisor.status.state is ModemState.READY, 70)


async def test_a_modem_that_restarts_itself_during_a_remedy_is_no_unstable_one() -> None:
    """The way down to the bus is ours, not the cable's."""
    async with a_modem() as device:
        assert await restart("emulator:m1", "AT+CRESET")
        assert not device.plugged
        await asyncio.sleep(60)
        assert device.plugged


async def test_a_restart_nobody_obeys_ends_in_time_and_says_so() -> None:
    """A frozen device swallows AT+CRESET too."""
    async with a_modem() as device:
        device.freeze()
        async with asyncio.timeout(20):
            assert not await restart("emulator:m1", "AT+CRESET")


async def test_a_modem_long_without_a_network_has_its_radio_switched_off_and_on() -> None:
    """Some firmware searches for ever on a band that is gone; once it starts anew it registers."""
    async with a_modem() as device, supervised(M1) as (supervisor, history):
        device.registration = 2
        await until(lambda: supervisor.status.rung is Rung.RADIO, SEARCH_PATIENCE + 60)
        device.registration = 1
        await until(lambda: supervisor.status.state is ModemState.READY, 60)

        assert Trouble.NOT_REGISTERED in {status.trouble for status in history}
        assert ModemState.QUARANTINED not in {status.state for status in history}


@fault(
    "network", "absent toute une nuit",
    "Le modem attend le réseau sans se redémarrer sans cesse.",
)  # fmt: skip
async def test_a_night_without_coverage_is_no_night_of_restarts() -> None:
    """Three of each an hour, and no human woken for a hill."""
    async with a_modem() as device, supervised(M1) as (supervisor, history):
        device.registration = 0
        await asyncio.sleep(8 * 3600)
        moments = {status.rung_at for status in history if status.rung}

        assert ModemState.SICK is supervisor.status.state
        assert 8 <= len(moments) <= 8 * 6


async def test_a_refusal_a_lane_reports_is_looked_into_and_is_no_illness() -> None:
    """CMS 38 is the network's word: the modem that passed it on is well."""
    async with a_modem(), supervised(M1) as (supervisor, _):
        supervisor.report_fault(CommandFailed("AT+CMGS", "CMS", 38))
        await asyncio.sleep(5)

        assert (ModemState.READY, None) == (supervisor.status.state, supervisor.status.rung)


async def test_the_last_remedy_and_its_moment_stay_to_be_seen() -> None:
    """The page shows them when the technician comes by next week."""
    async with a_modem(), supervised(M1) as (supervisor, _):
        supervisor.report_fault(CommandTimeout("AT+CMGS: no answer in 10 s"))
        await asyncio.sleep(500)

        assert Rung.SYNC is supervisor.status.rung
        assert supervisor.status.rung_at is not None
        assert "AT+CMGS" in supervisor.status.rung_note


async def test_a_sound_port_that_wore_out_is_restarted_before_the_next_call() -> None:
    """SIM7600: from call to call the sound opens later, then not at all, until AT+CRESET."""
    async with a_modem() as device, supervised(M1) as (supervisor, _):
        assert supervisor.driver is not None
        supervisor.driver.wear.note(1, failed=True)
        await until(lambda: supervisor.status.rung is Rung.RESET, 60)
        await until(lambda: device.socket.plugs > 0, 60)
        await until(lambda: supervisor.status.state is ModemState.READY, 120)


async def test_the_bus_switch_takes_a_device_away_and_gives_it_back(tmp_path: Path) -> None:
    """Linux: the file ``authorized`` of the device, where udev let us write it."""
    place = tmp_path / "1-1.4"
    place.mkdir()
    (place / "authorized").write_text("1")
    switch = SysfsSwitch(tmp_path)
    cycling = asyncio.create_task(switch.cycle("1-1.4"))
    await asyncio.sleep(1)

    assert "0" == (place / "authorized").read_text()
    assert await cycling
    assert "1" == (place / "authorized").read_text()


@pytest.mark.parametrize("place", ["", "1-9"])
async def test_a_device_that_is_not_on_the_bus_cannot_be_switched(
    tmp_path: Path, place: str
) -> None:
    """Serial lines and sockets have no place; and what is gone is gone."""
    switch = SysfsSwitch(tmp_path)

    assert not switch.permitted(place)
    assert not await switch.cycle("1-9")


async def test_a_modem_lent_to_a_technician_has_its_port_free_and_is_taken_back() -> None:
    """The console needs the port itself; afterwards the modem serves as before."""
    async with a_modem() as device, supervised(M1) as (supervisor, _):
        async with supervisor.borrowed() as address:
            assert ("emulator:m1", None) == (address, device.socket.port)
            assert ModemState.LENT is supervisor.status.state
            assert supervisor.driver is None
        await until(lambda: supervisor.status.state is ModemState.READY, 30)


async def test_a_modem_can_be_lent_while_it_is_away() -> None:
    """A technician wants the console most when the modem is sick."""
    async with a_modem() as device, supervised(M1) as (supervisor, _):
        device.unplug()
        await asyncio.sleep(20)
        async with supervisor.borrowed() as address:
            assert "emulator:m1" == address
        device.replug()
        await until(lambda: supervisor.status.state is ModemState.READY, 70)
