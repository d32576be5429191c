"""The modems, as the technician sees them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.changes import MODEMS, Changes
from gateway.clock import CONFIRM, Clock, NetworkClock
from gateway.errors import Refused
from gateway.lanes import Lane
from gateway.model import Channel
from gateway.sentences import fr, fr_all, glued
from gateway.services import budget_words, sunset, words
from gateway.services.values import Actor, FindingView, ModemView
from gateway.store import Store, budgets, jobs, proofs, sims
from modem.generations import last_generation
from modem.profiles import PROFILES
from modem.recovery import Rung
from modem.status import ModemState, ModemStatus, Trouble

_STATES: Final = fr_all({
    ModemState.STARTING: "démarre", ModemState.READY: "prêt", ModemState.SICK: "en panne",
    ModemState.ABSENT: "absent", ModemState.QUARANTINED: "mis de côté",
    ModemState.LENT: "prêté au technicien",
})  # fmt: skip
_REGISTRATIONS: Final = fr_all({
    "home": "enregistré", "roaming": "enregistré (itinérance)", "searching": "cherche le réseau",
    "denied": "refusé par le réseau", "idle": "hors réseau", "unknown": "inconnu",
    "sms_only": "enregistré (SMS seulement)", "emergency_only": "urgences seulement",
})  # fmt: skip
DOES: Final = fr_all({
    Channel.SMS: "envoie un SMS", Channel.VOICE: "appelle", Channel.EMAIL: "envoie un courriel",
})  # fmt: skip
#: From here up (dBm) a bar more, as telephones draw them.
_BARS: Final = (-110, -100, -90, -80, -70)
#: After so many accepted texts without one report, the network gives none.
_REPORTS_KNOWN: Final = 10
#: Modems that lose their networks within so many seconds of each other have one cause.
_TOGETHER: Final = 120.0
#: The two clocks may differ by so much (seconds) before it is said.
_CLOCKS_APART: Final = 120.0
_DAY: Final = 86400.0
#: Alarms that tell what the notice of the clock tells.
_OF_CLOCK: Final = frozenset({"clock", "leap", "apart"})
_NO_NETWORK: Final = frozenset({Trouble.NOT_REGISTERED, Trouble.DENIED})


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows of all modems and SIMs."""

    lengths: dict[str, int]
    habits: dict[str, sims.SimHabits]
    proofs: dict[tuple[str, str], proofs.Proof]
    voices: frozenset[str]


class Fleet:
    """What the doors may ask of the modems."""

    def __init__(
        self, store: Store, clock: Clock, lanes: Sequence[Lane], changes: Changes | None = None
    ) -> None:
        self._store, self._clock, self.lanes = store, clock, tuple(lanes)
        self._changes = changes or Changes()

    async def modems(self, actor: Actor) -> list[ModemView]:
        """Return every modem, in the order of the configuration."""
        now = self._clock.now()  # not in the thread that reads
        began = now - asyncio.get_running_loop().time()

        def work(db: sqlite3.Connection) -> _Known:
            runs = proofs.latest(db)
            voices = proofs.voices_proved(db, runs, held(self.lanes), now)
            return _Known(jobs.queue_lengths(db), sims.habits(db), runs, voices)

        known = await self._store.read(work)
        return [
            _view(lane, lane.modem.status, known, began, actor.timezone)
            for lane in self.lanes
            if lane.modem is not None
        ]

    async def notices(self, actor: Actor) -> tuple[str, ...]:
        """Return what concerns the box as a whole: its clock, its networks, the SIMs' budgets."""
        found = [self.about_clock(), self._about_networks(actor.timezone)]
        return tuple(filter(None, [*found, *await self._about_budgets()]))

    async def resume(self, actor: Actor, name: str) -> bool:
        """Let a stopped SIM send again; return whether it was. Raises Refused: no such modem."""
        lane = self.lane(name)
        sim, now = lane.sim, self._clock.now()
        lane.run.accepted()
        stopped = lane.stopped.resume(sim)
        await self._store.write(lambda db: sims.resume(db, sim, actor.name, now))
        self._changes.touch(MODEMS)
        return stopped

    def lane(self, name: str) -> Lane:
        """Return the lane of a modem; raise Refused, naming those there are."""
        for lane in self.lanes:
            if lane.name == name and lane.modem is not None:
                return lane
        there = ", ".join(lane.name for lane in self.lanes if lane.modem is not None)
        raise Refused(
            "Aucun modem ne s’appelle « {name} » (modems : {there}).",
            "name",
            name=name,
            there=there or fr("aucun"),
        )

    async def ready(self) -> tuple[bool, dict[str, Any]]:
        """Tell whether every configured modem is up or known to be sick, and which are.

        A box that can write nothing is not ready: no alert would leave it.
        """
        states = {
            lane.name: lane.modem.status.state.value
            for lane in self.lanes
            if lane.modem is not None
        }
        settled = ModemState.STARTING.value not in states.values()
        if self._store.full:
            return False, {"status": "disk_full", "modems": states}
        well = "ok" if states else "degraded"  # without a modem no text and no call leaves
        return settled, {"status": well if settled else "starting", "modems": states}

    async def _about_budgets(self) -> list[str]:
        """Say which limits of which SIM are nearly used, or used."""
        known = [lane for lane in self.lanes if lane.modem is not None]
        now = self._clock.now()
        states = await self._store.read(
            lambda db: [budgets.state(db, lane.sim, lane.regime, [], now) for lane in known]
        )
        return [
            said
            for lane, state in zip(known, states, strict=True)
            for said in budget_words.warnings(lane.name, state)
        ]

    async def notices_beside(self, actor: Actor, alarms: Iterable[str]) -> list[str]:
        """Return the notices, but the clock's where an alarm of these kinds tells of it already."""
        told = not _OF_CLOCK.isdisjoint(alarms)
        notices = await self.notices(actor)
        return [one for one in notices if not (told and one == self.about_clock())]

    def about_clock(self) -> str:
        """Return what a person should know of the time, empty where nothing."""
        clock = self._clock
        if not isinstance(clock, NetworkClock):
            return ""
        if clock.source == "network":
            return fr(
                "L’horloge de la machine n’est pas réglée : Tocsin suit l’heure du réseau mobile."
            )
        if clock.source == "none" and (clock.disputed or clock.ahead):
            return _unsure(clock)
        if clock.source == "none" and clock.doubted:
            return fr(
                "L’horloge de la machine a reculé pendant que le boîtier était éteint : l’heure "
                "n’est pas sûre. Les alertes partent ; les messages prévus attendent que le "
                "réseau mobile ou internet donne l’heure, ou que vous la régliez (timedatectl "
                "set-time) ; si elle est juste, dites-le sous « Autour des modems »."
            )
        if clock.source == "none":
            return fr(
                "L’horloge de la machine n’est pas réglée et aucun réseau ne donne l’heure : les "
                "heures affichées sont fausses. Réglez l’horloge (timedatectl set-time)."
            )
        if clock.confirming:
            return fr(
                "L’heure de la machine n’est pas encore confirmée : d’après elle, le boîtier a été "
                "éteint {hours:.0f} h. Les messages prévus attendent que le réseau mobile ou "
                "internet la confirme, {minutes:.0f} min au plus après le démarrage ; les alertes "
                "et ce que vous envoyez maintenant partent. Si elle est juste, dites-le sous "
                "« Autour des modems ».",
                hours=clock.slept / 3600,
                minutes=CONFIRM / 60,
            )
        if clock.apart is not None and abs(clock.apart) > _CLOCKS_APART:
            minutes = round(abs(clock.apart) / 60)
            return fr(
                "L’heure du réseau mobile et celle de la machine diffèrent de {minutes} min : "
                "vérifiez l’horloge de la machine.",
                minutes=minutes,
            )
        return ""

    def _about_networks(self, zone: str) -> str:
        """Say so when all modems lost their networks together: an aerial, a hub, or jamming."""
        states = [lane.modem.status for lane in self.lanes if lane.modem is not None]
        there = [status for status in states if status.state is not ModemState.ABSENT]
        moments = [status.since for status in there if status.trouble in _NO_NETWORK]
        if len(there) < 2 or len(moments) < len(there):
            return ""
        if max(moments) - min(moments) > _TOGETHER:
            return ""
        at = self._clock.now() - asyncio.get_running_loop().time() + min(moments)
        since = words.at_time(at, zone, self._clock.now())
        return fr(
            "Tous les modems ont perdu le réseau ensemble, {since} : panne d’opérateur, antenne "
            "débranchée ou brouillage. Vérifiez avec un téléphone ; tant que cela dure, prévenez "
            "autrement (sirène, porte-à-porte).",
            since=since,
        )


def _unsure(clock: NetworkClock) -> str:
    """Say that the machine is far ahead of the last sign of life, or a day from the network."""
    if clock.disputed:
        return fr(
            "L’horloge de la machine et celle du réseau mobile diffèrent de {days:.0f} j : l’heure "
            "n’est pas sûre. Les alertes partent ; les messages prévus attendent qu’internet donne "
            "l’heure, ou que vous la régliez (timedatectl set-time) ; si elle est juste, dites-le "
            "sous « Autour des modems ».",
            days=abs(clock.apart or 0.0) / _DAY,
        )
    return fr(
        "L’horloge de la machine avance de {days:.0f} j sur le dernier signe de vie du boîtier : "
        "l’heure n’est pas sûre. Les alertes partent ; les messages prévus attendent que le réseau "
        "mobile ou internet donne l’heure, ou que vous la régliez (timedatectl set-time) ; si elle "
        "est juste, dites-le sous « Autour des modems ».",
        days=clock.ahead / _DAY,
    )


def held(lanes: Iterable[Lane]) -> list[proofs.Held]:
    """Return the modems of lanes, each with its SIM."""
    return [proofs.Held(lane.name, lane.modem.status.imei, lane.sim)
            for lane in lanes if lane.modem is not None]  # fmt: skip


def _view(lane: Lane, status: ModemStatus, known: _Known, began: float, zone: str) -> ModemView:
    """Return a modem as shown; ``began`` is the wall time at the loop's zero."""
    now = began + asyncio.get_running_loop().time()
    trouble, mend = trouble_of(status)
    dbm = status.signal_dbm
    habits = known.habits.get(lane.sim)
    proof = known.proofs.get((status.imei, lane.sim))
    return ModemView(
        name=lane.name, state=status.state.value, state_label=_STATES[status.state],
        trouble=trouble, mend=mend, detail=_aside(status), port=status.port, profile=status.profile,
        model=" ".join(filter(None, (status.manufacturer, status.model))),
        operator=status.operator, technology=status.technology,
        seen=status.trouble not in _UNSEEN,
        registration=_REGISTRATIONS.get(status.registration, status.registration),
        roaming=status.roaming, signal_dbm=dbm,
        signal_bars=0 if dbm is None else sum(dbm >= bar for bar in _BARS),
        iccid_masked=f"… {status.iccid[-4:]}" if status.iccid else "",
        regime=habits.regime if habits else lane.regime, voice=status.voice,
        queue=sum(known.lengths.get(channel, 0) for channel in lane.able),
        doing=_doing(lane), last_error=lane.last_error,
        last_error_at=words.local(lane.last_error_at, zone), imei=status.imei,
        role=lane.role, place=status.place,
        remedy=words.remedy(status.rung.value, status.rung_note) if status.rung else "",
        remedy_at=words.local(began + status.rung_at, zone) if status.rung_at is not None else None,
        reports=_reports(habits),
        voice_unproved=status.voice and lane.role != "sms"
        and lane.name not in known.voices,
        proved_at=words.local(proof.at, zone) if proof else None,
        voice_old=proof is not None and proof.voice_at is not None
        and now - proof.voice_at > proofs.LASTS,
        findings=tuple(FindingView(f.step, f.ok, f.said, f.mend) for f in proof.findings)
        if proof else (),
        warning=sunset.warning(last_generation(status.model, status.technology), status.imsi),
        stopped=lane.stopped.why(lane.sim),
    )  # fmt: skip


#: With these nobody knows what its network, or its voice, would be.
_UNSEEN: Final = frozenset(
    {Trouble.PORT_BUSY, Trouble.PORT_MISSING, Trouble.NO_ANSWER, Trouble.GARBAGE}
)


def _reports(habits: sims.SimHabits | None) -> str:
    """Say whether this SIM's network gives delivery reports, as far as it has shown."""
    if habits is None or (not habits.reports and habits.accepted < _REPORTS_KNOWN):
        return fr("pas encore su")
    if not habits.reports:
        return fr(
            "le réseau n’en donne pas ({accepted} SMS acceptés, aucun accusé)",
            accepted=habits.accepted,
        )
    if habits.accepted < habits.reports:  # of trials, which are no SMS of a message
        return fr("donnés par le réseau")
    return fr(
        "donnés par le réseau ({reports} pour {accepted} SMS)",
        reports=habits.reports,
        accepted=habits.accepted,
    )


def trouble_of(status: ModemStatus) -> tuple[str, str]:
    """Return what ails a modem and what to do about it, both empty when nothing does.

    What the system or the device says of it, in their own English, stands apart on the page: only
    the name of a program that holds the port is news for whoever reads a sentence.
    """
    if status.trouble is None:
        return "", ""
    said, mend = words.TROUBLES.get(status.trouble.value, (status.trouble.value, ""))
    if status.trouble is Trouble.PORT_BUSY and "ModemManager" in status.holder:
        mend = words.rival_mend(_vendor_of(status.profile))
    if status.state is ModemState.QUARANTINED and status.rung is Rung.HUMAN:
        mend = words.LAST_RESORT
    if status.trouble is Trouble.PIN_UNREADABLE:
        cause = status.detail.removeprefix(f"{status.trouble.value}: ")
        said = glued("{said} : {file}", said=said, file=cause.partition(": ")[0])
    if status.trouble is Trouble.PORT_BUSY and status.holder:
        said = glued("{said} ({rival})", said=said, rival=status.holder)
    return said, mend


def _aside(status: ModemStatus) -> str:
    """Return what the system says of it in its own words; of a held port the sentence says all."""
    return "" if status.trouble is Trouble.PORT_BUSY else status.detail


def _vendor_of(profile: str) -> str:
    """Return a family's USB vendor in four digits, for the rule that keeps ModemManager off it."""
    vendors = (vendor for one in PROFILES if one.name == profile for vendor, _ in one.ports)
    return f"{next(vendors, _SIMCOM):04x}"


#: Said where nobody knows: the vendor most sticks have.
_SIMCOM: Final = 0x1E0E


def _doing(lane: Lane) -> str:
    """Say what a modem does, without whom it does it for: a technician sees no names."""
    if lane.guest is not None:
        return fr("répond à un appel")
    if lane.job is None:
        return ""
    return DOES[lane.job.channel]
