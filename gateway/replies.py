"""What an SMS that came in says, in a word: yes, no, received, stop, help. Pure.

Precision first: a phrase counts only where the whole message says it and nothing else, courtesy
and signature aside; whatever is doubtful is `Kind.FREE` and goes to a human. Distress alone is
looked for anywhere in the text: there a needless alarm costs less than a missed one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway import reply_words as w


class Kind(StrEnum):
    """What a reply says."""

    STOP = "stop"
    START = "start"
    YES = "yes"
    NO = "no"
    ACK = "ack"
    CALLBACK = "callback"
    PRESENT = "present"
    ABSENT = "absent"
    PROXY = "proxy"
    DISTRESS = "distress"
    ENROL = "enrol"
    STATUS = "status"
    CANCEL = "cancel"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Reply:
    """What was understood; ``detail``: a four-digit code, the proxy's name, an address."""

    kind: Kind
    detail: str = ""


#: What may carry a code.
_CODED: Final = frozenset({Kind.YES, Kind.NO, Kind.ACK, Kind.CANCEL})
_CODE: Final = re.compile(r"(?:(?<!\w)|(?<=\boui)|(?<=\bnon))(\d{4})(?!\w)")
#: What may be asked for with a question mark.
_ASKED: Final = frozenset({Kind.CALLBACK, Kind.STATUS})
#: A message longer than this (characters) says more than one word.
_LONGEST: Final = 160


def understand(text: str) -> Reply:
    """Return what a reply says; `Kind.FREE` where a human must read it."""
    if _distress(text):
        return Reply(Kind.DISTRESS)
    if len(text) > _LONGEST:
        return Reply(Kind.FREE)
    return _enrolment(text) or _proxy(text) or _phrase(text) or Reply(Kind.FREE)


def plain(text: str) -> str:
    """Return a text as it is compared: no case, accents or punctuation, single spaces.

    ``👍`` and its like become words; an apostrophe parts two words.
    """
    for sign, word in w.SIGNS.items():
        text = text.replace(sign, f" {word} ")
    flat = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    bare = "".join(sign for sign in flat if not unicodedata.combining(sign))
    words = re.sub(r"([a-z])\1{2,}", r"\1", re.sub(r"[^\w+/]+", " ", bare)).split()
    return w.HEARD.sub(w.written_out, " ".join(w.SHORT.get(word, word) for word in words))


def _distress(text: str) -> bool:
    said = w.HARMLESS.sub(" ", plain(text))
    return bool(w.DISTRESS.search(said) or w.DISTRESS_IN_ONE.search(said.replace(" ", "")))


def _enrolment(text: str) -> Reply | None:
    match = re.fullmatch(r"\s*alerte[\s:,.-]+(?P<where>\w.*)", text, re.IGNORECASE | re.DOTALL)
    where = w.AFTER_NAME.sub("", " ".join(match["where"].split())).strip() if match else ""
    if not where or not w.ADDRESS.search(plain(where)):
        return None
    return Reply(Kind.ENROL, where[:120])


def _proxy(text: str) -> Reply | None:
    """Find to whom a councillor gives their vote, in the words they wrote."""
    match = w.PROXY.search(text)
    if match is None or not w.BEFORE_PROXY.fullmatch(plain(text[: match.start()])):
        return None
    name = w.AFTER_NAME.sub("", " ".join(match["name"].split())).strip(" .,;:!")
    if not name or not w.NAME.fullmatch(name):
        return None
    return Reply(Kind.PROXY, name)


def _phrase(text: str) -> Reply | None:
    """Match the whole text, with and without what courtesy and signature add."""
    said, code = _code_of(" ".join(_clauses(text)))
    if said is None:
        return None
    kind = _kind_of(said, coded=bool(code))
    if kind is None or (code and kind not in _CODED) or ("?" in text and kind not in _ASKED):
        return None
    if kind is Kind.STOP and (match := re.fullmatch(w.STOP_PURPOSE, said)) is not None:
        return Reply(kind, match["purpose"].upper())
    return Reply(kind, code)


def _clauses(text: str) -> list[str]:
    """Return what is left of a text's clauses once greetings, thanks and names are gone."""
    left: list[str] = []
    raw = [one.strip(" ()\u00a0") for one in w.CLAUSE.split(w.DICTATED.sub("\n", text))]
    for place, clause in enumerate(one for one in raw if one):
        if place and w.CLOSING.fullmatch(plain(clause)):
            break  # whatever stands below is who signs
        if left and (w.SIGNATURE.fullmatch(clause) or w.TELEPHONE.fullmatch(clause)):
            continue
        said = _without(plain(clause))
        if said:
            left.append(said)
    return left


def _without(said: str) -> str:
    """Take courtesy off both ends."""
    while True:
        shorter = w.COURTESY_LAST.sub("", w.COURTESY_FIRST.sub("", said)).strip()
        if shorter == said:
            return said
        said = shorter


def _code_of(said: str) -> tuple[str | None, str]:
    """Return the words without their code, and the code; None for words with several."""
    codes = _CODE.findall(said)
    if len(codes) > 1:
        return None, ""
    rest = " ".join(_CODE.sub(" ", said).split())
    if codes:
        rest = re.sub(r" ?\b(?:le |mon )?code$|^(?:le |mon )?code ?", "", rest)
    return _without(rest), codes[0] if codes else ""


def _kind_of(said: str, *, coded: bool) -> Kind | None:
    if not said:
        return Kind.ACK if coded else None
    found = {kind for kind, phrases in _PHRASES if phrases.fullmatch(said)}
    if found:
        return found.pop() if len(found) == 1 else None
    bare = " ".join(word for word in said.split() if word not in _THUMBS)
    if not bare or bare == said:
        return None
    kind = _kind_of(bare, coded=coded)
    return kind if _THUMBS & set(said.split()) == {_THUMB_OF.get(kind, w.UP)} else None


_THUMBS: Final = frozenset({w.UP, w.DOWN})
#: The thumb that goes with a word; with any other it says two things at once.
_THUMB_OF: Final[dict[Kind | None, str]] = {Kind.NO: w.DOWN, Kind.STOP: w.DOWN}


def _compiled(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in phrases))


_PHRASES: Final = tuple((Kind(name), _compiled(phrases)) for name, phrases in w.PHRASES.items())
