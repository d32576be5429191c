"""How fast mail may leave: so many a minute in all, and so many to one domain. Pure.

Free mail providers close the door on a sender who comes all at once; relays count too.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

_SPAN: Final = 60.0


@dataclass(slots=True)
class Pace:
    """Counts what left in the last minute; 0 is no limit. Times are seconds, of any one clock."""

    per_minute: int = 0
    per_domain: int = 0
    _all: deque[float] = field(default_factory=deque)
    _domains: dict[str, deque[float]] = field(default_factory=dict)

    def count(self, address: str, now: float) -> None:
        """Write down that a mail left."""
        if self.per_minute:
            self._all.append(now)
        if self.per_domain:
            self._domains.setdefault(domain_of(address), deque()).append(now)

    def wait(self, now: float) -> float:
        """Return for how long (seconds) nothing may leave."""
        return _wait(self._all, self.per_minute, now)

    def full(self, now: float) -> dict[str, float]:
        """Return the domains that get nothing now, and for how long (seconds)."""
        found = {}
        for domain, left in list(self._domains.items()):
            if wait := _wait(left, self.per_domain, now):
                found[domain] = wait
            elif not left:
                del self._domains[domain]
        return found


def _wait(left: deque[float], limit: int, now: float) -> float:
    while left and left[0] <= now - _SPAN:
        left.popleft()
    return left[-limit] + _SPAN - now if limit and len(left) >= limit else 0.0


def domain_of(address: str) -> str:
    """Return the domain of a mail address, in lower case."""
    return address.rpartition("@")[2].lower()
