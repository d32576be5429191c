"""The guides as sections: an address for each, a table of contents, and a search. Pure.

The search asks for all words, whatever their case and accents; it works without JavaScript.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup

HELP: Final = Path(__file__).parent / "help"
PICTURES: Final = HELP / "pictures"
_HEAD: Final = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)
_LINK: Final = re.compile(r'<a href="(?P<path>/[^"#]*)[^"]*">(?P<words>.*?)</a>', re.DOTALL)
#: Where `make guide` writes: for us, not for the reader.
_NOTE: Final = re.compile(r"\{#.*?#\}\n?")
#: Characters of a section shown around the first word found.
_SHOWN: Final = 220
#: Words people bring from elsewhere, folded, and those of the guides.
_ALSO: Final = {
    "quota": ("forfait",), "facture": ("consommation",), "facturation": ("consommation",),
    "mdp": ("mot de passe",), "puce": ("sim",), "annuaire": ("carnet",), "mail": ("courriel",),
    "email": ("courriel",), "annuler": ("arreter", "reprendre"), "erreur": ("rectificatif",),
    "desabonner": ("stop",), "desinscrire": ("stop",), "wifi": ("internet",),
    "brouillon": ("message commence",), "scenario": ("message pret",), "modele": ("message pret",),
    "fusionner": ("en double",), "consentement": ("accord",), "horaire": ("heures",),
    "horaires": ("heures",), "enregistrement": ("enregistre",),
    "canicule": ("registre",), "texto": ("sms",), "relais": ("serveur de courriel",),
}  # fmt: skip
#: Letters of a word that tells what somebody looks for; and sections shown that have most of them.
_TELLING: Final = 4
_NEAR: Final = 4
#: Words of a question that are looked for; the rest is left out.
_MOST_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a guide: its anchor, heading, and words without marks."""

    anchor: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A section that has all the words; they are marked in the heading and the extract."""

    anchor: str
    heading: Markup
    extract: Markup


@cache
def sections(file: str) -> tuple[Section, ...]:
    """Return the sections of a guide in their order."""
    parts = _HEAD.split(_read(file))
    return tuple(
        Section(_anchor(_plain(head)), _plain(head), _plain(body))
        for head, body in zip(parts[1::2], parts[2::2], strict=True)
    )


@cache
def whole(file: str) -> Markup:
    """Return a guide with an anchor at each of its headings."""
    text = _read(file)
    made = _HEAD.sub(lambda m: f'<h2 id="{_anchor(_plain(m[1]))}">{m[1]}</h2>', text)
    return Markup(made)  # noqa: S704  ours, from the package


def linked(file: str, shut: Collection[str]) -> Markup:
    """Return a guide whose links to the pages ``shut`` are plain words."""
    text = whole(file)
    made = _LINK.sub(lambda m: m["words"] if m["path"] in shut else m[0], text)
    return Markup(made)  # noqa: S704  ours, from the package


def _read(file: str) -> str:
    return _NOTE.sub("", (HELP / file).read_text(encoding="utf-8"))


def pictures(file: str) -> list[str]:
    """Return the names of the pictures that a guide shows."""
    text = _read(file)
    return re.findall(r'src="/aide/images/([a-z-]+\.webp)"', text)


def search(file: str, asked: str) -> list[Found]:
    """Return the sections that have all words asked for, in their heading or side by side first."""
    words = [fold(one) for one in re.findall(r"\w+", asked)][:_MOST_WORDS]
    if not words:
        return []
    hits = []
    for one in sections(file):
        heading, text = fold(one.heading), fold(f"{one.heading} {one.text}")
        if all(any(_begins(way, text) for way in _ways(word)) for word in words):
            apart = " ".join(words) not in text
            hits.append((apart, sum(not _begins(word, heading) for word in words), one))
    return [_found(one, words) for *_, one in sorted(hits, key=lambda hit: hit[:2])]


def nearest(file: str, asked: str) -> list[Found]:
    """Return the few sections that have most of the words asked for, where none has them all."""
    words = [one for one in map(fold, re.findall(r"\w+", asked)) if len(one) >= _TELLING]
    counts = [
        (sum(any(_begins(way, text) for way in _ways(word)) for word in words), one)
        for one in sections(file)
        for text in (fold(f"{one.heading} {one.text}"),)
    ]
    best = sorted((pair for pair in counts if pair[0]), key=lambda pair: -pair[0])
    return [_found(one, words) for _, one in best[:_NEAR]]


def _begins(word: str, text: str) -> bool:
    """Tell whether a word of ``text`` begins so."""
    return re.search(rf"\b{re.escape(word)}", text) is not None


def _ways(word: str) -> tuple[str, ...]:
    """Return a word and what the guides call the same thing."""
    return (word, *_ALSO.get(word, ()))


def _found(one: Section, words: list[str]) -> Found:
    shown = [way for word in words for way in _ways(word)]
    return Found(one.anchor, _marked(one.heading, shown), _marked(_around(one.text, shown), shown))


def fold(text: str) -> str:
    """Return a text without case and accents, character for character."""
    return "".join(unicodedata.normalize("NFD", char)[0].lower()[:1] or char for char in text)


def _around(text: str, words: list[str]) -> str:
    """Return the part of a text around the first word in it."""
    places = [at for word in words if (at := fold(text).find(word)) >= 0]
    begin = max(0, min(places, default=0) - 60)
    begin = text.rfind(" ", 0, begin) + 1 if begin else 0
    end = begin + _SHOWN
    end = (text.find(" ", end) if end < len(text) else -1) if end < len(text) else len(text)
    end = end if end > 0 else len(text)
    return f"{'… ' if begin else ''}{text[begin:end]}{' …' if end < len(text) else ''}"


def _marked(text: str, words: list[str]) -> Markup:
    folded, marked = fold(text), [False] * len(text)
    for word in words:
        for at in (m.start() for m in re.finditer(rf"\b{re.escape(word)}", folded)):
            marked[at : at + len(word)] = [True] * len(word)
    pieces, begin = [], 0
    for at in range(1, len(text) + 1):
        if at == len(text) or marked[at] != marked[begin]:
            shown = html.escape(text[begin:at])
            pieces.append(f"<mark>{shown}</mark>" if marked[begin] else shown)
            begin = at
    return Markup("".join(pieces))  # noqa: S704  escaped piece by piece


def _plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(heading)).strip("-")
