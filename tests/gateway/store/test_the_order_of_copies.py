"""Which copy is the newest, told by no clock: one that was once ahead costs nobody a copy."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from gateway import watch
from gateway.copying import Copying
from gateway.store import Store, copies, mending
from gateway.store.base import connect
from tests.gateway.store.ledger import NIGHT
from tests.gateway.store.test_mending import a_box, opened, spoil

YEAR, HOUR = 365 * 86400.0, 3600.0


class Wrong:
    """A clock that says whatever it is told to."""

    def __init__(self, moment: float) -> None:
        self.moment = moment

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        return self.moment


def dates(folder: Path, kind: str = "good") -> list[float]:
    """Return the dates that the copies of a kind bear, the newest copy first."""
    return [copies.made_at(one) for one in copies.kept(folder, kind)]


def written(path: Path, name: str) -> None:
    """Write something down that tells this hour from the others."""
    with contextlib.closing(connect(path)) as db:
        db.execute("UPDATE entity SET name = ?", (name,))


def name_in(path: Path) -> str:
    """Return what was last written down there."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        return str(db.execute("SELECT name FROM entity").fetchone()[0])


async def test_copies_made_after_a_clock_that_was_ahead_are_kept(tmp_path: Path) -> None:
    """Some hours a year ahead, then three days at the right time: both copies are of these."""
    store, clock = await opened(a_box(tmp_path / "box")), Wrong(NIGHT)
    copying = Copying(store, clock, 6)
    await copying.look()
    for ahead in (YEAR, YEAR + 7 * HOUR):
        clock.moment = NIGHT + ahead
        await copying.look()
    for hours in (24, 48, 72):
        clock.moment = NIGHT + hours * HOUR
        await copying.look()
    await store.close()

    assert [NIGHT + 72 * HOUR, NIGHT + 48 * HOUR] == dates(copies.folder_of(store.path))


@pytest.mark.parametrize("first", [NIGHT + YEAR, NIGHT])
def test_the_copy_made_last_takes_the_place_of_a_damaged_database(
    tmp_path: Path, first: float
) -> None:
    """Whatever date the one before it bears."""
    path = a_box(tmp_path / "box")
    written(path, "avant")
    copies.good_copy(path, first)
    written(path, "après")
    copies.good_copy(path, NIGHT + HOUR)
    spoil(path, "contact")
    mended = mending.make_sound(path)

    assert mended is not None
    assert NIGHT + HOUR == mended.copied_at
    assert "après" == name_in(path)


def test_a_machine_in_1970_still_makes_copies_beside_those_of_true_date(tmp_path: Path) -> None:
    """It has no battery, and nobody has told it the time yet."""
    path = a_box(tmp_path / "box")
    copies.good_copy(path, NIGHT)
    copies.good_copy(path, NIGHT + HOUR)
    made = copies.good_copy(path, 60.0)

    assert made.exists()
    assert [60.0, NIGHT + HOUR] == dates(made.parent)


def test_the_damaged_file_just_put_aside_is_kept(tmp_path: Path) -> None:
    """An expert may still read from it what the copy lacks."""
    path = a_box(tmp_path / "box")
    folder = copies.folder_of(path)
    folder.mkdir()
    for ahead in (1, 2):
        (folder / copies.name_at("damaged", 4e9 + ahead)).write_bytes(b"x")
    copies.good_copy(path, NIGHT)
    spoil(path, "contact")
    mended = mending.make_sound(path)

    assert mended is not None
    assert Path(mended.aside).exists()


def lost(copied: float | None, at: float, now: float) -> str:
    """Return what is said of a repair."""
    told = watch.repair_of((at, {"copied_at": copied}), "Europe/Paris", now)
    assert told is not None
    return str(watch.repaired(told).sentence)


def test_the_lost_hours_are_told_with_their_year_where_it_is_not_this_one() -> None:
    """« du 01/03 » may be of any year, and the clock may have been a year wrong."""
    assert "24/11 à" in lost(NIGHT, NIGHT + HOUR, NIGHT + 2 * HOUR)
    assert "2026" not in lost(NIGHT, NIGHT + HOUR, NIGHT + 2 * HOUR)
    assert "24/11/2026 à" in lost(NIGHT, NIGHT + HOUR, NIGHT + YEAR)
    assert "24/11/2025 à" in lost(NIGHT - YEAR, NIGHT, NIGHT)


def test_a_copy_dated_later_than_the_repair_leaves_no_empty_gap_to_read() -> None:
    """Nobody knows then which hours are lost, and that is what is said."""
    said = lost(NIGHT + YEAR, NIGHT + YEAR, NIGHT)

    assert "datée du 24/11/2027" in said
    assert "fausse" in said
    assert " au " not in said


async def test_a_store_mended_from_its_last_copy_opens(tmp_path: Path) -> None:
    """As the daemon does it, with a copy beside that bears a later date."""
    path = a_box(tmp_path / "box")
    copies.good_copy(path, NIGHT + YEAR)
    copies.good_copy(path, NIGHT)
    spoil(path, "contact")
    store: Store = await opened(path)

    assert store.mended is not None
    assert NIGHT == store.mended.copied_at
    await store.close()
