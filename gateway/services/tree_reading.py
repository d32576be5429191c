"""What stands on the call tree, read from the town: callers, ready alerts, lists of people."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from gateway import phone, telephones
from gateway.call_tree import Case, Listed, Somebody
from gateway.model import Line, Urgency
from gateway.services import drafts, words
from gateway.services.gone import without_gone
from gateway.services.values import Draft
from gateway.services.whom import said_whom
from gateway.store import call_tree, groups, scenarios, settings
from gateway.store.people import Person

#: Days of duty ahead that are printed.
_AHEAD: Final = 8 * 86400.0
#: What a trusted telephone may do, in words.
_ROLES: Final = {telephones.LAUNCHER: "peut lancer", telephones.TECHNICIAN: "technique"}


def callers(db: sqlite3.Connection, entity_id: int, zone: str, now: float) -> list[Listed]:
    """Return who rings the others: each list of duty with its turns, and trusted telephones."""
    rows = [row for row in scenarios.duties(db, entity_id, now) if row["begins_at"] < now + _AHEAD]
    known = _known(db, entity_id, [row["contact_id"] for row in rows])
    lists: dict[str, list[Somebody]] = {}
    for row in rows:
        if one := known.get(row["contact_id"]):
            until = words.at(row["ends_at"], zone)
            since = words.at(row["begins_at"], zone)
            note = f"du {since:%d/%m} {since:%H:%M} au {until:%d/%m} {until:%H:%M}"
            lists.setdefault(f"De garde : {row['list']}", []).append(_somebody(one, note))
    trusted = [
        Somebody(one.name, [phone.shown(one.number)],
                 ", ".join(_ROLES[role] for role in sorted(one.roles) if role in _ROLES))
        for one in telephones.listed(settings.read(db, entity_id))
    ]  # fmt: skip
    found = [Listed(name, people) for name, people in lists.items()]
    return [*found, Listed("Téléphones autorisés", trusted)] if trusted else found


def cases(db: sqlite3.Connection, entity_id: int, now: float) -> list[Case]:
    """Return the ready alerts and messages that say whom they are for, alerts first."""
    named = {row["id"]: row["name"] for row in groups.named(db, entity_id, register=False)}
    found = []
    for row in scenarios.listed(db, entity_id):
        # a group deleted since is no group of the register, which is printed as one
        draft, _ = without_gone(db, entity_id, drafts.from_json(row["draft"]), keeper=True)
        if draft.addressed:
            urgency = Urgency(draft.urgency)
            case = Case(
                row["name"], words.URGENCIES[urgency], draft.text, _whom(draft, named),
                _first(db, entity_id, draft, now),
            )  # fmt: skip
            found.append((urgency is not Urgency.VITAL, case))
    return [case for _, case in sorted(found, key=lambda one: one[0])]


def _whom(draft: Draft, named: dict[int, str]) -> str:
    whom = [named[one] for one in draft.group_ids if one in named]
    hidden = len(draft.group_ids) - len(whom)
    whom += ["registre des personnes fragiles (ses gardiens ont la liste)"] if hidden else []
    whom += [f"de garde : {one}" for one in draft.duties]
    return ", ".join([*whom, *said_whom(draft, ())]) or "personne"


def _first(db: sqlite3.Connection, entity_id: int, draft: Draft, now: float) -> list[Somebody]:
    """Return who is rung first: those on duty now of the lists the alert names, else of any."""
    lists = draft.duties or tuple(scenarios.duty_lists(db, entity_id))
    ids = [one for name in lists for one in scenarios.on_duty(db, entity_id, name, now)]
    known = _known(db, entity_id, ids)
    return [_somebody(known[one]) for one in dict.fromkeys(ids) if one in known]


def printed(db: sqlite3.Connection, entity_id: int, chosen: Sequence[int]) -> list[Listed]:
    """Return the groups printed whole, each with everybody's numbers and referent."""
    named = {row["id"]: row["name"] for row in groups.named(db, entity_id, register=False)}
    found = []
    for number in (one for one in chosen if one in named):
        members = call_tree.listed(db, entity_id, number)
        ids = [one.id for one in members if one.id is not None]
        of = call_tree.referents(db, entity_id, ids)
        known = _known(db, entity_id, of.values())
        people = [_somebody(one, _referent(known.get(of.get(one.id or 0, 0))))
                  for one in members]  # fmt: skip
        found.append(Listed(named[number], people))
    return found


def _referent(one: Person | None) -> str:
    return f"référent : {one.name}, {', '.join(_numbers(one))}" if one else ""


def _known(db: sqlite3.Connection, entity_id: int, ids: Iterable[int]) -> dict[int, Person]:
    """Return these contacts by number, those of the register left out."""
    rows = scenarios.people_of(db, entity_id, set(ids))
    return {one.id: one for one in rows if one.id is not None and not one.reserved}


def _somebody(one: Person, note: str = "") -> Somebody:
    return Somebody(one.name, _numbers(one), note)


def _numbers(one: Person) -> list[str]:
    return [phone.shown(way.value) for way in one.addresses if way.line is not Line.EMAIL]
