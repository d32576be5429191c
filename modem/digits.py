"""Keys noticed twice, by the modem and in the audio, are one press. Pure; for `modem.voice`."""

from __future__ import annotations

from typing import Final

from modem.events import DigitPressed

#: Seconds within which the same key from the other source is the same press.
SAME_PRESS: Final = 0.4


class Merger:
    """Pairs each press of one source with at most one of the other."""

    def __init__(self) -> None:
        self._alone: list[tuple[float, DigitPressed]] = []

    def is_news(self, pressed: DigitPressed, now: float) -> bool:
        """Return whether ``pressed``, at ``now`` seconds, is a press not yet told."""
        self._alone = [(at, key) for at, key in self._alone if now - at <= SAME_PRESS]
        for entry in self._alone:
            if entry[1].digit == pressed.digit and entry[1].source is not pressed.source:
                self._alone.remove(entry)
                return False
        self._alone.append((now, pressed))
        return True
