"""The list as Excel in France writes it: good lines kept, every bad one told with its mend."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Refused
from gateway.lists import child, sheet
from gateway.lists.names import in_a_cell
from gateway.lists.values import Endpoint, Reading
from gateway.model import Line

HEAD = "Nom;Prénom;Portable;Fixe;Courriel;Groupes\r\n"


def read_bytes(data: bytes) -> Reading:
    opened, proposed = child.open_file(data)
    return child.read(opened, proposed)


def read(body: str, encoding: str = "cp1252") -> Reading:
    return read_bytes((HEAD + body).encode(encoding))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_accents_survive_every_encoding_excel_writes(encoding: str) -> None:
    """A misread é in a name is a name nobody finds again."""
    reading = read("Nègre;Solène;06 39 98 00 17;;;élus\r\n", encoding)

    assert ("Nègre", "Solène", ("élus",)) == (
        reading.lines[0].name,
        reading.lines[0].given_name,
        reading.lines[0].groups,
    )


@pytest.mark.parametrize("title", ["Obs", "OBS.", "Observation", "Commentaires"])
def test_what_an_office_noted_of_somebody_is_a_note(title: str) -> None:
    """« Sourde, laisser sonner », left behind without a word because the title was shortened."""
    reading = read_bytes(f"Nom;Portable;{title}\nPetit;06 39 98 01 06;sourde\n".encode())

    assert "sourde" == reading.lines[0].details["note"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    """Excel, LibreOffice and a copied table each have their own."""
    data = delimiter.join(["Nom", "Tel"]) + "\n" + delimiter.join(["Icher", "0639980001"]) + "\n"

    reading = read_bytes(data.encode())

    assert "+33639980001" == reading.lines[0].endpoints[0].address


@pytest.mark.parametrize(
    "written",
    ["06 39 98 00 01", "639980001", "06.39.98.00.01", "+33 (0)6 39 98 00 01", "0033639980001",
     "639980001,00"],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(written: str) -> None:
    """The zero a spreadsheet eats is the commonest accident of all."""
    reading = read(f"Icher;Noël;{written};;;\r\n")

    assert [Endpoint(Line.MOBILE, "+33639980001", reading.warnings[0].message)] == list(
        reading.lines[0].endpoints
    )


def test_a_household_keeps_both_its_numbers_in_their_order() -> None:
    """Two mobiles in one cell are two people of one house."""
    reading = read("Lautier;;06 39 98 00 14 / 06 39 98 00 15;01 99 00 00 03;;\r\n")

    assert ["+33639980014", "+33639980015", "+33199000003"] == [
        endpoint.address for endpoint in reading.lines[0].endpoints
    ]


@pytest.mark.parametrize(
    ("line", "field", "mend"),
    [
        ("Voyance;;;0899 00 12 34;;", "Téléphone", "surtaxé"),
        ("Bringuier;;06 39 98 01;;;", "Téléphone", "dix chiffres"),
        ("Sentenac;;;;lou@courriel;", "Courriel", "il en manque un morceau"),
        ("Cassé;;6,39980001E+08;;;", "Téléphone", "format Texte"),
        (";Sans nom;06 39 98 00 01;;;", "Nom", "complétez"),
        ("Trop;de;06 39 98 00 01;;;;x;y", "", "point-virgule de trop"),
        ("Secours;;112;;;", "Téléphone", "urgence"),
        ("Court;;3018;;;", "Téléphone", "numéro court"),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_mend(line: str, field: str, mend: str) -> None:
    """The good line before and after it is taken all the same."""
    reading = read(f"Avant;;06 39 98 00 01;;;\r\n{line}\r\nAprès;;06 39 98 00 02;;;\r\n")

    assert ["Avant", "Après"] == [good.name for good in reading.lines]
    assert (3, field) == (reading.refused[0].line, reading.refused[0].field)
    assert mend in reading.refused[0].message


def test_a_cell_with_a_line_break_does_not_shift_the_line_numbers() -> None:
    """The number told is the one the secretary sees at the left of her screen's editor."""
    reading = read('"Maison\r\nde retraite";;06 39 98 00 01;;;\r\nMauvais;;12;;;\r\n')

    assert 4 == reading.refused[0].line


def test_a_refused_second_number_does_not_lose_the_person() -> None:
    """One of two numbers wrong: the person stays, the wrong one is told."""
    reading = read("Delmas;;06 39 98 01 90;0899 00 12 34;;\r\n")

    assert ["+33639980190"] == [endpoint.address for endpoint in reading.lines[0].endpoints]
    assert any("surtaxé" in warning.message for warning in reading.warnings)


@pytest.mark.parametrize(
    ("data", "mend"),
    [
        (b"", "vide"),
        (b"PK\x03\x04classeur", "ne s'ouvre pas : il est abîmé"),
        (b"Rue;Ville\nx;y\n", "Nom"),
        (b"Nom;Ville\nx;y\n", "Téléphone"),
        (b"Nom;Tel\n\0\0\0", "n'est pas une liste"),
        (b"%PDF-1.7\n1 0 obj\nNom;Tel\n", "n'est pas une liste"),
        (b"\xff\xd8\xff\xe0Nom;Tel\n", "n'est pas une liste"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_what_to_do(data: bytes, mend: str) -> None:
    """The mend is in the message, not in a manual."""
    with pytest.raises(Refused, match=mend):
        read_bytes(data)


@given(st.binary(max_size=400))
def test_any_bytes_give_lines_or_a_refusal(data: bytes) -> None:
    """A file from outside never brings anything else down."""
    try:
        reading = read_bytes(data)
    except Refused:
        return

    assert all(line.name for line in reading.lines)


@given(st.text(alphabet=';"\n\r,06 39é@.', max_size=200))
def test_any_cells_under_a_good_head_give_lines_or_a_refusal(body: str) -> None:
    """Broken quotes and stray delimiters are told, not thrown."""
    try:
        reading = read(body, "utf-8")
    except Refused:
        return

    assert all(problem.message for problem in reading.refused)


@given(st.text(alphabet=';"\n/,06 39é@.(', max_size=200))
def test_any_cells_about_a_referent_cost_no_person_and_give_a_number_or_a_warning(
    body: str,
) -> None:
    """The person of the line is there, whatever stands beside them."""
    head = "Nom;Tel;Personne à prévenir;Tél. de la personne à prévenir\nIcher;0639980001;"
    try:
        reading = read_bytes(f"{head}{body}".encode())
    except Refused:
        return

    for line in reading.lines:
        wanted = line.referent
        assert wanted is None or wanted.name or wanted.ways
        assert wanted is None or all(way.address for way in wanted.ways)
    about = [one for one in reading.refused if one.field.startswith("Référent")]
    assert [] == about


def test_a_name_with_a_comma_of_its_own_comes_back_whole() -> None:
    """The directory handed out and taken in again is the same directory."""
    names = ("Crue, bord de mer", "élus", "a; b")

    cell = in_a_cell(names).replace('"', '""')
    reading = read(f'Icher;;06 39 98 00 01;;;"{cell}"\r\n')

    assert names == reading.lines[0].groups


def test_a_date_that_names_a_place_is_no_house_number() -> None:
    """« 8 mai 1945 » is a street in most communes."""
    reading = read_bytes(b"Nom;Tel;Rue\nIcher;0639980001;8 mai 1945\nRoux;0639980002;12 Rue Basse")

    assert [{"street": "8 mai 1945"}, {"number": "12", "street": "Rue Basse"}] == [
        one.details for one in reading.lines
    ]


@pytest.mark.parametrize("written", ["06/39/98/00/14", "06 - 39 - 98 - 00 - 14", "06–39–98–00–14"])
def test_strokes_within_a_number_do_not_part_it(written: str) -> None:
    """« 06/12/34/56/78 » was five numbers, each of them refused."""
    reading = read(f"Icher;;{written};;;\r\n")

    assert ["+33639980014"] == [one.address for one in reading.lines[0].endpoints]
    assert ["06 39 98 00 14"] == [one.field for one in reading.warnings]  # of no known operator


@pytest.mark.parametrize(
    "between", [" et ", " - ", " – ", " ou ", "/", "\n", " ", " et/ou ", "\r\n", " & "]
)
def test_two_numbers_in_a_cell_are_two_whatever_stands_between(between: str) -> None:
    """Nobody is left out of an alert for an « et »."""
    reading = read(f'Icher;;"06 39 98 00 14{between}01/99/00/00/03";;;\r\n', "utf-8")

    assert ["+33639980014", "+33199000003"] == [one.address for one in reading.lines[0].endpoints]
    assert [] == reading.refused


@pytest.mark.parametrize("between", ["\n", " - ", " et ", " & "])
def test_a_good_number_is_parted_from_a_bad_one(between: str) -> None:
    """The person stays, the bad number is told."""
    reading = read(f'Icher;;"06 39 98 00 14{between}+32 470 12 34 56";;;\r\n')

    assert ["+33639980014"] == [one.address for one in reading.lines[0].endpoints]
    assert "étranger" in reading.warnings[0].message


POSTCODES = b"Nom;Tel;Code postal\nIcher;0639980001;%s\n"


@pytest.mark.parametrize("written", [b"1000", b"1000,0", b"01000", b"01 000"])
def test_the_zero_a_spreadsheet_eats_of_a_postcode_comes_back(written: bytes) -> None:
    """Bourg-en-Bresse is 01000, whatever Excel thinks."""
    reading = read_bytes(POSTCODES % written)

    assert "01000" == reading.lines[0].details["postcode"]
    told = [one.message for one in reading.warnings if one.field == "Code postal"]
    assert [True] * written.startswith(b"1") == ["le zéro du début" in one for one in told]


def test_a_postcode_that_is_none_is_told_and_left_out() -> None:
    """Taken in, it would forbid every later change of the card."""
    reading = read_bytes(POSTCODES % b"B-1000")

    assert "postcode" not in reading.lines[0].details
    (told,) = (one for one in reading.warnings if one.field == "Code postal")
    assert "cinq chiffres" in told.message


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("0639980001 0639980002, 06 39 98 00 03",
         [("", "0639980001"), ("", "0639980002"), ("", "06 39 98 00 03")]),
        ("Anne Alibert 06 39 98 00 01, Bob Cros 06 39 98 00 02",
         [("Anne Alibert", "06 39 98 00 01"), ("Bob Cros", "06 39 98 00 02")]),
        ("Anne Alibert, fixe 01 99 00 00 01, portable 06 39 98 00 01",
         [("Anne Alibert", "01 99 00 00 01 / 06 39 98 00 01")]),
        ("Anne Alibert 06 39 98 00 01, 01 99 00 00 01",
         [("Anne Alibert", "06 39 98 00 01 / 01 99 00 00 01")]),
        ("personne", [("personne", "")]),
        ("Anne Alibert, 06 39 98 00 01, Bob Cros, 06 39 98 00 02",
         [("Anne Alibert", "06 39 98 00 01"), ("Bob Cros", "06 39 98 00 02")]),
        ("ALIBERT, Anne 06 39 98 00 01 ; CROS, Bob 06 39 98 00 02, 01 99 00 00 02",
         [("ALIBERT Anne", "06 39 98 00 01"), ("CROS Bob", "06 39 98 00 02 / 01 99 00 00 02")]),
        ("Anne Alibert : mobile 06 39 98 00 01, maison 01 99 00 00 01",
         [("Anne Alibert", "06 39 98 00 01 / 01 99 00 00 01")]),
        ("anne@example.org 06 39 98 00 01, bob@example.org 06 39 98 00 02",
         [("", "06 39 98 00 01"), ("", "06 39 98 00 02")]),
        ("Alibert, 06 39 98 00 01, 3 rue du Port",
         [("Alibert 3 rue du Port", "06 39 98 00 01")]),
        ("Alibert\t06 39 98 00 01\tconjoint 06 39 98 00 02",
         [("Alibert", "06 39 98 00 01 / 06 39 98 00 02")]),
        ("Tél. 06 39 98 00 01, Mob. 06 39 98 00 02",
         [("", "06 39 98 00 01"), ("", "06 39 98 00 02")]),
    ],
)  # fmt: skip
def test_a_pasted_line_of_several_people_is_several_people(
    line: str, people: list[tuple[str, str]]
) -> None:
    """As one contact with three numbers, the second and the third were never written to."""
    assert people == [cells[:2] for _, cells in sheet.pasted(line).rows]
