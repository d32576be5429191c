"""The services' own refusal of what a role may not do, whatever the door forgot to ask."""

from __future__ import annotations

from typing import Final

from gateway.errors import Refused
from gateway.rights import SAID, Right, rights_of
from gateway.sentences import fr
from gateway.services.values import Actor

#: Said to whoever acts for another town than their own.
KEEPERS_AT_HOME: Final = fr(
    "Seul un administrateur de la commune elle-même nomme les gardiens du registre."
)


#: Said to the administrators of a commune, of what all communes of the box share.
OF_THE_BOX: Final = (
    "Les modems et leurs cartes SIM servent à toutes les communes : seul un administrateur de "
    "{town} les règle."
)


class NotAllowed(Refused):
    """The role of whoever asks does not allow it."""


def need(actor: Actor, right: Right) -> None:
    """Raise `NotAllowed`, in words, unless the role of ``actor`` has ``right``."""
    if right not in rights_of(actor.role):
        raise NotAllowed("Votre rôle ne permet pas {said}.", said=SAID[right])


def need_box(actor: Actor) -> None:
    """Raise `NotAllowed` unless ``actor`` may change what belongs to the box: SIMs, the console."""
    need(actor, Right.SETTINGS)
    if said := theirs(actor):
        raise NotAllowed(said)


def theirs(actor: Actor) -> str:
    """Return who alone may change what belongs to the box, empty for those who may."""
    return fr(OF_THE_BOX, town=actor.under) if actor.under else ""
