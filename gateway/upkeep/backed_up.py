"""What the box remembers of its backups: the last good one, and each place's last good and failed.

A trial to a place of its own neither hides the last good backup nor a place that has failed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.store import facts

#: Places remembered: those of the configuration and a few tried by hand.
_MOST: Final = 20

#: Facts by name: when they were written down (seconds since 1970), and what they say.
Known = Mapping[str, tuple[float, Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """A place, when it last took a backup and when it last did not; seconds since 1970."""

    good_at: float | None = None
    failed_at: float | None = None
    trouble: str = ""  # of the last try; which one that was is never asked of a clock

    @property
    def fails(self) -> bool:
        """Whether the last try failed."""
        return bool(self.trouble)

    def after(self, trouble: str, now: float) -> Place:
        """Return it after one more try."""
        if trouble:
            return replace(self, failed_at=now, trouble=trouble)
        return replace(self, good_at=now, trouble="")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """All of it; ``good`` is the last backup that arrived anywhere, as `Backup.told` has it."""

    good_at: float | None
    good: Mapping[str, Any]
    places: Mapping[str, Place]


def remembered(known: Known) -> BackedUp:
    """Return what the facts say."""
    good_at, good = known.get(facts.SOUND_BACKUP, (None, {}))
    _, rows = known.get(facts.BACKUP_PLACES, (0.0, {}))
    return BackedUp(good_at, good, {name: Place(*row) for name, row in rows.items()})


def after(known: Known, tried: Iterable[tuple[str, str]], now: float) -> dict[str, list[Any]]:
    """Return the places after one more backup, for the fact; ``tried`` are (place, trouble)."""
    places = dict(remembered(known).places)
    for name, trouble in tried:
        places[name] = places.pop(name, Place()).after(trouble, now)
    newest = list(places.items())[-_MOST:]
    return {name: [one.good_at, one.failed_at, one.trouble] for name, one in newest}
