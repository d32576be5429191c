"""Phrases as a table writes them, and how a text is cut into them. Pure.

A phrase is a line of items apart by spaces: ``merci`` a word, ``merci/svp`` one or the other,
``je_veux`` two words as one item, ``@send`` a class of words, ``*message`` a word with any articles
before it, ``word?`` what may be missing, ``NAME`` somebody's name, ``WORD`` any single word that
nothing else uses, ``~`` up to six words that say nothing of their own. A line that begins with
``?`` may be asked with a question mark.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.reply_spelling import Word, flat, key, written_out

#: A stretch of words, and what stands for a name or a list in it (from, to).
Span = tuple[int, int]
#: Ways of saying one item, by their first word.
Alternatives = Mapping[str, tuple[tuple[str, ...], ...]]
#: How far from a place something may reach: says where it may end.
Reach = Callable[[Sequence[Word], int], Sequence[int]]
#: What a phrase costs: of two ways to read a text the cheaper is meant, the shorter among like.
_COST: Final = 10
_LOOSE: Final = 5


@dataclass(frozen=True, slots=True)
class Item:
    """One place of a phrase: alternatives by their first word, or what reaches freely."""

    words: Alternatives
    optional: bool = False
    articles: bool = False
    free: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A line of the table: what role it plays, and whether it may be asked."""

    role: str
    items: tuple[Item, ...]
    asked: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A phrase found in a text: its place, and the place of the name in it, if any."""

    phrase: Phrase
    span: Span
    name: Span | None = None


class Grammar:
    """All phrases by the word they may begin with."""

    def __init__(
        self,
        phrases: Mapping[str, Sequence[str]],
        classes: Mapping[str, str],
        free: Mapping[str, Reach],
        costs: Mapping[str, int],
    ) -> None:
        self._costs = costs
        self._classes = {name: _alternatives(line.split()) for name, line in classes.items()}
        self._articles = frozenset(self._classes["the"])
        self._free = free
        self._by_word: dict[str, list[Phrase]] = {}
        self._anywhere: list[Phrase] = []
        for role, lines in phrases.items():
            for line in lines:
                self._index(self._phrase(role, line))

    def segments(self, words: Sequence[Word]) -> list[Segment] | None:
        """Cut a text into the fewest phrases; None where something is left over."""
        best: list[tuple[int, Segment | None] | None] = [(0, None), *([None] * len(words))]
        for start in range(len(words)):
            if (here := best[start]) is not None:
                for one in self._at(words, start):
                    cost = here[0] + self._cost(one)
                    there = best[one.span[1]]
                    if there is None or cost < there[0]:
                        best[one.span[1]] = (cost, one)
        return _way_back(best)

    def _cost(self, one: Segment) -> int:
        loose = one.phrase.items[-1].free == "~" and one.name is not None
        named = one.name is not None and not loose
        return _COST + self._costs.get(one.phrase.role, 0) + (_LOOSE if loose else 0) - named

    def _at(self, words: Sequence[Word], start: int) -> list[Segment]:
        """Return what may begin here."""
        found = []
        for phrase in (*self._by_word.get(words[start].key, ()), *self._anywhere):
            for end, name in self._ends(phrase.items, words, start):
                if end > start:
                    found.append(Segment(phrase, (start, end), name))
        return found

    def _ends(
        self, items: Sequence[Item], words: Sequence[Word], start: int
    ) -> set[tuple[int, Span | None]]:
        """Return where a phrase that begins here may end: all ways at once, no way twice."""
        at: set[tuple[int, Span | None]] = {(start, None)}
        for item in items:
            after = self._named(item, words, at) if item.free else self._spoken(item, words, at)
            if item.optional:
                at = at | after if after else at
            elif after:
                at = after
            else:
                return after
        return at

    def _named(
        self, item: Item, words: Sequence[Word], at: set[tuple[int, Span | None]]
    ) -> set[tuple[int, Span | None]]:
        reach = self._free[item.free]
        return {(end, (place, end)) for place, _ in at for end in reach(words, place)}

    def _spoken(
        self, item: Item, words: Sequence[Word], at: set[tuple[int, Span | None]]
    ) -> set[tuple[int, Span | None]]:
        if item.articles:
            at = {(here, name) for place, name in at for here in self._past_articles(words, place)}
        found: set[tuple[int, Span | None]] = set()
        last = len(words)
        for place, name in at:
            if place < last and (ways := item.words.get(words[place].key)):
                # the first word of each way is the one it was found by
                found.update(
                    (place + len(one), name)
                    for one in ways
                    if len(one) == 1 or _stands(one, words, place)
                )
        return found

    def _past_articles(self, words: Sequence[Word], place: int) -> list[int]:
        places = [place]
        while place < len(words) and words[place].key in self._articles:
            place += 1
            places.append(place)
        return places

    def _index(self, phrase: Phrase) -> None:
        first: set[str] = set()
        for item in phrase.items:
            if item.free:
                self._anywhere.append(phrase)
                return
            first.update(item.words, self._articles if item.articles else ())
            if not item.optional:
                break
        for word in first:
            self._by_word.setdefault(word, []).append(phrase)

    def _phrase(self, role: str, line: str) -> Phrase:
        items = line.removeprefix("?").split()
        return Phrase(role, tuple(self._item(one) for one in items), line.startswith("?"))

    def _item(self, written: str) -> Item:
        bare = written.rstrip("?")
        optional, articles = bare != written, bare.startswith("*")
        bare = bare.removeprefix("*")
        if bare in self._free:
            return Item({}, optional, free=bare)
        return Item(self._spelt_out(bare), optional, articles)

    def _spelt_out(self, written: str) -> Alternatives:
        """Return the alternatives of an item, those of its classes among them."""
        found: dict[str, tuple[tuple[str, ...], ...]] = {}
        for one in written.split("/"):
            of_class = self._classes.get(one[1:]) if one.startswith("@") else None
            for word, ways in (of_class or _alternatives([one])).items():
                found[word] = (*found.get(word, ()), *ways)
        return found


def _alternatives(written: Sequence[str]) -> Alternatives:
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for one in written:
        keys = compared(one)
        found[keys[0]] = (*found.get(keys[0], ()), keys)
    return found


def compared(written: str) -> tuple[str, ...]:
    """Return the keys of one item of a table."""
    if not any(sign.isalnum() for sign in written) or written.startswith("@") or "/" in written:
        return (written,)
    return tuple(key(each) for word in written.split("_") for each in written_out(flat(word)))


def _stands(one: Sequence[str], words: Sequence[Word], place: int) -> bool:
    """Tell whether a way of several words, found by its first one, stands here whole."""
    if place + len(one) > len(words) or one[1] != words[place + 1].key:  # as nearly always
        return False
    return all(one[at] == words[place + at].key for at in range(2, len(one)))


def _way_back(best: Sequence[tuple[int, Segment | None] | None]) -> list[Segment] | None:
    way: list[Segment] = []
    place = len(best) - 1
    while place:
        here = best[place]
        if here is None or here[1] is None:
            return None
        way.append(here[1])
        place = here[1].span[0]
    return way[::-1]
