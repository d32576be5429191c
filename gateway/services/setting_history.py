"""The history of a town's settings: who changed what, from what to what; and back to before.

Going back writes the old value as a new change: what happened stays written.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.clock import Clock
from gateway.errors import Refused
from gateway.rights import Right
from gateway.sentences import fr, glued
from gateway.services import kept_changes, town_settings, words
from gateway.services.accounts import TWO_FACTOR_ROLES
from gateway.services.kept_changes import KINDS, OF_SIMS
from gateway.services.permits import need, theirs
from gateway.services.setting_words import BACK, FIXED, KEYS, said
from gateway.services.values import Actor
from gateway.store import Store, sessions, settings

_MEANWHILE: Final = fr(
    "Ce réglage a changé depuis que vous avez ouvert cette page : rien n'est remis. Voici où il en "
    "est ; si vous le voulez encore, pressez de nouveau."
)
_ALREADY: Final = fr("Ce réglage est déjà comme avant ce changement.")
#: Changes on the page.
_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change; ``before`` and ``after`` are empty where the value is not shown."""

    id: int
    at: datetime
    who: str
    what: str
    before: str
    after: str
    can_go_back: bool  # the value before is not the one in force
    why_not: str = ""  # why there is no way back, whatever is in force


class SettingHistory:
    """What the doors may ask of past settings."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        #: Told when a value was put back.
        self.changed: Callable[[], None] = lambda: None

    async def changes(self, actor: Actor) -> list[ChangeView]:
        """Return the last changes, newest first; what each account tries for itself is left out."""
        need(actor, Right.SETTINGS)

        def work(db: sqlite3.Connection) -> list[ChangeView]:
            rows = settings.history(db, actor.entity_id, tuple(KEYS), _SHOWN)
            now = settings.read(db, actor.entity_id)
            return [
                _kept_view(db, actor, row, json.loads(row["value"]))
                if row["key"] in KINDS
                else _view(row, now, actor.timezone)
                for row in rows
            ]

        return await self._store.read(work)

    async def put_back(self, actor: Actor, number: int, seen: int | None = None) -> None:
        """Write the value from before a change as a new one; raise `Refused` where it stands.

        ``seen`` is the newest change that whoever asks was shown: what somebody else has set since
        is not overwritten unseen.
        """
        need(actor, Right.SETTINGS)
        moment = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            row = settings.change(db, actor.entity_id, number)
            if row is not None and row["key"] in KINDS:
                _kept_back(db, actor, row, moment, seen)
                return
            if row is None or row["key"] not in BACK:
                known = FIXED.get(row["key"]) if row is not None else None
                raise Refused(
                    known or fr("Ce réglage ne se remet pas d'ici : changez-le sur sa page.")
                )
            key, before, after = row["key"], _value(row["before"]), _value(row["value"])
            known = settings.read(db, actor.entity_id).get(key)
            wanted = restored(key, before, after, known, moment)
            if _same(key, wanted, known):
                raise Refused(_ALREADY)
            _check_seen(db, actor, key, seen)
            settings.write(db, actor.entity_id, key, wanted, actor.name, moment)
            if key == TWO_FACTOR_ROLES and wanted:
                sessions.await_enrolment(db, actor.entity_id, tuple(wanted))

        await self._store.write(work)
        self.changed()


def _check_seen(
    db: sqlite3.Connection, actor: Actor, key: str, seen: int | None, which: str = ""
) -> None:  # fmt: skip
    """Refuse what was changed after ``seen``; of what has a name, ``which`` alone counts."""
    if seen is None:
        return
    for row in settings.history(db, actor.entity_id, (key,), _SHOWN):
        same = not which or kept_changes.object_of(json.loads(row["value"])) == which
        if row["id"] > seen and same:
            raise Refused(_MEANWHILE)


def restored(key: str, before: Any, after: Any, now: Any, moment: float) -> Any:
    """Return what is to be in force so that a change is undone; None is the default.

    Of the hours only those of the urgency that the change touched; SMS that came meanwhile are
    not sent on to a mailbox put back.
    """
    if key == town_settings.HOURS:
        old, new = before or {}, after or {}
        touched = {one: old.get(one) for one in {*old, *new} if old.get(one) != new.get(one)}
        merged = {**(now or {}), **touched}
        return {one: value for one, value in merged.items() if value} or None
    if key == town_settings.FORWARD_SMS and before:
        return {**before, "since": moment}
    return before


def _same(key: str, one: Any, other: Any) -> bool:
    """Tell whether two values mean the same; the hour a list began is no part of it."""
    if key == town_settings.FORWARD_SMS:
        return _to(one) == _to(other)
    return bool(one == other) or said(key, one) == said(key, other)


def _to(value: Mapping[str, Any] | None) -> list[str]:
    return list((value or {}).get("to", ()))


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _kept_view(
    db: sqlite3.Connection, actor: Actor, row: sqlite3.Row, told: Mapping[str, Any]
) -> ChangeView:
    """Return a change of what has a table of its own."""
    key, kind = row["key"], KINDS[row["key"]]
    before, after = (
        "" if told.get("forgotten") else kind.said(db, actor, told, told[one])
        for one in ("before", "after")
    )
    fixed = kept_changes.fixed(key, told) or (theirs(actor) if key in OF_SIMS else "")
    stands = fixed or kept_changes.stands(db, actor, key, told)
    return ChangeView(
        row["id"], words.at(row["changed_at"], actor.timezone), row["changed_by"],
        glued("{what} {which}", what=KEYS[key], which=kept_changes.object_of(told)), before, after,
        not stands, fixed,
    )  # fmt: skip


def _kept_back(
    db: sqlite3.Connection, actor: Actor, row: sqlite3.Row, moment: float, seen: int | None
) -> None:
    key, told = row["key"], json.loads(row["value"])
    if fixed := kept_changes.fixed(key, told):
        raise Refused(fixed)
    if kept_changes.stands(db, actor, key, told):
        raise Refused(_ALREADY)
    _check_seen(db, actor, key, seen, kept_changes.object_of(told))
    KINDS[key].back(db, actor, told, moment)


def _view(row: sqlite3.Row, town: Mapping[str, Any], zone: str) -> ChangeView:
    key, before, after = row["key"], _value(row["before"]), _value(row["value"])
    wanted = restored(key, before, after, town.get(key), 0.0)
    return ChangeView(
        row["id"], words.at(row["changed_at"], zone), row["changed_by"], KEYS[key],
        said(key, before), said(key, after),
        key in BACK and not _same(key, wanted, town.get(key)), FIXED.get(key, ""),
    )  # fmt: skip
