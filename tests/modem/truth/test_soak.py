"""Eight modems under random faults: nothing told untruly, nothing left behind."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from modem.emulator import Device, Network, Pace
from modem.emulator.faults import Gap
from modem.errors import ModemError, OutcomeUnknown
from modem.events import ModemEvent, StatusReport
from modem.sms import encode_submit
from modem.supervisor import ModemSettings, Supervisor

MAKES = ("simcom", "huawei", "quectel", "zte", "generic", "a7670", "qualcomm", "phase2")
#: Seconds of driven time under faults, and to calm down afterwards.
STORM, CALM = 900.0, 900.0

FAULTS: tuple[Callable[[Device], object], ...] = (
    lambda device: device.reboot(8.0),
    lambda device: device.restart(),
    lambda device: _for(device, 15.0, device.freeze, device.thaw),
    lambda device: _for(device, 10.0, lambda: device.garble(0.2), lambda: device.garble(0.0)),
    lambda device: _for(device, 20.0, lambda: device.register(2), lambda: device.register(1)),
    lambda device: device.faults.swallow_final("AT+CMGS"),
    lambda device: device.faults.fail_next("AT+CMGS", 332),
    lambda device: device.faults.fail_next("AT+CPMS", 314, times=2),
    lambda device: device.faults.inject(Gap.AFTER_PROMPT, "^RSSI:9", '+CMTI: "ME",1'),
    lambda device: device.faults.inject(Gap.BEFORE_FINAL, "^MODE:5,4"),
    lambda device: setattr(device.sim, "centre", ""),
)


def _for(
    device: Device, seconds: float, begin: Callable[[], None], end: Callable[[], None]
) -> None:
    if device.plugged:
        begin()
        asyncio.get_running_loop().call_later(seconds, end)


@dataclass(slots=True)
class Book:
    """What was told of each SMS, by its text."""

    accepted: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)


async def keep_sending(supervisor: Supervisor, number: int, book: Book, until: float) -> None:
    """Send one SMS after another while the modem serves."""
    loop, count = asyncio.get_running_loop(), 0
    while loop.time() < until:
        await asyncio.sleep(1.0)
        driver = supervisor.driver
        if driver is None:
            continue
        count += 1
        text = f"{number}:{count}"
        (pdu,) = encode_submit(f"+3363998010{number}", text, concat_reference=1)
        try:
            await driver.submit(pdu)
            book.accepted.add(text)
        except OutcomeUnknown as error:
            book.doubtful.add(text)
            supervisor.report_fault(error)
        except ModemError as error:
            book.failed.add(text)
            supervisor.report_fault(error)


async def storm(devices: list[Device], rng: random.Random, until: float) -> None:
    """Let a fault strike somewhere every few seconds, then stop them all."""
    loop = asyncio.get_running_loop()
    while loop.time() < until:
        await asyncio.sleep(rng.uniform(1.0, 6.0))
        rng.choice(FAULTS)(rng.choice(devices))
    await asyncio.sleep(30.0)
    for device in devices:
        device.thaw()
        device.garble(0.0)
        device.register(1)
        if not device.plugged:
            device.replug()


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_quarter_of_an_hour_of_faults_leaves_no_lie_and_no_modem_behind(seed: int) -> None:
    """Accepted arrives, failed does not, nothing arrives twice; and afterwards all serve again."""
    rng = random.Random(seed)
    network = Network(seed=seed, pace=Pace.FAST, sms_seconds=0.5, report_seconds=1.0)
    devices = [network.add_modem(f"m{number}", make) for number, make in enumerate(MAKES)]
    network.install()
    reports: Counter[str] = Counter()

    async def take(event: ModemEvent) -> None:
        reports[type(event).__name__] += isinstance(event, StatusReport)

    book = Book()
    supervisors = [
        Supervisor(ModemSettings(device.name, f"emulator:{device.name}"), take, lambda: None)
        for device in devices
    ]
    loop = asyncio.get_running_loop()
    before = len(asyncio.all_tasks())
    async with asyncio.TaskGroup() as group:
        runs = [group.create_task(supervisor.run()) for supervisor in supervisors]
        await asyncio.gather(*(supervisor.wait_settled() for supervisor in supervisors))
        until = loop.time() + STORM
        senders = [
            group.create_task(keep_sending(supervisor, number, book, until))
            for number, supervisor in enumerate(supervisors)
        ]
        await storm(devices, rng, until)
        await asyncio.gather(*senders)
        await asyncio.sleep(CALM)
        serving = [supervisor.status.name for supervisor in supervisors if supervisor.driver]
        for supervisor in supervisors:
            await supervisor.stop()
        await asyncio.gather(*runs)
    network.remove()

    received = Counter(
        part.text
        for number in range(len(MAKES))
        for part in network.handset(f"+3363998010{number}").parts
    )
    assert len(book.accepted) > 1000
    assert not {text for text in book.accepted if not received[text]}
    assert not {text for text in book.failed if received[text]}
    assert received.keys() <= book.accepted | book.doubtful
    assert max(received.values()) == 1
    assert len(serving) >= len(MAKES) - 1
    assert len(asyncio.all_tasks()) == before
