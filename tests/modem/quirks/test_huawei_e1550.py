"""Huawei E1550 and its sisters of 3G days: what they do, and what we make of it."""

from __future__ import annotations

import asyncio
import struct

import pytest

from modem import commands, profiles
from modem.connection import AtConnection, Completed, Notification, Refused
from modem.emulator import Behaviour, Device, Press
from modem.emulator.faults import Gap
from modem.errors import CommandFailed, LocalProtocolError, NotReady, OutcomeUnknown
from modem.events import (
    DigitPressed,
    IncomingSms,
    ModemEvent,
    ReleaseCause,
    Released,
    StatusReport,
)
from modem.sms import SubmitPdu
from modem.startup import still_set_up
from modem.supervisor import HEALTH_PACE
from tests.modem.emulator.host import host
from tests.modem.harness.lines import a_pdu
from tests.modem.harness.town import PHONE, a_line, answered, said, until_over

ANSWERS = Behaviour(answers_after=2.0)
SPEECH = struct.pack("<8000h", *(2000 + index % 997 for index in range(8000)))


async def test_q1_command_not_support_is_a_refusal() -> None:
    """Taken for chatter, each unknown command would cost its whole time limit."""
    async with host("huawei") as stick:
        assert b"COMMAND NOT SUPPORT" in await stick.says("AT+QPCMV?\r")
    began = asyncio.get_running_loop().time()
    async with a_line(profile="huawei") as (driver, _, _network):
        assert driver.profile is profiles.HUAWEI

    assert asyncio.get_running_loop().time() - began < 5


async def test_q2_too_many_parameters_is_a_refusal() -> None:
    """Heard when the waiting call is switched off with its class."""
    lines = b"\r\nTOO MANY PARAMETERS\r\n"
    async with host("huawei") as stick:
        assert lines in await stick.says("AT+CCWA=0,0,1\r")
    connection = AtConnection()
    connection.begin(commands.SYNC, "AT")
    (event,) = connection.receive(lines)

    assert isinstance(event, Refused)


async def test_q9_the_driver_never_says_chld_which_freezes_replies_before_conf() -> None:
    """An E1550 told AT+CHLD=1x before ^CONF replies to nothing any more; AT+CHUP is safe."""
    async with host("huawei") as stick:
        await stick.says(f"ATD{PHONE};\r", 0.01)
        await stick.says("AT+CHLD=11\r")
        assert await stick.says("AT\r") == b""
        stick.device.engine.notify("^RSSI:17")
        assert b"^RSSI" in await stick.heard()

    async with a_line(Behaviour(answers_after=None), profile="huawei") as (driver, device, _):
        heard = said(device)
        call = await driver.dial(PHONE)
        await asyncio.sleep(0.1)
        await call.hang_up()
        assert "AT+CHUP" in heard
        assert not any("CHLD" in line for line in heard)
        assert await driver.submit(a_pdu()) >= 0


async def test_q10_a_hang_up_before_orig_that_no_cend_follows_still_frees_the_line() -> None:
    """The driver then asks AT+CLCC rather than waiting for ever."""
    async with a_line(Behaviour(answers_after=None), profile="huawei") as (driver, device, network):
        heard = said(device)
        call = await driver.dial(PHONE)
        await call.hang_up()

        assert device.call is None
        assert "AT+CLCC" in heard
        assert isinstance(await call.next_event(1), Released)
        assert network.handset(PHONE).calls[-1].outcome == "abandoned"
        await (await driver.dial(PHONE)).hang_up()


async def test_q11_a_prompt_that_never_closes_is_left_with_escape() -> None:
    """What became of that SMS nobody knows; the next one must go."""
    async with a_line(profile="huawei") as (driver, device, network):
        device.faults.stuck_prompts = 1
        with pytest.raises(OutcomeUnknown):
            await driver.submit(a_pdu("first"))

        assert device.engine.prompting
        await driver.submit(a_pdu("second"))
        await asyncio.sleep(30)
        assert [sms.text for sms in network.handset(PHONE).inbox] == ["second"]


async def test_q12_no_pdu_is_so_long_that_the_stick_reboots() -> None:
    """Over-long text at the prompt reboots the stick: it is refused before it gets there."""
    async with host("huawei") as stick:
        await stick.says("AT+CMGS=41\r")
        stick.port.write(b"00" * 200)
        await asyncio.sleep(0.1)
        assert not stick.device.plugged

    async with a_line(profile="huawei") as (driver, device, _):
        for octets, told in ((200, 199), (42, 30)):
            pdu = SubmitPdu("00" * octets, told, PHONE, 1, 1)
            with pytest.raises(LocalProtocolError):
                await driver.submit(pdu)
        assert device.plugged


async def test_q13_a_stick_that_chatters_without_answering_is_noticed() -> None:
    """^RSSI goes on and replies do not: watched by its replies, not by its bytes."""
    async with a_line(profile="huawei") as (driver, device, _):
        device.freeze(notifications=True)

        async def chatter() -> None:
            while True:
                device.engine.notify("^RSSI:17")
                await asyncio.sleep(0.5)

        noise = asyncio.ensure_future(chatter())
        with pytest.raises(Exception, match="no answer"):
            await driver.read_health()
        with pytest.raises(Exception, match="no answer"):
            await driver.resynchronise()
        noise.cancel()
        device.thaw()
        await driver.resynchronise()
        assert HEALTH_PACE <= 30


async def test_q15_mode_2_advertised_and_refused_is_replaced_by_mode_1() -> None:
    """Else nothing would be announced at all."""
    async with host("huawei") as stick:
        assert b"(0,1,2)" in await stick.says("AT+CNMI=?\r")
    async with a_line(profile="huawei") as (driver, device, _):
        assert device.settings.routing[0] == 1
        assert driver.set_up.routing == "1,1,0,1,0"


async def test_q17_phase_2_with_its_broken_acknowledgement_is_switched_off() -> None:
    """Acknowledging with a PDU is broken on these sticks: none is ever asked for."""
    events: list[ModemEvent] = []
    async with a_line(events=events, profile="huawei") as (driver, device, _):
        heard = said(device)
        await driver.submit(a_pdu())
        await asyncio.sleep(60)

        assert device.settings.service == 0
        assert not any("CNMA" in line for line in heard)
    assert any(isinstance(event, StatusReport) for event in events)


def test_q19_an_error_glued_to_the_next_line_ends_the_command() -> None:
    """``ERROR+CNUM:`` and ``+CSSI: 4`` without an end were heard of these sticks."""
    connection = AtConnection()
    connection.begin(commands.SYNC, "AT+CNUM")
    events = connection.receive(b'\r\nERROR+CNUM: "","",145\r\n')
    assert isinstance(events[0], Refused)

    connection.begin(commands.SYNC, "AT")
    events = connection.receive(b"\r\n+CSSI: 4OK\r\n")
    assert [type(event) for event in events] == [Notification, Completed]


async def test_q20_a_message_announced_at_place_minus_one_is_found() -> None:
    """The memory is listed, whatever place was named."""
    events: list[ModemEvent] = []
    async with a_line(events=events, profile="huawei") as (_, device, network):
        device.faults.places_unknown = True
        network.send(PHONE, device, "Bien reçu")
        await asyncio.sleep(5)

        assert not device.stores["SM"].slots
    assert [event.text for event in events if isinstance(event, IncomingSms)] == ["Bien reçu"]


async def test_q21_a_message_at_place_0_is_read_and_deleted() -> None:
    """Huawei counts from 0."""
    events: list[ModemEvent] = []
    async with a_line(events=events, profile="huawei") as (_, device, network):
        heard = said(device)
        network.send(PHONE, device, "Merci")
        await asyncio.sleep(5)

        assert "AT+CMGD=0" in heard
    assert len(events) == 1


async def test_q28_more_messages_to_send_refused_is_no_reason_not_to_send() -> None:
    """E1752 answers +CMS ERROR: 500 to AT+CMMS=2; asked once, and never again."""
    async with a_line(profile="huawei-e1752") as (driver, device, _):
        heard = said(device)
        for text in ("un", "deux", "trois"):
            await driver.submit(a_pdu(text))

        assert heard.count("AT+CMMS=2") == 1


async def test_q29_ussd_goes_out_packed_or_in_text_as_the_stick_wants() -> None:
    """E1752 answers ERROR to text until told AT^USSDMODE=0."""
    async with host("huawei-e1752") as stick:
        assert b"ERROR" in await stick.says('AT+CUSD=1,"#123#",15\r')
    async with a_line(profile="huawei-e1752") as (driver, device, _):
        heard = said(device)
        assert (await driver.ask_ussd("#123#")).text == "Solde : 12,50 euros"
        assert 'AT+CUSD=1,"A3986C3602",15' in heard


async def test_q30_an_operator_in_plain_letters_is_read_as_such() -> None:
    """Though UCS-2 was asked for, these sticks give the name in ASCII."""
    async with a_line(profile="huawei") as (driver, device, _):
        device.settings.charset = "UCS2"
        assert (await driver.read_health()).operator == "Orange F"
    assert commands.parse_operator(['+COPS: 0,0,"004F00720061006E00670065",2']).name == "Orange"


async def test_q32_a_refused_character_set_changes_nothing() -> None:
    """E17x claims UCS-2 and has it broken: everything of ours is in PDU mode."""
    async with a_line(profile="huawei") as (driver, device, network):
        heard = said(device)
        await driver.submit(a_pdu("Évacuation immédiate ; prêts ?"))
        await asyncio.sleep(30)

        assert not any("CSCS" in line for line in heard)
        assert network.handset(PHONE).inbox[-1].text == "Évacuation immédiate ; prêts ?"


def test_q47_the_diagnostic_port_is_the_sound_port_and_nothing_else() -> None:
    """It must not be asked AT: in a call that is noise in somebody's ear."""
    for usb_id in profiles.HUAWEI.usb_ids:
        roles = profiles.roles_of(usb_id)
        assert roles is not None
        assert roles.audio not in roles.at


def test_q48_getportmode_which_crashes_an_mu609_is_never_said() -> None:
    """Interfaces are known by their number instead."""
    commanded = [text for profile in profiles.PROFILES for text in _all_texts(profile)]

    assert commanded
    assert not any("GETPORTMODE" in text.upper() for text in commanded)


def _all_texts(profile: profiles.Profile) -> list[str]:
    needed = [need.command for need in profile.needs_for_voice + profile.needs_for_sms]
    fixed = [value.text for value in vars(commands).values() if isinstance(value, commands.Command)]
    own = [profile.audio_on, profile.audio_off, profile.reset, profile.read_iccid]
    return [*profile.set_up, *profile.before_dial, *profile.on_answer, *needed, *fixed, *own]


async def test_q55_an_e3372_without_reports_or_signal_still_serves() -> None:
    """It takes ds=0 only, and has neither AT+CNUM nor AT+CSQ: no step of the start is vital."""
    events: list[ModemEvent] = []
    async with a_line(events=events, profile="huawei-e3372") as (driver, device, network):
        assert driver.health.trouble is None
        assert driver.health.signal_dbm is None
        assert not driver.can_call
        assert device.settings.routing[3] == 0
        await driver.submit(a_pdu())
        await asyncio.sleep(30)
        assert network.handset(PHONE).inbox


async def test_q58_a_sim_that_starts_again_has_the_set_up_looked_at() -> None:
    """^SIMST or +CPIN: READY out of the blue: routing may be forgotten, and reports with it."""
    async with a_line(profile="huawei") as (_, device, _network):
        device.settings.routing = (0, 0, 0, 0, 0)
        device.engine.notify("^SIMST:1")
        device.engine.notify("+CPIN: READY")
        await asyncio.sleep(10)

        assert device.settings.routing == (1, 1, 0, 1, 0)


async def test_q58_a_healthy_stick_that_says_boot_all_day_is_not_set_up_again() -> None:
    """^BOOT comes every few seconds from some sticks in good health."""
    async with a_line(profile="huawei") as (_, device, _network):
        heard = said(device)
        for _ in range(100):
            device.engine.notify("^BOOT:20952548,0,0,0,72")
            await asyncio.sleep(1)

        assert heard.count("AT+CNMI?") <= 5
        assert not any(line.startswith("AT+CNMI=") for line in heard)


async def test_q59_a_stick_that_restarts_in_mid_session_is_taught_again() -> None:
    """^BOOT, echo on, reports off: an SMS sent afterwards is reported all the same."""
    events: list[ModemEvent] = []
    async with a_line(events=events, profile="huawei") as (driver, device, _):
        device.restart()
        await asyncio.sleep(10)
        assert await still_set_up(driver._link, driver.set_up.routing)
        await driver.submit(a_pdu())
        await asyncio.sleep(60)

    assert any(isinstance(event, StatusReport) for event in events)


# --- its voice -------------------------------------------------------------------------------


async def test_its_calls_are_spoken_and_heard() -> None:
    """^ORIG, ^CONF, ^CONN, ^CEND; sound by AT^DDSETEX=2; keys out of the audio."""
    keys = (Press("1", 1.5),)
    behaviour = Behaviour(answers_after=1.0, presses=keys, hangs_up_after=4.0)
    async with a_line(behaviour, profile="huawei") as (driver, _, network):
        assert driver.can_call
        call = await answered(driver)
        await call.play(SPEECH)
        events = await until_over(call)
        (record,) = network.handset(PHONE).calls

    assert SPEECH in record.pcm
    assert [event.digit for event in events if isinstance(event, DigitPressed)] == ["1"]
    assert events[-1].cause is ReleaseCause.NORMAL


@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [
        (Behaviour(busy=True), ReleaseCause.BUSY),
        (Behaviour(refuses=True), ReleaseCause.REFUSED),
        (Behaviour(unreachable=True), ReleaseCause.UNREACHABLE),
        (Behaviour(answers_after=None), ReleaseCause.NO_ANSWER),
    ],
    ids=["busy", "refused", "unreachable", "rang out"],
)
async def test_its_cend_tells_why_by_the_networks_cause(
    behaviour: Behaviour, cause: ReleaseCause
) -> None:
    """The status field says "ended by us" of everything; the last field does not lie."""
    async with a_line(behaviour, profile="huawei") as (driver, _, _network):
        events = await until_over(await driver.dial(PHONE), 120)

    assert isinstance(events[-1], Released)
    assert events[-1].cause is cause


@pytest.mark.parametrize("gap", list(Gap))
async def test_its_chatter_in_any_gap_disturbs_no_sms(gap: Gap) -> None:
    """^RSSI, ^MODE and their like come when they like."""
    async with a_line(profile="huawei") as (driver, device, network):
        device.faults.inject(gap, "^RSSI:17", "^MODE:5,4", '^HCSQ:"LTE",59,50,161,24')
        for text in ("un", "deux"):
            await driver.submit(a_pdu(text))
        await asyncio.sleep(30)

        assert sorted(sms.text for sms in network.handset(PHONE).inbox) == ["deux", "un"]


async def test_its_pin_counter_is_read_before_a_pin_is_tried() -> None:
    """AT^CPIN? tells the tries: with two left, none is spent."""

    def locked(device: Device) -> None:
        device.sim.pin, device.sim.pin_tries = "1111", 2

    with pytest.raises(NotReady, match="pin_needed"):
        async with a_line(profile="huawei", prepare=locked):
            raise AssertionError("it started")


async def test_a_refused_dial_is_told_at_once() -> None:
    """Without a network ATD fails, and so does the call."""
    async with a_line(profile="huawei") as (driver, device, _):
        device.registration = 0
        with pytest.raises(CommandFailed):
            await driver.dial(PHONE)
