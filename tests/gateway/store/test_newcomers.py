"""A list writes the same rows as a form does, only all of them at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model import Line
from gateway.store import contacts, groups, newcomers, sweeping, veil
from gateway.store.cipher import Key
from gateway.store.newcomers import Newcomer
from tests.gateway.store.ledger import NIGHT, Ledger
from tests.gateway.store.sealed import DETAILS, GIVEN, MAIL, NAME, NUMBER

TABLES = ("contact", "endpoint", "contact_search")
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
people = st.builds(
    Newcomer, words.map(lambda name: name or "x"), words,
    st.dictionaries(st.sampled_from(("street", "zone", "note", "city", "language")), words).map(
        lambda found: {**found, "help_first": "1"}
    ),
    st.lists(
        st.sampled_from([(Line.MOBILE, NUMBER, ""), (Line.EMAIL, MAIL, "à vérifier")]), unique=True
    ),
)  # fmt: skip


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    made = Ledger()
    yield made
    made.db.close()


def rows(db: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.execute(f"SELECT rowid, * FROM {table} ORDER BY 1")]  # noqa: S608


def one_by_one(db: sqlite3.Connection, entity: int, who: list[Newcomer]) -> None:
    for one in who:
        number = contacts.add(db, entity, one.name, one.given_name, one.details, NIGHT)
        for way in one.ways:
            contacts.add_endpoint(db, entity, number, *way)


@settings(max_examples=40)
@given(st.lists(people, max_size=5))
def test_the_same_rows_as_from_a_form(who: list[Newcomer]) -> None:
    """Names, places, endpoints, and what the search finds them by."""
    whole, each = Ledger(), Ledger()
    newcomers.add(whole.db, whole.entity, who, NIGHT)
    one_by_one(each.db, each.entity, who)

    for table in TABLES:
        assert rows(whole.db, table) == rows(each.db, table)
    whole.db.close()
    each.db.close()


def test_whoever_is_of_the_register_is_never_written_in_clear(
    ledger: Ledger, tmp_path: Path
) -> None:
    """And everybody keeps their place in the answer."""
    sweeping.settle(ledger.db, veil.dress(ledger.db, Key.new()), tmp_path / "x.db")
    ways = [(Line.MOBILE, NUMBER, "")]

    numbers = newcomers.add(
        ledger.db, ledger.entity,
        [Newcomer("Un", "", {}), Newcomer(NAME, GIVEN, DETAILS, ways, reserved=True),
         Newcomer("Trois", "", {})], NIGHT,
    )  # fmt: skip

    assert [contacts.row(ledger.db, one)["name"] for one in numbers] == ["Un", NAME, "Trois"]
    kept = ledger.db.execute("SELECT * FROM main.contact WHERE id = ?", (numbers[1],)).fetchone()
    assert NAME not in tuple(kept)
    assert [row["address"] for row in contacts.endpoints(ledger.db, numbers[1])] == [NUMBER]
    assert not ledger.db.execute(
        "SELECT 1 FROM main.endpoint WHERE address = ?", (NUMBER,)
    ).fetchone()


def test_groups_are_joined_once(ledger: Ledger) -> None:
    """A list that names the same group twice is no fault."""
    numbers = newcomers.add(ledger.db, ledger.entity, [Newcomer("Un", "", {})], NIGHT)
    group = groups.ensure(ledger.db, ledger.entity, "Alerte", "alerte", NIGHT)

    groups.join_all(ledger.db, [(group, numbers[0]), (group, numbers[0])])

    assert ledger.db.execute("SELECT count(*) FROM membership").fetchone()[0] == 1
