"""Which port is which modem: by USB place, by interface, by IMEI; never by ttyUSB number.

Job: read sysfs (`/sys/class/tty/<name>/device`, whose path holds ``<bus>-<port>:<config>.<n>``)
and, for an IMEI, ask the likely ports. Not its job: serving them. Several sticks share one
serial number, so names made from it collide; the USB place does not. For `modem.supervisor`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modem import commands
from modem.errors import ModemError, PortLost
from modem.link import Link
from modem.profiles import PROFILES
from modem.transport import open_port

_SYSFS: Final = Path("/sys/class/tty")
_INTERFACE: Final = re.compile(r"/(?P<place>\d+-[\d.]+)/(?P=place):\d+\.(?P<number>\d+)(?:/|$)")


@dataclass(frozen=True, slots=True)
class UsbPort:
    """One serial interface of a USB device. ``place`` is its path of hubs, as in ``1-1.4``."""

    path: str
    place: str
    interface: int
    vendor: int = 0
    product: int = 0


def usb_ports(sysfs: Path = _SYSFS) -> tuple[UsbPort, ...]:
    """Return all USB serial ports, by place and interface."""
    found = [_usb_port(entry) for entry in sysfs.glob("tty*")]
    return tuple(
        sorted(
            (port for port in found if port is not None),
            key=lambda port: (port.place, port.interface),
        )
    )


def _usb_port(entry: Path) -> UsbPort | None:
    device = (entry / "device").resolve()
    where = _INTERFACE.search(str(device))
    if where is None:
        return None
    root = next((up for up in (device, *device.parents) if up.name == where["place"]), device)
    return UsbPort(
        f"/dev/{entry.name}",
        where["place"],
        int(where["number"]),
        _hexadecimal(root / "idVendor"),
        _hexadecimal(root / "idProduct"),
    )


def _hexadecimal(file: Path) -> int:
    try:
        return int(file.read_text().strip(), 16)
    except (OSError, ValueError):
        return 0


def at_port(place: str, sysfs: Path = _SYSFS) -> str:
    """Return the AT port of the modem at USB ``place``; raise PortLost when none is there."""
    here = [port for port in usb_ports(sysfs) if port.place == place]
    if not here:
        raise PortLost(f"no modem at USB place {place}")
    wanted = _at_interface(here[0])
    return next((port.path for port in here if port.interface == wanted), here[0].path)


def _at_interface(port: UsbPort) -> int | None:
    for profile in PROFILES:
        if (port.vendor, port.product) in profile.usb_ids:
            return profile.at_interface
    return None


def beside(path: str) -> str:
    """Return ``NAME.audio`` next to a port called ``NAME.at``, empty where there is none.

    So udev rules and the emulator name the two roles of one device.
    """
    port = Path(path)
    sound = port.with_suffix(".audio")
    return str(sound) if port.suffix == ".at" and sound.exists() else ""


def sibling(path: str, interface: int | None, sysfs: Path = _SYSFS) -> str:
    """Return the port of ``interface`` on the device ``path`` belongs to, empty if none."""
    name = f"/dev/{Path(path).resolve().name}"
    ports = usb_ports(sysfs)
    own = next((port for port in ports if port.path == name), None)
    if own is None or interface is None:
        return ""
    return next(
        (port.path for port in ports if (port.place, port.interface) == (own.place, interface)), ""
    )


async def port_of_imei(imei: str) -> str:
    """Ask the AT port of each USB modem for its IMEI; raise PortLost when none has it."""
    for place in dict.fromkeys(port.place for port in usb_ports()):
        path = at_port(place)
        if await _imei_at(path) == imei:
            return path
    raise PortLost(f"no modem with IMEI {imei}")


async def _imei_at(path: str) -> str:
    """Return what a port answers to AT+CGSN, empty when it is held, silent or gone."""
    try:
        port = await open_port(path)
    except ModemError:
        return ""
    link = Link(port, lambda _: None, f"probe {path}")
    link.open()
    try:
        return await link.attempt(commands.IMEI) or ""
    except ModemError:
        return ""
    finally:
        await link.close()
