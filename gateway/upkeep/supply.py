"""The uninterruptible supply as NUT tells it. Not its job: what is done about it (`watching`)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from gateway.config_box import PowerSettings
from gateway.errors import TocsinError
from gateway.sentences import fr, listed
from gateway.upkeep import nut

#: The words of ``ups.status`` without which nobody knows where the current comes from.
_MAINS_OR_NOT: Final = frozenset({"OL", "OB", "FSD"})


@dataclass(frozen=True, slots=True)
class SupplyState:
    """The supply now: NUT's ``ups.status`` words, percent of charge, minutes left."""

    words: frozenset[str]
    charge: float | None = None
    minutes: float | None = None

    @property
    def on_battery(self) -> bool:
        """Whether the mains have gone."""
        return "OB" in self.words

    @property
    def nearly_empty(self) -> bool:
        """Whether the machine is about to be stopped: by the battery, or by NUT before it."""
        return "FSD" in self.words or (self.on_battery and "LB" in self.words)

    @property
    def replace_battery(self) -> bool:
        """Whether its battery is worn out."""
        return "RB" in self.words

    @property
    def sentence(self) -> str:
        """Say how it stands."""
        parts = [fr("sur batterie") if self.on_battery else fr("sur secteur")]
        if self.charge is not None:
            parts.append(fr("batterie à {charge:.0f} %", charge=self.charge))
        if self.minutes is not None:
            parts.append(fr("encore {minutes:.0f} min", minutes=self.minutes))
        return listed(", ", parts)


class Supply:
    """One supply of a NUT server: ``name@host[:port]``."""

    def __init__(self, settings: PowerSettings) -> None:
        self._settings = settings

    async def look(self) -> SupplyState:
        """Ask NUT; raise `TocsinError`, with the reason, when it does not tell."""
        known = await nut.read(self._settings, ("ups.status", "battery.charge", "battery.runtime"))
        words = frozenset(known.get("ups.status", "").split())
        if not words & _MAINS_OR_NOT:  # "WAIT" while a driver starts, or nothing at all
            raise TocsinError(fr("NUT ne dit pas si le courant est là"))
        runtime = _number(known.get("battery.runtime"))
        return SupplyState(
            words, _number(known.get("battery.charge")), None if runtime is None else runtime / 60
        )


def _number(text: str | None) -> float | None:
    """Return a figure; None for what is none, « nan » and « inf » of some drivers included."""
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if math.isfinite(found) else None
