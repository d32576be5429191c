"""A draft kept on disk: what a scheduled, recurring or ready-made message is made from. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, Final

from gateway.model import Door
from gateway.services.values import Draft

_TIMES: Final = ("at", "expires")
#: Whose keys are chosen by somebody, who may choose one twice; elsewhere they are ours.
_CHOSEN: Final = frozenset({Door.API, Door.COMMAND})
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


def as_asked(draft: Draft, door: Door) -> str:
    """Return a hash of all that a draft asks for: the same again, or another message.

    Empty where its key is none that somebody has chosen.
    """
    if draft.idempotency_key is None or door not in _CHOSEN:
        return ""
    asked = to_json(replace(draft, idempotency_key=None, as_keeper=False))
    return hashlib.sha256(asked.encode()).hexdigest()


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
