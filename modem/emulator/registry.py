"""Which emulated modems this process has, by name.

Job: turn the address ``emulator:NAME`` or ``emulator:NAME.audio`` into a port. Not its job:
making modems (`modem.emulator.network` installs them here). Imported by `modem.transport`.
"""

from __future__ import annotations

from typing import Final

from modem.emulator.device import Device
from modem.emulator.port import EmulatedPort
from modem.errors import PortLost

_AUDIO: Final = ".audio"
_devices: Final[dict[str, Device]] = {}


def install(device: Device, name: str | None = None) -> None:
    """Make a device reachable by its name, or another, in place of one of the same name."""
    _devices[name or device.name] = device


def remove(device: Device) -> None:
    """Make a device unreachable, whatever its name; removing twice is harmless."""
    for name in [name for name, known in _devices.items() if known is device]:
        del _devices[name]


def names() -> dict[str, Device]:
    """Return the devices that are plugged in, by the names they have at this moment."""
    return {name: device for name, device in _devices.items() if device.plugged}


def open_port(name: str) -> EmulatedPort:
    """Open the AT port ``NAME`` or the voice port ``NAME.audio``.

    Raises PortLost when there is no such modem, it is unplugged, or it has no voice port;
    PortBusy when somebody holds the port.
    """
    audio = name.endswith(_AUDIO)
    device = _devices.get(name.removesuffix(_AUDIO))
    if device is None or (audio and not device.profile.audio):
        raise PortLost(f"emulator:{name} is not there")
    return device.open(audio=audio)
