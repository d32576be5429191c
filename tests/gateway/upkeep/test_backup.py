"""A backup and what comes back from it: from a dead disk, the file and the sheet in the safe."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import io
import os
import re
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from gateway import config as configuration
from gateway.cli.init_file import provisional_text
from gateway.config import Config
from gateway.errors import Refused
from gateway.health import AlreadyRunning, exclusive
from gateway.store import copies, facts
from gateway.store.base import connect
from gateway.upkeep import archive, sealing
from gateway.upkeep.backup import make
from gateway.upkeep.restore import restore
from tests.gateway.store.ledger import ANNE, BRUNO, NIGHT, Ledger

NAME = "tocsin-la-redorte-20261124T020000Z.tar.zst"


def box(folder: Path, more: str = "") -> tuple[Config, Path]:
    """Put a box in place: a database with two people, a recording, a secret."""
    path = folder / "etc/tocsin.toml"
    path.parent.mkdir(parents=True)
    for place in ("out", "usb"):
        (folder.parent / place).mkdir(exist_ok=True)
    path.write_text(
        f'data_dir = "{folder}/data"\n[town]\nname = "La Redorte"\n{more}', encoding="utf-8"
    )
    config = configuration.load(path)
    config.recordings.mkdir(parents=True)
    (config.recordings / "abc.wav").write_bytes(b"RIFF of a voice")
    (path.parent / "secrets").mkdir()
    (path.parent / "secrets/relay-password").write_text("hunter2")
    ledger = Ledger()
    ledger.send(ANNE, BRUNO)
    ledger.hand_over(ledger.take(), 7)
    with contextlib.closing(connect(config.database)) as db:
        ledger.db.backup(db)
    return config, path


def rows(database: Path, table: str) -> list[tuple[object, ...]]:
    """Return all of a table."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        return db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()  # noqa: S608


def nobody() -> str:
    """Fail: no key is needed here."""
    pytest.fail("a key was asked for")


def test_a_new_box_stands_up_from_the_file_and_the_sheet(tmp_path: Path) -> None:
    """The disk is dead. What is left is a USB key and a sheet of paper."""
    public, secret = sealing.new_key()
    paper = sealing.sheet(public, secret, "La Redorte")
    config, path = box(tmp_path / "old", f'[backup]\nrecipient = "{public}"\n')
    before = {table: rows(config.database, table) for table in ("recipient", "part", "entity")}
    backup = make(config, path, [str(tmp_path / "usb")], NIGHT + 60)
    (file,) = (tmp_path / "usb").iterdir()

    assert backup.safe
    assert secret not in path.read_text(encoding="utf-8")
    assert b"Anne" not in file.read_bytes()
    new = tmp_path / "new/etc/tocsin.toml"
    (tmp_path / "old").rename(tmp_path / "dead")
    typed = "\n".join(re.findall(r"^ {4}([A-Z0-9 -]+)$", paper, re.MULTILINE)).lower()
    done = restore(file, new, lambda: typed, NIGHT + 7200)
    back = configuration.load(new)

    assert done.config_written
    assert done.broken_at is None
    assert (1, 0) == (done.rewound.resent, done.rewound.uncertain)
    for table in ("part", "entity"):
        assert before[table] == rows(back.database, table)
    assert b"RIFF of a voice" == (back.recordings / "abc.wav").read_bytes()
    secret_back = new.parent / "secrets/relay-password"
    assert ("hunter2", 0o600) == (secret_back.read_text(), secret_back.stat().st_mode & 0o777)


@pytest.mark.parametrize(
    "name", ["relay-password~", ".relay-password.swp", "clé du relais", "#pin#", "p" * 200]
)
def test_no_name_beside_the_secrets_makes_a_backup_that_is_refused(
    tmp_path: Path, name: str
) -> None:
    """An editor leaves its own copy there: every later backup was taken for a broken one."""
    public, secret = sealing.new_key()
    config, path = box(tmp_path / "old", f'[backup]\nrecipient = "{public}"\n')
    (path.parent / "secrets" / name).write_text("old")
    make(config, path, [str(tmp_path / "usb")], NIGHT + 60)
    (file,) = (tmp_path / "usb").iterdir()
    (tmp_path / "old").rename(tmp_path / "dead")
    new = tmp_path / "new/etc/tocsin.toml"
    restore(file, new, lambda: secret, NIGHT + 7200)

    assert "hunter2" == (new.parent / "secrets/relay-password").read_text()
    assert "old" == (new.parent / "secrets" / name).read_text()


def test_a_name_that_is_no_text_stops_no_backup(tmp_path: Path) -> None:
    """A stick from an old machine brings such names; what cannot be named is left out."""
    config, path = box(tmp_path / "old")
    (config.recordings / os.fsdecode(b"\xe9t\xe9.wav")).write_bytes(b"RIFF")
    make(config, path, [str(tmp_path / "usb")], NIGHT + 60)
    (file,) = (tmp_path / "usb").iterdir()
    (tmp_path / "old").rename(tmp_path / "dead")
    restore(file, tmp_path / "new/etc/tocsin.toml", nobody, NIGHT + 7200)

    assert ["abc.wav"] == [one.name for one in config.recordings.iterdir()]


def test_a_recording_purged_while_it_is_packed_costs_no_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The purge of the night and the backup of the night work side by side."""
    config, path = box(tmp_path / "old")
    (config.recordings / "old.wav").write_bytes(b"RIFF")
    looked = archive.sha256

    def purging(file: Path) -> str:
        digest = looked(file)
        if file.name == "old.wav":
            file.unlink()
        return digest

    monkeypatch.setattr(archive, "sha256", purging)
    backup = make(config, path, [str(tmp_path / "usb")], NIGHT + 60)
    monkeypatch.undo()
    (file,) = (tmp_path / "usb").iterdir()
    (tmp_path / "old").rename(tmp_path / "dead")
    restore(file, tmp_path / "new/etc/tocsin.toml", nobody, NIGHT + 7200)

    assert backup.safe
    assert ["abc.wav"] == [one.name for one in config.recordings.iterdir()]


@pytest.mark.parametrize("kind", ["cut", "flipped"])
def test_a_sealed_backup_that_is_damaged_is_refused_in_words(tmp_path: Path, kind: str) -> None:
    """The key was pulled out too soon, or lay in a damp drawer: take another, nothing changed."""
    public, secret = sealing.new_key()
    config, path = box(tmp_path / "old", f'[backup]\nrecipient = "{public}"\n')
    make(config, path, [str(tmp_path / "usb")], NIGHT + 60)
    (file,) = (tmp_path / "usb").iterdir()
    spoilt = bytearray(file.read_bytes())
    if kind == "cut":
        del spoilt[-100:]
    else:
        spoilt[-100] ^= 1
    file.write_bytes(spoilt)
    new = tmp_path / "new/etc/tocsin.toml"

    with pytest.raises(Refused, match="abîmée : prenez-en une autre"):
        restore(file, new, lambda: secret, NIGHT + 7200)
    assert not (tmp_path / "new").exists()
    assert [file] == list((tmp_path / "usb").iterdir())


def test_a_backup_of_a_newer_version_names_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """The spare machine was installed two years ago."""
    config, path = box(tmp_path / "old")
    with contextlib.closing(sqlite3.connect(config.database)) as db:
        db.execute("INSERT INTO _sqlite_migrations(migration_set, name, applied_at)"
                   " VALUES ('tocsin', 'm999', '2030')")  # fmt: skip
        db.commit()
    make(config, path, [str(tmp_path / "usb")], NIGHT + 60)
    (file,) = (tmp_path / "usb").iterdir()
    (tmp_path / "old").rename(tmp_path / "dead")

    with pytest.raises(Refused, match=r"vient de Tocsin \d.*mettez d'abord Tocsin à jour") as told:
        restore(file, tmp_path / "new/etc/tocsin.toml", nobody, NIGHT + 7200)
    assert "tocsin-restore-" not in told.value.message
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "old").exists()


@pytest.mark.parametrize(
    ("typed", "why"), [("AGE-SECRET-KEY-1QQQQ", "une lettre est fausse"), ("", "clé de la feuille")]
)
def test_a_key_with_a_wrong_letter_is_told_from_a_wrong_key(
    tmp_path: Path, typed: str, why: str
) -> None:
    """Somebody reads seventy letters from paper, at night."""
    file, out = tmp_path / "x.age", tmp_path / "out"
    (tmp_path / "x").write_text("x")
    sealing.seal(tmp_path / "x", file, sealing.new_key()[0])

    with pytest.raises(Refused, match=why):
        sealing.unseal(file, out, typed)
    with pytest.raises(Refused, match="n'ouvre pas"):
        sealing.unseal(file, out, sealing.new_key()[1])


def test_what_is_not_sealed_holds_no_secret(tmp_path: Path) -> None:
    """A key left on a desk must not open the town's mail."""
    config, path = box(tmp_path / "box")
    make(config, path, [str(tmp_path / "out")], NIGHT)
    (file,) = (tmp_path / "out").iterdir()
    (tmp_path / "x").mkdir()
    manifest = archive.unpack(file, tmp_path / "x")

    assert {"tocsin.db", "tocsin.toml", "recordings/abc.wav"} == set(manifest.files)
    assert 0o600 == file.stat().st_mode & 0o777
    assert "La Redorte" == manifest.town


def hostile(folder: Path, *members: tuple[str, bytes], manifest: bytes | None = None) -> Path:
    """Write an archive by hand."""
    path = folder / "hostile.tar.zst"
    raw = io.BytesIO()
    with tarfile.open(mode="w", fileobj=raw) as tar:
        listed = manifest or b'{"format":1,"town":"x","made_at":1,"version":"1","files":{}}'
        for name, data in (("manifest.json", listed), *members):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    path.write_bytes(zstandard.compress(raw.getvalue()))
    return path


@pytest.mark.parametrize("name", ["../evil", "/etc/cron.d/evil", "recordings/../../evil", "evil"])
def test_an_archive_writes_nothing_outside_its_folder(tmp_path: Path, name: str) -> None:
    """Restore runs as root."""
    listed = f'{{"format":1,"town":"x","made_at":1,"version":"1","files":{{"{name}":[4,"x"]}}}}'
    out = tmp_path / "deep/out"
    out.mkdir(parents=True)

    with pytest.raises(Refused, match="n'est pas une sauvegarde"):
        archive.unpack(hostile(tmp_path, (name, b"evil"), manifest=listed.encode()), out)
    assert [] == list(out.iterdir())
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{}", b'{"format":1}', b'{"format":1,"files":3}', b"\xff", b'{"format":2}'],
)
def test_a_manifest_that_makes_no_sense_is_refused(tmp_path: Path, manifest: bytes) -> None:
    """Whatever is in it."""
    with pytest.raises(Refused):
        archive.unpack(hostile(tmp_path, manifest=manifest or b" "), tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the bytes of a small sound archive."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "a").write_bytes(b"0123456789" * 50)
    archive.pack(folder / "z", {"tocsin.db": folder / "a"}, archive.Manifest("x", 1.0, "1"))
    return (folder / "z").read_bytes()


@given(data=st.data())
def test_a_damaged_archive_is_never_taken_for_a_sound_one(
    whole: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A USB key that has been in a drawer for two years."""
    at = data.draw(st.integers(0, len(whole) - 1))
    kind = data.draw(st.sampled_from(["cut", "flip"]))
    spoilt = bytearray(whole)
    if kind == "cut":
        del spoilt[at:]
    else:
        spoilt[at] ^= data.draw(st.integers(1, 255))
    folder = tmp_path_factory.mktemp("spoilt")
    (folder / "z").write_bytes(spoilt)
    with contextlib.suppress(Refused):
        archive.unpack(folder / "z", folder / "out")
        assert b"0123456789" * 50 == (folder / "out/tocsin.db").read_bytes()


def test_what_is_in_place_stays_unless_it_is_said(tmp_path: Path) -> None:
    """The wrong key in the wrong box must not cost that box its people."""
    config, path = box(tmp_path / "box")
    make(config, path, [str(tmp_path / "out")], NIGHT)
    (file,) = (tmp_path / "out").iterdir()
    with contextlib.closing(connect(config.database)) as db:
        facts.note(db, "since", {}, NIGHT)
        db.execute("INSERT INTO account(entity_id, login, name, role, password_hash, created_at)"
                   " VALUES (1,'a','a','sender','x',0)")  # fmt: skip

    with pytest.raises(Refused, match="--replace"):
        restore(file, path, nobody, NIGHT)
    assert [] != rows(config.database, "account")
    with exclusive(config.lock), pytest.raises(AlreadyRunning):
        restore(file, path, nobody, NIGHT, replace=True)
    restore(file, path, nobody, NIGHT, replace=True)
    assert [] == rows(config.database, "account")
    (aside,) = copies.kept(copies.folder_of(config.database), "replaced")
    assert [] != rows(aside, "account")


def test_the_configuration_that_the_package_wrote_makes_way_for_that_of_the_backup(
    tmp_path: Path,
) -> None:
    """A new machine has the package's: kept, it would be a box without town and modems."""
    config, path = box(tmp_path / "box")
    make(config, path, [str(tmp_path / "out")], NIGHT)
    (file,) = (tmp_path / "out").iterdir()
    new = tmp_path / "new/tocsin.toml"
    new.parent.mkdir()
    provisional = provisional_text(tmp_path / "new/data")
    new.write_text(provisional, encoding="utf-8")

    with exclusive(config.lock), pytest.raises(AlreadyRunning):
        restore(file, new, nobody, NIGHT)
    assert provisional == new.read_text(encoding="utf-8")
    done = restore(file, new, nobody, NIGHT, replace=True)
    assert done.config_written
    assert "La Redorte" == configuration.load(new).town.name


def test_a_backup_that_is_none_changes_nothing(tmp_path: Path) -> None:
    """Not even the configuration is left behind."""
    junk = tmp_path / "junk"
    junk.write_bytes(b"junk" * 1000)
    target = tmp_path / "etc/tocsin.toml"

    with pytest.raises(Refused, match="n'est pas une sauvegarde"):
        restore(junk, target, nobody, NIGHT)
    assert not target.exists()


def saved(folder: Path) -> Path:
    """Return the backup of a box, on a stick."""
    config, path = box(folder / "box")
    make(config, path, [str(folder / "usb")], NIGHT)
    (file,) = (folder / "usb").iterdir()
    return file


def test_a_stick_without_room_beside_the_backup_gives_it_back_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is full of backups, the new machine is empty; and in clear nothing lies on the stick."""
    file = saved(tmp_path)
    used, usage = list[Path](), shutil.disk_usage

    def asked(where: Path | str) -> object:
        here = usage(where)
        return here._replace(free=10) if Path(where) == file.parent else here

    real = archive.unpack
    monkeypatch.setattr(shutil, "disk_usage", asked)
    monkeypatch.setattr(archive, "unpack", lambda one, out: (used.append(out), real(one, out))[1])
    restore(file, tmp_path / "new/tocsin.toml", nobody, NIGHT, replace=True)

    assert not any(one.is_relative_to(file.parent) for one in used)
    assert [file] == [*file.parent.iterdir()]


def test_a_restore_without_room_anywhere_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """« No space left on device », of a disk that nobody can guess."""
    file = saved(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(archive, "unpack", full)
    with pytest.raises(Refused, match="plus de place dans /"):
        restore(file, tmp_path / "new/tocsin.toml", nobody, NIGHT)
    assert not (tmp_path / "new").exists()


@contextlib.contextmanager
def another_machine(folder: Path, key: asyncssh.SSHKey) -> Iterator[int]:
    """Run an SSH server whose files are in ``folder``; yield its port."""

    class Server(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            return username == "tocsin"

    loop = asyncio.new_event_loop()
    there = threading.Thread(target=loop.run_forever)
    there.start()

    def sftp(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=str(folder))

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            Server, "127.0.0.1", 0, server_host_keys=[key], sftp_factory=sftp
        )

    try:
        server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
        yield server.sockets[0].getsockname()[1]
        server.close()
        asyncio.run_coroutine_threadsafe(server.wait_closed(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        there.join()
        loop.close()


@pytest.mark.real_time
def test_another_machine_takes_it_and_must_be_the_one_we_know(tmp_path: Path) -> None:
    """Everybody's number goes to whoever answers under that name otherwise."""
    theirs, ours = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    key_file = tmp_path / "key"
    key_file.write_bytes(ours.export_private_key())
    (tmp_path / "remote").mkdir()
    config, path = box(tmp_path / "box")
    with another_machine(tmp_path / "remote", theirs) as port:

        def settings(known: asyncssh.SSHKey) -> str:
            return " ".join(known.export_public_key().decode().split()[:2])

        def place(known: asyncssh.SSHKey) -> Config:
            backup = {
                "to": (f"sftp://tocsin@127.0.0.1:{port}/saves",), "keep": 1,
                "sftp_key_file": key_file, "sftp_host_key": settings(known),
            }  # fmt: skip
            return Config(data_dir=config.data_dir, town=config.town, backup=backup)

        good, wrong = place(theirs), place(ours)
        absent = make(good, path, good.backup.to, NIGHT - 1)
        made_nothing = not list((tmp_path / "remote").iterdir())
        (tmp_path / "remote/saves").mkdir()
        half = tmp_path / "remote/saves" / f"{NAME.replace('112', '102')}.part"  # a line fell
        half.touch()
        os.utime(half, (0, 0))
        first = make(good, path, good.backup.to, NIGHT)
        second = make(good, path, good.backup.to, NIGHT + 1)
        refused = make(wrong, path, wrong.backup.to, NIGHT + 2)
        gone = {"to": (f"sftp://mairie@127.0.0.1:{port}/saves",)}
        barred = good.model_copy(update={"backup": good.backup.model_copy(update=gone)})
        stranger = make(barred, path, barred.backup.to, NIGHT + 3)
    unheard = make(good, path, good.backup.to, NIGHT + 4)

    assert "le dossier /saves n'est pas sur 127.0.0.1" in absent.places[0].trouble
    assert f"sftp -P {port} tocsin@127.0.0.1, puis mkdir /saves" in absent.places[0].trouble
    assert made_nothing, "on somebody's server a folder is theirs to make"
    assert f"ajoutez {key_file}.pub à ses clés admises" in stranger.places[0].trouble
    assert "le service SSH y est-il lancé" in unheard.places[0].trouble
    assert "" == first.places[0].trouble
    (kept,) = (tmp_path / "remote/saves").iterdir()
    assert (second.name, 0o600) == (kept.name, kept.stat().st_mode & 0o777)
    assert "se fait passer pour elle" in refused.places[0].trouble


def test_no_copy_is_made_where_it_would_take_the_room_of_the_alerts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup at night must not be what fills the disk."""
    config, path = box(tmp_path)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=50_000_000))

    with pytest.raises(Refused, match="faites de la place"):
        make(config, path, [str(tmp_path)], NIGHT)
    assert not copies.kept(copies.folder_of(config.database), "good")
