"""What is wrong with the box itself, and from when it is told. Pure.

A modem that restarts, a relay that blinks, a supply that tests its battery: each kind of fault has
its patience, so that nobody is woken for what mends itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.disk_levels import DiskLevel, level_of
from gateway.sentences import Sentence, fr

#: Days without a good backup, where backups are set.
STALE_BACKUP: Final = 3.0
#: Seconds a fault of a kind lasts before it is told.
PATIENCE: Final[Mapping[str, float]] = {
    "modem": 300.0, "sim": 0.0, "outage": 900.0, "disk": 0.0, "clock": 3600.0, "power": 60.0,
    "battery": 0.0, "supply": 900.0, "backup": 0.0, "heartbeat": 0.0, "other_box": 0.0,
    "leap": 0.0, "paper": 0.0, "no_modem": 900.0, "nearly_empty": 0.0, "untold": 300.0,
    "mended": 0.0, "apart": 900.0, "unconfirmed": 3600.0, "unseen": 300.0,
    "ping": 3600.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: what (``kind``, ``about``), in a sentence, and how it is mended."""

    kind: str
    about: str
    sentence: str
    mend: str


@dataclass(frozen=True, slots=True)
class ModemNow:
    """A modem as it is looked at; ``stopped``: why its SIM carries alerts only."""

    name: str
    healthy: bool
    trouble: str = ""
    mend: str = ""
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """The database was mended at a start; ``copied``: of when the copy is, None: nothing is lost.

    Moments in the town's time; ``year``: the one it is now. ``all_lost``: no copy was there, the
    town has begun anew, empty.
    """

    at: datetime
    copied: datetime | None
    year: int
    all_lost: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the box. Bytes; ages in days, None where it does not apply."""

    modems: Sequence[ModemNow] = ()
    disk_free: int | None = None
    outage: str = ""
    clock_trusted: bool = True
    clock_sure: bool = True  # enough for what does not come back
    clock_jump: float = 0.0  # seconds the machine's clock jumped, and was not followed
    clock_apart: float = 0.0  # seconds a machine that is not believed differs from the network
    clock_ahead: float = 0.0  # seconds it is ahead of the last sign of life, where none is heard
    backup_age: float | None = None
    supply: str = ""  # how it stands, in words
    on_battery: bool = False
    nearly_empty: bool = False  # the supply; the machine will be stopped
    battery_worn: bool = False
    supply_silent: str = ""
    lost_heartbeats: Sequence[str] = ()
    silent_boxes: Sequence[tuple[str, str]] = ()  # name, since when
    papers: Sequence[tuple[str, str]] = ()  # town, why its call tree is nowhere
    unnumbered: bool = False  # no modem could write to another, for an hour
    repair: Repair | None = None  # of the database, which nobody has seen yet
    untold: Sequence[tuple[str, str]] = ()  # technician's address that heard nothing, and why
    unseen: Sequence[str] = ()  # parts of this look that failed, by a defect of ours
    ping_refused: int = 0  # the HTTP status with which ``ping_url`` says that it is no such page


def faults(seen: Reading) -> list[Fault]:
    """Return all that is wrong, whatever its patience.

    Each goes by SMS with its mend, in two at most: of ê, î, û or ô one halves the room.
    """
    found = [
        Fault(
            "modem",
            one.name,
            fr("Le modem {name} ne marche pas : {trouble}", name=one.name, trouble=one.trouble),
            one.mend or fr("voyez la page Modems"),
        )
        for one in seen.modems
        if not one.healthy
    ]
    found += [
        Fault(
            "sim",
            one.name,
            fr(
                "La carte SIM de {name} ne porte plus que les alertes : {stopped}",
                name=one.name,
                stopped=one.stopped,
            ),
            fr("appelez l'opérateur, puis « Reprendre » sur la page Modems"),
        )
        for one in seen.modems
        if one.stopped
    ]
    if not seen.modems and "modems" not in seen.unseen:
        found.append(
            Fault(
                "no_modem", "", fr("Aucun modem : aucun SMS ni appel ne peut partir"),
                fr(
                    "« tocsin init --modems » les trouve ; sinon voyez [[modem]] dans la "
                    "configuration"
                ),
            )
        )  # fmt: skip
    return [*found, *_of_machine(seen), *_of_power(seen), *_of_others(seen), *_of_looking(seen)]


#: What each part of a look is, in words.
_PARTS: Final[Mapping[str, str]] = {
    "modems": fr("ses modems"), "disk": fr("le disque"), "outage": fr("internet et le courriel"),
    "clock": fr("l'heure"), "heartbeats": fr("les SMS d'essai entre modems"),
    "boxes": fr("les autres boîtiers"), "papers": fr("l'arbre d'appel"),
    "untold": fr("si le technicien reçoit ses alarmes"), "repair": fr("la base"),
}  # fmt: skip


def _of_looking(seen: Reading) -> list[Fault]:
    return [
        Fault(
            "unseen", part,
            fr("Tocsin ne surveille plus {part} : défaut interne",
               part=_PARTS.get(part, part)),
            fr("systemctl restart tocsin ; si cela revient, signalez ce que dit « journalctl -u "
               "tocsin »"),
        )
        for part in seen.unseen
    ]  # fmt: skip


def repair_of(fact: tuple[float, Any] | None, zone: str, now: float) -> Repair | None:
    """Return how the database was mended, from the fact of it as the store keeps it, if any."""
    if fact is None:
        return None
    at, copied = fact[0], fact[1]["copied_at"]
    here = ZoneInfo(zone)
    return Repair(
        datetime.fromtimestamp(at, here),
        None if copied is None else datetime.fromtimestamp(copied, here),
        datetime.fromtimestamp(now, here).year,
        fact[1].get("all_lost", False),
    )


def repaired(repair: Repair) -> Fault:
    """Say that the database was mended, and which hours that has lost: short, for an SMS."""
    if repair.all_lost:
        said = fr("La base a disparu, sans copie : tout est perdu, la commune recommence vide")
        mend = fr("systemctl stop tocsin, puis tocsin restore avec une sauvegarde ; si c'est "
                  "voulu, « J'ai vu » sous « Autour des modems »")  # fmt: skip
        return Fault("mended", "", said, mend)
    if repair.copied is None:
        said = fr("Base réparée au démarrage, rien n'est perdu")
        mend = fr("regardez l'état du disque (smartctl -a), {then}", then=_SEEN)
        return Fault("mended", "", said, mend)
    if repair.copied >= repair.at:
        said = fr(
            "Base réparée d'une copie datée du {copied:%d/%m/%Y à %H h %M} : cette date ou "
            "l'horloge est fausse. Ce qui a suivi la copie est perdu",
            copied=repair.copied,
        )
        mend = fr("vérifiez l'heure, les derniers messages et l'état du disque, {then}", then=_SEEN)
        return Fault("mended", "", said, mend)
    mend = fr("vérifiez les messages de ces heures et l'état du disque, {then}", then=_SEEN)
    return Fault("mended", "", _lost(repair.copied, repair.at, repair.year), mend)


def _lost(copied: datetime, at: datetime, year: int) -> Sentence:
    """Say which hours are lost, with the years where one of them is not this one."""
    if copied.year == at.year == year:
        return fr(
            "Base réparée d'une copie, perdu : du {copied:%d/%m à %H h %M} au {at:%d/%m à %H h %M}",
            copied=copied,
            at=at,
        )
    return fr(
        "Base réparée d'une copie, perdu : du {copied:%d/%m/%Y à %H h %M} au "
        "{at:%d/%m/%Y à %H h %M}",
        copied=copied,
        at=at,
    )


_SEEN: Final = fr("puis « J'ai vu » sous « Autour des modems »")


def _of_machine(seen: Reading) -> list[Fault]:
    found = [repaired(seen.repair)] if seen.repair else []
    if seen.outage:
        found.append(Fault("outage", "", seen.outage, fr("voyez la box internet ou le relais")))
    level = DiskLevel.AMPLE if seen.disk_free is None else level_of(seen.disk_free)
    if seen.disk_free is not None and level in {DiskLevel.LITTLE, DiskLevel.SCANT}:
        left = fr("{megabytes:.0f} Mo libres", megabytes=seen.disk_free / 1e6)
        if level is DiskLevel.SCANT:
            left = fr("{left}. Seules les alertes partent", left=left)
        found.append(
            Fault(
                "disk",
                str(level) if level is DiskLevel.SCANT else "",  # told anew: it stops more
                fr("Disque presque plein : {left}", left=left),
                fr("faites de la place"),
            )
        )
    found += _of_clock(seen)
    if seen.backup_age is not None and seen.backup_age > STALE_BACKUP:
        days = fr("Aucune sauvegarde depuis {backup_age:.0f} jours", backup_age=seen.backup_age)
        found.append(Fault("backup", "", days, fr("« tocsin backup » dit pourquoi")))
    return found


def _of_clock(seen: Reading) -> list[Fault]:
    found = []
    if seen.clock_apart or seen.clock_ahead:
        found.append(Fault("apart", "", _apart(seen), SET_IT))
    elif not seen.clock_trusted:
        found.append(
            Fault(
                "clock",
                "",
                fr("L'heure n'est pas sûre : ni réseau ni horloge"),
                fr("« tocsin doctor »"),
            )
        )
    elif not seen.clock_sure:
        found.append(
            Fault(
                "unconfirmed",
                "",
                fr(
                    "L'horloge de la machine a avancé de plus de 7 j sans que rien ne le "
                    "confirme : les effacements attendent"
                ),
                SET_IT,
            )
        )
    if seen.clock_jump:
        hours = abs(seen.clock_jump) / 3600
        far = (
            fr("{hours:.0f} h en avance", hours=hours)
            if seen.clock_jump > 0
            else fr("{hours:.0f} h en retard", hours=hours)
        )
        found.append(
            Fault(
                "leap",
                "",
                fr("L'horloge de la machine a sauté ({far}) : Tocsin garde la sienne", far=far),
                fr("mettez-la à l'heure (« timedatectl »)"),
            )
        )
    return found


def _apart(seen: Reading) -> Sentence:
    """Say from what the machine's clock is apart, and what the box goes by."""
    if not seen.clock_apart:
        return fr(
            "L'horloge de la machine avance de {days:.0f} j sur le dernier signe de vie : l'heure "
            "est douteuse, les messages prévus attendent",
            days=seen.clock_ahead / _DAY,
        )
    days = abs(seen.clock_apart) / _DAY
    if seen.clock_trusted:
        return fr(
            "L'horloge de la machine est à {days:.0f} j de celle du réseau mobile : Tocsin suit "
            "le réseau",
            days=days,
        )
    return fr(
        "L'horloge de la machine est à {days:.0f} j de celle du réseau mobile : l'heure est "
        "douteuse, les messages prévus attendent",
        days=days,
    )


_DAY: Final = 86400.0
#: What somebody does about the machine's clock.
SET_IT: Final = fr(
    "mettez-la à l'heure (timedatectl set-time) ; si elle est juste, « tocsin clock --right »"
)


def nearly_empty(supply: str) -> Fault:
    """Say that the machine is about to be stopped; ``supply``: how it stands, in words."""
    said = fr(
        "Onduleur presque vide ({supply}) : la machine va s'éteindre, seules les "
        "alertes partent encore",
        supply=supply,
    )
    mend = fr("remettez le courant ; Tocsin reprend quand la machine se rallume")
    return Fault("nearly_empty", "", said, mend)


def _of_power(seen: Reading) -> list[Fault]:
    found = []
    if seen.on_battery:
        found.append(
            Fault(
                "power",
                "",
                fr("Courant coupé : {supply}", supply=seen.supply),
                fr("voyez le disjoncteur"),
            )
        )
    if seen.nearly_empty:
        found.append(nearly_empty(seen.supply))
    if seen.battery_worn:
        found.append(
            Fault("battery", "", fr("La batterie de l'onduleur est usée"), fr("remplacez-la"))
        )
    if seen.supply_silent:
        found.append(
            Fault(
                "supply",
                "",
                fr("L'onduleur ne répond pas : {supply_silent}", supply_silent=seen.supply_silent),
                fr("voyez « systemctl status nut-server », puis sa prise USB"),
            )
        )
    return found


def _of_others(seen: Reading) -> list[Fault]:
    found = [
        Fault("heartbeat", pair, fr("Un SMS d'essai de {pair} n'est pas arrivé", pair=pair),
              fr("voyez le signal et le forfait des deux cartes"))
        for pair in seen.lost_heartbeats
    ]  # fmt: skip
    if seen.unnumbered:
        found.append(
            Fault(
                "heartbeat", "numéros",
                fr("Les modems ne s'écrivent pas entre eux : leurs numéros sont inconnus"),
                fr("écrivez-les à la page « Lancer par téléphone », un par modem, dans leur ordre"),
            )
        )  # fmt: skip
    found += [
        Fault(
            "other_box",
            name,
            fr("Le Tocsin de {name} ne répond plus depuis {since}", name=name, since=since),
            fr("appelez sur place : courant, modem"),
        )
        for name, since in seen.silent_boxes
    ]
    found += [
        Fault(
            "paper",
            town,
            fr("L'arbre d'appel de {town} n'est pas arrivé : {why}", town=town, why=why),
            fr("faites-le d'ici, Réglages, « Arbre d'appel », et corrigez la destination"),
        )
        for town, why in seen.papers
    ]
    found += [
        Fault(
            "untold",
            whom,
            fr("Le dernier mot de Tocsin à {whom} n'est pas arrivé : {why}", whom=whom, why=why),
            fr("vérifiez cette adresse sous [health], et par quoi il part"),
        )
        for whom, why in seen.untold
    ]
    if seen.ping_refused:
        found.append(
            Fault(
                "ping", "",
                fr(
                    "La page de ping_url répond {code} : elle ne dira notre silence à personne",
                    code=seen.ping_refused,
                ),
                fr("corrigez ping_url sous [health], ou le service qui tient cette page"),
            )
        )  # fmt: skip
    return found


def ripe(
    found: Sequence[Fault], first_seen: Mapping[tuple[str, str], float], now: float
) -> list[Fault]:
    """Return the faults that have lasted their patience; times are seconds of one clock."""
    return [
        one for one in found
        if now - first_seen.get((one.kind, one.about), now) >= PATIENCE[one.kind]
    ]  # fmt: skip
