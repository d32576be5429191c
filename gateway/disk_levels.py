"""How much room the disk has, in named levels: one table for doctor, alarm and what stops. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class DiskLevel(StrEnum):
    """What the room that is left allows, the least first."""

    SCANT = "scant"  # only alerts are taken and sent
    LITTLE = "little"  # the box complains: on the page, to the technician, in doctor as a fault
    MODEST = "modest"  # doctor warns; the weekly mail says it
    AMPLE = "ample"


#: Free bytes below which each level begins, the least first.
BELOW: Final[Mapping[DiskLevel, int]] = {
    DiskLevel.SCANT: 50_000_000,
    DiskLevel.LITTLE: 500_000_000,
    DiskLevel.MODEST: 2_000_000_000,
}


def level_of(free: int) -> DiskLevel:
    """Return the level of so many free bytes."""
    return next((level for level, below in BELOW.items() if free < below), DiskLevel.AMPLE)
