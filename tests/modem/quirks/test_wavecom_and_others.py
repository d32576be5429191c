"""Devices we do not promise to support, whose oddities the parser and the ladder meet anyway."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from modem import commands, profiles
from modem.connection import AtConnection, CallResult, Notification
from modem.emulator import Behaviour
from modem.errors import PortLost
from modem.events import Answered, IncomingSms, ModemEvent, Released, StatusReport
from modem.transport import StreamPort
from tests.modem.emulator.host import host
from tests.modem.harness.lines import a_pdu, driving
from tests.modem.harness.scripted import ERROR, OK, PLAIN, ScriptedDevice, in_turn
from tests.modem.harness.town import PHONE, a_line, said, until_over

DELIVER = "07913396050096F5040B913316325476F800006211421050004002CF25"


@pytest.mark.parametrize(
    "line", [b"\nNO CARRIER\r\n", b"NO CARRIER\n", b"\r\n\r\r\nNO CARRIER\r\r\n"]
)
def test_q4_a_missing_carriage_return_in_front_is_tolerated(line: bytes) -> None:
    """Sierra drops the leading one before call results."""
    connection = AtConnection()
    assert connection.receive(line) == [Notification("NO CARRIER")]
    connection.begin(commands.Command("ATD1;", commands.whole_text, dials=True), "ATD1;")
    assert connection.receive(line) == [CallResult("NO CARRIER")]


async def test_q5_a_forgotten_ok_behind_the_sim_state_costs_a_second() -> None:
    """Wavecom says +CPIN: READY and nothing more."""
    async with host("wavecom") as stick:
        assert (await stick.says("AT+CPIN?\r")).strip() == b"+CPIN: READY"
    began = asyncio.get_running_loop().time()
    async with a_line(profile="wavecom", audio="") as (driver, _, _network):
        assert driver.health.trouble is None

    assert asyncio.get_running_loop().time() - began < 8


async def test_q6_a_wavecom_that_dials_in_silence_is_served_by_its_profile() -> None:
    """OK, or CONNECT, comes with the answer."""
    behaviour = Behaviour(answers_after=5.0, hangs_up_after=1.0)
    async with a_line(behaviour, profile="wavecom", audio="") as (driver, _, _network):
        driver._link.profile = profiles.ZTE
        events = await until_over(await driver.dial(PHONE))

    assert [type(event) for event in events] == [Answered, Released]


async def test_q17_a_device_that_insists_on_acknowledgements_gets_them_after_the_store() -> None:
    """AT+CSMS=0 refused: without AT+CNMA it would stop telling us anything."""
    events: list[ModemEvent] = []
    async with a_line(events=events, profile="phase2", audio="") as (driver, device, _):
        assert driver.set_up.acknowledges
        heard = said(device)
        for text in ("un", "deux"):
            await driver.submit(a_pdu(text))
            await asyncio.sleep(60)

        assert heard.count("AT+CNMA") == 2
        assert device.settings.routing[3] == 1
    assert len([event for event in events if isinstance(event, StatusReport)]) == 2


async def test_q23_a_device_still_starting_after_the_radio_is_on_is_waited_for() -> None:
    """CME 515 for a while after AT+CFUN=1."""

    def grounded(device: object) -> None:
        device.settings.functionality = 4  # type: ignore[attr-defined]
        device.faults.fail_next("AT+CFUN", 515, kind="CME", times=0)  # type: ignore[attr-defined]

    busy = "\r\n+CME ERROR: 515\r\n"
    table = {
        **PLAIN,
        "AT+CFUN?": f"\r\n+CFUN: 4\r\n{OK}",
        "AT+CFUN=1": in_turn(busy, busy, busy, OK),
    }
    device = ScriptedDevice(table)
    async with driving(device):
        assert device.said.count("AT+CFUN=1") == 4
    async with a_line(profile="wavecom", audio="", prepare=grounded) as (_, emulated, _network):
        assert emulated.settings.functionality == 1


async def test_q31_the_signal_is_asked_in_either_form() -> None:
    """AT+CSQ for some, AT+CSQ? for others."""
    async with a_line(profile="generic", audio="") as (driver, _, _network):
        assert driver.health.signal_dbm == -75
    table = {**PLAIN, "AT+CSQ": ERROR, "AT+CSQ?": f"\r\n+CSQ: 10,99\r\n{OK}"}
    async with driving(ScriptedDevice(table)) as driver:
        assert driver.health.signal_dbm == -93


async def test_q50_a_device_deaf_to_the_first_commands_is_asked_again() -> None:
    """Nokia and Alcatel swallow what wakes them."""

    def sleepy(device: object) -> None:
        device.faults.deaf_to_lines = 2  # type: ignore[attr-defined]

    async with a_line(profile="generic", audio="", prepare=sleepy) as (driver, _, _network):
        assert await driver.submit(a_pdu()) >= 0


@pytest.mark.parametrize("fault", ["list_hangs", "list_lies"])
async def test_q53_a_list_that_hangs_or_names_wrong_places_is_replaced(fault: str) -> None:
    """Place by place, and never another message deleted than the one read."""
    events: list[ModemEvent] = []
    async with a_line(events=events, profile="generic", audio="") as (_, device, network):
        setattr(device.faults, fault, True)
        network.send(PHONE, device, "Un")
        network.send(PHONE, device, "Deux")
        await asyncio.sleep(120)

        assert not device.stores["ME"].slots
    assert [event.text for event in events if isinstance(event, IncomingSms)] == ["Un", "Deux"]


async def test_q53_a_single_message_listed_at_a_wrong_place_is_not_told_twice() -> None:
    """Nothing lies where the list says: the list is at fault, not the message."""
    events: list[ModemEvent] = []
    async with a_line(events=events, profile="generic", audio="") as (_, device, network):
        device.faults.list_lies = True
        network.send(PHONE, device, "Un")
        await asyncio.sleep(200)

        assert not device.stores["ME"].slots
    assert len(events) == 1


@pytest.mark.parametrize("answer", [ERROR, None], ids=["refused", "hangs"])
@pytest.mark.parametrize(
    "wish",
    ["AT+CLIP", "AT+CCWA", "AT+CVHU", "AT+CSCA?", "AT+CGMR", "AT+CSMS", "AT+CFUN?", "AT+CCID"],
)
async def test_q54_a_wish_refused_or_left_unanswered_is_no_hindrance(
    wish: str, answer: str | None
) -> None:
    """AT+CLIP hangs some telephones, AT+CCWA waits for the network: neither is needed."""
    async with driving(ScriptedDevice({**PLAIN, wish: answer})) as driver:
        assert await driver.submit(a_pdu()) == 42


@pytest.mark.parametrize(
    ("nonsense", "known"),
    [
        (['+CSCA: "",0'], True),
        (["+CSCA: 4B6A3F,129"], True),
        (['+CSCA: "002B00330033003600380039003000300034003000300030",145'], True),
        (['+CSCA: "",129'] * 2, False),
    ],
)
async def test_q56_a_service_centre_that_makes_no_sense_is_read_again(
    nonsense: list[str], known: bool
) -> None:
    """Empty or hexadecimal before the network has been found."""

    def early(device: object) -> None:
        device.faults.centre_nonsense = list(nonsense)  # type: ignore[attr-defined]

    async with a_line(profile="generic", audio="", prepare=early) as (driver, _, _network):
        assert (driver.service_centre == "+33689004000") is known
        await driver.read_health()
        assert driver.service_centre == "+33689004000"


@pytest.mark.parametrize("there", [True, False])
async def test_q57_a_thief_is_told_from_an_unplugging(there: bool, tmp_path: Path) -> None:
    """Pyserial has one sentence for both; whether the node exists tells them apart."""
    node = tmp_path / "ttyUSB2"
    if there:
        node.touch()
    reader = asyncio.StreamReader()
    reader.set_exception(OSError("device reports readiness to read but returned no data"))
    port = StreamPort(reader, _NoWriter(), str(node))  # type: ignore[arg-type]
    with pytest.raises(PortLost, match="another program" if there else "unplugged"):
        await port.read()


class _NoWriter:
    """A writer nobody writes to."""


async def test_a_message_directly_from_the_network_is_read_whatever_its_class() -> None:
    """+CLASS0 on SIMCom is the only copy of a flash message."""
    events: list[ModemEvent] = []
    device = ScriptedDevice()
    async with driving(device, events):
        device.say(f"\r\n+CLASS0: ,21\r\n{DELIVER}\r\n")
        await asyncio.sleep(1)

    assert len(events) == 1
