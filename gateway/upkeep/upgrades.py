"""A new version tried before it runs, and undone where it did not. For the package's scripts."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Final

from gateway.config import Config
from gateway.errors import Refused
from gateway.health import exclusive
from gateway.store import copies, facts, mending, rewound, veil
from gateway.store.base import connect

#: How the folder of a rehearsal is called.
_REHEARSAL: Final = "rehearsal-"


def rehearse(config: Config) -> str:
    """Bring a copy of the database up to date; return the step it gets to, empty without one.

    Raises `Refused` without room for the copy, `StoreError` when this version cannot use the data.
    What runs meanwhile is not disturbed, and nothing of it is changed.
    """
    source = config.database
    if not source.exists():
        return ""
    for left in source.parent.glob(f"{_REHEARSAL}*"):  # by a power cut: dpkg runs one at a time
        shutil.rmtree(left, ignore_errors=True)
    need, free = 3 * source.stat().st_size, shutil.disk_usage(source.parent).free
    if free < need:
        raise Refused(
            f"il manque {(need - free) / 2**20:.0f} Mo dans {source.parent} pour essayer la mise à "
            "jour sur une copie de la base : libérez de la place"
        )
    with tempfile.TemporaryDirectory(prefix=_REHEARSAL, dir=source.parent) as folder:
        copy = Path(folder) / source.name
        copies.snapshot(source, copy, gently=True)
        with contextlib.closing(connect(copy)) as db:
            mending.migrate(db, copy)
            return mending.newest_step(db)


def undo(config: Config, now: float) -> rewound.Rewound | None:
    """Put the copy made before the last upgrade back; None: this version can use what is there.

    What was newer is kept aside; what waited may have left since, and is treated so. Raises
    `Refused` without such a copy, `AlreadyRunning` while a daemon runs.
    """
    database = config.database
    with exclusive(config.lock):
        if not database.exists() or not _is_newer(database):
            return None
        before = next(iter(copies.kept(copies.folder_of(database), "before")), None)
        if before is None or _is_newer(before):
            raise Refused(
                "aucune copie d'avant la mise à jour : rendez une sauvegarde avec « tocsin "
                "restore --replace »"
            )
        made = copies.made_at(before)
        with tempfile.TemporaryDirectory(prefix="undo-", dir=database.parent) as folder:
            fresh = Path(folder) / database.name
            shutil.copyfile(before, fresh)
            with contextlib.closing(connect(fresh)) as db:
                mending.migrate(db, fresh)
                veil.dress(db, None)
                db.execute("BEGIN IMMEDIATE")
                done = rewound.settle(db, made, max(now, made), "upgrade undone")
                facts.note(db, "upgrade_undone", {"made_at": made}, now)
                db.execute("COMMIT")
            mending.put_in_place(fresh, database, now)
        return done


def _is_newer(database: Path) -> bool:
    with contextlib.closing(sqlite3.connect(database)) as db:
        return bool(mending.unknown_steps(db))
