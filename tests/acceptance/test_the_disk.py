"""The disk fills up, slows down or dies: alerts leave as long as anything can be written at all."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from gateway.control.protocol import ControlError
from gateway.errors import DiskFull, Refused
from gateway.room import Room
from modem.emulator import Network
from tests.acceptance.box import Box, emulated, port_of, serving, until
from tests.acceptance.test_asked_by_sms import texts
from tests.faults.disk import Disk
from tests.faults.table import fault
from tests.harness import jobs, running

ANNE, BRUNO, CHLOE = "+33639980001", "+33639980002", "+33639980003"
FULL_USE = shutil.disk_usage("/")


def one_modem() -> Network:
    made = Network(seed=5)
    made.add_modem("m1")
    return made


@fault(
    "disk", "presque plein (moins de 50 Mo)",
    "Seules les alertes partent ; le reste est refusé en le disant, ou attend ; l'alarme "
    "part quand même, par SMS et par courriel.",
)  # fmt: skip
async def test_a_disk_nearly_full_keeps_its_room_for_alerts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is routine is refused with the mend, or waits; the alert is neither."""
    network = one_modem()
    async with running(tmp_path, network) as town:
        network.modems["m1"].register(0)
        await town.advance(30)
        waiting = await town.raise_alert("Marché.", to=[ANNE], urgency="service")
        monkeypatch.setattr(shutil, "disk_usage", lambda _: FULL_USE._replace(free=20_000_000))
        network.modems["m1"].register(1)
        await town.finished(await town.raise_alert("Crue.", to=[BRUNO]))
        with pytest.raises(Refused, match="seules les alertes partent"):
            await town.raise_alert("Fête.", to=[CHLOE], urgency="service")
        with pytest.raises(Refused, match="presque plein"):
            await town.services.imports.take_file(town.actor, "Nom;Tél\nA;0639980009".encode())
        await town.advance(120)
        held, (alarm,) = texts(network, ANNE), await town.services.watching.standing(town.actor)
        monkeypatch.undo()
        await town.advance(120)
        (job,) = jobs(await town.report(waiting))

    assert ["Crue."] == texts(network, BRUNO)
    assert [] == held
    assert "20 Mo libres. Seules les alertes partent" in alarm.sentence
    assert ["Marché."] == texts(network, ANNE)
    assert "delivered" == job["state"]


async def test_a_disk_that_goes_on_filling_is_told_anew_when_it_stops_all_but_alerts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It passes 500 MB days before 50: the second word is the one that matters."""
    async with running(tmp_path, one_modem()) as town:
        said = []
        for free in (400_000_000, 20_000_000, 400_000_000, 9_000_000_000):
            monkeypatch.setattr(shutil, "disk_usage", lambda _, f=free: FULL_USE._replace(free=f))
            await town.advance(120)
            standing = await town.services.watching.standing(town.actor)
            said.append([alarm.sentence for alarm in standing])
        begun = await town.daemon.store.read(
            lambda db: db.execute("SELECT about FROM box_alarm ORDER BY id").fetchall()
        )

    assert [len(one) for one in said] == [1, 1, 1, 0]
    assert "Seules les alertes" in said[1][0]
    assert "Seules les alertes" not in said[0][0] + said[2][0]
    assert [row["about"] for row in begun] == ["", "scant", ""]


@fault(
    "disk", "plein",
    "La réserve est rendue au disque et l'alerte en cours va au bout.",
)  # fmt: skip
async def test_a_full_disk_gives_its_reserve_to_the_alert(tmp_path: Path) -> None:
    """The one file that may go at that moment is the one kept for it."""
    network = one_modem()
    async with running(tmp_path, network) as town:
        store = town.daemon.store
        reserve = (tmp_path / "reserve").stat().st_size
        give_up, given = store.room.give_up, []

        def full(db: sqlite3.Connection, more: int = 0) -> None:
            pages = db.execute("PRAGMA page_count").fetchone()[0]
            db.execute(f"PRAGMA max_page_count={pages + more}")

        def with_room() -> bool:
            assert store._write is not None
            full(store._write, 10_000)
            given.append(give_up())
            return given[-1]

        store.room.give_up = with_room  # type: ignore[method-assign]
        await store.write(full)
        report = await town.finished(
            await town.raise_alert("Crue.", to=[f"+3363998{n:04d}" for n in range(80)])
        )

    assert reserve >= 8_000_000
    assert {"received"} == {one["state"] for one in report["recipients"]}
    assert [True] == given


async def test_a_disk_full_without_a_reserve_says_so_to_whoever_raises_the_alert(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A box started with too little room for its reserve; « défaut interne » mends nothing."""
    network, before = one_modem(), 0
    async with running(tmp_path, network) as town:
        store = town.daemon.store
        store.room.give_up()

        def full(db: sqlite3.Connection) -> None:
            nonlocal before
            before = db.execute("PRAGMA max_page_count").fetchone()[0]
            pages = db.execute("PRAGMA page_count").fetchone()[0]
            db.execute(f"PRAGMA max_page_count={pages}")

        await store.write(full)
        for _ in range(3):
            with pytest.raises(DiskFull, match="apt clean"):
                await town.raise_alert("Crue.", to=[f"+3363998{n:04d}" for n in range(300)])
        ill = await town.services.fleet.ready()
        await store.write(lambda db: db.execute(f"PRAGMA max_page_count={before}").fetchone())
        well = await town.services.fleet.ready()

    assert 1 == capsys.readouterr().out.count("the disk is full: nothing is written")
    assert (ill[0], ill[1]["status"]) == (False, "disk_full")
    assert (well[0], well[1]["status"]) == (True, "ok")


async def test_a_box_that_stops_keeps_its_reserve(tmp_path: Path) -> None:
    """Taken away at each stop, it was not there for a start on a disk nearly full."""
    async with running(tmp_path, one_modem()):
        pass

    assert (tmp_path / "reserve").stat().st_size >= 8_000_000


@pytest.mark.parametrize(
    ("free", "held"), [(400_000_000, 8_000_000), (60_000_000, 8_000_000), (20_000_000, 5_000_000)]
)
def test_a_start_with_little_room_holds_what_reserve_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, held: int
) -> None:
    """The disk filled during an alert, and there was nothing to give back."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: FULL_USE._replace(free=free))
    room, reserve = Room(tmp_path), tmp_path / "reserve"
    room.hold()
    small = reserve.stat().st_size
    monkeypatch.setattr(shutil, "disk_usage", lambda _: FULL_USE._replace(free=0))
    room.hold()
    kept = reserve.stat().st_size
    monkeypatch.setattr(shutil, "disk_usage", lambda _: FULL_USE._replace(free=900_000_000))
    room.hold()

    assert small == kept == held
    assert reserve.stat().st_size == 8_000_000
    assert room.give_up()


def test_what_a_full_disk_leaves_is_no_reserve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few kilobytes held back help nobody, and the alert needs them now."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: FULL_USE._replace(free=2_000_000))
    room = Room(tmp_path)
    room.hold()

    assert not room.give_up()


@pytest.mark.bench
@pytest.mark.real_time
@pytest.mark.parametrize("fault", ["full", "dead"])
@fault(
    "disk", "plein sans réserve, ou en lecture seule",
    "Rien n'est annoncé comme enregistré. Un envoi en cours arrête le service ; sans envoi il "
    "reste debout, /healthz répond 503 et le journal le dit. La base reste saine et "
    "tout reprend quand on peut écrire de nouveau.",
)  # fmt: skip
def test_a_disk_that_takes_nothing_more_damages_nothing(tmp_path: Path, fault: str) -> None:
    """Nothing is said to be stored; what was stored before goes on when there is a disk again."""
    texts_ = dict.fromkeys([f"+3363998{n:04d}" for n in range(40)], "Crue.")
    pace = ("--pace", "fast", "--sms-seconds", "0.05")
    with emulated(tmp_path / "e", *pace) as emulator:
        box = Box(tmp_path / "box", [port_of(emulator.modems[0])])
        disk = Disk(box.data, tmp_path / "disk")
        box.env |= disk.env
        with serving(box):
            number = box.batch(texts_, "--urgency", "vital")
            until(lambda: len(emulator.records()) > 5, "some are out")
            disk.fill() if fault == "full" else disk.die()
            until(lambda: box.daemon and box.daemon.poll() is not None, "it has ended", limit=40)
            with pytest.raises(ControlError):
                box.jobs(number)
            disk.empty() if fault == "full" else disk.heal()
            with contextlib.closing(sqlite3.connect(box.data / "tocsin.db")) as db:
                assert [("ok",)] == db.execute("PRAGMA integrity_check").fetchall()
            box.start()
            until(lambda: set(texts_) <= set(emulator.copies()), "everybody has it", limit=60)
            doubts = [j for j in box.jobs(number) if j["reason"] == "resent_after_doubt"]
        copies = emulator.copies()

    assert sum(copies.values()) - len(texts_) <= len(doubts) <= 1
    assert "Traceback" not in box.log.read_text(encoding="utf-8")


@pytest.mark.bench
@pytest.mark.real_time
@fault(
    "disk", "lent (20 ms par écriture, comme une carte SD)",
    "Un SMS de deux secondes prend moins d'un quart de seconde de plus.",
)  # fmt: skip
def test_a_disk_as_slow_as_a_card_keeps_the_pace(tmp_path: Path) -> None:
    """Twenty milliseconds for each sync cost a text of two seconds less than a quarter of one."""
    texts_ = dict.fromkeys([f"+3363998{n:04d}" for n in range(12)], "Crue.")
    pace = ("--profile", "generic", "--pace", "fast", "--sms-seconds", "2")
    with emulated(tmp_path / "e", *pace) as emulator:
        box = Box(tmp_path / "box", [port_of(emulator.modems[0])])
        box.env |= Disk(box.data, tmp_path / "disk", slow=20).env
        with serving(box):
            box.batch(texts_, "--urgency", "vital")
            until(emulator.records, "the first is out")
            until(lambda: len(emulator.records()) == len(texts_), "all are out", limit=11 * 2.25)

    assert dict.fromkeys(texts_, 1) == emulator.copies()
