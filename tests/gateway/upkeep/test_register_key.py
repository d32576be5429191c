"""The key of the register: made once, on paper in the safe, and the way back from a dead disk."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway import config as configuration
from gateway import keys
from gateway.cli.restore import command
from gateway.config import Config
from gateway.errors import Refused
from gateway.store import contacts, veil
from gateway.store.base import connect
from gateway.store.cipher import Key
from gateway.upkeep import archive, look_register, register_key, sealing
from gateway.upkeep.backup import make
from gateway.upkeep.findings import Level
from gateway.upkeep.restore import restore
from tests.acceptance.nursery import Nursery
from tests.gateway.store.ledger import NIGHT
from tests.gateway.store.sealed import GIVEN, NAME, NUMBER, enrolled, known, opened, traces


def box(folder: Path, more: str = "") -> tuple[Config, Path]:
    """Put a box in place whose register has somebody in it, encrypted."""
    path = folder / "etc/tocsin.toml"
    path.parent.mkdir(parents=True)
    (folder.parent / "usb").mkdir(exist_ok=True)
    path.write_text(f'data_dir = "{folder}/data"\n[town]\nname = "La Redorte"\n{more}')
    config = configuration.load(path)
    config.data_dir.mkdir()
    key = register_key.make(config)
    register_key.seen(config)
    opened(config.database, key, enrolled, lambda db: known(db, "Roux", "+33639980078"))
    return config, path


def names(config: Config) -> list[str]:
    """Return whom a daemon started on a box would list."""
    with contextlib.closing(connect(config.database, keys.of_register(config))) as db:
        return [row["name"] for row in db.execute("SELECT name FROM contact ORDER BY id")]


def nobody() -> str:
    pytest.fail("a key was asked for")


def dead(folder: Path, config: Config, path: Path) -> Path:
    """Back a box up and lose its disk; return the backup."""
    make(config, path, [str(folder / "usb")], NIGHT + 60)
    (folder / "old").rename(folder / "dead")
    (file,) = (folder / "usb").iterdir()
    return file


def test_a_dead_disk_the_sheet_and_the_backup_bring_the_register_back(tmp_path: Path) -> None:
    """All that is left is a USB key and the paper from the safe."""
    config, path = box(tmp_path / "old")
    key = keys.of_register(config)
    assert key is not None
    sheet = register_key.sheet(key, "La Redorte")
    file = dead(tmp_path, config, path)
    archive.unpack(file, tmp_path / "looked-into")
    typed = "\n".join(line for line in sheet.splitlines() if line.startswith("    ")).lower()
    new = tmp_path / "new/etc/tocsin.toml"
    new.parent.mkdir(parents=True)
    new.write_text(f'data_dir = "{tmp_path}/new/data"\n[town]\nname = "La Redorte"\n')
    done = restore(file, new, nobody, NIGHT + 7200, ask_register=lambda: typed)
    back = configuration.load(new)
    assert back.register_key_file is not None

    assert [] == list(traces(tmp_path / "looked-into"))
    assert [] == list(traces(tmp_path / "usb"))
    assert "typed" == done.register
    assert [NAME, "Roux"] == names(back)
    assert 0o600 == back.register_key_file.stat().st_mode & 0o777
    assert [] == list(traces(tmp_path / "new"))


def test_the_sheet_of_a_new_box_is_said_to_be_void_once_the_old_key_is_typed(
    tmp_path: Path,
) -> None:
    """`init` has printed one for the safe; kept beside the right one, it would be tried first."""
    config, path = box(tmp_path / "old")
    key = keys.of_register(config)
    assert key is not None
    file = dead(tmp_path, config, path)
    new = tmp_path / "new/etc/tocsin.toml"
    new.parent.mkdir(parents=True)
    new.write_text(f'data_dir = "{tmp_path}/new/data"\n[town]\nname = "La Redorte"\n')
    own = register_key.make(configuration.load(new))
    (tmp_path / "typed").write_text("-".join(key.on_paper()))
    told = CliRunner().invoke(command, [
        "--config", str(new), "--register-key-file", str(tmp_path / "typed"), str(file),
    ])  # fmt: skip

    assert 0 == told.exit_code
    assert f"celle de la clé n° {key.id}." in told.output
    assert f"La feuille n° {own.id}" in told.output
    assert not register_key.is_unseen(configuration.load(new))


def test_a_sealed_backup_has_not_the_key_either(tmp_path: Path) -> None:
    """Two locks, two sheets: who keeps the backups does not read the register."""
    public, secret = sealing.new_key()
    config, path = box(tmp_path / "old", f'[backup]\nrecipient = "{public}"\n')
    (path.parent / "secrets/relay-password").write_text("hunter2")
    file = dead(tmp_path, config, path)
    sealing.unseal(file, tmp_path / "plain", secret)
    (tmp_path / "out").mkdir()
    manifest = archive.unpack(tmp_path / "plain", tmp_path / "out")

    assert {"secrets/relay-password", "tocsin.db", "tocsin.toml"} == set(manifest.files)


def test_a_wrong_key_is_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    """The sheet of another town, or a wrong letter: said which, and the box is as it was."""
    config, path = box(tmp_path / "old")
    file = dead(tmp_path, config, path)
    new = tmp_path / "old/etc/tocsin.toml"
    others = "-".join(Key.new().on_paper())
    for typed, why in ((others[:9], "en voici"), (others, "n'est pas celle de ce registre")):
        with pytest.raises(Refused, match=why):
            restore(file, new, nobody, NIGHT, ask_register=partial(str, typed))

    assert not new.exists()
    assert not config.database.exists()


def test_without_the_sheet_all_the_rest_comes_back(tmp_path: Path) -> None:
    """The safe is under water too: alerts first, the register when the sheet is found."""
    config, path = box(tmp_path / "old")
    key = keys.of_register(config)
    assert key is not None
    file = dead(tmp_path, config, path)
    done = restore(file, path, nobody, NIGHT + 7200)

    assert "missing" == done.register
    assert [veil.MISSING, "Roux"] == names(config)
    register_key.enter(config, " ".join(key.on_paper()))
    assert [NAME, "Roux"] == names(config)


def test_a_key_that_is_in_its_file_is_not_asked_for(tmp_path: Path) -> None:
    """Yesterday's backup on the same machine."""
    config, path = box(tmp_path / "old")
    make(config, path, [str(tmp_path / "usb")], NIGHT + 60)
    (file,) = (tmp_path / "usb").iterdir()
    done = restore(file, path, nobody, NIGHT + 90, replace=True, ask_register=nobody)

    assert "here" == done.register
    assert [NAME, "Roux"] == names(config)


def test_the_doctor_looks_at_the_key(tmp_path: Path) -> None:
    """There, readable, closed to others, the right one; and every card opens."""
    config, _ = box(tmp_path / "box")
    file = config.register_key_file
    assert file is not None

    def found() -> list[tuple[Level, str]]:
        return [(one.level, one.sentence) for one in look_register.key(config)]

    assert [Level.GOOD] == [level for level, _ in found()]
    file.chmod(0o644)
    assert "peut être lu par d'autres" in found()[0][1]
    kept = file.read_text()
    file.write_text("-".join(Key.new().on_paper()))
    assert "n'est pas celle de ce registre" in found()[-1][1]
    file.write_text("rature")
    assert "ne se lit pas" in found()[-1][1]
    file.unlink()
    assert (Level.FAULT, True) == (found()[0][0], "manque" in found()[0][1])
    file.write_text(kept)
    file.chmod(0o600)
    with contextlib.closing(sqlite3.connect(config.database)) as db:
        db.execute("UPDATE endpoint SET sealed = zeroblob(99) WHERE sealed NOTNULL AND id = 1")
        db.commit()
    assert "1 valeur(s) chiffrée(s) du registre sont abîmées" in found()[0][1]


def test_a_register_in_clear_is_told_until_a_key_is_made(tmp_path: Path) -> None:
    """A box from before: nobody makes a key that is not printed, so a human must."""
    path = tmp_path / "tocsin.toml"
    path.write_text(f'data_dir = "{tmp_path}/data"\n[town]\nname = "La Redorte"\n')
    config = configuration.load(path)
    opened(config.database, None, enrolled)
    (before,) = look_register.key(config)
    register_key.make(config)
    register_key.seen(config)
    (between,) = look_register.key(config)
    with pytest.raises(Refused, match="existe déjà"):
        register_key.make(config)
    opened(config.database, keys.of_register(config))
    (after,) = look_register.key(config)
    (config.register_key_file or path).unlink()
    with pytest.raises(Refused, match="déjà chiffré"):
        register_key.make(config)

    assert (Level.WARNING, "--new" in before.mend) == (before.level, True)
    assert "prochain démarrage" in between.sentence
    assert Level.GOOD == after.level


def test_a_key_whose_sheet_nobody_has_seen_is_told(tmp_path: Path) -> None:
    """The box was made ready and the terminal closed before the sheet: say so until it is shown."""
    config, _ = box(tmp_path / "box")
    (config.register_key_file or tmp_path).unlink()
    config.database.unlink()
    key = register_key.make(config)
    opened(config.database, key, enrolled)
    before = [one for one in look_register.key(config) if one.code == "register.sheet"]
    register_key.seen(config)
    after = [one.code for one in look_register.key(config)]

    assert [Level.FAULT] == [one.level for one in before]
    assert "tocsin register key --print" in before[0].mend
    assert ["register"] == after


@pytest.mark.real_time
def test_the_command_makes_prints_and_takes_the_key_back(tmp_path: Path, imported: Nursery) -> None:
    """From a terminal, with the sheet as a page to print; who printed it is written down."""
    path = tmp_path / "etc/tocsin.toml"

    def tocsin(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        return imported.run([*words, "--config", str(path)], said)

    made = tocsin("init", "--town", "La Redorte", "--data-dir", str(tmp_path / "data"),
                  "--no-modems", "--register-sheet", str(tmp_path / "feuille.pdf"))  # fmt: skip
    config = configuration.load(path)
    key = keys.of_register(config)
    assert key is not None, made.stderr
    opened(config.database, key, enrolled)
    printed = tocsin("register", "key", "--print")
    again = tocsin("init")
    (config.register_key_file or path).unlink()
    refused = tocsin("register", "key", "--enter", said=" ".join(Key.new().on_paper()))
    entered = tocsin("register", "key", "--enter", said=printed.stdout)
    typed = tocsin("register", "key", "--enter", said=" ".join(key.on_paper()).lower())
    with contextlib.closing(connect(config.database)) as db:
        told = [row["kind"] for row in db.execute("SELECT kind FROM event WHERE kind LIKE 'reg%'")]

    rows = " ".join(key.on_paper()[:7])
    assert rows in made.stdout
    assert (tmp_path / "feuille.pdf").read_bytes().startswith(b"%PDF")
    assert 0o600 == (tmp_path / "feuille.pdf").stat().st_mode & 0o777
    assert rows in printed.stdout
    assert rows not in again.stdout, "shown once"
    assert (1, 1, 0) == (refused.returncode, entered.returncode, typed.returncode), typed.stderr
    assert "n'est pas celle de ce registre" in refused.stderr
    assert ["register.sealed", "register.key_printed", "register.key_entered"] == told
    assert [NAME] == names(config)


def test_the_key_is_in_no_log_and_no_event(tmp_path: Path) -> None:
    """Its number is; that opens nothing."""
    config, _ = box(tmp_path / "box")
    key = keys.of_register(config)
    assert key is not None
    register_key.noted(config, "register.key_printed", key, "root", NIGHT)
    group = key.on_paper()[0].encode()
    files = [one for one in config.data_dir.rglob("*") if one.is_file()]

    assert all(group not in one.read_bytes() for one in files)
    assert group.decode() not in repr(key)


def test_a_contact_of_the_register_is_whole_for_its_daemon(tmp_path: Path) -> None:
    """Numbers included."""
    config, _ = box(tmp_path / "box")
    with contextlib.closing(connect(config.database, keys.of_register(config))) as db:
        row, reach = contacts.row(db, 1), contacts.endpoints(db, 1)

    assert (GIVEN, NUMBER) == (row["given_name"], reach[0]["address"])
