"""The gateway's errors. Each carries a sentence for a person, in French, that says the mend.

Imports nothing, so that anything may raise them.
"""

from __future__ import annotations


class TocsinError(Exception):
    """A request that cannot be honoured; its text may be shown to whoever asked."""


class Refused(TocsinError):
    """What was asked is refused, and why; ``field`` names the form field or key at fault."""

    def __init__(self, message: str, field: str = "") -> None:
        self.message, self.field = message, field
        super().__init__(message)


class IllegalMove(TocsinError):
    """A state machine was asked for a move its table does not have: a defect of ours."""


class ConfigError(TocsinError):
    """The configuration file cannot be used."""


class StoreError(TocsinError):
    """The database cannot be used."""


class NotHere(Refused):
    """What was asked for does not exist, or is another town's: nobody learns which."""
