"""Every legal move of a job, a part and a broadcast. Pure; the only place that allows one.

A missing key *is* the illegal move. A person's state is not moved but derived from the jobs
(`gateway.lived`), for it tells what was lived and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from gateway.errors import IllegalMove
from gateway.model import BroadcastState, JobState, PartState

J = JobState
P = PartState
B = BroadcastState

JOB_MOVES: Final[Mapping[J, frozenset[J]]] = {
    J.QUEUED: frozenset({J.RUNNING, J.EXPIRED, J.CANCELLED, J.FAILED}),
    # back to the queue: its modem fell away, the network said "later", a vital doubt is resent
    J.RUNNING: frozenset(
        {J.QUEUED, J.HANDED_OVER, J.DELIVERED, J.FAILED, J.EXPIRED, J.CANCELLED, J.UNCERTAIN}
    ),
    J.HANDED_OVER: frozenset({J.DELIVERED, J.FAILED, J.HANDED_OVER}),
    # a report settles the doubt about one part: the parts behind it may leave now
    J.UNCERTAIN: frozenset({J.DELIVERED, J.FAILED, J.HANDED_OVER, J.UNCERTAIN, J.QUEUED}),
    # a report that comes late may still prove us wrong
    J.EXPIRED: frozenset({J.DELIVERED}),
    J.FAILED: frozenset({J.DELIVERED}),
    J.DELIVERED: frozenset({J.DELIVERED}),
    J.CANCELLED: frozenset({J.DELIVERED}),
}

PART_MOVES: Final[Mapping[P, frozenset[P]]] = {
    P.PREPARED: frozenset({P.SUBMITTING}),
    # refused for sure: prepared again; resent in a vital doubt: submitting once more; settled by a
    # report: accepted under its reference first
    P.SUBMITTING: frozenset({P.ACCEPTED, P.PREPARED, P.SUBMITTING}),
    P.ACCEPTED: frozenset({P.REPORTED}),
    P.REPORTED: frozenset({P.REPORTED}),
}

BROADCAST_MOVES: Final[Mapping[B, frozenset[B]]] = {
    B.DRAFT: frozenset({B.AWAITING_APPROVAL, B.SCHEDULED, B.SENDING, B.CANCELLED}),
    B.AWAITING_APPROVAL: frozenset({B.SCHEDULED, B.SENDING, B.CANCELLED}),
    # its group grew meanwhile past what one person may decide
    B.SCHEDULED: frozenset({B.SENDING, B.CANCELLED, B.AWAITING_APPROVAL}),
    B.SENDING: frozenset({B.PAUSED, B.CLOSED, B.CANCELLED}),
    B.PAUSED: frozenset({B.SENDING, B.CLOSED, B.CANCELLED}),
    B.CLOSED: frozenset(),
    B.CANCELLED: frozenset(),
}

#: Nothing more will be done for these; a late report may still raise them.
FINAL_JOB: Final = frozenset({J.DELIVERED, J.FAILED, J.EXPIRED, J.CANCELLED})

S = TypeVar("S", bound=StrEnum)


def move(table: Mapping[S, frozenset[S]], old: S, new: S) -> S:
    """Return ``new`` if the table allows it from ``old``; raise `IllegalMove` otherwise."""
    if new not in table[old]:
        raise IllegalMove(f"{type(old).__name__}: {old} → {new}")
    return new
