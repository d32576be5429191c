"""What the fields of our forms are called, as the forms say. Imported by `web.resuming`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from gateway.services import Sentence
from web.texts import N_

_TEMPLATES: Final = Path(__file__).parent / "templates"
_LABEL: Final = re.compile(r'<label for="(\w+)">\{\{ _\("([^"]+)"\) \}\}')
_POSTS: Final = re.compile(r'\b(?:form)?action="(/[^"]*)"')
_FILLED: Final = re.compile(r"\{\{.*?\}\}")


def of_fields(path: str) -> dict[str, Sentence]:
    """Return the label of each field that people write into, in French, by its name.

    Forms call the same field by other words: those of the pages that post to ``path`` go first.
    """
    found: dict[str, Sentence] = {}
    own: dict[str, Sentence] = {}
    for posts, labels in _read():
        found |= labels
        if any(one.fullmatch(path) for one in posts):
            own |= labels
    return found | own


@cache
def _read() -> list[tuple[list[re.Pattern[str]], dict[str, Sentence]]]:
    """Return, of each template, where its forms post to and what it calls its fields."""
    read = []
    for file in sorted(_TEMPLATES.glob("*.html")):
        html = file.read_text("utf-8")
        posts = [
            re.compile("[^/]+".join(map(re.escape, _FILLED.split(address))))
            for address in _POSTS.findall(html)
        ]
        read.append((posts, {name: N_(label) for name, label in _LABEL.findall(html)}))
    return read
