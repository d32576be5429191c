"""The register stands encrypted in the file and reads in clear, for whoever has its key."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import Refused
from gateway.model import Line
from gateway.store import (
    contacts,
    copies,
    events,
    groups,
    history,
    people,
    sweeping,
    twins,
    veil,
)  # fmt: skip
from gateway.store.base import connect
from gateway.store.cipher import Key, Unreadable, from_paper, rows_on_paper
from tests.gateway.store.ledger import NIGHT, Ledger
from tests.gateway.store.sealed import (
    GIVEN,
    LABEL,
    MAIL,
    NAME,
    NOTE,
    NUMBER,
    STREET,
    enrolled,
    known,
    opened,
    traces,
)  # fmt: skip


def with_key(ledger: Ledger, key: Key | None = None) -> Key:
    """Have a ledger's register encrypted."""
    key = key or Key.new()
    sweeping.settle(ledger.db, veil.dress(ledger.db, key), Path("/nowhere/x.db"))
    return key


def card(db: sqlite3.Connection, contact: int) -> tuple[str, ...]:
    row = contacts.row(db, contact)
    return tuple(row[key] for key in ("name", "given_name", "street", "note"))


# --- at rest --------------------------------------------------------------------------------


def test_nothing_of_them_is_in_any_file(tmp_path: Path) -> None:
    """Not in the database while it is open, its log, a free page, the index, nor a copy."""
    path = tmp_path / "tocsin.db"

    def correct(db: sqlite3.Connection) -> None:
        contacts.change(db, 1, {"note": NOTE + " !", "street": STREET + " bis"}, "Keeper", NIGHT)

    def look(_: sqlite3.Connection) -> None:
        assert [] == list(traces(tmp_path))

    opened(path, Key.new(), enrolled, look, correct, look)
    copies.good_copy(path, NIGHT)

    assert [] == list(traces(tmp_path))


def test_somebody_known_who_enters_the_register_leaves_no_trace(tmp_path: Path) -> None:
    """Index, log and free pages had them in clear until then."""
    path = tmp_path / "tocsin.db"

    def list_her(db: sqlite3.Connection) -> int:
        contact = known(db, NAME, NUMBER)
        contacts.change(db, contact, {"given_name": GIVEN, "street": STREET, "note": NOTE}, "x", 1)
        return contact

    def move(db: sqlite3.Connection) -> None:
        register = groups.ensure(db, 1, "Fragiles", "registre", NIGHT)
        groups.leave(db, 1, 1)
        groups.join(db, register, 1)

    opened(path, Key.new(), list_her, move, lambda db: card(db, 1))

    assert [] == list(traces(tmp_path))


def test_a_register_of_before_is_sealed_at_the_first_start_with_a_key(tmp_path: Path) -> None:
    """Copies beside it had it in clear: they go, one that has not takes their place."""
    path, key = tmp_path / "tocsin.db", Key.new()
    opened(path, None, enrolled, lambda db: known(db, "Roux", "+33639980078"))
    copies.good_copy(path, NIGHT)

    assert {name for name, _ in traces(tmp_path)} >= {"tocsin.db"}
    ((seen, told),) = opened(
        path, key,
        lambda db: (card(db, 1), [row["kind"] for row in db.execute("SELECT kind FROM event")]),
    )  # fmt: skip

    assert (NAME, GIVEN, STREET, NOTE) == seen
    assert "register.sealed" in told
    assert [] == list(traces(tmp_path))
    assert 1 == len(copies.kept(copies.folder_of(path), "good"))


# --- with the key ---------------------------------------------------------------------------


TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.fixed_dictionaries({"name": TEXT.filter(bool), "note": TEXT, "street": TEXT,
       "address": TEXT.filter(bool)}), min_size=1, max_size=4), st.booleans())  # fmt: skip
def test_whatever_is_written_reads_as_it_was(people_: list[dict[str, str]], leave: bool) -> None:
    """Any text, entered, corrected, in the register and out of it again."""
    ledger = Ledger()
    with_key(ledger)
    db = ledger.db
    contact = enrolled(db)
    for values in people_:
        fields = {key: value for key, value in values.items() if key != "address"}
        contacts.change(db, contact, fields, "x", NIGHT)
        contacts.add_endpoint(db, 1, contact, Line.MOBILE, values["address"])
        hidden = db.execute("SELECT * FROM main.contact").fetchone()

        assert {""} == {hidden[key] for key in veil.SECRET["contact"]}
        assert fields == {key: contacts.row(db, contact)[key] for key in fields}
    if leave:
        groups.join(db, groups.ensure(db, 1, "Alerte", "alerte", NIGHT), contact)

        assert 0 == db.execute(
            "SELECT count(*) FROM main.contact WHERE sealed NOTNULL").fetchone()[0]  # fmt: skip
    addresses = [NUMBER, MAIL, *dict.fromkeys(values["address"] for values in people_)]
    assert list(dict.fromkeys(addresses)) == [e["address"] for e in contacts.endpoints(db, contact)]
    assert fields == {key: contacts.row(db, contact)[key] for key in fields}


@pytest.mark.parametrize(
    "typed",
    [NAME[:5], "zenai", "échop", "venelle des ech", "06 39 98 00 76", "0639980076", MAIL[:9]],
)
def test_a_keeper_finds_them_as_anybody_else(typed: str) -> None:
    """By the beginning of a name, a street, a number or an address; others find nobody."""
    ledger = Ledger()
    with_key(ledger)
    contact = enrolled(ledger.db)
    known(ledger.db, "Roux", "+33639980078")

    def found(*, register: bool) -> list[int]:
        rows, _ = contacts.page(
            ledger.db, 1, register=register, grouping_id=None, text=typed, limit=9, offset=0
        )
        return [row["id"] for row in rows]

    assert [contact] == found(register=True)
    assert [] == found(register=False)


def test_a_list_is_in_the_order_of_names_for_a_keeper() -> None:
    """A mark sorts anywhere; a reader looks under Q."""
    ledger = Ledger()
    with_key(ledger)
    enrolled(ledger.db)
    for number, name in enumerate(("Roux", "Abeille")):
        known(ledger.db, name, f"+3363998000{number}")
    rows, _ = contacts.page(
        ledger.db, 1, register=True, grouping_id=None, text="", limit=9, offset=0
    )

    assert ["Abeille", NAME, "Roux"] == [row["name"] for row in rows]


def test_a_number_finds_its_contact() -> None:
    """An SMS or a call comes in, and a keeper reads who it is."""
    ledger = Ledger()
    with_key(ledger)
    contact = enrolled(ledger.db)
    row = people.by_address(ledger.db, 1, NUMBER)

    assert row is not None
    assert (contact, NAME) == (row["id"], row["name"])
    assert not contacts.add_endpoint(ledger.db, 1, contact, Line.MOBILE, NUMBER), "twice the same"
    labels = [(e["address"], e["label"]) for e in contacts.endpoints(ledger.db, contact)]
    assert [(NUMBER, LABEL), (MAIL, "")] == labels


def test_the_same_person_is_found_twice_and_made_one() -> None:
    """Known by the number, or by name and street; who is in another group too is known to all."""
    ledger = Ledger()
    with_key(ledger)
    db = ledger.db
    sealed = enrolled(db)
    twin = known(db, NAME, NUMBER)
    contacts.change(db, twin, {"given_name": GIVEN}, "x", NIGHT)
    also = contacts.add(db, 1, NAME, GIVEN, {"street": STREET[0].upper() + STREET[1:]}, NIGHT)
    pairs = {(row["one"], row["other"]) for row in twins.pairs(db, 1, register=True)}

    assert {(sealed, twin), (sealed, also), (twin, also)} == pairs
    assert (sealed, twin) not in {
        (row["one"], row["other"]) for row in twins.pairs(db, 1, register=False)
    }
    twins.merge(db, 1, sealed, twin, "Keeper", NIGHT)
    assert (NAME, GIVEN, STREET, NOTE) == card(db, sealed)
    assert 0 == contacts.row(db, sealed)["reserved"]
    assert 0 == db.execute("SELECT count(*) FROM main.endpoint WHERE sealed NOTNULL").fetchone()[0]


def test_two_of_the_register_made_one_stay_sealed() -> None:
    """What was corrected of either is of the register too."""
    ledger = Ledger()
    with_key(ledger)
    db = ledger.db
    one, other = enrolled(db), enrolled(db)
    contacts.change(db, other, {"note": "autre"}, "x", NIGHT)
    twins.merge(db, 1, one, other, "Keeper", NIGHT)

    assert {True} == {
        row[0] for row in db.execute("SELECT sealed NOTNULL FROM main.contact_change")
    }
    assert {NOTE, "autre", f"{GIVEN} {NAME}"} <= {
        word for row in contacts.changes(db, one) for word in row["what"].split('"')
    }


def test_erased_they_are_nowhere(tmp_path: Path) -> None:
    """A sealed card goes as any other, with its numbers."""
    path = tmp_path / "tocsin.db"
    key = Key.new()
    opened(path, key, enrolled, lambda db: history.erase(db, 1, 1, "Keeper", NIGHT))
    with closing(connect(path, key)) as db:
        counts = [db.execute(f"SELECT count(*) FROM main.{table}").fetchone()[0]  # noqa: S608
                  for table in ("contact", "endpoint")]  # fmt: skip

    assert [0, 0] == counts
    assert [] == list(traces(tmp_path))


# --- without it -----------------------------------------------------------------------------


@pytest.mark.parametrize("other", [None, Key.new()], ids=["missing", "wrong"])
def test_without_the_key_they_are_counted_and_everything_else_works(
    tmp_path: Path, other: Key | None
) -> None:
    """Nobody is dropped in silence, nobody enters the register in clear, nothing is overwritten."""
    path, key = tmp_path / "tocsin.db", Key.new()
    opened(path, key, enrolled, lambda db: known(db, "Roux", "+33639980078"))

    def look(db: sqlite3.Connection) -> None:
        everybody = people.members(db, 1, None)
        assert [(veil.MISSING, True), ("Roux", False)] == [
            (p.name, p.unreadable) for p in everybody
        ]
        assert () == everybody[0].addresses
        assert 2 == contacts.page(
            db, 1, register=True, grouping_id=None, text="", limit=9, offset=0)[1]  # fmt: skip
        known(db, "Vidal", "+33639980079")
        with pytest.raises(Refused, match="clé du registre manque"):
            contacts.change(db, 1, {"note": "x"}, "x", NIGHT)
        with pytest.raises(Refused, match="clé du registre manque"):
            groups.join(db, 1, 2)

    opened(path, other, look)
    (seen,) = opened(path, key, lambda db: card(db, 1))

    assert (NAME, GIVEN, STREET, NOTE) == seen


def test_who_leaves_the_register_while_the_key_is_away_is_read_when_it_is_back(
    tmp_path: Path,
) -> None:
    """They stay sealed meanwhile."""
    path, key = tmp_path / "tocsin.db", Key.new()

    def move(db: sqlite3.Connection) -> None:
        groups.join(db, groups.ensure(db, 1, "Alerte", "alerte", NIGHT), 1)

    opened(path, key, enrolled)
    ((_, name),) = opened(path, None, lambda db: (move(db), card(db, 1)[0]))
    opened(path, key)
    with closing(sqlite3.connect(path)) as db:
        clear = db.execute("SELECT name, sealed FROM contact").fetchone()

    assert veil.MISSING == name
    assert (NAME, None) == clear


def test_a_flipped_byte_spoils_one_card_and_says_so(tmp_path: Path) -> None:
    """A sick disk, or somebody's hand: never a wrong address, never somebody else's card."""
    path, key = tmp_path / "tocsin.db", Key.new()
    opened(path, key, enrolled, enrolled)
    with closing(sqlite3.connect(path)) as db:
        blob = bytearray(db.execute("SELECT sealed FROM contact WHERE id = 1").fetchone()[0])
        blob[-20] ^= 1
        db.execute("UPDATE contact SET sealed = ? WHERE id = 1", (bytes(blob),))
        db.commit()

    (seen,) = opened(path, key, lambda db: [card(db, 1)[0], card(db, 2)[0]])

    assert [veil.DAMAGED, NAME] == seen


def test_a_value_is_bound_to_its_row(tmp_path: Path) -> None:
    """Who can write the file cannot give one person another's address."""
    path, key = tmp_path / "tocsin.db", Key.new()
    opened(path, key, enrolled, enrolled)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE contact SET sealed = (SELECT sealed FROM contact WHERE id = 2)"
                   " WHERE id = 1")  # fmt: skip
        db.commit()

    (seen,) = opened(path, key, lambda db: card(db, 1)[0])

    assert veil.DAMAGED == seen


# --- the key itself -------------------------------------------------------------------------


@given(st.binary(min_size=32, max_size=32), st.dictionaries(TEXT, TEXT, max_size=4))
@settings(max_examples=50, deadline=None)
def test_what_is_sealed_opens_at_its_place_only(secret: bytes, fields: dict[str, str]) -> None:
    """Key, table and row are all of it."""
    key = Key(secret)
    sealed = key.seal("contact 1", fields)

    assert fields == key.open("contact 1", sealed)
    assert sealed != key.seal("contact 1", fields)
    for other, place in ((key, "contact 2"), (key, "endpoint 1"), (Key.new(), "contact 1")):
        with pytest.raises(Unreadable):
            other.open(place, sealed)


def test_a_key_survives_paper_and_a_tired_typist() -> None:
    """Small letters, no blanks, a nought for an O; one wrong letter is told."""
    key = Key.new()
    typed = "\n".join(rows_on_paper(key))

    for text in (typed, typed.lower(), typed.replace(" ", ""), typed.replace("O", "0"),
                 typed.replace("B", "8").replace(" ", "-")):  # fmt: skip
        assert key.check == from_paper(text).check
    with pytest.raises(Refused, match="une lettre de la clé"):
        from_paper(("B" if typed[0] == "A" else "A") + typed[1:])
    with pytest.raises(Refused, match="en voici"):
        from_paper(typed[:-2])
    with pytest.raises(Refused, match="un signe"):
        from_paper("!" + typed[1:])


def test_the_chain_of_events_holds(tmp_path: Path) -> None:
    """Sealing is an event among the others."""
    path = tmp_path / "tocsin.db"
    opened(path, None, enrolled)
    (broken,) = opened(path, Key.new(), events.first_broken)

    assert broken is None
