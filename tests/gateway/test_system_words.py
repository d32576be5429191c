"""What the system says in English is said in the words of the sentence it stands in."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from gateway.cli.common import text_of
from gateway.errors import Refused
from gateway.services.workshop import of_port
from gateway.system_words import why
from modem.errors import PortBusy, PortLost
from modem.transport import open_port


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/x"), "rien de ce nom"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "lecture seule"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "ce nom est inconnu"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "rien n'y écoute"),
        (TimeoutError(), "pas de réponse"),
        (OSError(errno.EXDEV, "Invalid cross-device link"), "cross-device"),
        (ValueError("42"), "42"),
    ],
)
def test_a_refusal_of_the_system_is_said_in_french(error: Exception, said: str) -> None:
    """What the table does not have is shown as it came: better English than nothing."""
    assert said in why(error)


def test_a_refusal_of_our_own_keeps_its_sentence_whatever_has_caused_it() -> None:
    refused = Refused("le dossier {path} n'est pas là", path="/mnt/nas")
    refused.__cause__ = FileNotFoundError(errno.ENOENT, "No such file or directory")

    assert "le dossier /mnt/nas n'est pas là" == why(refused)


def test_a_file_that_is_not_there_is_told_without_a_word_of_english(tmp_path: Path) -> None:
    with pytest.raises(Refused) as told:
        text_of(tmp_path / "word")

    assert f"{tmp_path}/word ne peut pas être lu : rien de ce nom n'est là" == told.value.message


async def test_a_port_that_is_none_is_told_without_a_word_of_english(tmp_path: Path) -> None:
    """`tocsin modem probe /dev/ttyUSB9`: the library's own words were shown."""
    with pytest.raises(PortLost) as lost:
        await open_port(str(tmp_path / "ttyUSB9"))

    assert "rien de ce nom n'est là" == of_port(lost.value)


@pytest.mark.parametrize(("holder", "who"), [("ModemManager", "ModemManager"), ("", "un autre")])
def test_a_port_that_is_taken_names_who_has_it(holder: str, who: str) -> None:
    assert of_port(PortBusy("/dev/ttyUSB2", holder)).startswith(who)
