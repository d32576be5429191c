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
from gateway.services import town_settings, words
from gateway.services.permits import need
from gateway.services.setting_words import BACK, KEYS, said
from gateway.services.values import Actor
from gateway.store import Store, settings

#: Changes on the page.
_SHOWN: Final = 60


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


class SettingHistory:
    """What the doors may ask of past settings."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        #: Told when a value was put back.
        self.changed: Callable[[], None] = lambda: None

    async def changes(self, actor: Actor) -> list[ChangeView]:
        """Return the last changes, newest first; what each account tries for itself is left out."""
        need(actor, Right.SETTINGS)
        rows, now = await self._store.read(
            lambda db: (
                settings.history(db, actor.entity_id, tuple(KEYS), _SHOWN),
                settings.read(db, actor.entity_id),
            )
        )
        return [_view(row, now, actor.timezone) for row in rows]

    async def put_back(self, actor: Actor, number: int) -> None:
        """Write the value from before a change as a new one; raise `Refused` where it stands."""
        need(actor, Right.SETTINGS)
        moment = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            row = settings.change(db, actor.entity_id, number)
            if row is None or row["key"] not in BACK:
                raise Refused("Ce réglage ne se remet pas d'ici : changez-le sur sa page.")
            key, before, after = row["key"], _value(row["before"]), _value(row["value"])
            known = settings.read(db, actor.entity_id).get(key)
            wanted = restored(key, before, after, known, moment)
            if _same(key, wanted, known):
                raise Refused("Ce réglage est déjà comme avant ce changement.")
            settings.write(db, actor.entity_id, key, wanted, actor.name, moment)

        await self._store.write(work)
        self.changed()


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
    return bool((one or None) == (other or None)) or said(key, one) == said(key, other)


def _to(value: Mapping[str, Any] | None) -> list[str]:
    return list((value or {}).get("to", ()))


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _view(row: sqlite3.Row, town: Mapping[str, Any], zone: str) -> ChangeView:
    key, before, after = row["key"], _value(row["before"]), _value(row["value"])
    wanted = restored(key, before, after, town.get(key), 0.0)
    return ChangeView(
        row["id"], words.at(row["changed_at"], zone), row["changed_by"], KEYS[key],
        said(key, before), said(key, after),
        key in BACK and not _same(key, wanted, town.get(key)),
    )  # fmt: skip
