"""How the box is, in one SMS, or two where something is wrong with the box itself.

For a technician far away, or a mayor who asks at night: what the modem page warns of is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from gateway import launch_words
from gateway.clock import Clock
from gateway.services import words
from gateway.services.drafting import cheaper
from gateway.services.fleet import Fleet
from gateway.services.measuring import measured
from gateway.services.outage import Outage
from gateway.services.values import Actor, ModemView
from gateway.store import Store, facts, jobs

#: Characters of one SMS, of two, and of two with signs that GSM-7 lacks.
_ONE_SMS: Final = 160
_TWO_SMS: Final = 306
_TWO_SMS_WIDE: Final = 134
#: Characters of one warning, and of all of them: the rest of the line is worth having too.
_WARNING: Final = 75
_WARNINGS: Final = 190
#: Characters of the town's name: a technician has seventeen boxes.
_TOWN: Final = 30
#: Alarms the line tells in its own words.
_SAID_ANYWAY: Final = frozenset({"modem", "sim", "no_modem", "outage"})
_READY: Final = frozenset({"ready"})


class HealthLine:
    """Says how the box is."""

    def __init__(self, store: Store, clock: Clock, fleet: Fleet, outage: Outage) -> None:
        self._store, self._clock, self._fleet, self._outage = store, clock, fleet, outage
        #: Whether the box has looked at itself since its start.
        self.looked: Callable[[], bool] = lambda: True
        #: What the supply, silent for less long than an alarm takes, has to be said of it.
        self.supply_unheard: Callable[[], str] = lambda: ""

    async def said(self, actor: Actor) -> str:
        """Return warnings, modems, queue, internet and relay, last error: what matters first."""
        modems = await self._fleet.modems(actor)
        waiting = sum((await self._store.read(jobs.queue_lengths)).values())
        town = launch_words.short(actor.entity_name, _TOWN)
        at = words.clock_time(self._clock.now(), actor.timezone, self._clock.now())
        warned = await self._warnings(actor)
        parts = [
            f"Tocsin {town} {at}", warnings_in(warned), _modems(modems), f"File {waiting}",
            self._ways(), "" if warned else self._no_alarm(), _last_error(modems),
        ]  # fmt: skip
        line = ". ".join(filter(None, parts)) + "."
        return in_two_sms(line) if warned else launch_words.short(line, _ONE_SMS)

    async def _warnings(self, actor: Actor) -> list[str]:
        """Return what stands at the head of the modem page, but what the line says anyway."""
        alarms = await self._store.read(facts.alarms)
        said = [one.sentence for one in alarms if one.kind not in _SAID_ANYWAY]
        notices = await self._fleet.notices_beside(actor, (one.kind for one in alarms))
        unheard = "" if any(one.kind == "supply" for one in alarms) else self.supply_unheard()
        return [*said, *filter(None, [unheard]), *notices]

    def _no_alarm(self) -> str:
        if not self.looked():
            return "Alarmes pas encore vues"
        return "" if self._outage.notice() else "Aucune alarme"

    def _ways(self) -> str:
        notice = self._outage.notice()
        if not notice and not self._outage.known:
            return "Internet et courriel pas encore vus"
        return notice.partition(" ; ")[0].replace("’", "'") if notice else "Internet et courriel OK"


def warnings_in(warned: Sequence[str]) -> str:
    """Return warnings as one text: as many as there is room for, and how many more there are."""
    told: list[str] = []
    for one in warned:
        brief = launch_words.short(cheaper(one)[0].rstrip("."), _WARNING)
        if sum(map(len, told)) + len(brief) > _WARNINGS:
            break
        told.append(brief)
    more = len(warned) - len(told)
    tail = [f"et {more} autre{'s' if more > 1 else ''}, voyez la page Modems"] if more else []
    return f"ATTENTION : {' ; '.join([*told, *tail])}" if warned else ""


def in_two_sms(line: str) -> str:
    """Return a text cut so that it takes two SMS at most, whatever its signs."""
    text = launch_words.short(line, _TWO_SMS)
    return text if measured(text).segments <= 2 else launch_words.short(text, _TWO_SMS_WIDE)


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
