"""From an open port to a modem that serves, and what comes in meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from modem.driver import Driver
from modem.errors import CommandTimeout, NotReady
from modem.events import IncomingCall, IncomingSms, ModemEvent, StatusReport
from modem.startup import Pin
from modem.status import Trouble
from tests.modem.harness.lines import a_pdu, driving
from tests.modem.harness.scripted import ERROR, OK, PLAIN, Answer, ScriptedDevice, in_turn
from tests.modem.harness.town import a_line

DELIVER = "07913396050096F5040B913316325476F800006211421050004002CF25"
REPORT = "07913396050096F5062A0B913316325476F8621142102030406211421020704000"
READY = "\r\n+CPIN: READY\r\n\r\nOK\r\n"
NEEDS_PIN = "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"


async def started(device: ScriptedDevice, pin: Pin | None = None) -> Driver:
    async def take(event: ModemEvent) -> None:
        raise AssertionError(f"unexpected {event}")

    driver = Driver(device, take, pin=pin)
    try:
        await driver.start()
    finally:
        await driver.close()
    return driver


async def test_the_first_word_after_the_greeting_hangs_up() -> None:
    """A daemon that died in mid-call must not leave that phone off the hook."""
    device = ScriptedDevice()
    await started(device)

    assert device.escapes == 1
    assert device.said[:2] == ["AT", "AT+CHUP"]


async def test_identity_and_health_are_read() -> None:
    """What the page of modems shows."""
    driver = await started(ScriptedDevice())

    assert (driver.identity.manufacturer, driver.identity.model) == ("Acme", "One")
    assert driver.identity.imei == "868501052397914"
    assert driver.identity.iccid == "8933010000000000001"
    assert (driver.health.registration, driver.health.operator) == ("home", "Orange F")
    assert (driver.health.technology, driver.health.signal_dbm) == ("4G", -73)
    assert driver.health.trouble is None


async def test_a_device_that_says_ok_to_everything_and_tells_nothing_starts() -> None:
    """Cheap converters and simple simulators answer so; they send all the same."""
    mute = {command: OK for command in PLAIN if command.endswith("?")}
    driver = await started(ScriptedDevice({**PLAIN, **mute}))

    assert driver.health.trouble is None


async def test_a_prefixed_revision_and_a_silent_maker_are_no_trouble() -> None:
    """``Revision:`` in front, no CGMI at all: ATI tells then."""
    table = {
        **PLAIN,
        "AT+CGMI": ERROR,
        "AT+CGMM": ERROR,
        "ATI": f"\r\nManufacturer: SIMCOM\r\nModel: SIM7600\r\n{OK}",
        "AT+CGMR": f"\r\nRevision: A011B07\r\n{OK}",
    }
    driver = await started(ScriptedDevice(table))

    assert driver.profile.name == "simcom"
    assert driver.identity.revision == "A011B07"


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ("\r\n+CME ERROR: 10\r\n", Trouble.NO_SIM),
        ("\r\n+CME ERROR: SIM not inserted\r\n", Trouble.NO_SIM),
        ("\r\n+CPIN: NOT INSERTED\r\n\r\nOK\r\n", Trouble.NO_SIM),
        ("\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n", Trouble.PUK_NEEDED),
        ("\r\n+CME ERROR: 12\r\n", Trouble.PUK_NEEDED),
        ("\r\n+CME ERROR: 13\r\n", Trouble.SIM_FAILURE),
        ("\r\n+CPIN: PH-NET PIN\r\n\r\nOK\r\n", Trouble.OPERATOR_LOCK),
        (NEEDS_PIN, Trouble.PIN_NEEDED),
        ("\r\n+CME ERROR: 11\r\n", Trouble.PIN_NEEDED),
    ],
)
async def test_a_sim_that_stops_us_is_named(answer: str, trouble: Trouble) -> None:
    """The technician reads what to do, not a number."""
    device = ScriptedDevice({**PLAIN, "AT+CPIN?": answer})
    with pytest.raises(NotReady) as found:
        await started(device)

    assert found.value.reason == trouble.value
    assert not any(said.startswith("AT+CPIN=") for said in device.said)


async def test_a_busy_sim_is_waited_for() -> None:
    """Just after power-up it is busy for some seconds; that is no failure."""
    busy = "\r\n+CME ERROR: 14\r\n"
    device = ScriptedDevice({**PLAIN, "AT+CPIN?": in_turn(busy, busy, READY)})
    await started(device)

    assert device.said.count("AT+CPIN?") == 3


async def test_a_pin_is_entered_once() -> None:
    """And the device, which refused everything before, is told the rest again."""
    table: dict[str, Answer] = {
        **PLAIN,
        "AT+CPIN?": in_turn(NEEDS_PIN, READY),
        "AT+CPINR": f"\r\n+CPINR: SIM PIN,3,3\r\n{OK}",
    }
    device = ScriptedDevice(table)
    await started(device, Pin("0000"))

    assert device.said.count('AT+CPIN="0000"') == 1
    assert device.said.count("AT+CMEE=1") == 2


async def test_a_refused_pin_is_never_tried_again() -> None:
    """Three wrong tries lock the SIM, and a daemon restarts more often than that."""
    table = {**PLAIN, "AT+CPIN?": NEEDS_PIN, "AT+CPIN=": "\r\n+CME ERROR: 16\r\n"}
    pin = Pin("1234")
    for _ in range(3):
        device = ScriptedDevice({**table, "AT+CPINR": ERROR})
        with pytest.raises(NotReady, match="pin_refused"):
            await started(device, pin)

    assert pin.refused
    assert 'AT+CPIN="1234"' not in device.said


@pytest.mark.parametrize("code", ["12", "12a4", '1"+ATD'])
async def test_what_is_no_pin_is_not_entered(code: str) -> None:
    """A slip in the settings must cost no try."""
    device = ScriptedDevice({**PLAIN, "AT+CPIN?": NEEDS_PIN})
    with pytest.raises(NotReady, match="pin_refused"):
        await started(device, Pin(code))


async def test_the_last_tries_of_a_pin_are_not_gambled() -> None:
    """Two left: somebody has already tried a wrong one."""
    table = {**PLAIN, "AT+CPIN?": NEEDS_PIN, "AT+CPINR": f"\r\n+CPINR: SIM PIN,2,3\r\n{OK}"}
    device = ScriptedDevice(table)
    with pytest.raises(NotReady, match="2 tries left"):
        await started(device, Pin("1234"))


async def test_a_result_a_wavecom_forgets_is_not_waited_for_ever() -> None:
    """It answers +CPIN: READY and no OK."""
    await started(ScriptedDevice({**PLAIN, "AT+CPIN?": "\r\n+CPIN: READY\r\n"}))


@pytest.mark.parametrize("accepted", ["2,1,0,1,0", "1,1,0,2,0", "1,1,0,0,0", "none"])
async def test_notifications_are_asked_in_the_form_the_device_takes(accepted: str) -> None:
    """Devices refuse forms they advertise; the first accepted stays."""
    table: dict[str, Answer] = {**PLAIN, "AT+CNMI=": ERROR, f"AT+CNMI={accepted}": OK}
    device = ScriptedDevice(table)
    await started(device)

    asked = [said for said in device.said if said.startswith("AT+CNMI")]
    if accepted == "2,1,0,1,0":  # what comes while nobody listens is to be kept
        assert asked.pop() == "AT+CNMI=2,1,0,2,0"
    assert asked[-1] == f"AT+CNMI={accepted}" or (accepted == "none" and len(asked) == 6)


@pytest.mark.parametrize(
    ("creg", "cereg", "trouble"),
    [
        ("0,2", "0,2", Trouble.NOT_REGISTERED),
        ("0,3", "0,0", Trouble.DENIED),
        ("0,0", "0,1", None),
        ("0,5", "0,4", None),
        ("0,6", "0,1", None),
    ],
)
async def test_registration_is_read_from_both_networks(
    creg: str, cereg: str, trouble: Trouble | None
) -> None:
    """A modem on 4G alone says 0 to CREG and still sends."""
    table = {
        **PLAIN,
        "AT+CREG?": f"\r\n+CREG: {creg}\r\n{OK}",
        "AT+CEREG?": f"\r\n+CEREG: {cereg}\r\n{OK}",
    }
    driver = await started(ScriptedDevice(table))

    assert driver.health.trouble is trouble


async def test_messages_waiting_since_before_are_handed_over_then_deleted() -> None:
    """A reply that came while the box was off must not be lost, nor read twice."""
    events: list[ModemEvent] = []
    listed = f"\r\n+CMGL: 0,1,,21\r\n{DELIVER}\r\n+CMGL: 4,0,,25\r\n{REPORT}\r\n{OK}"
    device = ScriptedDevice({**PLAIN, "AT+CMGL": in_turn(listed, OK)})
    async with driving(device, events):
        pass

    assert [type(event) for event in events] == [IncomingSms, StatusReport]
    assert [said for said in device.said if "CMGD" in said] == ["AT+CMGD=0", "AT+CMGD=4"]


async def test_a_message_that_could_not_be_stored_stays_in_the_device() -> None:
    """The taker failed (a full disk): the SIM is then the only copy."""
    listed = f"\r\n+CMGL: 3,1,,21\r\n{DELIVER}\r\n{OK}"
    device = ScriptedDevice({**PLAIN, "AT+CMGL": listed})

    async def fails(_: ModemEvent) -> None:
        raise OSError("disk full")

    driver = Driver(device, fails)
    await driver.start()
    await asyncio.sleep(130)
    await driver.close()

    assert device.said.count("AT+CMGL=4") >= 3
    assert not any("CMGD" in said for said in device.said)


async def test_drafts_and_what_cannot_be_read_are_left_alone() -> None:
    """Never delete what was not understood."""
    listed = (
        f"\r\n+CMGL: 1,2,,21\r\n{DELIVER}\r\n+CMGL: 2,1,,12\r\n00FF00FF00FF00FF00FF00FFFF\r\n{OK}"
    )
    device = ScriptedDevice({**PLAIN, "AT+CMGL": listed})
    async with driving(device):
        pass

    assert not any("CMGD" in said for said in device.said)


async def test_an_announced_message_is_fetched_from_its_own_memory() -> None:
    """+CMTI names SM though the device was told to use ME."""
    events: list[ModemEvent] = []
    listed = f"\r\n+CMGL: 7,0,,21\r\n{DELIVER}\r\n{OK}"
    device = ScriptedDevice({**PLAIN, "AT+CMGL": OK})
    async with driving(device, events):
        device.table["AT+CMGL"] = in_turn(listed, OK)
        device.table["AT+CMGR=7"] = f"\r\n+CMGR: 0,,21\r\n{DELIVER}\r\n{OK}"
        device.said.clear()
        device.say('\r\n+CMTI: "SM",7\r\n')
        await asyncio.sleep(1)
        said = list(device.said)

    assert [type(event) for event in events] == [IncomingSms]
    assert said == [
        'AT+CPMS="SM","SM","SM"', "AT+CMGL=4", "AT+CMGR=7", "AT+CMGD=7",
        'AT+CPMS="ME","ME","ME"',
    ]  # fmt: skip


async def test_the_memory_is_read_each_minute_unasked() -> None:
    """Announcements get lost."""
    device = ScriptedDevice()
    async with driving(device):
        device.said.clear()
        await asyncio.sleep(200)

    assert device.said.count("AT+CMGL=4") == 3


async def test_whoever_rings_us_is_declined_and_told() -> None:
    """An incoming call blocks every outgoing one; its number is worth knowing."""
    events: list[ModemEvent] = []
    device = ScriptedDevice()
    async with driving(device, events):
        before = device.said.count("AT+CHUP")
        for _ in range(3):
            device.say('\r\nRING\r\n\r\n+CLIP: "+33639980009",145\r\n')
            await asyncio.sleep(0.2)
        await asyncio.sleep(3)

    assert events == [IncomingCall("+33639980009")]
    assert device.said.count("AT+CHUP") == before + 1


async def test_replies_and_reports_arrive_from_the_network() -> None:
    """The whole way, on the emulated network: sent, reported, answered."""
    events: list[ModemEvent] = []
    async with a_line(events=events) as (driver, _, network):
        phone = network.handset("+33639980001")
        phone.behaviour = type(phone.behaviour)(replies="Bien reçu, merci !")
        reference = await driver.submit(a_pdu("Crue à l'Ornaise"))
        await asyncio.sleep(90)
        assert [sms.text for sms in phone.inbox] == ["Crue à l'Ornaise"]

    reports = [event for event in events if isinstance(event, StatusReport)]
    replies = [event for event in events if isinstance(event, IncomingSms)]
    assert [(report.reference, report.status) for report in reports] == [(reference, 0)]
    assert [(reply.sender, reply.text) for reply in replies] == [
        ("+33639980001", "Bien reçu, merci !")
    ]


async def test_a_port_of_pure_garbage_does_not_start() -> None:
    """A diagnostic port, or a wrong speed: said within seconds."""
    device = ScriptedDevice({}, otherwise="\x7e\x10\x99garbage~~\r\n")
    with pytest.raises(CommandTimeout):
        await started(device)


async def test_a_device_that_restarts_by_itself_is_taught_again() -> None:
    """It forgets where reports go: they would stop, and nobody would notice."""
    device = ScriptedDevice()
    async with driving(device) as driver:
        device.said.clear()
        device.say("\r\nRDY\r\n\r\n+CPIN: READY\r\n\r\nSMS Ready\r\n")
        await asyncio.sleep(10)

        assert [said for said in device.said if "CNMI=" in said] == ["AT+CNMI=2,1,0,1,0"]
        assert await driver.submit(a_pdu()) == 42


async def test_a_signal_is_asked_in_the_form_the_device_knows() -> None:
    """Some answer AT+CSQ, some only AT+CSQ?."""
    table = {**PLAIN, "AT+CSQ": ERROR, "AT+CSQ?": f"\r\n+CSQ: 10,99\r\n{OK}"}
    driver = await started(ScriptedDevice(table))

    assert driver.health.signal_dbm == -93
