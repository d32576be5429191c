"""How many messages a text becomes, and where it is cut (3GPP 23.040, 9.2.3.24.1).

Job: choose GSM-7 or UCS-2, count, cut. Not its job: PDUs (`modem.sms.submit`). Pure; the page
that counts while one types uses it as well as the encoder, so both always agree.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import Final

from modem.sms.alphabet import EXTENSION, foreign_characters, is_gsm7, septets_of
from modem.sms.typography import plain_typography

#: A concatenation header counts its parts in one octet.
MOST_SEGMENTS: Final = 255

_JOINERS: Final = frozenset("\u200d\ufe0e\ufe0f\u20e3" + "".join(map(chr, range(0x1F3FB, 0x1F400))))


_TWO_SEPTETS: Final = tuple(EXTENSION.values())


class Encoding(Enum):
    """How a text travels; decides what one unit is."""

    GSM7 = "gsm7"  # a unit is a septet; € and its like take two
    UCS2 = "ucs2"  # a unit is 16 bits, in truth UTF-16: an emoji takes two


#: Units that fit: alone, in a part with an 8-bit reference, in a part with a 16-bit reference.
_CAPACITY: Final = {Encoding.GSM7: (160, 153, 152), Encoding.UCS2: (70, 67, 66)}


@dataclass(frozen=True, slots=True)
class Foreign:
    """A character that forces UCS-2; ``index`` counts the characters of the text before it."""

    index: int
    char: str


@dataclass(frozen=True, slots=True)
class Measure:
    """The cost of a text.

    ``units`` are used in all, ``limit`` is what one segment of this text holds, ``left`` is
    what the last segment can still take. ``suggestion`` is the text in plain typography, given
    only where that costs fewer segments.
    """

    encoding: Encoding
    units: int
    segments: int
    left: int
    limit: int
    foreign: tuple[Foreign, ...]
    suggestion: str | None


def encoding_of(text: str) -> Encoding:
    """Return GSM7 when the whole text fits that alphabet, else UCS2."""
    return Encoding.GSM7 if is_gsm7(text) else Encoding.UCS2


def measure(text: str) -> Measure:
    """Return what ``text`` costs when sent with 8-bit references. An empty text is one message."""
    encoding = encoding_of(text)
    parts = split(text)
    limit = _capacity(encoding, several=len(parts) > 1, wide=False)
    plain = plain_typography(text)
    return Measure(
        encoding=encoding,
        units=_units(text, encoding),
        segments=len(parts),
        left=limit - _units(parts[-1], encoding),
        limit=limit,
        foreign=tuple(Foreign(index, char) for index, char in foreign_characters(text)),
        suggestion=plain if plain != text and len(split(plain)) < len(parts) else None,
    )


def count_segments(text: str) -> int:
    """Return how many SMS a text takes, quickly: for thousands of texts.

    What a part wastes at its end, so as to cut no escape and no emoji, is left out: `measure` is
    exact.
    """
    encoding = encoding_of(text)
    units = len(text)
    if encoding is Encoding.GSM7:
        units += sum(map(text.count, _TWO_SEPTETS))
    elif max(text) > "\uffff":
        units = _units(text, encoding)
    alone, part, _ = _CAPACITY[encoding]
    return 1 if units <= alone else -(-units // part)


def split(text: str, wide_reference: bool = False) -> tuple[str, ...]:
    """Return the parts of ``text``, at least one; an escape or surrogate pair is never cut.

    A letter and its loose accents, and a composed emoji, stay together where they fit a part.
    """
    encoding = encoding_of(text)
    if _units(text, encoding) <= _capacity(encoding, several=False, wide=wide_reference):
        return (text,)
    return _fill(_clusters(text), encoding, _capacity(encoding, several=True, wide=wide_reference))


def _fill(clusters: list[str], encoding: Encoding, limit: int) -> tuple[str, ...]:
    parts: list[str] = []
    current, used = "", 0
    for cluster in clusters:
        cost = _units(cluster, encoding)
        if cost > limit:  # a pile of accents longer than a message: cut it as it comes
            current, used = _pour(cluster, encoding, limit, parts, current)
            continue
        if used + cost > limit:
            parts.append(current)
            current, used = "", 0
        current += cluster
        used += cost
    return (*parts, current)


def _pour(
    cluster: str, encoding: Encoding, limit: int, parts: list[str], current: str
) -> tuple[str, int]:
    for char in cluster:
        if _units(current + char, encoding) > limit:
            parts.append(current)
            current = ""
        current += char
    return current, _units(current, encoding)


def _clusters(text: str) -> list[str]:
    clusters: list[str] = []
    for char in text:
        if clusters and (_attaches(char) or clusters[-1].endswith("\u200d")):
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


def _attaches(char: str) -> bool:
    return char in _JOINERS or unicodedata.combining(char) != 0


def _capacity(encoding: Encoding, *, several: bool, wide: bool) -> int:
    alone, narrow, broad = _CAPACITY[encoding]
    if not several:
        return alone
    return broad if wide else narrow


def _units(text: str, encoding: Encoding) -> int:
    if encoding is Encoding.UCS2:
        return len(text) + sum(char > "\uffff" for char in text)
    return sum(len(septets_of(char) or b"") for char in text)
