"""A database page goes bad, a file vanishes, an upgrade fails: the box opens all the same."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from gateway.errors import StoreError
from gateway.model import JobState, Reason, Urgency
from gateway.store import Store, copies, events, facts, mending, rewound
from gateway.store.base import connect
from gateway.store.migrations import MIGRATIONS
from gateway.watch import repair_of, repaired
from tests.faults.table import fault
from tests.gateway.store.ledger import ANNE, BRUNO, CHLOE, NIGHT, Ledger


def a_box(folder: Path, ledger: Ledger | None = None) -> Path:
    """Put a database in place; return its path."""
    folder.mkdir(exist_ok=True)
    path = folder / "tocsin.db"
    with contextlib.closing(connect(path)) as file:
        (ledger or Ledger()).db.backup(file)
    return path


def spoil(path: Path, name: str) -> None:
    """Overwrite the page at the root of a table or an index."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()[
            0
        ]
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)


def forget_entries(path: Path, index: str, work: str) -> None:
    """Do ``work`` while an index sleeps: what is written then has no entry in it."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        row = db.execute("SELECT * FROM sqlite_master WHERE name = ?", (index,)).fetchone()
        db.execute("PRAGMA writable_schema=ON")
        db.execute("DELETE FROM sqlite_master WHERE name = ?", (index,))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(work)
        db.execute("PRAGMA writable_schema=ON")
        db.execute("INSERT INTO sqlite_master VALUES (?,?,?,?,?)", row)


async def opened(path: Path) -> Store:
    """Open a store as the daemon does."""
    store = Store(path)
    await store.open()
    return store


async def test_a_sound_database_is_left_alone(tmp_path: Path) -> None:
    """Every start looks; nearly none finds anything."""
    store = await opened(a_box(tmp_path / "box"))

    assert store.mended is None
    assert not copies.folder_of(store.path).exists()
    await store.close()


@fault(
    "base", "page d'un index abîmée",
    "Au démarrage l'index est refait : rien n'est perdu.",
)  # fmt: skip
async def test_a_bad_index_is_built_anew_and_nothing_is_lost(tmp_path: Path) -> None:
    """What can be told from the rest needs no copy at all."""
    ledger = Ledger()
    ledger.send(ANNE, BRUNO)
    path = a_box(tmp_path / "box", ledger)
    spoil(path, "job_queue")
    store = await opened(path)

    assert store.mended is not None
    assert store.mended.copied_at is None
    states = await store.read(lambda db: [row[0] for row in db.execute("SELECT state FROM job")])
    assert ["queued", "queued"] == states
    assert await store.read(events.first_broken) is None
    await store.close()


@fault(
    "base", "page de données abîmée",
    "Au démarrage la dernière bonne copie prend sa place, et les heures perdues sont "
    "dites.",
)  # fmt: skip
async def test_a_bad_page_is_answered_with_the_last_good_copy_and_told(tmp_path: Path) -> None:
    """The gap is in the record, on the page, and the damaged file is kept for an expert."""
    ledger = Ledger()
    ledger.send(ANNE)
    path = a_box(tmp_path / "box", ledger)
    copies.good_copy(path, NIGHT + 60)
    spoil(path, "recipient")
    store = await opened(path)
    known = await store.read(facts.known)
    kinds = await store.read(lambda db: [row[0] for row in db.execute("SELECT kind FROM event")])

    assert store.mended is not None
    assert NIGHT + 60 == store.mended.copied_at
    assert store.mended.aside.endswith(".db")
    assert NIGHT + 60 == known["mended"][1]["copied_at"]
    assert {"box.mended", "box.rewound"} <= set(kinds)
    assert await store.read(events.first_broken) is None
    await store.close()


async def test_a_copy_that_is_bad_itself_is_passed_over(tmp_path: Path) -> None:
    """The same dying card holds both."""
    path = a_box(tmp_path / "box")
    older = copies.good_copy(path, NIGHT)
    newer = copies.good_copy(path, NIGHT + 60)
    spoil(newer, "contact")
    spoil(path, "contact")
    store = await opened(path)

    assert store.mended is not None
    assert copies.made_at(older) == store.mended.copied_at
    await store.close()


@pytest.mark.parametrize(
    ("index", "work"),
    [
        ("job_by_broadcast", "DELETE FROM job WHERE id = 1"),
        ("job_queue", "UPDATE job SET state = 'failed' WHERE id = 1"),
    ],
)
def test_a_copy_whose_index_does_not_fit_is_no_copy(tmp_path: Path, index: str, work: str) -> None:
    """The queue is read by its index: a job without an entry would never leave."""
    ledger = Ledger()
    ledger.send(ANNE, BRUNO)
    path = a_box(tmp_path / "box", ledger)
    forget_entries(path, index, work)

    with pytest.raises(sqlite3.DatabaseError, match=index):
        copies.good_copy(path, NIGHT)
    assert [] == copies.kept(copies.folder_of(path), "good")


async def test_a_copy_with_a_wrong_index_comes_back_with_the_index_made_anew(
    tmp_path: Path,
) -> None:
    """Its rows are all there: nobody is told to take an older one."""
    ledger = Ledger()
    ledger.send(ANNE, BRUNO)
    path = a_box(tmp_path / "box", ledger)
    copy = copies.good_copy(path, NIGHT)
    forget_entries(copy, "job_of_address", "UPDATE job SET address = 'x' WHERE id = 1")
    assert copies.damage(copy, thoroughly=True)
    path.unlink()
    store = await opened(path)

    assert store.mended is not None
    assert "" == copies.damage(path, thoroughly=True)
    await store.close()


async def test_a_database_that_has_vanished_comes_back(tmp_path: Path) -> None:
    """A file system mended after a power cut puts files where nobody looks."""
    path = a_box(tmp_path / "box")
    copies.good_copy(path, NIGHT)
    path.unlink()
    store = await opened(path)

    assert store.mended is not None
    assert "gone" in store.mended.problem
    await store.close()


@fault(
    "base", "abîmée, sans aucune copie",
    "Rien n'est touché ; le service dit de rendre une sauvegarde (tocsin restore).",
)  # fmt: skip
def another_programs(path: Path) -> None:
    """Put a sound database of something else in the place of ours."""
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE song(title)")
        db.execute("INSERT INTO song VALUES ('Le Temps des cerises')")
        db.commit()


async def test_another_programs_database_is_put_aside_for_the_last_good_copy(
    tmp_path: Path,
) -> None:
    """It is sound: the town began anew in it, in silence, beside two good copies of itself."""
    path = a_box(tmp_path / "box")
    copies.good_copy(path, NIGHT + 60)
    another_programs(path)
    store = await opened(path)
    told = store.mended

    assert told is not None
    assert NIGHT + 60 == told.copied_at
    with contextlib.closing(sqlite3.connect(told.aside)) as aside:
        assert [("Le Temps des cerises",)] == aside.execute("SELECT title FROM song").fetchall()
    await store.close()


async def test_another_programs_database_without_a_copy_is_not_written_into(tmp_path: Path) -> None:
    """What it is belongs to somebody, and the backup that helps is not known here."""
    path = tmp_path / "box" / "tocsin.db"
    path.parent.mkdir()
    another_programs(path)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"n'est pas une base de Tocsin.*mv "):
        await opened(path)

    assert before == path.read_bytes()


async def test_a_copy_of_another_program_is_no_copy(tmp_path: Path) -> None:
    """Boxes where it was copied before this was looked at still have them."""
    path = a_box(tmp_path / "box")
    copies.good_copy(path, NIGHT)
    another_programs(copies.folder_of(path) / copies.name_at("good", NIGHT + 60))
    path.unlink()
    mended = mending.make_sound(path)

    assert mended is not None
    assert NIGHT == mended.copied_at


@pytest.mark.parametrize("left", ["nothing", "0 bytes", "no tables"])
async def test_a_town_that_has_lost_all_begins_anew_and_says_so(tmp_path: Path, left: str) -> None:
    """A first start is silent; a town that stood here yesterday is not."""
    path = tmp_path / "box" / "tocsin.db"
    first = await opened(path)
    born = first.mended
    await first.close()
    path.unlink()
    if left == "0 bytes":
        path.touch()
    elif left == "no tables":
        connect(path).close()
    again = await opened(path)
    known = await again.read(facts.known)
    kinds = await again.read(lambda db: [row[0] for row in db.execute("SELECT kind FROM event")])
    await again.close()
    later = await opened(path)
    repair = repair_of(known[rewound.MENDED], "Europe/Paris", NIGHT)

    assert born is None
    assert again.mended is not None
    assert again.mended.all_lost
    assert "box.lost" in kinds
    assert repair is not None
    assert "tout est perdu" in str(repaired(repair).sentence)
    assert "tocsin restore" in str(repaired(repair).mend)
    assert later.mended is None
    await later.close()


@pytest.mark.parametrize("trace", ["pages/base.py", "tls/box.pem"])
async def test_a_town_of_a_version_that_left_no_mark_says_its_loss_as_well(
    tmp_path: Path, trace: str
) -> None:
    """What only a service that has run makes is beside it."""
    path = tmp_path / "box" / "tocsin.db"
    (path.parent / trace).parent.mkdir(parents=True)
    (path.parent / trace).touch()
    store = await opened(path)
    await store.close()

    assert store.mended is not None
    assert store.mended.all_lost


async def test_without_any_copy_nothing_is_touched_and_the_mend_is_said(tmp_path: Path) -> None:
    """An empty box that starts silently would be worse than one that does not."""
    path = a_box(tmp_path / "box")
    spoil(path, "contact")
    before = path.read_bytes()
    store = Store(path)

    with pytest.raises(StoreError, match="tocsin restore"):
        await store.open()
    assert before == path.read_bytes()
    await store.close()


def test_what_waits_in_a_copy_may_have_left_since(tmp_path: Path) -> None:
    """An alert goes again and says so; what is routine is never sent twice."""
    ledger = Ledger()
    ledger.send(ANNE)
    ledger.send(BRUNO, urgency=Urgency.SERVICE)
    ledger.send(CHLOE, urgency=Urgency.SERVICE)
    ledger.hand_over(ledger.take(), 7)
    vital, running = ledger.take(), None
    told = rewound.settle(ledger.db, NIGHT, ledger.now + 600, "restore")

    assert vital is not None
    assert running is None
    assert (0, 2) == (told.resent, told.uncertain)
    assert [JobState.HANDED_OVER, JobState.UNCERTAIN, JobState.UNCERTAIN] == ledger.states()
    assert [Reason.STOPPED_MEANWHILE] * 2 == ledger.reasons()[1:]


def test_an_alert_in_doubt_goes_again_as_a_reminder() -> None:
    """A second copy of « montez à l'étage » costs less than none."""
    ledger = Ledger()
    ledger.send(ANNE, BRUNO)
    ledger.hand_over(ledger.take(), 7)
    told = rewound.settle(ledger.db, NIGHT, ledger.now + 60, "restore")
    ledger.now += 120

    assert (1, 0) == (told.resent, told.uncertain)
    assert BRUNO == ledger.take().address
    assert events.first_broken(ledger.db) is None


def test_a_copy_is_one_moment_whatever_is_written_meanwhile(tmp_path: Path) -> None:
    """The backup of three o'clock must not hold half of the alert of three o'clock."""
    path = a_box(tmp_path / "box")
    stop, written = threading.Event(), [0]

    def write() -> None:
        with contextlib.closing(connect(path)) as db:
            while not stop.is_set():
                db.execute("BEGIN IMMEDIATE")
                for _ in range(2):
                    events.record(db, NIGHT, "test", {"n": written[0]})
                db.execute("COMMIT")
                written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while not written[0]:
            pass
        copy = copies.good_copy(path, NIGHT)
        more = written[0]
        while written[0] == more:
            pass
    finally:
        stop.set()
        writer.join()
    with contextlib.closing(sqlite3.connect(copy)) as db:
        db.row_factory = sqlite3.Row
        count = db.execute("SELECT count(*) FROM event WHERE kind = 'test'").fetchone()[0]

        assert 0 == count % 2
        assert events.first_broken(db) is None
    assert [copy] == [file for file in copy.parent.iterdir() if file.suffix == ".db"]


def test_only_the_newest_copies_stay(tmp_path: Path) -> None:
    """The card is small, and copies on it are for one purpose."""
    path = a_box(tmp_path / "box")
    for hour in range(4):
        copies.good_copy(path, NIGHT + 3600 * hour)
    kept = copies.kept(copies.folder_of(path), "good")

    assert [NIGHT + 3 * 3600, NIGHT + 2 * 3600] == [copies.made_at(copy) for copy in kept]
    assert all(0o600 == copy.stat().st_mode & 0o777 for copy in kept)


def test_what_a_power_cut_left_of_a_copy_is_swept_by_a_later_one(tmp_path: Path) -> None:
    """One a cut, as large as the base, and an archive of it in clear: for ever."""
    database = a_box(tmp_path / "box")
    folder = copies.folder_of(database)
    folder.mkdir()
    left = {
        "good-20260101T000000Z-000001.db.part", "good-20260101T000000Z-000001.db.part-journal",
        "tocsin-la-redorte-20260101T000000Z.tar.zst", "tocsin-azille-20260101T000000Z.tar.zst.age",
    }  # fmt: skip
    at_work = {name.replace("000000Z", "010000Z") for name in left}  # a backup beside this one
    for name in {*left, *at_work, "notes"}:
        (folder / name).touch()
    for name in {*left, "notes"}:
        os.utime(folder / name, (0, 0))
    good = copies.good_copy(database, NIGHT)

    assert {*at_work, "notes", good.name} == {one.name for one in folder.iterdir()}


@contextlib.contextmanager
def one_more_step(*, fails: bool) -> Iterator[None]:
    """Give this version a step the database does not have."""

    @MIGRATIONS(name="m999_test")
    def step(db: Database) -> None:
        db.execute("CREATE TABLE coming (x)")
        if fails:
            raise sqlite3.OperationalError("no such column: whatever")

    try:
        yield
    finally:
        MIGRATIONS._migrations.pop()


@fault(
    "base", "mise à jour qui échoue",
    "La base est remise comme avant, pour la version d'avant.",
)  # fmt: skip
async def test_an_upgrade_that_fails_leaves_the_database_to_the_version_before(
    tmp_path: Path,
) -> None:
    """On the evening before the flood somebody ran « apt upgrade »."""
    path = a_box(tmp_path / "box")
    with one_more_step(fails=True):
        store = Store(path)
        with pytest.raises(StoreError, match="remise comme avant"):
            await store.open()
        await store.close()
    store = await opened(path)

    assert store.mended is None
    assert copies.kept(copies.folder_of(path), "before")
    await store.close()


async def test_an_older_version_does_not_touch_a_newer_database(tmp_path: Path) -> None:
    """What it does not know it would break."""
    path = a_box(tmp_path / "box")
    with one_more_step(fails=False):
        await (await opened(path)).close()
    before = path.read_bytes()
    store = Store(path)

    with pytest.raises(StoreError, match="version plus récente"):
        await store.open()
    await store.close()
    assert before == path.read_bytes()
    assert mending.make_sound(path) is None


async def test_a_disk_that_cannot_be_read_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong right or a bad cable must not cost the hours since the last copy."""
    path = a_box(tmp_path / "box")
    copies.good_copy(path, NIGHT)

    def unreadable(*_: object, **__: object) -> str:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(copies, "damage", unreadable)
    store = Store(path)
    with pytest.raises(StoreError, match="le disque ne rend pas"):
        await store.open()
    assert path.exists()
    await store.close()


def test_an_alarm_stands_once_until_it_is_over() -> None:
    """Told once, not every minute of the night."""
    db = Ledger().db
    first = facts.raise_alarm(db, "disk", "", "Disque presque plein.", "Libérez.", NIGHT)
    again = facts.raise_alarm(db, "disk", "", "Disque plein.", "Libérez.", NIGHT + 60)

    assert first is not None
    assert again is None
    facts.told(db, first, "courriel", NIGHT + 5)
    (alarm,) = facts.alarms(db)
    assert ("Disque plein.", NIGHT, "courriel") == (alarm.sentence, alarm.since, alarm.told_by)
    assert facts.end_alarm(db, "disk", "", NIGHT + 90)
    assert [] == facts.alarms(db)
    assert 1 == len(facts.alarms(db, since=NIGHT))
    assert facts.raise_alarm(db, "disk", "", "Encore.", "", NIGHT + 100) is not None
