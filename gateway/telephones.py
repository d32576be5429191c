"""The telephones a town trusts: who may dictate a message, and reaches the menu when calling. Pure.

They are kept among the town's settings, with their history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

#: The key of the settings table.
KEY: Final = "telephones"


@dataclass(frozen=True, slots=True)
class Telephone:
    """One of them: whose, and its number (E.164)."""

    name: str
    number: str


def listed(town: Mapping[str, Any]) -> tuple[Telephone, ...]:
    """Return a town's telephones, by name."""
    known = (Telephone(one["name"], one["number"]) for one in town.get(KEY, ()))
    return tuple(sorted(known, key=lambda one: one.name.casefold()))


def stored(telephones: tuple[Telephone, ...]) -> list[dict[str, str]]:
    """Return telephones as they are stored."""
    return [{"name": one.name, "number": one.number} for one in telephones]


def is_authorised(town: Mapping[str, Any], number: str) -> bool:
    """Tell whether a number (E.164) is one of them."""
    return any(one.number == number for one in listed(town))
