"""What is written, turned into what is said, in French.

Job: hours, dates, telephone numbers, abbreviations, roads, units, acronyms and numbers, which
speech engines read wrong (*17h30* as "dix-sept hache trente"). The rules are one ordered table.
Not its job: pronouncing words. Pure; imported by `tts.reading`.
"""

from __future__ import annotations

import re
from typing import Final

from tts.french_words import (
    ABBREVIATIONS,
    FEMININE,
    KINGS,
    LETTERS,
    MONTHS,
    PLACES,
    SAID,
    SHORT_DAYS,
    SHORT_MONTHS,
    SPELLED,
    UNITS,
)
from tts.numerals import in_words, ordinal, pairs, written
from tts.rules import MAIL, SITE, Rule

_NUMBER: Final = r"\d+(?:,\d+)?"
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50}


def _hour(match: re.Match[str]) -> str:
    hours, minutes = int(match["h"]), match["m"] or match["m2"]
    if hours > 24 or (minutes and int(minutes) > 59):
        return match[0]
    lead = match["lead"] or ""
    if hours in (0, 12) and (lead or minutes):
        said = "minuit" if hours == 0 else "midi"
    else:
        said = f"{in_words(hours, feminine=True)} heure{'s' if hours > 1 else ''}"
    rest = "" if not minutes or minutes == "00" else f" {in_words(int(minutes), feminine=True)}"
    return f"{lead}{said}{rest}"


def _phone(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", re.sub(r"^(?:\+33|0033)\s?(?:\(0\))?", "0", match[0]))
    return pairs(digits)


def _date(match: re.Match[str]) -> str:
    day, month = int(match["d"]), int(match["mo"])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match[0]
    year = match["y"]
    said = f"{_day(day)} {MONTHS[month - 1]}"
    return f"{said} {in_words(int('20' + year if len(year) == 2 else year))}" if year else said


def _day(day: int) -> str:
    return "premier" if day == 1 else in_words(day)


def _short_month(match: re.Match[str]) -> str:
    return f"{match['d']} {MONTHS[SHORT_MONTHS[match['mo'].lower()] - 1]}"


def _road(match: re.Match[str]) -> str:
    kind = {"D": "départementale", "N": "nationale", "C": "voie communale"}[match["kind"][-1]]
    letter = f" {_spell(match['letter'])}" if match["letter"] else ""
    return f"{kind} {in_words(int(match['number']))}{letter}"


def _spell(word: str) -> str:
    return "-".join(LETTERS[letter] for letter in word.upper())


def _acronym(match: re.Match[str]) -> str:
    word = match[0].replace(".", "")
    if word in SAID:
        return SAID[word]
    if word in SPELLED or not re.search("[AEIOUY]", word):
        return _spell(word)
    return word


def _roman(match: re.Match[str]) -> str:
    values = [_ROMAN[letter] for letter in match["r"]]
    number = sum(
        -value if value < after else value
        for value, after in zip(values, [*values[1:], 0], strict=True)
    )
    if match["after"]:
        return f"{ordinal(number)}{match['after']}"
    return f"{match['before']} {'premier' if number == 1 else in_words(number)}"


def _address(match: re.Match[str]) -> str:
    """Say a site or a mail address as one dictates it."""
    text = match[0].removeprefix("https://").removeprefix("http://")
    labels = [_label(label) for label in text.split(".")]
    return " point ".join(labels).replace("@", " arobase ")


def _label(label: str) -> str:
    if label == "www":
        return "trois double-vé"
    spelled = label.isascii() and label.isalpha() and not re.search("[aeiouyAEIOUY]", label)
    return _spell(label).replace("-", " ") if spelled else label.replace("-", " tiret ")


def _money(match: re.Match[str]) -> str:
    euros = int(match["n"])
    name = "euros" if euros > 1 else "euro"
    return f"{in_words(euros)} {name} {in_words(int(match['c']))}"


def _unit(pattern: str, one: str, several: str, gender: str) -> Rule:
    def say(match: re.Match[str]) -> str:
        number = match["n"]
        amount = written(number, feminine=gender == "f")
        return f"{amount} {several if float(number.replace(',', '.')) >= 2 else one}"

    return re.compile(rf"(?<![\d,])(?P<n>{_NUMBER})\s?(?:{pattern})(?![\w/²³'])"), say


_HOUR: Final = re.compile(
    r"(?P<lead>\b(?:à|dès|vers|avant|après|jusqu'à)\s)?"
    r"\b(?P<h>\d{1,2})\s?(?:[hH](?:\s?(?P<m>\d{2}(?!\s?(?:[hH]|mn|min)\b|\d)))?(?![\w'])"
    r"|:(?P<m2>\d{2})(?![\d:]))"
)
_PHONES: Final = (
    r"(?<![\d+])(?:(?:\+33|0033)\s?(?:\(0\)\s?)?|0)[1-9](?:[ ./-]?\d{2}){4}(?!\d)",
    r"(?<!\d)0\s?8\d\d(?:\s\d{3}){2}(?!\d)",
    r"(?<!\d)0\s8\d\d(?:\s\d{2}){3}(?!\d)",
)
_SHORT: Final = "|".join(SHORT_MONTHS)
_EMERGENCY: Final = "15|17|18|112|114|115"

RULES: Final[tuple[Rule, ...]] = (
    (MAIL, _address),
    (SITE, _address),
    *((re.compile(pattern), _phone) for pattern in _PHONES),
    (re.compile(rf"\b({'|'.join(SHORT_DAYS)})\.(?=\s\d)", re.IGNORECASE),
     lambda match: SHORT_DAYS[match[1].lower()]),
    # the short numbers of help lines go in pairs too
    (re.compile(r"(?<=\b(?:au|le)\s)3\d[ .]?\d\d\b(?!\s\d)"),
     lambda match: pairs(re.sub(r"\D", "", match[0])).replace(",", "")),
    (re.compile(rf"\b({_EMERGENCY})\s?/\s?(?=(?:{_EMERGENCY})\b)"), r"\1 ou "),
    (re.compile(r"\b24\s?[hH]?\s?(?:/|sur)\s?24\b(?:\s?[hH]\b)?"),
     "vingt-quatre heures sur vingt-quatre"),
    (re.compile(r"(?<!\ble\s)(?<!\bdu\s)(?<!\bau\s)"
                r"\b7\s?(?:j(?:ours)?)?\s?/\s?7\b(?:\s?j\b)?"), "sept jours sur sept"),
    (re.compile(r"(?<=\d[hH])-(?=\d)|(?<=\d\s[hH])-(?=\d)"), " à "),
    (re.compile(r"(?<=\d[hH]\d\d)-(?=\d)|(?<=\d\s[hH]\s\d\d)-(?=\d)"), " à "),
    (re.compile(r"(?<=\b\d\d:\d\d)\s?-\s?(?=\d)"), " à "),
    (re.compile(r"\b(?P<h>\d{1,2})\s?[hH]\s?(?P<m>\d{1,2})\s?(?:min|mn)\b\.?"),
     lambda match: f"{match['h']}h{int(match['m']):02}"),
    (_HOUR, _hour),
    (re.compile(r"\b(?P<d>\d{1,2})([/.-])(?P<mo>\d{1,2})\2(?P<y>\d{4}|\d{2})\b"), _date),
    (re.compile(r"\b(?P<y>\d{4})-(?P<mo>\d{2})-(?P<d>\d{2})\b"), _date),
    (re.compile(r"(?<![/\d])\b(?P<d>\d{1,2})/(?P<mo>0\d|1[0-2])(?P<y>)\b(?!/)"), _date),
    (re.compile(r"(?<=\b(?:le|du|au)\s)(?P<d>\d{1,2})/(?P<mo>[1-9])(?P<y>)\b(?!/)"), _date),
    (re.compile(rf"\b(?P<d>\d{{1,2}}|1er)\s(?P<mo>{_SHORT})\b\.?", re.IGNORECASE), _short_month),
    (re.compile(r"\b(?P<r>[IVXL]+)(?:e|è?me)(?P<after>\ssi[èe]cle)"), _roman),
    (re.compile(rf"\b(?P<before>{KINGS})[\s-](?P<r>[IVX]+)(?P<after>)\b"), _roman),
    (re.compile(r"\b1er\b"), "premier"),
    (re.compile(r"\b1(?:[èe]?re)\b"), "première"),
    (re.compile(r"\b2nd(e?)\b"), r"second\1"),
    (re.compile(r"\b(?P<n>[2-9]|[1-9]\d{1,2})(?:e|è?me|ième)\b"),
     lambda match: ordinal(int(match["n"]))),
    (re.compile(r"(?<=€)\s?/\s?|/(?=(?:pers|personne|jour|semaine|mois|an|heure|foyer)\b)"),
     " par "),
    *((re.compile(pattern), said) for pattern, said in ABBREVIATIONS),
    (re.compile("".join(f"(?<!{place})" for place in PLACES)
                + r"\b(?P<kind>RD|RN|VC|D|N)\s?(?P<number>\d{1,4})(?P<letter>[A-Z])?\b"
                + r"(?!\s?(?:km|cm|m|°|%|h\b))"), _road),
    (re.compile(r"(?<!\d)(?<!\d[\s.])\d{1,3}(?:\s\d{3}|\.\d{3})+(?![\d,])"),
     lambda match: re.sub(r"\D", "", match[0])),
    (re.compile(r"(?<=\d)\.(?=\d)"), ","),
    (re.compile(r"\b1/2\b"), "un demi"),
    (re.compile(r"\b1/4\b"), "un quart"),
    (re.compile(r"\b3/4\b"), "trois quarts"),
    (re.compile(r"(?<=\d)\s?/\s?(?=\d)"), " sur "),
    (re.compile(r"(?<=\d)-(?=\d)"), " à "),
    (re.compile(r"\bJ\s?-\s?(?=\d)"), "J moins "),
    (re.compile(r"(?<![\w,)])-(?=\d)"), "moins "),
    (re.compile(r"(?<!\w)\+\s?(?=\d)"), "plus "),
    (re.compile(r"(?<=\w)\s?\+\s?(?=\d)"), " plus "),
    (re.compile(r"(?<=\d)\s?[x×]\s?(?=\d)"), " fois "),
    (re.compile(r"\b(?P<n>\d+),(?P<c>\d\d)\s?(?:€|euros?\b|EUR\b)"), _money),
    *(_unit(*unit) for unit in UNITS),
    (re.compile(r"\s?&\s?"), " et "),
    (re.compile(r"\b(?:[A-Z]\.){2,6}|\b[A-Z]{2,6}\b"), _acronym),
    (re.compile(rf"(?P<n>\b\d*1)(?=\s(?:{FEMININE})\b)"),
     lambda match: written(match["n"], feminine=True)),
    (re.compile(rf"(?<=[^\W\d])(?P<n>{_NUMBER})"), lambda match: f" {written(match['n'])}"),
    (re.compile(rf"(?P<n>{_NUMBER})(?=[^\W\d])"), lambda match: f"{written(match['n'])} "),
    (re.compile(_NUMBER), lambda match: written(match[0])),
)  # fmt: skip
