"""What is written, turned into what is said, in English, for those who do not follow French.

Job: as `tts.french`, for the English of a French town: hours of both clocks, days before months,
French telephone numbers and roads. Pure; imported by `tts.reading`.
"""

from __future__ import annotations

import re
from typing import Final

from tts.numerals import in_words, ordinal, pairs, written, year
from tts.rules import MAIL, SITE, Rule

_MONTHS: Final = str.split(
    "January February March April May June July August September October November December"
)
_NUMBER: Final = r"\d+(?:\.\d+)?"
_UNITS: Final[tuple[tuple[str, str, str], ...]] = (
    (r"km/h", "kilometre per hour", "kilometres per hour"),
    (r"m(?:²|2)", "square metre", "square metres"),
    (r"m(?:³|3)", "cubic metre", "cubic metres"),
    (r"km", "kilometre", "kilometres"),
    (r"cm", "centimetre", "centimetres"),
    (r"mm", "millimetre", "millimetres"),
    (r"m", "metre", "metres"),
    (r"kg", "kilo", "kilos"),
    (r"min", "minute", "minutes"),
    (r"°\s?C|°", "degree", "degrees"),
    (r"€|euros?|EUR", "euro", "euros"),
    (r"%", "per cent", "per cent"),
)
_ABBREVIATIONS: Final[tuple[tuple[str, str], ...]] = (
    (r"\bMr\b\.?", "Mister"),
    (r"\bMrs\b\.?", "Missis"),
    (r"\bDr\b\.?(?=\s[A-Z])", "Doctor"),
    (r"\bSt(?:\.\s?|-|\s)(?=[A-Z])", "Saint "),
    (r"\bSte(?:\.\s?|-|\s)(?=[A-Z])", "Sainte "),
    (r"\b[Nn](?:o\.|[°º])\s?(?=\d)", "number "),
    (r"\b[Tt]el\.?\s?:?(?=\s?[\dzo+])", "telephone "),
    (r"\bapprox\.", "approximately"),
    (r"\be\.g\.", "for example"),
    (r"\bi\.e\.", "that is"),
    (r"\betc\b\.?", "et cetera"),
)


def _hour(match: re.Match[str]) -> str:
    hours, minutes = int(match["h"]), int(match["m"] or 0)
    half = (match["half"] or "").lower().replace(".", "").replace(" ", "")
    if hours > (12 if half else 24) or minutes > 59:
        return match[0]
    if half:
        hours = hours % 12 + (12 if half == "pm" else 0)
    if hours % 12 == 0 and not minutes:
        return "noon" if hours == 12 else "midnight"
    past = "" if not minutes else f" {'oh ' if minutes < 10 else ''}{in_words(minutes, 'en')}"
    return f"{in_words(hours % 12 or 12, 'en')}{past} {'p m' if 12 <= hours < 24 else 'a m'}"


def _phone(match: re.Match[str]) -> str:
    return pairs(re.sub(r"\D", "", re.sub(r"^(?:\+33|0033)\s?(?:\(0\))?", "0", match[0])), "en")


def _date(match: re.Match[str]) -> str:
    day, month = int(match["d"]), int(match["mo"])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match[0]
    said = f"the {ordinal(day, 'en')} of {_MONTHS[month - 1]}"
    full = match["y"] and ("20" + match["y"] if len(match["y"]) == 2 else match["y"])
    return f"{said} {year(int(full), 'en')}" if full else said


def _named_date(match: re.Match[str]) -> str:
    said = f"the {ordinal(int(match['d']), 'en')} of {match['mo']}"
    return f"{said} {year(int(match['y']), 'en')}" if match["y"] else said


def _address(match: re.Match[str]) -> str:
    text = match[0].removeprefix("https://").removeprefix("http://")
    text = re.sub(r"\.fr\b", " dot f r", text).replace("www.", "w w w dot ")
    return text.replace(".", " dot ").replace("@", " at ").replace("-", " dash ")


def _acronym(match: re.Match[str]) -> str:
    word = match[0]
    return word if re.search("[AEIOUY]", word) else " ".join(word)


def _unit(pattern: str, one: str, several: str) -> Rule:
    def say(match: re.Match[str]) -> str:
        number = match["n"]
        return f"{written(number, 'en')} {one if float(number) == 1 else several}"

    return re.compile(rf"(?<![\d.])(?P<n>{_NUMBER})\s?(?:{pattern})(?![\w/²³'])"), say


_HALF: Final = r"(?P<half>\b[ap]\.?\s?m\b\.?|(?<=\d)[ap]\.?m\b\.?)"
_MONTH: Final = "|".join(_MONTHS)

RULES: Final[tuple[Rule, ...]] = (
    (MAIL, _address),
    (SITE, _address),
    (re.compile(r"(?<![\d+])(?:(?:\+33|0033)\s?(?:\(0\)\s?)?|0)[1-9](?:[ ./-]?\d{2}){4}(?!\d)"),
     _phone),
    (re.compile(r"\b(15|17|18|112|114)\s?/\s?(?=(?:15|17|18|112|114)\b)"), r"\1 or "),
    (re.compile(r"\b24\s?/\s?7\b"), "twenty-four hours a day, seven days a week"),
    (re.compile(rf"\b(?P<h>\d{{1,2}})(?:[:.](?P<m>\d\d))?\s?{_HALF}", re.IGNORECASE), _hour),
    (re.compile(r"\b(?P<h>\d{1,2})(?:[hH]\s?|:)(?P<m>\d\d)(?P<half>)(?![\d:])"), _hour),
    (re.compile(r"\b(?P<h>\d{1,2})\s?[hH](?P<m>)(?P<half>)\b"), _hour),
    (re.compile(r"(?:\bthe\s)?\b(?P<d>\d{1,2})([/.-])(?P<mo>\d{1,2})\2(?P<y>\d{4}|\d{2})\b"),
     _date),
    (re.compile(r"\b(?P<y>\d{4})-(?P<mo>\d{2})-(?P<d>\d{2})\b"), _date),
    (re.compile(r"(?:\bthe\s)?(?<![/\d])\b(?P<d>\d{1,2})/(?P<mo>0\d|1[0-2])(?P<y>)\b(?!/)"),
     _date),
    (re.compile(rf"(?:\bthe\s)?\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<mo>{_MONTH})\b"
                r"(?:,?\s(?P<y>\d{4})\b)?"), _named_date),
    (re.compile(rf"\b(?P<mo>{_MONTH})\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)"
                r"(?:,?\s(?P<y>\d{4})\b)?"), _named_date),
    (re.compile(r"\b(?P<n>\d{1,3})(?:st|nd|rd|th)\b"),
     lambda match: ordinal(int(match["n"]), "en")),
    *((re.compile(pattern), said) for pattern, said in _ABBREVIATIONS),
    (re.compile(r"\bRD\s?(?=\d)"), "D "),
    (re.compile(r"\bRN\s?(?=\d)"), "N "),
    (re.compile(r"(?<![\d.])\d{1,3}(?:[,\s]\d{3})+(?!\d)"),
     lambda match: re.sub(r"\D", "", match[0])),
    (re.compile(r"(?<=\d),(?=\d)"), "."),
    (re.compile(r"(?<=\d)-(?=\d)"), " to "),
    (re.compile(r"(?<![\w.)])-(?=\d)"), "minus "),
    *(_unit(*unit) for unit in _UNITS),
    (re.compile(r"\s?&\s?"), " and "),
    (re.compile(r"\b[A-Z]{2,6}\b"), _acronym),
    (re.compile(rf"(?<=[^\W\d])(?P<n>{_NUMBER})"), lambda match: f" {written(match['n'], 'en')}"),
    (re.compile(rf"(?P<n>{_NUMBER})(?=[^\W\d])"), lambda match: f"{written(match['n'], 'en')} "),
    (re.compile(_NUMBER), lambda match: written(match[0], "en")),
)  # fmt: skip
