"""Marks a French text for translation where no language is known yet."""

from __future__ import annotations

from gateway.services import Sentence


def N_(text: str) -> Sentence:  # noqa: N802  # the name every gettext tool looks for
    """Return ``text`` as a sentence; the template that prints it says it in its language."""
    return Sentence(text, {})
