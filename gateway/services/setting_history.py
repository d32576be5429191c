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
from gateway.sentences import fr
from gateway.services import town_settings, words
from gateway.services.permits import need
from gateway.services.setting_words import BACK, KEYS, SIM_LIMITS, said, said_limits
from gateway.services.tuning import limit_sim
from gateway.services.values import Actor
from gateway.store import Store, budgets, settings

_ALREADY: Final = fr("Ce réglage est déjà comme avant ce changement.")
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

        def work(db: sqlite3.Connection) -> list[ChangeView]:
            rows = settings.history(db, actor.entity_id, tuple(KEYS), _SHOWN)
            now = settings.read(db, actor.entity_id)
            return [
                _limits_view(db, row, actor.timezone)
                if row["key"] == SIM_LIMITS
                else _view(row, now, actor.timezone)
                for row in rows
            ]

        return await self._store.read(work)

    async def put_back(self, actor: Actor, number: int) -> None:
        """Write the value from before a change as a new one; raise `Refused` where it stands."""
        need(actor, Right.SETTINGS)
        moment = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            row = settings.change(db, actor.entity_id, number)
            if row is not None and row["key"] == SIM_LIMITS:
                _limits_back(db, actor, row, moment)
                return
            if row is None or row["key"] not in BACK:
                raise Refused("Ce réglage ne se remet pas d'ici : changez-le sur sa page.")
            key, before, after = row["key"], _value(row["before"]), _value(row["value"])
            known = settings.read(db, actor.entity_id).get(key)
            wanted = restored(key, before, after, known, moment)
            if _same(key, wanted, known):
                raise Refused(_ALREADY)
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


def _limits_view(db: sqlite3.Connection, row: sqlite3.Row, zone: str) -> ChangeView:
    told = json.loads(row["value"])
    sim, before = told["sim"], told["before"]
    return ChangeView(
        row["id"], words.at(row["changed_at"], zone), row["changed_by"], KEYS[SIM_LIMITS],
        said_limits(sim, before), said_limits(sim, told["after"]),
        _limits(before) != (budgets.limits_of(db, sim) or budgets.Limits()),
    )  # fmt: skip


def _limits_back(db: sqlite3.Connection, actor: Actor, row: sqlite3.Row, moment: float) -> None:
    """Give a SIM the limits it had before a change, whether or not it is in a modem now."""
    told = json.loads(row["value"])
    wanted = _limits(told["before"])
    if wanted == (budgets.limits_of(db, told["sim"]) or budgets.Limits()):
        raise Refused(_ALREADY)
    limit_sim(db, actor, told["sim"], wanted, moment)


def _limits(before: Mapping[str, int] | None) -> budgets.Limits:
    return budgets.Limits(**(before or {}))


def _view(row: sqlite3.Row, town: Mapping[str, Any], zone: str) -> ChangeView:
    key, before, after = row["key"], _value(row["before"]), _value(row["value"])
    wanted = restored(key, before, after, town.get(key), 0.0)
    return ChangeView(
        row["id"], words.at(row["changed_at"], zone), row["changed_by"], KEYS[key],
        said(key, before), said(key, after),
        key in BACK and not _same(key, wanted, town.get(key)),
    )  # fmt: skip
