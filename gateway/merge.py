"""Words of each person's own in a text: ``{prénom}``, ``{nom}``, ``{adresse}``... Pure.

An unknown field is refused while somebody is there to mend it; a person who lacks one gets the
text without it, its spaces tidied.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.errors import Refused

#: Every field, as shown; typed without accents or in capitals it is the same.
FIELDS: Final = ("prénom", "nom", "civilité", "adresse", "quartier", "commune", "date", "heure")
#: Those that are the same for everybody.
_SHARED: Final = frozenset({"commune", "date", "heure"})
#: What stands in the place of what somebody lacks, until the signs around it are tidied.
_HOLE: Final = "\0"
_FIELD: Final = re.compile(r"\{([^{}\n]{0,40})\}")


#: In this order: holes side by side are one, an empty pair goes, so does what leads up to nothing.
_AROUND_A_HOLE: Final = (
    (re.compile(r"\0(?:[ ,]*\0)+"), _HOLE),
    (re.compile(r"\( *\0 *\)|\[ *\0 *\]|«\s*\0\s*»|“ *\0 *”|\" *\0 *\""), _HOLE),
    (re.compile(r"\0(?:[ ,]*\0)+"), _HOLE),
    (re.compile(r"(?:\s{0,3}[:,]|\s+[-–—])[^\S\n]*\0(?=\s*(?:[.,;:!?)\n]|$))"), _HOLE),
)
#: What a cell of a list ends or begins with that is no part of an address.
_EDGES: Final = re.compile(r"^[\s,;.–—-]+|[\s,;–—-]+$")
#: Braces left when the fields are taken out: around a field, opened and not closed, or closed only.
_STRAY: Final = re.compile(
    r"(?P<nested>\{[^{}\n]*\0[^{}\n]*\})|\{\s*(?P<opened>[^\W\d_]{1,20})|(?P<closed>[^\W\d_]{1,20})\s*\}"
)


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


_BY_KEY: Final = {_key(name): name for name in FIELDS}


def used(text: str) -> tuple[str, ...]:
    """Return the fields a text uses, each once; raise `Refused` for one that is none."""
    found = written(text)
    _check_braces(text)
    unknown = [name for name in found if _key(name) not in _BY_KEY]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in FIELDS)
        raise Refused(
            "Champ inconnu : {{{unknown}}}. Champs possibles : {known}.",
            "text",
            unknown=unknown[0],
            known=known,
        )
    return tuple(dict.fromkeys(_BY_KEY[_key(name)] for name in found))


def written(text: str) -> tuple[str, ...]:
    """Return the fields a text uses as they are typed, known or not."""
    return tuple(dict.fromkeys(_FIELD.findall(text)))


def _check_braces(text: str) -> None:
    """Raise `Refused` for a brace too many or too few around a field."""
    rest = _FIELD.sub(_HOLE, text)
    if any(
        match["nested"] or _key(match["opened"] or match["closed"]) in _BY_KEY
        for match in _STRAY.finditer(rest)
    ):
        raise Refused(
            "Une accolade est de trop, ou manque : un champ s'écrit {shown}.",
            "text",
            shown="{prénom}",
        )


def says_nothing(text: str) -> bool:
    """Tell whether a text is of fields alone: whoever lacks them would get an empty message."""
    names = {_BY_KEY.get(_key(name)) for name in written(text)}
    rest = _FIELD.sub("", text)
    own = bool(names) and not names & {*_SHARED, None}
    return own and not any(sign.isalnum() for sign in rest)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with its fields replaced; what somebody lacks leaves no hole."""

    def value(match: re.Match[str]) -> str:
        return values.get(_BY_KEY.get(_key(match.group(1)), ""), "") or _HOLE

    filled = _closed(_FIELD.sub(value, text))
    filled = re.sub(r" +([,.])", r"\1", filled)
    filled = re.sub(r",(?=[.!?])", "", filled)
    return re.sub(r"  +", " ", filled).strip()


def _closed(text: str) -> str:
    """Return a text without its holes, and without the signs that stand alone for them."""
    if _HOLE not in text:
        return text
    for pattern, instead in _AROUND_A_HOLE:
        text = pattern.sub(instead, text)
    return text.replace(_HOLE, "")


def address(number: str, street: str, complement: str) -> str:
    """Return an address on one line, of what there is of it; a number alone is none."""
    parts = [_EDGES.sub("", " ".join(one.split())) for one in (number, street, complement)]
    return " ".join(filter(None, parts)) if any(parts[1:]) else ""


def lacking(
    fields: Sequence[str], people: Sequence[Mapping[str, str]], *, few: bool = False
) -> dict[str, int]:
    """Return, for each field somebody lacks, how many people lack it.

    Raise `Refused` for a field that nobody has: it was meant otherwise. But not where they are only
    a ``few`` of all.
    """
    found = {}
    for name in fields:
        without = sum(not values.get(name) for values in people)
        if people and without == len(people) and not few:
            raise Refused(
                "Personne dans cette liste n'a de valeur pour {{{name}}}.", "text", name=name
            )
        if without:
            found[name] = without
    return found
