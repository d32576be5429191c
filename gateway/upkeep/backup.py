"""A backup made while the daemon works: a snapshot, proved, packed, sealed, taken to places."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import sys
import threading
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from gateway.config import Config
from gateway.disk_levels import BELOW, DiskLevel
from gateway.errors import Refused, TocsinError
from gateway.logs import log_for
from gateway.room import Room
from gateway.store import copies, events, facts, retention, rewound, unusable
from gateway.store.base import connect
from gateway.system_words import why
from gateway.upkeep import archive, backed_up, rescued, sealing
from gateway.upkeep.places import holds_of, place_for

_log = log_for(__name__)

#: Seconds a start without a database waits for the places of its backups: a disk that spins up.
ASKED_FOR: Final = 10.0
#: What is purged while it is packed has the rest packed anew, so often at most.
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one place; ``trouble`` is empty when it has the backup."""

    place: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made: its name, bytes, seconds it took, and where it is."""

    name: str
    size: int
    seconds: float
    sealed: bool
    places: tuple[Taken, ...]

    @property
    def safe(self) -> bool:
        """Whether it is anywhere."""
        return any(not taken.trouble for taken in self.places)

    def told(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "name": self.name, "size": self.size, "seconds": round(self.seconds, 2),
            "sealed": self.sealed,
            "places": [{"place": one.place, "trouble": one.trouble} for one in self.places],
        }  # fmt: skip


def our_version() -> str:
    """Return the version of the program, as installed."""
    try:
        return version("tocsin")
    except PackageNotFoundError:
        return "?"


def make(config: Config, config_path: Path, to: Sequence[str], now: float) -> Backup:
    """Back up to every place of ``to``; a place that fails is told and does not stop the others.

    From a disk that takes no more writing too; then nothing of it is written down.
    Raises `Refused` where there is nothing to back up, sqlite3.Error when the database is damaged.
    """
    if not config.database.exists():
        raise Refused(f"il n'y a pas de base dans {config.data_dir} : rien à sauvegarder")
    seen = unusable.before(config.database)
    if seen is not None:  # an empty file would push out the copies of a full one
        raise Refused("{what} : rien à sauvegarder ; à faire : {mend}",
                      what=seen.sentence, mend=seen.mend)  # fmt: skip
    if unusable.shut_by_unit(config.data_dir):  # the service may be writing there all the same
        shut = unusable.frozen(config.data_dir)
        raise Refused("{what} ; à faire : {mend}", what=shut.sentence, mend=shut.mend)
    if unusable.read_only(config.data_dir):
        with rescued.elsewhere(config.database) as database:
            return _made(config, config_path, to, now, database)
    _check_room(config.database)
    backup = _made(config, config_path, to, now, config.database)
    _write_down(config.database, backup, now)
    return backup


def _made(
    config: Config, config_path: Path, to: Sequence[str], now: float, database: Path
) -> Backup:
    """Make a backup of a database, the box's or a copy of it elsewhere, working beside it."""
    began = time.monotonic()
    good = copies.good_copy(database, now, alert=alert_watch(database))
    name = f"tocsin-{slug(config.town.name)}-{copies.name_at('x', now)[2:-3]}.tar.zst"
    packed = good.parent / name
    sealed = packed.with_name(name + sealing.SUFFIX)
    recipient = config.backup.recipient
    try:
        _pack(packed, config, config_path, good, now)
        if recipient is not None:
            sealing.seal(packed, sealed, recipient)
        whole = sealed if recipient is not None else packed
        keep = _keep(config, good)
        places = [_put(config, one, whole, keep) for one in to]
        return Backup(
            whole.name, whole.stat().st_size, time.monotonic() - began, recipient is not None,
            tuple(places),
        )  # fmt: skip
    finally:
        packed.unlink(missing_ok=True)
        sealed.unlink(missing_ok=True)


def _pack(packed: Path, config: Config, config_path: Path, good: Path, now: float) -> None:
    """Pack what is there: a recording may be purged between the look at it and its turn."""
    about = archive.Manifest(config.town.name, now, our_version())
    for left in reversed(range(_TRIES)):
        members = _members(config, config_path, good, secrets=config.backup.recipient is not None)
        try:
            archive.pack(packed, members, about)
        except FileNotFoundError:
            packed.unlink(missing_ok=True)
            if not left:
                raise
        else:
            return


def _check_room(database: Path) -> None:
    """Raise `Refused` where the copy and its archive would take the room alerts live on."""
    free = Room(database.parent).free()
    needs = 2 * database.stat().st_size + BELOW[DiskLevel.SCANT]
    if free < needs:
        raise Refused(
            f"il faut {needs / 1e6:.0f} Mo libres sur {database.parent} pour une copie, il y en a "
            f"{free / 1e6:.0f} : faites de la place (« tocsin doctor » dit comment)"
        )


def _keep(config: Config, database: Path) -> int:
    """Return how many backups stay in each place; all, until a lost town's loss has been seen.

    Those of the empty one that began in its place would push out the only ones that bring it back.
    """
    with contextlib.closing(connect(database)) as db:
        mended = facts.known(db).get(rewound.MENDED)
    return sys.maxsize if mended and mended[1].get("all_lost") else config.backup.keep


def _put(config: Config, where: str, file: Path, keep: int) -> Taken:
    try:
        place_for(where, config.backup).put(file, keep)
    except (TocsinError, OSError) as error:
        return Taken(where, why(error))
    return Taken(where)


def _members(config: Config, config_path: Path, good: Path, *, secrets: bool) -> dict[str, Path]:
    """Return what goes in; secrets only into what is sealed, the register's key never."""
    found = {archive.DATABASE: good}
    if config_path.is_file():
        found[archive.CONFIG] = config_path
    folders = [("recordings", config.recordings)]
    if secrets:
        folders.append(("secrets", config_path.parent / "secrets"))
    for kind, folder in folders:
        with contextlib.suppress(OSError):  # none, or root's own: systemd hands out copies
            found |= {f"{kind}/{file.name}": file for file in sorted(folder.iterdir())
                      if file.is_file()}  # fmt: skip
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    if secrets and given:
        found |= {f"secrets/{file.name.removeprefix('secret_')}": file
                  for file in sorted(Path(given).glob("secret_*"))}  # fmt: skip
    kept_apart = config.register_key_file.name if config.register_key_file else ""
    found.pop(f"secrets/{kept_apart}", None)
    return {name: file for name, file in found.items() if archive.takes(name)}


def secrets_missed(config: Config, config_path: Path) -> Path | None:
    """Return the folder of secrets that a sealed backup lacks because it is root's own, if so."""
    folder = config_path.parent / "secrets"
    handed_out = "CREDENTIALS_DIRECTORY" in os.environ
    if config.backup.recipient is None or handed_out or not folder.exists():
        return None
    return None if os.access(folder, os.R_OK | os.X_OK) else folder


def alert_watch(database: Path) -> Any:
    """Return what tells whether an alert is on its way, from a thread or process of its own."""

    def look() -> bool:
        try:
            with contextlib.closing(sqlite3.connect(database, timeout=1)) as db:
                return retention.alert_is_open(db)
        except sqlite3.Error:
            return False

    return look


def made_before(config: Config, patience: float = ASKED_FOR) -> bool:
    """Tell whether this town has been backed up before, where that is seen within ``patience`` (s).

    Each place is asked in a thread of its own, which nobody waits for at the end: a share that is
    away and mounts itself when touched holds whoever touches it for minutes, and cannot be left.
    """
    town, answers = slug(config.town.name), SimpleQueue[bool]()
    until = time.monotonic() + patience
    for place in config.backup.to:
        threading.Thread(
            target=lambda one: answers.put(holds_of(one, town)), args=(place,),
            name=f"made-before:{place}", daemon=True,
        ).start()  # fmt: skip
    try:
        return any(answers.get(timeout=max(0.0, until - time.monotonic()))
                   for _ in config.backup.to)  # fmt: skip
    except Empty:
        _log.warning("a place of backups did not answer", seconds=patience)
        return False


def slug(town: str) -> str:
    """Return a town's name as part of a file name."""
    plain = unicodedata.normalize("NFKD", town).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "mairie"


def _write_down(database: Path, backup: Backup, now: float) -> None:
    with contextlib.closing(connect(database)) as db:
        db.execute("BEGIN IMMEDIATE")
        tried = [(one.place, one.trouble) for one in backup.places]
        facts.note(db, facts.BACKUP_PLACES, backed_up.after(facts.known(db), tried, now), now)
        if backup.safe:
            facts.note(db, facts.SOUND_BACKUP, backup.told(), now)
        events.record(db, now, "box.backup", backup.told())
        db.execute("COMMIT")
