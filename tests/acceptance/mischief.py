"""Every fault the emulator knows, at random moments, each healed after a while."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable

from modem.emulator import Device, Network, registry
from modem.emulator.faults import Gap
from tests.modem.harness.bus import replug, unplug

#: Refusals of AT+CMGS that say nothing about the person.
_NETWORK_REFUSALS = (38, 42, 300, 302, 314, 331, 332, 500)
_NOISE = ("^RSSI:17", "+CREG: 1", "+CSQN: 19,99", "RING", "^BOOT:1,0,0,0,75", '+CMTI: "ME",22')


class Mischief:
    """Strikes the modems of a network; ``struck`` counts how often by which fault."""

    def __init__(self, network: Network, seed: int) -> None:
        self.struck: Counter[str] = Counter()
        self._network, self._chance = network, random.Random(seed)
        self._faults: tuple[Callable[[Device], object], ...] = (
            self._pull_out, self._move, self._freeze, self._reboot, self._garble, self._trickle,
            self._no_service, self._refuse, self._swallow, self._stick_prompt, self._open_prompt,
            self._noise, self._early_report, self._ring, self._deafen, self._hang_list,
        )  # fmt: skip

    async def strike(self, every: float) -> None:
        """Strike a modem each ``every`` seconds on average, until cancelled."""
        while True:
            await asyncio.sleep(self._chance.expovariate(1 / every))
            device = self._chance.choice(list(self._network.modems.values()))
            if device.plugged:
                fault = self._chance.choice(self._faults)
                self.struck[fault.__name__.strip("_")] += 1
                fault(device)

    def heal(self) -> None:
        """Make every modem well, as far as a hand on the hub can."""
        for device in self._network.modems.values():
            device.thaw()
            device.garble(0)
            device.trickle(None)
            device.registration = 1
            device.faults.list_hangs = False
            device.faults.report_before_ok = False
            device.faults._failures.clear()
            device.faults._swallows.clear()
            if not device.plugged:
                registry.remove(device)
                replug(device, device.name)

    def _later(self, least: float, most: float, act: Callable[..., object], *given: object) -> None:
        wait = self._chance.uniform(least, most)
        asyncio.get_running_loop().call_later(wait, act, *given)

    def _back(self, device: Device, name: str) -> None:
        if not device.plugged:
            registry.remove(device)
            replug(device, name)

    def _pull_out(self, device: Device) -> None:
        unplug(device)
        self._later(3, 40, self._back, device, device.name)

    def _move(self, device: Device) -> None:
        unplug(device)
        self._later(3, 20, self._back, device, f"{device.name}-{self._chance.randrange(1000)}")

    def _freeze(self, device: Device) -> None:
        device.freeze(notifications=self._chance.random() < 0.5)
        self._later(20, 90, device.thaw)

    def _reboot(self, device: Device) -> None:
        device.reboot(self._chance.uniform(5, 25))

    def _garble(self, device: Device) -> None:
        device.garble(self._chance.choice((0.01, 0.1, 0.5)))
        self._later(1, 15, device.garble, 0)

    def _trickle(self, device: Device) -> None:
        device.trickle(0.002)
        self._later(5, 30, device.trickle, None)

    def _no_service(self, device: Device) -> None:
        device.register(self._chance.choice((0, 2, 3)))
        self._later(5, 60, device.register, 1)

    def _refuse(self, device: Device) -> None:
        code = self._chance.choice(_NETWORK_REFUSALS)
        device.faults.fail_next("AT+CMGS", code, times=self._chance.randint(1, 4))

    def _swallow(self, device: Device) -> None:
        device.faults.swallow_final(self._chance.choice(("AT+CMGS", "AT+CSQ", "AT+CREG", "ATD")))

    def _stick_prompt(self, device: Device) -> None:
        device.faults.stuck_prompts += 1

    def _open_prompt(self, device: Device) -> None:
        if not device.engine.busy:
            device.leave_prompt_open()

    def _noise(self, device: Device) -> None:
        for gap in Gap:
            device.faults.inject(gap, self._chance.choice(_NOISE))

    def _early_report(self, device: Device) -> None:
        device.faults.report_before_ok = True
        self._later(5, 30, setattr, device.faults, "report_before_ok", False)

    def _ring(self, device: Device) -> None:
        self._network.ring_modem("+33639980777", device)

    def _deafen(self, device: Device) -> None:
        device.faults.deaf_to_digits = not device.faults.deaf_to_digits

    def _hang_list(self, device: Device) -> None:
        device.faults.list_hangs = True
        self._later(5, 60, setattr, device.faults, "list_hangs", False)
