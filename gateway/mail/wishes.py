"""What a mail asks for beside its text: words in brackets in its subject, or headers. Pure.

``[alerte] [sms] [à 18:30] [plan conseillé] Coupure d'eau``; what is left is the title. A word
nobody knows is part of the title: people write [URGENT] too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from gateway.errors import Refused
from gateway.french import folded
from gateway.mail.addresses import Form, Target, slug
from gateway.phone import parse


@dataclass(frozen=True, slots=True)
class Wishes:
    """Codes as a `Draft` takes them; ``at`` is aware; ``targets`` were named in the subject."""

    title: str = ""
    urgency: str = "service"
    channels: tuple[str, ...] = ()
    order: str = ""
    at: datetime | None = None
    exercise: bool = False
    code: str = ""
    targets: tuple[Target, ...] = ()


_URGENCIES: Final = {
    "alerte": "vital", "vital": "vital", "alert": "vital", "service": "service",
    "information": "information", "info": "information",
}  # fmt: skip
_CHANNELS: Final = {
    "sms": "sms", "appel": "voice", "appels": "voice", "voix": "voice", "voice": "voice",
    "courriel": "email", "mail": "email", "email": "email",
}  # fmt: skip
_ORDERS: Final = {"conseille": "advised", "advised": "advised", "direct": ""}
_BRACKET: Final = re.compile(r"\[([^\[\]]{1,80})\]")
_CODE: Final = re.compile(r"\[\s*code\s[^\[\]]{0,80}\]", re.IGNORECASE)
_TIME: Final = re.compile(r"(?:le )?(?:(\d{4})-(\d\d)-(\d\d)|(\d\d?)/(\d\d?)(?:/(\d{4}))?)?"
                          r"(?: ?(?:a|t))? ?(\d{1,2}) ?[:h] ?(\d\d)?")  # fmt: skip
#: Words and headers in one mail; nobody wishes for more.
_MOST: Final = 20


def read(subject: str, headers: Mapping[str, str], now: datetime) -> Wishes:
    """Return what is wished for; raise `Refused` for a wish that cannot be understood.

    ``headers`` are those that begin with ``X-Tocsin-``, without it and in lower case; ``now`` is
    the town's time, to which an hour without a day refers.
    """
    found = Wishes()
    for match in list(_BRACKET.finditer(subject))[:_MOST]:
        changed = _word(found, match[1], now)
        if changed is not None:
            found, subject = changed, subject.replace(match[0], " ", 1)
    for name, value in list(headers.items())[:_MOST]:
        if name in _HEADERS:
            found = _HEADERS[name](found, value, now)
    return replace(found, title=" ".join(subject.split()))


def code_in(subject: str) -> str:
    """Return the code a subject gives, empty where it gives none."""
    for match in list(_BRACKET.finditer(subject))[:_MOST]:
        word, _, rest = " ".join(match[1].split()).partition(" ")
        if word.casefold() == "code":
            return rest
    return ""


def without_code(text: str) -> str:
    """Return a text without the code in it: whoever may read a subject may not send for it."""
    return " ".join(_CODE.sub(" ", text).split())


def hash_of(code: str) -> str:
    """Return what is stored of a sender's code: it is random, and needs no salt."""
    return hashlib.sha256(code.strip().casefold().encode()).hexdigest()


def _word(found: Wishes, word: str, now: datetime) -> Wishes | None:
    """Return the wishes with this one, None where the word is none."""
    plain = folded(word)
    if plain in _URGENCIES:
        return replace(found, urgency=_URGENCIES[plain])
    if plain in _CHANNELS:
        return replace(found, channels=(*found.channels, _CHANNELS[plain]))
    if plain in {"exercice", "exercise"}:
        return replace(found, exercise=True)
    first, _, rest = plain.partition(" ")
    original = " ".join(word.split()).partition(" ")[2]
    if first in _TIMES and not _HOURLY.search(rest):
        return None  # [Le Progrès] is a newspaper, [à propos] a way of beginning
    if first in _PREFIXES and rest:
        return _PREFIXES[first](found, original, now)
    return None


def _urgency(found: Wishes, value: str, _: datetime) -> Wishes:
    code = _URGENCIES.get(folded(value))
    if code is None:
        raise Refused(
            "Urgence inconnue : « {value} » (alerte, service ou information).", value=value[:40]
        )
    return replace(found, urgency=code)


def _channels(found: Wishes, value: str, _: datetime) -> Wishes:
    codes = []
    for word in re.split(r"[,; ]+", value.strip()):
        code = _CHANNELS.get(folded(word))
        if code is None:
            raise Refused("Moyen inconnu : « {word} » (sms, appel ou courriel).", word=word[:40])
        codes.append(code)
    return replace(found, channels=tuple(codes))


def _order(found: Wishes, value: str, _: datetime) -> Wishes:
    return replace(found, order=_ORDERS.get(folded(value), f"name:{slug(value)}"))


def _at(found: Wishes, value: str, now: datetime) -> Wishes:
    match = _TIME.fullmatch(folded(value))
    at = _moment(match, now) if match else None
    if at is None or match is None:
        raise Refused("Heure illisible : « {value} ». Écrivez [à 18:30].", value=value[:40])
    dated = bool(match[1] or match[4])
    return replace(found, at=at if dated or at > now else at + timedelta(days=1))


def _moment(match: re.Match[str], now: datetime) -> datetime | None:
    """Return the moment written, today's where no day is; None for one there is not."""
    year, month, day = now.year, now.month, now.day
    if match[1]:
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match[4]:
        year, month, day = int(match[6] or year), int(match[5]), int(match[4])
    try:
        return datetime(year, month, day, int(match[7]), int(match[8] or 0), tzinfo=now.tzinfo)
    except ValueError:
        return None


def _exercise(found: Wishes, value: str, _: datetime) -> Wishes:
    return replace(found, exercise=folded(value) in {"1", "oui", "yes", "true"})


def _code(found: Wishes, value: str, _: datetime) -> Wishes:
    return replace(found, code=value.strip())


def _named(form: Form) -> Callable[[Wishes, str, datetime], Wishes]:
    def add(found: Wishes, value: str, _: datetime) -> Wishes:
        said = parse(value).e164 if form in {Form.SMS, Form.VOICE} else slug(value)
        return replace(found, targets=(*found.targets, Target(form, said)))

    return add


_HEADERS: Final = {
    "urgency": _urgency, "channels": _channels, "order": _order, "at": _at, "exercise": _exercise,
}  # fmt: skip
_TIMES: Final = frozenset({"a", "le"})
_HOURLY: Final = re.compile(
    r"\d|\b(?:midi|minuit|matin|soir|heures?|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|"
    r"dimanche)\b"
)
_PREFIXES: Final = {
    "a": _at, "le": _at, "plan": _order, "code": _code, "groupe": _named(Form.GROUP),
    "scenario": _named(Form.SCENARIO), "sms": _named(Form.SMS), "appel": _named(Form.VOICE),
}  # fmt: skip
