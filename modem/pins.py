"""PINs that a SIM has refused: remembered, so that no restart burns another try.

Job: the protocol of such a memory, one that lives as long as the process, and how a PIN is
written down. Not its job: entering PINs (`modem.simcard`), keeping them on disk (the gateway).
Pure; anybody may import it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Protocol


class PinMemory(Protocol):
    """Which PIN which card has refused. ``card`` is its ICCID, else the device's IMEI."""

    async def was_refused(self, card: str, pin_hash: str) -> bool:
        """Tell whether this card has refused this PIN, ever."""
        ...

    async def note_refused(self, card: str, pin_hash: str) -> None:
        """Keep, before returning, that this card has refused this PIN."""
        ...


class ForgetfulMemory:
    """A memory that ends with the process."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, str]] = set()

    async def was_refused(self, card: str, pin_hash: str) -> bool:
        """Tell whether this card has refused this PIN in this process."""
        return (card, pin_hash) in self._refused

    async def note_refused(self, card: str, pin_hash: str) -> None:
        """Keep it in memory."""
        self._refused.add((card, pin_hash))


@dataclass(slots=True)
class Pin:
    """The PIN of the configuration, and what is known of its fate.

    ``unreadable``: why it could not be read; told only where a SIM asks for one.
    """

    code: str | None = None
    unreadable: str = ""
    refused: bool = False
    memory: PinMemory = field(default_factory=ForgetfulMemory)


def fingerprint(card: str, code: str) -> str:
    """Return what stands for a PIN in a memory: enough to know it again, tied to its card.

    Four digits can be found again by trying all: this keeps a PIN from the eye, not from a thief.
    """
    return hashlib.scrypt(code.encode(), salt=card.encode() or b"-", n=2**10, r=8, p=1).hex()[:32]
