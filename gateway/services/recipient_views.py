"""What one person lived of a message, and what they wait for, in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from gateway import phone
from gateway.model import BroadcastState, Channel, JobState, Reason, RecipientState
from gateway.sentences import fr
from gateway.services import words
from gateway.services.values import Actor, AttemptView, JobView, RecipientView
from gateway.store import broadcasts, history, register, waiting
from gateway.store.holding import Hold

#: What stands in the place of a name, as stored: said in the reader's language.
_NOBODYS: Final[dict[str, str]] = {name: name for name in (register.NAMELESS, history.ERASED)}

#: What holds somebody back until an hour.
_FOR_A_WHILE: Final = frozenset({Reason.TAKE_BACK, Reason.HOURS, Reason.RESTART})
#: Whoever has lived nothing yet, or not all: what they wait for is said.
_WAITING: Final = frozenset({RecipientState.PENDING, RecipientState.IN_PROGRESS})


class Of(NamedTuple):
    """A message and its moment; which states are *joint*, what can be carried, what is held.

    ``able`` is None where nobody knows.
    """

    row: sqlite3.Row
    reached: Collection[RecipientState]
    able: frozenset[Channel] | None
    held: Mapping[Channel, Hold]
    now: float


def recipient_view(
    db: sqlite3.Connection, row: sqlite3.Row, of: Of, actor: Actor
) -> RecipientView:  # fmt: skip
    """Return what one person lived of a broadcast."""
    paused, kind, now = of.row["state"] == BroadcastState.PAUSED, of.row["kind"], of.now
    jobs = broadcasts.jobs_of(db, row["id"])
    state = RecipientState(row["state"])
    waits = [j["not_before"] for j in jobs if j["state"] == "queued" and j["not_before"] > now]
    if row["look_again_at"] and row["closed_at"] is None:
        waits.append(row["look_again_at"])
    code, hold_ends = why(row, jobs, of)
    waits += [hold_ends] if hold_ends else []
    until = words.until(min(waits), actor.timezone, now) if waits else None
    reason = words.REASONS[code]
    if state in _WAITING and (now_done := _under_way(jobs)):
        reason, until = now_done, None
    elif paused and row["closed_at"] is None and any(job["state"] == "queued" for job in jobs):
        reason, until = fr("l'envoi est en pause"), None
    hidden = bool(row["registered"]) and not actor.keeper
    name = register.name_of(db, row, keeper=actor.keeper)
    return RecipientView(
        row["id"], _NOBODYS.get(name, name), state.value,
        words.state(state, Reason(row["reason"]), kind), reason, until,
        tuple(_job(db, job, kind, actor, now, hidden=hidden) for job in jobs),
        words.kind(state, of.reached),
    )  # fmt: skip


def _under_way(jobs: Sequence[sqlite3.Row]) -> str:
    """Say what is being done for somebody at this moment, or ""; a call lasts for minutes."""
    now = [job for job in jobs if job["state"] == JobState.RUNNING and not job["to_referent"]]
    ways = {job["channel"] for job in now}
    if Channel.VOICE in ways:
        return fr("appel en cours")
    return fr("envoi en cours") if ways else ""


def why(
    person: sqlite3.Row, jobs: Sequence[sqlite3.Row], of: Of
) -> tuple[Reason, float | None]:  # fmt: skip
    """Return a recipient's reason, and until when a SIM holds them back where that is it.

    Whose turn cannot come waits for a modem, a SIM or its hours, not for a turn.
    """
    reason = Reason(person["reason"])
    queued = [job for job in jobs if job["state"] == JobState.QUEUED]
    if reason in _FOR_A_WHILE and all(job["not_before"] <= of.now for job in queued):
        reason = Reason.IN_QUEUE  # as it was written down, the hour of that had not come
    if reason is not Reason.IN_QUEUE or not queued:
        return reason, None
    ways = {Channel(job["channel"]) for job in queued}
    if of.able is not None and ways - {Channel.EMAIL} and not ways & of.able:
        return Reason.NO_MODEM, None
    held = [of.held.get(Channel(job["channel"])) for job in queued]
    if (hold := held[0]) and None not in held:
        return hold
    known = {waiting.reason_of(job, of.now) for job in queued}
    return (known.pop() if len(known) == 1 and known <= _FOR_A_WHILE else reason), None


def _job(
    db: sqlite3.Connection,
    row: sqlite3.Row,
    kind: str,
    actor: Actor,
    now: float,
    *,
    hidden: bool,
) -> JobView:
    ended = partial(words.ended, kind=kind, to_referent=bool(row["to_referent"]))
    channel, state = Channel(row["channel"]), JobState(row["state"])
    reason = words.REASONS[waiting.reason_of(row, now)]
    outcome = ended(row["outcome"]) if row["outcome"] else None
    attempts = []
    for attempt in broadcasts.attempts_of(db, row["id"]):
        at = words.local(attempt["started_at"], actor.timezone)
        if at is not None:
            attempts.append(AttemptView(at, words.lane(attempt["lane"]), ended(attempt["result"])))
    return JobView(
        channel.value, words.CHANNELS[channel],
        "•• •• •• •• ••" if hidden else phone.shown(row["address"]), state.value,
        words.JOB_STATES[state], outcome, reason, tuple(attempts),
    )  # fmt: skip
