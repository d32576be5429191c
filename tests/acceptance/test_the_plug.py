"""The socket of the box is where the vacuum cleaner goes."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path

import pytest

from tests.acceptance.plug import ROLES, look_at, pulled
from tests.faults.table import fault

pytestmark = pytest.mark.real_time

KILLS = 10


@fault(
    "power", "processus tué à tout moment, dix fois",
    "Rien n'est perdu ; un SMS dont on ne sait s'il est parti est un doute : l'alerte "
    "repart et le dit, le reste est montré « incertain ».",
)  # fmt: skip
def test_ten_pulled_plugs_lose_nothing_and_double_nothing_in_silence(tmp_path: Path) -> None:
    """Texts, calls, mails, lists and a message for later, all under way at once."""
    with pulled(tmp_path, KILLS, seed=3) as run:
        trouble = look_at(run)

    assert [] == trouble.found
    assert run.half_said, "the worst moment was among them"
    assert trouble.doubts["sms"] <= KILLS * ROLES.count("sms")
    assert trouble.extra["sms"] <= trouble.doubts["sms"]


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_what_was_told_as_stored_is_there_after_the_power_was_cut(tmp_path: Path) -> None:
    """The disk then holds what was synced, and nothing else of what was written."""
    _lose_power(tmp_path, cuts=20, seed=int(time.time()))


@fault(
    "power", "coupure : ce qui n'était pas écrit sur le disque disparaît",
    "Tout ce qui était annoncé comme enregistré est là au retour du courant, la base est "
    "saine.",
)  # fmt: skip
def test_two_power_cuts_take_nothing_that_was_told_as_stored(tmp_path: Path) -> None:
    """The same, short."""
    _lose_power(tmp_path, cuts=2, seed=5)


def _lose_power(folder: Path, cuts: int, seed: int) -> None:
    with pulled(folder, cuts, seed, forgets=True) as run:
        trouble = look_at(run)
        assert 0 == run.box.stop()
    with contextlib.closing(sqlite3.connect(run.box.data / "tocsin.db")) as db:
        assert [("ok",)] == db.execute("PRAGMA integrity_check").fetchall()

    assert [] == trouble.found
    assert (run.folder / "disk/synced/tocsin.db").exists(), "the disk was under it at all"
