"""The modems, as the technician sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from gateway.clock import Clock
from gateway.lanes import Lane
from gateway.model import Channel
from gateway.services import words
from gateway.services.values import Actor, ModemView
from gateway.store import Store, jobs, sims
from modem.status import ModemState, ModemStatus

_STATES: Final = {
    ModemState.STARTING: "démarre", ModemState.READY: "prêt", ModemState.SICK: "en panne",
    ModemState.ABSENT: "absent", ModemState.QUARANTINED: "mis de côté",
}  # fmt: skip
_REGISTRATIONS: Final = {
    "home": "enregistré", "roaming": "enregistré (itinérance)", "searching": "cherche le réseau",
    "denied": "refusé par le réseau", "idle": "hors réseau", "unknown": "inconnu",
    "sms_only": "enregistré (SMS seulement)", "emergency_only": "urgences seulement",
}  # fmt: skip
#: From here up (dBm) a bar more, as telephones draw them.
_BARS: Final = (-110, -100, -90, -80, -70)


class Fleet:
    """What the doors may ask of the modems."""

    def __init__(self, store: Store, clock: Clock, lanes: Sequence[Lane]) -> None:
        self._store, self._clock, self._lanes = store, clock, lanes

    async def modems(self, actor: Actor) -> list[ModemView]:
        """Return every modem, in the order of the configuration."""
        lengths, regimes = await self._store.read(
            lambda db: (jobs.queue_lengths(db), sims.regimes(db))
        )
        return [
            _view(lane, lane.modem.status, lengths, regimes, actor.timezone)
            for lane in self._lanes
            if lane.modem is not None
        ]

    async def ready(self) -> tuple[bool, dict[str, Any]]:
        """Tell whether every configured modem is up or known to be sick, and which are."""
        states = {
            lane.name: lane.modem.status.state.value
            for lane in self._lanes
            if lane.modem is not None
        }
        settled = ModemState.STARTING.value not in states.values()
        return settled, {"status": "ok" if settled else "starting", "modems": states}


def _view(
    lane: Lane, status: ModemStatus, lengths: dict[str, int], regimes: dict[str, str], zone: str
) -> ModemView:
    trouble, mend = _trouble(status)
    dbm = status.signal_dbm
    queue = sum(lengths.get(channel, 0) for channel in lane.channels)
    return ModemView(
        name=lane.name, state=status.state.value, state_label=_STATES[status.state],
        trouble=trouble, mend=mend, port=status.port, profile=status.profile,
        model=" ".join(filter(None, (status.manufacturer, status.model))),
        operator=status.operator, technology=status.technology,
        registration=_REGISTRATIONS.get(status.registration, status.registration),
        roaming=status.roaming, signal_dbm=dbm,
        signal_bars=0 if dbm is None else sum(dbm >= bar for bar in _BARS),
        iccid_masked=f"… {status.iccid[-4:]}" if status.iccid else "",
        regime=regimes.get(lane.sim, lane.regime), voice=status.voice, queue=queue,
        doing=_doing(lane), last_error=lane.last_error,
        last_error_at=words.local(lane.last_error_at, zone), imei=status.imei,
    )  # fmt: skip


def _trouble(status: ModemStatus) -> tuple[str, str]:
    if status.trouble is None:
        return "", ""
    said, mend = words.TROUBLES.get(status.trouble.value, (status.trouble.value, ""))
    return (f"{said} ({status.detail})" if status.detail else said), mend


def _doing(lane: Lane) -> str:
    """Say what a modem does, without whom it does it for: a technician sees no names."""
    if lane.job is None:
        return ""
    return {Channel.SMS: "envoie un SMS", Channel.VOICE: "appelle"}.get(
        lane.job.channel, "envoie un courriel"
    )
