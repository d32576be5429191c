"""The telephones a town trusts: who may dictate a message, launch an alert, ask for news. Pure.

They are kept among the town's settings, with their history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

#: The key of the settings table.
KEY: Final = "telephones"
#: What a telephone may do beyond dictating, with its PIN: launch alerts; ask how the box is.
LAUNCHER: Final = "launcher"
TECHNICIAN: Final = "technician"


@dataclass(frozen=True, slots=True)
class Telephone:
    """One of them: whose, its number (E.164), and what it may do."""

    name: str
    number: str
    roles: frozenset[str] = frozenset()


def listed(town: Mapping[str, Any]) -> tuple[Telephone, ...]:
    """Return a town's telephones, by name."""
    known = (
        Telephone(one["name"], one["number"], frozenset(one.get("roles", ())))
        for one in town.get(KEY, ())
    )
    return tuple(sorted(known, key=lambda one: one.name.casefold()))


def stored(telephones: tuple[Telephone, ...]) -> list[dict[str, Any]]:
    """Return telephones as they are stored."""
    return [
        {"name": one.name, "number": one.number, "roles": sorted(one.roles)} for one in telephones
    ]


def is_authorised(town: Mapping[str, Any], number: str) -> bool:
    """Tell whether a number (E.164) is one of them."""
    return any(one.number == number for one in listed(town))
