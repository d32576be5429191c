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


@cache
def of_fields() -> dict[str, Sentence]:
    """Return the label of each field that people write into, in French, by its name."""
    found: dict[str, Sentence] = {}
    for path in sorted(_TEMPLATES.glob("*.html")):
        labels = _LABEL.findall(path.read_text("utf-8"))
        found |= {name: N_(label) for name, label in labels}
    return found
