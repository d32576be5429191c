"""Which member of a council a name means. Pure: never guesses.

Accents, case, order, hyphens and civility are free. A name is taken where it is the whole family
name, the whole given name, or both (an initial may stand for the given name); where one member
alone answers to it. Whatever else is left to a human.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.french import folded

_CIVILITY: Final = frozenset(
    {"m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle", "messieurs", "me", "maitre",
     "dr", "docteur", "pr", "mon", "ma", "collegue"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member by name; ``family`` may be the whole name where a list has one column."""

    id: int
    given: str
    family: str


def called(name: str, council: Iterable[Colleague]) -> tuple[int, ...]:
    """Return every member who may be called so: one is sure, none or several are for a human."""
    said = _bare(_words(name))
    if not said:
        return ()
    return tuple(one.id for one in council if _answers_to(one, said))


def _words(name: str) -> list[str]:
    return re.findall(r"\w+", folded(name))


def _bare(words: Sequence[str]) -> list[str]:
    """Take the civility off the front; what is left may be an initial."""
    rest = list(words)
    while len(rest) > 1 and rest[0] in _CIVILITY:
        rest.pop(0)
    return rest


def _answers_to(one: Colleague, said: Sequence[str]) -> bool:
    given, family = _words(one.given), _bare(_words(one.family))
    if not given:
        return _in_one_column(family, said)
    whole = {tuple(family), tuple(given), (*given, *family), (*family, *given)}
    for initial in {given[0][0], "".join(word[0] for word in given)}:
        whole |= {(initial, *family), (*family, initial)}
    return tuple(said) in whole


def _in_one_column(known: Sequence[str], said: Sequence[str]) -> bool:
    """Compare with a name whose parts nobody told apart: the whole of it, or its first or last."""
    if sorted(known) == sorted(said):
        return True
    return len(said) < len(known) and list(said) in (
        list(known[: len(said)]), list(known[-len(said) :])
    )  # fmt: skip
