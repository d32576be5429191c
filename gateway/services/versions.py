"""Two people at one form: the one who saves later does not silently undo the other. Pure.

A form carries the version of what it shows: a digest of each field, so that no change is forgotten
and who changed which is known. Saving compares, in the transaction that writes, and refuses with
what is there now; what only the other changed the form then shows as it is. Doors without a form
(programs, lists) carry no version and are not asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from gateway.errors import Refused
from gateway.sentences import fr, listed

#: What a form shows: its fields as the page names them, with what each says. Under ``REST`` stands
#: what is compared too, and has no words.
Shown = Mapping[str, str]
REST: Final = ""
#: The version of a form for something new: it goes with nothing that is there already.
NEW: Final = "nouveau"
#: That of a form that shows nothing: not none, which is not asked.
_EMPTY: Final = "vide"
_TAKEN: Final = fr(
    "Il y en a déjà un de ce nom : voici ce qu'il dit. Enregistrez de nouveau pour le remplacer, "
    "ou donnez un autre nom."
)
_CHANGED: Final = fr(
    "Quelqu'un a changé cela depuis que vous l'avez ouvert : voici ce qui est enregistré "
    "maintenant et que votre saisie changerait. Corrigez, puis enregistrez de nouveau."
)

#: Which inputs of the page say a field; ``opens-*`` are all whose names begin so. A field without
#: any cannot be taken over: its reader is told what is there.
Inputs = Mapping[str, tuple[str, ...]]
_NONE: Final[Inputs] = {}
_NAME_SIZE, _VALUE_SIZE = 4, 8
_PART: Final = _NAME_SIZE + _VALUE_SIZE


class Changed(Refused):
    """Somebody else saved since the form was opened.

    ``now``: what is there now and hers would change, where both changed it. ``taken``: the inputs
    that she had left as they were, and that show from now on what is there. A form sent again
    with ``version`` goes through: who sends it has read that.
    """

    def __init__(
        self, message: str, version: str, now: tuple[tuple[str, str], ...],
        taken: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.version, self.now, self.taken = version, now, taken

    def takes(self, name: str) -> bool:
        """Tell whether the input ``name`` shows what is there now."""
        return name in self.taken or f"{name.rpartition('-')[0]}-*" in self.taken


def version_of(shown: Shown) -> str:
    """Return the version of a form that shows this: a digest for each of its fields."""
    return "".join(_part(str(name), str(value)) for name, value in shown.items()) or _EMPTY


def check(
    version: str, stands: Shown, wanted: Shown, inputs: Inputs = _NONE, *,
    message: str = _CHANGED,
) -> None:  # fmt: skip
    """Raise `Changed` where a form of ``version`` would undo what ``stands`` since.

    Of three (what it showed, what stands, what is wanted) each field is compared: whoever wants
    what is there already, or changes only what nobody else did, undoes nothing.
    """
    fresh = version_of(stands)
    if version in {"", fresh}:
        return
    names = dict.fromkeys([*stands, *wanted])
    opened = _opened(version, names)
    undone = [
        name for name in names
        if stands.get(name, "") != wanted.get(name, "") and not _was(name, stands, opened)
    ]  # fmt: skip
    if not undone:
        return
    taken = [name for name in undone if name in inputs and _was(name, wanted, opened)]
    now = tuple(
        (name, stands.get(name, "") or fr("rien"))
        for name in undone
        if name != REST and name not in taken
    )
    over = frozenset(one for name in taken for one in inputs[name])
    raise Changed(_TAKEN if version == NEW else _message(taken, now, message), fresh, now, over)


def _message(taken: list[str], now: tuple[tuple[str, str], ...], otherwise: str) -> str:
    if not taken:
        return otherwise
    names = listed(", ", filter(None, taken))
    if not now:
        return fr(
            "Quelqu'un a changé cela depuis que vous l'avez ouvert. Ce que vous n'aviez pas "
            "touché est repris dans le formulaire : {names}. Relisez, puis enregistrez de nouveau.",
            names=names,
        )
    return fr(
        "Quelqu'un a changé cela depuis que vous l'avez ouvert. Ce que vous n'aviez pas touché est "
        "repris dans le formulaire : {names}. Vous avez changé tous deux ce qui suit : voici ce "
        "qui est enregistré maintenant et que votre saisie changerait. Corrigez, puis enregistrez "
        "de nouveau.",
        names=names,
    )


def _opened(version: str, names: Iterable[str]) -> Mapping[str, str]:
    """Return the digest of what a form of ``version`` showed of each of these fields it had."""
    parts = [version[at : at + _PART] for at in range(0, len(version), _PART)]
    shown = {part[:_NAME_SIZE]: part for part in parts}
    marks = {name: _part(str(name), "")[:_NAME_SIZE] for name in names}
    return {name: shown[mark] for name, mark in marks.items() if mark in shown}


def _was(name: str, shown: Shown, opened: Mapping[str, str]) -> bool:
    """Tell whether the form showed of this field what ``shown`` says; one it had not is empty."""
    value = str(shown.get(name, ""))
    return bool(opened) and opened.get(name, _part(str(name), "")) == _part(str(name), value)


def _part(name: str, value: str) -> str:
    return _digest(name)[:_NAME_SIZE] + _digest(value)[:_VALUE_SIZE]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
