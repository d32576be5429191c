"""Whoever rings the modem: let in, sent away, or gone, and never in the way of a text for long."""

from __future__ import annotations

import asyncio
import struct

import pytest

from modem.driver import Driver
from modem.emulator import Behaviour, Press
from modem.errors import CallEnded
from modem.events import DigitPressed, IncomingCall, ModemEvent, Released
from modem.voice import VoiceCall
from tests.modem.harness.lines import a_pdu
from tests.modem.harness.town import PHONE, a_line, said, until_over

SPEECH = struct.pack("<8000h", *(((n * 37) % 9000) - 4500 for n in range(8000)))
#: One of each family that carries sound.
FAMILIES = ["simcom", "huawei", "quectel"]


def welcoming(driver: Driver) -> asyncio.Queue[str]:
    """Have everybody let in; return the queue of their numbers."""
    callers: asyncio.Queue[str] = asyncio.Queue()

    def wanted(number: str) -> bool:
        callers.put_nowait(number)
        return True

    driver.door.wanted = wanted
    return callers


async def picked_up(driver: Driver, callers: asyncio.Queue[str]) -> tuple[str, VoiceCall]:
    async with asyncio.timeout(10):
        number = await callers.get()
    return number, await driver.answer()


@pytest.mark.parametrize("make", FAMILIES)
async def test_a_caller_is_heard_and_hears(make: str) -> None:
    """Every family opens its sound and tells a caller's keys as in a call we placed."""
    caller = Behaviour(presses=(Press("1", 3.0),), hangs_up_after=6.0)
    async with a_line(profile=make) as (driver, device, network):
        callers = welcoming(driver)
        network.ring_modem(PHONE, device, behaviour=caller)
        number, call = await picked_up(driver, callers)
        await call.play(SPEECH)
        events = await until_over(call)
        await call.hang_up()
        (placed,) = network.handset(PHONE).placed

        assert number == PHONE
        assert SPEECH in placed.pcm
        assert [e.digit for e in events if isinstance(e, DigitPressed)] == ["1"]
        assert isinstance(events[-1], Released)
        assert device.call is None
        assert await driver.submit(a_pdu()) >= 0


async def test_without_a_host_everybody_is_sent_away() -> None:
    """As long as nobody in the gateway wants callers, a ring must not block the next call."""
    events: list[ModemEvent] = []
    async with a_line(events=events) as (driver, device, network):
        network.ring_modem(PHONE, device)
        await asyncio.sleep(3)

        assert device.call is None
        assert events == [IncomingCall(PHONE)]
        assert not driver.on_call


async def test_a_hidden_caller_has_no_number() -> None:
    """Hidden is unknown: no message of anybody's may be told to them."""
    async with a_line() as (driver, device, network):
        callers = welcoming(driver)
        network.ring_modem(PHONE, device, hidden=True)
        number, call = await picked_up(driver, callers)
        await call.hang_up()

        assert number == ""


async def test_a_caller_nobody_comes_for_is_sent_away_in_time() -> None:
    """A lane that is busy with an alert must not leave its line blocked behind a ringing phone."""
    events: list[ModemEvent] = []
    async with a_line(events=events) as (driver, device, network):
        welcoming(driver)
        network.ring_modem(PHONE, device)
        await asyncio.sleep(27)

        assert device.call is None
        assert events == [IncomingCall(PHONE)]
        with pytest.raises(CallEnded):
            await driver.answer()


async def test_a_caller_who_gives_up_is_not_answered() -> None:
    """Nobody is on the line: the modem must not talk to it, and the next call goes out."""
    async with a_line(Behaviour(answers_after=1.0)) as (driver, device, network):
        callers = welcoming(driver)
        network.ring_modem("+33639980009", device, gives_up_after=6.0)
        await callers.get()
        await asyncio.sleep(6)
        with pytest.raises(CallEnded):
            await driver.answer()
        await asyncio.sleep(12)
        with pytest.raises(CallEnded):
            await driver.answer()
        call = await driver.dial(PHONE)
        await call.hang_up()


async def test_a_caller_who_gives_up_early_is_told_of() -> None:
    """A missed call is on record, though nobody had come to the door yet."""
    events: list[ModemEvent] = []
    async with a_line(events=events) as (driver, device, network):
        welcoming(driver)
        network.ring_modem(PHONE, device, gives_up_after=6.0)
        await asyncio.sleep(20)

        assert events == [IncomingCall(PHONE)]


async def test_a_call_of_ours_sends_the_caller_away_first() -> None:
    """An alert does not wait until somebody else stops ringing."""
    async with a_line(Behaviour(answers_after=1.0)) as (driver, device, network):
        callers = welcoming(driver)
        network.ring_modem("+33639980009", device)
        await callers.get()
        call = await driver.dial(PHONE)
        await call.hang_up()

        assert network.handset("+33639980009").placed[0].outcome == "declined"
        assert network.handset(PHONE).calls


async def test_a_text_does_not_wait_behind_a_ringing_phone() -> None:
    """SIMCom keeps a text until the line is free: the caller goes, and may call again."""
    async with a_line() as (driver, device, network):
        callers = welcoming(driver)
        network.ring_modem(PHONE, device)
        await callers.get()
        began = asyncio.get_running_loop().time()

        assert await driver.submit(a_pdu()) >= 0
        assert asyncio.get_running_loop().time() - began < 8
        assert network.handset(PHONE).placed[0].outcome == "declined"


@pytest.mark.parametrize(
    ("make", "spelling"),
    [("simcom", "AT+VTS=1"), ("quectel", "AT+VTS=1"), ("huawei", "AT^DTMF=1,1")],
)
async def test_keys_are_pressed_towards_the_other_end(make: str, spelling: str) -> None:
    """Each family in its own words; what the other end hears is what counts."""
    async with a_line(Behaviour(answers_after=1.0), profile=make) as (driver, device, network):
        lines = said(device)
        call = await driver.dial(PHONE)
        with pytest.raises(CallEnded):
            await call.send_digits("1")
        await asyncio.sleep(10)  # answered a second after the first ring
        await call.send_digits("12#")
        await call.hang_up()
        with pytest.raises(CallEnded):
            await call.send_digits("1")
        (record,) = network.handset(PHONE).calls

        assert record.keys_heard == "12#"
        assert spelling in lines


async def test_a_caller_whose_number_is_cut_off_leaves_the_modem_its_hearing() -> None:
    """A line that ends too early must not end the listening: all commands would go unanswered."""
    async with a_line() as (driver, device, network):
        callers = welcoming(driver)
        network.ring_modem(PHONE, device)
        device.engine.notify("+CLIP:")
        await asyncio.wait_for(callers.get(), 10)

        assert await driver.submit(a_pdu()) >= 0
