"""The three o'clock page: ready alerts, what is under way, what waits for a yes.

Job: what an elected member needs to launch a ready message and watch it. Not its job: preparing
it (`gateway.services.ready`) nor writing another (`gateway.services.compose`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from gateway.clock import Clock
from gateway.errors import Refused
from gateway.model import BroadcastState, Door, Urgency
from gateway.rights import Right
from gateway.sentences import Sentence, fr
from gateway.services import words
from gateway.services.broadcasts import Broadcasts
from gateway.services.compose import Compose
from gateway.services.drafting import title_of
from gateway.services.follow import Earlier
from gateway.services.launches import LATELY
from gateway.services.permits import need
from gateway.services.ready import Ready, ReadyView
from gateway.services.sending import Sending
from gateway.services.values import Actor, BroadcastSummary, Draft, Forecast
from gateway.store import Store, launches, sent_once

_UNDER_WAY: Final = frozenset({BroadcastState.SENDING, BroadcastState.PAUSED})

_GONE: Final = fr("Ce message prêt n'existe plus, ou n'a pas de destinataires.")


@dataclass(frozen=True, slots=True)
class AlertHome:
    """What to press, and what is already going on; messages of the last page only."""

    alerts: tuple[ReadyView, ...]
    others: tuple[ReadyView, ...]  # ready messages that are no alert
    under_way: tuple[BroadcastSummary, ...]
    planned: tuple[BroadcastSummary, ...]  # that leave at their hour
    waiting: tuple[BroadcastSummary, ...]  # for the yes of a second person
    lately: tuple[BroadcastSummary, ...]


@dataclass(frozen=True, slots=True)
class Launchable:
    """A ready message as it would leave now; ``before``: the same, if it left within the hour."""

    ready: ReadyView
    draft: Draft
    forecast: Forecast
    before: Earlier | None = None


class Alerting:
    """What whoever launches may ask."""

    def __init__(
        self, store: Store, clock: Clock, compose: Compose, ready: Ready, sending: Sending,
        broadcasts: Broadcasts,
    ) -> None:  # fmt: skip
        self._store, self._clock = store, clock
        self._compose, self._ready = compose, ready
        self._sending, self._broadcasts = sending, broadcasts

    async def home(self, actor: Actor) -> AlertHome:
        """Return what can be launched, alerts apart, and what is under way."""
        need(actor, Right.LAUNCH)
        complete = [one for one in await self._ready.list(actor) if one.complete]
        known = (await self._broadcasts.list(actor)).items
        moving = [one for one in known if one.state in _UNDER_WAY]
        waiting = [one for one in known if one.state == BroadcastState.AWAITING_APPROVAL]
        planned = [one for one in known if one.state == BroadcastState.SCHEDULED]
        over = [one for one in known if one not in (*moving, *waiting, *planned)]
        return AlertHome(
            tuple(one for one in complete if one.urgency == Urgency.VITAL),
            tuple(one for one in complete if one.urgency != Urgency.VITAL),
            tuple(moving), tuple(planned), tuple(waiting), tuple(over[:5]),
        )  # fmt: skip

    async def look(self, actor: Actor, number: int, *, exercise: bool = False) -> Launchable:
        """Return a ready message as it would leave now: to how many, in how long.

        Raise `Refused` where it is gone, has nobody, or something stands against it.
        """
        need(actor, Right.LAUNCH)
        ready = await self._ready.one(actor, number)
        draft = await self._draft(actor, number, exercise=exercise)
        if ready is None or not ready.complete:
            raise Refused(_GONE)
        forecast = await self._compose.foresee(actor, draft)
        if ready.missing:
            said = _left_out(ready, draft)
            forecast = replace(forecast, warnings=(said, *forecast.warnings))
        return Launchable(ready, draft, forecast, await self._before(actor, draft))

    async def _before(self, actor: Actor, draft: Draft) -> Earlier | None:
        """Return the same message where it was launched a while ago: « Précédent » leads back."""
        since = self._clock.now() - LATELY
        rows = await self._store.read(
            lambda db: launches.same(db, actor.entity_id, title_of(draft), since)
        )
        for row in rows:
            if bool(row["exercise"]) == draft.exercise:
                return Earlier(row["id"], words.at(row["created_at"], actor.timezone),
                               row["author"])  # fmt: skip
        return None

    async def left(self, actor: Actor, number: int, key: str) -> int | None:
        """Return the message that this button has made already, when it is pressed again."""
        need(actor, Right.LAUNCH)
        mark = _key(number, key)
        return await self._store.read(lambda db: sent_once.of_key(db, actor.entity_id, mark))

    async def launch(self, actor: Actor, number: int, key: str, *, exercise: bool = False) -> int:
        """Let a ready message leave, once however often it is pressed; return its number.

        Raise `Refused` as `look` does; what stands against it is asked once, when it is sent.
        """
        need(actor, Right.LAUNCH)
        draft = await self._draft(actor, number, exercise=exercise)
        if not draft.addressed:
            ready = await self._ready.one(actor, number)
            raise Refused(_left_out(ready, draft) if ready and ready.missing else _GONE)
        draft = replace(draft, idempotency_key=_key(number, key))
        return await self._sending.leave(actor, draft, Door.PAGE)

    async def _draft(self, actor: Actor, number: int, *, exercise: bool) -> Draft:
        draft = await self._ready.draft(actor, number)
        return replace(draft, title=draft.scenario, exercise=exercise or draft.exercise)


def _key(number: int, key: str) -> str:
    return f"page-launch-{number}-{key[:40]}"


def _left_out(ready: ReadyView, draft: Draft) -> Sentence:
    """Return which groups are missing, and what becomes of the message."""
    if draft.addressed:
        return fr("{missing} Ce message part aux autres.", missing=ready.missing)
    return fr(
        "{missing} Ce message n'a plus personne : le secrétariat doit lui choisir un groupe.",
        missing=ready.missing,
    )
