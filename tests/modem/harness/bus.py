"""The emulated modems of this process as a USB bus: their ports may change their names."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

from modem.discovery import UsbPort
from modem.emulator import Device, registry

#: A SIM7600 on its AT interface.
_ID = (0x1E0E, 0x9001)


class EmulatedBus:
    """What `modem.discovery.SysfsBus` is to a machine; ``places`` are those of real sockets."""

    def __init__(self) -> None:
        self._plugs: dict[str, tuple[int, int]] = {}

    def ports(self) -> tuple[UsbPort, ...]:
        return tuple(
            UsbPort(f"emulator:{name}", f"1-{device.imei[-4:]}", 2, *_ID)
            for name, device in sorted(registry.names().items())
        )

    def sign(self) -> Hashable:
        return tuple(self.stamp(port.path) for port in self.ports())

    def stamp(self, path: str) -> Hashable | None:
        device = registry.names().get(path.removeprefix("emulator:"))
        return None if device is None else (path, device.imei, device.socket.plugs)


def unplug(device: Device) -> None:
    """Pull a stick out: its name is free for another."""
    device.unplug()
    registry.remove(device)


def replug(device: Device, name: str) -> None:
    """Put it back in; the system calls it ``name`` now."""
    registry.install(device, name)
    device.replug()


class EmulatedSwitch:
    """The bus's power over a device, as `modem.remedies.SysfsSwitch` has it."""

    def __init__(self, device: Device, *, permitted: bool = True) -> None:
        self.device, self.allowed, self.cycles = device, permitted, 0

    def permitted(self, place: str) -> bool:
        return self.allowed

    async def cycle(self, place: str) -> bool:
        self.cycles += 1
        self.device.unplug()
        await asyncio.sleep(2.0)
        self.device.replug()
        return True
