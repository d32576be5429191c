"""What each rung of the recovery ladder does to the device.

Job: switch the radio off and on, restart the device by its own command, take it off the USB bus
and back. Each is bounded in time and says whether it had an effect. Not its job: when
(`modem.recovery`), what comes after (`modem.supervisor`). For the supervisor.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final, Protocol

from modem.commands import RADIO_ON, Command, do
from modem.errors import CommandFailed, ModemError, PortLost
from modem.link import Link
from modem.logs import log_for
from modem.transport import open_port

_log = log_for(__name__)

#: Seconds for a device told to restart to leave the bus.
LEAVING: Final = 15.0
#: Seconds a device stays without its authorisation: shorter, and some do not notice.
UNPLUGGED: Final = 2.0

_RADIO_OFF: Final = do("AT+CFUN=4", timeout=15.0)
_RADIO_OFF_DEEPER: Final = do("AT+CFUN=0", timeout=15.0)
_USB_DEVICES: Final = Path("/sys/bus/usb/devices")


async def cycle_radio(address: str) -> bool:
    """Have the device at ``address`` leave the air and come back; return whether it took that.

    Some devices know only one of the two ways off. Raises nothing.
    """
    try:
        port = await open_port(address)
    except ModemError:
        return False
    link = Link(port, lambda _: None, f"radio {address}")
    link.open()
    try:
        if not await _accepted(link, _RADIO_OFF):
            await _accepted(link, _RADIO_OFF_DEEPER)
        return await _accepted(link, RADIO_ON)
    except ModemError:
        return False
    finally:
        await link.close()


async def _accepted(link: Link, command: Command[None]) -> bool:
    try:
        await link.request(command)
    except CommandFailed:
        return False
    return True


async def restart(address: str, command: str) -> bool:
    """Have the device at ``address`` restart itself; return whether it left the bus.

    The command is said without waiting for an answer: the device it is meant for may be one that
    answers nothing. Raises nothing.
    """
    try:
        port = await open_port(address)
    except ModemError:
        return False
    try:
        port.write(b"\x1b\r")
        await asyncio.sleep(0.2)
        port.write(command.encode("ascii") + b"\r")
        async with asyncio.timeout(LEAVING):
            while True:
                await port.read()
    except PortLost:
        return True
    except (TimeoutError, ModemError):
        return False
    finally:
        await port.close()


class UsbSwitch(Protocol):
    """What can take a USB device off its bus and give it back."""

    def permitted(self, place: str) -> bool:
        """Tell whether we may, for the device at USB ``place``."""
        ...

    async def cycle(self, place: str) -> bool:
        """Take it away, wait, give it back; return whether that worked."""
        ...


class SysfsSwitch:
    """Linux's own: the file ``authorized`` of each USB device (root, or a rule of udev's)."""

    def __init__(self, devices: Path = _USB_DEVICES) -> None:
        self._devices = devices

    def permitted(self, place: str) -> bool:
        """Tell whether the device is there and its file may be written."""
        return bool(place) and os.access(self._devices / place / "authorized", os.W_OK)

    async def cycle(self, place: str) -> bool:
        """Write 0, wait, write 1. Even when interrupted the device gets its authorisation back."""
        switch = self._devices / place / "authorized"
        try:
            switch.write_text("0")
            try:
                await asyncio.sleep(UNPLUGGED)
            finally:
                switch.write_text("1")
        except OSError as error:
            _log.warning("%s: %s", switch, error)
            return False
        return True
