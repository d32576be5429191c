"""Which PINs a card has refused, kept in the store: no restart of the box burns another try."""

from __future__ import annotations

from gateway.clock import Clock
from gateway.store import Store, sims


class StoredPins:
    """The memory that `modem.pins.PinMemory` asks for."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def was_refused(self, card: str, pin_hash: str) -> bool:
        """Tell whether this card has refused this PIN, ever."""
        return await self._store.read(lambda db: sims.pin_was_refused(db, card, pin_hash))

    async def note_refused(self, card: str, pin_hash: str) -> None:
        """Keep it; on disk when this returns."""
        now = self._clock.now()
        await self._store.write(lambda db: sims.note_pin_refused(db, card, pin_hash, now))
