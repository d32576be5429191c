"""Room on the disk: what is not vital stops before it is gone, and alerts have a reserve.

The reserve is a file of a few megabytes that outlives a stop; where the disk is full it is given
up, and what an alert still has to write down takes its place.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.disk_levels import DiskLevel, level_of
from gateway.errors import Refused
from gateway.logs import log_for

_log = log_for(__name__)

#: Bytes of the reserve: what an alert to some thousands of people writes down.
RESERVE: Final = 8_000_000
#: Seconds between two lines in the journal about what found no room.
TELL: Final = 60.0
#: Bytes below which a reserve is none.
LEAST: Final = 1_000_000
#: What the reserve is called, beside the database.
RESERVE_FILE: Final = "reserve"


class Room:
    """The disk under the data of one box."""

    def __init__(self, folder: Path, seconds: Callable[[], float] = time.monotonic) -> None:
        """Look after the disk of ``folder``; ``seconds`` are those of a clock never set back."""
        self._folder, self._reserve, self._seconds = folder, folder / RESERVE_FILE, seconds
        self._told_at, self._refused = float("-inf"), 0

    def free(self) -> int:
        """Return how many bytes are free, 0 where the disk does not answer."""
        try:
            return shutil.disk_usage(self._folder).free
        except OSError:
            return 0

    @property
    def scant(self) -> bool:
        """Whether only alerts may take what is left."""
        return level_of(self.free()) is DiskLevel.SCANT

    def check(self) -> None:
        """Raise `Refused`, with the mend, where what is not vital must wait."""
        free = self.free()
        if level_of(free) is DiskLevel.SCANT:
            raise Refused(
                "Le disque du boîtier est presque plein ({free:.0f} Mo libres) : seules les "
                "alertes partent. Faites de la place (« tocsin doctor » dit comment).",
                free=free / 1e6,
            )

    def hold(self) -> None:
        """Make the reserve, or make it larger; with little room a quarter of what there is.

        It stays when the box stops: the next start may find the disk full.
        """
        there = self._held()
        wanted = min(RESERVE, (self.free() + there) // 4)
        if wanted <= max(there, LEAST):
            return
        with contextlib.suppress(OSError):
            file = os.open(self._reserve, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(file, 0, wanted)
            finally:
                os.close(file)

    def _held(self) -> int:
        try:
            return self._reserve.stat().st_size
        except OSError:
            return 0

    def give_up(self) -> bool:
        """Give the reserve to what must be written now; tell whether there was one."""
        try:
            self._reserve.unlink()
        except OSError:
            return False
        _log.error("the disk is full: the reserve is given up")
        return True

    def refused(self) -> None:
        """Take down in the journal that something found no room: a line a minute at most."""
        self._refused += 1
        if self._seconds() - self._told_at >= TELL:
            _log.error("the disk is full: nothing is written", refused=self._refused)
            self._told_at, self._refused = self._seconds(), 0
