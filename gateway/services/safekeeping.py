"""When the last backup was, where it is, whether it is safe: for the page. Making one is upkeep's.

The sentences and their mends are those of ``tocsin doctor``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.clock import Clock
from gateway.config import Config
from gateway.rights import Right
from gateway.services import words
from gateway.services.permits import need
from gateway.services.values import Actor
from gateway.store import Store, facts
from gateway.upkeep import look_data
from gateway.upkeep.findings import Finding, Level


@dataclass(frozen=True, slots=True)
class BackupView:
    """The last backup (``at`` None: none), what came of each place, and what is to be done."""

    findings: tuple[Finding, ...]
    places: tuple[tuple[str, str], ...]  # where, and its trouble: empty when it is there
    at: datetime | None = None
    name: str = ""
    megabytes: float = 0.0
    sealed: bool = False

    @property
    def well(self) -> bool:
        """Whether a dead disk would lose nothing."""
        return all(one.level is Level.GOOD for one in self.findings)


class Safekeeping:
    """What the doors may ask of backups."""

    def __init__(self, store: Store, clock: Clock, config: Config) -> None:
        self._store, self._clock, self._config = store, clock, config

    async def view(self, actor: Actor) -> BackupView:
        """Return how the backups stand."""
        need(actor, Right.SETTINGS)
        known = await self._store.read(facts.known)
        found = tuple(look_data.backups(self._config, known, self._clock.now()))
        if "backup" not in known:
            return BackupView(found, tuple((one, "") for one in self._config.backup.to))
        at, told = known["backup"]
        return BackupView(
            found, tuple((one["place"], one["trouble"]) for one in told["places"]),
            words.at(at, actor.timezone), told["name"], told["size"] / 1e6, told["sealed"],
        )  # fmt: skip
