"""French numbers in words, as far as hours, dates and telephone numbers need them.

Pure; imported by `tts.reading` alone. Larger numbers are left to the engine, which reads them
right.
"""

from __future__ import annotations

from typing import Final

_UNITS: Final = str.split(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "dix-sept dix-huit dix-neuf"
)
_TENS: Final = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}


def in_words(number: int, *, feminine: bool = False) -> str:
    """Return ``number`` (0 to 99) in words; *une*, *vingt et une* where it counts hours."""
    if number < 20:
        words = _UNITS[number]
    elif number < 70:
        words = _joined(_TENS[number // 10 * 10], number % 10)
    elif number < 80:
        words = _joined("soixante", number - 60)
    elif number == 80:
        words = "quatre-vingts"
    else:
        words = f"quatre-vingt-{_UNITS[number - 80]}"
    return f"{words}e" if feminine and words.endswith("un") else words


def _joined(tens: str, rest: int) -> str:
    if rest == 0:
        return tens
    return f"{tens} et {_UNITS[rest]}" if rest in (1, 11) else f"{tens}-{_UNITS[rest]}"


def pair(digits: str) -> str:
    """Return two digits as French people say them in a telephone number."""
    if digits[0] == "0":
        return "zéro zéro" if digits == "00" else f"zéro {_UNITS[int(digits[1])]}"
    return in_words(int(digits))


def ordinal(number: int) -> str:
    """Return the rank ``number`` (2 to 99) in words: *deuxième*."""
    words = in_words(number)
    for ending, before in (("quatre-vingts", "quatre-vingt"), ("cinq", "cinqu"), ("neuf", "neuv")):
        if words.endswith(ending):
            return f"{words.removesuffix(ending)}{before}ième"
    return f"{words.removesuffix('e')}ième"
