"""Whatever befalls a modem at whatever moment of an SMS, what is told of it is true.

The emulated network knows what the telephone received. *Accepted* must mean that it left,
*failed* that it did not, and what nobody can know must be told as unknown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from modem.driver import Driver
from modem.emulator import Device, Network, Pace
from modem.emulator.faults import Gap
from modem.errors import ModemError, OutcomeUnknown
from modem.events import ModemEvent, StatusReport
from modem.sms import encode_submit
from modem.transport import open_port
from tests.sweeps import crossed

PHONE = "+33639980001"

FAULTS: dict[str, Callable[[Device], object]] = {
    "unplugged": lambda device: device.unplug(),
    "rebooted": lambda device: device.reboot(5.0),
    "restarted inside": lambda device: device.restart(),
    "frozen": lambda device: device.freeze(),
    "frozen but chattering": lambda device: device.freeze(notifications=True),
    "frozen for a while": lambda device: _for_a_while(device, device.freeze, device.thaw),
    "garbled a little": lambda device: device.garble(0.02),
    "garbled much": lambda device: _for_a_while(
        device, lambda: device.garble(0.4), lambda: device.garble(0.0)
    ),
    "one byte at a time": lambda device: device.trickle(0.01),
    "out of service": lambda device: device.register(2),
    "refused: number": lambda device: device.faults.fail_next("AT+CMGS", 21),
    "refused: network": lambda device: device.faults.fail_next("AT+CMGS", 332),
    "refused: bare ERROR": lambda device: device.faults.fail_next("AT+CMGS"),
    "refused: no centre": lambda device: setattr(device.sim, "centre", ""),
    "its answer lost": lambda device: device.faults.swallow_final("AT+CMGS"),
    "its prompt stuck": lambda device: setattr(device.faults, "stuck_prompts", 1),
    "its report first": lambda device: setattr(device.faults, "report_before_ok", True),
    "chattering in every gap": lambda device: [
        device.faults.inject(gap, "^RSSI:17", '+CMTI: "ME",3') for gap in Gap
    ],
    "its SIM out": lambda device: setattr(device.sim, "present", False),
}
#: A fault strikes when so many pieces have crossed the wire since the SMS was asked for.
PIECES = range(9)
#: Or so many seconds later, while the network has it.
SECONDS = (0.5, 2.0, 2.999, 4.0)


def _for_a_while(_device: Device, begin: Callable[[], None], end: Callable[[], None]) -> None:
    begin()
    asyncio.get_running_loop().call_later(20.0, end)


@dataclass(slots=True)
class Told:
    """What the driver said of one SMS."""

    reference: int | None = None
    unknown: bool = False
    failed: str = ""


class Wire:
    """Counts what crosses between host and device, and strikes at a given piece."""

    def __init__(self, device: Device, at: int, strike: Callable[[], object]) -> None:
        self._left, self._strike = at, strike
        self._to_device, self._to_host = device._receive, device.socket.deliver
        device.socket._consume = self.to_device
        if device.socket.port is not None:
            device.socket.port._consume = self.to_device
        device.socket.deliver = self.to_host  # type: ignore[method-assign]

    def _count(self) -> None:
        self._left -= 1
        if self._left == -1:
            self._strike()

    def to_device(self, data: bytes) -> None:
        half = len(data) // 2
        for piece in (data[:half], data[half:]):
            self._count()
            self._to_device(piece)

    def to_host(self, data: bytes) -> bool:
        self._count()
        return self._to_host(data)


async def send(driver: Driver, text: str) -> Told:
    """Send one SMS and return what the driver says of it."""
    (pdu,) = encode_submit(PHONE, text, concat_reference=1)
    try:
        return Told(reference=await driver.submit(pdu))
    except OutcomeUnknown:
        return Told(unknown=True)
    except ModemError as error:
        return Told(failed=str(error))


def judge(network: Network, text: str, told: Told, events: list[ModemEvent]) -> None:
    """Compare what was told with what the telephone received."""
    received = [part.text for part in network.handset(PHONE).parts].count(text)
    assert received <= 1
    if told.reference is not None:
        assert received == 1, "accepted, and never delivered"
    if told.failed:
        assert received == 0, f"failed ({told.failed}), and delivered all the same"
    confirmed = [
        event.status
        for event in events
        if isinstance(event, StatusReport) and event.reference == told.reference
    ]
    assert not confirmed or received == 1


async def scene(make: str, fault: str, piece: int | None, seconds: float | None) -> None:
    """Send an SMS, let the fault strike, send another if that is possible; all told is true."""
    network = Network(seed=11, pace=Pace.FAST, sms_seconds=3.0, report_seconds=2.0)
    device = network.add_modem("m1", make)
    network.install()
    events: list[ModemEvent] = []

    async def take(event: ModemEvent) -> None:
        events.append(event)

    driver = Driver(await open_port("emulator:m1"), take)
    try:
        await driver.start()
        await asyncio.sleep(2)
        if piece is not None:
            Wire(device, piece, lambda: FAULTS[fault](device))
        elif seconds is not None:
            asyncio.get_running_loop().call_later(seconds, lambda: FAULTS[fault](device))
        first = await send(driver, "premier")
        second = await send(driver, "second")
        await asyncio.sleep(200)
        judge(network, "premier", first, events)
        judge(network, "second", second, events)
    finally:
        await driver.close()
        network.remove()
        assert driver.waiters == 0


@crossed("make, fault, piece", ["simcom", "huawei"], FAULTS, PIECES)
async def test_what_is_told_of_an_sms_is_true_whatever_strikes_on_the_wire(
    make: str, fault: str, piece: int
) -> None:
    """Between any two pieces of the dialogue, in the middle of the command or of the PDU."""
    await scene(make, fault, piece, None)


@crossed("make, fault, seconds", ["simcom", "quectel", "zte"], FAULTS, SECONDS)
async def test_what_is_told_of_an_sms_is_true_whatever_strikes_while_it_is_on_its_way(
    make: str, fault: str, seconds: float
) -> None:
    """The PDU is handed over: silence proves nothing from here on."""
    await scene(make, fault, None, seconds)


@pytest.mark.parametrize(("habit", "hours"), [("lost", 4), ("refused", 4), ("switched_off", 72)])
async def test_what_the_network_does_to_an_sms_is_told_truly(habit: str, hours: int) -> None:
    """Taken and lost, refused, kept for a telephone that is off: never reported as delivered."""
    network = Network(seed=11, pace=Pace.FAST, sms_seconds=1.0, report_seconds=2.0)
    network.add_modem("m1")
    network.install()
    phone = network.handset(PHONE)
    phone.behaviour = type(phone.behaviour)(sms=habit)  # type: ignore[arg-type]
    events: list[ModemEvent] = []

    async def take(event: ModemEvent) -> None:
        events.append(event)

    driver = Driver(await open_port("emulator:m1"), take)
    await driver.start()
    told = await send(driver, "premier")
    await asyncio.sleep(hours * 3600)
    await driver.close()
    network.remove()

    statuses = [event.status for event in events if isinstance(event, StatusReport)]
    assert (told.failed != "") is (habit == "refused")
    assert statuses == ([0x46] if habit == "switched_off" else [])
    assert not phone.inbox
