"""A list that is not well made says so: nobody of it is left out unsaid."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile

import pytest

from gateway.errors import Refused
from gateway.lists import child
from gateway.lists.values import MOST_LINES, Reading

HEAD = "Nom;Téléphone\n"
MANY = "".join(f"Pers{n} Jo;06399815{n:02}\n" for n in range(59))


def read(data: str | bytes) -> Reading:
    opened, proposed = child.open_file(data.encode() if isinstance(data, str) else data)
    return child.read(opened, proposed)


def names(reading: Reading) -> list[str]:
    return [one.name for one in reading.lines]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('"Moulin;0639981599\n' + MANY, id="never closed"),
        pytest.param('"Moulin;0639981599\n' + MANY + '"Dupont";0639981601\n', id="by a next one"),
        pytest.param('"Moulin;0639981599\n' + MANY + 'Rue du "\nX;0639981601\n', id="by chance"),
        pytest.param('"Moulin;0639981599\nSans;\nFin";0639981601\n', id="over one with no number"),
        pytest.param('Icher;0639981597\n"Moulin";"0639981599\n' + MANY, id="in the last cell"),
    ],
)
def test_a_stray_quote_is_refused_with_its_line_and_swallows_nobody(body: str) -> None:
    """« 2 lignes lues » of a list of 61 looks like a success; 59 people are never warned."""
    line = 3 if body.startswith("Icher") else 2

    with pytest.raises(Refused) as refusal:
        read(HEAD + body)

    assert f"Ligne {line} : un guillemet" in refusal.value.message


def test_a_stray_quote_between_commas_is_refused_too() -> None:
    """Telephones and address books write commas."""
    body = 'Nom,Téléphone\n"Moulin,0639981599\n' + MANY.replace(";", ",") + 'Le "\n'

    with pytest.raises(Refused, match="Ligne 2 : un guillemet"):
        read(body)


@pytest.mark.parametrize(
    "table",
    [
        'Nom;Téléphone;Adresse\nIcher;0639981597;"12 rue du Port\n11700 La Redorte"\n',
        'Nom,Téléphone,Adresse\nIcher,0639981597,"12, rue du Port, bât. A\n11700 La Redorte"\n',
        'Nom;Téléphone;Note\nIcher;0639981597;"Sonner fort\nSa fille : 06 39 98 15 99"\n',
    ],
)
def test_a_cell_may_still_have_several_lines(table: str) -> None:
    """Spreadsheets write addresses so."""
    reading = read(table)

    assert (["Icher"], []) == (names(reading), reading.refused)


def test_people_above_the_titles_are_told_each_with_their_line() -> None:
    """Two lists put together: the second one's titles come after the first one's people."""
    reading = read("Mairie de La Redorte;\nAlba;0639981501\nBosc;b@exemple.fr\n" + HEAD + MANY)

    assert [(2, "au-dessus"), (3, "au-dessus")] == [
        (one.line, one.message[:9]) for one in reading.refused
    ]
    assert 59 == len(reading.lines)


def test_a_first_person_with_few_cells_filled_is_no_letterhead() -> None:
    """Without titles, a person of two cells stood above the table and was left out."""
    full = "Bosc;0639981502;2 rue X;11700;La Redorte;nord\n"

    reading = read("Alba;0639981501;;;;\n" + full * 3)

    assert 4 == len(reading.lines)


def test_a_first_row_of_words_nobody_knows_is_said_to_be_taken_for_titles() -> None:
    """« Alba;Rose » without a number, above a list without titles, is a person perhaps."""
    reading = read("Alba;Rose;\nBosc;Jean;0639981502\nCros;Jean;0639981503\n")

    assert [1] == [one.line for one in reading.warnings if "ligne des titres" in one.message]


def test_rows_left_empty_do_not_count_among_the_lines_that_fit() -> None:
    """A sheet with blanks half way down lost its end."""
    data = (HEAD + MANY + ";\n" * MOST_LINES + "Fin Jo;0639981601\n").encode()

    opened, _ = child.open_file(data)

    assert 60 == len(opened.rows)


def test_other_pages_of_a_workbook_that_hold_people_are_named() -> None:
    """« Quartier nord » and « Quartier sud » are pages of one workbook; only one is read."""
    import openpyxl

    book = openpyxl.Workbook()
    for title in ("Nord", "Sud", "Notes"):
        page = book.create_sheet(title)
        page.append(["Nom", "Téléphone"] if title != "Notes" else ["à", "faire"])
        page.append(["Alba", "0639981501"] if title != "Notes" else ["rappeler", "Jean"])
    stored = io.BytesIO()
    book.save(stored)

    reading = read(stored.getvalue())

    assert ["Alba"] == names(reading)
    assert ["seule la feuille « Nord » est lue ; il y a aussi des personnes dans : Sud."] == [
        one.message.partition(" Enregistrez")[0] for one in reading.warnings if one.line == 1
    ]


def test_a_cell_too_long_to_be_kept_whole_is_told() -> None:
    """The end of a note for the rescuers is lost, not the person."""
    reading = read("Nom;Téléphone;Note\nAlba;0639981501;" + "clé chez la voisine " * 30 + "\n")

    assert ["Note pour les secours"] == [
        one.field for one in reading.warnings if "trop long" in one.message
    ]


CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:{0}\nN:{0};;;;\nTEL:0639981501\nEND:VCARD"


def test_two_card_files_put_end_to_end_lose_nobody() -> None:
    """The first ends without a line break, the second begins on its last line."""
    reading = read(CARD.format("Alba") + CARD.format("Bosc") + "\n  " + CARD.format("Cros"))

    assert ["Alba", "Bosc", "Cros"] == names(reading)


def test_a_card_cut_short_is_told_as_what_it_is_and_costs_no_other() -> None:
    """« Le nom manque » of a card that begins with a name sends nobody to the file."""
    cut = CARD.format("Bosc").removesuffix("\nEND:VCARD")

    reading = read("\n".join([CARD.format("Alba"), cut, CARD.format("Cros"), cut]))

    assert ["Alba", "Cros"] == names(reading)
    assert [(2, "Bosc"), (4, "Bosc")] == [(one.line, one.field) for one in reading.refused]
    assert all("s'arrête avant sa fin" in one.message for one in reading.refused)


def test_what_is_said_of_a_long_list_as_a_whole_is_said_once() -> None:
    """A long list is read by several processes, each of which has a share."""
    reading = read("Alba;0639981501\n" + HEAD + MANY * 80)

    assert [1] == [one.line for one in reading.refused if "au-dessus" in one.message]


def test_a_workbook_that_fills_the_memory_is_refused_as_what_it_is() -> None:
    """It was « abîmé » to us, and took 638 MB of a machine that has 256 to spare."""
    import openpyxl

    book, small, data = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.create_sheet().append(["Nom", "Téléphone"])
    book.save(small)
    with zipfile.ZipFile(small) as old, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            vast = old.read(name).replace(b"Nom<", b"a" * 250_000_000 + b"<")
            new.writestr(name, vast, compresslevel=1)
    with pytest.raises(Refused, match="trop de mémoire"):
        child.open_file(data.getvalue())


def test_what_reads_a_list_is_the_first_to_go_when_memory_is_short() -> None:
    """The kernel chooses the largest: beside eight calls that was the daemon."""
    said = (
        "from gateway.lists import child; child._first_to_go(); "
        "print(open('/proc/self/oom_score_adj').read())"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)

    assert 1000 == int(done.stdout)
