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


class NotAllowed(Refused):
    """The role of whoever asks does not allow it."""


def need(actor: Actor, right: Right) -> None:
    """Raise `NotAllowed`, in words, unless the role of ``actor`` has ``right``."""
    if right not in rights_of(actor.role):
        raise NotAllowed("Votre rôle ne permet pas {said}.", said=SAID[right])
