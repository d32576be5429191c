"""Quectel EC25 and EG25: sound on the GPS port, reports where they are not announced."""

from __future__ import annotations

import asyncio
import random
import struct

import pytest

from modem import profiles
from modem.emulator import Behaviour, Press
from modem.events import (
    DigitPressed,
    DigitSource,
    IncomingSms,
    ModemEvent,
    ReleaseCause,
    Released,
    StatusReport,
)
from modem.profiles.base import Ended, Flow
from tests.modem.emulator.host import host
from tests.modem.harness.lines import a_pdu
from tests.modem.harness.town import PHONE, a_line, answered, said, until_over

ANSWERS = Behaviour(answers_after=2.0)
_RNG = random.Random(3)
SPEECH = struct.pack("<16000h", *(_RNG.randrange(-9000, 9000) for _ in range(16000)))


@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [
        (Behaviour(busy=True), ReleaseCause.BUSY),
        (Behaviour(refuses=True), ReleaseCause.REFUSED),
        (Behaviour(answers_after=None), ReleaseCause.NO_ANSWER),
        (Behaviour(answers_after=1.0, hangs_up_after=2.0), ReleaseCause.NORMAL),
    ],
)
async def test_its_calls_are_followed_by_its_own_numbers(
    behaviour: Behaviour, cause: ReleaseCause
) -> None:
    """^DSCI: 3 answered, 7 ringing, 6 over; not those of +CLCC."""
    async with a_line(behaviour, profile="quectel") as (driver, _, _network):
        events = await until_over(await driver.dial(PHONE), 120)

    assert isinstance(events[-1], Released)
    assert events[-1].cause is cause


async def test_q14_reports_routed_to_us_and_refused_are_taken_from_the_memory() -> None:
    """Qualcomm devices advertise ds=1 and refuse it; the ladder ends at ds=2."""
    events: list[ModemEvent] = []
    async with host("qualcomm") as stick:
        assert b"(0,1,2)" in await stick.says("AT+CNMI=?\r")
        assert b"ERROR" in await stick.says("AT+CNMI=1,1,0,1,0\r")
    async with a_line(events=events, profile="qualcomm") as (driver, device, _):
        assert driver.set_up.routing == "1,1,0,2,0"
        assert device.settings.routing[3] == 2


async def test_q26_all_three_memories_are_always_named() -> None:
    """Empty parameters of AT+CPMS are refused by some."""
    async with host("quectel") as stick:
        assert b"ERROR" in await stick.says('AT+CPMS="SM",,\r')
    async with a_line(profile="quectel") as (driver, device, network):
        heard = said(device)
        network.send(PHONE, device, "Oui")
        await asyncio.sleep(70)
        chosen = [line for line in heard if line.startswith("AT+CPMS=")]
        assert all(line.count(",") == 2 and '""' not in line for line in chosen)
        assert driver.usage is not None


async def test_q27_reports_are_asked_for_directly_since_stored_ones_are_misannounced() -> None:
    """Stored in SR, announced as +CDSI: "SM",0, where lies something else or nothing."""
    events: list[ModemEvent] = []
    async with a_line(events=events, profile="quectel") as (driver, device, _):
        assert device.settings.routing[3] == 1
        reference = await driver.submit(a_pdu())
        await asyncio.sleep(60)

    assert [event.reference for event in events if isinstance(event, StatusReport)] == [reference]


async def test_q27_a_misannounced_report_is_found_and_nothing_else_is_lost() -> None:
    """With ds=1 refused: it is read from SR, and what lies at SM 0 is not deleted blindly."""
    events: list[ModemEvent] = []

    def stubborn(device: object) -> None:
        device.faults.refuse(["AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0"])  # type: ignore[attr-defined]

    async with a_line(events=events, profile="quectel", prepare=stubborn) as (
        driver,
        device,
        network,
    ):
        assert device.settings.routing[3] == 2
        network.send(PHONE, device, "Réponse")
        reference = await driver.submit(a_pdu())
        await asyncio.sleep(90)
        assert not device.stores["SR"].slots

    assert [event.reference for event in events if isinstance(event, StatusReport)] == [reference]
    assert [event.text for event in events if isinstance(event, IncomingSms)] == ["Réponse"]


async def test_q41_the_sound_is_switched_off_and_on_for_each_call() -> None:
    """Not doing so leaves the second call silent."""
    async with a_line(ANSWERS, profile="quectel") as (driver, _, network):
        for _ in range(3):
            call = await answered(driver)
            await call.play(SPEECH)
            await asyncio.sleep(0.4)
            await call.hang_up()

        assert all(SPEECH in record.pcm for record in network.handset(PHONE).calls)
        assert len(network.handset(PHONE).calls) == 3


async def test_q42_positions_are_sent_nowhere_before_they_get_into_the_sound() -> None:
    """$GPGGA in the middle of the voice is a crackle, and one byte more or less."""
    async with host("quectel") as stick:
        await stick.says("AT+QPCMV=0\rAT+QPCMV=1,0\r")
        port = await stick.in_call()
        await asyncio.sleep(1.2)
        assert b"$GPGGA" in await port.read()
    async with a_line(ANSWERS, profile="quectel") as (_, device, _network):
        assert not device.audio.leaks_positions


async def test_q43_the_voice_pauses_when_the_modem_asks() -> None:
    """+QPCMV: 0,0 stop, 1,0 go on: what is sent in between is lost."""
    async with a_line(ANSWERS, profile="quectel") as (driver, device, network):
        device.faults.pauses_sound = 0.6
        call = await answered(driver)
        await asyncio.sleep(0.1)
        await call.play(SPEECH)
        await asyncio.sleep(0.5)
        assert device.audio.count.wasted_bytes == 0
        await call.hang_up()
        heard = network.handset(PHONE).calls[-1].pcm

    frames = [SPEECH[at : at + 320] for at in range(0, len(SPEECH), 320)]
    assert all(frame in heard for frame in frames)


async def test_q43_a_pause_whose_end_is_never_said_ends_by_itself() -> None:
    """A lost +QPCMV: 1,0 must not leave the person listening to silence."""
    async with a_line(ANSWERS, profile="quectel") as (driver, device, network):
        call = await answered(driver)
        await asyncio.sleep(0.5)
        device.engine.notify("+QPCMV: 0,0")
        await asyncio.sleep(0.1)
        await call.play(SPEECH)
        await asyncio.sleep(0.5)
        await call.hang_up()

    assert SPEECH in network.handset(PHONE).calls[-1].pcm


async def test_q44_a_firmware_that_refuses_to_set_its_sound_has_no_voice() -> None:
    """It answers AT+QPCMV? as if all were well."""
    async with host("quectel-custom") as stick:
        assert b"+QPCMV: 0,0" in await stick.says("AT+QPCMV?\r")
    async with a_line(profile="quectel-custom") as (driver, _, _network):
        assert not driver.can_call
        assert await driver.submit(a_pdu()) >= 0


async def test_q45_keys_come_as_ascii_codes_and_noise_is_no_key() -> None:
    """49 is "1"; 70 was announced while nobody pressed anything."""
    read = profiles.QUECTEL.sign_of
    assert read("+QTONEDET: 49") == DigitPressed("1", DigitSource.MODEM)
    assert read("+QTONEDET: 42") == DigitPressed("*", DigitSource.MODEM)
    assert read("+QTONEDET: 70") is None
    keys = (Press("1", 1.0), Press("#", 2.0))
    behaviour = Behaviour(answers_after=1.0, presses=keys, hangs_up_after=4.0)
    async with a_line(behaviour, profile="quectel") as (driver, device, _):
        call = await answered(driver)
        device.engine.notify("+QTONEDET: 70")
        events = await until_over(call)

    assert [event.digit for event in events if isinstance(event, DigitPressed)] == ["1", "#"]


async def test_q45_each_call_asks_for_keys_again() -> None:
    """Some firmwares forget it at the end of each call."""
    async with a_line(ANSWERS, profile="quectel") as (driver, device, _):
        heard = said(device)
        for _ in range(2):
            call = await answered(driver)
            await asyncio.sleep(1)
            await call.hang_up()

        assert heard.count("AT+QTONEDET=1") == 2


async def test_q46_a_hang_up_that_takes_half_a_minute_is_waited_for() -> None:
    """The line is free when hang_up returns, and the modem was not thought dead."""
    async with a_line(ANSWERS, profile="quectel-slow") as (driver, device, _):
        call = await answered(driver)
        began = asyncio.get_running_loop().time()
        await call.hang_up()

        assert 25 <= asyncio.get_running_loop().time() - began < 60
        assert device.call is None
        assert driver._link.faults <= 1
        assert await driver.submit(a_pdu()) >= 0


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        ("^DSCI: 2,1,4,0,+48XXXXXXXXX,145", None),
        ("^DSCI: 3,0,6,0,XXXXXXX,129", Ended(None, "^DSCI: 6")),
        ('+QIND: "ccinfo",2,0,-1,0,0,"X",129', Ended(None, '+QIND: "ccinfo",-1')),
        ('+QIND: "csq",27,99', None),
        ("+QPCMV: 0,0", Flow(go_on=False)),
        ("+QPCMV: 1,0", Flow(go_on=True)),
    ],
)
def test_its_own_words_are_understood(line: str, sign: object) -> None:
    """As they were seen in the field."""
    assert profiles.QUECTEL.sign_of(line) == sign
