"""What the person who looks after somebody is told when that somebody does not answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from gateway.asks import unasked
from gateway.french import of_town

#: The hour of the day from which one says « cet après-midi ».
_AFTERNOON: Final = 13


def text(name: str, town: str, message: str, *, alert: bool, written: bool = True) -> str:
    """Return the referent's own text: who did not answer, to what, and how to say one goes.

    ``message`` is what the person was sent; its first words say enough. ``alert``: it was one.
    ``written``: it was sent to them, who else have no way of their own to get it.
    """
    words = unasked(" ".join(message.split()))
    short = words if len(words) <= 60 else words[:57].rsplit(" ", 1)[0] + "..."
    lacks = "ne peut pas recevoir l'alerte" if alert else "ne peut pas recevoir le message"
    silent = "n'a pas répondu à l'alerte" if alert else "n'a pas répondu au message"
    return (
        f"Mairie {of_town(town)} : {name} {silent if written else lacks} « {short} ». "
        "Pouvez-vous passer voir ? Répondez 1 si vous y allez."
    )


def over(message: str, language: str = "fr") -> str:
    """Return what whoever was asked to go and see is told at the end: its text, and why them.

    Without a name: they know whom they were asked about, and others may read what was sent.
    """
    words = message.strip()
    if not words:
        return ""
    return f"{words}{'' if words.endswith(_ENDS) else '.'}{_WHY_THEM[language]}"


#: What ends a sentence.
_ENDS: Final = (".", "!", "?", "…")
#: It does not say that going is needless: nobody has heard of the person yet.
_WHY_THEM: Final = {
    "fr": " Nous vous avions demandé de passer voir quelqu'un.",
    "en": " We had asked you to look in on somebody.",
}


def of_round(whom: Sequence[tuple[str, str]], town: str, moment: datetime) -> str:
    """Return what the referent of somebody silent on the daily round is told.

    ``whom``: title and name of each; ``moment``: when the second call stayed without an answer.
    """
    names = " et ".join(name for _, name in whom)
    when = "de ce matin" if moment.hour < _AFTERNOON else "de cet après-midi"
    return (
        f"Mairie {of_town(town)} : {names} {_DID_NOT[len(whom) > 1]} à la tournée {when}. "
        f"Pouvez-vous passer {_them(whom)} ? Répondez 1 si vous y allez."
    )


_DID_NOT: Final = ("n'a pas répondu", "n'ont pas répondu")


def _them(whom: Sequence[tuple[str, str]]) -> str:
    if len(whom) > 1:
        return "les voir"
    title = whom[0][0].casefold() if whom else ""
    if title.startswith(("mme", "mlle", "madame", "mademoiselle")):
        return "la voir"
    return "le voir" if title in {"m.", "m", "mr", "monsieur"} else "voir"
