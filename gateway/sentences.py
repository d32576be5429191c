"""French sentences that a page can say in its reader's language. Imports nothing of ours.

A `Sentence` is its finished French, a plain string to whoever logs, texts or stores it; it also
carries what it was made of, with which `web.pages` says it anew from the catalogue. Not its job:
to know any other language.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Self, TypeVar

#: Where singular ends in French: *0 personne*, *1,5 heure*, *2 personnes*.
_PLURAL_FROM: Final = 2
_Table = TypeVar("_Table")


class Sentence(str):
    """A French sentence, finished, with the ``template`` and ``values`` it was made of.

    ``plural``: the template for many, for which ``values["n"]`` decides; empty where none is.
    """

    __slots__ = ("plural", "template", "values")
    template: str
    plural: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any], plural: str = "") -> Self:
        """Finish the sentence; raises KeyError for a field that has no value."""
        kept = {name: _lasting(value) for name, value in values.items()}
        many = plural and kept["n"] >= _PLURAL_FROM
        made = super().__new__(cls, _filled(plural if many else template, kept))
        made.template, made.plural, made.values = template, plural, kept
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process, and into a copy, whole."""
        return Sentence, (self.template, dict(self.values), self.plural)

    def said(self, one: Callable[[str], str], many: Callable[[str, str, Any], str]) -> str:
        """Return it in the language of two translators: of a text, and of a pair by number."""
        values = {
            name: value.said(one, many) if isinstance(value, Sentence) else value
            for name, value in self.values.items()
        }
        if self.plural:
            return _filled(many(self.template, self.plural, values["n"]), values)
        return _filled(one(self.template) if self.template else "", values)


def fr(template: str, /, **values: Any) -> Sentence:
    """Return the sentence ``template`` makes with its values: ``fr("« {name} » existe déjà.", …)``.

    The template is a literal, for the catalogue to find it. A value may be a sentence itself.
    """
    return Sentence(template, values)


def fr_many(one: str, many: str, n: int, /, **values: Any) -> Sentence:
    """Return the sentence for ``n``: ``fr_many("{n} ligne", "{n} lignes", 3)``."""
    return Sentence(one, {**values, "n": n}, many)


def fr_all(table: _Table) -> _Table:
    """Return a table of literals (tuples, lists, values of mappings) as one of sentences."""
    return _each(table)  # type: ignore[no-any-return]


def glued(template: str, /, **values: Any) -> Sentence:
    """Return sentences put together without a word added: ``glued("{what!c} ({who})", …)``.

    ``!c`` begins a value with a capital.
    """
    return Sentence(template, values)


def listed(between: str, parts: Iterable[str]) -> Sentence:
    """Return sentences one after another, as ``between.join(parts)`` does."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    template = between.replace("{", "{{").replace("}", "}}").join(f"{{{name}}}" for name in values)
    return Sentence(template, values)


def sentence(text: str) -> Sentence:
    """Return ``text`` as a sentence: itself, if it is one."""
    return text if isinstance(text, Sentence) else Sentence(text, {})


def packed(text: str) -> Any:
    """Return a sentence as JSON can carry it, for `unpacked`; a plain text is itself."""
    if not isinstance(text, Sentence):
        return text
    values = {name: packed(v) if isinstance(v, str) else v for name, v in text.values.items()}
    return [text.template, values, text.plural]


def unpacked(data: Any) -> str:
    """Return what `packed` took."""
    if isinstance(data, str):
        return data
    template, values, plural = data
    kept = {name: unpacked(v) if isinstance(v, list) else v for name, v in values.items()}
    return Sentence(template, kept, plural)


class _Filler(string.Formatter):
    """Fills templates as `str.format` does; ``{said!c}`` begins with a capital."""

    def convert_field(self, value: Any, conversion: Any) -> Any:
        if conversion == "c":
            return f"{value[:1].upper()}{value[1:]}"
        return super().convert_field(value, conversion)


_FILLER: Final = _Filler()


def _filled(template: str, values: Mapping[str, Any]) -> str:
    return _FILLER.vformat(template, (), values) if values else str(template)


def _lasting(value: Any) -> Any:
    return str(value) if isinstance(value, BaseException) else value


def _each(table: Any) -> Any:
    if isinstance(table, str):
        return sentence(table)
    if isinstance(table, Mapping):
        return {key: _each(value) for key, value in table.items()}
    return type(table)(map(_each, table)) if isinstance(table, tuple | list) else table
