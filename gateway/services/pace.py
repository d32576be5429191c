"""How fast this box is today: its modems, what they learned, their limits, what waits already."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway.clock import Clock
from gateway.lanes import Lane
from gateway.model import Channel, Urgency
from gateway.policy import mean
from gateway.services.foresight import Load
from gateway.store import Store, ahead, budgets, jobs
from gateway.store.ahead import Queued
from gateway.store.budgets import Limits, State

#: Seconds one SMS and one call take, until this box has learned better.
PART_SECONDS: Final = 4.0
CALL_SECONDS: Final = 60.0


class Pace:
    """What compose asks of the modems before something is sent."""

    def __init__(self, store: Store, clock: Clock, lanes: Sequence[Lane]) -> None:
        self._store, self._clock, self._lanes = store, clock, lanes

    @property
    def _modems(self) -> list[Lane]:
        return [lane for lane in self._lanes if lane.modem is not None]

    async def load(
        self, jobs_by: dict[Channel, int], segments: int, *, mean_segments: float = 0.0,
        urgency: Urgency, town: int = 0, queues: Sequence[Queued] = (),
    ) -> Load:  # fmt: skip
        """Return what so many jobs of a ``town`` are to carry, behind ``queues``, at which pace."""
        sms, calls = await self._store.read(
            lambda db: (
                jobs.recent_seconds(db, Channel.SMS), jobs.recent_seconds(db, Channel.VOICE),
            )
        )  # fmt: skip
        texting, calling = (self._ready(one, urgency) for one in (Channel.SMS, Channel.VOICE))
        found = Load(
            jobs_by.get(Channel.SMS, 0), segments, jobs_by.get(Channel.VOICE, 0),
            jobs_by.get(Channel.EMAIL, 0), sms_modems=len(texting), voice_modems=len(calling),
            part_seconds=mean(sms, PART_SECONDS), call_seconds=mean(calls, CALL_SECONDS),
            mean_segments=mean_segments, voice_only=sum(lane not in texting for lane in calling),
            waiting_parts=before(queues, town, Channel.SMS, jobs_by.get(Channel.SMS, 0)),
            waiting_calls=before(queues, town, Channel.VOICE, jobs_by.get(Channel.VOICE, 0)),
        )  # fmt: skip
        if urgency is Urgency.VITAL or not found.texts or not found.sms_modems:
            return found
        states = zip(self._modems, await self._states([]), strict=True)
        limits = [state.limits for lane, state in states if lane in texting]
        return replace(found, part_seconds=_held_back(found, limits))

    def _ready(self, channel: Channel, urgency: Urgency) -> list[Lane]:
        """Return the modems that carry a channel now; where none does, those it would wait for."""
        routine = urgency is not Urgency.VITAL
        known = [lane for lane in self._modems if channel in lane.offers]
        here = [one for one in known if channel in one.able and not (routine and one.alerts_only)]
        return here or known

    async def queues(self, urgency: Urgency) -> list[Queued]:
        """Return what waits already, and would leave before or beside a message written now."""
        now = self._now
        return await self._store.read(lambda db: ahead.of_new(db, urgency, now))

    async def largest_text(self) -> int | None:
        """Return how many SMS a routine text may take at most; None: as many as any text takes.

        That is what the most generous SIM ever carries; one that is not known yet has no limit.
        """
        most = [budgets.largest(one.limits) for one in await self._states([]) if one.texts]
        found = [one for one in most if one is not None]
        return max(found) if found and len(found) == len(most) else None

    async def sims(self, addresses: list[str]) -> list[tuple[str, State]]:
        """Return the SIMs in the modems, each with where its budget stands."""
        names = [lane.name for lane in self._modems]
        return list(zip(names, await self._states(addresses), strict=True))

    async def _states(self, addresses: list[str]) -> list[State]:
        now, known = self._now, self._modems
        states = await self._store.read(
            lambda db: [budgets.state(db, lane.sim, lane.regime, addresses, now) for lane in known]
        )
        return [
            replace(state, texts=lane.role != "voice", calls=lane.role != "sms")
            for lane, state in zip(known, states, strict=True)
        ]

    @property
    def _now(self) -> float:
        return self._clock.now()


def before(queues: Sequence[Queued], town: int, channel: Channel, jobs: int) -> int:
    """Return how many SMS, or calls, leave before the last of so many ``jobs`` of a ``town``.

    Towns take turns, job by job: of what is no more urgent, another town sends no more than this
    one does, its own queue included (`gateway.store.fairness`).
    """
    here = [one for one in queues if one.channel is channel]
    own = jobs + sum(one.jobs for one in here if one.entity_id == town)
    found = 0.0
    others: dict[int, list[Queued]] = {}
    for one in here:
        if one.entity_id == town or one.urgent:
            found += one.parts
        else:
            others.setdefault(one.entity_id, []).append(one)
    for theirs in others.values():
        many = sum(one.jobs for one in theirs)
        found += sum(one.parts for one in theirs) * min(many, own) / many
    return math.ceil(found) if jobs else 0


def _held_back(load: Load, limits: Sequence[Limits | None]) -> float:
    """Return the seconds a part takes of each modem, as the limits a minute and an hour let it."""
    each = (load.parts + load.waiting_parts) / load.sms_modems
    rate = sum(1 / max(load.part_seconds, _least(one, each)) for one in limits)
    return load.sms_modems / rate if rate else load.part_seconds


def _least(limits: Limits | None, parts: float) -> float:
    """Return the seconds between two of so many parts by a SIM with these limits, 0 for none."""
    if limits is None:
        return 0.0
    minute = 60 / limits.segments_per_minute if limits.segments_per_minute else 0.0
    hour = limits.segments_per_hour
    return max(minute, 3600 / hour if hour and parts > hour else 0.0)
