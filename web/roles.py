"""What each role finds in its menu, and the page it starts on. A table.

Pure; imported by `web.replies` and the views. What a role may do is `gateway.rights`' affair.
"""

from __future__ import annotations

from typing import Final

from gateway.services import ROLE_NAMES, Right, rights_of
from web.texts import N_

#: Words for each role, in the accounts' list.
NAMES: Final = ROLE_NAMES
_PAGES: Final = {
    "alert": ("/alerter", N_("Alerter")),
    "messages": ("/messages", N_("Messages")),
    "inbox": ("/reponses", N_("Réponses")),
    "contacts": ("/contacts", N_("Contacts")),
    "round": ("/tournee", N_("Tournée")),
    "modems": ("/modems", N_("Modems")),
    "settings": ("/reglages", N_("Réglages")),
    "audit": ("/journal", N_("Journal")),
    "use": ("/consommation", N_("Consommation")),
    "help": ("/aide", N_("Aide")),
}
#: At most five for each role; the first is its home.
_MENUS: Final[dict[str, tuple[str, ...]]] = {
    "administrator": ("messages", "contacts", "modems", "settings", "help"),
    "sender": ("messages", "contacts", "modems", "help"),
    "approver": ("alert", "messages", "inbox", "help"),
    "keeper": ("contacts", "round", "help"),
    "technician": ("modems", "help"),
    "auditor": ("messages", "audit", "use", "help"),
}
#: Pages that are reached from one of the menu's, where they are not in it themselves.
_BELOW: Final = {
    **dict.fromkeys(
        ("/alerter", "/appels", "/calendrier", "/convocation", "/gardes", "/modeles", "/ordres",
         "/premier-essai", "/reponses"),
        "/messages",
    ),
    **dict.fromkeys(("/groupes", "/tournee"), "/contacts"),
    **dict.fromkeys(
        ("/api", "/consommation", "/courriel", "/journal", "/papier", "/registre", "/voix"),
        "/reglages",
    ),
}  # fmt: skip


def abilities(role: str) -> frozenset[Right]:
    """Return what ``role`` may do; nothing for a role we do not know."""
    return rights_of(role)


def menu(role: str) -> tuple[tuple[str, str], ...]:
    """Return (address, label) of each page in the menu of ``role``."""
    return tuple(_PAGES[name] for name in _MENUS.get(role, ("help",)))


def entry_of(role: str, path: str) -> str:
    """Return the address in the menu of ``role`` under which ``path`` is found; empty for none."""
    addresses = {address for address, _ in menu(role)}
    first = "/" + path.strip("/").partition("/")[0]
    return next((one for one in (first, _BELOW.get(first, "")) if one in addresses), "")


def home(role: str) -> str:
    """Return the address ``role`` starts on."""
    return menu(role)[0][0]
