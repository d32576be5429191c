"""ZTE K3565-Z and the M6280 inside others: SMS, in a language of its own."""

from __future__ import annotations

import asyncio

import pytest

from modem import commands, profiles
from modem.driver import Driver
from modem.emulator import Behaviour, Network, Pace
from modem.errors import RemoteProtocolError
from modem.events import Answered, ModemEvent, Released, StatusReport
from modem.framing import Line, LineFramer
from modem.pins import Pin
from modem.transport import open_port
from tests.modem.emulator.host import host
from tests.modem.harness.lines import a_pdu
from tests.modem.harness.town import PHONE, a_line, said, until_over


async def test_q6_dialling_in_silence_is_no_time_out_and_connect_is_the_answer() -> None:
    """ATD answers nothing for twenty seconds of ringing, then CONNECT."""
    behaviour = Behaviour(answers_after=20.0, hangs_up_after=3.0)
    async with a_line(behaviour, profile="zte", audio="") as (driver, _, _network):
        began = asyncio.get_running_loop().time()
        call = await driver.dial(PHONE)
        assert asyncio.get_running_loop().time() - began < 5
        events = await until_over(call)

    assert [type(event) for event in events] == [Answered, Released]


async def test_q6_a_silent_call_can_be_given_up() -> None:
    """The ring limit is ours, not the modem's."""
    async with a_line(Behaviour(answers_after=None), profile="zte", audio="") as (
        driver,
        device,
        network,
    ):
        call = await driver.dial(PHONE)
        await asyncio.sleep(20)
        await call.hang_up()
        assert device.call is None
        assert network.handset(PHONE).calls[-1].outcome == "abandoned"
        assert await driver.submit(a_pdu()) >= 0


async def test_q7_the_call_list_is_not_read_while_a_call_is_set_up() -> None:
    """Asking AT+CLCC then drops the call without a word."""
    async with a_line(Behaviour(answers_after=15.0), profile="zte", audio="") as (
        driver,
        device,
        _,
    ):
        heard = said(device)
        call = await driver.dial(PHONE)
        assert isinstance(await call.next_event(60), Answered)
        assert "AT+CLCC" not in heard
        await call.hang_up()


async def test_q8_an_answering_machine_is_an_answer_and_no_acknowledgement() -> None:
    """An announcement picks up like a person: only a key proves somebody."""
    async with a_line(Behaviour(machine=True, answers_after=1.0, hangs_up_after=8.0)) as (
        driver,
        _,
        _network,
    ):
        events = await until_over(await driver.dial(PHONE))

    assert Answered() in events
    assert not [event for event in events if type(event).__name__ == "DigitPressed"]


async def test_q15_mode_2_advertised_and_refused_is_replaced_by_mode_1() -> None:
    """As with Huawei."""
    async with a_line(profile="zte", audio="") as (driver, _, _network):
        assert driver.set_up.routing == "1,1,0,1,0"


async def test_q18_a_report_header_with_an_empty_field_in_front_is_understood() -> None:
    """+CDS: ,25 instead of +CDS: 25."""
    events: list[ModemEvent] = []
    async with a_line(events=events, profile="zte", audio="") as (driver, _, _network):
        reference = await driver.submit(a_pdu())
        await asyncio.sleep(60)

    assert [event.reference for event in events if isinstance(event, StatusReport)] == [reference]


async def test_q22_the_service_centre_it_forgets_is_put_back() -> None:
    """AT+CSMP clears it, so it is never said; if it is lost all the same, the SMS still goes."""
    async with host("zte") as stick:
        await stick.says("AT+CSMP=49,167,0,0\r")
        assert stick.device.sim.centre == ""
    async with a_line(profile="zte", audio="") as (driver, device, network):
        heard = said(device)
        known = driver.service_centre
        device.sim.centre = ""
        await driver.submit(a_pdu("après la perte"))
        await asyncio.sleep(30)

        assert known == "+33689004000"
        assert device.sim.centre == known
        assert not any("CSMP" in line for line in heard)
        assert [sms.text for sms in network.handset(PHONE).inbox] == ["après la perte"]


async def test_q25_memories_that_are_not_ready_yet_are_waited_for() -> None:
    """AT+CPMS fails until the SIM has been read in."""
    async with a_line(
        profile="zte",
        audio="",
        prepare=lambda device: device.faults.fail_next("AT+CPMS", 314, times=6),
    ) as (driver, device, _):
        assert device.settings.memories == ("SM", "SM", "SM")
        assert driver.health.trouble is None


async def test_q49_nuls_in_front_of_everything_are_dropped() -> None:
    """Its port begins with a run of them."""
    async with host("zte", echo=True) as stick:
        assert (await stick.heard()).startswith(b"\0" * 64)
    assert LineFramer().feed(b"\0\0\0\r\n\0OK\r\n\0") == [Line("OK")]
    async with a_line(profile="zte", audio="") as (driver, _, _network):
        assert driver.profile is profiles.ZTE


async def test_it_is_unlocked_though_it_refuses_even_ate0_before_its_pin() -> None:
    """And then is told all it refused before."""
    network = Network(seed=1, pace=Pace.FAST)
    device = network.add_modem("m1", "zte")
    device.sim.pin = "4321"
    network.install()

    async def take(_: object) -> None:
        """Nothing comes."""

    driver = Driver(await open_port("emulator:m1"), take, pin=Pin("4321"))
    await driver.start()
    assert driver.profile is profiles.ZTE
    assert driver.health.trouble is None
    assert device.sim.pin_tries == 3
    await driver.close()
    network.remove()


def test_a_test_form_where_a_value_is_due_is_no_value() -> None:
    """AT+CFUN? is answered +CFUN: (0-1,4-7),(0-1) by a K3565."""
    with pytest.raises(RemoteProtocolError):
        commands.number_in(["+CFUN: (0-1,4-7),(0-1)"])
