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


def is_trusted(now: float) -> bool:
    """Tell whether ``now`` can be a set clock's reading at all."""
    return now >= EARLIEST_TRUSTED
