"""Lists of people and batches of texts, given to the command line in a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli.send import read_batch
from gateway.errors import Refused
from tests.gateway.store.ledger import ANNE
from tests.terminal import Terminal


def test_an_import_takes_the_good_lines_and_names_each_bad_one(
    tocsin: Terminal, tmp_path: Path
) -> None:
    """Six hundred lines must not be refused for the two that are wrong."""
    people = tmp_path / "liste.csv"
    people.write_bytes(
        "Nom;Prénom;Téléphone;Groupe\nDürand;Hélène;06 39 98 00 01;élus\n;Jean;0639980002;\n"
        "Martin;Zoé;112;\nPetit;Léa;6,4E+08;\nBlanc;Ève;639980003;élus\n".encode("cp1252")
    )
    told = tocsin("import", str(people), "--group", "tous")
    lines = [line.split(",")[0].split(" :")[0] for line in told.err.splitlines()]

    assert 0 == told.status
    assert {"ligne 3", "ligne 4", "ligne 5"} <= set(lines)
    assert "urgence" in told.err
    assert "Excel" in told.err
    assert "2 contacts ajoutés" in told.out
    assert "3 refus" in told.out


def test_an_import_in_json_says_the_same(tocsin: Terminal, tmp_path: Path) -> None:
    """For the software of the commune."""
    people = tmp_path / "liste.csv"
    people.write_text("Nom;Tél\nAnne;0639980001\nBruno;12\n", encoding="utf-8-sig")
    told = json.loads(tocsin("import", str(people), "--json").out)

    assert (1, [3]) == (told["added"], [problem["line"] for problem in told["refused"]])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "vide"),
        (b"PK\x03\x04rest", "enregistrez-le de nouveau"),
        (b"Prix;Stock\n1;2\n", "Nom"),
    ],
)
def test_a_file_that_is_no_contact_list_is_refused_with_the_mend(
    tocsin: Terminal, tmp_path: Path, data: bytes, said: str
) -> None:
    """The workbook itself is what people send first."""
    (tmp_path / "liste.csv").write_bytes(data)
    told = tocsin("import", str(tmp_path / "liste.csv"))

    assert (1, "") == (told.status, told.out)
    assert said in told.err


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '"06"', '{"to": "0639980001"}', '{"to": 639980001, "text": "x"}', "null", "12"],
)
def test_a_broken_line_of_a_batch_is_named_and_nothing_leaves(
    tocsin: Terminal, tmp_path: Path, line: str
) -> None:
    """Half a batch sent, and nobody knows which half, would be worse."""
    batch = tmp_path / "batch.jsonl"
    good = json.dumps({"to": ANNE, "text": "Crue."})
    batch.write_text(f"{good}\n\n{line}\n{good}\n", encoding="utf-8")
    told = tocsin("send", "--batch", str(batch))

    assert 1 == told.status
    assert "ligne 3" in told.err
    assert "ligne 4" not in told.err


def test_a_batch_goes_alone(tocsin: Terminal, tmp_path: Path) -> None:
    """Its texts are its own."""
    (tmp_path / "b.jsonl").write_text("", encoding="utf-8")

    assert 2 == tocsin("send", "--batch", str(tmp_path / "b.jsonl"), "--to", ANNE).status


def test_many_broken_lines_are_counted_not_poured_out(tmp_path: Path) -> None:
    """Ten show the pattern."""
    batch = tmp_path / "batch.jsonl"
    batch.write_text("x\n" * 300, encoding="utf-8")

    with pytest.raises(Refused, match="290 autres lignes") as refused:
        read_batch(batch)
    assert 12 == len(str(refused.value).splitlines())


def test_a_batch_written_by_a_spreadsheet_program_is_read(tmp_path: Path) -> None:
    """A mark at the beginning, blank lines, accents."""
    batch = tmp_path / "batch.jsonl"
    batch.write_text('{"to": "06", "text": "Été"}\n\n', encoding="utf-8-sig")

    assert [{"to": "06", "text": "Été"}] == read_batch(batch)
