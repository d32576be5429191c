"""Which columns of a list speak of the person to warn, not of the person listed. Pure.

A daughter's number proposed as her mother's own would have her get her mother's alerts as if she
were her; so whatever speaks of somebody else is never the person's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from gateway.french import folded


class About(StrEnum):
    """What a column tells of the referent; the first two are what columns can hold."""

    NAME = "referent_name"
    WAY = "referent"  # a number or an address
    OTHER = ""  # their address, whose daughter they are: not kept
    SECOND = "second"  # anything of a second one: a contact has one referent


_WHO: Final = re.compile(
    r"\b((?:(?:pers|personne|famille|contact|proche)s? )?a (?:prevenir|contacter|avertir|appeler)"
    r"|personnes? (?:a joindre|de confiance|ressources?)"
    r"|(?:contacts? )?(?:(?:en cas )?d )?urgences?|(?:contacts? )?referent(?:e?s?)|proches?"
    r"|aidant(?:e?s?)|tut(?:eur|rice)s?|curat(?:eur|rice)s?|fille|fils|neveu|niece|voisine?s?)\b"
)
_KINSHIP: Final = re.compile(r"\b(lien|parente)\b")
#: The words of a number or an address, as `_words` leaves them.
_WAY: Final = re.compile(
    r"(tel|telephone|portable|mobile|fixe|gsm|phone|email|mail|courriel|mel)s?"
)
_ITS_NUMBER: Final = re.compile(r"^(?:numero|n) (?:de|du|d|a)\b")
_OTHER: Final = r"(?:[23]e|[23]eme|2nde?|seconde?|deuxieme|troisieme|autres?)"
_SECOND: Final = re.compile(rf"\b(?:[2-9]|{_OTHER})\b")
#: The digit of « tél. 2 du référent » is the telephone's, not a second referent's.
_ITS_SECOND: Final = re.compile(rf"\b{_WAY.pattern} (?:n )?[2-9]\b|\b{_OTHER} {_WAY.pattern}\b")
_NAMED: Final = frozenset({"nom", "noms", "prenom", "prenoms", "identite", "coordonnees"})
#: What else may stand in the title of a name; any other word makes it a column of something else.
_AROUND: Final = frozenset({
    "contact", "contacts", "personne", "famille", "complet", "civilite", "et", "ou", "a", "au",
    "aux", "de", "des", "du", "d", "l", "la", "le", "les", "un", "une", "n", "1", "1er", "1ere",
    "premier", "premiere", "principal", "principale", "eventuel", "familial", "legal", "legale",
    "en", "cas", "prevenir", "appeler", "contacter", "joindre", "avertir",
})  # fmt: skip


def of_referents(titles: Sequence[str]) -> list[About | None]:
    """Return `of_referent` of each title; a name that comes twice begins a second referent."""
    found: list[About | None] = []
    named: set[str] = set()
    again = False
    for title in titles:
        about, plain = of_referent(title), _words(title)
        again = again or (about is About.NAME and plain in named)
        named.add(plain)
        found.append(About.SECOND if again and about is not None else about)
    return found


def of_referent(title: str) -> About | None:
    """Return what a column tells of the referent; None where it speaks of the person only."""
    plain = _words(title)
    if _KINSHIP.search(plain) or plain == "urgence":
        return About.OTHER
    if not _WHO.search(plain):
        return None
    if _SECOND.search(_ITS_SECOND.sub(" tel ", plain)):
        return About.SECOND
    rest = _WHO.sub(" ", _ITS_NUMBER.sub("tel ", plain)).split()
    reached = any(_WAY.fullmatch(word) for word in rest)
    if reached and not _NAMED & set(rest):
        return About.WAY  # « nom et téléphone » goes with the names: a number there is found
    known = all(word in _AROUND or word in _NAMED or _WAY.fullmatch(word) for word in rest)
    return About.NAME if known else About.OTHER


def names_no_way(title: str) -> bool:
    """Tell whether a title about a referent leaves it to the next column where to reach them."""
    return not any(_WAY.fullmatch(word) for word in _words(title).split())


def _words(title: str) -> str:
    plain = " ".join(re.findall(r"[a-z0-9]+", folded(re.sub("[°º]", " ", title))))
    return re.sub(r"\b(?:adresse )?(?:e )?(?:mail|mel)\b|\badresse courriel\b", "mail", plain)
