"""A version tried on a copy of the data before it runs, and undone where it did not."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlite_utils import Migrations

from gateway.cli.upgrade import undo
from gateway.config import Config, load
from gateway.errors import Refused, StoreError
from gateway.provisional import TOWN
from gateway.store import copies, facts, mending
from gateway.store.base import Store, connect
from gateway.store.people import ensure_entity
from gateway.upkeep import upgrades

NOW = 1_795_000_000.0
PARIS = ZoneInfo("Europe/Paris")


async def box(folder: Path) -> Config:
    """Return a box whose database is as this version makes it."""
    path = folder / "tocsin.toml"
    path.write_text(f'data_dir = "{folder}"\n[town]\nname = "La Redorte"\n', encoding="utf-8")
    config = load(path)
    store = Store(config.database)
    await store.open()
    await store.close()
    return config


def to_come(monkeypatch: pytest.MonkeyPatch, *, fails: bool = False) -> None:
    """Make this version one that has a step more."""
    migrations = Migrations("tocsin")
    migrations._migrations = [*mending.MIGRATIONS._migrations]

    @migrations()
    def m900_to_come(db: object) -> None:
        db.execute("CREATE TABLE to_come (id INTEGER)")  # type: ignore[attr-defined]
        if fails:
            raise RuntimeError("panne")

    monkeypatch.setattr(mending, "MIGRATIONS", migrations)


def names(folder: Path) -> set[str]:
    """Return what lies in a folder."""
    return {path.name for path in folder.iterdir()}


def has_step(database: Path) -> bool:
    """Tell whether the step to come was taken."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        return bool(db.execute("SELECT 1 FROM sqlite_master WHERE name = 'to_come'").fetchone())


async def test_a_rehearsal_takes_the_steps_on_a_copy_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version in service goes on meanwhile: not one byte of its data is touched."""
    config = await box(tmp_path)
    before = names(tmp_path)
    to_come(monkeypatch)
    (tmp_path / "rehearsal-cut").mkdir()  # of one that a power cut has ended

    assert "m900_to_come" == upgrades.rehearse(config)
    assert not has_step(config.database)
    assert before == names(tmp_path)


async def test_a_rehearsal_that_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package stops there, and what runs has heard nothing of it."""
    config = await box(tmp_path)
    to_come(monkeypatch, fails=True)

    with pytest.raises(StoreError, match="panne"):
        upgrades.rehearse(config)
    assert not has_step(config.database)


async def test_a_rehearsal_wants_room_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade that fills the disk would stop the version in service."""
    config = await box(tmp_path)
    monkeypatch.setattr(upgrades.shutil, "disk_usage", lambda _: type("Room", (), {"free": 1}))

    with pytest.raises(Refused, match="libérez de la place"):
        upgrades.rehearse(config)


async def test_the_version_before_gets_its_own_data_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot read what the newer one has made of it; what that was is kept aside."""
    config = await box(tmp_path)
    with monkeypatch.context() as newer:
        to_come(newer)
        with contextlib.closing(connect(config.database)) as db:
            mending.migrate(db, config.database)
    assert has_step(config.database)

    done = upgrades.undo(config, NOW)

    assert done is not None
    assert not has_step(config.database)
    assert copies.kept(copies.folder_of(config.database), "replaced")
    with contextlib.closing(connect(config.database)) as db:
        assert "upgrade_undone" in facts.known(db)
    assert upgrades.undo(config, NOW) is None, "it can be read: nothing is to be undone"


async def test_the_copy_of_the_last_upgrade_comes_back_whatever_dates_older_ones_bear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two old and empty ones were made while the clock was ahead; which one it was is told."""
    config = await box(tmp_path)
    for ahead in (1, 2):
        empty = copies.folder_of(config.database) / copies.name_at("before", 4e9 + ahead)
        copies.snapshot(config.database, empty)
    with contextlib.closing(connect(config.database)) as db:
        ensure_entity(db, "La Redorte", "Europe/Paris", NOW)
    with monkeypatch.context() as newer:
        to_come(newer)
        with contextlib.closing(connect(config.database)) as db:
            mending.migrate(db, config.database)
    made = copies.made_at(copies.kept(copies.folder_of(config.database), "before")[0])
    told = CliRunner().invoke(undo, ["--config", str(tmp_path / "tocsin.toml")])

    with contextlib.closing(connect(config.database)) as db:
        assert ["La Redorte"] == [row["name"] for row in db.execute("SELECT name FROM entity")]
    assert made < 4e9
    assert f"copie du {datetime.fromtimestamp(made, PARIS):%d/%m/%Y à %H:%M}" in told.output


async def test_without_a_copy_nothing_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A human then has the backups."""
    config = await box(tmp_path)
    with monkeypatch.context() as newer:
        to_come(newer)
        with contextlib.closing(connect(config.database)) as db:
            mending.migrate(db, config.database)
    for copy in copies.kept(copies.folder_of(config.database), "before"):
        copy.unlink()

    with pytest.raises(Refused, match="tocsin restore"):
        upgrades.undo(config, NOW)
    assert has_step(config.database)


async def test_another_name_in_the_configuration_is_the_same_towns(tmp_path: Path) -> None:
    """An account made before anybody named it stays; so do all lists after a typing error."""
    config = await box(tmp_path)
    with contextlib.closing(connect(config.database)) as db:
        made_up = ensure_entity(db, TOWN, "Europe/Paris", NOW)
        named = ensure_entity(db, "La Redorte", "Europe/Paris", NOW)
        mended = ensure_entity(db, "La Redorte (Aude)", "Europe/Paris", NOW)
        again = ensure_entity(db, "La Redorte (Aude)", "Europe/Paris", NOW + 1)
        towns = [row["name"] for row in db.execute("SELECT name FROM entity")]
        told = db.execute("SELECT count(*) FROM event WHERE kind = 'entity.renamed'").fetchone()[0]

    assert made_up == named == mended == again
    assert ["La Redorte (Aude)"] == towns
    assert 2 == told
