"""Whom a group by criteria holds: everybody who answers all of them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import reduce
from typing import Any, Final

from gateway.errors import Refused
from gateway.model import Line
from gateway.sentences import fr, fr_all, glued

#: The bit of each kind of line in a contact's ``lines``.
LINE_BITS: Final[Mapping[Line, int]] = {Line.MOBILE: 1, Line.LANDLINE: 2, Line.EMAIL: 4}
_SHOWN: Final = fr_all({Line.MOBILE: "un portable", Line.LANDLINE: "un téléphone fixe",
                 Line.EMAIL: "un courriel"})  # fmt: skip
#: The same after a negation, which French says otherwise.
_NO: Final = fr_all({
    Line.MOBILE: "n'a pas de portable", Line.LANDLINE: "n'a pas de téléphone fixe",
    Line.EMAIL: "n'a pas de courriel",
})  # fmt: skip
_LANGUAGES: Final = fr_all({"fr": "français", "en": "anglais"})


@dataclass(frozen=True, slots=True)
class Criteria:
    """All must hold; an empty one says nothing. ``zones`` and ``tags``: any of them is enough."""

    zones: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    has: tuple[Line, ...] = ()
    lacks: tuple[Line, ...] = ()
    help_first: bool = False
    language: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is asked: such a group would hold everybody."""
        return self == Criteria()

    @property
    def has_bits(self) -> int:
        """The lines a contact must have, as bits."""
        return sum(LINE_BITS[line] for line in self.has)

    @property
    def lacks_bits(self) -> int:
        """The lines a contact must not have, as bits."""
        return sum(LINE_BITS[line] for line in self.lacks)


#: Zones, tags or streets that one group may be made of.
MOST: Final = 200


def check(criteria: Criteria) -> Criteria:
    """Return criteria that somebody could answer; raise `Refused` saying the mend."""
    if criteria.empty:
        raise Refused("Choisissez au moins un critère, ou faites un groupe ordinaire.", "criteria")
    for chosen in (criteria.zones, criteria.tags, criteria.streets):
        if len(chosen) > MOST:
            raise Refused(
                "Au plus {most} valeurs d'un même critère : faites deux groupes.",
                "criteria",
                most=MOST,
            )
    both = set(criteria.has) & set(criteria.lacks)
    if both:
        raise Refused(
            "Personne ne peut à la fois avoir et ne pas avoir {shown}.",
            "criteria",
            shown=_SHOWN[both.pop()],
        )
    if criteria.language and criteria.language not in _LANGUAGES:
        raise Refused("Langue inconnue : fr ou en.", "criteria")
    return criteria


def to_json(criteria: Criteria) -> str:
    """Return criteria as they are stored: only what is asked."""
    asked = {key: value for key, value in asdict(criteria).items() if value}
    return json.dumps(asked, ensure_ascii=False)


def from_json(text: str) -> Criteria:
    """Return the criteria stored as ``text``."""
    data: dict[str, Any] = json.loads(text)
    known = {one.name: data[one.name] for one in fields(Criteria) if one.name in data}
    for name in ("zones", "tags", "streets"):
        known[name] = tuple(known.get(name, ()))
    for name in ("has", "lacks"):
        known[name] = tuple(Line(value) for value in known.get(name, ()))
    return Criteria(**known)


def stored_said(text: str) -> str:
    """Return stored criteria as a sentence."""
    return said(from_json(text))


def said(criteria: Criteria) -> str:
    """Return criteria as a sentence: « quartier Le Port ou Les Berges, et a un téléphone fixe »."""
    parts: list[str] = [
        glued("{what} {which}", what=what, which=_either(values))
        for what, values in (
            (fr("quartier"), criteria.zones), (fr("rue"), criteria.streets),
            (fr("étiquette"), criteria.tags),
        )
        if values
    ]  # fmt: skip
    parts += [fr("a {what}", what=_SHOWN[line]) for line in criteria.has]
    parts += [_NO[line] for line in criteria.lacks]
    if criteria.help_first:
        parts.append(fr("à aider en premier"))
    if criteria.language:
        parts.append(fr("parle {language}", language=_LANGUAGES[criteria.language]))
    return reduce(lambda one, two: fr("{one}, et {two}", one=one, two=two), parts) if parts else ""


def _either(values: Sequence[str]) -> str:
    return reduce(lambda one, two: fr("{one} ou {two}", one=one, two=two), values)
