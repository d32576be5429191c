"""The kernel has seen the disk die: it is read-only, and what is on it is still taken to safety."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.errors import Refused
from gateway.store import unusable
from gateway.store.base import connect
from gateway.upkeep import archive, rescued
from gateway.upkeep.backup import make
from tests.gateway.store.ledger import NIGHT
from tests.gateway.upkeep.test_backup import box

#: A folder mounted on itself, read-only, then a command, in a world of its own.
_READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


def tocsin_on(data: Path, *arguments: str, unit: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command with a data directory on which nothing can be written.

    ``unit``: as systemd runs it, which may be what shuts the directory.
    """
    env = {name: value for name, value in os.environ.items() if name != "INVOCATION_ID"}
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if subprocess.run([*inside, _READ_ONLY, str(data), "true"], check=False).returncode:
        pytest.skip("NOT RUN: this machine allows no name spaces")
    return subprocess.run(
        [*inside, _READ_ONLY, str(data), sys.executable, "-m", "gateway", *arguments],
        capture_output=True, text=True, check=False, timeout=120,
        env=env | ({"INVOCATION_ID": "1"} if unit else {}),
    )  # fmt: skip


def towns_in(file: Path, folder: Path) -> set[str]:
    """Return the names of the towns that a backup has."""
    folder.mkdir()
    archive.unpack(file, folder)
    with contextlib.closing(sqlite3.connect(folder / "tocsin.db")) as db:
        return {row[0] for row in db.execute("SELECT name FROM entity")}


def test_a_backup_leaves_a_disk_that_takes_no_more_writing(tmp_path: Path) -> None:
    """It is what the doctor advises, and the last thing that such a disk is good for."""
    config, path = box(tmp_path / "box")
    out = tmp_path / "out"
    with contextlib.closing(connect(config.database)) as db:  # a daemon died: its log is there
        db.execute("UPDATE entity SET name = 'Azille'")
        before = sorted(str(one) for one in config.data_dir.rglob("*"))
        done = tocsin_on(config.data_dir, "backup", "--config", str(path), "--to", str(out))
        after = sorted(str(one) for one in config.data_dir.rglob("*"))

    assert (done.returncode, done.stderr) == (0, "")
    assert "✓" in done.stdout
    (file,) = out.iterdir()
    assert towns_in(file, tmp_path / "back") == {"Azille"}
    assert before == after


def test_serving_from_such_a_disk_ends_with_a_sentence_and_its_mend(tmp_path: Path) -> None:
    """Whoever reads the journal at night reads what to do, not where in the program."""
    config, path = box(tmp_path / "box")
    done = tocsin_on(config.data_dir, "serve", "--config", str(path))

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "lecture seule" in done.stderr
    assert "tocsin backup --to usb:" in done.stderr


@pytest.mark.parametrize("command", ["serve", "backup", "doctor"])
def test_a_folder_that_the_unit_shuts_is_not_a_disk_that_dies(tmp_path: Path, command: str) -> None:
    """Data kept elsewhere: « changez le disque » was said of one that is sound.

    And the nightly backup copied a base that the service was writing to.
    """
    config, path = box(tmp_path / "box")
    out = tmp_path / "out"
    more = ("--to", str(out)) if command == "backup" else ()
    done = tocsin_on(config.data_dir, command, "--config", str(path), *more, unit=True)
    said = done.stdout + done.stderr

    assert 1 == done.returncode
    assert f"ReadWritePaths={config.data_dir}" in said
    assert "changez le disque" not in said
    assert [] == [*out.iterdir()]


def test_without_room_anywhere_else_the_files_themselves_are_copied(tmp_path: Path) -> None:
    """The command that works is said, rather than the one that does not."""
    config, _ = box(tmp_path / "box")
    with (
        pytest.raises(Refused, match=r"cp /var/lib/tocsin/tocsin\.db\* "),
        rescued.elsewhere(config.database, ["/proc"]),
    ):
        pytest.fail("there is no room in /proc")


def test_nothing_is_written_down_where_nothing_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the backup is safe is told by the command alone."""
    config, path = box(tmp_path / "box")
    monkeypatch.setattr(unusable, "read_only", lambda folder: folder == config.data_dir)
    before = config.database.read_bytes()

    assert make(config, path, [str(tmp_path / "out")], NIGHT).safe
    assert before == config.database.read_bytes()
