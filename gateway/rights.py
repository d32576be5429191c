"""Who may do what: one table of roles and rights. Pure; part of the core.

Asked by the services through `gateway.services.permits`, and by the pages for what they show.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from gateway.sentences import fr_all


class Right(StrEnum):
    """Something an account may be allowed to do."""

    FOLLOW = "follow"  #: read messages, who was reached, reports
    LAUNCH = "launch"  #: let a ready alert go, stop it, end it, tick the door-to-door sheet
    WRITE = "write"  #: compose and send, prepare, convene, keep the duty lists
    DECIDE = "decide"  #: say yes or no to a large message of somebody else
    INBOX = "inbox"  #: read and answer what people send
    PEOPLE = "people"  #: read the directory and change it
    HEALTH = "health"  #: see the modems and the box, never a name or a text
    TEND = "tend"  #: test a modem, put it back to work
    SETTINGS = "settings"  #: settings, accounts, accesses, the console of a modem
    AUDIT = "audit"  #: read who did what


#: What each role may do. The register of vulnerable people is beside this table: it is open to
#: its named keepers, whatever their role.
ROLES: Final[Mapping[str, frozenset[Right]]] = {
    "administrator": frozenset(Right),
    "sender": frozenset(
        {Right.FOLLOW, Right.LAUNCH, Right.WRITE, Right.INBOX, Right.PEOPLE, Right.HEALTH}
    ),
    "approver": frozenset({Right.FOLLOW, Right.LAUNCH, Right.DECIDE, Right.INBOX}),
    "keeper": frozenset({Right.PEOPLE}),
    "technician": frozenset({Right.HEALTH, Right.TEND}),
    "auditor": frozenset({Right.FOLLOW, Right.AUDIT}),
}
#: What a refusal says the role does not allow.
SAID: Final[Mapping[Right, str]] = fr_all(
    {
        Right.FOLLOW: "de lire les messages",
        Right.LAUNCH: "de lancer ou d'arrêter une alerte",
        Right.WRITE: "de préparer ou d'envoyer un message",
        Right.DECIDE: "de valider ou de refuser le message d'une autre personne",
        Right.INBOX: "de lire les réponses",
        Right.PEOPLE: "d'ouvrir le carnet",
        Right.HEALTH: "de voir les modems",
        Right.TEND: "d'essayer un modem ni de juger de l'heure",
        Right.SETTINGS: "de changer les réglages : demandez à un administrateur",
        Right.AUDIT: "de lire le journal",
    }
)


def rights_of(role: str) -> frozenset[Right]:
    """Return what ``role`` may do: nothing for a role we do not know."""
    return ROLES.get(role, frozenset())
