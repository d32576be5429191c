"""All tables of replies made one grammar, and what may stand freely in its phrases. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from gateway import reply_names as names
from gateway.reply_answers import ANSWER_CLASSES, ANSWERS
from gateway.reply_parsing import Grammar, Reach, compared
from gateway.reply_phrases import CORE
from gateway.reply_roles import COSTS, ROLE_CLASSES, ROLES
from gateway.reply_spelling import BREAKS, CODE, HOUR, PHONE, Word
from gateway.reply_words import CLASSES, DOUBT, PURPOSES, THEMES

#: Words a loose stretch, a whole name and what follows a title may hold at most.
_TAIL: Final = 6
_NAME: Final = 4
_AFTER: Final = 3


def _keys(line: str) -> frozenset[str]:
    return frozenset(word for each in line.split() for word in compared(each))


def _written(phrases: Mapping[str, Sequence[str]]) -> str:
    return " ".join(
        one
        for lines in phrases.values()
        for line in lines
        for item in line.split()
        for one in item.strip("*?").split("/")
        if not one.startswith("@")
    )


_MARKS: Final = BREAKS | {CODE, PHONE, HOUR, ">"}
_CLASSES: Final = {**CLASSES, **ANSWER_CLASSES, **ROLE_CLASSES}
_FIRST: Final = _keys(names.FIRST_NAMES)
_TITLE: Final = _keys(names.TITLES)
_PARTICLE: Final = _keys(names.PARTICLES)
_COMMON: Final = _keys(names.COMMON)
_CHAIR: Final = (("le", "mair"), ("l", "adjoint"), ("le", "president"))
_DOUBTFUL: Final = _keys(
    f"{DOUBT} {CLASSES['leave']} {CLASSES['join']} {CLASSES['cease']} {CLASSES['remove']}"
)
#: What no name is, even after a title.
_SPOKEN: Final = _COMMON | _DOUBTFUL | _MARKS | _keys(
    f"{_written(CORE)} {_written(ANSWERS)} "
    f"{CLASSES['send']} {CLASSES['want']} {CLASSES['leave']} {CLASSES['join']} "
    f"{CLASSES['remove']} {CLASSES['cease']} {CLASSES['message']} {CLASSES['day']} "
    f"{CLASSES['ne']} {CLASSES['am']} {ROLE_CLASSES['bye']} {CLASSES['again']}"
) - _keys(names.SURNAMES)  # fmt: skip
#: What no name is that has neither title nor first name.
_KNOWN: Final = _SPOKEN | _keys(
    " ".join((*_CLASSES.values(), _written(CORE), _written(ANSWERS), _written(ROLES), THEMES))
)
_ENGLISH_AND: Final = frozenset({"et", "and"})


def tail(words: Sequence[Word], start: int) -> list[int]:
    """Reach over up to six words that hold no doubt and no answer."""
    ends: list[int] = []
    for place in range(start, min(start + _TAIL, len(words))):
        if words[place].key in _DOUBTFUL or words[place].key in _MARKS:
            break
        ends.append(place + 1)
    return ends


def _nameable(words: Sequence[Word], place: int, unlike: frozenset[str]) -> bool:
    key = words[place].key
    return (key in _FIRST or key not in unlike) and not key[0].isdigit()


def _run(words: Sequence[Word], start: int, most: int, unlike: frozenset[str]) -> list[int]:
    """Reach over name after name, particles between them."""
    ends: list[int] = []
    for place in range(start, min(start + most, len(words))):
        if _nameable(words, place, unlike):
            ends.append(place + 1)
        elif words[place].key not in _PARTICLE:
            break
    return ends


def signed(words: Sequence[Word], start: int) -> list[int]:
    """Reach over a name that shows it is one: by title, first name or initial."""
    if start >= len(words):
        return []
    key = words[start].key
    if key in _TITLE or key.endswith("."):
        return _chair(words, start + 1) or _titled(words, start + 1)
    return [start + 1, *_run(words, start + 1, _AFTER, _KNOWN)] if key in _FIRST else []


def _titled(words: Sequence[Word], start: int) -> list[int]:
    """Reach over what follows a title: first a name that may be a known word, too."""
    for word in words[start : start + _AFTER]:
        if word.key not in _TITLE and not word.key.endswith("."):
            break
        start += 1
    return _run(words, start, _NAME + 1, _SPOKEN)


def _chair(words: Sequence[Word], start: int) -> list[int]:
    there = tuple(word.key for word in words[start : start + 2])
    return [start + 2] if there in _CHAIR else []


def named(words: Sequence[Word], start: int) -> list[int]:
    """Reach over a name where one is expected."""
    if ends := signed(words, start):
        return ends
    if start < len(words) and words[start].key in _PARTICLE:
        return []
    return _run(words, start, _NAME, _KNOWN)


def unknown(words: Sequence[Word], start: int) -> list[int]:
    """Reach over one word of any sort."""
    return [start + 1] if start < len(words) and words[start].key not in _MARKS else []


def theme(words: Sequence[Word], start: int) -> list[int]:
    """Reach over the name of one of a town's lists."""
    return [start + 1] if start < len(words) and words[start].key in _THEMES else []


def purpose(words: Sequence[Word], start: int) -> list[int]:
    """Reach over what messages are sent for: alerts, services, information."""
    return [start + 1] if start < len(words) and words[start].key in _PURPOSES else []


def day_of_month(words: Sequence[Word], start: int) -> list[int]:
    """Reach over a day's number."""
    key = words[start].key if start < len(words) else ""
    day = key.isdecimal() and len(key) <= len("31") and 1 <= int(key) <= _MOST_DAYS
    return [start + 1] if day or key == "1er" else []


_MOST_DAYS: Final = 31
_PURPOSES: Final = _keys(" ".join(PURPOSES))
_THEMES: Final = _keys(THEMES)
FREE: Final[dict[str, Reach]] = {
    "~": tail, "NAME": named, "NAMED": named, "SIGNED": signed, "WORD": unknown, "THEME": theme,
    "PURPOSE": purpose, "NUM": day_of_month,
}  # fmt: skip
GRAMMAR: Final = Grammar({**CORE, **ANSWERS, **ROLES}, _CLASSES, FREE, COSTS)
