"""What was said to be put in place is there after a power cut, and what was there until then.

A process of its own runs the command on a disk that forgets whatever was not synced.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.config import load
from gateway.store import copies, mending
from gateway.upkeep.restore import restore
from tests.faults.disk import Disk
from tests.gateway.store.ledger import NIGHT
from tests.gateway.upkeep.test_backup import box, nobody, saved

pytestmark = pytest.mark.real_time


#: Does with the database of its word what a start does.
MENDS = """
import pathlib, sys
from gateway.store import mending
mending.make_sound(pathlib.Path(sys.argv[1]))
"""


def on_a_disk(folder: Path, *words: str) -> None:
    """Run Python on a disk of that folder, and pull the plug when it has ended well."""
    disk = Disk(folder, folder.with_name("disk"), forgets=True)
    done = subprocess.run(
        [sys.executable, *words], env={**os.environ, **disk.env},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    disk.power_cut()


def people(database: Path) -> int:
    """Return how many recipients a database has."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        return int(db.execute("SELECT count(*) FROM recipient").fetchone()[0])


def test_a_restored_box_is_there_after_a_power_cut(tmp_path: Path) -> None:
    """« rendue », and the current fails before the system has written it: an empty town."""
    file, path = saved(tmp_path), tmp_path / "box/etc/box.toml"
    data = tmp_path / "box/data"
    before = people(data / "tocsin.db")
    shutil.rmtree(tmp_path / "box")
    (tmp_path / "box").mkdir()
    on_a_disk(tmp_path / "box", "-m", "gateway", "restore", "--config", str(path), str(file))

    assert before == people(data / "tocsin.db")
    assert data == load(path).data_dir
    assert b"RIFF of a voice" == (data / "recordings/abc.wav").read_bytes()


def test_a_database_mended_from_a_copy_is_there_after_a_power_cut(tmp_path: Path) -> None:
    """Where the current fails once it fails again, a minute later."""
    config, _ = box(tmp_path / "box")
    before = people(config.database)
    copies.good_copy(config.database, NIGHT)
    config.database.write_bytes(b"spoilt" * 1000)
    on_a_disk(config.data_dir, "-c", MENDS, str(config.database))

    assert before == people(config.database)


def test_a_restore_that_finds_no_room_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The base had been put aside, and the next start began with an empty town."""
    file, path = saved(tmp_path), tmp_path / "box/etc/tocsin.toml"
    database = load(path).database
    before = people(database)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(mending.shutil, "copy", full)
    with pytest.raises(OSError, match="No space"):
        restore(file, path, nobody, NIGHT, replace=True)

    assert before == people(database)
    assert [database.name] == [one.name for one in database.parent.glob("tocsin.db*")]


def test_a_configuration_that_was_written_is_there_after_a_power_cut(tmp_path: Path) -> None:
    """An empty file, and the service does not start."""
    path = tmp_path / "etc/tocsin.toml"
    words = ("--town", "La Redorte", "--data-dir", str(tmp_path / "data"), "--no-modems")
    path.parent.mkdir()
    on_a_disk(path.parent, "-m", "gateway", "init", "--config", str(path), *words)

    assert "La Redorte" == load(path).town.name
