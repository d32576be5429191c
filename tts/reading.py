"""What is written, turned into what is said, and cut where a reader breathes.

Job: choose the language's rules (`tts.french`, `tts.english`) and apply them. Not its job:
pronouncing words. Pure; imported by `tts.studio`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from tts import english, french
from tts.rules import TIDY, TYPOGRAPHY, Rule, applied

_RULES: Final[dict[str, tuple[Rule, ...]]] = {"fr": french.RULES, "en": english.RULES}
#: Languages with rules of their own; another is read by its signs only.
LANGUAGES: Final = tuple(_RULES)


def language_of(voice: str) -> str:
    """Return the language a voice speaks: ``en`` of ``en-gb``."""
    return voice.rpartition("/")[2].partition("-")[0].lower()


def spoken(text: str, language: str = "fr") -> str:
    """Return ``text`` as it is to be said; idempotent on what is already words."""
    # a decomposed é (macOS) is two signs no rule would know
    text = applied(TYPOGRAPHY, unicodedata.normalize("NFC", text))
    return applied((*_RULES.get(language, ()), *TIDY), text).strip()


def sentences(text: str) -> tuple[str, ...]:
    """Cut what `spoken` returned where a reader breathes: after . ! ? and at line ends."""
    parts = re.split(r"(?<=[.!?])\s+|\s*\n+\s*", text)
    return tuple(part for part in map(str.strip, parts) if re.search(r"\w", part))
