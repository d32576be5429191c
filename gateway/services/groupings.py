"""Groups: made, changed, emptied; and who keeps the register of vulnerable people."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway import criteria as by_criteria
from gateway import hours as opening_hours
from gateway.clock import Clock
from gateway.criteria import Criteria
from gateway.errors import NotHere, Refused
from gateway.model import Purpose
from gateway.rights import Right
from gateway.sentences import fr
from gateway.services import town_settings, words
from gateway.services.gone import said_uses
from gateway.services.permits import KEEPERS_AT_HOME, need
from gateway.services.values import Actor
from gateway.services.versions import Inputs, Shown, check, version_of
from gateway.store import Store, contacts, events, group_uses, groups, register, settings

_SUNDAY: Final = 6
#: What the page names the inputs of each field of a group's form.
_INPUTS: Final[Inputs] = {
    fr("Nom"): ("name",),
    fr("À quoi sert-il ?"): ("purpose",),
    fr("Qui en fait partie ?"): (
        "kind", "zone", "street", "tag", "has", "lacks", "help_first", "language",
    ),
    fr("À quelles heures ?"): ("opens", "closes"),
    fr("Aussi le dimanche et les jours fériés"): ("sundays",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GroupForm:
    """What a group is: its name, what it is for, and its criteria where it has some.

    ``opens`` and ``closes`` (08:00) are hours of its own, both empty for the town's; ``sundays``
    whether they hold on Sundays and public holidays too.
    """

    name: str
    purpose: str = "alerte"
    criteria: Criteria | None = None
    opens: str = ""
    closes: str = ""
    sundays: bool = False


@dataclass(frozen=True, slots=True)
class GroupUse:
    """Something that uses a group; ``kind`` is ready, waiting, series, paper or sims.

    ``holds``: the group cannot be deleted before it was taken out there.
    """

    kind: str
    id: int
    name: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What criteria can be made of in this town."""

    zones: tuple[str, ...]
    streets: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeeperView:
    """An account that keeps the register."""

    account_id: int
    name: str
    named_at: datetime
    named_by: str


class Groupings:
    """What the doors may ask of groups and of the register's keepers."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def form(self, actor: Actor, group_id: int) -> GroupForm:
        """Return a group as its form shows it."""
        return _form_of(await self._store.read(lambda db: _owned(db, actor, group_id)))

    async def choices(self, actor: Actor) -> Choices:
        """Return the zones, streets and tags in use."""

        def work(db: sqlite3.Connection) -> Choices:
            return Choices(*(
                tuple(contacts.values_used(db, actor.entity_id, column))
                for column in ("zone", "street", "tag")
            ))  # fmt: skip

        return await self._store.read(work)

    async def save(
        self, actor: Actor, group_id: int | None, form: GroupForm, version: str = ""
    ) -> int:
        """Write a group (None: a new one); return its id. Raise `Refused` naming the field.

        Raise `Changed` where somebody changed it since the form of ``version``.
        """
        need(actor, Right.PEOPLE)
        name = " ".join(form.name.split())[:80]
        if not name:
            raise Refused("Donnez un nom au groupe.", "name")
        if form.purpose not in set(Purpose):
            raise Refused("Choisissez à quoi sert ce groupe.", "purpose")
        if form.purpose == Purpose.VULNERABLE and not actor.keeper:
            raise Refused(words.KEEPERS_ONLY, "purpose")
        kept = by_criteria.to_json(by_criteria.check(form.criteria)) if form.criteria else ""
        if kept and form.purpose == Purpose.VULNERABLE:
            raise Refused("On n'entre au registre que nommément : sans critère.", "criteria")
        hours, now = _hours_stored(form), self._clock.now()

        def work(db: sqlite3.Connection) -> int:
            what = (name, form.purpose, kept, hours, actor.name, now)
            if group_id is None:
                made = groups.add(db, actor.entity_id, *what)
            else:
                stands = _form_of(_owned(db, actor, group_id))
                check(version, _said(stands), _said(form), _INPUTS)
                done = groups.change(db, group_id, *what)
                made = group_id if done else None
            if made is None:
                raise Refused("Un groupe « {name} » existe déjà.", "name", name=name)
            return made

        return await self._store.write(work)

    async def uses(self, actor: Actor, group_id: int) -> tuple[GroupUse, ...]:
        """Return what uses a group, whatever keeps it from being deleted first."""
        need(actor, Right.PEOPLE)

        def work(db: sqlite3.Connection) -> tuple[GroupUse, ...]:
            row = _owned(db, actor, group_id)
            return (*_holding(db, actor, group_id), *_besides(db, actor, row))

        return await self._store.read(work)

    async def remove(self, actor: Actor, group_id: int) -> None:
        """Delete a group; its people stay in the directory.

        Raise `Refused` while a ready message, one that waits or one that comes again names it.
        """
        need(actor, Right.PEOPLE)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            row = _owned(db, actor, group_id)
            if uses := group_uses.of(db, actor.entity_id, group_id):
                raise Refused(
                    "Le groupe « {name} » sert encore : {uses}. Retirez-le d'abord de là.",
                    "group",
                    name=row["name"],
                    uses=said_uses(uses),
                )
            groups.remove(db, group_id, actor.name, now)

        await self._store.write(work)

    async def move(
        self, actor: Actor, group_id: int | None, contact_ids: Sequence[int], *, into: bool
    ) -> int:
        """Put contacts into a group kept by hand, or take them out; return how many moved.

        Raises `Refused` where no contact or no group was chosen.
        """
        need(actor, Right.PEOPLE)
        if not contact_ids:
            raise Refused("Cochez d'abord les personnes, dans la liste.", "person")
        if group_id is None:
            raise Refused("Choisissez le groupe.", "target")
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> int:
            group = _owned(db, actor, group_id)
            if group["criteria"]:
                raise Refused("Ce groupe se remplit par ses critères : changez ceux-ci.")
            moved = 0
            for number in contact_ids:
                if contacts.get(db, actor.entity_id, number, register=actor.keeper) is None:
                    raise NotHere("Ce contact n'existe pas, ou n'existe plus.")
                change = groups.join if into else groups.leave
                moved += change(db, group_id, number)
            if moved:
                kind = "group.joined" if into else "group.left"
                told = {"name": group["name"], "people": moved, "by": actor.name}
                events.record(db, now, kind, told, entity_id=actor.entity_id)
            return moved

        return await self._store.write(work)

    # the register

    async def keepers(self, actor: Actor) -> list[KeeperView]:
        """Return who keeps the town's register."""
        rows = await self._store.read(lambda db: register.keepers(db, actor.entity_id))
        return [
            KeeperView(row["id"], row["name"], words.at(row["named_at"], actor.timezone),
                       row["named_by"])
            for row in rows
        ]  # fmt: skip

    async def name_keeper(self, actor: Actor, account_id: int, *, on: bool) -> None:
        """Name a keeper, or no more: an administrator of this very town only."""
        if actor.role != "administrator" or not actor.at_home:
            raise Refused(KEEPERS_AT_HOME)
        now = self._clock.now()
        changed = await self._store.write(
            lambda db: register.name_keeper(db, actor.entity_id, account_id, actor.name, now, on=on)
        )
        if not changed:
            raise Refused("Ce compte n'est pas de cette commune, ou rien ne change.")


def group_version(form: GroupForm) -> str:
    """Return the version of a group's form."""
    return version_of(_said(form))


def _form_of(row: sqlite3.Row) -> GroupForm:
    found = by_criteria.from_json(row["criteria"]) if row["criteria"] else None
    return GroupForm(row["name"], row["purpose"], found, *_hours_shown(row["hours"]))


def _said(form: GroupForm) -> Shown:
    """Return what the form of a group says, field by field."""
    kept = by_criteria.check(form.criteria) if form.criteria else None
    hours = form.opens and f"{form.opens}–{form.closes}"
    return {
        fr("Nom"): " ".join(form.name.split())[:80],
        fr("À quoi sert-il ?"): words.PURPOSES[Purpose(form.purpose)],
        fr("Qui en fait partie ?"): by_criteria.said(kept) if kept else fr("ceux qu'on y met"),
        fr("À quelles heures ?"): hours,
        fr("Aussi le dimanche et les jours fériés"): fr("oui") if hours and form.sundays else "",
    }


def _holding(db: sqlite3.Connection, actor: Actor, group_id: int) -> list[GroupUse]:
    """Return what could not be sent any more as it is without a group."""
    found = group_uses.of(db, actor.entity_id, group_id)
    kinds = (("ready", found.ready), ("waiting", found.waiting), ("series", found.series))
    return [GroupUse(kind, row["id"], row["title"], True) for kind, rows in kinds for row in rows]


def _besides(db: sqlite3.Connection, actor: Actor, row: sqlite3.Row) -> list[GroupUse]:
    """Return what else names a group, and does without it."""
    paper = settings.read(db, actor.entity_id).get(town_settings.PAPER, {})
    found = [GroupUse("paper", 0, "", False)] * (row["id"] in paper.get("groups", ()))
    return found + [GroupUse("sims", 0, "", False)] * bool(row["any_sim"])


def _hours_stored(form: GroupForm) -> str:
    if not form.opens and not form.closes:
        return ""
    if not form.opens or not form.closes:
        raise Refused("Donnez les deux heures du groupe, de et à, ou aucune.", "hours")
    window = (opening_hours.minutes_of(form.opens), opening_hours.minutes_of(form.closes))
    days = dict.fromkeys(range(7 if form.sundays else _SUNDAY), window)
    made = opening_hours.Hours(days, on_holidays=form.sundays)
    return opening_hours.to_json(opening_hours.check(made))


def _hours_shown(stored: str) -> tuple[str, str, bool]:
    hours = opening_hours.from_json(stored)
    if hours is None:
        return "", "", False
    opens, closes = next(iter(hours.days.values()))
    return opening_hours.clock_of(opens), opening_hours.clock_of(closes), _SUNDAY in hours.days


def _owned(db: sqlite3.Connection, actor: Actor, group_id: int) -> sqlite3.Row:
    row = groups.get(db, actor.entity_id, group_id)
    if row is None or (row["purpose"] == Purpose.VULNERABLE and not actor.keeper):
        raise NotHere("Ce groupe n'existe pas, ou n'existe plus.")
    return row
