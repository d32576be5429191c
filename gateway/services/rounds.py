"""What the pages may ask of the daily round of the register; its keepers alone may."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway import phone
from gateway import rounds as policy
from gateway.clock import Clock
from gateway.errors import NotHere, Refused
from gateway.hours import clock_of
from gateway.model import Channel, Purpose, Urgency
from gateway.rounds import Settings
from gateway.sentences import fr
from gateway.services import round_setting, round_view, round_words, words
from gateway.services.compose import Compose
from gateway.services.permits import NotAllowed
from gateway.services.round_begins import Town, hour_of, stopped, way_of
from gateway.services.round_values import HourView, RoundDay, RoundForm, RoundPerson, RoundSetup
from gateway.services.values import Actor
from gateway.services.versions import check, version_of
from gateway.store import Store, consent, progress, rounds, settings
from gateway.store.rounds import Member


class Rounds:
    """What a keeper sees and does."""

    def __init__(self, store: Store, clock: Clock, compose: Compose) -> None:
        self._store, self._clock, self._compose = store, clock, compose

    async def day(self, actor: Actor, day: date | None = None) -> RoundDay:
        """Return a day's round, today's where none is named."""
        _may(actor)
        now = self._clock.now()
        wanted = day or words.at(now, actor.timezone).date()
        return await self._store.read(lambda db: round_view.of(db, town_of(db, actor), wanted, now))

    async def setup(self, actor: Actor) -> RoundSetup:
        """Return how the round is set, for whom, and how long it will take."""
        _may(actor)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> tuple[Town, list[Member], set[int], bool]:
            known = rounds.members(db, actor.entity_id)
            out = {one.card["id"] for one in known if stopped(db, actor.entity_id, one)}
            return town_of(db, actor), known, out, rounds.any_sim(db, actor.entity_id)

        town, known, out, any_sim = await self._store.read(work)
        within = [one for one in known if not one.out_why and one.card["id"] not in out]
        today = words.at(now, actor.timezone).date()
        setting, shown = town.known, [_shown(one, one.card["id"] in out) for one in known]
        return RoundSetup(
            setting.on and setting.last >= today.isoformat(), setting.first or today.isoformat(),
            setting.last or (today + timedelta(days=3)).isoformat(), clock_of(setting.minutes),
            setting.pause, ", ".join(map(phone.shown, setting.tell)), setting.by,
            _next(town, within, now),
            tuple(one for one in shown if not one.out_why),
            tuple(one for one in shown if one.out_why),
            await self._hours(town, within, now), self._compose.voice_modems,
            tuple(await self._warnings(within, any_sim=any_sim)),
            version_of(round_setting.said(setting)),
        )  # fmt: skip

    async def _hours(
        self, town: Town, within: Sequence[Member], now: float
    ) -> tuple[HourView, ...]:
        """Return how long the first calls of each hour take with the modems there are."""
        by_hour: dict[int, list[Member]] = defaultdict(list)
        for one in within:
            by_hour[hour_of(one, town.known)].append(one)
        texts = round_words.texts(town.name, "fr")
        day, found = words.at(now, town.zone).date(), []
        for minutes, people in sorted(by_hour.items()):
            seconds = await self._compose.duration(self._counts(people), texts, Urgency.SERVICE)
            ends = words.at(policy.due(day, minutes, town.zone) + seconds, town.zone)
            found.append(HourView(clock_of(minutes), len(people), seconds, ends))
        return tuple(found)

    def _counts(self, people: Sequence[Member]) -> dict[Channel, int]:
        calls = self._compose.voice_modems > 0
        texts = sum(way_of(one, calls=calls) == "sms" for one in people)
        return {Channel.SMS: texts, Channel.VOICE: len(people) - texts}

    async def _warnings(self, within: Sequence[Member], *, any_sim: bool) -> list[str]:
        found = await self._compose.hindrances(self._counts(within), any_sim=any_sim)
        mute = [one for one in within if not round_view.telephone(one)]
        if mute:
            found.append(fr("Sans téléphone sur leur fiche : {names}.", names=_names(mute)))
        alone = [one for one in within if one.card["referent_id"] is None]
        if alone:
            found.append(fr("Sans référent à prévenir : {names}.", names=_names(alone)))
        return found

    # what a keeper sets

    async def switch(self, actor: Actor, form: RoundForm, version: str = "") -> None:
        """Set the round, on or off; raise `Refused` with the field at fault.

        Raise `Changed` where another keeper set it since the form of ``version``.
        """
        _may(actor)
        now = self._clock.now()
        today = words.at(now, actor.timezone).date()
        wanted = round_setting.read(form, actor.name, now, today)

        def work(db: sqlite3.Connection) -> None:
            known = town_of(db, actor).known
            check(
                version, round_setting.said(known), round_setting.said(wanted), round_setting.INPUTS
            )
            if form.on and not rounds.members(db, actor.entity_id):
                raise Refused(
                    "Le registre est vide : inscrivez des personnes dans un groupe « personnes "
                    "fragiles »."
                )
            since = known.since if known.on and wanted.minutes == known.minutes else now
            value = {**policy.to_setting(wanted), "since": since}
            settings.write(db, actor.entity_id, policy.SETTING, value, actor.name, now)

        await self._store.write(work)

    async def set_person(
        self, actor: Actor, contact_id: int, *, hour: str, way: str, out_why: str,
        version: str = "",
    ) -> None:  # fmt: skip
        """Give somebody an hour of their own (empty: everybody's), or leave them out with why."""
        _may(actor)
        minutes = round_setting.hour(hour) if hour.strip() else None
        why, now = " ".join(out_why.split())[:120], self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            known = {one.card["id"]: one for one in rounds.members(db, actor.entity_id)}
            if contact_id not in known:
                raise NotHere("Cette personne n'est pas au registre.")
            one, by = known[contact_id], "sms" if way == "sms" else "voice"
            stands = round_setting.said_person(contact_id, one.minutes, one.way, one.out_why)
            asked = round_setting.said_person(contact_id, minutes, by, why)
            check(version, stands, asked, round_setting.PERSON_INPUTS)
            rounds.set_person(
                db, actor.entity_id, contact_id, minutes, by, why, actor.name, now
            )  # fmt: skip
            if not why and stopped(db, actor.entity_id, known[contact_id]):
                _called_again(db, actor, known[contact_id], now)

        await self._store.write(work)

    async def seen(self, actor: Actor, entry_id: int) -> date:
        """Write down that somebody went or rang, and all is well; return which day's it was."""
        _may(actor)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> date:
            row = rounds.entry(db, actor.entity_id, entry_id)
            if row is None:
                raise NotHere("Cette personne n'est pas dans la tournée.")
            if rounds.see(db, actor.entity_id, entry_id, actor.name, now) and row["recipient_id"]:
                progress.told_in_person(db, row["recipient_id"], actor.name, now)
            return date.fromisoformat(row["day"])

        return await self._store.write(work)


def town_of(db: sqlite3.Connection, actor: Actor) -> Town:
    """Return the actor's town with its round, as it stands."""
    known: Mapping[str, object] = settings.read(db, actor.entity_id)
    return Town(actor.entity_id, actor.entity_name, actor.timezone, policy.of_town(known))


def _may(actor: Actor) -> None:
    if not actor.keeper:
        raise NotAllowed(words.KEEPERS_ONLY)


def _called_again(db: sqlite3.Connection, actor: Actor, one: Member, now: float) -> None:
    """Take back the STOP of somebody a keeper puts into the round again."""
    for address in one.person.addresses:
        consent.restore(
            db, actor.entity_id, channel=None, address=address.value, purpose=Purpose.VULNERABLE,
            source="page", by=actor.name, now=now,
        )  # fmt: skip


def _shown(one: Member, has_stopped: bool) -> RoundPerson:
    why = one.out_why or (fr("a répondu STOP à la tournée") if has_stopped else "")
    return RoundPerson(
        one.card["id"], round_view.named(one.card),
        clock_of(one.minutes) if one.minutes is not None else "", one.way, why, has_stopped,
        round_view.telephone(one), one.card["referent"] or "",
        version_of(
            round_setting.said_person(one.card["id"], one.minutes, one.way, one.out_why)
        ),
    )  # fmt: skip


def _next(town: Town, within: Sequence[Member], now: float) -> datetime | None:
    """Return when the first call to come is, None where there is none."""
    known: Settings = town.known
    if not known.on or not known.first:
        return None
    today = datetime.fromtimestamp(now, ZoneInfo(town.zone)).date()
    begins = max(today, date.fromisoformat(known.first))
    moments = [
        at
        for day in (begins, begins + timedelta(days=1))
        if known.covers(day)
        for one in within
        if (at := policy.due(day, hour_of(one, known), town.zone)) > now
    ]
    return words.at(min(moments), town.zone) if moments else None


def _names(people: Sequence[Member]) -> str:
    shown = [round_view.named(one.card) for one in people[:5]]
    return ", ".join(shown) + (f" et {len(people) - 5} autres" if len(people) > 5 else "")
