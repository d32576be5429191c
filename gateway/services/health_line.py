"""How the box is, in one SMS: for a technician far away, or a mayor who asks at night."""

from __future__ import annotations

from typing import Final

from gateway import launch_words
from gateway.clock import Clock
from gateway.services import words
from gateway.services.fleet import Fleet
from gateway.services.outage import Outage
from gateway.services.values import Actor, ModemView
from gateway.store import Store, jobs

#: Characters of one SMS.
_ONE_SMS: Final = 160
_READY: Final = frozenset({"ready"})


class HealthLine:
    """Says how the box is."""

    def __init__(self, store: Store, clock: Clock, fleet: Fleet, outage: Outage) -> None:
        self._store, self._clock, self._fleet, self._outage = store, clock, fleet, outage

    async def said(self, actor: Actor) -> str:
        """Return modems, queue, last error, internet and relay, what matters most first."""
        modems = await self._fleet.modems(actor)
        waiting = sum((await self._store.read(jobs.queue_lengths)).values())
        at = words.clock_time(self._clock.now(), actor.timezone, self._clock.now())
        parts = [
            f"Tocsin {at}. {_modems(modems)}", f"File {waiting}", self._ways(), _last_error(modems)
        ]  # fmt: skip
        return launch_words.short(". ".join(filter(None, parts)) + ".", _ONE_SMS)

    def _ways(self) -> str:
        notice = self._outage.notice()
        return notice.partition(" ; ")[0].replace("’", "'") if notice else "Internet et courriel OK"


def _modems(modems: list[ModemView]) -> str:
    sick = [one for one in modems if one.state not in _READY or one.stopped]
    head = f"Modems {len(modems) - len(sick)}/{len(modems)}"
    told = ", ".join(f"{one.name} {one.trouble or one.stopped or one.state_label}" for one in sick)
    return f"{head} ({launch_words.short(told, 60)})" if told else f"{head} OK"


def _last_error(modems: list[ModemView]) -> str:
    known = [one for one in modems if one.last_error and one.last_error_at is not None]
    if not known:
        return "Aucune erreur"
    last = max(known, key=lambda one: one.last_error_at.timestamp() if one.last_error_at else 0.0)
    at = f"{last.last_error_at:%d/%m %H:%M}" if last.last_error_at else ""
    return f"Dernière erreur {at} {last.name} : {launch_words.short(last.last_error, 50)}"
