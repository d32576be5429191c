"""A look at the machine: clock, disk, supply, who else wants the ports, what is installed."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from gateway.clock import is_trusted
from gateway.config import Config
from gateway.disk_levels import DiskLevel, level_of
from gateway.room import LEAST, RESERVE_FILE
from gateway.sentences import fr
from gateway.store.unusable import frozen, read_only
from gateway.system_words import why
from gateway.upkeep import findings
from gateway.upkeep.findings import Finding, Machine

#: Programs that open modems' ports on their own.
_RIVALS: Final = {
    "ModemManager": "systemctl disable --now ModemManager",
    "brltty": "apt remove brltty",
    "wvdial": "arrêtez ce programme",
    "pppd": "arrêtez ce programme",
    "gammu-smsd": "systemctl disable --now gammu-smsd",
    "smsd": "systemctl disable --now smstools",
}
_RULES: Final = "77-tocsin-modems.rules"
#: A disk with fewer free files than this takes none soon, whatever its bytes.
_FEW_FILES: Final = 1000
_A_GIGABYTE: Final = 10**9
_SQLITE: Final = (3, 37, 0)


def clock(machine: Machine, now: float, zone: str = "") -> Iterator[Finding]:
    """Tell whether the time can be believed, and what keeps it; said in the town's ``zone``."""
    shown = f"{datetime.fromtimestamp(now, UTC):%d/%m/%Y %H:%M} UTC"
    if zone:
        shown = f"{datetime.fromtimestamp(now, ZoneInfo(zone)):%d/%m/%Y %H:%M}"
    if not is_trusted(now):
        yield findings.fault(
            "clock", fr("l'horloge dit {shown} : elle n'a jamais été réglée", shown=shown),
            fr("timedatectl set-time 'AAAA-MM-JJ HH:MM' ; posez une pile d'horloge (RTC)"),
        )  # fmt: skip
        return
    synchronised = (machine.run / "systemd/timesync/synchronized").exists()
    keeper = {"chronyd", "ntpd", "systemd-timesyn"} & set(machine.programs())
    has_rtc = any((machine.sys / "class/rtc").glob("rtc*"))
    if synchronised or keeper:
        yield findings.good("clock", fr("l'horloge dit {shown}, réglée par le réseau", shown=shown))
    else:
        yield findings.warning(
            "clock",
            fr("l'horloge dit {shown}, mais rien ne la règle", shown=shown),
            fr(
                "timedatectl set-ntp true (sans internet, Tocsin compare à l'heure du "
                "réseau mobile)"
            ),
        )
    if not has_rtc:
        yield findings.warning(
            "clock.rtc",
            fr(
                "pas d'horloge à pile : après une coupure, l'heure est fausse jusqu'à ce "
                "que le réseau mobile la donne"
            ),
            fr("ajoutez un module RTC (DS3231) à un Raspberry Pi"),
        )


def disk(machine: Machine, data: Path) -> Iterator[Finding]:
    """Tell how much room there is, and whether the disk takes what is written."""
    place = next((one for one in (data, *data.parents) if one.exists()), data)
    try:
        free, inodes = shutil.disk_usage(place).free, os.statvfs(place).f_favail
    except OSError as error:
        yield findings.fault(
            "disk",
            fr("{place} ne répond pas : {error}", place=place, error=why(error)),
            fr("vérifiez le disque"),
        )
        return
    level, shown = level_of(free), _room(free, place)
    if free < LEAST and not (data / RESERVE_FILE).exists():
        shown = fr("{shown} ; rien ne s'enregistre, aucune alerte ne part", shown=shown)
    elif level is DiskLevel.SCANT:
        shown = fr("{shown} ; seules les alertes partent", shown=shown)
    if inodes < _FEW_FILES:
        shown = fr("{shown} ; {files} fichiers de plus au plus", shown=shown, files=inodes)
    if level in {DiskLevel.SCANT, DiskLevel.LITTLE} or inodes < _FEW_FILES:
        yield findings.fault(
            "disk",
            fr("disque presque plein : {shown}", shown=shown),
            fr(
                "libérez de la place : journalctl "
                "--vacuum-size=200M ; apt clean ; anciennes sauvegardes"
            ),
        )
    elif level is DiskLevel.MODEST:
        yield findings.warning("disk", fr("le disque se remplit : {shown}", shown=shown),
                               "journalctl --vacuum-size=200M ; apt clean")  # fmt: skip
    else:
        yield findings.good("disk", shown)
    if read_only(place):
        dying = frozen(place)
        yield findings.fault("disk.readonly", dying.sentence, dying.mend)
    yield from _supply(machine)


def _room(free: int, place: Path) -> str:
    """Say how many bytes are free, in the unit that has few digits."""
    if free >= 10 * _A_GIGABYTE:
        return fr("{gigabytes:.0f} Go libres dans {place}", gigabytes=free / 1e9, place=place)
    return fr("{megabytes:.0f} Mo libres dans {place}", megabytes=free / 1e6, place=place)


def _supply(machine: Machine) -> Iterator[Finding]:
    """Tell a Raspberry Pi that lacks volts: the commonest cause of modems that vanish."""
    file = machine.sys / "devices/platform/soc/soc:firmware/get_throttled"
    try:
        bits = int(file.read_text().strip(), 16)
    except (OSError, ValueError):
        return
    if bits & 0x10001:
        yield findings.fault(
            "power.volts", fr("la tension est trop basse (le Raspberry Pi l'a vu) : les modems "
            "disparaissent"), fr("une alimentation d'origine, et un concentrateur USB alimenté"),
        )  # fmt: skip
    else:
        yield findings.good("power.volts", fr("la tension est bonne"))


def rivals(machine: Machine) -> Iterator[Finding]:
    """Tell which programs take the modems' ports."""
    running = machine.programs()
    guarded = any(
        (machine.at(folder) / _RULES).exists()
        for folder in ("/usr/lib/udev/rules.d", "/lib/udev/rules.d", "/etc/udev/rules.d")
    )
    for name, mend in _RIVALS.items():
        if name not in running or (name == "ModemManager" and guarded):
            continue
        yield findings.fault(
            f"rival.{name}", f"{name} (pid {running[name]}) ouvre les ports des modems", mend
        )
    if guarded:
        yield findings.good("udev", "les règles udev tiennent ModemManager à l'écart")
    else:
        yield findings.warning(
            "udev", f"{_RULES} n'est pas installé : les ports n'ont pas de nom stable",
            "réinstallez le paquet, ou copiez le fichier de systemd/ puis udevadm control --reload",
        )  # fmt: skip
    yield from _sleepers(machine)


def _sleepers(machine: Machine) -> Iterator[Finding]:
    """Tell modems that the USB bus may put to sleep."""
    for port in sorted((machine.sys / "class/tty").glob("ttyUSB*")):
        for up in (port / "device").resolve().parents:
            control = up / "power/control"
            if (up / "idVendor").exists():
                if control.exists() and control.read_text().strip() == "auto":
                    yield findings.warning(
                        f"sleep.{port.name}", f"{port.name} peut être endormi par le bus USB",
                        f"echo on > {control} (les règles udev de Tocsin le font)",
                    )  # fmt: skip
                break


def versions() -> Iterator[Finding]:
    """Tell whether what is installed is what was tested."""
    shown = (f"Tocsin {metadata.version('tocsin')}, Python {platform.python_version()}, SQLite "
             f"{sqlite3.sqlite_version}")  # fmt: skip
    if sqlite3.sqlite_version_info < _SQLITE or sys.maxsize < 2**32:
        yield findings.fault("versions", f"{shown} : trop ancien, ou 32 bits",
                             "Debian 12 ou 13, ou Raspberry Pi OS 64 bits")  # fmt: skip
        return
    wrong = sorted(_unmet())
    if wrong:
        yield findings.fault("versions", f"bibliothèques absentes ou trop anciennes : "
                             f"{', '.join(wrong)}", "réinstallez le paquet tocsin")  # fmt: skip
    else:
        yield findings.good("versions", shown)


def _unmet() -> Iterator[str]:
    from packaging.requirements import Requirement

    for text in metadata.requires("tocsin") or ():
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            there = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            yield f"{wanted.name} (absente)"
            continue
        if not wanted.specifier.contains(there, prereleases=True):
            yield f"{wanted.name} {there}"


def service(machine: Machine) -> Iterator[Finding]:
    """Tell whether systemd will start the box after a power cut, and back it up at night."""
    if not machine.has_systemd:
        yield findings.unknown("service", "systemd ne tourne pas ici : rien ne relancera Tocsin")
        return
    wanted = machine.at("/etc/systemd/system/multi-user.target.wants/tocsin.service")
    if wanted.is_symlink() or wanted.exists():
        yield findings.good("service", "Tocsin démarre avec la machine")
    else:
        yield findings.fault("service", "Tocsin ne démarrera pas après une coupure",
                             "systemctl enable --now tocsin")  # fmt: skip
    timer = machine.at("/etc/systemd/system/timers.target.wants/tocsin-backup.timer")
    if not (timer.is_symlink() or timer.exists()):
        yield findings.warning("service.timer", "la sauvegarde de nuit n'est pas en place",
                               "systemctl enable --now tocsin-backup.timer")  # fmt: skip


def ports(machine: Machine, config: Config) -> Iterator[Finding]:
    """Tell whether each configured port is there and may be opened."""
    if not config.modem:
        yield findings.fault(
            "modems", "aucun modem n'est configuré", "tocsin init --modems les cherche et les écrit"
        )
    for modem in config.modem:
        code = f"port.{modem.name}"
        if not modem.port or not modem.port.startswith("/"):
            continue
        path = machine.at(modem.port)
        if not path.exists():
            yield findings.fault(code, f"{modem.name} : {modem.port} n'existe pas",
                                 "le modem est-il branché ? tocsin modem list")  # fmt: skip
        elif not os.access(path, os.R_OK | os.W_OK):
            yield findings.fault(
                code, f"{modem.name} : {modem.port} est fermé à cet utilisateur",
                "usermod -aG dialout tocsin (et lancez doctor par sudo -u tocsin)",
            )  # fmt: skip
        elif Path(modem.port).name.startswith("ttyUSB"):
            yield findings.warning(
                code, f"{modem.name} : {modem.port} change de nom à chaque branchement",
                'écrivez /dev/tocsin/at-… ou match = { imei = "…" } (tocsin modem list)',
            )  # fmt: skip
        else:
            yield findings.good(code, f"{modem.name} : {modem.port}")
