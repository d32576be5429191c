"""Whatever befalls a modem at whatever moment of a call, what is told of it is true.

*Answered* must mean that somebody picked up, *said* that it was heard, a key that it was
pressed; and afterwards no telephone may be left off the hook without the driver saying so.
"""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from modem.driver import Driver
from modem.emulator import Behaviour, Device, Network, Pace, Press
from modem.emulator.handset import ReceivedCall
from modem.errors import ModemError
from modem.events import Alerting, Answered, CallEvent, DigitPressed, ReleaseCause, Released
from modem.transport import open_port
from modem.voice import VoiceCall
from tests.sweeps import crossed

PHONE = "+33639980001"
_RNG = random.Random(5)
SPEECH = struct.pack("<24000h", *(_RNG.randrange(-9000, 9000) for _ in range(24000)))
#: What may lie in the device's buffer, written and not yet heard, in bytes.
UNHEARD = 10 * 320

FAULTS: dict[str, Callable[[Device], object]] = {
    "none": lambda _: None,
    "unplugged": lambda device: device.unplug(),
    "rebooted": lambda device: device.reboot(5.0),
    "restarted inside": lambda device: device.restart(),
    "frozen": lambda device: device.freeze(),
    "frozen but chattering": lambda device: device.freeze(notifications=True),
    "frozen for a while": lambda device: _frozen_for_a_while(device),  # noqa: PLW0108  # defined below
    "garbled": lambda device: device.garble(0.3),
    "one byte at a time": lambda device: device.trickle(0.01),
    "out of service": lambda device: device.register(2),
    "its hang-up refused": lambda device: device.faults.fail_next("AT+CHUP", 3, kind="CME"),
    "its hang-up unanswered": lambda device: device.faults.swallow_final("AT+CHUP"),
    "its sound refused": lambda device: setattr(device.faults, "audio_refusals", 99),
    "its sound jammed": lambda device: setattr(device.audio, "_jammed", True),
    "cut by the network": lambda device: device.call and device.call.end(ReleaseCause.NETWORK),
    "heard as busy": lambda device: device.call and device.call.end(ReleaseCause.BUSY),
}
MOMENTS = ("before", "dialling", "ringing", "answered", "speaking", "after the key", "hanging up")


def _frozen_for_a_while(device: Device) -> None:
    device.freeze()
    asyncio.get_running_loop().call_later(8.0, device.thaw)


@dataclass(slots=True)
class Told:
    """What the driver said of one call."""

    events: list[CallEvent] = field(default_factory=list)
    said_whole: bool = False
    refused: bool = False

    def has(self, kind: type[CallEvent]) -> bool:
        return any(isinstance(event, kind) for event in self.events)


class Scene:
    """One call, with one fault at one moment."""

    def __init__(self, driver: Driver, device: Device, fault: str, moment: str) -> None:
        self.told = Told()
        self._driver, self._device = driver, device
        self._fault, self._moment = fault, moment

    def now(self, moment: str) -> None:
        """Strike if this is the moment."""
        if moment == self._moment:
            FAULTS[self._fault](self._device)

    async def play(self) -> None:
        """Call, speak once answered, listen for a key, hang up."""
        self.now("before")
        asyncio.get_running_loop().call_later(0.02, self.now, "dialling")
        try:
            call = await self._driver.dial(PHONE)
        except ModemError:
            self.told.refused = True
            return
        try:
            if await self._until(call, Answered, 40.0):
                await self._speak(call)
        finally:
            asyncio.get_running_loop().call_later(0.001, self.now, "hanging up")
            await call.hang_up()
            while (event := await call.next_event(1.0)) is not None:
                self.told.events.append(event)
                if isinstance(event, Released):
                    break

    async def _until(self, call: VoiceCall, kind: type[CallEvent], limit: float) -> bool:
        while True:
            event = await call.next_event(limit)
            if event is None:
                return False
            self.told.events.append(event)
            if isinstance(event, Alerting):
                self.now("ringing")
            if isinstance(event, Answered):
                self.now("answered")
            if isinstance(event, kind | Released):
                return isinstance(event, kind)

    async def _speak(self, call: VoiceCall) -> None:
        asyncio.get_running_loop().call_later(1.5, self.now, "speaking")
        try:
            async with asyncio.timeout(30):
                await call.play(SPEECH)
            self.told.said_whole = True
        except (ModemError, TimeoutError):
            pass
        if await self._until(call, DigitPressed, 6.0):
            self.now("after the key")


def judge(told: Told, record: ReceivedCall | None) -> None:
    """Compare what was told with what the telephone lived through."""
    answered = record is not None and record.answered_at is not None
    if told.has(Answered):
        assert answered, "answered, said the driver"
    if told.said_whole:
        assert record is not None
        heard = record.pcm
        assert SPEECH[: len(SPEECH) - UNHEARD] in heard, "said whole, and not heard"
    keys = "".join(event.digit for event in told.events if isinstance(event, DigitPressed))
    assert (record is None and not keys) or (record is not None and record.keys.startswith(keys))
    for event in told.events:
        if isinstance(event, Released) and event.cause is ReleaseCause.BUSY:
            assert record is not None
            assert record.outcome == "busy" or answered


@crossed("make, fault, moment", ["simcom", "huawei", "quectel"], FAULTS, MOMENTS)
async def test_what_is_told_of_a_call_is_true_whatever_strikes(
    make: str, fault: str, moment: str
) -> None:
    """A key that acknowledges an alert must have been pressed by the person alerted."""
    network = Network(seed=11, pace=Pace.FAST)
    device = network.add_modem("m1", make)
    phone = network.handset(PHONE)
    phone.behaviour = Behaviour(answers_after=2.0, presses=(Press("1", 5.0),))
    network.install()

    async def take(_: object) -> None:
        """Nothing comes."""

    driver = Driver(await open_port("emulator:m1"), take, audio="emulator:m1.audio")
    try:
        await driver.start()
        await asyncio.sleep(2)
        scene = Scene(driver, device, fault, moment)
        async with asyncio.timeout(200):
            await scene.play()
        failed = asyncio.ensure_future(driver.wait_failed())
        await asyncio.sleep(1)
        stuck = failed.done()
        failed.cancel()
        off_hook = device.call is not None
        assert stuck or not off_hook or scene.told.refused
        if off_hook:
            device.unplug()
        await asyncio.sleep(60)
        judge(scene.told, phone.calls[-1] if phone.calls else None)
    finally:
        await driver.close()
        network.remove()
        assert driver.waiters == 0


async def test_an_undisturbed_call_is_told_whole() -> None:
    """The scene itself works: answered, said, heard, acknowledged."""
    network = Network(seed=11, pace=Pace.FAST)
    device = network.add_modem("m1")
    network.handset(PHONE).behaviour = Behaviour(answers_after=2.0, presses=(Press("1", 5.0),))
    network.install()

    async def take(_: object) -> None:
        """Nothing comes."""

    driver = Driver(await open_port("emulator:m1"), take, audio="emulator:m1.audio")
    await driver.start()
    scene = Scene(driver, device, "none", "before")
    await scene.play()
    await driver.close()
    network.remove()

    assert scene.told.said_whole
    assert scene.told.has(DigitPressed)
    assert scene.told.has(Released)
