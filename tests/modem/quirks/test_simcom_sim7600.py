"""SIMCom SIM7600: a good modem with a sound port that wants care."""

from __future__ import annotations

import asyncio
import random
import struct

import pytest

from modem import profiles
from modem.alignment import Aligner
from modem.driver import Driver
from modem.emulator import Behaviour, Device, Network, Pace, Press
from modem.errors import LocalProtocolError, ModemError
from modem.events import DigitPressed, ReleaseCause, Released
from modem.framing import Line, LineFramer
from modem.pins import Pin
from modem.transport import open_port
from tests.modem.emulator.host import host
from tests.modem.harness.lines import a_pdu
from tests.modem.harness.town import PHONE, a_line, answered, said, until_over

ANSWERS = Behaviour(answers_after=2.0)
_RNG = random.Random(3)
SPEECH = struct.pack("<8000h", *(_RNG.randrange(-9000, 9000) for _ in range(8000)))


async def test_q3_doubled_carriage_returns_are_one_line_end() -> None:
    """Its keys come as <CR><CR><LF>+RXDTMF: 8<CR><CR><LF>."""
    assert LineFramer().feed(b"\r\r\n+RXDTMF: 8\r\r\n") == [Line("+RXDTMF: 8")]
    keys = (Press("8", 1.0),)
    behaviour = Behaviour(answers_after=1.0, presses=keys, hangs_up_after=3.0)
    async with a_line(behaviour, audio="") as (driver, _, _network):
        events = await until_over(await driver.dial(PHONE))

    assert DigitPressed("8") in events


async def test_q24_a_sim_busy_after_its_pin_is_waited_for() -> None:
    """CME 14 for some seconds, then +CPIN: READY of its own accord."""
    network = Network(seed=1, pace=Pace.FAST)
    device = network.add_modem("m1")
    device.sim.pin = "4321"
    device.faults.fail_next("AT+CPMS", 314, times=3)
    network.install()

    async def take(_: object) -> None:
        """Nothing comes."""

    driver = Driver(await open_port("emulator:m1"), take, pin=Pin("4321"))
    await driver.start()
    assert driver.health.trouble is None
    assert device.settings.memories == ("ME", "ME", "ME")
    await driver.close()
    network.remove()


async def test_q33_hanging_up_is_done_by_chup_which_this_modem_heeds() -> None:
    """ATH says OK and leaves the call up, unless AT+CVHU=0 was said."""
    async with host("simcom") as stick:
        await stick.says(f"ATD{PHONE};\r", 0.6)
        assert b"OK" in await stick.says("ATH\r")
        assert stick.device.call is not None
    async with a_line(ANSWERS) as (driver, device, _):
        heard = said(device)
        call = await answered(driver)
        await call.hang_up()
        assert device.call is None
        assert "AT+CHUP" in heard


async def test_q34_the_sound_is_asked_for_only_in_a_call() -> None:
    """Outside of one AT+CPCMREG=1 is refused."""
    async with host("simcom") as stick:
        assert b"ERROR" in await stick.says("AT+CPCMREG=1\r")
    async with a_line(ANSWERS) as (driver, device, _):
        heard = said(device)
        call = await driver.dial(PHONE)
        await asyncio.sleep(1)
        assert "AT+CPCMREG=1" not in heard
        await asyncio.sleep(13)
        assert "AT+CPCMREG=1" in heard
        await call.hang_up()


async def test_q35_sound_asked_for_too_soon_would_freeze_it() -> None:
    """The driver leaves it a tenth of a second after the answer."""
    async with a_line(ANSWERS, profile="simcom-touchy") as (driver, _, network):
        call = await answered(driver)
        await call.play(SPEECH)
        await asyncio.sleep(0.3)
        await call.hang_up()

        assert SPEECH in network.handset(PHONE).calls[-1].pcm
        assert await driver.submit(a_pdu()) >= 0


@pytest.mark.parametrize(("wear", "calls_until_known"), [(1, 3), (2, 2), (3, 2)])
async def test_q36_a_worn_sound_port_is_noticed_and_mended_by_a_reset(
    wear: int, calls_until_known: int
) -> None:
    """First two requests instead of one, then no sound, or sound that stops: only CRESET helps."""
    async with a_line(ANSWERS) as (driver, device, _):
        device.faults.audio_wear = wear
        for number in range(1, calls_until_known + 1):
            assert not driver.wear.out, f"too early, before call {number}"
            call = await answered(driver)
            try:
                await call.play(SPEECH * 4)
            except ModemError:
                assert wear > 1
            await call.hang_up()
            await asyncio.sleep(1)
        assert driver.wear.out
        heard = said(device)
        await driver.reset()
        assert heard == ["AT+CRESET"]
        await asyncio.sleep(1)
        assert not device.plugged


async def test_q37_only_whole_frames_are_written() -> None:
    """A write below 320 bytes blocks its endpoint for ever."""
    async with a_line(ANSWERS) as (driver, device, network):
        device.faults.short_write_blocks = True
        call = await answered(driver)
        await call.play(SPEECH[:1001])
        await call.play(SPEECH)
        await asyncio.sleep(0.3)
        await call.hang_up()

        assert not device.audio.jammed
        assert SPEECH in network.handset(PHONE).calls[-1].pcm


async def test_q38_sound_that_begins_in_mid_sample_is_set_right() -> None:
    """One byte off, every key would drown in noise."""
    keys = (Press("1", 6.0),)
    behaviour = Behaviour(answers_after=1.0, machine=True, presses=keys, hangs_up_after=8.0)
    async with a_line(behaviour) as (driver, device, _):
        device.faults.deaf_to_digits = True
        device.faults.slips_a_byte = True
        call = await answered(driver)
        events = await until_over(call)

    assert [event.digit for event in events if isinstance(event, DigitPressed)] == ["1"]


def test_q38_what_is_right_is_left_alone() -> None:
    """Noise, silence and loud tones must not be taken for a slip."""
    tone = struct.pack("<8000h", *(int(20000 * ((n * 7) % 40 - 20) / 20) for n in range(8000)))
    for sound in (SPEECH, bytes(16000), tone):
        aligner = Aligner()
        out = b"".join(aligner.feed(sound[at : at + 111]) for at in range(0, len(sound), 111))
        assert aligner.slips == 0
        assert sound.startswith(out)
        assert len(out) >= len(sound) - 640


async def test_q39_busy_and_no_carrier_for_one_refusal_are_one_end() -> None:
    """Some units say both; the first one wins."""
    async with a_line(Behaviour(refuses=True), profile="simcom-terse") as (driver, _, _network):
        call = await driver.dial(PHONE)
        events = await until_over(call)
        await asyncio.sleep(2)

        assert [type(event) for event in events].count(Released) == 1
        assert events[-1].cause is ReleaseCause.BUSY
        assert await call.next_event(1) is events[-1]


async def test_q40_an_end_that_dsci_does_not_tell_is_noticed() -> None:
    """Told by NO CARRIER when the other hangs up, by the empty list of calls when we do."""
    behaviour = Behaviour(answers_after=1.0, hangs_up_after=2.0)
    async with a_line(behaviour, profile="simcom-terse") as (driver, _, network):
        assert isinstance((await until_over(await driver.dial(PHONE)))[-1], Released)
        network.handset(PHONE).behaviour = ANSWERS
        call = await answered(driver)
        await call.hang_up()
        assert isinstance(await call.next_event(1), Released)


async def test_q60_no_sms_is_given_to_it_during_a_call() -> None:
    """It would keep it until the call is over, longer than anybody waits."""
    async with a_line(ANSWERS) as (driver, _, network):
        call = await answered(driver)
        with pytest.raises(LocalProtocolError):
            await driver.submit(a_pdu())
        await call.hang_up()
        assert await driver.submit(a_pdu()) >= 0
        await asyncio.sleep(30)
        assert network.handset(PHONE).inbox


def test_its_ports_are_known_by_interface() -> None:
    """TtyUSB numbers shift; interface numbers do not."""
    roles = profiles.roles_of((0x1E0E, 0x9001))

    assert roles is not None
    assert (roles.at, roles.audio) == ((2, 3), 4)


async def test_a_pin_with_two_tries_left_is_not_tried() -> None:
    """AT+SPIC tells."""

    def locked(device: Device) -> None:
        device.sim.pin, device.sim.pin_tries = "1111", 2

    with pytest.raises(ModemError, match="pin_needed"):
        async with a_line(prepare=locked):
            raise AssertionError("it started")
