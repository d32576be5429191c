"""What stands in the database's place is no database: said in French, with a mend that helps."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config import Config
from gateway.errors import Refused
from gateway.store import copies, mending
from gateway.upkeep import sealing
from gateway.upkeep.backup import make
from tests.gateway.store.ledger import NIGHT
from tests.gateway.upkeep.test_a_disk_read_only import tocsin_on
from tests.gateway.upkeep.test_backup import box
from tests.terminal import typed
from tests.tools import require

#: Words of SQLite's and of the system's own.
ENGLISH = re.compile(
    r"\b(no such|unable|malformed|file is|permission|errno|error|disk)\b", re.IGNORECASE
)


def garbage(file: Path) -> None:
    """Write what no program wrote."""
    file.write_bytes(bytes(range(256)) * 32)


def truncated(file: Path) -> None:
    """Cut it in half, as a file system that lost its last minutes does."""
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.truncate(file, file.stat().st_size // 2)


def somebody_elses(file: Path) -> None:
    """Put the database of another program there."""
    file.unlink()
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE song(title)")


def a_folder(file: Path) -> None:
    """Put a folder there."""
    file.unlink()
    file.mkdir()


def emptied(file: Path) -> None:
    """Leave nothing in it."""
    os.truncate(file, 0)


BROKEN: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "missing": (Path.unlink, "n'existe pas", "tocsin restore"),
    "empty": (emptied, "est vide (0 octet)", "tocsin restore"),
    "garbage": (garbage, "abîmée", "tocsin restore"),
    "truncated": (truncated, "abîmée", "tocsin restore"),
    "another program's": (somebody_elses, "n'est pas une base de Tocsin", "mv "),
    "a folder": (a_folder, "est un dossier", "mv "),
}


def a_box(folder: Path) -> tuple[Config, Path]:
    """Put a box in place whose register has a key, without a log beside its database."""
    config, path = box(folder)
    key = f'register_key_file = "{folder}/register"\n'
    path.write_text(key + path.read_text(encoding="utf-8"), encoding="utf-8")
    for name in ("-wal", "-shm"):
        config.database.with_name(config.database.name + name).unlink(missing_ok=True)
    return config, path


def tocsin(path: Path, *words: str, before: tuple[str, ...] = ()) -> tuple[int, str, str]:
    """Run a command; return its status and what it said.

    ``before``: what has a process of its own run it, as another user or on another disk.
    """
    words = (*words, "--config", str(path))
    if not before:
        return typed(*words)
    done = subprocess.run(
        [*before, sys.executable, "-m", "gateway", *words],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def of_the_database(said: str) -> list[tuple[str, str]]:
    """Return what the doctor says of the database, and of what is in it: sentence and mend."""
    about = {"database", "register", "history", "clock.back", "events"}
    return [(one["sentence"], one["mend"]) for one in json.loads(said) if one["code"] in about]


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_database_is_named_with_its_mend(tmp_path: Path, kind: str) -> None:
    """« no such table: event » sends nobody to the backup."""
    spoilt, said, mend = BROKEN[kind]
    config, path = a_box(tmp_path / "box")
    spoilt(config.database)
    before = config.database.stat().st_size if config.database.exists() else None
    status, out, err = tocsin(path, "report", "--verify")
    ill, found, _ = tocsin(path, "doctor", "--json")
    told = of_the_database(found)

    assert (1, "") == (status, out)
    assert said in err
    assert mend in err
    assert (1, 1) == (ill, len(told)), told
    assert said in told[0][0]
    assert mend in told[0][1]
    assert not ENGLISH.search(err + "".join(told[0]).replace(str(tmp_path), ""))
    assert kind not in {"missing", "empty"} or before == (
        config.database.stat().st_size if config.database.exists() else None
    ), "looking made a database"


@pytest.mark.parametrize("kind", ["missing", "empty"])
def test_a_copy_beside_it_is_named_and_the_restart_really_takes_it(
    tmp_path: Path, kind: str
) -> None:
    """An empty file is a sound database to SQLite: the town would have begun anew in silence."""
    config, path = a_box(tmp_path / "box")
    copies.good_copy(config.database, NIGHT)
    BROKEN[kind][0](config.database)
    _, _, err = tocsin(path, "report", "--verify")
    mended = mending.make_sound(config.database)

    assert "systemctl restart tocsin la reprend de sa dernière copie" in err
    assert mended is not None
    assert mended.copied_at == NIGHT
    assert "entier" in tocsin(path, "report", "--verify")[1]


def test_an_empty_database_is_not_backed_up_over_what_was_full(tmp_path: Path) -> None:
    """Two nights of it, and the copies that could have helped are gone."""
    config, path = a_box(tmp_path / "box")
    good = copies.good_copy(config.database, NIGHT)
    emptied(config.database)
    with pytest.raises(Refused, match=r"vide .*rien à sauvegarder"):
        make(config, path, [str(tmp_path / "out")], NIGHT + 60)

    assert [good] == copies.kept(copies.folder_of(config.database), "good")


def test_another_programs_file_pushes_no_real_copy_out(tmp_path: Path) -> None:
    """Two nights of it, and both copies of the town were the other program's."""
    config, path = a_box(tmp_path / "box")
    good = [copies.good_copy(config.database, NIGHT + n) for n in (0, 60)]
    somebody_elses(config.database)
    status, _, err = tocsin(path, "backup", "--to", str(tmp_path / "out"))
    with pytest.raises(sqlite3.DatabaseError, match="no database of Tocsin"):
        copies.good_copy(config.database, NIGHT + 120)

    assert status == 1
    assert "n'est pas une base de Tocsin" in err
    assert good[::-1] == copies.kept(copies.folder_of(config.database), "good")


@pytest.mark.parametrize(("kind", "said"), [("missing", "n'existe pas"), ("empty", "est vide")])
@pytest.mark.parametrize("words", [("report",), ("report", "--csv"), ("paper",),
                                   ("user", "password", "mairie")], ids=" ".join)  # fmt: skip
def test_who_only_asks_makes_no_base(
    tmp_path: Path, kind: str, said: str, words: tuple[str, ...]
) -> None:
    """« Aucun message n'a encore été envoyé », of a town whose database is gone."""
    config, path = a_box(tmp_path / "box")
    BROKEN[kind][0](config.database)
    status, _, err = tocsin(path, *words)

    assert status == 1
    assert said in err
    assert "tocsin restore" in err
    assert not config.database.exists() or config.database.stat().st_size == 0


@pytest.mark.parametrize(("closed", "mode"), [("tocsin.db", 0), (".", 0), (".", 0o555)])
def test_whoever_may_not_read_it_is_told_so(tmp_path: Path, closed: str, mode: int) -> None:
    """The mend is sudo, and not a search through the disk."""
    without = (require("setpriv", "util-linux"), "--bounding-set=-dac_override,-dac_read_search")
    config, path = a_box(tmp_path / "box")
    (config.data_dir / closed).chmod(mode)
    try:
        root = without if os.geteuid() == 0 else ()
        status, out, err = tocsin(path, "report", "--verify", before=root)
        _, found, _ = tocsin(path, "doctor", "--json", before=root)
    finally:
        (config.data_dir / closed).chmod(0o750)
    told = of_the_database(found)

    assert (1, "") == (status, out)
    assert "fermé à cet utilisateur" in err
    assert "sudo" in err
    assert 1 == len(told), told
    assert not ENGLISH.search(err + "".join(told[0]).replace(str(tmp_path), ""))


@pytest.mark.parametrize(
    "words",
    [
        ("doctor",),
        ("doctor", "--json"),
        ("init",),
        ("init", "--data-dir", "{closed}"),
        ("restore", "{file}"),
        ("log",),
    ],
    ids=" ".join,
)
def test_whoever_may_not_read_the_configuration_is_told_sudo(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Its folder is closed on an installed box: the first words typed there gave a traceback."""
    without = (require("setpriv", "util-linux"), "--bounding-set=-dac_override,-dac_read_search")
    _, path = a_box(tmp_path / "box")
    assert 0 == tocsin(path, "backup", "--to", str(tmp_path / "out"))[0]
    (file,) = (tmp_path / "out").iterdir()
    whole = [word.format(file=file, closed=path.parent) for word in words]
    path.parent.chmod(0)
    try:
        status, out, err = tocsin(path, *whole, before=without if os.geteuid() == 0 else ())
    finally:
        path.parent.chmod(0o750)

    assert 1 == status
    assert "sudo" in out + err
    assert "Traceback" not in err


def test_a_sealed_backup_that_lacks_the_passwords_says_so(tmp_path: Path) -> None:
    """« sudo -u tocsin tocsin backup »: they are root's, and were missed on the new machine."""
    without = (require("setpriv", "util-linux"), "--bounding-set=-dac_override,-dac_read_search")
    _, path = a_box(tmp_path / "box")
    with path.open("a", encoding="utf-8") as file:
        file.write(f'[backup]\nrecipient = "{sealing.new_key()[0]}"\n')
    secrets, to = path.parent / "secrets", ("backup", "--to", str(tmp_path / "out"))
    whole = tocsin(path, *to)
    secrets.chmod(0)
    try:
        status, _, err = tocsin(path, *to, before=without if os.geteuid() == 0 else ())
    finally:
        secrets.chmod(0o700)

    assert (0, "") == (whole[0], whole[2])
    assert 0 == status, err
    assert f"sans les mots de passe de {secrets}" in err


def test_the_record_is_verified_on_a_disk_that_takes_no_more_writing(tmp_path: Path) -> None:
    """The inspector comes after the disk has died too; the disk is told beside it."""
    config, path = a_box(tmp_path / "box")
    done = tocsin_on(config.data_dir, "report", "--verify", "--config", str(path))
    ill = tocsin_on(config.data_dir, "doctor", "--json", "--config", str(path))
    told = of_the_database(ill.stdout)

    assert (0, "Le registre est entier : rien n'a été modifié.\n") == (done.returncode, done.stdout)
    assert "en lecture seule" in done.stderr
    assert "tocsin backup --to usb:" in done.stderr
    assert 1 == len(told), told
    assert "tocsin backup --to usb:" in told[0][1]
    assert not ENGLISH.search("".join(told[0]))


@pytest.mark.parametrize("copied", [True, False])
@pytest.mark.parametrize("kind", ["empty", "missing", "garbage"])
def test_a_base_that_is_gone_on_such_a_disk_names_a_mend_that_can_be_done(
    tmp_path: Path, *, kind: str, copied: bool
) -> None:
    """A restart takes up no copy there, and no backup can be given back to it."""
    config, path = a_box(tmp_path / "box")
    if copied:
        copies.good_copy(config.database, NIGHT)
    BROKEN[kind][0](config.database)
    done = tocsin_on(config.data_dir, "report", "--verify", "--config", str(path))

    assert done.returncode == 1
    assert "systemctl restart" not in done.stderr
    assert "changez-le, puis rendez une sauvegarde (tocsin restore)" in done.stderr
    assert copied == (f"cp -a {config.data_dir}/copies " in done.stderr)
