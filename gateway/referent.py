"""What the person who looks after somebody is told when that somebody does not answer. Pure."""

from __future__ import annotations


def text(name: str, town: str, message: str) -> str:
    """Return the referent's own text: who did not answer, to what, and how to say one goes.

    ``message`` is what the person was sent; its first words say enough.
    """
    words = " ".join(message.split())
    short = words if len(words) <= 60 else words[:57].rsplit(" ", 1)[0] + "..."
    return (
        f"Mairie de {town} : {name} n'a pas répondu à l'alerte « {short} ». "
        "Pouvez-vous passer voir ? Répondez 1 si vous y allez."
    )
