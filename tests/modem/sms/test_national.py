"""What people abroad, or with telephones from abroad, write to us in seven bits."""

from __future__ import annotations

import pytest

from modem.events import IncomingSms
from modem.sms.alphabet import pack
from modem.sms.incoming import decode_incoming
from modem.sms.national import LOCKING_SHIFT

ESC = 0x1B


def deliver(header: bytes, septets: list[int], coding: int = 0x00) -> str:
    """Return an SMS-DELIVER from +33612345678 whose header and septets are given."""
    fill = -8 * (len(header) + 1) % 7 if header else 0
    used = (8 * (len(header) + 1) + fill) // 7 if header else 0
    body = (bytes([len(header)]) + header if header else b"") + pack(bytes(septets), fill)
    first = 0x44 if header else 0x04
    head = bytes([0, first, 0x0B, 0x91]) + bytes.fromhex("3316325476F8") + bytes([0, coding])
    when = bytes.fromhex("62114210500040")
    return (head + when + bytes([used + len(septets)]) + body).hex().upper()


def text_of(pdu: str) -> str:
    message = decode_incoming(pdu)
    assert isinstance(message, IncomingSms)
    return message.text


@pytest.mark.parametrize(
    ("language", "escaped", "shown"),
    [
        (1, [0x47, 0x49, 0x53, 0x63, 0x67, 0x69, 0x73], "ĞİŞçğış"),
        (2, [0x09, 0x41, 0x49, 0x4F, 0x55, 0x61, 0x69, 0x6F, 0x75], "çÁÍÓÚáíóú"),
        (3, [0x05, 0x09, 0x0B, 0x0C, 0x5B, 0x5C, 0x7B, 0x7C, 0x7F], "êçÔôÃÕãõâ"),
        (9, [0x65, 0x3C], "€["),
    ],
    ids=["turkish", "spanish", "portuguese", "unknown: the default"],
)
def test_an_escape_shows_the_character_of_its_language(
    language: int, escaped: list[int], shown: str
) -> None:
    """A reply "já recebi" must not arrive as "ja recebi" with holes."""
    septets = [septet for code in escaped for septet in (ESC, code)]

    assert text_of(deliver(bytes([0x24, 1, language]), septets)) == shown


def test_a_locking_shift_changes_the_whole_table() -> None:
    """Turkish and Portuguese telephones write whole messages in their own table."""
    assert text_of(deliver(bytes([0x25, 1, 1]), [0x40, 0x60, 0x1C, 0x07])) == "İçŞı"
    assert text_of(deliver(bytes([0x25, 1, 3]), [0x7B, 0x7C, 0x04, 0x09])) == "ãõêç"


@pytest.mark.parametrize("table", LOCKING_SHIFT.values(), ids=["turkish", "portuguese"])
def test_a_table_has_one_character_per_code(table: str) -> None:
    """A slip of one place would garble every letter behind it."""
    assert len(table) == len(set(table)) == 128
    assert table[0x30:0x3A] == "0123456789"
    assert table[0x41:0x5B] == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert table[0x61:0x7B] == "abcdefghijklmnopqrstuvwxyz"


def test_a_language_and_a_part_number_stand_in_one_header() -> None:
    """Long messages abroad have both."""
    pdu = deliver(bytes([0x00, 3, 0x2A, 2, 1, 0x24, 1, 2]), [ESC, 0x61])
    message = decode_incoming(pdu)

    assert isinstance(message, IncomingSms)
    assert (message.text, message.reference, message.part, message.total) == ("á", 42, 1, 2)


@pytest.mark.parametrize(
    ("coding", "flash"),
    [(0x00, False), (0x10, True), (0x11, False), (0xF0, True), (0xF1, False), (0x18, True)],
)
def test_a_flash_message_is_known_as_one(coding: int, flash: bool) -> None:
    """No device keeps it: what we do not store is gone."""
    message = decode_incoming(deliver(b"", [0x4F, 0x4B], coding))

    assert isinstance(message, IncomingSms)
    assert message.flash is flash
