"""Which role sees which page. A table; the services refuse on their own what it forgets.

Pure; imported by `web.replies` and the views.
"""

from __future__ import annotations

from typing import Final

from web.texts import N_

_ABILITIES: Final[dict[str, frozenset[str]]] = {
    "administrator": frozenset({"messages", "contacts", "modems", "settings", "help"}),
    "sender": frozenset({"messages", "contacts", "modems", "help"}),
    "technician": frozenset({"modems", "help"}),
}
_MENU: Final = (
    ("messages", "/messages", N_("Messages")),
    ("contacts", "/contacts", N_("Contacts")),
    ("modems", "/modems", N_("Modems")),
    ("settings", "/reglages", N_("Réglages")),
    ("help", "/aide", N_("Aide")),
)


def abilities(role: str) -> frozenset[str]:
    """Return what ``role`` may open; nothing for a role we do not know."""
    return _ABILITIES.get(role, frozenset({"help"}))


def menu(role: str) -> tuple[tuple[str, str], ...]:
    """Return (address, label) of each page in the menu of ``role``."""
    return tuple((address, label) for name, address, label in _MENU if name in abilities(role))


def home(role: str) -> str:
    """Return the address ``role`` starts on."""
    return menu(role)[0][0]
