"""Whether the way out is cut, judged by what was really said and answered. Pure.

A relay that refuses is reached: the internet is there, the mail waits all the same.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

#: So many failures one after another are no accident.
SILENT_AFTER: Final = 2
#: Seconds between them at least.
NOT_AT_ONCE: Final = 1.0
#: So many refusals, no two of them about one mailbox, and the relay takes nothing.
REFUSING_AFTER: Final = 5
_AT_HOME: Final = ("localhost", ".local", ".lan", ".home.arpa", ".internal")


class Cut(StrEnum):
    """What is cut."""

    NOTHING = ""
    RELAY = "relay"
    INTERNET = "internet"


@dataclass(slots=True)
class Line:
    """One way out and how it answers; times are seconds since 1970."""

    name: str
    outside: bool
    answered_at: float | None = None
    since: float | None = None  # its first failure of those that follow one another
    failed_at: float = 0.0
    silences: int = 0
    silent_since: float = 0.0
    refusals: int = 0
    refused_at: float = 0.0
    why: str = ""
    refused_for: set[str] = field(default_factory=set)  # mailboxes it takes nothing for

    def answered(self, now: float) -> None:
        """Hear that it did what it was asked."""
        self.answered_at, self.since, self.silences, self.refusals, self.why = now, None, 0, 0, ""
        self.refused_for.clear()

    def failed(self, now: float, why: str, *, reached: bool, about: str = "") -> None:
        """Hear that it did not; ``reached``: it answered, with a refusal, ``about`` one mailbox.

        One full mailbox, tried again and again, is one refusal.
        """
        self.since = now if self.since is None else self.since
        self.why, self.failed_at = why, now
        if reached:
            known = about in self.refused_for
            self.refusals, self.refused_at = self.refusals + (not known), now
            self.silences = 0
            self.refused_for |= {about} - {""}
        else:
            self.silent_since = self.silent_since if self.silences else now
            self.silences += 1

    @property
    def silent(self) -> bool:
        """Whether nobody answers there."""
        if self.failed_at - self.silent_since < NOT_AT_ONCE:
            return False  # two that failed together are one accident
        return self.silences >= SILENT_AFTER

    @property
    def known(self) -> bool:
        """Whether it has been heard of: it answered once, or is judged not to."""
        return self.answered_at is not None or self.refusals > 0 or self.useless

    @property
    def useless_since(self) -> float:
        """Since when; a mail or two that it refused before it fell silent is another story."""
        refused = self.refusals >= REFUSING_AFTER or not self.silent
        return self.since or 0.0 if refused else self.silent_since

    @property
    def useless(self) -> bool:
        """Whether nothing gets out that way."""
        return self.silent or self.refusals >= REFUSING_AFTER


@dataclass(frozen=True, slots=True)
class State:
    """What is cut, since when (seconds since 1970), and why; ``mail``: no mail leaves."""

    cut: Cut = Cut.NOTHING
    since: float = 0.0
    why: str = ""
    mail: bool = False
    refused: bool = False  # the relay is there, and takes nothing


def judged(lines: Sequence[Line], relay: str) -> State:
    """Return how things stand; ``relay`` names the line that carries mail."""
    outside = [line for line in lines if line.outside]
    carrier = next((line for line in lines if line.name == relay), None)
    mail = carrier is not None and carrier.useless
    if outside and all(line.silent for line in outside):
        since = min(line.useless_since for line in outside)
        return State(Cut.INTERNET, since, outside[0].why, mail)
    if mail and carrier is not None:
        return State(Cut.RELAY, carrier.useless_since, carrier.why, mail, not carrier.silent)
    return State()


def is_outside(host: str) -> bool:
    """Tell whether a host is reached through the internet, as far as its name says."""
    try:
        place = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        name = host.lower().rstrip(".")
        return "." in name and not name.endswith(_AT_HOME)
    return place.is_global
