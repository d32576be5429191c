"""The emulated SIM card, and the places where messages are kept.

Job: PIN and PUK with their tries, identity, service centre, message reference, storage with
capacity. Not its job: the AT dialogue. Pure; used inside `modem.emulator`, and by tests to put a
card in a state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

PIN_TRIES: Final = 3
PUK_TRIES: Final = 10


class SimState(Enum):
    """What ``AT+CPIN?`` says."""

    READY = "READY"
    PIN = "SIM PIN"
    PUK = "SIM PUK"
    ABSENT = "NOT INSERTED"
    DEAD = "DEAD"  # PUK tries used up


@dataclass(slots=True)
class Stored:
    """A message in a slot: ``status`` is 0 unread, 1 read (27.005, 3.1)."""

    hex: str
    length: int
    status: int = 0


class Store:
    """One numbered storage area."""

    def __init__(self, name: str, capacity: int, first: int = 1) -> None:
        self.name, self.capacity, self.first = name, capacity, first
        self.slots: dict[int, Stored] = {}

    @property
    def full(self) -> bool:
        """Whether no slot is free."""
        return len(self.slots) >= self.capacity

    def put(self, message: Stored) -> int | None:
        """Keep a message in the lowest free slot; None when full."""
        for index in range(self.first, self.first + self.capacity):
            if index not in self.slots:
                self.slots[index] = message
                return index
        return None

    def holds(self, index: int) -> bool:
        """Whether the index exists at all."""
        return self.first <= index < self.first + self.capacity


@dataclass(slots=True)
class Sim:
    """One card. ``pin`` None means the card asks for none."""

    iccid: str
    imsi: str
    number: str
    centre: str = "+33689004000"
    pin: str | None = None
    puk: str = "12345678"
    present: bool = True
    reference: int = 0
    pin_tries: int = PIN_TRIES
    puk_tries: int = PUK_TRIES
    busy_polls: int = 0
    store: Store = field(default_factory=lambda: Store("SM", 20))
    _unlocked: bool = False

    @property
    def state(self) -> SimState:
        """What the card would say now."""
        if not self.present:
            return SimState.ABSENT
        if not self.puk_tries:
            return SimState.DEAD
        if not self.pin_tries:
            return SimState.PUK
        return SimState.READY if self._unlocked or self.pin is None else SimState.PIN

    def power_up(self) -> None:
        """Start the card: it asks for its PIN again."""
        self._unlocked = False

    def enter_pin(self, pin: str) -> bool:
        """Try a PIN; a wrong one costs a try."""
        if pin == self.pin:
            self.pin_tries, self._unlocked = PIN_TRIES, True
            return True
        self.pin_tries -= 1
        return False

    def enter_puk(self, puk: str, pin: str) -> bool:
        """Try a PUK with a new PIN; a wrong one costs a try, the tenth kills the card."""
        if puk == self.puk:
            self.pin, self.pin_tries, self.puk_tries, self._unlocked = pin, 3, PUK_TRIES, True
            return True
        self.puk_tries -= 1
        return False

    def next_reference(self) -> int:
        """Return the message reference of the next SUBMIT: 0 to 255, then 0 again."""
        self.reference = (self.reference + 1) % 256
        return self.reference
