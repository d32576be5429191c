"""Wall time, injected. Monotonic time is the event loop's own and never passes through here.

Anybody in the gateway may import it. Tests and the driven demonstration give a `LoopClock`, whose
wall time follows the loop's jumps.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol

#: Before this moment (seconds since 1970) no box of ours existed: its clock was never set.
EARLIEST_TRUSTED = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


class Clock(Protocol):
    """What tells the time of day."""

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        return datetime.now(UTC).timestamp()


class LoopClock:
    """A wall clock that starts at ``start`` and then follows the running loop's `time`."""

    def __init__(self, start: datetime) -> None:
        self._start = start.timestamp()

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC; needs a running loop."""
        return self._start + asyncio.get_running_loop().time()


class NetworkClock:
    """A clock that the mobile network sets while the machine's own was never set.

    The network's time is an offset, the machine's clock is not touched. A machine whose clock can
    be right is believed: a false base station must not make alerts expire.
    """

    def __init__(self, system: Clock) -> None:
        self._system = system
        self._offset: float | None = None

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        now = self._system.now()
        if self._offset is not None and not is_trusted(now):
            return now + self._offset
        return now

    def hear(self, moment: float) -> None:
        """Hear the network's time (seconds since 1970-01-01 UTC)."""
        self._offset = moment - self._system.now()

    @property
    def source(self) -> str:
        """Whose time it is: ``system``, ``network``, or ``none`` while nobody's can be right."""
        if is_trusted(self._system.now()):
            return "system"
        return "none" if self._offset is None else "network"

    @property
    def apart(self) -> float | None:
        """How far (seconds) the network's time is ahead of the machine's; None: never heard."""
        return self._offset


def is_trusted(now: float) -> bool:
    """Tell whether ``now`` can be a set clock's reading at all."""
    return now >= EARLIEST_TRUSTED
