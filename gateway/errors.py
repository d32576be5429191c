"""The gateway's errors. Each carries a sentence for a person, in French, that says the mend.

Imports no more than how a sentence is made, so that anything may raise them.
"""

from __future__ import annotations

from typing import Any

from gateway.sentences import Sentence, fr, sentence


class TocsinError(Exception):
    """A request that cannot be honoured; its text may be shown to whoever asked."""


class Refused(TocsinError):
    """What was asked is refused, and why; ``field`` names the form field or key at fault.

    The message is a literal with a field for each of ``values`` (never an f-string, which no
    catalogue could know), or a sentence already made.
    """

    message: Sentence

    def __init__(self, message: str, field: str = "", **values: Any) -> None:
        self.message = fr(message, **values) if values else sentence(message)
        self.field = field
        super().__init__(self.message)


class IllegalMove(TocsinError):
    """A state machine was asked for a move its table does not have: a defect of ours."""


class ConfigError(TocsinError):
    """The configuration file cannot be used."""


class StoreError(TocsinError):
    """The database cannot be used."""


class NotHere(Refused):
    """What was asked for does not exist, or is another town's: nobody learns which."""


class Merged(NotHere):
    """A contact was made one with another, ``kept``: there it goes on."""

    def __init__(self, kept: int, name: str) -> None:
        self.kept, self.name = kept, name
        said = fr(
            "Cette fiche a été réunie avec celle de {name} : c'est celle-ci qu'il faut ouvrir et "
            "corriger.", name=name,
        )  # fmt: skip
        super().__init__(said)


class KeyUsed(Refused):
    """A key that was chosen for one message, number ``made``, was chosen for another one too."""

    def __init__(self, made: int) -> None:
        said = fr(
            "Cette clé a déjà servi au message n° {number}, qui n'était pas le même (texte, "
            "destinataires, urgence, heure…) : celui-ci n'est pas parti. Prenez une clé nouvelle "
            "pour chaque message.", number=made,
        )  # fmt: skip
        super().__init__(said, "idempotency_key")


class DiskFull(StoreError):
    """Nothing can be written any more, not even an alert; no refusal, which would be for good."""

    def __init__(self) -> None:
        self.message = fr(
            "Le disque du boîtier est plein : rien de plus n'est enregistré, rien ne part, mais "
            "rien de ce qui l'était n'est perdu. Faites de la place (journalctl "
            "--vacuum-size=200M ; apt clean), puis recommencez ; d'ici là, appelez par téléphone."
        )
        super().__init__(self.message)
