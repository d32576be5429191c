"""Which ports this machine has, and where a modem is now, whatever its port is called today.

Job: read the USB tree from sysfs (`/sys/class/tty/<name>/device`, whose path holds
``<bus>-<port>:<config>.<n>``), ask likely ports for their IMEI, and find a configured modem again
after it was replugged under another name. Not its job: serving it (`modem.supervisor`). Several
sticks share one serial number, so names made from it collide; the USB place and the IMEI do not.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from modem import commands
from modem.errors import ModemError, PortLost
from modem.link import Link
from modem.profiles import roles_of
from modem.transport import open_port

_SYSFS: Final = Path("/sys/class/tty")
_USB_NAMES: Final = ("ttyUSB", "ttyACM")
_INTERFACE: Final = re.compile(r"/(?P<place>\d+-[\d.]+)/(?P=place):\d+\.(?P<number>\d+)(?:/|$)")


@dataclass(frozen=True, slots=True)
class UsbPort:
    """One serial interface of a USB device. ``place`` is its path of hubs, as in ``1-1.4``."""

    path: str
    place: str
    interface: int
    vendor: int = 0
    product: int = 0

    @property
    def usb_id(self) -> tuple[int, int]:
        """Vendor and product, which tell what is on which interface."""
        return (self.vendor, self.product)


class Bus(Protocol):
    """The ports of this machine, as they are at this moment."""

    def ports(self) -> tuple[UsbPort, ...]:
        """Return all USB serial ports, by place and interface."""
        ...

    def stamp(self, path: str) -> Hashable | None:
        """Return what changes whenever something is plugged in as ``path``; None: not there."""
        ...

    def sign(self) -> Hashable:
        """Return what changes whenever anything is plugged in or out; cheap to ask."""
        ...


class SysfsBus:
    """Linux's own."""

    def __init__(self, sysfs: Path = _SYSFS, nodes: str = "/dev") -> None:
        self._sysfs, self._nodes = sysfs, nodes

    def sign(self) -> Hashable:
        """Return the USB serial ports' names, and when each was made."""
        names = [name for name in os.listdir(self._nodes) if name.startswith(_USB_NAMES)]  # noqa: PTH208  cheap on purpose
        return tuple((name, self.stamp(f"{self._nodes}/{name}")) for name in names)

    def ports(self) -> tuple[UsbPort, ...]:
        """Return all USB serial ports, by place and interface."""
        return usb_ports(self._sysfs)

    def stamp(self, path: str) -> Hashable | None:
        """Return the node's number and birth; an address that is no path never changes."""
        if "://" in path or path.startswith("emulator:"):
            return path
        try:
            node = os.stat(path)  # noqa: PTH116  each second, for each modem that is away
        except OSError:
            return None
        return (node.st_dev, node.st_ino, node.st_ctime_ns)


def usb_ports(sysfs: Path = _SYSFS) -> tuple[UsbPort, ...]:
    """Return all USB serial ports, by place and interface."""
    # by name first: a machine has sixty other terminals, and each look follows a dozen links
    found = [_usb_port(entry) for kind in _USB_NAMES for entry in sysfs.glob(f"{kind}*")]
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


def at_ports(ports: Iterable[UsbPort], place: str) -> tuple[str, ...]:
    """Return the AT ports of the device at ``place``, the best first; of an unknown one, all."""
    here = [port for port in ports if port.place == place]
    roles = roles_of(here[0].usb_id) if here else None
    if roles is None:
        return tuple(port.path for port in here)
    by_interface = {port.interface: port.path for port in here}
    return tuple(by_interface[number] for number in roles.at if number in by_interface)


def at_port(place: str, sysfs: Path = _SYSFS) -> str:
    """Return the AT port of the modem at USB ``place``; raise PortLost when none is there."""
    return _best(usb_ports(sysfs), place)


def _best(ports: Iterable[UsbPort], place: str) -> str:
    found = at_ports(ports, place)
    if not found:
        raise PortLost(f"no modem at USB place {place}")
    return found[0]


def beside(path: str) -> str:
    """Return ``NAME.audio`` next to a port called ``NAME.at``, empty where there is none.

    So udev rules and the emulator name the two roles of one device.
    """
    port = Path(path)
    sound = port.with_suffix(".audio")
    return str(sound) if port.suffix == ".at" and sound.exists() else ""


def port_at(path: str, ports: Iterable[UsbPort]) -> UsbPort | None:
    """Return the USB port behind ``path``, which may be a link to it; None when there is none."""
    name = path if path.startswith("emulator:") else f"/dev/{Path(path).resolve().name}"
    return next((port for port in ports if port.path == name), None)


def sound_port(path: str, ports: Iterable[UsbPort]) -> str:
    """Return where the device that ``path`` belongs to sends the sound of calls, empty if none."""
    known = tuple(ports)
    own = port_at(path, known)
    roles = roles_of(own.usb_id) if own else None
    if own is None or roles is None or roles.audio is None:
        return ""
    wanted = (own.place, roles.audio)
    return next((port.path for port in known if (port.place, port.interface) == wanted), "")


async def imei_at(path: str) -> str:
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


@dataclass(slots=True)
class Rollcall:
    """Who was seen where: shared by all modems of a box, so that each port is asked once.

    A port is asked again only when something was plugged in under its name.
    """

    bus: Bus = field(default_factory=SysfsBus)
    _seen: dict[str, tuple[Hashable, str]] = field(default_factory=dict)
    _taken: dict[str, object] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def note(self, path: str, imei: str) -> None:
        """Write down that the modem ``imei`` answers at ``path``."""
        stamp = self.bus.stamp(path)
        if stamp is not None and imei:
            self._seen[path] = (stamp, imei)

    def take(self, path: str, who: object) -> None:
        """Write down that ``who`` serves the modem at ``path``, and nothing else."""
        self.leave(who)
        self._taken[path] = who

    def leave(self, who: object) -> None:
        """Write down that ``who`` serves no modem at this moment."""
        self._taken = {path: other for path, other in self._taken.items() if other is not who}

    def is_free(self, path: str, who: object) -> bool:
        """Tell whether no sibling of ``who`` serves the modem at ``path``."""
        return self._taken.get(path, who) is who

    def known(self, imei: str) -> str:
        """Return where a modem was seen, if nothing was plugged in there since; else empty."""
        for path, (stamp, who) in self._seen.items():
            if who == imei and self.bus.stamp(path) == stamp:
                return path
        return ""

    async def find(self, imei: str) -> str:
        """Return the AT port of a modem, asking those nobody has asked; raise PortLost."""
        async with self._turn:
            if found := self.known(imei):
                return found
            ports = self.bus.ports()
            for place in dict.fromkeys(port.place for port in ports):
                for path in at_ports(ports, place)[:1]:
                    if not self._asked(path):
                        self.note(path, await imei_at(path))
            if found := self.known(imei):
                return found
        raise PortLost(f"no modem with IMEI {imei}")

    def _asked(self, path: str) -> bool:
        return path in self._seen and self._seen[path][0] == self.bus.stamp(path)


@dataclass(slots=True, eq=False)
class Finder:
    """Where one configured modem is now: by USB place, by IMEI, or by the name of its port.

    A modem configured by its port alone is known by its IMEI from its first start on: when
    another answers there, or nobody, it is looked for elsewhere.
    """

    roll: Rollcall
    port: str = ""
    imei: str = ""
    place: str = ""
    _learned: str = ""

    async def address(self) -> str:
        """Return the AT port to open; raise PortLost when the modem is nowhere."""
        if self.place:
            return _best(self.roll.bus.ports(), self.place)
        if self.imei:
            return await self.roll.find(self.imei)
        found = self.roll.known(self._learned)
        if found and self.roll.is_free(found, self):
            return found
        if self._learned and not found and not self._may_be_at_its_port():
            return await self.roll.find(self._learned)
        return self.port

    def _may_be_at_its_port(self) -> bool:
        there = self.roll.bus.stamp(self.port) is not None
        return there and self.roll.is_free(self.port, self)

    async def met(self, path: str, imei: str) -> None:
        """Take note of who answered at ``path``; raise PortLost when ours is somewhere else.

        Somebody else at our port, and ours nowhere, is a new stick in place of the old one.
        """
        self.roll.note(path, imei)
        wanted = self.imei or self._learned
        stranger = bool(imei and wanted and imei != wanted)
        if stranger and (self.imei or await self._is_elsewhere(wanted)):
            raise PortLost(f"another modem answers at {path}")
        self._learned = imei or self._learned
        self.roll.take(path, self)

    async def _is_elsewhere(self, imei: str) -> bool:
        try:
            return self.roll.is_free(await self.roll.find(imei), self)
        except PortLost:
            return False

    def second(self, path: str) -> str:
        """Return another AT port of the device at ``path``, empty where it has none."""
        ports = self.roll.bus.ports()
        own = port_at(path, ports)
        others = [other for other in at_ports(ports, own.place) if other != own.path] if own else []
        roles = roles_of(own.usb_id) if own else None
        return others[0] if others and roles is not None else ""

    def place_of(self, path: str) -> str:
        """Return the USB place of the device at ``path``, empty when it is not on USB."""
        own = port_at(path, self.roll.bus.ports())
        return own.place if own else self.place

    def usb_id_of(self, path: str) -> tuple[int, int] | None:
        """Return vendor and product of the device at ``path``; None when it is not on USB."""
        own = port_at(path, self.roll.bus.ports())
        return own.usb_id if own else None

    @property
    def watches(self) -> bool:
        """Whether `sign` can ever change: an address over the network is always there."""
        return self.roll.bus.stamp(self.port) != self.port

    def sign(self) -> Hashable:
        """Return what changes when this modem, or any port, is plugged in or out."""
        return (self.roll.bus.stamp(self.port), self.roll.bus.sign())
