"""The box watches itself: what is wrong is said on the page and told to the technician, once.

By SMS through whichever modem still works, by mail, and on the page; when it is over that is told
too. Where all is well a page elsewhere is asked for (``ping_url``), whose silence tells the rest.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import aiohttp

from gateway import kinds, watch
from gateway.clock import Clock, NetworkClock
from gateway.config import Config
from gateway.errors import DiskFull, StoreError, TocsinError
from gateway.logs import log_for, masked
from gateway.model import Reason, Urgency
from gateway.rights import Right
from gateway.sentences import fr
from gateway.services import words
from gateway.services.asked import Asked, tell
from gateway.services.drafting import cheaper
from gateway.services.fleet import Fleet, trouble_of
from gateway.services.guarded import Guarded
from gateway.services.health_line import in_two_sms
from gateway.services.outage import Outage
from gateway.services.permits import need
from gateway.services.sending import Sending
from gateway.services.told import mail_to
from gateway.services.values import Actor
from gateway.store import Store, entities, events, facts, heartbeats, people, rewound
from gateway.upkeep.supply import Supply, SupplyState

_log = log_for(__name__)

#: Seconds between two looks at oneself, and between two words to the page elsewhere.
LOOK: Final = 60.0
#: Between two questions to the supply, where there is one: some go from the mains to nearly empty
#: in one step, and from there to switched off there may be less than a minute.
ASK_SUPPLY: Final = 5.0
PING: Final = 300.0
#: Seconds a page elsewhere has to answer.
_PATIENCE: Final = 10.0
#: An alarm told by SMS is worth sending for so long (seconds).
_LIFE: Final = 6 * 3600.0
Papers = Callable[[Mapping[str, tuple[float, Any]], Mapping[int, str]], Sequence[tuple[str, str]]]
_DEFECT: Final = fr("défaut interne, voyez le journal")
_HEALTHY: Final = frozenset({"ready", "lent", "starting"})


@dataclass(frozen=True, slots=True)
class AlarmView:
    """Something wrong with the box."""

    sentence: str
    mend: str
    since: datetime


class Watching:
    """Looks at the box, and tells."""

    def __init__(
        self, store: Store, clock: Clock, config: Config, fleet: Fleet, outage: Outage,
        sending: Sending,
    ) -> None:  # fmt: skip
        self._store, self._clock, self._config = store, clock, config
        self._fleet, self._outage, self._sending = fleet, outage, sending
        self._first_seen: dict[tuple[str, str], float] = {}
        #: What was wrong at the last look: what is stored has no language but French.
        self._found: dict[tuple[str, str], watch.Fault] = {}
        self._supply = Supply(config.power) if config.power.ups else None
        self._silent_boxes: Callable[[sqlite3.Connection, float], Sequence[tuple[str, str]]] = (
            lambda _db, _now: ()
        )
        #: Which call trees did not get where they should, from the facts and the towns' names.
        self.papers_of: Papers = lambda _known, _towns: ()
        self._pinged, self._ping_refused = 0.0, 0
        self._looked = self._about_to_tell = False
        #: The supply as it was last heard, None where it never was; and why it says nothing now.
        self.supply: SupplyState | None = None
        self._supply_silent = ""
        self._guarded = Guarded()

    def watch_others(
        self, silent: Callable[[sqlite3.Connection, float], Sequence[tuple[str, str]]]
    ) -> None:
        """Have the silence of other boxes told too."""
        self._silent_boxes = silent

    async def standing(self, actor: Actor) -> list[AlarmView]:
        """Return what is wrong now, the oldest first."""
        rows = await self._store.read(facts.alarms)
        found = [(one, self._found.get((one.kind, one.about), one)) for one in rows]
        return [
            AlarmView(said.sentence, said.mend, words.at(one.since, actor.timezone))
            for one, said in found
        ]

    @property
    def nearly_empty(self) -> bool:
        """Whether the machine is about to be stopped: only alerts are begun.

        What stops it is NUT's upsmon; the jobs in hand are then finished, none is cut in two.
        """
        return bool(self.supply and self.supply.nearly_empty)

    @property
    def texting(self) -> list[str]:
        """The modems that write to each other, if any do."""
        every = self._config.health.heartbeat_hours
        return [one.name for one in self._fleet.lanes if one.modem is not None and every]

    @property
    def looked(self) -> bool:
        """Whether the box has looked at itself since its start: before, no alarm proves nothing."""
        return self._looked

    @property
    def settled(self) -> bool:
        """Whether all is known that can be: modems, ways out, and what is about to be told."""
        known = self._looked and self._outage.known and not self._about_to_tell
        return known and not any(
            lane.modem is not None and lane.modem.status.state.value == "starting"
            for lane in self._fleet.lanes
        )

    @property
    def supply_answers(self) -> bool | None:
        """Whether the supply spoke at the last look; None where there is none to ask."""
        return None if self._supply is None else self.supply is not None and not self._supply_silent

    @property
    def supply_unheard(self) -> str:
        """Say that the supply does not answer, and its mend, before it is an alarm; else nothing.

        For the sign of life of a box just installed, which comes within the alarm's patience.
        """
        silent = self.supply_answers is False and self._looked
        return fr("Onduleur : pas de réponse, voyez systemctl status nut-server") if silent else ""

    async def repair(self, actor: Actor) -> AlarmView | None:
        """Return how the database was mended, None: it was not, or somebody has seen it."""
        need(actor, Right.HEALTH)
        found = watch.repair_of(
            (await self._store.read(facts.known)).get(rewound.MENDED), actor.timezone,
            self._clock.now(),
        )  # fmt: skip
        if found is None:
            return None
        said = watch.repaired(found)
        return AlarmView(said.sentence, said.mend, found.at)

    async def repair_seen(self, actor: Actor) -> None:
        """End the alarm of a mended database: somebody has seen it. Raises `NotAllowed`."""
        need(actor, Right.TEND)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            if rewound.MENDED in facts.known(db):
                facts.forget(db, rewound.MENDED)
                facts.end_alarm(db, rewound.MENDED, "", now)
                events.record(db, now, "box.repair_seen", {"by": actor.name},
                              entity_id=actor.entity_id)  # fmt: skip

        await self._store.write(work)

    async def run(self) -> None:
        """Look, for ever."""
        while True:
            await kept_up(self.look)
            await self._rest()

    async def _rest(self) -> None:
        """Wait for the next look: until its time, or until the supply says something else."""
        if self._supply is None:
            await asyncio.sleep(LOOK)
            return
        told = self._told_by_supply()
        for _ in range(round(LOOK / ASK_SUPPLY)):
            await asyncio.sleep(ASK_SUPPLY)
            await kept_up(self._look_at_supply)
            if self._told_by_supply() != told or (self.supply and self.supply.on_battery):
                return

    def _told_by_supply(self) -> frozenset[str] | None:
        return self.supply.words if self.supply else None

    async def look(self) -> None:
        """Look once: raise what has lasted its patience, end what is over, tell of both."""
        now, mono = self._clock.now(), asyncio.get_running_loop().time()
        self._guarded.part("disk", self._store.room.hold, None)
        found = watch.faults(await self._reading(now))
        self._found = {(one.kind, one.about): one for one in found}
        keys = {(one.kind, one.about) for one in found}
        self._first_seen = {
            key: self._first_seen.get(key, mono) for key in keys
        }  # what is over begins anew
        ripe = watch.ripe(found, self._first_seen, mono)
        standing = await self._store.read(facts.alarms)
        if ripe or standing:  # a box that is well writes nothing
            told = await self._store.write(lambda db: self._written(db, ripe, keys, now))
            for number in told:
                self._sending.announce(number, Urgency.SERVICE)
        self._about_to_tell = any(
            watch.PATIENCE[one.kind] <= LOOK for one in found if one not in ripe
        )
        self._looked = True
        if all(one.kind == "ping" for one in ripe):
            await self._ping(mono)

    def _written(
        self, db: sqlite3.Connection, ripe: Sequence[watch.Fault], keys: set[tuple[str, str]],
        now: float,
    ) -> list[int]:  # fmt: skip
        town = people.first_entity(db)
        said = []
        for one in ripe:
            number = facts.raise_alarm(db, one.kind, one.about, one.sentence, one.mend, now)
            if number is not None:
                said.append((f"alarm-{number}", f"{one.sentence}. {_begun(one.mend.rstrip('.'))}."))
                facts.told(db, number, self._ways(), now)
        for alarm in facts.alarms(db):
            if (alarm.kind, alarm.about) not in keys:
                facts.end_alarm(db, alarm.kind, alarm.about, now)
                if alarm.kind == "disk" and any(kind == "disk" for kind, _ in keys):
                    continue  # at another level: the alarm of that one says it
                said.append((f"over-{alarm.id}", f"C'est réglé : {alarm.sentence}"))
        if town is None:
            return []
        return [made for key, text in said for made in self._tell(db, town, key, text, now)]

    def _ways(self) -> str:
        health = self._config.health
        return ", ".join(filter(None, (health.technician_sms, health.technician_mail))) or "page"

    def _tell(
        self, db: sqlite3.Connection, town: sqlite3.Row, key: str, text: str, now: float
    ) -> list[int]:
        """Queue the words to the technician by every way that is set."""
        health, made = self._config.health, []
        said = f"Tocsin {town['name']} : {text}"
        if health.technician_sms:
            whom = [Asked("Technicien", health.technician_sms)]
            made.append(
                tell(db, town["id"], Urgency.SERVICE, "Alarme du boîtier",
                     in_two_sms(cheaper(said)[0]), whom, now, now + _LIFE, kind=kinds.ALARM)
            )  # fmt: skip
        if health.technician_mail:
            subject = f"Tocsin {town['name']} : alarme"
            to = [health.technician_mail]
            made.append(mail_to(db, town["id"], subject, said, to, kinds.ALARM, key, now))
        return made

    # one look

    async def _reading(self, now: float) -> watch.Reading:
        await self._look_at_supply()
        supply, part, asked = self.supply, self._guarded.part, self._guarded.asked
        known, towns = await self._store.read(facts.known), await self._store.read(entities.every)
        names = {row["id"]: row["name"] for row in towns}
        began = min((float(row["created_at"]) for row in towns), default=now)
        backed_up, _ = known.get(facts.SOUND_BACKUP, (began, None))  # never: since there is a town
        lost = await asked(
            "heartbeats",
            self._store.read(lambda db: heartbeats.lost(db, now, self.texting)),
            list[str](),
        )
        boxes = await asked("boxes", self._store.read(lambda db: self._silent_boxes(db, now)), ())
        untold = await asked("untold", self._store.read(self._untold), list[tuple[str, str]]())
        papers = part("papers", lambda: list(self.papers_of(known, names)), list[tuple[str, str]]())
        mended, zone = known.get(rewound.MENDED), towns[0]["timezone"] if towns else "UTC"
        repair = part("repair", lambda: watch.repair_of(mended, zone, now), None)
        modems = part("modems", self._modems, list[watch.ModemNow]())
        outage = part("outage", self._outage.notice, "")
        hour = part("clock", lambda: _of_clock(self._clock), (True, True, 0.0, 0.0, 0.0))
        return watch.Reading(
            modems, self._store.room.free(), outage, *hour,
            (now - backed_up) / 86400 if self._config.backup.to else None,
            supply.sentence if supply else "", bool(supply and supply.on_battery),
            self.nearly_empty, bool(supply and supply.replace_battery), self._supply_silent,
            lost, boxes, papers, now - known.get(heartbeats.NO_NUMBERS, (now, ""))[0] > 3600,
            repair if towns else None, untold, self._guarded.failed,
            self._ping_refused,
        )  # fmt: skip

    def _untold(self, db: sqlite3.Connection) -> list[tuple[str, str]]:
        """Return whom of the technician's addresses the last word did not reach, masked, and why.

        A later word that leaves ends it: the next alarm, or the sign of life of the morning.
        """
        health, found = self._config.health, []
        for address in filter(None, (health.technician_sms, health.technician_mail)):
            reason = facts.unheard(db, address)
            if reason is not None:
                found.append((masked(address), words.REASONS[Reason(reason)]))
        return found

    def _modems(self) -> list[watch.ModemNow]:
        found = []
        for lane in self._fleet.lanes:
            if lane.modem is None:
                continue
            found.append(
                watch.ModemNow(
                    lane.name,
                    lane.modem.status.state.value in _HEALTHY,
                    *trouble_of(lane.modem.status),
                    stopped=lane.stopped.why(lane.sim) or "",
                )
            )
        return found

    async def _look_at_supply(self) -> None:
        """Ask the supply how it is. Silent, it is as it was: silence is no news of the mains."""
        if self._supply is None:
            return
        try:
            self.supply, self._supply_silent = await self._supply.look(), ""
        except TocsinError as error:
            self._supply_silent = str(error)
        except Exception:  # noqa: BLE001  what is wrong with one part is an alarm of that part
            if self._supply_silent != _DEFECT:
                _log.exception("the supply could not be looked at")
            self._supply_silent = _DEFECT

    async def _ping(self, mono: float) -> None:
        url = self._config.health.ping_url
        if not url or mono - self._pinged < PING:
            return
        self._pinged = mono
        try:
            timeout = aiohttp.ClientTimeout(total=_PATIENCE)
            async with aiohttp.ClientSession(timeout=timeout) as web, web.get(url) as answer:
                await answer.read()
            self._ping_refused = 0 if answer.ok else answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _log.info("nobody heard that all is well", error=str(error)[:100])


def _of_clock(clock: Clock) -> tuple[bool, bool, float, float, float]:
    """Return how the clock is: known, sure, jumped, apart from the network, ahead of life."""
    if not isinstance(clock, NetworkClock):
        return True, True, 0.0, 0.0, 0.0
    known = clock.source != "none"
    apart = (clock.apart or 0.0) if clock.disputed or (clock.ahead and known) else 0.0
    return known, clock.sure, clock.jump, apart, 0.0 if known else clock.ahead


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


async def kept_up(look: Callable[[], Awaitable[None]]) -> None:
    """Look once; a defect there is told in the journal and keeps nothing else from its work."""
    try:
        await look()
    except DiskFull:
        pass  # the store has told it: the page stays there to say it, and there may be room soon
    except (sqlite3.Error, StoreError):
        raise
    except Exception:  # noqa: BLE001  the next look may succeed
        _log.exception("the box could not be looked at")
