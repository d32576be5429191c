"""Before sending: what a text costs, who will get it, how long it takes, what stands against it."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from gateway import orders
from gateway import plan as plans
from gateway.calendar import holidays_of
from gateway.clock import Clock
from gateway.departure import Departure, depart
from gateway.errors import Refused
from gateway.hours import Hours
from gateway.lanes import Lane
from gateway.model import Address, Channel, Door, Line, Reason, Urgency
from gateway.near_days import soonest
from gateway.sentences import fr
from gateway.services import (
    attached,
    budget_words,
    closing_words,
    foresight,
    merging,
    nobody,
    of_groups,
    town_settings,
    words,
)
from gateway.services.drafting import (
    asked_by,
    channels_of,
    cheaper,
    texts_of,
    title_of,
    urgency_of,
)
from gateway.services.fleet import held
from gateway.services.measuring import against, measured
from gateway.services.pace import Pace
from gateway.services.turning import first_turn
from gateway.services.values import Actor, Draft, Forecast, SmsMeasureView
from gateway.services.whom import Whom, off_duty_then, said_whom
from gateway.store import (
    Store,
    ahead,
    broadcasts,
    budgets,
    groups,
    people,
    proofs,
    register,
    settings,
    town_plans,
    words_of,
)
from modem.sms import measure, plain_typography

#: A time chosen a moment ago (seconds) is not yet in the past.
_PAST: Final = 120.0
_SAMPLE: Final = 3
#: The kinds of a person's addresses, and of their referent's.
_Kinds = tuple[tuple[Line, ...], tuple[Line, ...]]
#: How soon somebody has been told by a channel, the soonest first.
_SOONEST: Final = (Channel.EMAIL, Channel.SMS, Channel.VOICE)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft made whole: who, what, and whatever the sender should know."""

    people: tuple[people.Person, ...]
    excluded: tuple[tuple[str, Reason], ...]
    excluded_why: tuple[tuple[str, str], ...]
    texts: dict[Channel, tuple[str, str]]
    channels: tuple[Channel, ...]
    urgency: Urgency
    title: str
    groups: str
    problems: tuple[Refused, ...]
    plan: plans.Plan
    any_sim: bool = True  # whether a SIM of the ordinary regime may carry it
    hours: Hours | None = None  # of the groups' own, where they hold for everybody in it
    lacking: Mapping[str, int] = field(default_factory=dict)  # fields, and how many lack each

    @property
    def dearest(self) -> merging.Texts:
        """The texts as whoever gets the longest gets them."""
        return _dearest(self.texts, self.people)

    @property
    def first_ways(self) -> dict[_Kinds, Channel | None]:
        """How whoever has such addresses is told first, text before call; None: not at all."""
        return {
            kinds: next((one for one in _SOONEST if one in ways), None)
            for kinds, _, ways in self._openings()
        }

    @property
    def counts(self) -> dict[Channel, int]:
        """How many jobs by channel the plan opens with."""
        found = dict.fromkeys(self.channels, 0)
        for _, many, ways in self._openings():
            for channel in ways:
                found[channel] = found.get(channel, 0) + many
        return found

    def _openings(self) -> Iterator[tuple[_Kinds, int, list[Channel]]]:
        """Yield the kinds of addresses there are, of how many people, and what opens for those.

        Which channels open hangs on the kinds alone, and a town has few.
        """
        for kinds, many in Counter(_kinds(one) for one in self.people).items():
            own, theirs = ([Address(None, line, "") for line in lines] for lines in kinds)
            yield kinds, many, [channel for channel, _ in plans.opening(self.plan, own, theirs)]


class Compose:
    """What the compose page and the command line ask while writing."""

    def __init__(self, store: Store, clock: Clock, lanes: Sequence[Lane]) -> None:
        self._store, self._clock, self._lanes = store, clock, lanes
        self.whom, self._pace = Whom(store, clock), Pace(store, clock, lanes)
        #: Whether a mail that comes back would be seen; whoever looks after mail sets it.
        self.returns_watched: Callable[[], bool] = lambda: False

    def measure(self, text: str) -> SmsMeasureView:
        """Return what ``text`` costs as SMS, and the characters that make it dear."""
        return measured(text)

    async def foresee(self, actor: Actor, draft: Draft) -> Forecast:
        """Return what sending this draft would mean; problems are sentences, nothing is raised."""
        prepared = await self.prepare(actor, draft)
        if against := await self._against_size(prepared):
            prepared = replace(prepared, problems=(*prepared.problems, against))
        unwanted = await self._store.read(
            lambda db: broadcasts.spared(db, actor.entity_id, prepared.urgency)
        )
        turn = first_turn(prepared.plan, prepared.people, prepared.channels, unwanted)
        reached, jobs_by = turn.reached, turn.jobs_by
        without = [*prepared.excluded_why, *turn.without]
        dearest = prepared.dearest
        load = await self._load(actor, jobs_by, prepared, dearest)
        load = replace(load, spare_calls=turn.spare_calls)
        seconds = load.seconds
        sims = await self._pace.sims(_addresses(prepared)) if load.texts or load.calls else []
        members = await self._members(actor, draft)
        zone, now = actor.timezone, self._clock.now()
        departure = await self.departure(actor, draft, prepared, Door.COMMAND, seconds)
        return Forecast(
            recipients=len(reached),
            by_channel={channel.value: count for channel, count in jobs_by.items()},
            without_way=len(without),
            excluded=tuple(without),
            duration_seconds=seconds,
            ends_at=words.at(closing_words.ends_at(departure, zone, seconds), zone),
            only_now=off_duty_then(prepared.problems),
            is_cut=closing_words.is_cut(departure, seconds),
            sample_names=tuple(reached[:_SAMPLE]),
            sms_segments=load.segments,
            problems=tuple(problem.message for problem in prepared.problems),
            warnings=(
                *nobody.said_empty(prepared.plan, prepared.people, members),
                *foresight.lacking(prepared.lacking),
                *foresight.cut_short(
                    prepared.plan, departure, words.clock_time(departure.expires_at, zone, now)
                ),
                *foresight.another_day(draft, departure, zone, now),
                *closing_words.cut(draft, departure, zone, seconds, now),
                *self._warnings(jobs_by), *self._unwatched(prepared.urgency, jobs_by),
                *await self._doubts(prepared.urgency, jobs_by),
                *_budget_warnings(prepared, load, sims),
            ),
            by_group=_by_group(members, prepared, load),
            faster=foresight.faster(load, self._cheaper(dearest), foresight.duration),
            uses=foresight.uses(sims, load.parts, load.call_minutes),
            # the clock has moved on since `now`: a moment is no appointment
            leaves_at=words.local(departure.starts_at, zone)
            if departure.starts_at >= now + 1
            else None,
            held=departure.held.value,
            approval=await self.needs_approval(actor, prepared),
            samples=_samples(prepared),
            doubles=nobody.doubles(members),
        )  # fmt: skip

    def _warnings(self, jobs_by: dict[Channel, int]) -> list[str]:
        able = {channel for lane in self._lanes for channel in lane.able}
        waiting = [c for c, count in jobs_by.items() if count and c not in able]
        return [
            fr(
                "Aucun modem prêt pour le moyen « {way} » : ces envois attendront.",
                way=words.CHANNELS[c],
            )
            if c is not Channel.EMAIL
            else fr("Aucun serveur de courriel n'est configuré : ces courriels attendront.")
            for c in waiting
        ]

    def _unwatched(self, urgency: Urgency, jobs_by: dict[Channel, int]) -> list[str]:
        if not jobs_by.get(Channel.EMAIL) or self.returns_watched() or urgency is Urgency.VITAL:
            return []  # at night it is no news, and nothing to be done
        return [words.UNWATCHED] if any(lane.modem is None for lane in self._lanes) else []

    async def _unproved(self) -> list[str]:
        """Return the modems that call, and whose voice nobody has proved."""
        callers = held(lane for lane in self._lanes if Channel.VOICE in lane.able)
        now = self._clock.now()
        known = await self._store.read(
            lambda db: proofs.voices_proved(db, proofs.latest(db), callers, now)
        )
        return [one.modem for one in callers if one.modem not in known]

    async def _doubts(self, urgency: Urgency, jobs_by: dict[Channel, int]) -> list[str]:
        """Warn of voices nobody has proved, and of SIMs that carry alerts only."""
        found: list[str] = []
        # whoever raises an alert can do nothing about it then; the page of the modems says it too
        asks = jobs_by.get(Channel.VOICE) and urgency is not Urgency.VITAL
        if asks and (unproved := await self._unproved()):
            found.append(
                fr(
                    "Le son et les touches n’ont pas encore été vérifiés sur {unproved} : les "
                    "appels partiront, mais demandez d’abord au technicien « Vérifier ce modem » "
                    "(page Modems).",
                    unproved=", ".join(unproved),
                )
            )
        stopped = [lane.name for lane in self._lanes if lane.alerts_only]
        if jobs_by.get(Channel.SMS) and stopped and urgency is not Urgency.VITAL:
            found.append(
                fr(
                    "La carte SIM de {stopped} est arrêtée (refus de l’opérateur) : elle ne porte "
                    "plus que les alertes.",
                    stopped=", ".join(stopped),
                )
            )
        return found

    async def departure(
        self, actor: Actor, draft: Draft, prepared: Prepared, door: Door, forecast: float
    ) -> Departure:
        """Return when a prepared message leaves, and why not before."""
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        now = self._clock.now()
        if draft.at is not None and draft.at.timestamp() < now - _PAST:
            raise Refused("Cette heure est déjà passée : choisissez-en une autre.", "at")
        found = depart(
            prepared.urgency, door, actor.timezone, now,
            hours=of_groups.hours(draft, town, prepared.urgency, prepared.hours),
            wanted_at=draft.at.timestamp() if draft.at else None,
            expires=draft.expires.timestamp() if draft.expires else None,
            forecast=forecast, take_back=town_settings.take_back(town),
            holiday=holidays_of(actor.timezone),
            true_until=soonest(*draft.texts),
        )  # fmt: skip
        if draft.expires is not None and found.expires_at <= found.starts_at:
            raise Refused(
                "Ce message serait inutile avant de partir : changez l'heure d'envoi, ou celle "
                "après laquelle il est inutile.", "until",
            )  # fmt: skip
        return found

    async def needs_approval(self, actor: Actor, prepared: Prepared) -> bool:
        """Tell whether a second person must agree: never for an alert."""
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        return town_settings.asks_second(town, prepared.urgency, len(prepared.people))

    async def check_carried(self, prepared: Prepared) -> None:
        """Raise `Refused` for a routine text of more SMS than any SIM here ever carries."""
        if against := await self._against_size(prepared):
            raise against

    async def _against_size(self, prepared: Prepared) -> Refused | None:
        if prepared.urgency is Urgency.VITAL or Channel.SMS not in prepared.channels:
            return None
        most = await self._pace.largest_text()
        if most is None:
            return None
        _, body = prepared.texts.get(Channel.SMS, ("", ""))
        longest = merging.longest(prepared.people, Channel.SMS, body)
        return budget_words.too_long(measure(longest).segments, most)

    async def forecast(self, actor: Actor, prepared: Prepared) -> float:
        """Return how long (seconds) a message takes with the modems there are."""
        return (await self._load(actor, prepared.counts, prepared, prepared.dearest)).seconds

    async def duration(
        self, jobs_by: dict[Channel, int], texts: merging.Texts, urgency: Urgency
    ) -> float:
        """Return how long (seconds) so many jobs, alone, take from now on."""
        return (await self._pace.load(jobs_by, _segments(texts), urgency=urgency)).seconds

    async def left(self, row: sqlite3.Row, unfinished: Mapping[str, int]) -> foresight.Load:
        """Return what a message that is leaving still has to carry, behind what is before it."""
        jobs_by, now = {Channel(one): many for one, many in unfinished.items()}, self._clock.now()
        texts = jobs_by.get(Channel.SMS, 0)
        parts, queues = await self._store.read(
            lambda db: (ahead.left(db, row["id"], texts), ahead.of_sending(db, row, now))
        )
        mean = parts / texts if texts else 0.0
        return await self._pace.load(
            jobs_by, math.ceil(mean), mean_segments=mean, urgency=Urgency(row["urgency"]),
            town=row["entity_id"], queues=queues,
        )  # fmt: skip

    @property
    def voice_modems(self) -> int:
        """How many modems there are to call with."""
        return sum(Channel.VOICE in lane.offers for lane in self._lanes)

    async def hindrances(self, jobs_by: dict[Channel, int], *, any_sim: bool) -> list[str]:
        """Return what would hold so many routine jobs up: no modem ready, no SIM that may."""
        known = [lane for lane in self._lanes if lane.modem is not None]
        now = self._clock.now()
        states = await self._store.read(
            lambda db: [budgets.state(db, lane.sim, lane.regime, [], now) for lane in known]
        )
        ordinary = bool(states) and not any_sim and all(state.ordinary for state in states)
        return self._warnings(jobs_by) + [budget_words.ORDINARY] * ordinary

    async def _load(
        self, actor: Actor, jobs_by: dict[Channel, int], prepared: Prepared, dearest: merging.Texts
    ) -> foresight.Load:
        texts = prepared.texts
        mean = 0.0
        if Channel.SMS in texts:
            mean = merging.mean_segments(prepared.people, texts[Channel.SMS][1])
        return await self._pace.load(
            jobs_by, _segments(dearest), mean_segments=mean, urgency=prepared.urgency,
            town=actor.entity_id, queues=await self._pace.queues(prepared.urgency),
        )  # fmt: skip

    def _cheaper(self, texts: merging.Texts) -> int:
        """Return how many SMS the text would be in plain typography."""
        return measure(cheaper(texts[Channel.SMS][1])[0]).segments if Channel.SMS in texts else 0

    async def _members(self, actor: Actor, draft: Draft) -> nobody.Members:
        """Return who is in each of a draft's groups."""
        if draft.everybody or not draft.group_ids:
            return {}
        return await self._store.read(
            lambda db: groups.members(db, actor.entity_id, draft.group_ids)
        )

    async def prepare(self, actor: Actor, draft: Draft) -> Prepared:
        """Resolve a draft into people and texts; what stands against it is in ``problems``."""
        problems: list[Refused] = []
        known = await self.whom.find(actor, draft, problems)
        if not known and not problems:
            problems.append(nobody.against_nobody(draft, await self._members(actor, draft)))
        prepared = await self.prepare_for(actor, draft, known, problems)
        if not prepared.problems and not nobody.is_reached(prepared.plan, prepared.people):
            members = await self._members(actor, draft)
            against = nobody.against_unreachable(draft, prepared.plan, members)
            prepared = replace(prepared, problems=(against,))
        rows = await self._store.read(lambda db: groups.named(db, actor.entity_id))
        chosen = [row for row in rows if row["id"] in draft.group_ids]
        return replace(
            prepared, groups=", ".join(said_whom(draft, chosen)),
            hours=of_groups.own_hours(draft, chosen),
            any_sim=prepared.urgency is Urgency.VITAL or of_groups.any_sim(draft, chosen, known),
        )  # fmt: skip

    async def prepare_for(
        self, actor: Actor, draft: Draft, known: Sequence[people.Person],
        problems: list[Refused] | None = None, *, order: plans.Plan | None = None,
    ) -> Prepared:  # fmt: skip
        """Make a draft whole for people who are known already; ``order`` goes before its own."""
        problems, lacking = [] if problems is None else problems, Counter[str]()
        urgency = urgency_of(draft.urgency, problems)
        channels = channels_of(draft, known, problems)
        plan = order or await self._plan(actor, draft, urgency, channels, problems)
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        signature = town_settings.signature(town)
        known = await self.whom.looked_after(plan, known)
        dress = partial(texts_of, draft, channels, actor.entity_name, signature, asked_by(plan))
        texts, english = dress(), dress(english=True)
        other = [p for p in known if p.language == "en"] if draft.text_en.strip() else []
        known = [person for person in known if person not in other]
        known = [
            *await self._personal(actor, draft, texts, known, problems, lacking),
            *merging.in_other_language(
                english,
                await self._personal(actor, draft, english, other, problems, lacking, few=True),
            ),
        ]
        problems.extend(await attached.against(self._store, actor, draft, channels))
        problems.extend(against(draft, _dearest(texts, known)))
        return Prepared(
            tuple(known), (), (), texts, channels, urgency, title_of(draft), "", tuple(problems),
            plan, lacking=lacking,
        )  # fmt: skip

    async def _personal(
        self, actor: Actor, draft: Draft, texts: merging.Texts, known: Sequence[people.Person],
        problems: list[Refused], lacking: Counter[str], *, few: bool = False,
    ) -> Sequence[people.Person]:  # fmt: skip
        """Return the people, with texts of their own where the message has fields."""
        try:
            if not merging.fields_of(texts):
                return known
            numbers = [person.id for person in known if person.id is not None]
            own = await self._store.read(lambda db: words_of.values(db, actor.entity_id, numbers))
            moment = draft.at.timestamp() if draft.at else self._clock.now()
            when = words.local(moment, actor.timezone)
            assert when is not None  # noqa: S101  for the type checker: a moment has a local time
            shared = merging.common(actor.entity_name, when)
            return merging.personal(texts, known, own, shared, lacking, few=few)
        except Refused as refusal:
            problems.append(refusal)
            return known

    async def _plan(
        self, actor: Actor, draft: Draft, urgency: Urgency, channels: tuple[Channel, ...],
        problems: list[Refused],
    ) -> plans.Plan:  # fmt: skip
        """Return the order of sends a draft asks for, with the channels it allows."""
        plan = orders.at_once(channels or (Channel.SMS,))
        try:
            if draft.order == "advised":
                plan = orders.only(orders.ADVISED[urgency], channels)
            elif draft.order:
                own = await self._store.read(
                    lambda db: town_plans.get(db, actor.entity_id, draft.order)
                )
                plan = orders.only(_stored(own), channels)
            plan = replace(
                plan, confirm=plan.confirm or draft.confirm, enough=draft.enough or plan.enough
            )
            orders.check_answers(plan, answers_read=self.returns_watched())
        except Refused as refusal:
            problems.append(refusal)
        return plan


def _budget_warnings(
    prepared: Prepared, load: foresight.Load, sims: Sequence[tuple[str, budgets.State]]
) -> list[str]:
    """Say before launch what an alert will exceed, or what will hold a routine message."""
    vital = prepared.urgency is Urgency.VITAL
    found = budget_words.exceeding(sims, load.parts, vital=vital, call_minutes=load.call_minutes)
    if sims and not prepared.any_sim and all(state.ordinary for _, state in sims):
        found.append(budget_words.ORDINARY)
    return found


def _samples(prepared: Prepared) -> tuple[tuple[str, str], ...]:
    """Return what a few people will read, where each reads something of their own."""
    found = [
        (p.name, next(iter(p.bodies.values())))
        for p in prepared.people
        if p.bodies and p.name != register.NAMELESS
    ]
    return tuple(found[:_SAMPLE])


def _segments(texts: merging.Texts) -> int:
    return measure(texts[Channel.SMS][1]).segments if Channel.SMS in texts else 0


def _addresses(prepared: Prepared) -> list[str]:
    return [a.value for p in prepared.people for a in p.addresses if a.line != Line.EMAIL]


def _by_group(
    members: nobody.Members, prepared: Prepared, load: foresight.Load
) -> tuple[tuple[str, float], ...]:
    """Return when each group is done, where there are several."""
    if len(members) < 2:
        return ()
    first = prepared.first_ways
    order = [(p.id, way) for p in prepared.people if (way := first[_kinds(p)]) is not None]
    return foresight.by_group(order, members, load)


def _kinds(person: people.Person) -> _Kinds:
    return people.lines(person.addresses), people.lines(person.referent)


def _dearest(texts: merging.Texts, known: Sequence[people.Person]) -> merging.Texts:
    """Return each channel's text as the person gets it for whom it is longest."""
    return {
        channel: (subject, merging.longest(known, channel, body))
        for channel, (subject, body) in texts.items()
    }


def _stored(order: str | None) -> plans.Plan:
    if order is None:
        raise Refused("Cet ordre d'envoi n'existe plus : choisissez-en un autre.", "order")
    return plans.from_json(order)


__all__ = ["Compose", "Prepared", "cheaper", "plain_typography"]
