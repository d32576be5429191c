"""The database of a configured box, as whoever opens it needs it: its key, and what stood before.

Imported by the daemon and by the commands that work without one.
"""

from __future__ import annotations

from gateway import keys
from gateway.config import Config
from gateway.store import Store


def store_of(config: Config) -> Store:
    """Return the database, not yet open. One that is gone though backups are there is told."""

    def made_before() -> bool:
        from gateway.upkeep import backup  # where the base is missing, and only there

        return backup.made_before(config)

    return Store(config.database, keys.of_register(config), made_before)
