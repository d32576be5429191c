"""Marks a French text for translation where no language is known yet. Imports nothing of ours."""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802  # the name every gettext tool looks for
    """Return ``text``; the template that shows it translates it."""
    return text
