"""What a password must not be: short, leaked, or somebody's own name with a number behind it.

Rules by length and by what attackers try first, none about kinds of characters. Pure but for the
two lists it reads; they are read at each use, for passwords are rarely chosen.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterable
from importlib import resources
from typing import Final

from gateway.sentences import fr

SHORTEST: Final = 10
LONGEST: Final = 256
#: How people dress up a word they have been told not to use.
_DRESSED: Final = str.maketrans("0134579@$€!|", "oieastgaseil")
#: Digits alone are dates and telephone numbers, unless there are as many as this.
_MANY_DIGITS: Final = 20

GUESSED: Final = fr(
    "Ce mot de passe se devine : choisissez-en un autre, comme trois mots au hasard."
)
LEAKED: Final = fr(
    "Ce mot de passe, ou presque le même, est parmi ceux qu'on essaie en premier : "
    "trois mots au hasard font mieux."
)


def fault_of(password: str, about: Iterable[str]) -> str | None:
    """Return what is wrong with a password, None when nothing is.

    ``about`` are words an attacker knows: the login, the person's name, the town's.
    """
    if len(password) < SHORTEST:
        return fr(
            "Le mot de passe doit avoir {least} caractères au moins : trois mots au hasard font "
            "l'affaire.",
            least=SHORTEST,
        )
    if len(password) > LONGEST:
        return fr("Le mot de passe dépasse {most} caractères.", most=LONGEST)
    if len(set(password)) < 4 or (password.isdigit() and len(password) < _MANY_DIGITS):
        return GUESSED
    known = {bare(one) for word in about for one in (word, *word.split()) if len(bare(one)) > 2}
    cores = _cores(password)
    if cores & known or any(len(word) > 3 and _is_most(word, password) for word in known):
        return GUESSED
    return LEAKED if cores & _commonest() else None


def bare(text: str) -> str:
    """Return a text's letters and digits, without case or accents."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in flat if c.isalnum() and not unicodedata.combining(c))


def _is_most(word: str, password: str) -> bool:
    """Tell whether a known word is all but a few characters of the password."""
    plain = bare(password)
    return word in plain and len(plain) - len(word) < SHORTEST - 2


def _cores(password: str) -> frozenset[str]:
    """Return the words a password may be made of, by adding, doubling and disguising."""
    lowered = password.casefold()
    found = {lowered, bare(lowered)}
    for one in (lowered, lowered.strip("0123456789!?.*+-_@#$€& ")):
        found |= {_lettered(one), _lettered(one.translate(_DRESSED))}
    found |= {half for one in found if (half := one[: len(one) // 2]) * 2 == one}
    return frozenset(one for one in found if len(one) > 2)


def _lettered(text: str) -> str:
    return re.sub(r"^\d+|\d+$", "", bare(text))


def _commonest() -> frozenset[str]:
    folder = resources.files("gateway") / "words"
    leaked = gzip.decompress((folder / "common.txt.gz").read_bytes()).decode()
    french = (folder / "french.txt").read_text(encoding="utf-8")
    return frozenset(leaked.split()) | frozenset(french.split())
