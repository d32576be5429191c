"""How French text is sorted and compared, and a town named. Pure: standard library only."""

from __future__ import annotations

import unicodedata
from typing import Final


class _Plain(dict[int, str]):
    """What stands for each character, found once: a list has the same few by the hundred thousand.

    Each character decomposes by itself; their order among each other matters only to the marks,
    which go.
    """

    def __missing__(self, code: int) -> str:
        spread = unicodedata.normalize("NFKD", _AS_TWO.get(chr(code), chr(code)))
        self[code] = "".join(c for c in spread if not unicodedata.combining(c))
        return self[code]


_AS_TWO: Final = {"œ": "oe", "æ": "ae", "’": "'"}
_PLAIN: Final = _Plain()


def folded(text: str) -> str:
    """Return a text as a French reader sorts it: élus between cantine and quartier.

    Without accents, case, or more than one blank in a row; œ and æ as two letters.
    """
    return " ".join(text.casefold().translate(_PLAIN).split())


#: Articles that melt into « de »; « La » and « L' » stay.
_MELTING: Final = {"le": "du", "les": "des"}


def of_town(town: str) -> str:
    """Return a town's name behind « de »: de La Redorte, d'Azille, du Mans, des Martres.

    An H keeps its « de »: no rule tells d'Hyères from de Houilles.
    """
    article, _, rest = town.strip().partition(" ")
    if rest and (melted := _MELTING.get(article.casefold())):
        return f"{melted} {rest}"
    begins = folded(town)[:2]
    is_vowel = begins[:1] in {"a", "e", "i", "o", "u"} or (begins[:1] == "y" and begins != "yu")
    return f"d'{town.strip()}" if is_vowel else f"de {town.strip()}"
