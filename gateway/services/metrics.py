"""What a monitoring server reads: the box in numbers, no name and no telephone in them.

Names by the conventions of OpenMetrics and Prometheus; ``promtool check metrics`` is the judge.
"""

from __future__ import annotations

import hmac
import ipaddress
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.clock import Clock
from gateway.config import Config
from gateway.credentials import secret
from gateway.services.fleet import Fleet
from gateway.services.outage import Outage
from gateway.services.watching import Watching
from gateway.store import Connection, Store, budgets, facts, heartbeats, jobs

if TYPE_CHECKING:
    from prometheus_client import Gauge, Metric
    from prometheus_client.registry import Collector

_UP: Final = frozenset({"ready", "lent"})
#: Seconds that "recent" means.
_RECENT: Final = 86_400
#: The limits of a SIM worth a curve; a minute's and an hour's pass by themselves.
_LIMITS: Final = (
    "segments_per_day", "segments_per_month", "recipients_per_month", "call_minutes_per_month",
)  # fmt: skip
_GROWING: Final = (
    ("tocsin_sms_segments", "SMS segments a network has taken, by modem", 1),
    ("tocsin_calls", "Calls placed, by modem", 2),
    ("tocsin_call_seconds", "Seconds of calls placed, by modem", 3),
)


@dataclass(frozen=True, slots=True)
class _Known:
    lengths: dict[str, int]
    recent: dict[tuple[str, str], int]
    carried: list[tuple[str, int, int, float]]
    alarms: list[facts.Alarm]
    lost: list[str]
    backup_at: float


class Metrics:
    """The box in numbers, for those who may read them."""

    def __init__(
        self, store: Store, clock: Clock, config: Config, fleet: Fleet, outage: Outage,
        watching: Watching,
    ) -> None:  # fmt: skip
        self._store, self._clock, self._config = store, clock, config
        self._fleet, self._outage, self._watching = fleet, outage, watching

    def may_read(self, remote: str, token: str) -> bool:
        """Tell whether whoever asks from ``remote`` with this token may read the numbers."""
        health = self._config.health
        return _is_right(token, health.metrics_token_file) or is_among(remote, health.metrics_from)

    async def text(self) -> bytes:
        """Return all of them in Prometheus' text format."""
        from prometheus_client import CollectorRegistry, Gauge, Info, generate_latest

        registry, now = CollectorRegistry(), self._clock.now()

        def gauge(name: str, said: str, *labels: str) -> Gauge:
            return Gauge(f"tocsin_{name}", said, labels, registry=registry)

        Info("tocsin_build", "What is installed", registry=registry).info(
            {"version": version("tocsin")}
        )
        self._modems(gauge)
        known = await self._store.read(lambda db: _read(db, now, self._watching.texting))
        queue = gauge("queue_jobs", "Jobs that wait, by channel", "channel")
        for channel in ("sms", "voice", "email"):
            queue.labels(channel).set(known.lengths.get(channel, 0))
        recent = gauge(
            "recent_jobs", "Jobs of messages begun in the last 24 hours, by channel and state",
            "channel", "state",
        )  # fmt: skip
        for (channel, state), count in sorted(known.recent.items()):
            recent.labels(channel, state).set(count)
        await self._budgets(gauge, now)
        standing = gauge("alarms", "Alarms of the box itself that stand, by kind", "kind")
        for kind in sorted({one.kind for one in known.alarms}):
            standing.labels(kind).set(sum(one.kind == kind for one in known.alarms))
        gauge("outage", "Whether internet or relay are cut").set(bool(self._outage.notice()))
        gauge("heartbeats_lost", "Pairs of modems whose last text is missing").set(len(known.lost))
        free = shutil.disk_usage(self._config.data_dir).free
        gauge("disk_free_bytes", "Room for the data").set(free)
        gauge("last_backup_timestamp_seconds", "When the last good backup was made, 0: never").set(
            known.backup_at
        )
        self._supply(gauge)
        registry.register(_counters(known.carried))
        return bytes(generate_latest(registry))

    def _modems(self, gauge: Callable[..., Gauge]) -> None:
        up = gauge("modem_up", "Whether a modem takes work", "modem")
        signal = gauge("modem_signal_dbm", "Strength of the received signal", "modem")
        for lane in self._fleet.lanes:
            if lane.modem is None:
                continue
            status = lane.modem.status
            up.labels(lane.name).set(status.state.value in _UP)
            if status.signal_dbm is not None:
                signal.labels(lane.name).set(status.signal_dbm)

    def _supply(self, gauge: Callable[..., Gauge]) -> None:
        """Tell of the supply, where there is one; no number where it does not give it."""
        answers, state = self._watching.supply_answers, self._watching.supply
        if answers is None:
            return
        gauge("ups_up", "Whether NUT tells how the supply is").set(answers)
        if state is None or not answers:
            return
        gauge("ups_on_battery", "Whether the mains have gone").set(state.on_battery)
        if state.charge is not None:
            gauge("ups_battery_charge_ratio", "Charge of the supply's battery").set(
                state.charge / 100
            )
        if state.minutes is not None:
            left = gauge("ups_battery_runtime_seconds", "How long the battery would last")
            left.set(state.minutes * 60)

    async def _budgets(self, gauge: Callable[..., Gauge], now: float) -> None:
        used = gauge("budget_used_ratio", "Share of a SIM's limit that is used", "modem", "limit")
        lanes = [lane for lane in self._fleet.lanes if lane.modem is not None]
        states = await self._store.read(
            lambda db: [budgets.state(db, lane.sim, lane.regime, [], now) for lane in lanes]
        )
        for lane, state in zip(lanes, states, strict=True):
            for name in _LIMITS if state.limits is not None else ():
                if limit := getattr(state.limits, name):
                    used.labels(lane.name, name).set(getattr(state.used, name) / limit)


def _is_right(token: str, file: Path | None) -> bool:
    """Tell whether a token is the one in the file; a file that is not there has none."""
    if file is None or not token:
        return False
    try:
        right = secret(file).encode()
    except (OSError, UnicodeDecodeError):  # `tocsin doctor` says it
        return False
    return hmac.compare_digest(token.encode(errors="surrogateescape"), right)


def _counters(rows: list[tuple[str, int, int, float]]) -> Collector:
    """Return what only grows, as it stands in the database."""
    from prometheus_client.core import CounterMetricFamily
    from prometheus_client.registry import Collector

    class Carried(Collector):
        def collect(self) -> Iterable[Metric]:
            for name, said, place in _GROWING:
                family = CounterMetricFamily(name, said, labels=["modem"])
                for row in rows:
                    family.add_metric([row[0]], float(row[place]))
                yield family

    return Carried()


def _read(db: Connection, now: float, texting: list[str]) -> _Known:
    return _Known(
        jobs.queue_lengths(db), jobs.recent(db, now - _RECENT, now), facts.carried(db),
        facts.alarms(db), heartbeats.lost(db, now, texting),
        facts.known(db).get(facts.SOUND_BACKUP, (0.0, None))[0],
    )  # fmt: skip


def is_among(remote: str, networks: Iterable[str]) -> bool:
    """Tell whether an address is one of these, or in one of these networks."""
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(one) for one in networks)
