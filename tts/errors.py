"""What can go wrong with speech. Imports nothing of ours; anybody may raise it."""

from __future__ import annotations


class SpeechError(Exception):
    """No usable speech could be made from this text."""


class TooSlow(SpeechError):
    """A voice did not finish in its time."""
