"""Taking a modem off its USB bus without the right to: root's own small unit does it for us.

Job: start ``tocsin-usb-reset@PLACE.service`` (a rule of polkit lets the daemon's user start it, and
nothing else), and choose between that and writing the bus' files oneself. For the daemon.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from modem.logs import log_for
from modem.remedies import SysfsSwitch, UsbSwitch

_log = log_for(__name__)

UNIT: Final = "tocsin-usb-reset@"
#: Seconds the unit may take: it holds the device off the bus for two.
LIMIT: Final = 40.0
#: A place on the bus, as the kernel writes it: 1-1.4
_PLACE: Final = re.compile(r"\d+-\d+(\.\d+)*")
_WHERE: Final = (
    Path("/usr/lib/systemd/system"), Path("/lib/systemd/system"), Path("/etc/systemd/system")
)  # fmt: skip


class SystemdSwitch:
    """The unit of root's, where systemd runs and the unit is installed."""

    def __init__(
        self, *, command: Sequence[str] = ("systemctl", "--no-ask-password"),
        units: Sequence[Path] = _WHERE, running: Path = Path("/run/systemd/system"),
    ) -> None:  # fmt: skip
        self._command, self._units, self._running = tuple(command), units, running

    def permitted(self, place: str) -> bool:
        """Tell whether the unit could be started for this place."""
        installed = any((folder / f"{UNIT}.service").exists() for folder in self._units)
        return bool(_PLACE.fullmatch(place)) and installed and self._running.is_dir()

    async def cycle(self, place: str) -> bool:
        """Start the unit and wait for its end; return whether it worked. Raises nothing."""
        if not self.permitted(place):
            return False
        unit = f"{UNIT}{place}.service"
        try:
            child = await asyncio.create_subprocess_exec(
                *self._command, "start", unit,
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
        except OSError as error:
            _log.warning("%s: %s", unit, error)
            return False
        try:
            async with asyncio.timeout(LIMIT):
                _, said = await child.communicate()
        except TimeoutError:
            _log.warning("%s: not within %.0f s", unit, LIMIT)
            return False
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        if child.returncode:
            _log.warning("%s: %s", unit, said.decode(errors="replace").strip())
        return child.returncode == 0


class EitherSwitch:
    """The first of several that may."""

    def __init__(self, *switches: UsbSwitch) -> None:
        self._switches = switches

    def permitted(self, place: str) -> bool:
        """Tell whether any of them may."""
        return any(switch.permitted(place) for switch in self._switches)

    async def cycle(self, place: str) -> bool:
        """Have the first that may do it; return whether that worked."""
        for switch in self._switches:
            if switch.permitted(place):
                return await switch.cycle(place)
        return False


def best_switch() -> UsbSwitch:
    """Return what this machine offers: the bus' own files where they may be written, else root."""
    return EitherSwitch(SysfsSwitch(), SystemdSwitch())
