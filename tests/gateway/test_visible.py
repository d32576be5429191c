"""What cannot be seen in a name or a text comes in by no door; what French needs stays."""

from __future__ import annotations

import io

import openpyxl
import pytest

from gateway.lists import sheet
from gateway.store import sims
from gateway.visible import all_visible, visible
from tests.gateway.store.ledger import ANNE, NIGHT, Ledger

FRENCH = "L’Haÿ-les-Roses « Éluard », 12\u00a0h\u202f30 – cœur\u2011à\u2011cœur\tet\r\n👩\u200d🚒 №"


@pytest.mark.parametrize(
    "sign", ["\x1b", "\x07", "\x00", "\x7f", "\x9b", "\u202e", "\u2066", "\u200f"]
)
def test_a_sign_that_shows_nothing_is_taken_out(sign: str) -> None:
    """ESC speaks to a terminal; a right-to-left mark makes one number read as another."""
    assert "Faure" == visible(f"Fau{sign}re{sign}")


def test_what_is_written_in_french_stays_as_it_is() -> None:
    """Fine spaces, curled quotes, joined pictures and ends of lines are meant."""
    assert FRENCH == visible(FRENCH)


def test_what_json_brings_is_cleaned_however_deep_but_for_a_password() -> None:
    """A password is compared as it was typed."""
    said = all_visible({"to": [{"name": "A\x1b"}], "password": "a\x1bb", "n": 3, "none": None})

    assert {"to": [{"name": "A"}], "password": "a\x1bb", "n": 3, "none": None} == said


def workbook(*rows: tuple[str, ...]) -> bytes:
    book, data = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(data)
    return data.getvalue()


CARD = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Fau=1Bre=E2=80=AE;"
    b"\r\nTEL:06 39 98 00 44\r\nEND:VCARD\r\n"
)


@pytest.mark.parametrize(
    "data",
    [
        "Nom;Téléphone\r\nFau\x1bre\u202e;06 39 98\u202a 00 44\r\n".encode(),
        CARD,
        workbook(("Nom", "Téléphone"), ("Fau\u202ere\u2066", "06 39 98 00\u202c 44")),
    ],
    ids=["csv", "vcard", "xlsx"],
)
def test_a_list_brings_in_nothing_that_cannot_be_seen(data: bytes) -> None:
    """Address books of telephones put such marks around every number."""
    (row,) = sheet.open_file(data).rows

    assert "Faure" == row[1][0]
    assert "06 39 98 00 44" in row[1]


def test_a_pasted_list_neither() -> None:
    """It comes from the same telephones."""
    ((_, cells),) = sheet.pasted("Fau\x1bre \u202a06 39 98 00 44\u202c").rows

    assert ("Faure", "06 39 98 00 44") == cells[:2]


def test_an_sms_that_comes_in_is_kept_without_them_and_once() -> None:
    """The network may say it twice."""
    ledger = Ledger()
    for _ in range(2):
        sims.keep_received(ledger.db, "sim", ANNE, "Ou\x1bi\u202e", NIGHT, None, 1, 1, NIGHT)

    assert ["Oui"] == [one.text for one in sims.received(ledger.db, 0)]
