"""Who gets what of a message at first: reached by which ways, or left out and why."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway import plan as plans
from gateway.model import Channel, Reason
from gateway.services import words
from gateway.store import broadcasts, consent, people


@dataclass(slots=True)
class FirstTurn:
    """The first sends of a message.

    ``without``: name and why; ``jobs_by``: sends by channel; ``spare_calls``: calls to people who
    get a text or a mail at the same time.
    """

    jobs_by: dict[Channel, int]
    reached: list[str] = field(default_factory=list)
    without: list[tuple[str, str]] = field(default_factory=list)
    spare_calls: int = 0


def first_turn(
    plan: plans.Plan, known: Sequence[people.Person], channels: Sequence[Channel],
    unwanted: frozenset[tuple[Channel, str]],
) -> FirstTurn:  # fmt: skip
    """Sort people out; ``unwanted``: the ways whose owners refused this kind of message."""
    turn = FirstTurn(dict.fromkeys(channels, 0))
    seen: set[tuple[Channel, str]] = set()
    for person in known if channels else ():
        step, possible = plans.entry(plan, person.addresses, person.referent)
        opening = [(c, a) for c, a in possible if (c, a.value) not in unwanted]
        if step and plans.asks_referents(plan, step):  # who may look after several
            fresh = [(c, a.value) for c, a in opening]
        else:
            fresh = [pair for c, a in opening if (pair := (c, a.value)) not in seen]
            seen.update(fresh)
        for channel, _ in fresh:
            turn.jobs_by[channel] = turn.jobs_by.get(channel, 0) + 1
        if fresh:
            turn.reached.append(person.name)
            calls = sum(channel is Channel.VOICE for channel, _ in fresh)
            turn.spare_calls += calls if calls < len(fresh) else 0
            continue
        why = Reason.DUPLICATE if opening else Reason.NO_WAY
        why = Reason.OPTED_OUT if possible and not opening else why
        why = Reason.KEY_MISSING if person.unreadable else why
        turn.without.append((person.name, words.REASONS[why]))
    return turn


def reaches(db: sqlite3.Connection, new: broadcasts.NewBroadcast) -> int:
    """Return to how many people a message would go if it left now; the others get nothing."""
    owed = new.kind in consent.OWED
    unwanted = frozenset() if owed else broadcasts.spared(db, new.entity_id, new.urgency, new.kind)
    return len(first_turn(new.plan, new.people, tuple(new.texts), unwanted).reached)
