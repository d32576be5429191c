"""The SIM's PIN, tried once ever; its service centre, never lost; its memory, never full."""

from __future__ import annotations

import asyncio

import pytest

from modem import profiles
from modem.driver import Driver
from modem.emulator import Behaviour, Device, Network, Pace, Press
from modem.errors import NotReady
from modem.events import DigitPressed, ModemEvent, StatusReport
from modem.pins import ForgetfulMemory, Pin, fingerprint
from modem.sms import DeliveryVerdict, encode_submit, verdict
from modem.status import ModemState, ModemStatus
from modem.supervisor import ModemSettings, Supervisor
from modem.transport import open_port
from tests.faults.table import fault
from tests.modem.harness.lines import a_pdu, driving
from tests.modem.harness.scripted import ERROR, OK, PLAIN, ScriptedDevice, in_turn
from tests.modem.harness.town import PHONE, a_line, said, until_over

MAKES = ["generic", "simcom", "huawei", "quectel", "zte", "a7670"]
NEEDS_PIN = f"\r\n+CPIN: SIM PIN\r\n{OK}"


async def start(make: str, pin: Pin, *, tries: int = 3, right: str = "4321") -> Device:
    """Start a driver on a fresh modem with a locked SIM; return the modem, driver closed."""
    network = Network(seed=1, pace=Pace.FAST)
    device = network.add_modem("m1", make)
    device.sim.pin, device.sim.pin_tries = right, tries
    network.install()

    async def take(_: ModemEvent) -> None:
        """Nothing comes."""

    driver = Driver(await open_port("emulator:m1"), take, pin=pin, profile=_profile(make))
    try:
        await driver.start()
    finally:
        await driver.close()
        network.remove()
    return device


def _profile(make: str) -> str:
    return "simcom-a76xx" if make == "a7670" else make


@pytest.mark.parametrize("make", MAKES)
async def test_a_right_pin_unlocks_every_make(make: str) -> None:
    """At the first try."""
    device = await start(make, Pin("4321"))

    assert device.sim.pin_tries == 3


@pytest.mark.parametrize("make", [make for make in MAKES if make != "zte"])
async def test_a_pin_is_not_tried_with_few_tries_left_on_any_make(make: str) -> None:
    """Each family tells the tries in a command of its own; the right PIN is not risked either."""
    with pytest.raises(NotReady, match="pin_refused: 2 tries left"):
        await start(make, Pin("4321"), tries=2)


async def test_a_device_that_tells_nothing_before_its_pin_gets_it_once() -> None:
    """A ZTE refuses even the question how many tries are left: one is spent, never two."""
    memory = ForgetfulMemory()
    for _ in range(2):
        with pytest.raises(NotReady, match="pin_refused"):
            await start("zte", Pin("0000", memory=memory), tries=2)
    assert (await start("zte", Pin("4321", memory=memory), tries=1)).sim.pin_tries == 3


@pytest.mark.parametrize("make", MAKES)
@fault(
    "sim", "code PIN faux",
    "Un seul essai est fait, jamais deux, même après redémarrage ; la page le dit.",
)  # fmt: skip
async def test_a_wrong_pin_costs_one_try_ever(make: str) -> None:
    """The memory outlives the process: a daemon that restarts all night must not block a SIM."""
    memory = ForgetfulMemory()
    left = []
    for _ in range(3):
        pin = Pin("0000", memory=memory)
        with pytest.raises(NotReady, match="pin_refused") as stopped:
            left.append((await start(make, pin)).sim.pin_tries)
        assert pin.refused
    assert "refused before" in str(stopped.value)


async def test_another_pin_and_another_card_are_tried() -> None:
    """What was refused is this PIN by this card, nothing else."""
    memory = ForgetfulMemory()
    with pytest.raises(NotReady):
        await start("simcom", Pin("0000", memory=memory))
    device = await start("simcom", Pin("4321", memory=memory))

    assert device.sim.pin_tries == 3
    assert fingerprint("card", "0000") != fingerprint("other", "0000")
    assert "0000" not in fingerprint("card", "0000")


async def test_a_pin_is_remembered_by_the_device_where_the_card_is_silent() -> None:
    """Many cards give no number before their PIN: the IMEI stands for them."""
    memory = ForgetfulMemory()
    table = {
        **PLAIN,
        "AT+CPIN?": NEEDS_PIN,
        "AT+CPIN=": "\r\n+CME ERROR: 16\r\n",
        "AT+CCID": ERROR,
        "AT+CPINR": ERROR,
    }
    for _ in range(2):
        device = ScriptedDevice(table)
        with pytest.raises(NotReady):
            await _start_scripted(device, Pin("1234", memory=memory))

    assert 'AT+CPIN="1234"' not in device.said
    assert await memory.was_refused("868501052397914", fingerprint("868501052397914", "1234"))


async def _start_scripted(device: ScriptedDevice, pin: Pin) -> None:
    async def take(_: ModemEvent) -> None:
        """Nothing comes."""

    driver = Driver(device, take, pin=pin)
    try:
        await driver.start()
    finally:
        await driver.close()


async def test_a_sim_busy_at_the_pin_is_not_a_refused_pin() -> None:
    """CME 14: the try was not spent, and the PIN not wrong."""
    table = {
        **PLAIN,
        "AT+CPIN?": in_turn(NEEDS_PIN, NEEDS_PIN, f"\r\n+CPIN: READY\r\n{OK}"),
        "AT+CPIN=": in_turn("\r\n+CME ERROR: 14\r\n", OK),
        "AT+CPINR": f"\r\n+CPINR: SIM PIN,3,3\r\n{OK}",
    }
    pin = Pin("1234")
    device = ScriptedDevice(table)
    await _start_scripted(device, pin)

    assert not pin.refused
    assert device.said.count('AT+CPIN="1234"') == 2


@pytest.mark.parametrize("make", MAKES)
@fault(
    "sim", "bloquée (code PUK)",
    "Le modem ne sert pas ; la page dit combien d'essais du PUK restent.",
)  # fmt: skip
async def test_a_blocked_sim_is_explained_with_the_tries_of_its_puk(make: str) -> None:
    """The technician with the PUK in hand must know how often he may mistype."""
    with pytest.raises(NotReady, match=r"puk_needed.*10 PUK tries left"):
        await start(make, Pin("4321"), tries=0)


# --- service centre ---------------------------------------------------------------------------


async def test_a_service_centre_is_remembered_beyond_a_reconnection() -> None:
    """Lost while the modem was away: what its SIM had before is put back."""
    network = Network(seed=5, pace=Pace.FAST)
    device = network.add_modem("m1")
    network.install()

    async def take(_: ModemEvent) -> None:
        """Nothing comes."""

    supervisor = Supervisor(ModemSettings("one", "emulator:m1"), take, lambda: None)
    async with asyncio.TaskGroup() as group:
        group.create_task(supervisor.run())
        await supervisor.wait_settled()
        known = supervisor.status.smsc
        device.sim.centre = ""
        device.unplug()
        await asyncio.sleep(3)
        device.replug()
        await asyncio.sleep(90)
        assert supervisor.status.state is ModemState.READY
        assert supervisor.status.smsc == known == device.sim.centre != ""
        await supervisor.stop()
    network.remove()


# --- storage ----------------------------------------------------------------------------------


async def test_a_memory_filling_up_is_told_before_it_is_full() -> None:
    """From 70 % on: a full one takes no more messages, and nobody would know."""
    full = ModemStatus("one", storage_used=7, storage_total=10)

    assert full.storage_low
    assert not ModemStatus("one", storage_used=6, storage_total=10).storage_low
    assert not ModemStatus("one").storage_low
    assert not ModemStatus("one", storage_used=0, storage_total=0).storage_low


async def test_how_full_the_memory_is_stands_in_the_status() -> None:
    """Read with each polling; what cannot be stored stays there, and counts."""
    network = Network(seed=5, pace=Pace.FAST)
    device = network.add_modem("m1")
    network.install()

    async def fails(_: ModemEvent) -> None:
        raise OSError("disk full")

    supervisor = Supervisor(ModemSettings("one", "emulator:m1"), fails, lambda: None)
    async with asyncio.TaskGroup() as group:
        group.create_task(supervisor.run())
        await supervisor.wait_settled()
        for number in range(17):
            network.send(PHONE, device, f"Réponse {number}")
        await asyncio.sleep(150)
        assert (supervisor.status.storage_used, supervisor.status.storage_total) == (17, 23)
        assert supervisor.status.storage_low
        await supervisor.stop()
    network.remove()


async def test_a_message_is_read_then_kept_then_deleted() -> None:
    """In that order: whatever dies in between, there is always one copy."""
    order: list[str] = []
    network = Network(seed=5, pace=Pace.FAST)
    device = network.add_modem("m1")
    network.install()

    async def take(_: ModemEvent) -> None:
        await asyncio.sleep(0.5)
        order.append(f"kept, {len(device.stores['ME'].slots)} in the modem")

    driver = Driver(await open_port("emulator:m1"), take)
    await driver.start()
    network.send(PHONE, device, "Bien reçu")
    await asyncio.sleep(10)
    await driver.close()
    network.remove()

    assert order == ["kept, 1 in the modem"]
    assert not device.stores["ME"].slots


# --- profiles ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identity", "usb_id", "name"),
    [
        ("huawei K3715", None, "huawei"),
        ("Quectel EG25", None, "quectel"),
        ("INCORPORATED A7670E-FASE", None, "simcom-a76xx"),
        ("QUALCOMM INCORPORATED M6280", None, "zte"),
        ("ZTE INCORPORATED K3565-Z", None, "zte"),
        ("Nokia Nokia N79", None, "generic"),
        ("", (0x1E0E, 0x9011), "simcom-a76xx"),
        ("QUALCOMM INCORPORATED", (0x05C6, 0x9215), "quectel"),
        ("Quectel EC25", (0x1111, 0x2222), "quectel"),
    ],
)
def test_a_profile_is_chosen_by_usb_id_then_by_what_the_modem_says(
    identity: str, usb_id: tuple[int, int] | None, name: str
) -> None:
    """The id of its USB cannot be misread; its own words are second best."""
    assert profiles.choose(identity, usb_id).name == name


def test_no_interface_has_two_roles_and_no_device_two_profiles() -> None:
    """An AT command on a sound port is noise in an ear; a sound on an AT port is garbage."""
    ids = [usb_id for profile in profiles.PROFILES for usb_id in profile.usb_ids]

    assert len(ids) == len(set(ids))
    for usb_id in ids:
        roles = profiles.roles_of(usb_id)
        assert roles is not None
        assert roles.at
        assert roles.audio not in roles.at
        assert 0 not in roles.at or usb_id == (0x19D2, 0x0001)


async def test_sms_are_sent_and_told_on_every_make() -> None:
    """The same driver, whatever the make."""
    for make in MAKES:
        async with a_line(profile=make, audio="") as (driver, device, network):
            heard = said(device)
            await driver.submit(a_pdu(f"par {make}"))
            await asyncio.sleep(60)
            assert network.handset(PHONE).inbox[-1].text == f"par {make}"
            assert any(line.startswith("AT+CMGS") for line in heard)


# --- bursts and cures ---------------------------------------------------------------------------


async def test_the_radio_link_is_kept_open_in_a_burst_and_let_go_after_it() -> None:
    """Setting it up costs seconds per SMS; AT+CMMS=2 is said once, and taken back."""
    device = ScriptedDevice()
    async with driving(device) as driver:
        device.said.clear()
        for pdu in encode_submit(PHONE, "x" * 400, concat_reference=1):
            await driver.submit(pdu)
        assert [line for line in device.said if "CMMS" in line] == ["AT+CMMS=2"]
        assert device.said[0] == "AT+CMMS=2"
        await asyncio.sleep(6)
        assert device.said[-1] == "AT+CMMS=0"


async def test_a_single_sms_needs_no_such_thing() -> None:
    """One command less."""
    device = ScriptedDevice()
    async with driving(device) as driver:
        await driver.submit(a_pdu())
        await asyncio.sleep(10)
        await driver.submit(a_pdu())

    assert not any("CMMS" in line for line in device.said)


async def test_parts_leave_in_order_whoever_else_sends() -> None:
    """A telephone shows them together, but some show them as they come."""
    device = ScriptedDevice()
    parts = encode_submit(PHONE, "y" * 400, concat_reference=1)
    async with driving(device) as driver:
        for pdu in parts:
            await driver.submit(pdu)

    assert device.sent == [pdu.hex for pdu in parts]


@pytest.mark.parametrize("word", ['^SMMEMFULL:"SM"', "+SMS FULL", '+QIND: "smsfull","ME"'])
async def test_a_device_that_says_it_is_full_is_emptied_at_once(word: str) -> None:
    """The network keeps what comes until there is room again."""
    device = ScriptedDevice()
    async with driving(device):
        device.said.clear()
        device.say(f"\r\n{word}\r\n")
        await asyncio.sleep(1)

        assert "AT+CMGL=4" in device.said


async def test_a_first_report_that_the_centre_is_still_trying_is_not_the_last() -> None:
    """0x21, the phone is busy; then 0x00. The first one must settle nothing."""
    events: list[ModemEvent] = []
    async with a_line(Behaviour(reports="trying"), events, profile="huawei") as (
        driver,
        _,
        network,
    ):
        reference = await driver.submit(a_pdu())
        await asyncio.sleep(120)
        assert network.handset(PHONE).inbox

    reports = [event for event in events if isinstance(event, StatusReport)]
    assert [(report.reference, report.status) for report in reports] == [
        (reference, 0x21),
        (reference, 0x00),
    ]
    assert [verdict(report.status) for report in reports] == [
        DeliveryVerdict.STILL_TRYING,
        DeliveryVerdict.DELIVERED,
    ]


@pytest.mark.parametrize("twist", [-4.0, 0.0, 6.0])
@pytest.mark.parametrize("seconds", [0.08, 0.25])
@pytest.mark.parametrize("level", [-10.0, -24.0])
async def test_a_key_is_heard_in_the_sound_however_the_network_renders_it(
    twist: float, seconds: float, level: float
) -> None:
    """Short or long, loud or soft, either tone above the other; the stick announces none."""
    key = Press("1", 2.0, seconds=seconds, level_dbov=level, twist_db=twist)
    behaviour = Behaviour(answers_after=1.0, presses=(key,), hangs_up_after=4.0)
    async with a_line(behaviour, profile="huawei") as (driver, _, _network):
        events = await until_over(await driver.dial(PHONE))

    assert [event.digit for event in events if isinstance(event, DigitPressed)] == ["1"]
