"""Which voices were too slow lately, so that the parts of one call do not each wait for them.

A call has seven parts and an alert many calls: a voice that hangs would cost its limit every time.
Once is enough; then it rests, and the next voice speaks at once. Kept in this process only.
Imported by `tts.studio`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

#: Seconds a voice rests after it was too slow.
REST: Final = 300.0


class Patience:
    """Remembers voices by name; ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def lose(self, voice: str) -> None:
        """Let ``voice`` rest: it did not finish in its time."""
        self._until[voice] = self._clock() + REST

    def rests(self, voice: str) -> bool:
        """Return whether ``voice`` was too slow not long ago."""
        return self._until.get(voice, float("-inf")) > self._clock()
