"""The town's own orders of sends: seen, drawn, saved."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

from gateway import orders
from gateway import plan as plans
from gateway.clock import Clock
from gateway.errors import NotHere, Refused
from gateway.model import Channel, Urgency
from gateway.plan import Plan, Step, When, Whom
from gateway.rights import Right
from gateway.sentences import fr, fr_all, glued, listed
from gateway.services import versions, words
from gateway.services.gone import said_uses
from gateway.services.permits import need
from gateway.services.values import Actor
from gateway.store import Store, group_uses, town_plans

_WHEN: Final = fr_all(
    {
        When.ALWAYS: "toujours",
        When.UNREACHED: "si rien ne dit que la personne est prévenue",
        When.UNCALLED: "si rien ne dit qu'elle est prévenue et qu'on ne l'a pas encore appelée",
        When.UNANSWERED: "si elle n'a pas décroché",
        When.FAILED: "si rien n'a pu partir",
    }
)
_WHOM: Final = fr_all(
    {
        Whom.FIRST: "la personne",
        Whom.SAME: "le même téléphone",
        Whom.NEXT: "son téléphone suivant",
        Whom.REFERENT: "son référent",
    }
)


@dataclass(frozen=True, slots=True)
class StepView:
    """One step in words, and when (seconds from the start) it leaves for who never answers."""

    number: int
    channels: tuple[str, ...]
    otherwise: tuple[str, ...]
    after: float
    when: str
    whom: str
    sentence: str
    at: float


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order of sends, drawn; ``id`` 0 is one of ours, which cannot be changed.

    ``code`` is how `Orders.one` finds it: the number of the town's own, the urgency of ours.
    """

    id: int
    name: str
    sentence: str
    steps: tuple[StepView, ...]
    confirm: bool
    enough: int
    code: str = ""
    version: str = ""  # of its form


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step as somebody filled it in; ``minutes`` to wait."""

    channels: tuple[str, ...]
    minutes: float
    when: str
    whom: str
    otherwise: tuple[str, ...] = ()


def choices() -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Return what a step may depend on, and whom it may reach: (code, words) each."""
    return (
        tuple((when.value, said) for when, said in _WHEN.items()),
        tuple((whom.value, said) for whom, said in _WHOM.items()),
    )


class Orders:
    """What the doors may ask of orders of sends."""

    def __init__(
        self, store: Store, clock: Clock, answers_read: Callable[[], bool] = lambda: False
    ) -> None:
        self._store, self._clock, self._answers_read = store, clock, answers_read

    async def list(self, actor: Actor) -> list[OrderView]:
        """Return the town's own orders, by name."""
        rows = await self._store.read(lambda db: town_plans.listed(db, actor.entity_id))
        return [_own(row["id"], row["name"], plans.from_json(row["steps"])) for row in rows]

    def advised(self) -> tuple[OrderView, ...]:
        """Return ours, one for each urgency."""
        return tuple(_advised(urgency) for urgency in Urgency)

    async def one(self, actor: Actor, code: str) -> OrderView:
        """Return the order of this code, to start from; raise `NotHere` when there is none."""
        for urgency in Urgency:
            if urgency.value == code:
                return _advised(urgency)
        for order in await self.list(actor):
            if order.code == code:
                return order
        raise NotHere("Cet ordre d'envoi n'existe pas, ou n'existe plus.")

    async def save(
        self, actor: Actor, name: str, steps: Sequence[StepForm], *, confirm: bool, enough: int,
        editing: int = 0, version: str = "",
    ) -> int:  # fmt: skip
        """Keep an order under its name; return its number.

        The order numbered ``editing`` is replaced where the name is still its own; another name
        makes a copy. Raises `Refused` for a name that is taken, and for what could not be
        carried out, and `Changed` where somebody replaced it since the form of ``version``.
        """
        need(actor, Right.WRITE)
        name = " ".join(name.split())[:60]
        if not name:
            raise Refused("Donnez un nom à cet ordre d'envoi.", "name")
        wanted = replace(_plan(steps), confirm=confirm, enough=enough, spare=True)
        plan = orders.check(wanted, answers_read=self._answers_read())
        now, stored = self._clock.now(), plans.to_json(plan)

        def work(db: sqlite3.Connection) -> int:
            town, by = actor.entity_id, actor.name
            for row in town_plans.listed(db, town):
                if (row["id"], row["name"]) == (editing, name):
                    stands = plans.from_json(row["steps"])
                    versions.check(version, _said(stands), _said(plan), _inputs(stands, plan))
            if editing and town_plans.replace(db, town, editing, name, stored, by, now):
                return editing
            made = town_plans.add(db, town, name, stored, by, now)
            if made is None:
                raise Refused(
                    "Un ordre d'envoi « {name} » existe déjà : donnez un autre nom à celui-ci, ou "
                    "modifiez l'autre.",
                    "name",
                    name=name,
                )
            return made

        return await self._store.write(work)

    async def delete(self, actor: Actor, number: int) -> None:
        """Remove an order; messages under way keep theirs.

        Raise `Refused` while a ready message, one that waits or one that comes again names it.
        """
        need(actor, Right.WRITE)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> bool:
            if uses := group_uses.of_order(db, actor.entity_id, number):
                raise Refused(
                    "Cet ordre d'envoi sert encore : {uses}. Choisissez-y d'abord un autre ordre.",
                    "order",
                    uses=said_uses(uses),
                )
            return town_plans.delete(db, actor.entity_id, number, actor.name, now)

        if not await self._store.write(work):
            raise Refused("Cet ordre d'envoi n'existe plus.")


def _plan(steps: Sequence[StepForm]) -> Plan:
    try:
        made = tuple(
            Step(
                tuple(Channel(c) for c in step.channels), step.minutes * 60, When(step.when),
                Whom(step.whom), tuple(Channel(c) for c in step.otherwise),
            )
            for step in steps
        )  # fmt: skip
    except ValueError as error:
        raise Refused("Cette étape ne se comprend pas : {error}.", "steps", error=error) from None
    return Plan(made)


def _own(number: int, name: str, plan: Plan) -> OrderView:
    return replace(view_of(number, name, plan), version=versions.version_of(_said(plan)))


def _said(plan: Plan) -> versions.Shown:
    """Return what the form of an order says, step by step."""
    steps: dict[str, str] = {
        fr("Étape {n}", n=one.number): fr(
            "{said}, après {n} min", said=_step(one).sentence, n=f"{one.step.after / 60:g}"
        )
        for one in orders.timeline(plan)
    }
    return {
        **steps,
        fr("Demander une confirmation"): fr("oui") if plan.confirm else fr("non"),
        fr("S'arrêter après combien de confirmations ?"): str(plan.enough),
    }


def _inputs(*plans_shown: Plan) -> versions.Inputs:
    """Return what the page names the inputs of each field of an order's form."""
    parts = ("channel", "otherwise", "minutes", "when", "whom")
    most = max(len(plan.steps) for plan in plans_shown)
    steps: dict[str, tuple[str, ...]] = {
        fr("Étape {n}", n=n): tuple(f"{part}-{n}" for part in parts) for n in range(1, most + 1)
    }
    return {
        **steps,
        fr("Demander une confirmation"): ("confirm",),
        fr("S'arrêter après combien de confirmations ?"): ("enough",),
    }


def view_of(number: int, name: str, plan: Plan) -> OrderView:
    """Return an order of sends as it is drawn."""
    moments = orders.timeline(plan)
    steps = tuple(_step(moment) for moment in moments)
    ways = reduce(
        lambda first, then: fr("{first} ; puis {then}", first=first, then=then),
        [_together(map(Channel, step.channels)) for step in steps[:3]],
    )
    if len(steps) > 3:
        ways = glued("{ways}…", ways=ways)
    return OrderView(number, name, ways, steps, plan.confirm, plan.enough, str(number))


def _advised(urgency: Urgency) -> OrderView:
    view = view_of(0, words.URGENCIES[urgency], orders.ADVISED[urgency])
    return replace(view, code=urgency.value)


def _together(channels: Iterable[Channel]) -> str:
    names: list[str] = [words.CHANNELS[channel] for channel in channels]
    return reduce(lambda one, two: fr("{one} et {two}", one=one, two=two), names)


def _step(moment: orders.Moment) -> StepView:
    step = moment.step
    by = _together(step.channels)
    for channel in step.otherwise:
        by = fr("{by}, sinon {way}", by=by, way=words.CHANNELS[channel])
    said = listed(", ", (by, _WHOM[step.whom], _WHEN[step.when]))
    return StepView(
        moment.number, tuple(c.value for c in step.channels),
        tuple(c.value for c in step.otherwise), step.after, step.when.value, step.whom.value,
        said, moment.at,
    )  # fmt: skip
