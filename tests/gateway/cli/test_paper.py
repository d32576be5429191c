"""``tocsin paper``: the call tree of a box whose service is dead, and of one that runs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from gateway.control import client
from tests.gateway.test_call_tree import text_of, town
from tests.terminal import Terminal

LIST = "Nom;Prénom;Téléphone\nAlibert;Anne;06 39 98 00 01\n"


def a_list(tocsin: Terminal, folder: Path) -> None:
    (folder / "liste.csv").write_text(LIST)
    assert 0 == tocsin("import", str(folder / "liste.csv")).status


def test_a_box_whose_service_is_stopped_prints_it(tocsin: Terminal, tmp_path: Path) -> None:
    """That is the day for which it is."""
    a_list(tocsin, tmp_path)
    done = tocsin("paper", "-o", str(tmp_path / "arbre.pdf"))
    file = tmp_path / "arbre.pdf"

    assert 0 == done.status, done.err
    assert str(file) in done.out
    assert "La Redorte" in text_of(file.read_bytes())
    assert 0o600 == file.stat().st_mode & 0o777


def test_it_is_written_to_a_folder_and_a_missing_one_is_told(
    tocsin: Terminal, tmp_path: Path
) -> None:  # fmt: skip
    """A stick that is not plugged in would have it on the box itself."""
    a_list(tocsin, tmp_path)
    (tmp_path / "cle").mkdir()
    there = tocsin("paper", "--to", str(tmp_path / "cle"))
    nowhere = tocsin("paper", "--to", str(tmp_path / "absente"))
    stick = tocsin("paper", "--to", "usb:ABSENTE")

    assert 0 == there.status, there.err
    assert ["arbre-d-appel-la-redorte.pdf"] == [one.name for one in (tmp_path / "cle").iterdir()]
    assert (1, 1) == (nowhere.status, stick.status)
    assert "branchez" in nowhere.err
    assert "n'est pas branché" in stick.err


def test_a_box_without_data_has_nothing_to_print(tocsin: Terminal) -> None:
    """Two ways at once are refused too."""
    assert 1 == tocsin("paper").status
    assert 2 == tocsin("paper", "--to", "/x", "-o", "y").status


async def test_a_running_box_prints_it_by_its_socket(tmp_path: Path) -> None:
    """The numbers of its modems stand on it."""
    async with town(tmp_path) as box:
        made: dict[str, Any] = await asyncio.to_thread(
            client.ask, box.daemon.config.control_socket, "paper"
        )

    assert made["name"].endswith(".pdf")
    assert json.dumps(made)
