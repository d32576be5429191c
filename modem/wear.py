"""A sound port that wears out from call to call, watched.

Job: count the signs, say when only a restart of the device will help. The best sign there is:
whether the first request to connect the sound was taken. Not its job: restarting. Pure; for
`modem.driver`.
"""

from __future__ import annotations

from typing import Final

#: A call without sound counts for two that needed a second request.
_WORN: Final = 2


class Wear:
    """The wear since the device started.

    ``calls`` counts the calls with sound, ``rough`` those of them that took several requests.
    """

    def __init__(self) -> None:
        self.calls = self.rough = 0
        self._points = 0

    @property
    def out(self) -> bool:
        """Whether the device should be restarted before the next call."""
        return self._points >= _WORN

    def note(self, tries: int, *, failed: bool) -> None:
        """Take note of a call whose sound was requested ``tries`` times (0: never)."""
        if not tries:
            return
        self.calls += 1
        rough = failed or tries > 1
        self.rough += rough
        self._points = self._points + (_WORN if failed else 1) if rough else 0
