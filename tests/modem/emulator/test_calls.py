"""Calls: what the modem says of them, and what the person heard."""

from __future__ import annotations

import asyncio
import struct

import pytest

from modem.emulator import Behaviour, Pace, Press
from modem.emulator.audio import FRAME
from modem.emulator.port import EmulatedPort
from modem.errors import PortBusy, PortLost
from tests.modem.emulator.host import PHONE, Host, host


def _ramp(frames: int) -> bytes:
    """Return PCM in which every sample is another."""
    return struct.pack(f"<{frames * 160}h", *(number % 30000 + 1 for number in range(frames * 160)))


async def _plays(port: EmulatedPort, pcm: bytes) -> None:
    for at in range(0, len(pcm), FRAME):
        port.write(pcm[at : at + FRAME])
        await port.drain()


async def _outcome_of(modem: Host, behaviour: Behaviour, seconds: float = 120) -> bytes:
    modem.network.handset(PHONE).behaviour = behaviour
    await modem.says("ATD0612345678;\r")
    return await modem.heard(seconds)


async def test_a_sim7600_tells_a_call_in_its_own_words() -> None:
    """Dialling, alerting, answer, end: +CLCC under AT+CLCC=1, and VOICE CALL."""
    async with host() as modem:
        await modem.says("AT+CLCC=1\r")
        modem.network.handset(PHONE).behaviour = Behaviour(answers_after=3, hangs_up_after=41)

        said = await modem.says("ATD0612345678;\r", 60)

        def clcc(state: int) -> bytes:
            return b'\r\n+CLCC: 1,0,%d,0,0,"0612345678",129\r\n' % state

        assert said == (
            b"\r\nOK\r\n"
            + clcc(2)
            + clcc(3)
            + b"\r\nVOICE CALL: BEGIN\r\n"
            + clcc(0)
            + clcc(6)
            + b"\r\nVOICE CALL: END: 000041\r\n\r\nNO CARRIER\r\n"
        )


async def test_a_generic_modem_tells_only_when_asked() -> None:
    """AT+CLCC in one row while the call lives, and NO CARRIER."""
    async with host("generic") as modem:
        modem.network.handset(PHONE).behaviour = Behaviour(answers_after=3, hangs_up_after=5)
        assert await modem.says("ATD0612345678;\r", 1) == b"\r\nOK\r\n"
        assert b"+CLCC: 1,0,3," in await modem.says("AT+CLCC\r", 3)
        assert b"+CLCC: 1,0,0," in await modem.says("AT+CLCC\r")

        assert await modem.heard(10) == b"\r\nNO CARRIER\r\n"
        assert await modem.says("AT+CLCC\r") == b"\r\nOK\r\n"


@pytest.mark.parametrize(
    ("behaviour", "outcome", "said", "reason"),
    [
        (Behaviour(busy=True), "busy", b"BUSY", b"User busy"),
        (Behaviour(unreachable=True), "unreachable", b"NO CARRIER", b"No user responding"),
        (Behaviour(refuses=True), "refused", b"NO CARRIER", b"Call rejected"),
        (Behaviour(answers_after=None), "no_answer", b"NO CARRIER", b"No answer from user"),
        (Behaviour(answers_after=50), "no_answer", b"NO CARRIER", b"No answer from user"),
    ],
)
async def test_a_call_can_fail_in_four_ways(
    behaviour: Behaviour, outcome: str, said: bytes, reason: bytes
) -> None:
    """Busy, unreachable, refused and rung out; AT+CEER tells them apart."""
    async with host() as modem:
        heard = await _outcome_of(modem, behaviour)

        assert heard == b"\r\nVOICE CALL: END\r\n\r\n" + said + b"\r\n"
        assert reason in await modem.says("AT+CEER\r")
        (call,) = modem.network.handset(PHONE).calls
        assert (call.outcome, call.answered_at, call.pcm) == (outcome, None, b"")


async def test_a_phone_engaged_elsewhere_is_busy() -> None:
    """One ear, one call."""
    async with host() as modem:
        modem.network.handset(PHONE).in_call = True

        assert b"BUSY" in await modem.says("ATD0612345678;\r", 1)


async def test_giving_up_before_the_answer_is_an_abandoned_call() -> None:
    """AT+CHUP ends it at once, and the phone has a missed call."""
    async with host(pace=Pace.REAL) as modem:
        await modem.says("ATD0612345678;\r", 10 / 4)

        assert await modem.says("AT+CHUP\r") == b"\r\nVOICE CALL: END\r\n\r\nOK\r\n"
        assert await modem.says("AT+CLCC\r") == b"\r\nOK\r\n"
        assert modem.network.handset(PHONE).calls[0].outcome == "abandoned"


async def test_ath_leaves_a_voice_call_alone_until_cvhu_is_0() -> None:
    """SIM7600: ATH says OK and the call goes on."""
    async with host() as modem:
        await modem.in_call()

        assert await modem.says("ATH\r") == b"\r\nOK\r\n"
        assert b"+CLCC: 1,0,0," in await modem.says("AT+CLCC\r")
        ended = await modem.says("AT+CVHU=0;H\r")
        assert ended == b"\r\nVOICE CALL: END: 000000\r\n\r\nOK\r\n"


async def test_what_is_written_is_what_is_heard() -> None:
    """Sample by sample from the first to the last, behind the silence before the path opened."""
    async with host() as modem:
        audio = await modem.in_call()
        await _plays(audio, _ramp(150))
        await modem.heard(0.5)
        await modem.says("AT+CHUP\r")

        (call,) = modem.network.handset(PHONE).calls
        assert call.pcm.strip(b"\0") == _ramp(150).strip(b"\0")
        assert modem.device.audio.count.frames_heard == 150


async def test_what_is_heard_begins_at_the_answer() -> None:
    """A second without the path open is a second of silence, then the words."""
    async with host() as modem:
        modem.network.handset(PHONE).behaviour = Behaviour(answers_after=1)
        await modem.says("ATD0612345678;\r", 2.05)
        await modem.says("AT+CPCMREG=1\r")
        from modem.emulator.registry import open_port

        await _plays(open_port("modem-1.audio"), b"\1\0" * 160)
        await modem.heard(0.5)
        await modem.says("AT+CHUP\r")

        (call,) = modem.network.handset(PHONE).calls
        silence = len(call.pcm) - len(call.pcm.lstrip(b"\0"))
        assert call.answered_at is not None
        assert len(call.pcm) == pytest.approx(16000 * (call.ended_at - call.answered_at), abs=320)
        assert silence == pytest.approx(16000 * 1.0, abs=4 * FRAME)


async def test_writing_too_fast_blocks_instead_of_losing() -> None:
    """The endpoint takes 200 ms ahead of the ear, then makes the writer wait."""
    async with host() as modem:
        audio = await modem.in_call()
        loop = asyncio.get_running_loop()
        before = loop.time()

        await _plays(audio, _ramp(60))

        assert loop.time() - before == pytest.approx(60 * 0.02 - 0.2, abs=0.05)
        assert modem.device.audio.count.underruns == 0


async def test_writing_too_late_is_heard_as_a_gap_and_counted() -> None:
    """A late frame is completed with zeros; nothing is invented."""
    async with host() as modem:
        audio = await modem.in_call()
        await _plays(audio, b"\1\0" * 160)
        await modem.heard(0.105)
        await _plays(audio, b"\2\0" * 160)
        await modem.heard(0.03)
        await modem.says("AT+CHUP\r")

        (call,) = modem.network.handset(PHONE).calls
        heard = call.pcm.strip(b"\0") + b"\0"
        assert heard.startswith(b"\1\0" * 160)
        assert heard.endswith(b"\2\0" * 160)
        assert len(heard) in {6 * FRAME, 7 * FRAME}
        assert modem.device.audio.count.underruns >= 4


async def test_the_host_hears_320_bytes_every_20_ms() -> None:
    """Raw, without framing, for as long as the path is open."""
    async with host() as modem:
        audio = await modem.in_call()
        await audio.read()
        frames = [await audio.read() for _ in range(50)]

        assert {len(frame) for frame in frames} == {FRAME}
        assert b"".join(frames) == bytes(50 * FRAME)


async def test_the_voice_path_opens_in_a_call_only_and_not_at_once() -> None:
    """SIM7600: error outside a call, and for 100 ms after the answer."""
    async with host() as modem:
        assert await modem.says("AT+CPCMREG=1\r") == b"\r\n+CME ERROR: 3\r\n"
        modem.network.handset(PHONE).behaviour = Behaviour(answers_after=1)
        assert await modem.says("ATD0612345678;\r", 1.06) == b"\r\nOK\r\n\r\nVOICE CALL: BEGIN\r\n"

        assert await modem.says("AT+CPCMREG=1\r", 0.1) == b"\r\n+CME ERROR: 3\r\n"
        assert await modem.says("AT+CPCMREG=1\r") == b"\r\nOK\r\n"
        assert await modem.says("AT+CPCMREG?\r") == b"\r\n+CPCMREG: 1\r\n\r\nOK\r\n"


async def test_a_voice_path_may_need_several_tries() -> None:
    """The endpoint decays from call to call."""
    async with host() as modem:
        modem.device.faults.audio_refusals = 2
        await modem.in_call()

        assert await modem.says("AT+CPCMREG=1\r") == b"\r\nERROR\r\n"
        assert await modem.says("AT+CPCMREG=1\r") == b"\r\nOK\r\n"


async def test_a_short_write_can_block_the_endpoint_for_good() -> None:
    """SIM7600: less than a whole frame, and nothing is heard any more."""
    async with host() as modem:
        modem.device.faults.short_write_blocks = True
        audio = await modem.in_call()
        audio.write(b"\1\0" * 100)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await audio.drain()
        assert modem.device.audio.jammed


async def test_the_voice_path_may_start_in_the_middle_of_a_sample() -> None:
    """SIM7600 after a recovery: 16-bit samples are read across their border."""
    async with host() as modem:
        modem.device.faults.slips_a_byte = True
        audio = await modem.in_call()
        await modem.heard(0.1)

        assert len(await audio.read()) % FRAME == FRAME - 1


async def test_at_16_khz_a_frame_is_640_bytes() -> None:
    """AT+CPCMFRM=1 left by somebody: 8 kHz audio would come out at twice the speed."""
    async with host() as modem:
        await modem.says("AT+CPCMFRM=1\r")
        audio = await modem.in_call()
        await _plays(audio, b"\1\0\2\0" * 80 * 10)
        await modem.heard(0.5)
        await modem.says("AT+CHUP\r")

        (call,) = modem.network.handset(PHONE).calls
        assert call.pcm.strip(b"\0") + b"\0" == b"\1\0" * 80 * 10


async def test_a_key_is_signalled_and_sounds() -> None:
    """The notification ends in two carriage returns; the tone lies in the audio."""
    async with host() as modem:
        phone = modem.network.handset(PHONE)
        phone.behaviour = Behaviour(presses=(Press("8", 2.0),), hangs_up_after=4)
        await modem.says("AT+DDET=1\r")
        audio = await modem.in_call()

        said = await modem.heard(3)

        assert said == b"\r\r\n+RXDTMF: 8\r\r\n"
        assert (await audio.read()).strip(b"\0")
        await modem.heard(2)
        assert phone.calls[0].keys == "8"


async def test_a_deaf_modem_leaves_the_key_in_the_audio() -> None:
    """Then only a detector on the received audio can know."""
    async with host() as modem:
        phone = modem.network.handset(PHONE)
        phone.behaviour = Behaviour(presses=(Press("1", 1.0),))
        modem.device.faults.deaf_to_digits = True
        await modem.says("AT+DDET=1\r")
        audio = await modem.in_call()

        assert await modem.heard(3) == b""
        assert (await audio.read()).strip(b"\0")


async def test_a_person_presses_once_the_voice_has_spoken_and_fallen_silent() -> None:
    """Not before there was a message, and only once."""
    async with host() as modem:
        phone = modem.network.handset(PHONE)
        phone.behaviour = Behaviour(presses_when_prompted="1")
        audio = await modem.in_call()
        speech, pause = b"\0\x10" * 160 * 100, bytes(FRAME * 30)
        await _plays(audio, bytes(FRAME * 100) + speech + pause + speech)
        assert phone.calls == []

        await _plays(audio, bytes(FRAME * 200) + speech + bytes(FRAME * 100))
        await modem.says("AT+CHUP\r")

        assert phone.calls[0].keys == "1"


async def test_a_machine_greets_beeps_and_records() -> None:
    """It answers like a person, and speaks first."""
    async with host() as modem:
        phone = modem.network.handset(PHONE)
        phone.behaviour = Behaviour(machine=True)
        audio = await modem.in_call()
        await _plays(audio, b"\1\0" * 160 * 50)
        await modem.heard(6)
        heard = await audio.read()
        await modem.says("AT+CHUP\r")

        assert phone.calls[0].outcome == "machine"
        assert len(heard.strip(b"\0")) > 4 * 16000 * 0.8


async def test_the_next_call_does_not_hear_what_the_last_left_behind() -> None:
    """Words still in the buffer at the end of a call are lost, not kept."""
    async with host() as modem:
        phone = modem.network.handset(PHONE)
        audio = await modem.in_call()
        await _plays(audio, b"\1\0" * 160 * 10)
        await modem.says("AT+CHUP\r")
        await audio.close()
        assert modem.device.audio.count.wasted_bytes > 0

        await modem.in_call()
        await modem.heard(1)
        await modem.says("AT+CHUP\r")

        assert phone.calls[1].pcm.strip(b"\0") == b""


async def test_a_message_waits_for_the_call_to_end() -> None:
    """SIM7600: an SMS queued during a call leaves after it."""
    async with host() as modem:
        modem.network.handset(PHONE).behaviour = Behaviour(hangs_up_after=20)
        await modem.in_call()

        assert await modem.sends(seconds=15) == b""
        assert b"+CMGS: 1" in await modem.heard(10)


async def test_a_phone_can_call_the_modem() -> None:
    """RING every four seconds with +CLIP, until declined."""
    async with host() as modem:
        await modem.says("AT+CLIP=1;+CRC=1\r")
        modem.network.ring_modem(PHONE, modem.device)

        said = await modem.heard(5)

        assert said == 2 * (
            b'\r\r\n+CRING: VOICE\r\r\n\r\n+CLIP: "%s",145,,,,0\r\n' % PHONE.encode()
        )
        assert await modem.says("AT+CHUP\r") == b"\r\nVOICE CALL: END\r\n\r\nOK\r\n"
        assert await modem.heard(10) == b""


@pytest.mark.parametrize(
    ("dial", "answer"),
    [("ATD0612345678\r", b"NO CARRIER"), ("ATD06'12;\r", b"NO CARRIER"), ("ATD17;\r", b"OK")],
)
async def test_only_a_semicolon_makes_it_a_voice_call(dial: str, answer: bytes) -> None:
    """Without it the modem tries a data call."""
    async with host() as modem:
        assert await modem.says(dial) == b"\r\n" + answer + b"\r\n"


async def test_no_call_without_service_nor_beside_another() -> None:
    """CME 30 unregistered, CME 3 while engaged."""
    async with host() as modem:
        modem.device.register(3)
        assert await modem.says("ATD0612345678;\r") == b"\r\n+CME ERROR: 30\r\n"
        modem.device.register(1)
        await modem.in_call()

        assert await modem.says("ATD0612345679;\r") == b"\r\n+CME ERROR: 3\r\n"


async def test_a_modem_without_voice_port_has_none() -> None:
    """Opening it is opening nothing."""
    from modem.emulator.registry import open_port

    async with host("generic"):
        with pytest.raises(PortLost):
            open_port("modem-1.audio")


async def test_a_voice_port_is_exclusive() -> None:
    """Two readers would each hear half."""
    from modem.emulator.registry import open_port

    async with host():
        first = open_port("modem-1.audio")
        with pytest.raises(PortBusy):
            open_port("modem-1.audio")
        await first.close()
        open_port("modem-1.audio")


async def test_thirty_calls_of_a_minute_pass_on_driven_time() -> None:
    """Whole evenings of ringing fit in a test; each ear heard its own minute."""
    async with host() as modem:
        hosts = [modem]
        for number in range(2, 31):
            device = modem.network.add_modem(f"modem-{number}")
            modem.network.install()
            hosts.append(Host(modem.network, device, device.open()))

        async def call(index: int, caller: Host) -> None:
            audio = await caller.in_call(f"+336399800{index:02d}")
            await _plays(audio, bytes((index + 1, 0)) * 160 * 3000)
            await caller.heard(0.5)
            await caller.says("AT+CHUP\r")

        async with asyncio.TaskGroup() as group:
            for index, caller in enumerate(hosts):
                group.create_task(call(index, caller))

        for index in range(30):
            (received,) = modem.network.handset(f"+336399800{index:02d}").calls
            assert received.pcm.strip(b"\0") + b"\0" == bytes((index + 1, 0)) * 160 * 3000
