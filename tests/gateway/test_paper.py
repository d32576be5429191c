"""Reports as files: what an office opens, and nothing that runs."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from gateway import paper

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def sheet(*rows: tuple[str, ...], title: str = "Crue de l’Argent-Double") -> paper.Sheet:
    return paper.Sheet(title, [("Commune", "La Redorte")], ("Personne", "État"), rows, "7-ab", AT)


def test_a_csv_opens_in_excel_with_its_accents() -> None:
    """Byte order mark, semicolons, and the seal below."""
    data = paper.as_csv(sheet(("Évrard", "a confirmé")))
    assert data.startswith(b"\xef\xbb\xbfPersonne;")
    assert "Évrard;a confirmé\r\n" in data.decode("utf-8-sig")
    assert data.rstrip().endswith(b"Sceau;7-ab")


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3"])
def test_a_name_never_becomes_a_formula(text: str) -> None:
    """Somebody may have typed it into a contact to harm whoever opens the report."""
    rows = list(csv.reader(io.StringIO(paper.as_csv(sheet((text, ""))).decode("utf-8-sig")),
                           delimiter=";"))  # fmt: skip
    cell = load_workbook(io.BytesIO(paper.as_xlsx(sheet((text, "")))))["Personnes"]["A2"]
    assert f"'{text}" == rows[1][0]
    assert ("s", text) == (cell.data_type, cell.value)


def test_a_telephone_number_keeps_its_plus() -> None:
    """It is no formula, and a number without its plus is another's."""
    assert "+33 6 39 98 00 01" == paper.safe("+33 6 39 98 00 01")


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=4))
def test_any_text_can_be_written(rows: list[tuple[str, str]]) -> None:
    """Whatever a contact or a text holds, the report is made."""
    whole = sheet(*rows)
    assert paper.as_csv(whole)
    assert paper.as_xlsx(whole).startswith(b"PK")
    assert paper.as_pdf(whole).startswith(b"%PDF-")


def full() -> paper.Sheet:
    said = (("Urgence", "Alerte"), ("Texte (SMS)", "=L'eau monte.\nPartez."))
    return replace(
        sheet(("Évrard", "a confirmé")), told=said, details_name="Essais",
        details_head=("Personne", "Début"), details=[("Évrard", "12:00"), ("Évrard", "12:02")],
    )  # fmt: skip


def test_a_csv_has_each_try_and_what_was_said_below_what_programs_read_already() -> None:
    """They stop at the first empty line; the seal stays the last."""
    text = paper.as_csv(full()).decode("utf-8-sig")
    sections = [list(csv.reader(io.StringIO(one), delimiter=";")) for one in text.split("\r\n\r\n")]

    assert [["Personne", "État"], ["Évrard", "a confirmé"]] == sections[0]
    assert [["Personne", "Début"], ["Évrard", "12:00"], ["Évrard", "12:02"]] == sections[1]
    assert ["Texte (SMS)", "'=L'eau monte.\nPartez."] == sections[2][1]
    assert [["Sceau", "7-ab"]] == sections[3]


def test_a_workbook_has_each_try_on_a_sheet_and_what_was_said_on_the_first() -> None:
    """The sheet of people stays where it was."""
    book = load_workbook(io.BytesIO(paper.as_xlsx(full())))
    about = {row[0].value: row[1].value for row in book["Message"]}

    assert ["Message", "Personnes", "Essais"] == book.sheetnames
    assert ("Évrard", "12:02") == tuple(cell.value for cell in book["Essais"][3])
    assert ("Alerte", "7-ab") == (about["Urgence"], about["Sceau"])
    assert about["Texte (SMS)"].startswith("=L'eau")


def test_a_file_made_aside_is_the_same() -> None:
    """The child reads what the parent wrote, accents and all."""
    whole = replace(full(), title="œuvre 😀")
    assert paper.as_csv(whole) == paper.make(whole, "csv")
    assert paper.make(whole, "pdf").startswith(b"%PDF-")
