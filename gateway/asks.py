"""How an SMS says what answer is wanted, where its sender's words do not. Pure."""

from __future__ import annotations

from typing import Final

ASKS_FOR_HELP: Final = "Répondez OUI si vous venez, NON sinon."
ASKS_TO_CONFIRM: Final = "Répondez 1 pour confirmer."
IN_ENGLISH: Final = {
    ASKS_FOR_HELP: "Reply YES if you can come, NO if not.",
    ASKS_TO_CONFIRM: "Reply 1 to confirm.",
}


def unasked(text: str) -> str:
    """Return a text without the line that asks for an answer: it is not asked of its reader."""
    for line in (*IN_ENGLISH, *IN_ENGLISH.values()):
        text = text.removesuffix(line).rstrip()
    return text
