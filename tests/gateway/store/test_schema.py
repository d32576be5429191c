"""The schema: applied once or twice, it is the same; and each town sees its own."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from sqlite_utils import Database

from gateway.errors import DiskFull, Refused, StoreError
from gateway.model import Channel, Line, Urgency
from gateway.services import Actor
from gateway.services.broadcasts import full_report
from gateway.store import (
    Store,
    broadcasts,
    contacts,
    entities,
    groups,
    jobs,
    mending,
    people,
    proofs,
    summaries,
    veil,
)
from gateway.store.base import connect, migrate
from gateway.store.migrations import MIGRATIONS
from tests.gateway.store.ledger import ANNE, BRUNO, Ledger


def schema(db: sqlite3.Connection) -> list[tuple[str, str]]:
    rows = db.execute("SELECT name, sql FROM sqlite_master ORDER BY name")
    return [(row["name"], row["sql"]) for row in rows]


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    """Every start migrates; nothing may be lost to that."""
    db = connect(tmp_path / "t.db")
    migrate(db)
    people.ensure_entity(db, "La Redorte", "Europe/Paris", 1.0)
    before = schema(db)
    migrate(db)

    assert before == schema(db)
    assert 1 == db.execute("SELECT count(*) FROM entity").fetchone()[0]
    db.close()


def test_numbers_that_went_before_the_upgrade_are_not_given_again_either(tmp_path: Path) -> None:
    """A message that waited through it names them still."""
    db = connect(tmp_path / "t.db")
    veil.undress(db)
    MIGRATIONS.apply(Database(db), stop_before="m021_a_contact_s_number_is_its_own")
    veil.dress(db)
    town = people.ensure_entity(db, "La Redorte", "Europe/Paris", 1.0)
    db.execute(
        "INSERT INTO broadcast(entity_id, title, urgency, state, plan, door, author, created_at,"
        " starts_at, expires_at, draft) VALUES (?,'','service','scheduled','','page','',1,1,1,?)",
        (town, '{"contact_ids": [7, 60]}'),
    )
    migrate(db)

    assert 61 == contacts.add(db, town, "Denat", "Denis", {}, 2.0)
    db.close()


def test_whatever_belongs_to_a_town_says_so() -> None:
    """Seventeen communes share one box."""
    db = Ledger().db
    found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    columns = {
        row["name"]: {column["name"] for column in db.execute(f"PRAGMA table_info({row['name']})")}
        for row in found
    }
    towns = {table for table, names in columns.items() if "entity_id" in names}
    wanted = {"account", "contact", "endpoint", "grouping", "broadcast", "recipient", "job"}

    assert wanted | {"event"} <= towns


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("auto_vacuum", 2)],
)
async def test_the_database_is_opened_so_that_a_power_cut_costs_nothing(
    tmp_path: Path, pragma: str, value: object
) -> None:
    """A text handed to the network must not be forgotten, or it leaves twice."""
    store = Store(tmp_path / "t.db")
    await store.open()
    found = await store.write(lambda db: db.execute("SELECT 1").fetchone())
    db = connect(tmp_path / "t.db")

    assert 1 == found[0]
    assert value == db.execute(f"PRAGMA {pragma}").fetchone()[0]
    db.close()
    await store.close()


async def test_a_write_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    """Half an alert is worse than a refused one."""
    store = Store(tmp_path / "t.db")
    await store.open()

    def work(db: sqlite3.Connection) -> None:
        people.ensure_entity(db, "La Redorte", "Europe/Paris", 1.0)
        raise Refused("non")

    with pytest.raises(Refused):
        await store.write(work)
    assert 0 == await store.read(lambda db: db.execute("SELECT count(*) FROM entity").fetchone()[0])
    await store.close()


def sqlite_error(said: str, code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(said)
    error.sqlite_errorcode = code
    return error


async def test_only_its_owner_reads_the_database(tmp_path: Path) -> None:
    """It holds everybody's number."""
    store = Store(tmp_path / "t.db")
    await store.open()
    await store.close()

    assert 0o600 == (tmp_path / "t.db").stat().st_mode & 0o777


async def test_a_file_that_is_no_database_is_said_with_the_mend(tmp_path: Path) -> None:
    """Not a traceback at three in the morning."""
    (tmp_path / "t.db").write_bytes(b"not a database at all" * 100)
    store = Store(tmp_path / "t.db")

    with pytest.raises(StoreError, match=r"ne peut pas être ouverte.*sauvegarde"):
        await store.open()
    await store.close()


@pytest.mark.parametrize(
    "error",
    [
        sqlite_error("database or disk is full", sqlite3.SQLITE_FULL),
        sqlite_error("disk I/O error", sqlite3.SQLITE_IOERR_SHMSIZE),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
async def test_a_start_on_a_full_disk_asks_for_room_and_not_for_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """To give a backup back would throw away the hours since, and nothing is lost."""
    store = Store(tmp_path / "t.db")
    await store.open()
    await store.close()
    store = Store(tmp_path / "t.db")
    monkeypatch.setattr(mending, "make_sound", mock.Mock(side_effect=error))

    with pytest.raises(DiskFull, match="apt clean") as refused:
        await store.open()
    await store.close()
    assert "restore" not in str(refused.value)


async def test_a_start_on_a_full_disk_takes_the_room_of_the_reserve_a_fall_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was kept for what an alert writes down; without a start there is no alert."""
    (tmp_path / "reserve").write_bytes(b"x")

    def sound(_: Path, __: Callable[[], bool]) -> None:
        if (tmp_path / "reserve").exists():
            raise sqlite_error("database or disk is full", sqlite3.SQLITE_FULL)

    monkeypatch.setattr(mending, "make_sound", sound)
    store = Store(tmp_path / "t.db")
    await store.open()
    await store.close()


def two_towns() -> tuple[Ledger, int]:
    """Return a box with La Redorte and Azille, each with a contact, a group and a broadcast."""
    ledger = Ledger()
    other = entities.add(ledger.db, ledger.entity, "Azille", "Europe/Paris", "Essai", ledger.now)
    assert other is not None
    for entity, name, number in ((ledger.entity, "Anne", ANNE), (other, "Bruno", BRUNO)):
        contact = contacts.add(ledger.db, entity, name, "", {}, ledger.now)
        contacts.add_endpoint(ledger.db, entity, contact, Line.MOBILE, number, "")
        group = groups.ensure(ledger.db, entity, "élus", "alerte", ledger.now)
        groups.join(ledger.db, group, contact)
        ledger.send(number, entity=entity)
    return ledger, other


def test_a_town_sees_its_own_people_only() -> None:
    """The list of the neighbours is none of our business, by law."""
    ledger, other = two_towns()
    db, own = ledger.db, ledger.entity
    theirs = groups.ids(db, other, ["élus"])["élus"]

    assert ["Anne"] == [person.name for person in people.members(db, own, None)]
    assert [] == people.members(db, own, [theirs])
    assert people.by_address(db, own, BRUNO) is None
    assert [1] == [size["people"] for _, size in groups.listed(db, own)]


def test_a_town_sees_its_own_broadcasts_only() -> None:
    """Not even that there was one."""
    ledger, other = two_towns()
    mine, theirs = 1, 2
    actor = Actor(None, "anne", "Anne", "administrator", ledger.entity, "La Redorte")

    assert [mine] == [row["id"] for row in summaries.page(ledger.db, ledger.entity, 9, 0)[0]]
    assert summaries.one(ledger.db, ledger.entity, theirs) is None
    assert summaries.one(ledger.db, other, theirs) is not None
    with pytest.raises(Refused, match="n'existe pas"):
        full_report(ledger.db, actor, theirs, ledger.now)


def test_one_key_in_two_towns_makes_two_broadcasts() -> None:
    """Two town halls' programs may count alike."""
    from gateway import orders
    from gateway.model import Door

    ledger, other = two_towns()
    made = [
        broadcasts.create(
            ledger.db,
            broadcasts.NewBroadcast(
                entity, "Crue", Urgency.VITAL, orders.at_once([Channel.SMS]), Door.PAGE, "x",
                {Channel.SMS: ("", "Crue.")}, [], idempotency_key="k",
            ),
            ledger.now,
        )
        for entity in (ledger.entity, other)
    ]  # fmt: skip

    assert made[0] != made[1]


def test_whether_a_modem_was_heard_is_not_looked_for_in_all_it_sent() -> None:
    """The pages of modems and of writing ask it each time; a month has thousands of attempts."""
    db, asked = Ledger().db, list[str]()
    db.set_trace_callback(asked.append)
    proofs.voices_proved(db, {}, [proofs.Held("m1", "860", "8933")], 9e9)
    db.set_trace_callback(None)
    (line,) = asked
    plan = [row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {line}")]

    assert any("attempt_heard" in one for one in plan)


def test_what_waits_for_a_sim_of_its_own_is_not_looked_for_in_all_that_waits() -> None:
    """A lane asks whenever it is given nothing, in front of 14,000 that wait for the morning."""
    ledger = Ledger()
    ledger.send(ANNE, urgency=Urgency.SERVICE)
    ledger.db.execute("UPDATE job SET prefers_sim = 'B'")
    plans = plans_of(ledger.db, lambda: jobs.claim(ledger.db, [Channel.SMS], "m1", "A", ledger.now))
    (asked,) = [plan for line, plan in plans if "SELECT DISTINCT prefers_sim" in line]
    claims = [plan for line, plan in plans if line.startswith("UPDATE job SET state = 'running'")]

    assert "INDEX job_preferring" in asked
    assert claims
    assert all("j USING INDEX job_queue" in plan for plan in claims)


def plans_of(db: sqlite3.Connection, work: Callable[[], object]) -> list[tuple[str, str]]:
    """Return what SQLite is asked, each with how it goes about it."""
    asked = list[str]()
    db.set_trace_callback(asked.append)
    work()
    db.set_trace_callback(None)
    return [
        (one, " ; ".join(row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {one}")))
        for one in asked
    ]
