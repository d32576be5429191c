"""What must not be silent: a backup nowhere, a box without modems, a warning in a letter."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from gateway import watch
from gateway.cli import doctor
from gateway.config import Config, TownSettings
from gateway.config_box import BackupSettings
from gateway.store import facts, retention
from gateway.store.base import connect, migrate
from gateway.upkeep import backup
from gateway.upkeep.findings import Finding, Level

NOW = 1_795_485_600.0


def box(folder: Path, *to: str) -> Config:
    config = Config(
        data_dir=folder, town=TownSettings(name="La Redorte"), backup=BackupSettings(to=to)
    )
    with contextlib.closing(connect(config.database)) as db:
        migrate(db)
    return config


def test_a_backup_that_reached_no_place_is_none(tmp_path: Path) -> None:
    """Ten nights of « disque absent » are ten nights without a backup."""
    (tmp_path / "stick").mkdir()
    (tmp_path / "box").mkdir()
    config = box(tmp_path / "box", "usb:ABSENT", str(tmp_path / "stick"))

    lost = backup.make(config, tmp_path / "none", ["usb:ABSENT"], NOW)
    with contextlib.closing(connect(config.database)) as db:
        before = facts.known(db)
    backup.make(config, tmp_path / "none", config.backup.to, NOW + 60)
    with contextlib.closing(connect(config.database)) as db:
        after = facts.known(db)

    assert not lost.safe
    assert facts.SOUND_BACKUP not in before
    assert after[facts.SOUND_BACKUP][0] == NOW + 60


def test_freed_pages_go_back_to_the_disk_a_few_at_a_time(tmp_path: Path) -> None:
    """A year of messages forgotten leaves room for something else."""
    with contextlib.closing(connect(tmp_path / "x.db")) as db:
        migrate(db)
        db.execute("CREATE TABLE big(x)")
        db.executemany("INSERT INTO big VALUES (?)", [("x" * 3000,)] * 3000)
        db.execute("DROP TABLE big")
        free = db.execute("PRAGMA freelist_count").fetchone()[0]
        slices = 1
        while retention.shrink(db):
            slices += 1
        left = db.execute("PRAGMA freelist_count").fetchone()[0]

    assert free > 2 * retention.KEPT_FREE
    assert retention.KEPT_FREE - 200 <= left <= retention.KEPT_FREE
    assert slices == -(-(free - retention.KEPT_FREE) // 200)


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ([Level.GOOD], "tout va bien"),
        ([Level.GOOD, Level.WARNING], "1 à surveiller"),
        ([Level.FAULT, Level.FAULT, Level.WARNING], "2 à réparer, 1 à surveiller"),
        ([Level.GOOD, Level.UNKNOWN], "tout va bien, 1 sans réponse"),
    ],
)
def test_the_weekly_letter_says_that_all_is_well_only_where_it_is(
    levels: list[Level], said: str
) -> None:
    """A warning nobody reads is none."""
    assert doctor._state([Finding("x", level, "x", "") for level in levels]) == said


def test_a_box_without_modems_is_told() -> None:
    """A configuration cut in two has none, and would look like a quiet week."""
    assert [one.kind for one in watch.faults(watch.Reading())] == ["no_modem"]
