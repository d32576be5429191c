"""A look at what the box keeps: rights, the database, backups, SIM regimes, accounts."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gateway import provisional
from gateway.clock import SLEPT, STEP
from gateway.config import Config
from gateway.sentences import fr
from gateway.store import copies, events, facts, mending, oversight, remembered, rewound, unusable
from gateway.store.unusable import read_only, shut_by_unit
from gateway.upkeep import findings, look_backups
from gateway.upkeep.findings import Finding
from gateway.upkeep.readable import closed, service_reads, service_writes, unnameable
from gateway.watch import repair_of, repaired


def rights(config: Config, config_path: Path) -> Iterator[Finding]:
    """Tell who may read and write what."""
    data = config.data_dir
    if not data.is_dir():
        yield findings.fault(
            "data", f"{data} n'existe pas", "tocsin init, ou réinstallez le paquet"
        )
        return
    if read_only(data):
        yield from _secrets(config, config_path)
        return  # told by the look at the disk
    if not os.access(data, os.W_OK | os.X_OK):
        yield findings.fault("data", f"{data} est fermé à cet utilisateur",
                             "lancez : sudo -u tocsin tocsin doctor")  # fmt: skip
        return
    owner = data.stat().st_uid
    strangers = [one.name for one in data.iterdir() if one.lstat().st_uid != owner]
    if strangers:
        yield findings.fault(
            "data", f"{', '.join(sorted(strangers)[:4])} dans {data} : à un autre utilisateur, le "
            "service ne pourra pas y écrire", f"chown -R tocsin:tocsin {data}",
        )  # fmt: skip
    elif shut := [one for one in _written(config) if one.exists() and not service_writes(one)]:
        names = ", ".join(map(str, shut))
        yield findings.fault(
            "data", f"le service ne peut pas écrire dans {names} : rien ne s'enregistre",
            f"chown -R tocsin:tocsin {data} ; chmod u+rwX {names}",
        )  # fmt: skip
    elif data.stat().st_mode & stat.S_IRWXO:
        yield findings.warning("data", f"{data} est ouvert à tous", f"chmod 750 {data}")
    else:
        yield findings.good("data", f"{data} : droits en ordre")
    yield from _secrets(config, config_path)


def _written(config: Config) -> list[Path]:
    """Return what every message is written into: root may, whatever the rights are."""
    base = config.database
    return [config.data_dir, *(base.with_name(base.name + one) for one in ("", "-wal", "-shm"))]


def town(config: Config, config_path: Path) -> Iterator[Finding]:
    """Tell that nobody has named the town yet, and whether the service can read its file."""
    if config.town.name == provisional.TOWN:
        yield findings.fault("town", f"la commune s'appelle encore « {provisional.TOWN} »",
                             "sudo tocsin init")  # fmt: skip
    mode = config_path.stat().st_mode
    if mode & stat.S_IWOTH:
        yield findings.fault("configuration.rights", f"{config_path} peut être changé par tous",
                             f"chmod 640 {config_path}")  # fmt: skip
    elif not service_reads(config_path):
        yield findings.fault(
            "configuration.rights", f"le service ne peut pas lire {config_path}",
            f"chgrp tocsin {config_path} ; chmod 640 {config_path}",
        )  # fmt: skip


def _secrets(config: Config, config_path: Path) -> Iterator[Finding]:
    yield from unnameable(config_path.parent / "secrets")
    named = [modem.pin_file for modem in config.modem]
    mail = [one.password_file for one in (config.relay, config.mailbox) if one]
    named += [*mail, config.backup.sftp_key_file, config.health.metrics_token_file,
              config.power.password_file]  # fmt: skip
    for path in filter(None, named):
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            yield findings.fault(f"secret.{path.name}", f"{path} n'existe pas", "écrivez-le, ou "
                                 f"corrigez {config_path}")  # fmt: skip
            continue
        except OSError:
            continue  # root's own: systemd hands out a copy
        if shut := list(closed(f"secret.{path.name}", path)):
            yield from shut
        elif mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield findings.warning(f"secret.{path.name}", f"{path} peut être lu par d'autres",
                                   f"chmod 600 {path}")  # fmt: skip


def database(path: Path) -> Iterator[Finding]:
    """Tell whether the database is sound and its record unbroken."""
    seen = unusable.before(path)
    if seen is not None:
        yield findings.fault("database", seen.sentence, seen.mend)
        return
    if shut_by_unit(path):
        return  # told by the look at the disk
    if read_only(path):  # SQLite opens none there that has a log of its own
        yield findings.unknown(
            "database", fr("la base ne s'examine pas sur un disque qui ne s'écrit plus"),
            fr("tocsin backup --to usb:… la relit toute en la sauvegardant"),
        )  # fmt: skip
        return
    try:
        if copies.damage(path, thoroughly=True):  # in SQLite's English, which the journal has
            yield findings.fault(
                "database", fr("la base est abîmée : des pages ou des index ne se relisent pas"),
                mending.mend_of_damage(path),
            )  # fmt: skip
            return
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            yield from _record(db, path)
    except (sqlite3.Error, OSError) as error:
        trouble = unusable.why(path, error)
        yield findings.fault("database", trouble.sentence, trouble.mend)


def _record(db: sqlite3.Connection, path: Path) -> Iterator[Finding]:
    broken = events.first_broken(db)  # a database of something else has no events
    size = path.stat().st_size / 2**20
    yield findings.good("database", fr("la base est saine ({size:.0f} Mo)", size=size))
    if broken is not None:
        yield findings.fault(
            "events",
            fr("le registre a été modifié à partir du n° {broken}", broken=broken),
            fr("gardez cette base de côté ; voyez l'aide, « preuves »"),
        )
    else:
        yield findings.good("events", fr("le registre des événements est intact"))


def history(config: Config, now: float) -> Iterator[Finding]:
    """Tell what the database knows of backups, repairs, regimes and accounts."""
    if unusable.before(config.database) is not None:
        return  # told by `database`
    try:
        with contextlib.closing(
            sqlite3.connect(f"{config.database.as_uri()}?mode=ro", uri=True)
        ) as db:
            db.row_factory = sqlite3.Row
            known, standing = facts.known(db), facts.alarms(db)
            ordinary, open_groups, admins = oversight.regime_facts(db)
            agreed = [modem.name for modem in config.modem if modem.regime == "automated"]
            changed = oversight.left_ordinary(db, agreed)
    except sqlite3.Error:
        return  # told by `database`
    yield from look_backups.backups(config, known, now)
    repair = repair_of(known.get(rewound.MENDED), config.town.timezone, now)
    if repair is not None and rewound.MENDED not in {alarm.kind for alarm in standing}:
        said = repaired(repair)
        told = findings.fault if repair.all_lost else findings.warning
        yield told("mended", said.sentence, said.mend)
    for alarm in standing:
        yield findings.fault(f"alarm.{alarm.kind}", alarm.sentence, alarm.mend)
    if ordinary and not open_groups:
        yield findings.warning(
            "regime", f"{ordinary} carte(s) SIM au régime ordinaire et aucun groupe désigné : hors "
            "alerte, rien ne partira par elles", "Réglages, « Forfaits des cartes SIM »",
        )  # fmt: skip
    for name in changed:
        yield findings.warning(
            f"regime.{name}", f"{name} : sa carte SIM n'est plus celle de l'accord que dit la "
            'configuration (regime = "automated") : elle est au régime ordinaire',
            "inscrivez l'accord de cette carte, Réglages, « Forfaits des cartes SIM »",
        )  # fmt: skip
    if not admins:
        yield findings.fault("accounts", "personne ne peut administrer la page",
                             "tocsin user code, puis ouvrez la page")  # fmt: skip


def set_back(config: Config, now: float) -> Iterator[Finding]:
    """Tell a machine whose time is over for this box, or far from when it was last alive."""
    if unusable.before(config.database) is not None:
        return  # told by `database`
    try:
        with contextlib.closing(
            sqlite3.connect(f"{config.database.as_uri()}?mode=ro", uri=True)
        ) as db:
            db.row_factory = sqlite3.Row
            newest = remembered.newest(db)
    except sqlite3.Error:
        return  # told by `database`
    if newest is not None and now - newest > SLEPT:
        yield _ahead(now - newest)
    elif newest is not None and newest - now > STEP:
        been = datetime.fromtimestamp(newest, UTC)
        yield findings.fault(
            "clock.back", f"l'horloge a reculé : cette base a déjà vu le {been:%d/%m/%Y %H:%M} "
            "UTC ; les messages prévus attendent l'heure du réseau mobile ou d'internet",
            "timedatectl set-time 'AAAA-MM-JJ HH:MM', ou tocsin clock --right si elle est juste ; "
            "changez la pile de l'horloge",
        )  # fmt: skip


def _ahead(seconds: float) -> Finding:
    """Tell that the box was off for so long, or the clock is ahead; at the start this is asked."""
    return findings.warning(
        "clock.ahead",
        fr(
            "l'horloge avance de {hours:.0f} h sur le dernier signe de vie de cette base",
            hours=seconds / 3600,
        ),
        fr(
            "si le boîtier n'a pas été éteint si longtemps : timedatectl set-time "
            "'AAAA-MM-JJ HH:MM', avant de le démarrer"
        ),
    )
