"""Incoming SMS put together from their parts, whatever came of them on the way. Pure.

Parts come in any order, twice, or never (3GPP TS 23.040, 9.2.3.24.1: a reference is the sender's
and comes again after 256 or 65,536 messages).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

#: Seconds within which parts of one reference belong together: later it is another message.
TOGETHER: Final = 24 * 3600.0
#: Seconds after which a part that has not come is told as missing.
PATIENCE: Final = 600.0
GAP: Final = "[…]"


@dataclass(frozen=True, slots=True)
class ReceivedPart:
    """One SMS as it came; ``reference`` None: a whole message."""

    sim: str
    sender: str
    text: str
    at: float
    reference: int | None = None
    part: int = 1
    total: int = 1
    id: int = 0


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message as a person reads it; ``missing`` are the numbers of parts that never came.

    ``first`` is the lowest of ``ids``, its parts': the message's own, however late the others come.
    """

    sender: str
    text: str
    at: float
    missing: tuple[int, ...] = ()
    total: int = 1
    first: int = 0
    sim: str = ""
    ids: tuple[int, ...] = ()


def assemble(
    parts: Iterable[ReceivedPart], now: float, patience: float = PATIENCE
) -> list[ReceivedMessage]:
    """Return the messages, newest first; one whose parts may still come is left out."""
    open_: dict[tuple[str, str, int, int], list[dict[int, ReceivedPart]]] = {}
    found: list[ReceivedMessage] = []
    for one in sorted(parts, key=lambda part: part.at):
        if one.reference is None or one.total < 2:
            found.append(
                ReceivedMessage(
                    one.sender, one.text, one.at, first=one.id, sim=one.sim, ids=(one.id,)
                )
            )  # fmt: skip
            continue
        _put(open_.setdefault((one.sim, one.sender, one.reference, one.total), []), one)
    for (sim, sender, _, total), messages in open_.items():
        found += [
            _whole(sim, sender, known, total)
            for known in messages
            if len(known) == total or now - _last(known) >= patience
        ]
    return sorted(found, key=lambda message: -message.at)


def _put(messages: list[dict[int, ReceivedPart]], one: ReceivedPart) -> None:
    """Add a part to the message it belongs to; the same part again is the network's repetition."""
    for known in messages:
        if one.at - _last(known) > TOGETHER:
            continue
        same = known.get(one.part)
        if same is None:
            known[one.part] = one
            return
        if same.text == one.text:
            return
    messages.append({one.part: one})


def _last(known: Mapping[int, ReceivedPart]) -> float:
    return max(part.at for part in known.values())


def _whole(sim: str, sender: str, known: Mapping[int, ReceivedPart], total: int) -> ReceivedMessage:
    texts = [known[n].text if n in known else GAP for n in range(1, total + 1)]
    missing = tuple(n for n in range(1, total + 1) if n not in known)
    ids = tuple(sorted(part.id for part in known.values()))
    text = "".join(texts)
    return ReceivedMessage(sender, text, _last(known), missing, total, ids[0], sim, ids)
