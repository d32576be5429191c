"""A draft kept on disk: what a scheduled, recurring or ready-made message is made from. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, Final

from gateway.services.values import Draft

_TIMES: Final = ("at", "expires")
_TUPLES: Final = (
    "group_ids", "contact_ids", "zones", "channels", "to", "duties", "file_ids", "on_paper",
)  # fmt: skip


def to_json(draft: Draft) -> str:
    """Return a draft as it is stored; times with their zone's offset.

    What it was mended from is the message's to tell, once: kept ready, it is a message of its own.
    """
    data: dict[str, Any] = asdict(replace(draft, again_of=0))
    for name in _TIMES:
        data[name] = data[name].isoformat() if data[name] else None
    return json.dumps(data, ensure_ascii=False)


def from_json(text: str) -> Draft:
    """Return the draft stored as ``text``; what it does not name has its default."""
    known = {field.name for field in fields(Draft)}
    data = {name: value for name, value in json.loads(text).items() if name in known}
    for name in _TIMES:
        if data.get(name):
            data[name] = datetime.fromisoformat(data[name])
    for name in _TUPLES:
        data[name] = tuple(data.get(name, ()))
    return Draft(**data)
