"""French telephone numbers: to E.164 or to a sentence that says why not.

Pure but for phonenumbers' metadata, which is loaded at the first use (a lean daemon).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from types import ModuleType
from typing import Any, Final

from gateway.errors import Refused
from gateway.model import Line
from gateway.sentences import fr

#: Never called nor texted, whoever asks. Wider than the metadata's list, which lacks the sea
#: rescue, the missing children, the aeronautical rescue, the deaf people's and the homeless'.
EMERGENCY: Final = frozenset({"15", "17", "18", "110", "112", "114", "115", "116000", "119",
                              "191", "196", "197"})  # fmt: skip
#: Overseas regions, tried in turn for a ten-digit number that metropolitan France does not know.
OVERSEAS: Final = ("GP", "RE", "MQ", "GF", "YT")
#: Country codes of France, metropolitan and overseas.
_FRENCH: Final = frozenset({33, 262, 590, 594, 596})
_DEAR: Final = re.compile(r"\+33(81|82|89)\d")
_METROPOLITAN: Final = re.compile(r"\+33(\d)(\d\d)(\d\d)(\d\d)(\d\d)")
_METROPOLITAN_MOBILE: Final = re.compile(r"\+33[67]\d{8}$")
#: Ten digits after the French fashion, or as E.164 has them, whose last four say nothing: numbers
#: are handed out in blocks of ten thousand.
_WHOLE: Final = re.compile(r"(0|\+(33|262|590|594|596))[1-9]\d{8}")
#: A digit is missing: the zero that begins a number in France is read as one of its nine.
_SHORT: Final = re.compile(r"\+(33|262|590|594|596)0")
_DIGITS: Final = re.compile(r"(\+|00)?\d+")
_NOISE: Final = re.compile(r"[\s.\-_/()\u00a0\u202f\u2009]+")


@dataclass(frozen=True, slots=True)
class Number:
    """A number that may be called: E.164, what line it is, and a warning to show, if any."""

    e164: str
    line: Line
    warning: str = ""


def parse(text: str) -> Number:
    """Read a number as a French town hall writes it.

    Accepts blanks, dots, ``+33 (0)6``, ``0033``, and the nine digits a spreadsheet leaves when it
    eats the zero. Raises `Refused` with a French sentence for anything never to be dialled.
    """
    # (0) is the national prefix written for foreigners, beside +33
    digits = _NOISE.sub("", text.strip().replace("(0)", ""))
    if not _DIGITS.fullmatch(digits):
        raise Refused(
            "« {text} » n'est pas un numéro de téléphone : n'écrivez que des chiffres.", text=text
        )
    if digits in EMERGENCY:
        raise Refused(
            "{digits} est un numéro d'urgence : Tocsin ne l'appelle jamais.", digits=digits
        )
    if len(digits) <= 6:
        raise Refused(
            "{digits} est un numéro court : Tocsin n'appelle que des numéros complets.",
            digits=digits,
        )
    return _judged(text, _looked_up(digits, text))


@lru_cache(maxsize=1)
def _library() -> ModuleType:
    import phonenumbers

    return phonenumbers


@dataclass(frozen=True, slots=True)
class _Known:
    """What the metadata tells of a number."""

    e164: str
    country: int
    kind: int
    possible: bool


def _looked_up(digits: str, text: str) -> _Known:
    if not _WHOLE.fullmatch(digits):
        return _known(_parsed(digits, text))
    block = _of_block(digits[:-4])
    return replace(block, e164=block.e164[:-4] + digits[-4:])


@lru_cache(maxsize=4096)
def _of_block(start: str) -> _Known:
    """Return what the metadata tells of any number of a block: ten times quicker for a list."""
    return _known(_parsed(f"{start}0000", start))


def _known(number: Any) -> _Known:
    library = _library()
    return _Known(
        library.format_number(number, library.PhoneNumberFormat.E164), number.country_code,
        library.number_type(number), library.is_possible_number(number),
    )  # fmt: skip


def _parsed(digits: str, text: str) -> Any:
    library = _library()
    for region in ("FR",) if digits.startswith("+") else ("FR", *OVERSEAS):
        try:
            number = library.parse(digits, region)
        except library.NumberParseException:
            break
        if library.number_type(number) != library.PhoneNumberType.UNKNOWN:  # valid, that is
            return number
    try:
        number = library.parse(digits, "FR")
    except library.NumberParseException:
        raise Refused("« {text} » n'est pas un numéro de téléphone.", text=text) from None
    return number


def _judged(text: str, number: _Known) -> Number:
    kinds = _library().PhoneNumberType
    if number.kind in {kinds.PREMIUM_RATE, kinds.SHARED_COST} or _DEAR.match(number.e164):
        raise Refused("{text} est un numéro surtaxé : Tocsin ne l'appelle pas.", text=text)
    if number.country not in _FRENCH:
        raise Refused(
            "{text} est un numéro étranger : un administrateur doit l'autoriser.", text=text
        )
    known = number.kind != kinds.UNKNOWN
    if not known and (not number.possible or _SHORT.match(number.e164)):
        raise Refused("{text} n'a pas dix chiffres : vérifiez-le auprès de la personne.", text=text)
    warning = "" if known else fr("numéro inconnu des listes officielles")
    return Number(number.e164, _line(number.e164, number.kind, kinds), warning)


def _line(e164: str, kind: int, kinds: Any) -> Line:
    """By the French plan 06 and 07 are mobiles, whatever the metadata knows of the range."""
    if kind == kinds.MOBILE or _METROPOLITAN_MOBILE.match(e164):
        return Line.MOBILE
    if re.match(r"\+(262|590|594|596)6", e164):
        return Line.MOBILE
    return Line.LANDLINE


def of_caller(said: str) -> str:
    """Return a caller's number (E.164), empty where it is hidden or none we could call."""
    try:
        return parse(said).e164 if said else ""
    except Refused:
        return ""


def shown(address: str) -> str:
    """Return an E.164 number as a French reader writes it; anything else unchanged."""
    match = _METROPOLITAN.fullmatch(address)
    return " ".join(("0" + match[1], *match.groups()[1:])) if match else address


def last_nine(number: str) -> str:
    """Return what two forms of the same number share, national or international."""
    return re.sub(r"\D", "", number)[-9:]


_MAIL: Final = re.compile(r"[^@\s<>\"(),;:\\]{1,64}@[^@\s<>\"(),;:\\]+\.[^@\s<>\"(),;:\\.]{2,}")


def parse_mail(text: str) -> str:
    """Return a mail address trimmed, its domain in lower case; raise `Refused` if it is none."""
    address = text.strip()
    if not _MAIL.fullmatch(address) or len(address) > 254 or ".." in address:
        raise Refused(
            "« {text} » n'est pas une adresse de courriel : il en manque un morceau.", text=text
        )
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"
