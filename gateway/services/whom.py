"""Whom a draft is for: groups, everybody, those on duty, numbers typed by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import cache

from gateway import phone
from gateway import plan as plans
from gateway.calendar import holidays_of
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.hours import next_open
from gateway.model import Address, Line, Urgency
from gateway.sentences import fr, fr_many
from gateway.services import town_settings, words
from gateway.services.drafting import urgency_of
from gateway.services.gone import lacking
from gateway.services.values import Actor, Draft
from gateway.store import Store, became, people, register, scenarios, settings


class Whom:
    """Finds the people of a draft, and leaves those of the register nameless."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def looked_after(
        self, plan: plans.Plan, known: Sequence[people.Person]
    ) -> Sequence[people.Person]:
        """Return the people, with their referents where nobody but these could be told."""
        if not plans.asks_referents(plan):
            return known
        begins = cache(
            lambda lines: bool(plans.opening(plan, [Address(None, line, "") for line in lines]))
        )
        alone = [
            one.id
            for one in known
            if one.id is not None and not one.unreadable and not begins(people.lines(one.addresses))
        ]
        found = await self._store.read(lambda db: people.referents(db, alone)) if alone else {}
        if not found:
            return known
        return [
            one._replace(referent=found[one.id]) if one.id is not None and one.id in found else one
            for one in known
        ]

    async def find(
        self, actor: Actor, draft: Draft, problems: list[Refused]
    ) -> list[people.Person]:
        """Return whom a draft is for; what cannot be found is added to ``problems``."""
        keeper = actor.keeper or draft.as_keeper
        lines = plans.lines_of(draft.channels)

        def work(db: sqlite3.Connection) -> list[people.Person]:
            _, gone = lacking(db, actor.entity_id, draft.group_ids, keeper=keeper)
            if gone:
                problems.append(
                    Refused("{gone} Dites de nouveau à qui va ce message.", "group_ids", gone=gone)
                )
            if draft.everybody:
                # those of the register too when lives are at stake; they stay nameless
                whole = keeper or draft.urgency == Urgency.VITAL
                found = people.members(db, actor.entity_id, None, lines)
                return [person for person in found if whole or not person.reserved]
            found = []
            if draft.group_ids:
                found = people.members(db, actor.entity_id, draft.group_ids, lines)
            if draft.contact_ids or draft.zones:
                picked = people.chosen(
                    db,
                    actor.entity_id,
                    draft.contact_ids,
                    draft.zones,
                    lines,
                    register=keeper,
                )
                already = {person.id for person in found}
                found += [person for person in picked if person.id not in already]
            return found

        found = await self._store.read(work)
        if draft.on_paper:
            away = await self._store.read(
                lambda db: became.today(db, actor.entity_id, draft.on_paper)
            )
            found = [one for one in found if one.id not in away]
        if not keeper:
            found = [_nameless(person) for person in found]
        found += await self._on_duty(actor, draft, {person.id for person in found}, problems)
        for address in draft.to:
            try:
                found.append(await self.person_at(actor, address))
            except Refused as error:
                problems.append(error)
        return found

    async def _on_duty(
        self, actor: Actor, draft: Draft, already: set[int | None], problems: list[Refused]
    ) -> list[people.Person]:
        """Return whoever is on duty when the message leaves, each once."""
        if not draft.duties:
            return []
        asked, moment = await self._leaves(actor, draft)
        turns = await self._store.read(
            lambda db: {
                name: scenarios.on_duty(db, actor.entity_id, name, moment) for name in draft.duties
            }
        )
        for name, found in turns.items():
            if not found:
                problems.append(_nobody_on_duty(name, asked, moment, actor.timezone))
        numbers = {one for found in turns.values() for one in found} - already
        return await self._store.read(lambda db: scenarios.people_of(db, actor.entity_id, numbers))

    async def _leaves(self, actor: Actor, draft: Draft) -> tuple[float, float]:
        """Return when somebody wants a message to leave, and when its hours let it.

        Those on duty come from no group, whose own hours hold for its members alone.
        """
        now = self._clock.now()
        asked = max(now, draft.at.timestamp()) if draft.at else now
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        hours = town_settings.hours(town, urgency_of(draft.urgency, []))
        if draft.at_any_hour or hours is None:
            return asked, asked
        return asked, next_open(hours, actor.timezone, asked, holidays_of(actor.timezone))

    async def person_at(self, actor: Actor, text: str, body: str | None = None) -> people.Person:
        """Return whoever has this number or address, or a nameless person; raise `Refused`."""
        if "@" in text:
            address = Address(None, Line.EMAIL, phone.parse_mail(text))
        else:
            number = phone.parse(text)
            address = Address(None, number.line, number.e164)
        row = await self._store.read(
            lambda db: people.by_address(db, actor.entity_id, address.value, keeper=actor.keeper)
        )
        if row is None:
            return people.Person(None, phone.shown(address.value), (address,), body)
        known = Address(row["endpoint_id"], address.line, address.value)
        if row["reserved"] and not actor.keeper:  # that somebody is in the register is a secret
            return people.Person(None, phone.shown(address.value), (known,), body)
        return people.Person(
            row["id"], people.full_name(row), (known,), body, reserved=bool(row["reserved"]),
            language=row["language"],
        )  # fmt: skip


class OffDutyThen(Refused):
    """Nobody is on duty when the hours let a message leave; somebody may be at this moment."""


def off_duty_then(problems: Sequence[Refused]) -> bool:
    """Tell whether all that stands against a message is that nobody is on duty when it leaves."""
    return bool(problems) and all(isinstance(one, OffDutyThen) for one in problems)


def _nobody_on_duty(name: str, asked: float, leaves: float, zone: str) -> Refused:
    if leaves <= asked:
        return Refused(
            "Personne n'est de garde pour « {name} » à ce moment.", "duties", name=name
        )  # fmt: skip
    said = fr(
        "Ce message partira {when}, et personne ne sera de garde pour « {name} » : choisissez une "
        "autre heure, envoyez-le maintenant, ou complétez les gardes.",
        when=words.at_time(leaves, zone, asked), name=name,
    )  # fmt: skip
    return OffDutyThen(said, "duties")


def said_whom(draft: Draft, chosen: Sequence[sqlite3.Row]) -> list[str]:
    """Return whom a draft is for, in words; ``chosen`` are its groups as rows."""
    if draft.everybody:
        return [fr("Tous les contacts")]
    named = [str(row["name"]) for row in chosen]
    named += [f"quartier {zone}" for zone in draft.zones]
    picked = len(draft.contact_ids)
    return named + [fr_many("{n} personne au choix", "{n} personnes au choix", picked)] * bool(
        picked
    )


def _nameless(person: people.Person) -> people.Person:
    return person._replace(name=register.NAMELESS) if person.reserved else person
