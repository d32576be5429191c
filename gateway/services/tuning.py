"""What an administrator sets on the page: hours, second thoughts, second persons, SIM budgets."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from gateway.clock import Clock
from gateway.errors import Refused
from gateway.hours import Hours, check, clock_of, minutes_of, to_json
from gateway.lanes import Lane
from gateway.model import Urgency
from gateway.rights import Right
from gateway.sentences import fr_all
from gateway.services import town_forms, town_settings, words
from gateway.services.permits import need, need_box, theirs
from gateway.services.setting_words import LIMITS, SIM_LIMITS, hours_said, said
from gateway.services.values import Actor
from gateway.services.versions import check as check_version
from gateway.services.versions import version_of
from gateway.store import Store, budgets, entities, groups, routes, settings, sims

_DAYS: Final = fr_all(("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"))


@dataclass(frozen=True, slots=True)
class HoursView:
    """Hours of one urgency: for each weekday its opening and closing (``HH:MM``), or neither."""

    urgency: str
    label: str
    days: tuple[tuple[int, str, str, str], ...]  # number, name, opens, closes
    on_holidays: bool
    said: str = ""  # in one line


@dataclass(frozen=True, slots=True)
class SettingsView:
    """All that is set for a town."""

    hours: tuple[HoursView, ...]
    take_back: int
    approval_above: int
    signature: str
    names_months: int
    received_months: int
    round_months: int


@dataclass(frozen=True, slots=True)
class GaugeView:
    """One limit of a SIM: how much of it is used."""

    code: str
    label: str
    limit: int
    used: float
    near: bool  # four fifths or more


@dataclass(frozen=True, slots=True)
class SimView:
    """A SIM's budget and regime."""

    sim: str
    modem: str
    shown: str
    ordinary: bool
    gauges: tuple[GaugeView, ...]
    prefixes: str = ""  # of the numbers it carries first, as typed
    reserve: int = 0  # share (%) of each month left to alerts


class Tuning:
    """What the doors may ask of settings."""

    def __init__(self, store: Store, clock: Clock, lanes: Sequence[Lane]) -> None:
        self._store, self._clock, self._lanes = store, clock, lanes

    async def view(self, actor: Actor) -> SettingsView:
        """Return what is set for a town."""
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        return SettingsView(
            tuple(
                _hours(urgency, town_settings.hours(town, urgency))
                for urgency in (Urgency.SERVICE, Urgency.INFORMATION)
            ),
            int(town_settings.take_back(town)),
            town_settings.approval_above(town),
            town_settings.signature(town),
            town_settings.names_months(town),
            town_settings.received_months(town),
            town_settings.round_months(town),
        )

    async def versions(self, actor: Actor) -> dict[str, str]:
        """Return the versions of the forms of settings, of SIMs by their number, and ``any_sim``.

        Every method that takes one raises `Changed` where somebody saved since.
        """

        def work(db: sqlite3.Connection) -> dict[str, str]:
            known = {lane.sim: budgets.limits_of(db, lane.sim) for lane in self._lanes}
            limits = {sim: asdict(one) if one else None for sim, one in known.items()}
            town = settings.read(db, actor.entity_id)
            paper = town_forms.paper_shown(db, actor, town.get(town_settings.PAPER, {}))
            return {
                **town_forms.versions(town),
                town_forms.PAPER: version_of(paper),
                **{sim: version_of(town_forms.limits_shown(sim, limits[sim])) for sim in limits},
                "any_sim": version_of(town_forms.any_sim_shown(db, actor)),
            }

        return await self._store.read(work)

    async def set_hours(
        self, actor: Actor, urgency: str, days: Mapping[int, tuple[str, str]], *, holidays: bool,
        version: str = "",
    ) -> None:  # fmt: skip
        """Set when messages of an urgency may leave; raise `Refused` for hours that never open."""
        need(actor, Right.SETTINGS)
        if urgency not in {Urgency.SERVICE, Urgency.INFORMATION}:
            raise Refused("Une alerte part à toute heure.", "urgency")
        made = check(
            Hours(
                {day: (minutes_of(a), minutes_of(b)) for day, (a, b) in days.items() if a or b},
                holidays,
            )
        )

        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            known = settings.read(db, actor.entity_id)
            own = known.get(town_settings.HOURS, {})
            value = {**own, urgency: to_json(made)}
            town_forms.unchanged(version, urgency, known, {town_settings.HOURS: value})
            if said(town_settings.HOURS, own) == said(town_settings.HOURS, value):
                return
            settings.write(db, actor.entity_id, town_settings.HOURS, value, actor.name, now)

        await self._store.write(work)

    async def set_rules(
        self, actor: Actor, *, take_back: int, approval_above: int, signature: str,
        version: str = "",
    ) -> None:  # fmt: skip
        """Set how long one may take back, above how many people a second person agrees, the sign.

        Raise `Refused` naming the field.
        """
        need(actor, Right.SETTINGS)
        if not 0 <= take_back <= 300:
            raise Refused("Le délai pour reprendre un message va de 0 à 300 secondes.", "take_back")
        if not 0 <= approval_above <= 100_000:
            raise Refused("Le nombre de personnes est positif, ou 0 pour jamais.", "approval_above")
        wanted: dict[str, Any] = {
            town_settings.TAKE_BACK_SECONDS: take_back,
            town_settings.APPROVAL_ABOVE: approval_above,
            town_settings.SIGNATURE: " ".join(signature.split())[:80],
        }

        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            known = settings.read(db, actor.entity_id)
            town_forms.unchanged(version, town_forms.RULES, known, wanted)
            for key, value in wanted.items():
                if said(key, known.get(key)) != said(key, value):
                    settings.write(db, actor.entity_id, key, value, actor.name, now)

        await self._store.write(work)

    async def set_route(self, actor: Actor, sim: str, typed: str) -> None:
        """Set which numbers a SIM carries first, by how they begin (« 06 39, 0692 »)."""
        need_box(actor)
        prefixes = []
        for word in typed.replace(";", ",").split(","):
            digits = re.sub(r"[\s.]", "", word)
            if not digits:
                continue
            if not re.fullmatch(r"0[1-9]\d{0,8}|\+\d{2,14}", digits):
                raise Refused(
                    "« {word} » n'est pas un début de numéro : écrivez 06 39, ou +262.",
                    "prefixes",
                    word=word.strip(),
                )
            prefixes.append(digits if digits.startswith("+") else f"+33{digits[1:]}")
        now, wanted = self._clock.now(), tuple(dict.fromkeys(prefixes))[:50]
        await self._store.write(lambda db: route_sim(db, actor, sim, wanted, now))

    async def set_retention(
        self, actor: Actor, *, names: int, received: int, rounds: int = town_settings.ROUND_KEPT,
        version: str = "",
    ) -> None:  # fmt: skip
        """Set how many months names and what came in are kept; raise `Refused` with the field."""
        need(actor, Right.SETTINGS)
        wanted = {
            town_settings.NAMES_MONTHS: names, town_settings.RECEIVED_MONTHS: received,
            town_settings.ROUND_MONTHS: rounds,
        }  # fmt: skip
        for field, months in wanted.items():
            if not 1 <= months <= 120:
                raise Refused("On garde de 1 à 120 mois.", field)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            known = settings.read(db, actor.entity_id)
            town_forms.unchanged(version, town_forms.RETENTION, known, wanted)
            for key, months in wanted.items():
                if said(key, known.get(key)) != said(key, months):
                    settings.write(db, actor.entity_id, key, months, actor.name, now)

        await self._store.write(work)

    def theirs(self, actor: Actor) -> str:
        """Return who alone may change the SIMs, empty for those who may."""
        return theirs(actor)

    async def sims(self, actor: Actor) -> list[SimView]:
        """Return the SIMs in the modems, with what they may carry and have carried."""
        del actor  # the modems are the whole box's
        now = self._clock.now()
        found = []
        for lane in self._lanes:
            if lane.modem is None:
                continue
            sim, regime = lane.sim, lane.regime
            state = await self._store.read(
                lambda db, sim=sim, regime=regime: budgets.state(db, sim, regime, [], now)  # type: ignore[misc]
            )
            used = await self._store.read(lambda db, sim=sim: budgets.use(db, sim, now))  # type: ignore[misc]
            route = await self._store.read(lambda db, sim=sim: routes.route_of(db, sim))  # type: ignore[misc]
            shown = ", ".join(one.replace("+33", "0") for one in route)
            view = _sim(lane, replace(state, used=used))
            kept = state.limits.reserve_percent if state.limits else 0
            found.append(replace(view, prefixes=shown, reserve=kept))
        return found

    async def set_limits(
        self, actor: Actor, sim: str, limits: Mapping[str, int], version: str = ""
    ) -> None:
        """Set what a SIM may carry; 0 is no limit. Raise `Refused` naming the field."""
        need_box(actor)
        if sim not in {lane.sim for lane in self._lanes if lane.modem is not None}:
            raise Refused("Cette carte SIM n'est plus dans un modem.")
        known = {field.name for field in fields(budgets.Limits)}
        made = budgets.Limits(**{name: value for name, value in limits.items() if name in known})
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            stands = budgets.limits_of(db, sim)
            shown = town_forms.limits_shown(sim, asdict(stands) if stands else None)
            wanted = town_forms.limits_shown(sim, asdict(made))
            check_version(version, shown, wanted, town_forms.LIMITS_INPUTS)
            limit_sim(db, actor, sim, made, now)

        await self._store.write(work)

    async def set_regime(self, actor: Actor, sim: str, regime: str, why: str) -> None:
        """Record the operator's written agreement to automated sending, or its end."""
        need_box(actor)
        if regime not in {"ordinary", "automated"}:
            raise Refused("Régime inconnu : ordinary ou automated.", "regime")
        if regime == "automated" and not why.strip():
            raise Refused("Inscrivez la référence de l'accord écrit de l'opérateur.", "why")
        now, paper = self._clock.now(), why.strip()[:200]
        await self._store.write(lambda db: put_regime(db, actor, sim, regime, paper, now))

    async def allow_groups(self, actor: Actor, chosen: set[int], version: str = "") -> None:
        """Say of all groups at once which ones SIMs of the ordinary regime may serve."""
        need(actor, Right.SETTINGS)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            wanted = town_forms.any_sim_shown(db, actor, chosen)
            shown = town_forms.any_sim_shown(db, actor)
            check_version(version, shown, wanted, town_forms.ANY_SIM_INPUTS)
            for row in groups.named(db, actor.entity_id, register=actor.keeper):
                groups.allow(
                    db, actor.entity_id, row["id"], row["id"] in chosen, actor.name, now
                )  # fmt: skip

        await self._store.write(work)


def limit_sim(
    db: sqlite3.Connection, actor: Actor, sim: str, limits: budgets.Limits, now: float
) -> None:
    """Set what a SIM may carry, and note in the history of the box's town what it was."""
    need_box(actor)
    before = budgets.limits_of(db, sim)
    budgets.set_limits(db, sim, limits, actor.name, now)
    told = {"sim": sim, "before": asdict(before) if before else None, "after": asdict(limits)}
    if before != limits:
        settings.note(db, entities.of_box(db, actor.entity_id), SIM_LIMITS, told, actor.name, now)


def route_sim(
    db: sqlite3.Connection, actor: Actor, sim: str, prefixes: Sequence[str], now: float
) -> None:
    """Set which numbers a SIM carries first; the history of the box's town says which it did."""
    need_box(actor)
    before = list(routes.route_of(db, sim))
    if before != list(prefixes):
        settings.note_change(
            db, entities.of_box(db, actor.entity_id), settings.SIM_ROUTE, (0, sim), before,
            list(prefixes), actor.name, now, sim=sim,
        )  # fmt: skip
    routes.set_route(db, sim, prefixes, actor.name, now)


def put_regime(
    db: sqlite3.Connection, actor: Actor, sim: str, regime: str, why: str, now: float
) -> None:
    """Put a SIM under a regime, and note in the history of the box's town under which it was."""
    need_box(actor)
    before = sims.regimes(db).get(sim)
    if before != regime:
        settings.note_change(
            db, entities.of_box(db, actor.entity_id), settings.SIM_REGIME, (0, sim), before,
            regime, actor.name, now, sim=sim, why=why,
        )  # fmt: skip
    sims.set_regime(db, sim, regime, actor.name, why, now)


def _hours(urgency: Urgency, known: Hours | None) -> HoursView:
    days = []
    for number, name in enumerate(_DAYS):
        window = known.days.get(number) if known else None
        opens, closes = (clock_of(m) for m in window) if window else ("", "")
        days.append((number, name, opens, closes))
    return HoursView(
        urgency.value, words.URGENCIES[urgency], tuple(days), known is None or known.on_holidays,
        hours_said(known),
    )  # fmt: skip


def _sim(lane: Lane, state: budgets.State) -> SimView:
    limits = state.limits or budgets.Limits()
    gauges = tuple(
        GaugeView(
            code, label, getattr(limits, code), getattr(state.used, code),
            bool(getattr(limits, code))
            and getattr(state.used, code) >= budgets.WARN_AT * getattr(limits, code),
        )
        for code, label in LIMITS.items()
    )  # fmt: skip
    return SimView(lane.sim, lane.name, f"…{lane.sim[-4:]}", state.ordinary, gauges)
