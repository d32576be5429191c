"""Where backups go: folders, disks by their label, another machine; which of them stay."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import threading
import time
from pathlib import Path
from typing import BinaryIO

import pytest
from click.testing import CliRunner

from gateway.cli.backup import command
from gateway.config import Config
from gateway.config_box import BackupSettings
from gateway.control import client
from gateway.errors import Refused
from gateway.store import copies, facts
from gateway.store.base import connect
from gateway.upkeep import backup, places
from gateway.upkeep.backup import make
from tests.gateway.store.ledger import NIGHT
from tests.gateway.upkeep.test_backup import NAME, box


def test_a_place_that_fails_is_told_and_stops_no_other(tmp_path: Path) -> None:
    """The key is not plugged in; the other machine has it all the same."""
    config, path = box(tmp_path / "box")
    backup = make(config, path, ["usb:ABSENTE", str(tmp_path / "out")], NIGHT)
    with contextlib.closing(connect(config.database)) as db:
        told = facts.known(db)[facts.SOUND_BACKUP]

    assert backup.safe
    assert "n'est pas branché" in backup.places[0].trouble
    assert "" == backup.places[1].trouble
    assert backup.told() == told[1]
    assert [".db"] == [one.suffix for one in copies.folder_of(config.database).iterdir()]


def test_a_folder_that_is_not_there_is_told_and_never_made(tmp_path: Path) -> None:
    """A share that is not mounted: made here, its folder would die with the disk of the box."""
    config, path = box(tmp_path / "box")
    absent = tmp_path / "nas/tocsin"
    backup = make(config, path, [str(absent)], NIGHT)
    by_command = CliRunner().invoke(command, ["--config", str(path), "--to", str(absent)])

    assert not backup.safe
    assert "n'est pas là" in backup.places[0].trouble
    assert f"mkdir {absent}" in backup.places[0].trouble
    assert not absent.parent.exists()
    assert by_command.exit_code == 1
    assert "✓" not in by_command.output


def test_the_folder_in_which_tocsin_packs_is_no_place_for_a_backup(tmp_path: Path) -> None:
    """It was told as kept there, and deleted a moment later."""
    config, path = box(tmp_path / "box")
    folder = copies.folder_of(config.database)
    folder.mkdir(exist_ok=True)
    backup = make(config, path, [str(folder)], NIGHT)

    assert not backup.safe
    assert "dossier de travail" in backup.places[0].trouble
    assert [".db"] == [one.suffix for one in folder.iterdir()]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (errno.EROFS, "remontez-le"), (errno.EACCES, "chown tocsin:"), (errno.EIO, "changez-le"),
        (errno.ENOSPC, "baissez keep"), (errno.ENAMETOOLONG, "le nom est trop long"),
    ],
)  # fmt: skip
def test_a_folder_that_takes_nothing_says_the_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int, said: str
) -> None:
    """« [Errno 30] … .part » is for nobody."""
    config, path = box(tmp_path / "box")
    (tmp_path / "nas").mkdir()

    def refuse(*_: object) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(shutil, "copyfileobj", refuse)
    backup = make(config, path, [str(tmp_path / "nas")], NIGHT)

    assert said in backup.places[0].trouble
    assert "Errno" not in backup.places[0].trouble


@pytest.mark.parametrize(
    ("fault", "said"), [(errno.EACCES, "chown tocsin:"), (errno.EROFS, "mount")]
)
def test_a_stick_that_takes_no_folder_says_the_mend_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int, said: str
) -> None:
    """A new stick that belongs to root: « le droit manque » was the whole of it, each night."""
    stick = tmp_path / "STICK"

    def refuse(*_: object, **__: object) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(Refused) as told:
        places.Usb("STICK", lambda _: stick).put(tmp_path / NAME, 3)

    assert str(stick) in told.value.message
    assert said in told.value.message
    assert "Errno" not in told.value.message


def test_what_root_makes_belongs_to_whose_disk_it_is_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """« sudo tocsin backup » on the first day, and the service could write no copy any more.

    Nor the nightly backup its file, on a stick that had been made the service's.
    """
    config, path = box(tmp_path / "box")
    stick, given = tmp_path / "STICK", list[Path]()
    stick.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda one, *_: given.append(Path(one)))
    backup = make(config, path, [str(stick)], NIGHT)
    places.Usb("STICK", lambda _: stick).put(stick / backup.name, 3)
    (copy,) = copies.kept(copies.folder_of(config.database), "good")

    whose = {one.name.removesuffix(".part") for one in given}
    assert {copy.parent.name, copy.name, "tocsin", backup.name} == whose


def test_a_file_where_a_folder_is_wanted_is_not_told_to_be_made(tmp_path: Path) -> None:
    """« mkdir » of a name that is taken helps nobody."""
    config, path = box(tmp_path / "box")
    (tmp_path / "nas").touch()
    backup = make(config, path, [str(tmp_path / "nas")], NIGHT)

    assert "est un fichier" in backup.places[0].trouble
    assert "mkdir" not in backup.places[0].trouble


@pytest.mark.parametrize("key", [None, "not a key"])
def test_our_own_key_that_cannot_be_read_is_not_the_other_machine_s_fault(
    tmp_path: Path, key: str | None
) -> None:
    """Nobody looks for it there."""
    config, path = box(tmp_path / "box")
    if key is not None:
        (tmp_path / "key").write_text(key)
    where = "sftp://tocsin@127.0.0.1/saves"
    backup = {"to": (where,), "sftp_key_file": tmp_path / "key", "sftp_host_key": "ssh-ed25519 x"}
    mine = Config(data_dir=config.data_dir, town=config.town, backup=backup)
    told = make(mine, path, [where], NIGHT).places[0].trouble

    assert "la clé de ce boîtier" in told
    assert "ssh-keygen" in told


@pytest.mark.parametrize("where", ["sauvegardes", "../nas", "", "ftp://nas/x"])
def test_a_place_that_depends_on_where_one_stands_is_refused(tmp_path: Path, where: str) -> None:
    """Else the backup lies wherever the command was typed, and nobody finds it."""
    config, path = box(tmp_path / "box")
    (taken,) = make(config, path, [where], NIGHT).places

    assert "chemin entier" in taken.trouble


@pytest.mark.parametrize("port", ["99999", "ssh"])
def test_a_port_that_is_none_is_told_and_stops_no_other_place(tmp_path: Path, port: str) -> None:
    """A letter too many in one line, and no place at all had a backup any more."""
    config, path = box(tmp_path / "box")
    where = f"sftp://tocsin@nas.example:{port}/saves"
    (tmp_path / "key").touch()
    known = {"sftp_key_file": tmp_path / "key", "sftp_host_key": "ssh-ed25519 x"}
    mine = Config(data_dir=config.data_dir, town=config.town, backup=known)
    backup = make(mine, path, [where, str(tmp_path / "out")], NIGHT)

    assert "un port" in backup.places[0].trouble
    assert "" == backup.places[1].trouble
    with pytest.raises(ValueError, match="n'est pas une destination"):
        BackupSettings(to=(where,), **known)


@pytest.mark.parametrize(("where", "shut"), [("/srv/nas", True), ("/mnt/nas/tocsin", False)])
def test_a_folder_that_the_unit_shuts_is_told_from_a_disk_that_takes_nothing(
    monkeypatch: pytest.MonkeyPatch, where: str, shut: bool
) -> None:
    """By hand it went well; each night « changez le disque » was said of a disk that is sound."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(places.Folder, "_put", refuse)
    with pytest.raises(Refused) as told:
        places.Folder(Path(where)).put(Path("x"), 1)

    assert shut == (f"ReadWritePaths={where}" in told.value.message)
    assert "remontez-le" in told.value.message


@pytest.mark.parametrize("gone", [True, False])
def test_a_folder_that_the_unit_does_not_see_is_told_from_one_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, *, gone: bool
) -> None:
    """By hand it is there; each night « montez son disque » was said of a folder at home."""

    def is_dir(_: Path) -> bool:
        if gone:
            return False
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "is_dir", is_dir)
    monkeypatch.setattr(Path, "exists", is_dir)
    for where, said in (("/home/paul/tocsin", True), ("/mnt/nas/tocsin", False)):
        with pytest.raises(Refused) as told:
            places.Folder(Path(where)).put(Path("x"), 1)

        assert said == ("le service ne voit ni /home" in told.value.message)


def test_only_the_newest_of_the_same_town_stay() -> None:
    """Two boxes may share a disk; neither deletes the other's, nor anything else."""
    names = [
        "tocsin-azille-20260101T000000Z.tar.zst", "photos.zip", NAME,
        "tocsin-la-redorte-20261123T020000Z.tar.zst.age",
        "tocsin-la-redorte-20261122T020000Z.tar.zst", f"{NAME}.part",
    ]  # fmt: skip

    assert [names[4]] == places.old_ones(names, NAME, 2)


@pytest.mark.parametrize(("lost", "stay"), [(True, 4), (False, 2)])
def test_a_town_that_begins_empty_pushes_out_no_backup_of_the_one_that_was_lost(
    tmp_path: Path, lost: bool, stay: int
) -> None:
    """The technician is away for three weeks; fourteen nights of an empty town would do it."""
    config, path = box(tmp_path / "box", "[backup]\nkeep = 2\n")
    for day in (1, 2, 3):
        (tmp_path / "out" / dated(2026, day)).write_bytes(b"of a town")
    with contextlib.closing(connect(config.database)) as db:
        facts.note(db, "mended", {"copied_at": None, "all_lost": lost}, NIGHT)
    make(config, path, [str(tmp_path / "out")], NIGHT)

    assert stay == len(list((tmp_path / "out").iterdir()))


@pytest.mark.parametrize("other", [True, False])
def test_a_share_that_is_away_holds_no_start_and_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: bool
) -> None:
    """It mounts itself when touched: whoever touches it waits for minutes, an alert with them."""
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / dated(2026, 1)).write_bytes(b"of a town")
    to = ["/mnt/nas", *([str(tmp_path / "usb")] if other else [])]
    config, _ = box(tmp_path / "box", f"[backup]\nto = {json.dumps(to)}\n")
    away, looked = threading.Event(), places.holds_of

    def holds_of(place: str, town: str) -> bool:
        return (away.wait() if place == "/mnt/nas" else True) and looked(place, town)

    monkeypatch.setattr(backup, "holds_of", holds_of)
    found = backup.made_before(config, patience=10.0 if other else 0.01)
    away.set()

    assert other == found


def dated(year: int, day: int) -> str:
    """Return the name of a backup of a night in January."""
    return f"tocsin-la-redorte-{year}01{day:02d}T020000Z.tar.zst"


def test_the_backup_just_made_stays_whatever_dates_the_others_bear() -> None:
    """Fourteen nights of a clock that was ahead: theirs go, one a night, not the new ones."""
    there = [dated(2028, day) for day in range(1, 15)]
    for day in range(1, 4):
        new = dated(2027, day)
        there.append(new)
        for name in places.old_ones(there, new, 14):
            there.remove(name)

    assert [dated(2027, day) for day in range(1, 4)] == there[-3:]
    assert [dated(2028, day) for day in range(4, 15)] == there[:-3]


def test_a_machine_in_1970_keeps_its_backups_of_true_date_beside_the_new_one() -> None:
    """Its clock has no battery; of what bears a later date the newest stay."""
    there = [dated(2026, day) for day in range(1, 15)]
    new = dated(1970, 1)

    assert [dated(2026, 1)] == places.old_ones([*there, new], new, 14)


@pytest.mark.parametrize("now", [60.0, NIGHT])
def test_a_backup_is_made_beside_copies_that_bear_later_dates(tmp_path: Path, now: float) -> None:
    """The clock was ahead when they were made, or is behind now; no disk is to be changed."""
    config, path = box(tmp_path / "old")
    for ahead in (1, 2):
        copies.good_copy(config.database, NIGHT + ahead * 365 * 86400.0)
    backup = make(config, path, [str(tmp_path / "usb")], now)

    assert backup.safe
    assert [backup.name] == [file.name for file in (tmp_path / "usb").iterdir()]


def test_the_command_takes_the_time_of_the_running_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without battery or internet it lives on the mobile network's, the machine does not."""
    _, path = box(tmp_path / "old")
    told = {"ours": "2031-02-03T04:05:06+01:00"}
    monkeypatch.setattr(client, "ask", lambda *_, **__: told)
    CliRunner().invoke(command, ["--config", str(path), "--to", str(tmp_path / "usb")])

    (file,) = (tmp_path / "usb").iterdir()
    assert "tocsin-la-redorte-20310203T030506Z.tar.zst" == file.name


def test_a_disk_is_found_by_its_label_and_only_when_it_is_mounted(tmp_path: Path) -> None:
    """Else its backups would lie on the disk they are meant to survive."""
    table = tmp_path / "mounts"
    table.write_text(
        "/dev/sda1 /media/MA\\040CLE vfat rw 0 0\n/dev/sdb1 /media/TOCSIN ext4 rw 0 0\n"
    )

    assert Path("/media/TOCSIN") == places.mounted("TOCSIN", table)
    assert Path("/media/MA CLE") == places.mounted("MA CLE", table)
    with pytest.raises(Refused, match="fstab"):
        places.mounted("AUTRE", table)


def test_what_a_disk_pulled_out_has_cut_off_is_swept_by_a_later_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each night's half of a backup stayed for ever, until the disk was full of them."""
    out, file = tmp_path / "out", tmp_path / NAME
    out.mkdir()
    file.write_bytes(b"x" * 100)

    def pulled_out(_: object, target: BinaryIO, *__: object) -> None:
        target.write(b"half")
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as cut:
        cut.setattr(shutil, "copyfileobj", pulled_out)
        with pytest.raises(Refused):
            places.Folder(out).put(file, 3)
    (left,) = out.iterdir()
    others = [out / name for name in (f"{NAME}.part".replace("redorte", "salle"), "notes.part")]
    old = time.time() - 2 * 86400
    for one in (left, *others):
        one.touch()
        os.utime(one, (old, old))
    (out / "gone").symlink_to("nowhere")
    beside = out / f"{dated(2026, 1)}.part"
    beside.touch()  # another backup, at work now
    later = file.rename(tmp_path / dated(2026, 2))
    places.Folder(out).put(later, 3)

    kept = {later.name, beside.name, "gone", *(one.name for one in others)}
    assert kept == {one.name for one in out.iterdir()}


def test_a_disk_full_of_backups_takes_the_next_once_keep_is_lowered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """« baissez keep » was the mend it named, and it changed nothing."""
    out, file = tmp_path / "out", tmp_path / dated(2026, 9)
    out.mkdir()
    file.write_bytes(b"x" * 100)
    for day in range(1, 5):
        (out / dated(2026, day)).write_bytes(b"x" * 100)

    def usage(_: Path) -> object:
        return type("Usage", (), {"free": 450 - 100 * len([*out.iterdir()])})

    monkeypatch.setattr(places.shutil, "disk_usage", usage)
    with pytest.raises(Refused, match="baissez keep"):
        places.Folder(out).put(file, 4)
    assert 4 == len([*out.iterdir()]), "nothing goes that is not too many"
    places.Folder(out).put(file, 2)
    assert {dated(2026, 4), dated(2026, 9)} == {one.name for one in out.iterdir()}


def test_a_full_disk_is_said_before_it_is_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a backup looks like one."""
    file = tmp_path / NAME
    file.write_bytes(b"x" * 100)
    (tmp_path / "out").mkdir()
    usage = type("Usage", (), {"free": 50})
    monkeypatch.setattr(places.shutil, "disk_usage", lambda _: usage)

    with pytest.raises(Refused, match="libres"):
        places.Folder(tmp_path / "out").put(file, 3)
    assert [] == list((tmp_path / "out").iterdir())
