"""The technician's home: how the box is in a sentence, the fleet in a line, a card each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.clock import Clock
from gateway.lanes import Lane
from gateway.model import Channel
from gateway.rights import Right
from gateway.sentences import fr
from gateway.services import modem_cards
from gateway.services.call_now import CallNow, call_now
from gateway.services.fleet import DOES, Fleet
from gateway.services.modem_cards import FAULT_MENDS, Card, Headline, Summary
from gateway.services.permits import need
from gateway.services.values import Actor, ModemView
from gateway.services.watching import AlarmView, Watching
from gateway.store import Connection, Store, budgets, jobs, modem_past

_DAY: Final = 86400.0
_MONTH: Final = 30 * _DAY
#: Seconds a point of the month's curve stands for.
_COARSE: Final = 3 * 3600
#: Seconds the curves are kept: a fleet's month is thousands of rows, and a new one is written
#: every five minutes, while the page is drawn anew at each SMS.
_CURVES_KEPT: Final = 60


@dataclass(frozen=True, slots=True)
class Board:
    """The whole page."""

    headline: Headline
    summary: Summary
    cards: tuple[Card, ...]
    alarms: tuple[AlarmView, ...]
    notices: tuple[str, ...]
    now: float  # seconds since 1970, the right edge of every curve: when they were read


_Points = Mapping[str, tuple[modem_past.Sample, ...]]


@dataclass(frozen=True, slots=True)
class _Curves:
    at: float  # when they were read
    day: _Points
    month: _Points


@dataclass(frozen=True, slots=True)
class _Known:
    curves: _Curves
    diaries: dict[str, list[modem_past.Remedy]]
    faults: dict[str, list[modem_past.Fault]]
    states: dict[str, budgets.State]
    paces: dict[str, int]
    progress: dict[str, tuple[int, int]]
    waiting: int


class StatusPage:
    """Gathers what the modem page shows."""

    def __init__(self, store: Store, clock: Clock, fleet: Fleet, watching: Watching) -> None:
        self._store, self._clock = store, clock
        self._fleet, self._watching = fleet, watching
        self._curves: _Curves | None = None

    def call(self, actor: Actor, name: str) -> CallNow | None:
        """Return the call a modem is in, None for none. Raises `NotAllowed`; `Refused`."""
        need(actor, Right.HEALTH)
        return call_now(self._fleet.lane(name))

    async def board(self, actor: Actor) -> Board:
        """Return the page; no name and no text is in it. Raises `NotAllowed`."""
        need(actor, Right.HEALTH)
        modems, now = await self._fleet.modems(actor), self._clock.now()
        notices, alarms = await self._fleet.notices(actor), await self._watching.standing(actor)
        lanes = {lane.name: lane for lane in self._fleet.lanes if lane.modem is not None}
        known = await self._store.read(lambda db: _read(db, lanes, now, self._drawn(db, now)))
        cards = tuple(_card(one, lanes[one.name], known, actor.timezone) for one in modems)
        told = [(one.sentence, one.mend) for one in alarms]
        states = [known.states[card.modem.name] for card in cards if card.well]
        return Board(
            modem_cards.headline(modems, told, notices),
            modem_cards.summary(cards, states, known.waiting), cards, tuple(alarms), notices,
            known.curves.at,
        )  # fmt: skip

    def _drawn(self, db: Connection, now: float) -> _Curves:
        """Return the curves, read anew once a minute."""
        kept = self._curves
        if kept is None or not 0 <= now - kept.at < _CURVES_KEPT:
            day = modem_past.samples(db, now - _DAY)
            month = modem_past.samples(db, now - _MONTH, _COARSE)
            self._curves = kept = _Curves(now, _points(day), _points(month))
        return kept


def _points(samples: Mapping[str, list[modem_past.Sample]]) -> _Points:
    return {name: tuple(listed) for name, listed in samples.items()}


def _read(db: Connection, lanes: Mapping[str, Lane], now: float, curves: _Curves) -> _Known:
    busy = {name: lane.job for name, lane in lanes.items() if lane.job is not None}
    return _Known(
        curves,
        modem_past.diaries(db),
        {name: modem_past.faults(db, name, FAULT_MENDS) for name in lanes},
        {name: budgets.state(db, lane.sim, lane.regime, [], now) for name, lane in lanes.items()},
        {name: modem_past.pace(db, lane.sim, now) for name, lane in lanes.items()},
        {name: modem_past.progress(db, job.broadcast_id, job.channel)
         for name, job in busy.items()},
        sum(jobs.queue_lengths(db).values()),
    )  # fmt: skip


def _card(modem: ModemView, lane: Lane, known: _Known, zone: str) -> Card:
    state, name = modem_cards.health(modem), modem.name
    return Card(
        modem, state.said, state.mend, state.well,
        known.curves.day.get(name, ()), known.curves.month.get(name, ()),
        modem_cards.gauges(known.states[name]), known.paces[name],
        _doing(modem, lane, known.progress.get(name)),
        modem_cards.faults(known.faults[name], zone),
        modem_cards.diary(known.diaries.get(name, []), zone), call_now(lane),
    )  # fmt: skip


def _doing(modem: ModemView, lane: Lane, progress: tuple[int, int] | None) -> str:
    """Say what a modem does now, without whom it does it for."""
    if progress is None or lane.job is None:
        return modem.doing
    if lane.job.channel is Channel.EMAIL:
        return modem.doing
    done, whole = progress
    return fr("{what} ({done} sur {whole})", what=DOES[lane.job.channel], done=done, whole=whole)
