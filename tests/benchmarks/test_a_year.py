"""From cold to the first SMS; a year of a town saved while it sends, and brought back."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.acceptance.box import Box, Emulated, emulated, port_of, serving, until
from tests.benchmarks.conftest import Figures
from tests.benchmarks.test_directory import JOBS, a_year_of_use, the_list
from tests.benchmarks.test_messages import TEXT, numbers

pytestmark = [pytest.mark.bench, pytest.mark.real_time]


@pytest.mark.timeout(120)
def test_from_cold_to_the_first_text(tmp_path: Path, figures: Figures) -> None:
    """The current is back, an alert waits, the modem answers at once: the rest is ours."""
    pace = ("--profile", "generic", "--pace", "fast", "--sms-seconds", "0.2")
    took = []
    with emulated(tmp_path / "e", *pace) as emulator:
        box = Box(tmp_path / "box", [port_of(emulator.modems[0])])
        with serving(box):
            box.batch(dict.fromkeys(numbers(200), TEXT), "--urgency", "vital")
            for _ in range(3):
                until(lambda: len(emulator.records()) > 3, "some are out")
                box.kill()
                time.sleep(1)
                before, began = len(emulator.records()), time.perf_counter()
                box.begin()
                until(lambda n=before: len(emulator.records()) > n, "the next is out")  # type: ignore[misc]
                took.append(time.perf_counter() - began)
    figures.add("cold start to first SMS, the modem answering at once", min(took), "s", most=3)


def _pace(emulator: Emulated, since: datetime) -> float:
    """Return how many texts a second were taken from the first one since a moment to the last."""
    times = sorted(datetime.fromisoformat(one["at"]) for one in emulator.records())
    kept = [one for one in times if one >= since]
    return (len(kept) - 1) / (kept[-1] - kept[0]).total_seconds()


@pytest.mark.timeout(600)
def test_a_year_is_saved_without_a_stop_and_brought_back(tmp_path: Path, figures: Figures) -> None:
    """While it sends, no text is later for it."""
    pace = ("--profile", "generic", "--pace", "fast", "--sms-seconds", "0.5")
    safe = tmp_path / "safe"
    safe.mkdir()
    with emulated(tmp_path / "e", *pace) as emulator:
        box = Box(tmp_path / "box", [port_of(emulator.modems[0])])
        with serving(box):
            people = tmp_path / "liste.csv"
            people.write_bytes(the_list())
            assert 0 == box.tocsin("import", str(people)).returncode
            assert 0 == box.stop()
        a_year_of_use(box.data / "tocsin.db")
        with serving(box):
            box.batch(dict.fromkeys(numbers(120), TEXT), "--urgency", "service", "--now")
            until(lambda: len(emulator.records()) > 3, "it sends")
            began, now = time.perf_counter(), datetime.now(UTC)
            assert 0 == box.tocsin("backup", "--to", str(safe)).returncode
            took = time.perf_counter() - began
            pace_kept = _pace(emulator, now) / 2.0
    figures.add("backup of a year, while it sends", took, "s", most=10)
    figures.add("pace of sending meanwhile / the link's", pace_kept, least=0.9)
    (kept,) = safe.iterdir()
    new = Box(tmp_path / "new", [])
    began = time.perf_counter()
    back = new.tocsin("restore", str(kept), "--json", stdin="\n")
    figures.add("restore of a year on a new box", time.perf_counter() - began, "s", most=60)

    assert 0 == back.returncode, back.stderr
    assert json.loads(back.stdout)
    with closing(sqlite3.connect(new.data / "tocsin.db")) as db:
        assert db.execute("SELECT count(*) FROM job").fetchone()[0] >= JOBS
