"""Finds the sentences of `gateway/` for the catalogue: a method of Babel's, by reading the code.

Run by `tests/web/test_languages.py`, and by pybabel as ``web/babel.cfg`` says.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

#: Calls whose first argument is a sentence; and those whose first two are, for one and for many.
ONE: Final = frozenset({"Refused", "NotHere", "NotAllowed", "TooManyTries", "fr"})
MANY: Final = "fr_many"
#: A table, each text of which is a sentence: all but the keys of its mappings.
TABLE: Final = "fr_all"
#: Said to a technician at the command line, in French.
UNSEEN: Final = (
    "gateway/cli/", "gateway/demo/", "gateway/control/", "gateway/keys.py",
    "gateway/store/cipher.py", *(
        f"gateway/upkeep/{name}.py"
        for name in ("archive", "backup", "places", "register_key", "restore", "sealing",
                     "upgrades")
    ),
)  # fmt: skip

Found = tuple[int, str | None, str | tuple[str, str], list[str]]


class _File(Protocol):
    name: str

    def read(self) -> bytes: ...


def sentences(
    file: _File, keywords: Collection[str], comments: Collection[str], options: dict[str, Any]
) -> Iterator[Found]:
    """Yield each sentence of a Python file, as Babel wants them; a pair for one and for many."""
    if any(place in Path(file.name).as_posix() for place in UNSEEN):
        return
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and node.args:
            yield from _of(node)


def called(node: ast.Call) -> str:
    """Return the last name of what is called."""
    return str(getattr(node.func, "attr", getattr(node.func, "id", "")))


def _of(node: ast.Call) -> Iterator[Found]:
    name = called(node)
    if name in ONE:
        for text in _literals(node.args[0]):
            yield node.lineno, None, text, []
    elif name == MANY:
        one, many = (_literals(side)[0] for side in node.args[:2])
        yield node.lineno, "ngettext", (one, many), []
    elif name == TABLE:
        for text in _table(node.args[0]):
            yield node.lineno, None, text, []


def _literals(node: ast.expr) -> list[str]:
    """Return the text an argument is, or the two of a choice."""
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    text = node.value if isinstance(node, ast.Constant) else ""
    # what is only a value, or nothing, is the same in every language
    return [text] if isinstance(text, str) and re.sub(r"\{\w+\}", "", text).strip() else []


def _table(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _table(value)
    elif isinstance(node, ast.Tuple | ast.List):
        for value in node.elts:
            yield from _table(value)
    else:
        yield from _literals(node)
