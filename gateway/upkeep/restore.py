"""A box from its backup: on a new machine, from the file and the sheet in the safe.

What waits in a backup may have left since: alerts go again and say so, the rest ends as uncertain.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from gateway import keys, provisional
from gateway.config import Config, load
from gateway.errors import Refused
from gateway.health import exclusive
from gateway.store import copies, events, facts, mending, ours, rewound, seals, veil
from gateway.store.base import connect
from gateway.store.cipher import Key
from gateway.upkeep import archive, register_key, sealing

T = TypeVar("T")
#: Bytes that one of a backup may need to be taken out: opened, unpacked, and brought up to date.
_UNPACKED: Final = 20


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has brought back; ``broken_at`` is the first event that is not as it was."""

    manifest: archive.Manifest
    database: Path
    config_written: bool
    rewound: rewound.Rewound
    broken_at: int | None
    register: str = "none"  # its key: none, here, typed or missing
    sheet: str = ""  # the number on the register's sheet that counts from now on
    void_sheet: str = ""  # that of one made on this machine, which the typed key has replaced


def restore(
    source: Path, config_path: Path, ask_key: Callable[[], str], now: float, *,
    replace: bool = False, ask_register: Callable[[], str] = str,
) -> Restored:  # fmt: skip
    """Put a backup in place; raise `Refused` or `AlreadyRunning`, and then nothing was changed.

    A configuration that is there stays, unless it is still the package's; a database that is there
    stays unless ``replace``. The key of an encrypted register is asked for with ``ask_register``
    where it is not in its file; nothing typed puts all back, with the register illegible.
    """
    if not source.is_file():
        raise Refused(f"{source} n'existe pas")
    with tempfile.TemporaryDirectory(prefix="tocsin-restore-", dir=_bench(source)) as name:
        folder = Path(name)
        manifest = _with_room(folder, lambda: _opened(source, folder, ask_key))
        before = config_path.read_bytes() if config_path.exists() else None
        written = _configuration(folder, config_path)
        try:
            config = load(config_path)
            key, state = _register_key(folder, config, ask_register)
            with exclusive(config.lock):
                done, broken = _put(folder, config, manifest, now, key, replace=replace)
        except BaseException:
            if written:
                _take_back(config_path, before)
            raise
        _files(folder, config, config_path)
        own = keys.of_register(config)
        if key is not None and state == "typed":
            register_key.put(config, key)
    check = seals.check_of(config.database)
    sheet = key.id if key else check[:4].hex() if check else ""
    void = own.id if own and own.id != sheet else ""
    return Restored(manifest, config.database, written, done, broken, state, sheet, void)


def _register_key(folder: Path, config: Config, ask: Callable[[], str]) -> tuple[Key | None, str]:
    """Return the key of the register in the backup and how it came; raise `Refused` if wrong."""
    check = seals.check_of(folder / "out" / archive.DATABASE)
    if check is None:
        return keys.of_register(config), "none"
    key, typed = register_key.right(config, check, ask)
    return key, "typed" if typed else "here" if key else "missing"


def _bench(source: Path) -> Path:
    """Return where to take it out: on a disk of this machine if it has room, else the roomiest.

    A stick may be full of backups, /tmp in memory; and what a sealed one holds in clear is to lie
    on no stick.
    """
    places = [Path("/var/tmp"), source.parent, Path(tempfile.gettempdir())]  # noqa: S108
    rooms = {one: shutil.disk_usage(one).free for one in places if os.access(one, os.W_OK)}
    wanted = _UNPACKED * source.stat().st_size
    enough = (one for one, free in rooms.items() if free > wanted)
    return next(enough, max(rooms, key=lambda one: rooms[one], default=source.parent))


def _with_room(folder: Path, work: Callable[[], T]) -> T:
    """Do what fills a folder; raise `Refused` where there is no room for it."""
    try:
        return work()
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise Refused(
            f"il n'y a plus de place dans {folder.parent} pour ouvrir la sauvegarde : libérez-en "
            "(df -h), ou donnez un autre dossier, comme TMPDIR=/mnt/disque tocsin restore …"
        ) from None


def _opened(source: Path, folder: Path, ask_key: Callable[[], str]) -> archive.Manifest:
    packed = source
    if sealing.is_sealed(source):
        packed = folder / "packed"
        sealing.unseal(source, packed, ask_key())
    out = folder / "out"
    out.mkdir()
    manifest = archive.unpack(packed, out)
    if archive.DATABASE not in manifest.files:
        raise Refused(f"{source} ne contient pas de base")
    if not mending.sound_again(out / archive.DATABASE):
        found = out / archive.DATABASE
        wrong = copies.damage(found, thoroughly=True) or copies.unproved(found)
        raise Refused(f"la base de {source} est abîmée ({wrong}) : prenez une sauvegarde d'avant")
    with contextlib.closing(connect(out / archive.DATABASE)) as db:
        newer = mending.unknown_steps(db)
    if newer:  # before anything is made on this machine
        raise Refused(
            f"cette sauvegarde vient de Tocsin {manifest.version}, plus récent que celui-ci : "
            "mettez d'abord Tocsin à jour, puis recommencez"
        )
    return manifest


def _configuration(folder: Path, config_path: Path) -> bool:
    """Write the configuration where nobody has made one; return whether that was so."""
    there = config_path.exists()
    if there and not provisional.is_provisional(config_path):
        return False
    kept = folder / "out" / archive.CONFIG
    if there and not kept.exists():
        return False
    if not kept.exists():
        raise Refused(
            f"cette sauvegarde n'a pas de configuration et {config_path} n'existe pas : lancez "
            "d'abord « tocsin init »"
        )
    config_path.parent.mkdir(parents=True, exist_ok=True)
    _put_file(kept, config_path, 0o640)
    _give_to_group(config_path)
    return True


def _put_file(kept: Path, target: Path, mode: int) -> None:
    """Put a file where it belongs, whole and on the disk."""
    fresh = target.with_name(f"{target.name}.part")
    shutil.copyfile(kept, fresh)
    fresh.chmod(mode)
    copies.to_disk(fresh)
    fresh.replace(target)
    copies.to_disk(target.parent)


def _take_back(config_path: Path, before: bytes | None) -> None:
    if before is None:
        config_path.unlink()
    else:
        config_path.write_bytes(before)


def _give_to_group(path: Path) -> None:
    import grp

    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            os.chown(path, 0, grp.getgrnam("tocsin").gr_gid)


def _put(
    folder: Path, config: Config, manifest: archive.Manifest, now: float, key: Key | None, *,
    replace: bool,
) -> tuple[rewound.Rewound, int | None]:  # fmt: skip
    target = config.database
    if target.exists() and not replace and not _is_empty(target):
        raise Refused(
            f"il y a déjà une base dans {config.data_dir} : ajoutez --replace pour la remplacer "
            "(elle sera gardée de côté)"
        )
    out = folder / "out" / archive.DATABASE
    with contextlib.closing(connect(out)) as db:
        broken = events.first_broken(db)
        mending.migrate(db, out)
        veil.dress(db, key)
        db.execute("BEGIN IMMEDIATE")
        done = rewound.settle(db, manifest.made_at, max(now, manifest.made_at), "restore")
        facts.note(db, "restored", {"made_at": manifest.made_at, "version": manifest.version}, now)
        db.execute("COMMIT")
    mending.put_in_place(out, target, now)
    return done, broken


def _is_empty(database: Path) -> bool:
    """Tell whether a database is as the first start leaves it: nobody in it yet."""
    if not database.stat().st_size or ours.whose_file(database) is ours.Whose.NOBODYS:
        return True
    try:
        with contextlib.closing(sqlite3.connect(database)) as db:
            return facts.is_fresh(db)
    except sqlite3.Error:
        return False


def _files(folder: Path, config: Config, config_path: Path) -> None:
    """Put recordings and secrets where there are none of that name."""
    homes = {"recordings": config.recordings, "secrets": config_path.parent / "secrets"}
    for kind, home in homes.items():
        for file in sorted((folder / "out" / kind).glob("*")):
            if not (home / file.name).exists():
                home.mkdir(parents=True, exist_ok=True, mode=0o700)
                _put_file(file, home / file.name, 0o600)
    _belongs_to_the_box(config.data_dir)


def _belongs_to_the_box(data: Path) -> None:
    """Give what root has restored to the user the daemon runs as."""
    if os.geteuid() != 0:
        return
    owner = data.stat()
    for path in data.rglob("*"):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
