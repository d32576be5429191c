"""How French text is sorted and compared. Pure: standard library only."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Return a text as a French reader sorts it: élus between cantine and quartier.

    Without accents, case, or more than one blank in a row; œ and æ as two letters.
    """
    spread = text.casefold().replace("œ", "oe").replace("æ", "ae").replace("’", "'")
    decomposed = unicodedata.normalize("NFKD", spread)
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
