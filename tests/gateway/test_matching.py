"""What each line of a list would change: pure, and told before it is done."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.lists.matching import Book, Fate, Known, Verdict, counts, judge
from gateway.lists.values import Endpoint, ImportLine
from gateway.model import Line

ANNE, BRUNO = "+33639980001", "+33639980002"


def line(
    name: str = "Alibert", *numbers: str, given: str = "", groups: tuple[str, ...] = (),
    tags: tuple[str, ...] = (), **details: str,
) -> ImportLine:  # fmt: skip
    ways = tuple(Endpoint(Line.MOBILE, number) for number in numbers)
    return ImportLine(2, name, given, details, ways, groups, tags)


def known(name: str = "Alibert", *numbers: str, **details: str) -> Known:
    return Known(7, name, "", details, set(numbers))


def only(one: ImportLine, *contacts: Known, replace: bool = False) -> Verdict:
    (verdict,) = judge([one], Book(contacts), replace=replace)
    return verdict


def test_name_and_street_make_the_same_person_whatever_the_accents() -> None:
    """Typed by two secretaries, two years apart."""
    verdict = only(
        line("ALIBERT", ANNE, number="12", street="Rue de l’Église"),
        known("Alibert", street="12, rue de l'Eglise"),
    )

    assert (Fate.CHANGED, 7) == (verdict.fate, verdict.contact_id)


def test_the_same_name_with_a_shared_number_is_the_same_person_who_moved() -> None:
    """The number came along."""
    verdict = only(line("Alibert", ANNE, street="rue Haute"), known("Alibert", ANNE, street="x"))

    assert 7 == verdict.contact_id


def test_the_same_name_in_another_street_is_somebody_else() -> None:
    """There are two Jean Martin in every town."""
    verdict = only(line("Martin", ANNE, street="rue Haute"), known("Martin", BRUNO, street="x"))

    assert Fate.ADDED is verdict.fate


def test_the_same_number_under_another_name_is_added_and_told() -> None:
    """Two spouses, one landline; or a number that changed hands."""
    verdict = only(line("Bonnet", ANNE), known("Alibert", ANNE))

    assert Fate.ADDED is verdict.fate
    assert ("Alibert",) == verdict.like


def test_what_is_there_stays_unless_the_list_is_to_be_believed() -> None:
    """The clerk may have corrected it yesterday."""
    there = {"street": "", "zone": "Le Port"}
    kept = only(line(zone="Les Berges", street="", city="La Redorte"), known(**there))
    taken = only(line(zone="Les Berges", street=""), known(**there), replace=True)

    assert {"city": ("", "La Redorte")} == dict(kept.fields)
    assert {"zone": ("Le Port", "Les Berges")} == dict(kept.kept)
    assert {"zone": ("Le Port", "Les Berges")} == dict(taken.fields)


def test_the_same_line_twice_in_a_list_is_one_person() -> None:
    """A list put together from two has everybody twice."""
    verdicts = judge([line("Alibert", ANNE), line("Alibert", ANNE, BRUNO)], Book([]))

    assert [Fate.ADDED, Fate.MERGED] == [verdict.fate for verdict in verdicts]
    assert verdicts[0].contact_id == verdicts[1].contact_id
    assert [BRUNO] == [e.address for e in verdicts[1].endpoints]


NAMES = st.sampled_from(["Alibert", "Bonnet", "alibert", "Éloi", "eloi"])
LINES = st.lists(
    st.builds(
        lambda name, numbers, street, group: line(name, *numbers, street=street, groups=group),
        NAMES, st.lists(st.sampled_from([ANNE, BRUNO, "+33639980003"]), max_size=3, unique=True),
        st.sampled_from(["", "rue Haute", "Rue haute"]),
        st.sampled_from([(), ("rive",), ("Rive", "élus")]),
    ),
    max_size=12,
)  # fmt: skip


@given(LINES)
def test_a_list_taken_twice_changes_nothing_the_second_time(lines: list[ImportLine]) -> None:
    """Importing again is what everybody does when unsure."""
    book = Book([])
    first = judge(lines, book)
    second = judge(lines, book)

    assert len(lines) == sum(counts(first).values())
    assert {Fate.UNCHANGED} >= set(counts(second))


@given(LINES)
def test_no_number_is_given_twice_to_one_person(lines: list[ImportLine]) -> None:
    """Whatever a list repeats."""
    given_to: dict[int, list[str]] = {}
    for verdict in judge(lines, Book([])):
        given_to.setdefault(verdict.contact_id, []).extend(e.address for e in verdict.endpoints)

    assert all(len(addresses) == len(set(addresses)) for addresses in given_to.values())


def test_an_address_in_one_field_is_the_same_address_in_two() -> None:
    """A list of our own taken in again does not make « 12 12 rue du Port » of a card."""
    verdict = only(
        line("Alibert", ANNE, number="12", street="rue du Port"),
        known("Alibert", ANNE, street="12 rue du Port"),
    )

    assert (Fate.UNCHANGED, {}, {}) == (verdict.fate, verdict.fields, verdict.kept)


def test_an_address_spelt_otherwise_still_corrects_the_card() -> None:
    """Only the same words are the same address; a list may mend a capital."""
    verdict = only(
        line("Alibert", ANNE, number="12", street="rue du Port"),
        known("Alibert", ANNE, number="12", street="rue du port"),
        replace=True,
    )

    assert {"street": ("rue du port", "rue du Port")} == verdict.fields
