"""The town's pronunciations, applied to a text before any voice reads it. Pure.

Place names are what a machine says worst and what a flood alert needs most.
"""

from __future__ import annotations

import re
from collections.abc import Mapping


def pronounced(text: str, lexicon: Mapping[str, str]) -> str:
    """Return ``text`` with each whole word or phrase of ``lexicon`` as it is said.

    Upper and lower case are alike, the longest entry wins, and what one entry says is not read
    again by another.
    """
    if not lexicon:
        return text
    said = {written.casefold(): spoken for written, spoken in lexicon.items()}
    longest_first = sorted(said, key=len, reverse=True)
    words = "|".join(re.escape(written) for written in longest_first)
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    return pattern.sub(lambda match: said.get(match[0].casefold(), match[0]), text)
