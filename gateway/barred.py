"""A barred SIM: the run of refusals that tells one, and the SIMs that were stopped for it.

An operator that takes a SIM for a spammer's refuses every number in turn; to go on would fail
one recipient after another by mistake. A stopped SIM carries alerts only, one a minute; the first
that is accepted frees it, and so does a human. Pure but for what it remembers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.sentences import fr
from modem.refusal import Refusal

#: So many numbers in a row refused, without one accepted between, are no coincidence.
RUN: Final = 5
#: As many suffice where the network itself names the card as the reason.
NAMED_RUN: Final = 3
#: Causes of 24.011 (E-2) that name the card or its contract.
_NAMED: Final = frozenset({"CMS 8", "CMS 10", "CMS 29", "CMS 30", "CMS 50", "CMS 69"})
#: The one that operators answer to a card they have blocked or that has no credit left.
_SUSPECT: Final = frozenset({"CMS 21"})


@dataclass(slots=True)
class RefusalRun:
    """The numbers one SIM was refused for, one after the other."""

    sim: str = ""
    numbers: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)

    def accepted(self) -> None:
        """Hear that a message was taken: the card is not barred."""
        self.numbers.clear()
        self.named.clear()

    def refused(self, sim: str, number: str, refusal: Refusal) -> str:
        """Hear of a refusal; return why the SIM must stop, or an empty text."""
        if sim != self.sim:
            self.sim = sim
            self.accepted()
        if refusal.code in _NAMED:
            self.named.add(number)
        if refusal.code in _NAMED | _SUSPECT:
            self.numbers.add(number)
        if len(self.named) >= NAMED_RUN or len(self.numbers) >= RUN:
            return fr(
                "{n} numéros refusés de suite ({code})", n=len(self.numbers), code=refusal.code
            )
        return ""


class StoppedSims:
    """The SIMs that carry alerts only, with the reason a person reads."""

    def __init__(self) -> None:
        self._why: dict[str, str] = {}

    def load(self, stopped: Mapping[str, str]) -> None:
        """Take over what an earlier run of the daemon found out."""
        self._why = dict(stopped)

    def stop(self, sim: str, why: str) -> bool:
        """Stop a SIM; return whether it was going until now."""
        fresh = sim not in self._why
        self._why[sim] = why
        return fresh

    def resume(self, sim: str) -> bool:
        """Let a SIM go; return whether it had been stopped."""
        return self._why.pop(sim, None) is not None

    def why(self, sim: str) -> str:
        """Return why a SIM is stopped, empty when it is not."""
        return self._why.get(sim, "")
