"""Calls through the driver: what the person lived, what they heard, and a line free afterwards."""

from __future__ import annotations

import asyncio
import random
import struct
from dataclasses import replace
from itertools import pairwise

import pytest

from modem.driver import Driver
from modem.emulator import Behaviour, Press
from modem.errors import CallEnded, CommandFailed, LocalProtocolError, PortLost, SoundLost
from modem.events import Alerting, Answered, CallEvent, DigitPressed, ReleaseCause, Released
from modem.profiles import GENERIC
from modem.voice import VoiceCall
from tests.modem.harness.lines import a_pdu, driving
from tests.modem.harness.scripted import OK, PLAIN, ScriptedDevice, in_turn
from tests.modem.harness.town import PHONE, a_line, until_over

ANSWERS = Behaviour(answers_after=2.0)
_RNG = random.Random(2)
SPEECH = struct.pack("<24123h", *(_RNG.randrange(-9000, 9000) for _ in range(24123)))


async def answered(driver: Driver, number: str = PHONE) -> VoiceCall:
    call = await driver.dial(number)
    while True:
        event = await call.next_event(60)
        assert event is not None
        assert not isinstance(event, Released)
        if isinstance(event, Answered):
            return call


@pytest.mark.parametrize(
    ("behaviour", "cause", "rings"),
    [
        (Behaviour(busy=True), ReleaseCause.BUSY, False),
        (Behaviour(refuses=True), ReleaseCause.REFUSED, True),
        (Behaviour(unreachable=True), ReleaseCause.UNREACHABLE, False),
        (Behaviour(answers_after=None), ReleaseCause.NO_ANSWER, True),
        (Behaviour(answers_after=1.0, hangs_up_after=2.0), ReleaseCause.NORMAL, True),
    ],
    ids=["busy", "refused", "unreachable", "rang out", "hung up"],
)
async def test_the_report_tells_what_the_person_lived(
    behaviour: Behaviour, cause: ReleaseCause, rings: bool
) -> None:
    """Busy, refused, switched off, out: each asks for another next step."""
    async with a_line(behaviour) as (driver, _, _network):
        events = await until_over(await driver.dial(PHONE), 120)

    released = events[-1]
    assert isinstance(released, Released)
    assert released.cause is cause
    assert (Alerting() in events) is rings


async def test_what_is_played_is_what_is_heard() -> None:
    """Every sample, in order, without a gap, within a second of the answer."""
    async with a_line(ANSWERS) as (driver, _, network):
        call = await answered(driver)
        await call.play(SPEECH)
        await asyncio.sleep(0.5)
        await call.hang_up()
        (record,) = network.handset(PHONE).calls

    began = record.pcm.index(SPEECH[:64])
    assert record.pcm[began : began + len(SPEECH)] == SPEECH
    assert began / 16000 < 0.9
    assert not any(record.pcm[:began])


async def test_a_cut_short_phrase_stops_within_a_frame() -> None:
    """A pressed key stops the voice at once, and the next phrase follows."""
    async with a_line(ANSWERS) as (driver, _, network):
        call = await answered(driver)
        speaking = asyncio.ensure_future(call.play(SPEECH))
        await asyncio.sleep(1.0)
        speaking.cancel()
        await asyncio.wait([speaking])
        await asyncio.sleep(0.5)
        await call.play(b"\x01\x10" * 800)
        await asyncio.sleep(0.3)
        await call.hang_up()
        (record,) = network.handset(PHONE).calls

    began = record.pcm.index(SPEECH[:64])
    spoken = next(n for n in range(0, len(SPEECH), 320) if not any(record.pcm[began + n :][:320]))
    assert spoken / 16000 <= 1.0
    assert b"\x01\x10" * 800 in record.pcm[began + spoken :]


async def test_a_key_is_told_once() -> None:
    """The device announces it and we hear it; two presses a second apart stay two."""
    keys = (Press("1", 2.0), Press("1", 3.0), Press("0", 4.0))
    async with a_line(Behaviour(answers_after=1.0, presses=keys, hangs_up_after=6.0)) as (
        driver,
        _,
        _network,
    ):
        events = await until_over(await driver.dial(PHONE))

    assert [event.digit for event in events if isinstance(event, DigitPressed)] == ["1", "1", "0"]


async def test_a_key_is_heard_though_the_device_says_nothing() -> None:
    """Some firmware never announces keys: the tone in the audio acknowledges as well."""
    keys = (Press("1", 2.0),)
    async with a_line(Behaviour(answers_after=1.0, presses=keys, hangs_up_after=4.0)) as (
        driver,
        device,
        _,
    ):
        device.faults.deaf_to_digits = True
        events = await until_over(await driver.dial(PHONE))

    assert [event.digit for event in events if isinstance(event, DigitPressed)] == ["1"]


async def test_sound_that_opens_at_the_third_try_is_sound() -> None:
    """SIM7600 refuses AT+CPCMREG=1 too soon after the answer, or just so."""
    async with a_line(ANSWERS) as (driver, device, network):
        device.faults.audio_refusals = 2
        call = await answered(driver)
        await call.play(SPEECH)
        await asyncio.sleep(0.3)
        await call.hang_up()
        (record,) = network.handset(PHONE).calls

    assert SPEECH in record.pcm


async def test_a_call_without_sound_says_so() -> None:
    """Nobody may be counted as having listened to nothing."""
    async with a_line(ANSWERS) as (driver, device, _):
        device.faults.audio_refusals = 99
        call = await answered(driver)
        with pytest.raises(SoundLost):
            await call.play(SPEECH)

        assert not call.voice
        await call.hang_up()


async def test_speech_ends_with_the_call() -> None:
    """The person hangs up in mid-word: the speaker is told, not left waiting."""
    async with a_line(Behaviour(answers_after=1.0, hangs_up_after=1.0)) as (driver, _, _network):
        call = await answered(driver)
        with pytest.raises(CallEnded):
            await call.play(SPEECH)
        with pytest.raises(CallEnded):
            await call.play(SPEECH)


async def test_two_phrases_at_once_are_our_mistake() -> None:
    """One mouth."""
    async with a_line(ANSWERS) as (driver, _, _network):
        call = await answered(driver)
        speaking = asyncio.ensure_future(call.play(SPEECH))
        await asyncio.sleep(1)
        with pytest.raises(LocalProtocolError):
            await call.play(SPEECH)
        await speaking


async def test_the_line_is_free_after_hanging_up() -> None:
    """The next call, and the next SMS, go out on the same modem."""
    async with a_line(ANSWERS) as (driver, _, network):
        for number in (PHONE, "+33639980002"):
            call = await answered(driver, number)
            await call.hang_up()
            await call.hang_up()
            assert isinstance(await call.next_event(0), Released)
            assert network.handset(number).calls[-1].ended_at is not None
        assert await driver.submit(a_pdu()) >= 0


async def test_the_line_is_free_when_the_other_side_hangs_up() -> None:
    """Without a word from the gateway: the driver cleans up after the call by itself."""
    async with a_line(Behaviour(answers_after=1.0, hangs_up_after=1.0)) as (driver, _, _network):
        await until_over(await driver.dial(PHONE))
        await asyncio.sleep(1)

        assert not driver.on_call


@pytest.mark.parametrize("after", [0.0, 0.1, 0.13, 0.2, 0.5])
async def test_hanging_up_while_the_sound_opens_leaves_nothing_open(after: float) -> None:
    """The audio port must be free for the next call, whenever this one ended."""
    async with a_line(ANSWERS) as (driver, device, network):
        device.faults.audio_refusals = 1
        call = await answered(driver)
        await asyncio.sleep(after)
        await call.hang_up()
        second = await answered(driver, "+33639980002")
        await second.play(SPEECH)
        await asyncio.sleep(0.3)
        await second.hang_up()

        assert SPEECH in network.handset("+33639980002").calls[-1].pcm


async def test_one_call_at_a_time() -> None:
    """A second ATD, or an SMS, in a call would hold both up."""
    async with a_line(ANSWERS) as (driver, _, _network):
        call = await answered(driver)
        with pytest.raises(LocalProtocolError):
            await driver.dial("+33639980002")
        with pytest.raises(LocalProtocolError):
            await driver.submit(a_pdu())
        await call.hang_up()


@pytest.mark.parametrize("number", ["", "06;ATH", "+33 6", "112\r", "W12", "mairie"])
async def test_what_is_no_number_is_not_dialled(number: str) -> None:
    """A separator would start a second command."""
    async with a_line() as (driver, _, network):
        with pytest.raises(LocalProtocolError):
            await driver.dial(number)
        assert not any(handset.calls for handset in network.handsets)


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8, 12, 20])
async def test_a_cancelled_dialling_leaves_no_phone_ringing(steps: int) -> None:
    """Whenever the lane is stopped, the call is ended for certain."""
    async with a_line(Behaviour(answers_after=None)) as (driver, device, network):
        dialling = asyncio.ensure_future(driver.dial(PHONE))
        for _ in range(steps):
            await asyncio.sleep(0)
        dialling.cancel()
        await asyncio.wait([dialling])
        if not dialling.cancelled():
            await dialling.result().hang_up()
        await asyncio.sleep(1)

        assert device.call is None
        assert not driver.on_call
        assert await driver.submit(a_pdu()) >= 0
        assert all(call.ended_at is not None for call in network.handset(PHONE).calls)


async def test_a_cancelled_hang_up_goes_on() -> None:
    """Stopping the daemon must not leave a citizen listening to silence."""
    async with a_line(ANSWERS) as (driver, device, _):
        call = await answered(driver)
        hanging = asyncio.ensure_future(call.hang_up())
        await asyncio.sleep(0)
        hanging.cancel()
        await asyncio.sleep(2)

        assert device.call is None
        assert not driver.on_call


async def test_closing_the_driver_hangs_up() -> None:
    """A stopped gateway leaves no call behind."""
    async with a_line(ANSWERS) as (driver, device, _):
        await answered(driver)
        await driver.close()

        assert device.call is None


async def test_a_stick_pulled_out_ends_the_call_as_lost() -> None:
    """And whoever speaks or listens is told at once."""
    async with a_line(ANSWERS) as (driver, device, _):
        call = await answered(driver)
        speaking = asyncio.ensure_future(call.play(SPEECH))
        await asyncio.sleep(1)
        device.unplug()
        events = await until_over(call, 5)
        await asyncio.wait([speaking])
        await call.hang_up()

        assert isinstance(speaking.exception(), PortLost | CallEnded)
        assert isinstance(await driver.wait_failed(), PortLost)
    assert [event.cause for event in events if isinstance(event, Released)] == [ReleaseCause.LOST]


async def test_frames_leave_on_an_even_clock() -> None:
    """50 frames a second, 100 ms ahead: what a device's own clock needs."""
    async with a_line(ANSWERS) as (driver, _, _network):
        call = await answered(driver)
        await asyncio.sleep(0.5)
        counts = []
        for _ in range(20):
            counts.append(call.sound._path.frames if call.sound._path else 0)
            await asyncio.sleep(0.1)
        await call.hang_up()

    assert {after - before for before, after in pairwise(counts)} <= {4, 5, 6}
    assert abs(counts[-1] - counts[0] - 5 * 19) <= 1


# --- devices an emulator would not be rude enough to play


def dialler(atd: str | None, **more: object) -> ScriptedDevice:
    table = {**PLAIN, "ATD": atd, "AT+CLCC": OK}
    return ScriptedDevice({**table, **more})  # type: ignore[dict-item]


async def events_of(device: ScriptedDevice, said: str) -> list[CallEvent]:
    async with driving(device, profile="simcom") as driver:
        call = await driver.dial(PHONE)
        device.say(said)
        return await until_over(call)


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("\r\nBUSY\r\n\r\nNO CARRIER\r\n", ReleaseCause.BUSY),
        ("\r\n+CLCC: 1,0,6,0,0\r\n\r\nBUSY\r\n", ReleaseCause.BUSY),
        ("\r\nVOICE CALL: END\r\n\r\nNO CARRIER\r\n", ReleaseCause.UNREACHABLE),
        ("\r\nNO ANSWER\r\n", ReleaseCause.NO_ANSWER),
        ("\r\nNO DIALTONE\r\n", ReleaseCause.NETWORK),
    ],
)
async def test_an_end_told_twice_is_one_end(said: str, cause: ReleaseCause) -> None:
    """Some SIM7600 say both BUSY and NO CARRIER, in either order with the call list."""
    events = await events_of(dialler(OK), said)

    assert [event.cause for event in events if isinstance(event, Released)] == [cause]


async def test_a_late_word_of_the_last_call_does_not_end_the_next() -> None:
    """NO CARRIER comes after VOICE CALL: END; a new call may have begun meanwhile."""
    device = dialler(OK)
    async with driving(device, profile="simcom") as driver:
        first = await driver.dial(PHONE)
        device.say("\r\nVOICE CALL: BEGIN\r\n\r\nVOICE CALL: END: 000003\r\n")
        await until_over(first)
        device.say_later(0.1, "\r\nNO CARRIER\r\n")
        second = await driver.dial(PHONE)
        assert await second.next_event(5) is None
        await second.hang_up()


@pytest.mark.parametrize(
    ("result", "cause"),
    [("BUSY", ReleaseCause.BUSY), ("NO CARRIER", ReleaseCause.UNREACHABLE)],
)
async def test_a_result_of_atd_is_an_event_of_the_call(result: str, cause: ReleaseCause) -> None:
    """Modems that hold ATD open say there what others notify."""
    async with driving(dialler(f"\r\n{result}\r\n")) as driver:
        events = await until_over(await driver.dial(PHONE))

    assert [event.cause for event in events if isinstance(event, Released)] == [cause]


async def test_a_refused_dialling_is_a_failed_command() -> None:
    """No service, or emergency calls only: not the fault of the person called."""
    async with driving(dialler("\r\n+CME ERROR: 30\r\n")) as driver:
        with pytest.raises(CommandFailed) as refused:
            await driver.dial(PHONE)

        assert refused.value.code == 30
        assert PHONE not in str(refused.value)
        await asyncio.sleep(1)
        assert not driver.on_call


async def test_progress_is_polled_where_nothing_is_notified() -> None:
    """The generic modem: the list of calls tells dialling, ringing, answered, gone."""
    rows = [f'\r\n+CLCC: 1,0,{stat},0,0,"0639980001",129\r\n{OK}' for stat in (2, 3, 0)]
    device = dialler(OK, **{"AT+CLCC": in_turn(*rows, OK)})
    async with driving(device, profile="generic") as driver:
        events = await until_over(await driver.dial(PHONE))

    assert [type(event) for event in events] == [Alerting, Answered, Released]


async def test_a_hang_up_the_device_ignores_is_said_again_and_reported() -> None:
    """Half a minute, then the modem is to be started anew, which hangs up first of all."""
    row = f'\r\n+CLCC: 1,0,0,0,0,"0639980001",129\r\n{OK}'
    device = dialler(OK, **{"AT+CLCC": row})
    async with driving(device, profile="simcom") as driver:
        call = await driver.dial(PHONE)
        device.say("\r\nVOICE CALL: BEGIN\r\n")
        began = asyncio.get_running_loop().time()
        await call.hang_up()

        assert asyncio.get_running_loop().time() - began < 31
        assert device.said.count("AT+CHUP") >= 3
        assert "ATH" in device.said
        assert "hanging up" in str(await driver.wait_failed())


async def test_a_hang_up_waits_for_its_proof() -> None:
    """The OK to AT+CHUP is a promise; the end of the call is the proof."""
    device = dialler(OK, **{"AT+CLCC": f"\r\n+CLCC: 1,0,0,0,0\r\n{OK}"})
    async with driving(device, profile="simcom") as driver:
        call = await driver.dial(PHONE)
        device.say("\r\nVOICE CALL: BEGIN\r\n")
        await asyncio.sleep(1)
        device.say_later(4.0, "\r\nVOICE CALL: END: 000004\r\n")
        await call.hang_up()

        assert device.said.count("AT+CHUP") - 1 == 2


async def test_an_ok_that_waits_for_the_answer_is_the_answer() -> None:
    """Wavecom keeps silent after ATD until somebody picks up."""
    device = dialler(None, **{"AT+CLCC": f"\r\n+CLCC: 1,0,0,0,0\r\n{OK}"})
    async with driving(device, profile="generic") as driver:
        driver._link.profile = replace(
            GENERIC, answer_on_ok=True, poll_calls=None, before_dial=("AT+FCLASS=8",)
        )
        device.say_later(20.0, OK)
        call = await driver.dial(PHONE)
        assert isinstance(await call.next_event(20), Answered)
        device.say("\r\nNO CARRIER\r\n")
        assert isinstance(await call.next_event(1), Released)

    assert "AT+FCLASS=8" in device.said


async def test_closing_on_a_dead_device_is_bounded() -> None:
    """A frozen modem must not keep the daemon from stopping."""
    device = dialler(OK)
    async with driving(device, profile="simcom") as driver:
        call = await driver.dial(PHONE)
        device.say("\r\nVOICE CALL: BEGIN\r\n")
        await asyncio.sleep(3)
        device.table = dict.fromkeys(device.table, None)
        device._otherwise = None
        speaking = asyncio.ensure_future(call.next_event())
        began = asyncio.get_running_loop().time()
        await driver.close()

        assert asyncio.get_running_loop().time() - began < 12
        assert isinstance(await speaking, Answered)
        assert isinstance(await call.next_event(), Released)
