"""A look at the register's key: there, readable, closed to others, the right one."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from gateway.config import Config
from gateway.credentials import place_of, secret
from gateway.errors import Refused
from gateway.store import seals, unusable
from gateway.store.cipher import Key, from_paper
from gateway.upkeep import findings, register_key
from gateway.upkeep.findings import Finding

_ENTER = "tocsin register key --enter, avec la feuille du coffre, puis systemctl restart tocsin"
_NEW = "le service arrêté : tocsin register key --new, puis la feuille au coffre"


def key(config: Config) -> Iterator[Finding]:
    """Tell whether the register is encrypted and can be read."""
    path = config.register_key_file
    if path is None or unusable.before(config.database) is not None:
        return
    yield from _rights(path)
    yield from _sheet(config)
    if unusable.read_only(config.database.parent):
        return  # told by the look at the disk
    try:
        yield from _matched(config, path)
    except sqlite3.Error:
        return  # told by the look at the database


def _matched(config: Config, path: Path) -> Iterator[Finding]:
    """Tell whether the key is there, and the one that this register is encrypted with."""
    check = seals.check_of(config.database)
    try:
        found = from_paper(secret(path))
    except FileNotFoundError:
        yield from _absent(config, path, check)
    except PermissionError:
        yield findings.unknown(
            "register", f"{path} n'est lisible que par root", "sudo tocsin doctor"
        )
    except (OSError, UnicodeDecodeError, Refused) as error:
        yield findings.fault("register", f"la clé du registre dans {path} ne se lit pas : {error}",
                             _ENTER)  # fmt: skip
    else:
        yield from _present(config, found, check)


def _rights(path: Path) -> Iterator[Finding]:
    try:
        mode = place_of(path).stat().st_mode
    except OSError:
        return  # absent, or root's own
    if place_of(path) == path and mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield findings.warning("register.rights", f"{path} peut être lu par d'autres",
                               f"chmod 600 {path}")  # fmt: skip


def _sheet(config: Config) -> Iterator[Finding]:
    """Tell a key that is on no paper: with the disk, the register would be lost."""
    try:
        unseen = register_key.is_unseen(config)
    except PermissionError:
        return  # told by the look at the key itself
    if unseen:
        yield findings.fault(
            "register.sheet", "la feuille de la clé du registre n'a jamais été montrée : si ce "
            "disque meurt, le registre est perdu", "sudo tocsin register key --print, puis la "
            "feuille au coffre",
        )  # fmt: skip


def _absent(config: Config, path: Path, check: bytes | None) -> Iterator[Finding]:
    if check is not None:
        yield findings.fault(
            "register", f"la clé du registre manque ({path}) : ses fiches sont illisibles, et "
            "aucune alerte ne les atteint", _ENTER,
        )  # fmt: skip
    elif seals.people(config.database, sealed=False):
        yield findings.warning("register", "le registre des personnes fragiles n'est pas chiffré",
                               _NEW)  # fmt: skip


def _present(config: Config, found: Key, check: bytes | None) -> Iterator[Finding]:
    if check is None:
        yield findings.warning("register", "le registre sera chiffré au prochain démarrage",
                               "systemctl restart tocsin")  # fmt: skip
    elif found.check != check:
        yield findings.fault("register", f"la clé n° {found.id} n'est pas celle de ce registre "
                             f"(n° {check[:4].hex()})", _ENTER)  # fmt: skip
    else:
        yield from _readable(config, found)


def _readable(config: Config, found: Key) -> Iterator[Finding]:
    bad = seals.damaged(config.database, found)
    if bad:
        yield findings.fault("register", f"{bad} valeur(s) chiffrée(s) du registre sont abîmées",
                             "ressaisissez ces fiches, ou tocsin restore")  # fmt: skip
    else:
        sealed = seals.people(config.database, sealed=True)
        yield findings.good("register", f"registre chiffré : {sealed} fiche(s), clé n° {found.id}")
