"""The record: whatever somebody changes in it afterwards, shows."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from gateway.store import events
from tests.gateway.store.ledger import ANNE, BRUNO, Ledger

CHANGES = {
    "at": 1.0, "kind": "broadcast.forgotten", "entity_id": 99, "broadcast_id": 99,
    "recipient_id": 99, "job_id": 99, "payload": '{"to": "acknowledged"}', "salt": b"0" * 16,
    "sealed": b"0" * 32, "digest": b"0" * 32,
}  # fmt: skip


def a_record() -> sqlite3.Connection:
    """Return the record of a small broadcast."""
    ledger = Ledger()
    ledger.send(ANNE, BRUNO)
    ledger.hand_over(ledger.take(), 7)
    ledger.hand_over(ledger.take(), 8)
    ledger.report(ANNE, 7)
    ledger.report(BRUNO, 8)
    return ledger.db


def size(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM event").fetchone()[0])


def test_an_untouched_record_is_whole() -> None:
    """The first thing an inspector asks."""
    db = a_record()

    assert events.first_broken(db) is None
    assert size(db) >= 8


def test_an_empty_record_is_whole() -> None:
    """On the first day nothing has happened."""
    assert events.first_broken(Ledger().db) is None


@pytest.mark.parametrize("column", CHANGES)
def test_any_changed_cell_of_any_row_shows(column: str) -> None:
    """Above all the one that would say that somebody was warned."""
    for seq in range(1, size(a_record()) + 1):
        db = a_record()
        db.execute(f"UPDATE event SET {column} = ? WHERE seq = ?", (CHANGES[column], seq))  # noqa: S608

        assert seq == events.first_broken(db)


def test_any_deleted_row_shows_the_last_one_too() -> None:
    """Whoever was not warned might like that never to have been recorded."""
    total = size(a_record())
    for seq in range(1, total + 1):
        db = a_record()
        db.execute("DELETE FROM event WHERE seq = ?", (seq,))

        assert seq == events.first_broken(db)


def test_a_record_wiped_whole_shows() -> None:
    """No record is not an empty one."""
    db = a_record()
    db.execute("DELETE FROM event")

    assert 1 == events.first_broken(db)


def test_two_exchanged_rows_show() -> None:
    """The order is part of what happened."""
    db = a_record()
    db.execute("UPDATE event SET seq = -1 WHERE seq = 2")
    db.execute("UPDATE event SET seq = 2 WHERE seq = 3")
    db.execute("UPDATE event SET seq = 3 WHERE seq = -1")

    assert 2 == events.first_broken(db)


def test_an_inserted_row_shows() -> None:
    """A proof made up afterwards."""
    db = a_record()
    row = dict(db.execute("SELECT * FROM event WHERE seq = 2").fetchone())
    values: dict[str, Any] = {**row, "seq": size(db) + 1}
    marks = ", ".join(f":{name}" for name in values)
    db.execute(f"INSERT INTO event({', '.join(values)}) VALUES ({marks})", values)  # noqa: S608

    assert size(db) == events.first_broken(db)


def test_erasing_what_is_personal_leaves_the_record_provable() -> None:
    """The law asks for erasure, the inspector for proof; both are served."""
    db = a_record()
    db.execute("UPDATE event SET payload = NULL, salt = NULL WHERE seq % 2")
    db.execute("UPDATE event SET payload = NULL, salt = NULL")

    assert events.first_broken(db) is None


def test_what_was_erased_cannot_be_filled_in_again() -> None:
    """An empty place must not take another story."""
    db = a_record()
    db.execute("UPDATE event SET payload = NULL, salt = NULL")
    db.execute("UPDATE event SET payload = '{}', salt = x'00' WHERE seq = 3")

    assert 3 == events.first_broken(db)


def test_a_payload_without_its_salt_is_broken_not_a_crash() -> None:
    """Half an erasure is a change like any other."""
    db = a_record()
    db.execute("UPDATE event SET salt = NULL WHERE seq = 2")

    assert 2 == events.first_broken(db)


def test_equal_payloads_have_different_seals() -> None:
    """Else an erased « acknowledged » could be guessed by trying the few states there are."""
    db = a_record()
    seals = [row[0] for row in db.execute("SELECT sealed FROM event WHERE kind = 'part.reported'")]

    assert len(seals) == len(set(seals)) > 1
