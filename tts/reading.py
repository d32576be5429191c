"""What is written, turned into what is said, in French.

Job: hours, dates, telephone numbers, abbreviations, roads, units and acronyms, which speech
engines read wrong (*17h30* as "dix-sept hache trente"). Not its job: pronouncing words. Pure;
imported by `tts.studio`. The rules are one ordered table; each is a pattern and what to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tts.numerals import in_words, ordinal, pair

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_MONTHS: Final = str.split(
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
)
_SHORT_MONTHS: Final = {
    "janv": 1, "fév": 2, "févr": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "déc": 12,
}  # fmt: skip

_LETTERS: Final = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        str.split(
            "a bé cé dé e effe gé ache i ji ka elle èmme ènne o pé ku erre esse té u vé "
            "double-vé ixe i-grec zède"
        ),
        strict=True,
    )
)
#: Acronyms with a vowel that are nevertheless spelled, and those that are said as a word the
#: engine would not find.
_SPELLED: Final = frozenset(
    str.split("ARS CAF CCAS CIS DDT EDF EPCI GDF ONF PCA PCO PMI RATP SIVU TER UHT ULM")
)
_SAID: Final = {"SDIS": "esse-disse", "EHPAD": "épade", "EPHAD": "épade", "SAMU": "samu",
                "ORSEC": "orsec", "INSEE": "insé"}  # fmt: skip

_ABBREVIATIONS: Final[tuple[tuple[str, str], ...]] = (
    (r"\bMM\.(?=\s)", "Messieurs"),
    (r"\bM\.(?=\s?[A-ZÀ-Ý]|\sl[ea]\s)", "Monsieur"),
    (r"\bMr\.?(?=\s)", "Monsieur"),
    (r"\bMmes\b\.?", "Mesdames"),
    (r"\bMme\b\.?", "Madame"),
    (r"\bMlle\b\.?", "Mademoiselle"),
    (r"\bDr\.?(?=\s[A-ZÀ-Ý])", "Docteur"),
    (r"\bPr\.?(?=\s[A-ZÀ-Ý])", "Professeur"),
    (r"\bG(?:a|éné)l\.?(?=\s)", "Général"),
    (r"\bSt(?:\.\s?|-|\s)(?=[A-ZÀ-Ý])", "Saint "),
    (r"\bSte(?:\.\s?|-|\s)(?=[A-ZÀ-Ý])", "Sainte "),
    (r"\b[Nn][°º]s?\s?(?=\w)", "numéro "),
    (r"\bRDV\b|\brdv\b", "rendez-vous"),
    (r"\b[Tt][ée]l\.?\s?:?(?=\s?[\dz])", "téléphone "),
    (r"\b[Bb][âa]t\.?(?=\s[A-Z0-9]\b)", "bâtiment"),
    (r"\b[Aa]v\.(?=\s)", "avenue"),
    (r"\b[Bb](?:l?v?d)\.?(?=\s)", "boulevard"),
    (r"\b[Rr]te\.?(?=\s)", "route"),
    (r"\b[Cc]h\.(?=\s)", "chemin"),
    (r"\b[Pp]l\.(?=\s)", "place"),
    (r"\b[Ii]mp\.(?=\s)", "impasse"),
    (r"\b[Ee]nv\.(?=\s)", "environ"),
    (r"\b[Mm]ax\.(?=\s)", "maximum"),
    (r"\b[Ee]tc\b\.?", "et cetera"),
    (r"\bp\.\s?ex\.", "par exemple"),
)

#: Units after a number: what is written, one, several.
_UNITS: Final[tuple[tuple[str, str, str], ...]] = (
    (r"km/h", "kilomètre à l'heure", "kilomètres à l'heure"),
    (r"m/s", "mètre par seconde", "mètres par seconde"),
    (r"m(?:²|2)", "mètre carré", "mètres carrés"),
    (r"m(?:³|3)", "mètre cube", "mètres cubes"),
    (r"km", "kilomètre", "kilomètres"),
    (r"cm", "centimètre", "centimètres"),
    (r"mm", "millimètre", "millimètres"),
    (r"m", "mètre", "mètres"),
    (r"kg", "kilo", "kilos"),
    (r"min|mn", "minute", "minutes"),
    (r"°\s?C", "degré", "degrés"),
    (r"€|euros?|EUR", "euro", "euros"),
)


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
    digits = re.sub(r"\D", "", match[0])
    digits = "0" + digits[2:] if match[0].startswith("+33") else digits
    return ", ".join(pair(digits[at : at + 2]) for at in range(0, 10, 2))


def _date(match: re.Match[str]) -> str:
    day, month = int(match["d"]), int(match["mo"])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match[0]
    year = match["y"]
    said = f"{'premier' if day == 1 else day} {_MONTHS[month - 1]}"
    return f"{said} {'20' + year if year and len(year) == 2 else year}" if year else said


def _short_month(match: re.Match[str]) -> str:
    return f"{match['d']} {_MONTHS[_SHORT_MONTHS[match['mo'].lower()] - 1]}"


def _road(match: re.Match[str]) -> str:
    kind = "départementale" if match["kind"].endswith("D") else "nationale"
    return f"{kind} {match['number']}"


def _acronym(match: re.Match[str]) -> str:
    word = match[0]
    if word in _SAID:
        return _SAID[word]
    if word in _SPELLED or not re.search("[AEIOUY]", word):
        return "-".join(_LETTERS[letter] for letter in word)
    return word


def _unit(written: str, one: str, several: str) -> Rule:
    def say(match: re.Match[str]) -> str:
        value = float(match["n"].replace(",", "."))
        return f"{match['n']} {several if value >= 2 else one}"

    return re.compile(rf"(?P<n>\d+(?:,\d+)?)\s?(?:{written})(?![\w/²³])"), say


_TYPOGRAPHY: Final[tuple[Rule, ...]] = (
    # a NUL would end the text for a C library; half a surrogate pair is no text at all
    (re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff\u00a0\u202f\u2009]"), " "),
    (re.compile("[\u2019\u2018]"), "'"),
    (re.compile('[«»“”"*_#<>|\\\\]'), " "),
    (re.compile("\u2026|\\.{2,}"), "."),
    (re.compile("\\s[\u2013\u2014-]\\s"), ", "),
    (re.compile("[\u2013\u2014\u2011]"), "-"),
    (re.compile("\\s*\n\\s*\n\\s*"), ".\n"),
)
_RULES: Final[tuple[Rule, ...]] = (
    *_TYPOGRAPHY,
    (re.compile(r"(?<![\d+])(?:\+33\s?|0)[1-9](?:[ .-]?\d{2}){4}(?!\d)"), _phone),
    (re.compile(r"\b24\s?[hH]\s?(?:/|sur)\s?24\b"), "vingt-quatre heures sur vingt-quatre"),
    (re.compile(r"\b7\s?j(?:ours)?\s?/\s?7\b"), "sept jours sur sept"),
    (re.compile(r"(?<=\d[hH])\s?-\s?(?=\d)|(?<=\d[hH]\d\d)\s?-\s?(?=\d)"), " à "),
    (
        re.compile(
            r"(?P<lead>\b(?:à|dès|vers|avant|après|jusqu'à)\s)?"
            r"\b(?P<h>\d{1,2})\s?(?:[hH]\s?(?P<m>\d{2})?(?![\w'])|:(?P<m2>\d{2})(?![\d:]))"
        ),
        _hour,
    ),
    (re.compile(r"\b(?P<d>\d{1,2})/(?P<mo>\d{1,2})/(?P<y>\d{4}|\d{2})\b"), _date),
    (re.compile(r"\b(?P<y>\d{4})-(?P<mo>\d{2})-(?P<d>\d{2})\b"), _date),
    (re.compile(r"(?<!/)\b(?P<d>\d{1,2})/(?P<mo>0\d|1[0-2])(?P<y>)\b(?!/)"), _date),
    (
        re.compile(
            rf"\b(?P<d>\d{{1,2}}|1er)\s(?P<mo>{'|'.join(_SHORT_MONTHS)})\b\.?", re.IGNORECASE
        ),
        _short_month,
    ),
    (
        re.compile(r"\b(?P<n>[2-9]|[1-9]\d)(?:e|è?me|ième)\b"),
        lambda match: ordinal(int(match["n"])),
    ),
    *((re.compile(pattern), said) for pattern, said in _ABBREVIATIONS),
    (re.compile(r"\b(?P<kind>RD|RN|D|N)\s?(?P<number>\d{1,4})\b"), _road),
    (re.compile(r"\bA\s(?=\d{1,3}\b)"), "A"),
    (re.compile(r"(?<=\d)\s(?=\d{3}(?!\d))"), ""),
    (re.compile(r"(?<=\d)\.(?=\d)"), ","),
    *(_unit(*unit) for unit in _UNITS),
    (re.compile(r"\b[A-Z]{2,6}\b"), _acronym),
    (re.compile(r"[ ]+"), " "),
    (re.compile(r" (?=[.,])"), ""),
)


def spoken(text: str) -> str:
    """Return ``text`` as it is to be said; idempotent on what is already words."""
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return text.strip()


def sentences(text: str) -> tuple[str, ...]:
    """Cut what `spoken` returned where a reader breathes: after . ! ? and at line ends."""
    parts = re.split(r"(?<=[.!?])\s+|\s*\n+\s*", text)
    return tuple(part for part in map(str.strip, parts) if re.search(r"\w", part))
