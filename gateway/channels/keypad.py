"""Keys taken in a call: a PIN ended by #, one digit of a list, a code. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.channels.call_script import Cue, Part, Say, Wait

#: Seconds the first key is waited for, and the next.
_FIRST: Final = 10.0
_NEXT: Final = 6.0
#: Between a key and the answer to it.
SHORT: Final = 0.2


class Keypad:
    """Says `Part.MESSAGE` once and takes up to ``most`` digits; none: it only speaks.

    ``star``: the star key ends it (`starred`), nothing typed counts then. # ends it (`ended`), as
    do the last digit and silence.
    """

    def __init__(self, most: int, *, star: bool = False, lead: float = SHORT) -> None:
        """Begin after a silence of ``lead`` seconds."""
        self._most, self._star = most, star
        self.digits, self.starred, self.ended = "", False, False
        silence = (Wait(_FIRST),) if most else ()
        self._cues: Iterator[Cue] = iter((Wait(lead), Say(Part.MESSAGE), *silence))

    def next(self) -> Cue | None:
        """Return what to do now; None when it is over."""
        return next(self._cues, None)

    def key(self, digit: str) -> bool:
        """Take a key; return whether what is being said must stop at once."""
        if self._is_over():
            return False
        if digit == "*" and self._star:
            self.digits, self.starred = "", True
        elif digit == "#" and self._most:
            self.ended = True
        elif digit.isdigit() and self._most:
            self.digits += digit
        else:
            return False
        self._cues = iter(() if self._is_over() else (Wait(_NEXT),))
        return True

    def _is_over(self) -> bool:
        return self.starred or self.ended or (self._most > 0 and len(self.digits) >= self._most)

    def machine(self, *, beep: bool) -> bool:  # noqa: ARG002  what every script is asked
        """Whoever calls us is no machine we would wait for."""
        return False
