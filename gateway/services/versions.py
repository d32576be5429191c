"""Two people at one form: the one who saves later does not silently undo the other. Pure.

A form carries the version of what it shows: a digest of it, so that no change is forgotten. Saving
compares, in the transaction that writes, and refuses with what is there now. Doors without a form
(programs, lists) carry no version and are not asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from gateway.errors import Refused
from gateway.sentences import fr

#: What a form shows: its fields as the page names them, with what each says. Under ``REST`` stands
#: what is compared too, and has no words.
Shown = Mapping[str, str]
REST: Final = ""
#: The version of a form for something new: it goes with nothing that is there already.
NEW: Final = "nouveau"
_TAKEN: Final = fr(
    "Il y en a déjà un de ce nom : voici ce qu'il dit. Enregistrez de nouveau pour le remplacer, "
    "ou donnez un autre nom."
)
_CHANGED: Final = fr(
    "Quelqu'un a changé cela depuis que vous l'avez ouvert : voici ce qui est enregistré "
    "maintenant et que votre saisie changerait. Corrigez, puis enregistrez de nouveau."
)


class Changed(Refused):
    """Somebody else saved since the form was opened; ``now``: what is there now, where it differs.

    A form sent again with ``version`` goes through: who sends it has read that.
    """

    def __init__(self, message: str, version: str, now: tuple[tuple[str, str], ...]) -> None:
        super().__init__(message)
        self.version, self.now = version, now


def version_of(shown: Shown) -> str:
    """Return the version of a form that shows this."""
    said = repr([(str(name), str(value)) for name, value in shown.items()])
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def check(version: str, stands: Shown, wanted: Shown, message: str = _CHANGED) -> None:
    """Raise `Changed` where a form of ``version`` would undo what ``stands`` since.

    Whoever wants what is there already undoes nothing.
    """
    fresh = version_of(stands)
    if version in {"", fresh}:
        return
    names = dict.fromkeys([*stands, *wanted])
    differs = [name for name in names if stands.get(name, "") != wanted.get(name, "")]
    if not differs:
        return
    now = tuple((name, stands.get(name, "") or fr("rien")) for name in differs if name != REST)
    raise Changed(_TAKEN if version == NEW else message, fresh, now)
