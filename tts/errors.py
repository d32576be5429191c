"""The one thing that can go wrong with speech. Imports nothing of ours; anybody may raise it."""

from __future__ import annotations


class SpeechError(Exception):
    """No usable speech could be made from this text."""
