"""Which message a reply by SMS is about. Pure.

The newest that awaits an answer, sent to that number by the SIM that got the reply. Where several
do, the reply must name one by its code: nobody's word is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message sent to the number a reply came from.

    ``asks``: an answer is wanted and none has come; ``open``: it is still worth answering.
    ``thread``: the message it repeats or follows, its own number where none.
    """

    job_id: int
    broadcast_id: int
    sim: str
    at: float
    asks: bool
    open: bool
    code: str = ""
    thread: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """``found`` is what the reply is about; ``between`` are those it may be about."""

    found: Candidate | None = None
    between: tuple[Candidate, ...] = ()


def match(candidates: Sequence[Candidate], sim: str, code: str = "") -> Match:
    """Return what a reply that came in on ``sim`` is about.

    With a code: that message, or none. Without: among those the same SIM sent (among all where it
    sent none) the one that asks and is open; several of them are told as such. Where none asks,
    the newest, for a late word is a word.
    """
    newest = sorted(_one_each(candidates), key=lambda one: -one.at)
    if code:
        return Match(next((one for one in newest if one.code == code), None))
    near = [one for one in newest if one.sim == sim] or newest
    asking = [one for one in near if one.asks and one.open]
    if len(asking) > 1:
        return Match(None, tuple(asking))
    if asking:
        return Match(asking[0])
    worth = [one for one in near if one.open] or near
    return Match(worth[0] if worth else None)


def _one_each(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Keep one text of each message: the last that left, where it was sent again the newer."""
    last: dict[int, Candidate] = {}
    for one in sorted(candidates, key=lambda one: one.at):
        last[one.thread or one.broadcast_id] = one
    return list(last.values())
