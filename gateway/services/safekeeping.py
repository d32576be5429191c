"""When the last backup was, where it is, whether it is safe: for the page. Making one is upkeep's.

The sentences and their mends are those of ``tocsin doctor``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.clock import Clock
from gateway.config import Config
from gateway.rights import Right
from gateway.services import words
from gateway.services.permits import need
from gateway.services.values import Actor
from gateway.store import Store, facts
from gateway.upkeep import backed_up, look_backups
from gateway.upkeep.backed_up import Place
from gateway.upkeep.findings import Finding, Level


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place: when it last took a backup, and the trouble of a later try; empty: none."""

    name: str
    at: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class BackupView:
    """The last good backup (``at`` None: none), each place, and what is to be done."""

    findings: tuple[Finding, ...]
    places: tuple[PlaceView, ...]
    at: datetime | None = None
    name: str = ""
    megabytes: float = 0.0
    sealed: bool = False

    @property
    def well(self) -> bool:
        """Whether a dead disk would lose nothing."""
        return all(one.level is Level.GOOD for one in self.findings)


#: Seconds for which a place that was tried by hand, and never served, is shown.
_SLIP: Final = 7 * 86400.0


class Safekeeping:
    """What the doors may ask of backups."""

    def __init__(self, store: Store, clock: Clock, config: Config) -> None:
        self._store, self._clock, self._config = store, clock, config

    async def view(self, actor: Actor) -> BackupView:
        """Return how the backups stand."""
        need(actor, Right.SETTINGS)
        known = await self._store.read(facts.known)
        found = tuple(look_backups.backups(self._config, known, self._clock.now()))
        seen = backed_up.remembered(known)
        lately = self._clock.now() - _SLIP
        known_places = [
            name
            for name, place in seen.places.items()
            if place.good_at is not None or (place.failed_at or 0.0) > lately
        ]
        tried = dict.fromkeys([*self._config.backup.to, *known_places])
        places = tuple(_placed(name, seen.places.get(name), actor.timezone) for name in tried)
        if seen.good_at is None:
            return BackupView(found, places)
        return BackupView(
            found, places, words.at(seen.good_at, actor.timezone), seen.good["name"],
            seen.good["size"] / 1e6, seen.good["sealed"],
        )  # fmt: skip


def _placed(name: str, place: Place | None, zone: str) -> PlaceView:
    if place is None:
        return PlaceView(name)
    at = None if place.good_at is None else words.at(place.good_at, zone)
    return PlaceView(name, at, place.trouble if place.fails else "")
