"""Numbers in words, French and English, as a telephone needs them.

Job: num2words, with what it does not know: *vingt et une* heures, pairs of telephone digits,
zeros in front. Not its job: finding numbers in a text. Pure; imported by `tts.french` and
`tts.english`. num2words is loaded with the first number.
"""

from __future__ import annotations

from typing import Final

_POINT: Final = {"fr": "virgule", "en": "point"}
#: Longer ones are codes, not amounts: said digit by digit.
_LONGEST: Final = 9


def in_words(number: int, language: str = "fr", *, feminine: bool = False) -> str:
    """Return a whole number (0 or more) in words; ``feminine`` for *une*, *vingt et une*."""
    from num2words import num2words

    words = str(num2words(number, lang=language)).replace(",", "")
    return f"{words}e" if feminine and words.endswith("un") else words


def written(digits: str, language: str = "fr", *, feminine: bool = False) -> str:
    """Return a number as it is written (``2,50``, ``007``) in words, every zero said."""
    whole, _, fraction = digits.replace(".", ",").partition(",")
    said = _whole(whole, language, feminine=feminine and not fraction)
    if not fraction:
        return said
    after = _whole(fraction, language) if language == "fr" else _digits(fraction, language)
    return f"{said} {_POINT[language]} {after}"


def _whole(digits: str, language: str, *, feminine: bool = False) -> str:
    if len(digits) > _LONGEST:
        return _digits(digits, language)
    rest = digits.lstrip("0")
    zeros = [in_words(0, language)] * (len(digits) - len(rest))
    return " ".join(zeros + ([in_words(int(rest), language, feminine=feminine)] if rest else []))


def _digits(digits: str, language: str) -> str:
    return " ".join(in_words(int(digit), language) for digit in digits)


def pairs(digits: str, language: str = "fr") -> str:
    """Return a telephone number as people say it there: in pairs, a breath between two."""
    two = [digits[at : at + 2] for at in range(0, len(digits), 2)]
    return ", ".join(_whole(d, "fr") if language == "fr" else _digits(d, language) for d in two)


def year(number: int, language: str) -> str:
    """Return a year in words: *deux mille vingt-six*, *twenty twenty-six*."""
    from num2words import num2words

    return str(num2words(number, lang=language, to="year" if language == "en" else "cardinal"))


def ordinal(number: int, language: str = "fr") -> str:
    """Return the rank ``number`` (1 or more) in words: *deuxième*, *second*."""
    from num2words import num2words

    words = str(num2words(number, lang=language, to="ordinal"))
    return words.replace("vingtsième", "vingtième")  # num2words keeps the s of quatre-vingts
