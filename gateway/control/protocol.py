"""One request, one answer, each a line of JSON. Pure; both ends import it.

A request is ``{"op": name, ...arguments}``; an answer ``{"ok": true, "result": ...}`` or
``{"ok": false, "error": sentence}``.
"""

from __future__ import annotations

import json
from typing import Any, Final

from gateway.errors import TocsinError

#: The largest line either end accepts, in octets: a contact list of 20 MB in base 64.
MOST: Final = 32 * 1024 * 1024


class ControlError(TocsinError):
    """The daemon refused, or does not speak as expected."""


def encode(message: dict[str, Any]) -> bytes:
    """Return a message as one line."""
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """Return the message of a line; raise `ControlError` when it is none."""
    try:
        message = json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ControlError("ce n'est pas une ligne de JSON") from None
    if not isinstance(message, dict):
        raise ControlError("un objet JSON est attendu")
    return message
