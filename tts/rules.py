"""What a reading rule is, and the rules every language shares: signs that nobody says.

Pure; imported by `tts.french`, `tts.english` and `tts.reading`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

#: A pattern, and what to say for it.
Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

#: Emoji and other pictures, marks without width, and whatever Unicode has not named.
_UNSAID: Final = frozenset({"So", "Sk", "Cf", "Cn", "Co", "Mn", "Me"})

MAIL: Final = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
SITE: Final = re.compile(r"\b(?:https?://)?(?:www\.)?(?:[a-z0-9-]+\.)+(?:com|eu|fr|net|org)\b")


def applied(rules: Iterable[Rule], text: str) -> str:
    """Return ``text`` after each rule in its order."""
    for pattern, said in rules:
        text = pattern.sub(said, text)
    return text


def _plain(match: re.Match[str]) -> str:
    """Return small raised letters as letters (Mᵐᵉ, 2ᵉ), and nothing for a picture."""
    char = match[0]
    raised = unicodedata.normalize("NFKC", char)
    if char != raised and raised.isalnum():
        return raised
    return "" if unicodedata.category(char) in _UNSAID else char


TYPOGRAPHY: Final[tuple[Rule, ...]] = (
    # a NUL would end the text for a C library; half a surrogate pair is no text at all
    (re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff\u00a0\u202f\u2009]"), " "),
    (re.compile("№"), "n°"),
    (re.compile("[^\n -\u024f\u0300-\u036f\u2010-\u2027\u2030-\u203a€→⇒➡]|[®©\u00ad]"), _plain),
    (re.compile("[\u2019\u2018\u02bc]"), "'"),
    (re.compile(r"^\s*[-–—•*·]\s+", re.MULTILINE), ""),  # a list's marks
    (re.compile('[«»“”„"*_#<>|\\\\~^`\\[\\]{}]'), " "),
    (re.compile(r"\s*[→⇒➡]\s*"), ", "),
    (re.compile("\u2026|\\.{2,}"), "."),
    (re.compile(r"(?<=[\dhH])\s?[\u2010-\u2015-]\s?(?=\d)"), "-"),
    (re.compile("\\s[\u2010-\u2015-]+\\s"), ", "),
    (re.compile("[\u2010-\u2015]"), "-"),
    (re.compile("\\s*\n\\s*\n\\s*"), ".\n"),
)

#: Last: what the rules before left of spaces.
TIDY: Final[tuple[Rule, ...]] = (
    (re.compile(r"[ ]+"), " "),
    (re.compile(r" (?=[.,])"), ""),
)
