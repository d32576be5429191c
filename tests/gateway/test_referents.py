"""The person to warn, as lists name them: never taken for the person, told before it is done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.lists import child, columns, sheet
from gateway.lists.matching import Book, Fate, Known, Verdict, judge
from gateway.lists.referents import appoint
from gateway.lists.values import Endpoint, ImportLine, Reading, Referent
from gateway.model import Line

MOTHER, DAUGHTER, HOME, OTHER = "+33639980001", "+33639980002", "+33199000001", "+33639980003"


def proposed(titles: str, cells: str = "") -> list[str]:
    opened = sheet.open_file(f"{titles}\n{cells}\n".encode())
    return list(map(str, columns.propose(opened)))


@pytest.mark.parametrize(
    ("title", "held"),
    [
        ("Personne à prévenir", "referent_name"),
        ("NOM DE LA PERSONNE À PRÉVENIR", "referent_name"),
        ("Référent", "referent_name"),
        ("Nom et prénom du tuteur", "referent_name"),
        ("Nom et téléphone du proche", "referent_name"),
        ("Téléphone de la personne à prévenir", "referent"),
        ("Tél. du référent", "referent"),
        ("tel_referent", "referent"),
        ("N° du référent", "referent"),
        ("Contact d’urgence (portable)", "referent"),
        ("Mail du tuteur", "referent"),
        ("Adresse e-mail de l'aidant", "referent"),
        ("Tél. 2 du référent", "referent"),
        ("2e tél. du référent", "referent"),
        ("Personne à prévenir 2", ""),
        ("Tél. personne à prévenir n° 2", ""),
        ("Second référent (portable)", ""),
        ("Autre contact d'urgence, tél.", ""),
        ("Adresse de la personne à prévenir", ""),
        ("Lien de parenté", ""),
        ("Référent de quartier", ""),
        ("Téléphone", "phone"),
        ("Tél. 2", "phone"),
        ("Courriel", "mail"),
    ],
)
def test_a_title_says_whose_column_it_is(title: str, held: str) -> None:
    """The daughter's number is never proposed as her mother's."""
    assert held == columns.by_title(title)


def test_a_second_persons_columns_are_not_taken_whatever_stands_in_them() -> None:
    """Numbers alone would make any other column one of telephones."""
    titles = "Nom;Téléphone;Personne à prévenir;Tél. référent;Personne à prévenir 2;Tél. référent 2"
    cells = "Icher;06 39 98 00 01;Lou;06 39 98 00 02;Max;06 39 98 00 03"

    assert ["referent_name", "referent", "", ""] == proposed(titles, cells)[2:]


@pytest.mark.parametrize(
    ("titles", "held"),
    [
        ("Nom;Téléphone;Personne à prévenir;Téléphone", ["referent_name", "referent"]),
        ("Nom;Téléphone;Personne à prévenir;", ["referent_name", "referent"]),
        ("Nom;Téléphone;Personne à prévenir 2;Téléphone 2", ["", ""]),
        ("Nom;Téléphone;Quartier;Portable", ["zone", "phone"]),
        ("Nom;Adresse;Personne à prévenir;Téléphone", ["referent_name", "phone"]),
    ],
)
def test_a_bare_telephone_beside_their_name_is_theirs(titles: str, held: list[str]) -> None:
    """Where the person has one of their own before it."""
    assert held == proposed(titles, "Icher;06 39 98 00 01;Lou;06 39 98 00 02")[2:]


def test_the_same_titles_again_are_a_second_persons() -> None:
    """Two groups of columns with the same heads, as forms are printed."""
    head = "Nom;Tel;Personne à prévenir;Tel;Personne à prévenir;Tel"

    assert ["referent_name", "referent", "", ""] == proposed(head, "a;0639980001;b;;c;")[2:]


def test_a_contact_in_case_of_need_may_be_nothing_but_a_number() -> None:
    """What stands in the column decides what it is."""
    cells = "Icher;06 39 98 00 01;06 39 98 00 02"

    assert "referent" == proposed("Nom;Tel;Contact d'urgence", cells)[2]


def read(name: str, number: str) -> Reading:
    head = "Nom;Tel;Référent : nom;Référent : téléphone ou courriel"
    opened, held = child.open_file(f"{head}\nIcher;06 39 98 00 01;{name};{number}\n".encode())
    return child.read(opened, held)


@pytest.mark.parametrize(
    ("name", "number", "said", "ways"),
    [
        ("Lou Icher", "06 39 98 00 02", "Lou Icher", [DAUGHTER]),
        ("Mme Icher (sa fille) 06.39.98.00.02", "", "Mme Icher (sa fille)", [DAUGHTER]),
        ("Lou", "06 39 98 00 02 / lou@la-redorte.example", "Lou",
         [DAUGHTER, "lou@la-redorte.example"]),
        ("Lou", "639980002 lou@la-redorte.example", "Lou", [DAUGHTER, "lou@la-redorte.example"]),
        ("", "06 39 98 00 02", "", [DAUGHTER]),
        ("Lou", "", "Lou", []),
    ],
)  # fmt: skip
def test_who_is_to_be_warned_is_read_as_registers_write_it(
    name: str, number: str, said: str, ways: list[str]
) -> None:
    """In one cell or in two, and never among the numbers of the person."""
    (line,) = read(name, number).lines

    assert line.referent is not None
    assert (said, ways) == (line.referent.name, [way.address for way in line.referent.ways])
    assert [MOTHER] == [way.address for way in line.endpoints]


@pytest.mark.parametrize(
    ("number", "mend"), [("06 39 98", "numéros complets"), ("lou@courriel", "manque un morceau"),
                         ("0899 00 12 34", "surtaxé"), ("6,39980001E+08", "format Texte")],
)  # fmt: skip
def test_a_bad_number_of_theirs_is_told_and_costs_the_person_nothing(
    number: str, mend: str
) -> None:
    """The person is taken in, the warning names the column and says the mend."""
    reading = read("Lou", number)

    assert [None] == [line.referent for line in reading.lines]
    assert "Référent : téléphone ou courriel" == reading.warnings[-1].field
    assert mend in reading.warnings[-1].message


# --- who is meant ---------------------------------------------------------------------------


def way(number: str) -> Endpoint:
    return Endpoint(Line.MOBILE, number)


def line(name: str, *numbers: str, named: str = "", at: tuple[str, ...] = ()) -> ImportLine:
    wanted = Referent(named, tuple(map(way, at))) if named or at else None
    return ImportLine(2, name, "", {}, tuple(map(way, numbers)), (), (), wanted)


def taken(
    *lines: ImportLine, known: tuple[Known, ...] = (), instead: bool = False
) -> list[Verdict]:
    book = Book(known)
    return appoint(judge(lines, book, replace=instead), book, instead=instead)


def known(number: int, name: str, *addresses: str, referent: Known | None = None) -> Known:
    return Known(number, name, "", {}, set(addresses), referent=referent)


def test_who_has_the_number_in_the_directory_is_meant() -> None:
    """Whatever the list calls them."""
    (verdict,) = taken(
        line("Icher", MOTHER, named="sa fille", at=(DAUGHTER,)),
        known=(known(7, "Lou Icher", DAUGHTER),),
    )

    assert verdict.referent is not None
    assert (7, "Lou Icher", None) == (
        verdict.referent.contact_id, verdict.referent.name, verdict.referent.made
    )  # fmt: skip


def test_who_stands_in_a_later_line_of_the_list_is_meant() -> None:
    """A list is in the order of its streets."""
    first, second = taken(line("Icher", MOTHER, named="Lou", at=(DAUGHTER,)), line("Lou", DAUGHTER))

    assert first.referent is not None
    assert (second.contact_id, None) == (first.referent.contact_id, first.referent.made)


def test_the_name_decides_between_two_with_one_number() -> None:
    """Two people, one landline; the list may put the family name first."""
    (verdict,) = taken(
        line("Icher", MOTHER, named="ICHER Éloi", at=(HOME,)),
        known=(known(7, "Lou Icher", HOME), known(8, "Eloi Icher", HOME)),
    )

    assert verdict.referent is not None
    assert 8 == verdict.referent.contact_id


def test_of_two_who_share_a_number_and_are_called_otherwise_none_is_taken() -> None:
    """The third of the house becomes a contact; without a name the list has to say it."""
    two = (known(7, "Lou", HOME), known(8, "Éloi", HOME))
    (third,) = taken(line("Icher", named="Max", at=(HOME,)), known=two)
    (nobody,) = taken(line("Icher", at=(HOME,)), known=two)

    assert third.referent is not None
    assert third.referent.made == Referent("Max", (way(HOME),))
    assert nobody.referent is None
    assert "Lou, Éloi" in nobody.remark


def test_who_is_nowhere_is_made_once_for_all_they_look_after() -> None:
    """A son looks after both his parents."""
    first, second = taken(
        line("Icher", MOTHER, named="Lou", at=(DAUGHTER,)), line("Roux", at=(DAUGHTER,)),
        line("Roux", OTHER, named="Lou I.", at=(DAUGHTER,)),
    )[::2]  # fmt: skip

    assert first.referent is not None
    assert second.referent is not None
    assert first.referent.made == Referent("Lou", (way(DAUGHTER),))
    assert (first.referent.contact_id, None) == (
        second.referent.contact_id, second.referent.made
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "mend"),
    [
        (line("Icher", MOTHER, named="Lou", at=(MOTHER,)), "la personne elle-même"),
        (line("Icher", MOTHER, at=(DAUGHTER,)), "ajoutez le nom"),
        (line("Icher", MOTHER, named="Lou"), "ni téléphone ni courriel"),
    ],
)
def test_what_makes_no_referent_is_told_with_its_mend(wanted: ImportLine, mend: str) -> None:
    """The contact is added all the same."""
    (verdict,) = taken(wanted)

    assert (Fate.ADDED, None) == (verdict.fate, verdict.referent)
    assert mend in verdict.remark


def test_husband_and_wife_with_one_landline_may_look_after_each_other() -> None:
    """Their common number is the husband's too, and the name says he is meant."""
    wife, husband = taken(
        line("Mme Icher", HOME, named="M. Icher", at=(HOME,)), line("M. Icher", HOME, OTHER)
    )

    assert wife.referent is not None
    assert husband.contact_id == wife.referent.contact_id


def test_another_referent_takes_the_place_of_one_only_if_the_list_is_to_be_believed() -> None:
    """As with every other field."""
    there = known(7, "Lou", DAUGHTER)
    wanted = line("Icher", MOTHER, named="Max", at=(OTHER,))
    (kept,) = taken(wanted, known=(there, known(9, "Icher", MOTHER, referent=there)))
    (put,) = taken(wanted, known=(there, known(9, "Icher", MOTHER, referent=there)), instead=True)

    assert (None, ("Lou", "Max")) == (kept.referent, kept.referent_kept)
    assert Fate.UNCHANGED is kept.fate
    assert put.referent is not None
    assert (Fate.CHANGED, "Lou") == (put.fate, put.referent.before)


NUMBERS = st.sampled_from([MOTHER, DAUGHTER, HOME, OTHER])
NAMES = st.sampled_from(["Icher", "Roux", "icher", "Éloi", "eloi"])
LINES = st.lists(
    st.builds(
        lambda name, numbers, named, at: line(name, *numbers, named=named, at=tuple(at)),
        NAMES, st.lists(NUMBERS, max_size=2, unique=True),
        st.sampled_from(["", "Icher", "Éloi", "Lou"]), st.lists(NUMBERS, max_size=2, unique=True),
    ),
    max_size=8,
)  # fmt: skip


@given(LINES)
def test_a_list_with_referents_taken_twice_changes_nothing_the_second_time(
    lines: list[ImportLine],
) -> None:
    """Importing again is what everybody does when unsure."""
    book = Book([])
    appoint(judge(lines, book), book)
    second = appoint(judge(lines, book), book)

    assert {Fate.UNCHANGED} >= {verdict.fate for verdict in second}
    assert [None] * len(lines) == [verdict.referent for verdict in second]


@given(LINES)
def test_whatever_a_list_says_nobody_is_their_own_referent_and_each_line_is_answered(
    lines: list[ImportLine],
) -> None:
    """Set, kept as it was, or told why not."""
    book = Book([])
    verdicts = appoint(judge(lines, book), book)

    for verdict in verdicts:
        person = book.called(verdict.contact_id)
        assert person.referent is not person
        if verdict.line.referent is not None:
            assert person.referent is not None or verdict.remark
        if verdict.referent is not None and verdict.referent.made is not None:
            own = person.addresses
            assert own.isdisjoint(way.address for way in verdict.referent.made.ways)
