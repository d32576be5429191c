"""Launching an alert by telephone: what is asked, where a dialogue stands, who is held off. Pure.

Nothing here trusts the number a call or an SMS seems to come from: a PIN goes first, and a fresh
code, told to that very telephone, goes before whatever cannot be undone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.replies import Kind, understand

#: Seconds a question for the PIN, and a fresh code, may be answered.
LIFE: Final = 600.0
#: Seconds after a right PIN in which `ANNULE` asks for no other.
PROVED: Final = 1800.0
#: Wrong PINs of one number, then it is held off for so long (seconds). After the first time each
#: wrong one holds it off again, until a right one or another launcher's word: 99 tries a day.
MOST_WRONG: Final = 3
LOCK: Final = 900.0
#: Wrong PINs older than this (seconds) are forgotten.
MEMORY: Final = 86400.0
#: What an unproved number is answered at most within a quarter of an hour: SMS cost money.
MOST_ANSWERS: Final = 10
#: SMS of warning that the other launchers of a town get at most within an hour.
MOST_WARNINGS: Final = 6
_QUARTER: Final = 900.0
_HOUR: Final = 3600.0
#: Wrong codes, then the dialogue is over.
MOST_WRONG_CODES: Final = 3


class Aim(StrEnum):
    """What a dialogue is for."""

    LAUNCH = "launch"
    CANCEL = "cancel"
    LIFT = "lift"  # another number is held off, and should not be


class Step(StrEnum):
    """What the person was asked last."""

    PIN = "pin"
    CHOICE = "choice"  # the list was sent: which one?
    CONFIRM = "confirm"  # all was read back, with a fresh code
    DONE = "done"
    DROPPED = "dropped"  # refused, too many wrong codes, or something else was asked for


MOVES: Final[Mapping[Step, frozenset[Step]]] = {
    Step.PIN: frozenset({Step.CHOICE, Step.CONFIRM, Step.DROPPED}),
    Step.CHOICE: frozenset({Step.CONFIRM, Step.DROPPED}),
    Step.CONFIRM: frozenset({Step.DONE, Step.DROPPED}),
    Step.DONE: frozenset(),
    Step.DROPPED: frozenset(),
}


class Event(StrEnum):
    """What is written down of a number."""

    PENDING = "pending"  # a PIN is being compared: counts as wrong until it was right
    WRONG = "wrong"
    RIGHT = "right"
    LIFTED = "lifted"
    CODE = "wrong_code"
    ANSWERED = "answered"  # it was answered without having proved anything
    WARNED = "warned"  # the others were told of a wrong PIN
    LOCKED = "locked"  # the others were told that it is held off


@dataclass(frozen=True, slots=True)
class Try:
    """One of them, and when (seconds since 1970)."""

    what: Event
    at: float


def _wrong(tries: Sequence[Try], now: float) -> list[float]:
    """Return when each wrong PIN was given since the last right one, the oldest first."""
    found: list[float] = []
    for one in tries:
        if one.what in {Event.WRONG, Event.PENDING} and one.at > now - MEMORY:
            found.append(one.at)
        elif one.what in {Event.RIGHT, Event.LIFTED}:
            found.clear()
    return found


def locked_until(tries: Sequence[Try], now: float) -> float | None:
    """Return until when a number is held off; None: it is not. ``tries``: the oldest first."""
    wrong = _wrong(tries, now)
    if len(wrong) < MOST_WRONG or wrong[-1] + LOCK <= now:
        return None
    return wrong[-1] + LOCK


def tries_left(tries: Sequence[Try], now: float) -> int:
    """Return how many PINs may still be wrong before a number is held off."""
    return max(MOST_WRONG - len(_wrong(tries, now)), 0)


def is_proved(tries: Sequence[Try], now: float) -> bool:
    """Tell whether a number has given its PIN a short while ago."""
    return any(one.what is Event.RIGHT and one.at > now - PROVED for one in tries)


def may_answer(tries: Sequence[Try], now: float) -> bool:
    """Tell whether a number that has proved nothing is answered once more."""
    lately = [one for one in tries if one.what is Event.ANSWERED and one.at > now - _QUARTER]
    return len(lately) < MOST_ANSWERS


def may_warn(what: Event, of_number: Sequence[Try], of_town: Sequence[Try], now: float) -> bool:
    """Tell whether the other launchers are told of a wrong PIN or a lock: once in its time."""
    known = {Event.WARNED, Event.LOCKED} if what is Event.WARNED else {Event.LOCKED}
    if any(one.what in known and one.at > now - _QUARTER for one in of_number):
        return False
    told = [one for one in of_town if one.what in {Event.WARNED, Event.LOCKED}]
    return sum(one.at > now - _HOUR for one in told) < MOST_WARNINGS


#: Seconds after a launch at which it is told how far it got; the last is told at its end.
MOMENTS: Final = (300.0, 900.0)
AT_END: Final = len(MOMENTS) + 1


def progress_due(launched_at: float, told: int, now: float, *, over: bool) -> int | None:
    """Return which progress text is due (1, 2, `AT_END`), the last of several; None: none."""
    if over:
        return AT_END if told < AT_END else None
    due = sum(now >= launched_at + moment for moment in MOMENTS)
    return due if due > told else None


# --- what is said ---------------------------------------------------------------------------


class Word(StrEnum):
    """What somebody asks for."""

    LIST = "list"
    SCENARIO = "scenario"  # by its word
    NUMBER = "number"  # by its place in the list; ``bare``: the digits alone
    DIGITS = "digits"  # a PIN or a code, whatever was asked
    YES = "yes"
    NO = "no"
    STATUS = "status"
    CANCEL = "cancel"
    LIFT = "lift"


@dataclass(frozen=True, slots=True)
class Said:
    """What an SMS asks for, with the PIN it carries where it does."""

    word: Word
    detail: str = ""
    pin: str = ""
    bare: bool = False


#: Said around a request, and no part of it.
_COURTESY: Final = frozenset({
    "bonjour", "bonsoir", "bjr", "bsr", "salut", "svp", "stp", "merci", "please", "s", "il",
    "vous", "te", "plait", "la", "le", "les", "l", "un", "une", "tocsin", "mairie", "urgent",
    "vite", "pin", "code",
})  # fmt: skip
_LISTS: Final = frozenset({"liste", "listes", "alerte", "alertes", "scenario", "scenarios"})
_STATUS: Final = frozenset({"etat", "etats", "statut", "status"})
_CANCEL: Final = frozenset({
    "annule", "annuler", "annulez", "annulation", "anule", "anuler", "cancel",
})  # fmt: skip
_WORDS: Final[Mapping[str, Word]] = {
    **dict.fromkeys(_LISTS, Word.LIST), **dict.fromkeys(_STATUS, Word.STATUS),
    **dict.fromkeys(_CANCEL, Word.CANCEL),
}  # fmt: skip
_LAUNCH: Final = frozenset({"alerte", "alertes", "lance", "lancer", "lancez", "declenche"})
_LIFT: Final = frozenset({"leve", "lever", "levez", "debloque", "debloquer", "debloquez"})
#: Words that mean something in any town, and so launch nothing.
RESERVED: Final = frozenset({*_WORDS, *_LAUNCH, *_LIFT, *_COURTESY, "aide"})
_SECRET: Final = re.compile(r"\d{4,8}")
#: A PIN however it is cut; a telephone's ten digits are none.
_HIDDEN: Final = re.compile(
    r"(?<!\d)(?<!\d[ .-])\d(?:[ .-]?\d){3,7}(?![ .-]?\d)|(?<!\d)\d{4,8}(?!\d)"
)
_PLACE: Final = re.compile(r"\d{1,2}")
_TELEPHONE: Final = re.compile(r"0\d{9}|(?:00)?\d{11,12}")


def folded(text: str) -> list[str]:
    """Return the words of a text without case, accents or signs."""
    flat = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    bare = "".join(sign for sign in flat if not unicodedata.combining(sign))
    return re.findall(r"[a-z]+|\d+", bare)


def is_word(word: str) -> bool:
    """Tell whether a word (folded) may launch a scenario: letters, and no other meaning."""
    if not re.fullmatch(r"[a-z]{2,20}", word) or word in RESERVED:
        return False
    return understand(word).kind in {Kind.FREE, Kind.DISTRESS}


def read(text: str, known: Collection[str]) -> Said | None:
    """Return what an SMS asks for; ``known`` are the words of scenarios. None: something else."""
    words = [one for one in folded(text) if one not in _COURTESY]
    if words and words[0] in _LIFT:
        return _lifting(words[1:])
    pin = words.pop() if words and _SECRET.fullmatch(words[-1]) else ""
    if not words:
        return Said(Word.DIGITS, pin=pin) if pin else None
    return _command(words, pin, known) or _answer(text)


def without_town(text: str, town: str) -> str:
    """Return an SMS without the name of a town, empty where it does not name it."""
    words, name = folded(text), set(folded(town))
    if not name or not name - _COURTESY <= set(words):
        return ""
    return " ".join(one for one in words if one not in name)


def _command(words: Sequence[str], pin: str, known: Collection[str]) -> Said | None:
    if len(words) == 1 and words[0] in known:
        return Said(Word.SCENARIO, words[0], pin)
    if len(words) == 1 and words[0] in _WORDS:
        return Said(_WORDS[words[0]], "", pin)
    if len(words) == 1 and _PLACE.fullmatch(words[0]) and not pin:
        return Said(Word.NUMBER, words[0], bare=True)
    if len(words) != 2:
        return None
    first, last = words
    if first in _LAUNCH and last in known:
        return Said(Word.SCENARIO, last, pin)
    if first in _LAUNCH and _PLACE.fullmatch(last):
        return Said(Word.NUMBER, last, pin)
    if _WORDS.get(first) is Word.CANCEL and last in {"alerte", "envoi"}:
        return Said(Word.CANCEL, "", pin)
    return None


def _answer(text: str) -> Said | None:
    reply = understand(text)
    if reply.kind is Kind.NO:
        return Said(Word.NO, reply.detail)
    if reply.kind is Kind.YES or (reply.kind is Kind.ACK and reply.detail):
        return Said(Word.YES, reply.detail)
    return None


def _lifting(words: Sequence[str]) -> Said | None:
    """Read which number is to be let in again, and the PIN behind it."""
    if not all(one.isdigit() for one in words):
        return None
    for digits, pin in (("".join(words), ""), ("".join(words[:-1]), "".join(words[-1:]))):
        if _TELEPHONE.fullmatch(digits) and (not pin or _SECRET.fullmatch(pin)):
            return Said(Word.LIFT, digits, pin)
    return None


def concealed(text: str) -> str:
    """Return an SMS as it is kept: without what may be a PIN."""
    return _HIDDEN.sub("••••", text)


def carries_pin(text: str, known: Collection[str]) -> bool:
    """Tell whether an SMS asks for a launch with a PIN, whoever writes: a phone may be lent."""
    asked = read(text, known)
    return asked is not None and bool(asked.pin) and asked.word is not Word.DIGITS
