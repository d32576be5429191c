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
_FIELD: Final = re.compile(r"\{([^{}\n]{0,40})\}")


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


_BY_KEY: Final = {_key(name): name for name in FIELDS}


def used(text: str) -> tuple[str, ...]:
    """Return the fields a text uses, each once; raise `Refused` for one that is none."""
    found = written(text)
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


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with its fields replaced; what somebody lacks leaves no hole."""

    def value(match: re.Match[str]) -> str:
        return values.get(_BY_KEY.get(_key(match.group(1)), ""), "")

    filled = _FIELD.sub(value, text)
    filled = re.sub(r" +([,.])", r"\1", filled)
    filled = re.sub(r",(?=[.!?])", "", filled)
    return re.sub(r"  +", " ", filled).strip()


def lacking(fields: Sequence[str], people: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """Return, for each field somebody lacks, how many people lack it.

    Raise `Refused` for a field that nobody has: it was meant otherwise.
    """
    found = {}
    for name in fields:
        without = sum(not values.get(name) for values in people)
        if people and without == len(people):
            raise Refused(
                "Personne dans cette liste n'a de valeur pour {{{name}}}.", "text", name=name
            )
        if without:
            found[name] = without
    return found
