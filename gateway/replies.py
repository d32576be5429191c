"""What an SMS that came in says, in a word: yes, no, received, stop, help. Pure.

A text is cut into phrases the tables know (`gateway.reply_grammar`). Precision first: it counts
only where phrases cover it wholly, exactly one answer comes of them, and what stands beside
the answer goes with it; whatever is doubtful is `Kind.FREE` and goes to a human. Danger alone
is looked for anywhere in the text: there a needless alarm costs less than a missed one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.reply_danger import in_danger
from gateway.reply_parsing import Phrase, Segment
from gateway.reply_places import ADDRESS, CLOSING, ENROLMENT
from gateway.reply_roles import BESIDE
from gateway.reply_spelling import CODE, Word, flat, said, with_plain_stop, words, written_out


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
    """What was understood; ``detail``: a four-digit code, a list, the proxy's name, an address."""

    kind: Kind
    detail: str = ""


_FREE: Final = Reply(Kind.FREE)
#: What may carry a code.
_CODED: Final = frozenset({Kind.YES, Kind.NO, Kind.ACK, Kind.CANCEL})
#: What may be asked for with a question mark, however it is put.
_ASKED: Final = frozenset({Kind.CALLBACK, Kind.STATUS})
#: Two answers that make one.
_TOGETHER: Final = {
    frozenset({Kind.YES, Kind.ACK}): Kind.ACK,
    frozenset({Kind.YES, Kind.PRESENT}): Kind.PRESENT,
    frozenset({Kind.ACK, Kind.PRESENT}): Kind.PRESENT,
    frozenset({Kind.NO, Kind.ABSENT}): Kind.ABSENT,
    frozenset({Kind.ACK, Kind.ABSENT}): Kind.ABSENT,
    frozenset({Kind.ACK, Kind.NO}): Kind.NO,
    frozenset({Kind.ABSENT, Kind.PROXY}): Kind.PROXY,
    frozenset({Kind.NO, Kind.PROXY}): Kind.PROXY,
    frozenset({Kind.NO, Kind.ABSENT, Kind.PROXY}): Kind.PROXY,
    frozenset({Kind.ACK, Kind.ABSENT, Kind.PROXY}): Kind.PROXY,
}  # fmt: skip
#: A message longer than this (words) says more than one thing.
_MOST_WORDS: Final = 90
#: More characters than any SMS has are not read (one may be a whole phrase, spelt out).
_LONGEST: Final = 3_000
_GAP: Final = r"[\W_]+"
#: What a town's name may be said with, and without.
_LEADING: Final = re.compile(
    r"^(?:(?:mairie|commune|ville|village) (?:de|du|des|d) )?(?:l[ae]s? |l )?"
)
_TO: Final = r"(?:\b(?:mairie|commune|ville|village) (?:de |du |des |d\W))?(?:\b(?:l[ae]s? |l\W))?"
#: The purposes a STOP may name, as the consents call them; other lists stand as written.
_PURPOSES: Final = {"alerte": "ALERTE", "alertes": "ALERTE", "service": "SERVICE",
                    "information": "INFORMATION", "informations": "INFORMATION"}  # fmt: skip


def understand(text: str) -> Reply:
    """Return what a reply says; `Kind.FREE` where a human must read it."""
    if in_danger(plain(text)):
        return Reply(Kind.DISTRESS)
    signs_said = said(text)
    found = words(signs_said)
    if len(found) > _MOST_WORDS:
        return _FREE
    return _enrolment(text) or _answer(signs_said, found) or _spelt_stop(signs_said) or _FREE


def to_us(text: str, ours: Sequence[str]) -> Reply | None:
    """Return the STOP, or DEBUT, of a text that says to whom: « STOP La Redorte »; else None.

    ``ours`` is how whoever writes to them is called: the town's name, its signature. Any other
    word beside these, and a human reads it.
    """
    bare = flat(said(text))[:_LONGEST]
    called = {name for one in ours if (name := _LEADING.sub("", " ".join(_words(one))))}
    for name in sorted(called, key=len, reverse=True):
        bare = re.sub(rf"{_TO}\b{_GAP.join(map(_spelt, name.split()))}\b", "la mairie", bare)
    reply = understand(bare)
    return reply if reply.kind in {Kind.STOP, Kind.START} else None


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", flat(name))


def _spelt(word: str) -> str:
    """Return how a word of a town's name may be written."""
    return {"saint": "s(?:ain)?t", "st": "s(?:ain)?t", "sainte": "s(?:ain)?te",
            "ste": "s(?:ain)?te"}.get(word, re.escape(word))  # fmt: skip


def _spelt_stop(text: str) -> Reply | None:
    """Return the STOP of a text that says it once it is spelt as one: « S T O P », « STOPSMS »."""
    plainly = with_plain_stop(text)
    if plainly == text:
        return None
    reply = _answer(plainly, words(plainly))
    return reply if reply is not None and reply.kind is Kind.STOP else None


def plain(text: str) -> str:
    """Return a text as danger is looked for in it: no case, accents or signs, shorthand spelt."""
    bare = re.sub(r"([a-z])\1{2,}", r"\1", re.sub(r"[^\w]+|_", " ", flat(said(text))[:_LONGEST]))
    return " ".join(each for word in bare.split() for each in written_out(word))


def _enrolment(text: str) -> Reply | None:
    match = ENROLMENT.fullmatch(text)
    where = CLOSING.sub("", " ".join(match["where"].split())).strip() if match else ""
    return Reply(Kind.ENROL, where[:120]) if where and ADDRESS.search(plain(where)) else None


def _answer(text: str, found: Sequence[Word]) -> Reply | None:
    """Cut a text into phrases and return the one answer they make."""
    from gateway.reply_grammar import GRAMMAR  # its tables take a while to make: not at the start

    segments = GRAMMAR.segments(found)
    kind = _kind(segments) if segments else None
    if segments is None or kind is None or not _sound(segments, kind):
        return None
    codes = {text[word.start : word.end] for word in found if word.key == CODE}
    if codes:
        return Reply(kind, codes.pop()) if len(codes) == 1 and kind in _CODED else None
    return _detailed(kind, segments, text, found)


def _kind(segments: Sequence[Segment]) -> Kind | None:
    roles = {one.phrase.role for one in segments}
    kinds = frozenset(Kind(role) for role in roles if role in _KINDS)
    if not kinds:
        return Kind.ACK if roles & {"ok", "about", "thumb"} else None
    if "ok" in roles and kinds & _NOT_AFTER_OK:
        return None
    return next(iter(kinds)) if len(kinds) == 1 else _TOGETHER.get(kinds)


def _sound(segments: Sequence[Segment], kind: Kind) -> bool:
    """Whether everything beside an answer goes with it."""
    answers = {one.phrase.role for one in segments} & (_KINDS | {"ok"}) | {str(kind)}
    return (
        all(BESIDE.get(one.phrase.role, answers) & answers for one in segments)
        and _questions_sound(segments, kind)
        and _buts_sound(segments)
    )


def _questions_sound(segments: Sequence[Segment], kind: Kind) -> bool:
    """Whether a question mark stands only where one asks for something politely."""
    for place, one in enumerate(segments):
        if one.phrase.role == "asked":
            before = _asked_before(segments[:place])
            if before is None or not (before.asked or (before.role == kind and kind in _ASKED)):
                return False
    return True


def _asked_before(segments: Sequence[Segment]) -> Phrase | None:
    """Return what a question mark belongs to, courtesy between left out."""
    said_before = [one.phrase for one in segments if one.phrase.role not in _LIGHT]
    return said_before[-1] if said_before else None


def _buts_sound(segments: Sequence[Segment]) -> bool:
    """Whether a « mais » parts an answer from courtesy only, not from another answer."""
    roles = [one.phrase.role for one in segments]
    for place, role in enumerate(roles):
        if role == "but":
            before, after = set(roles[:place]), set(roles[place + 1 :])
            if before & _TELLING and after & _TELLING and not before & _TELLING <= _HEARD:
                return False
    return True


_LIGHT: Final = frozenset({"courtesy", "break", "aside"})
_KINDS: Final = frozenset(str(kind) for kind in Kind)
_TELLING: Final = _KINDS | {"ok"}
#: What may come before a « mais » and an answer.
_HEARD: Final = frozenset({"ack"})
_NOT_AFTER_OK: Final = frozenset({Kind.NO, Kind.STOP, Kind.START})


def _detailed(
    kind: Kind, segments: Sequence[Segment], text: str, found: Sequence[Word]
) -> Reply | None:
    """Add the list a STOP names, or who votes for a councillor."""
    details = {
        text[found[one.name[0]].start : found[one.name[1] - 1].end]
        for one in segments
        if one.phrase.role == kind and one.name
    }
    if len(details) > 1:
        return None
    detail = " ".join(details.pop().split()) if details else ""
    return Reply(kind, _PURPOSES.get(flat(detail), detail) if kind is Kind.STOP else detail)
