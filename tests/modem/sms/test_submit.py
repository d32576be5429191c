"""SMS-SUBMIT: vectors from the standard's rules, and what we refuse to encode."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.errors import LocalProtocolError
from modem.sms import SubmitPdu, encode_submit
from modem.sms.submit import relative_validity

NUMBER = "+33612345678"
FOUR_DAYS = timedelta(days=4)


def test_a_plain_alert_is_the_known_pdu() -> None:
    """GSM-7, report asked, four days: the octets worked out by hand from 23.040."""
    (pdu,) = encode_submit(
        NUMBER, "Alerte crue: restez chez vous.", concat_reference=1, validity=FOUR_DAYS
    )

    hexadecimal = (
        "0031000B913316325476F80000AA1E4176594E2F83C6F27A59079297E7F4B21E344697F520FBBB3E7701"
    )
    assert SubmitPdu(hexadecimal, 41, NUMBER, 1, 1) == pdu


def test_an_accent_outside_the_alphabet_makes_it_ucs2() -> None:
    """One ê turns the text into 16-bit units; the announced length follows."""
    text = "Alerte : évacuation immédiate, restez prêts."
    (pdu,) = encode_submit(NUMBER, text, concat_reference=1, validity=FOUR_DAYS)

    assert pdu.length == 102
    assert pdu.hex.startswith("0031000B913316325476F80008AA580041006C0065")
    assert pdu.hex.endswith("00EA00740073002E")


def test_a_flash_without_report_is_the_known_pdu() -> None:
    """Class 0 shows the text at once; nothing else changes."""
    (pdu,) = encode_submit(
        NUMBER, "Alerte", concat_reference=1, validity=FOUR_DAYS, flash=True, report=False
    )

    assert pdu.hex == "0011000B913316325476F80010AA064176594E2F03"
    assert pdu.length == 20


def test_a_part_of_a_long_message_starts_on_a_septet() -> None:
    """After six octets of header comes one bit of fill: 153 letters to the part."""
    first, second = encode_submit(NUMBER, "A" * 200, concat_reference=0x2A, validity=FOUR_DAYS)

    assert first.hex.startswith("0071000B913316325476F80000AAA00500032A020182C1603018")
    assert (first.length, first.part, first.total) == (154, 1, 2)
    assert (second.part, second.total) == (2, 2)


def test_a_short_code_is_sent_as_an_unknown_number() -> None:
    """No + means that the network decides what the digits are."""
    (pdu,) = encode_submit("30*18#", "ok", concat_reference=0, report=False)

    assert pdu.hex.startswith("0001000681031AB8")


@pytest.mark.parametrize("number", ["", "+", "06 12", "mairie", "#31#+336", "1" * 21, "٣٣"])
def test_what_is_no_number_is_refused(number: str) -> None:
    """A name or a blank must never slip into the address field as an odd destination."""
    with pytest.raises(LocalProtocolError) as refused:
        encode_submit(number, "x", concat_reference=0)

    assert number not in str(refused.value) or not number


def test_more_parts_than_one_octet_counts_are_refused() -> None:
    """255 parts can be numbered; the 256th must not leave as part 0."""
    with pytest.raises(LocalProtocolError, match="256 parts"):
        encode_submit(NUMBER, "a" * (153 * 255 + 1), concat_reference=0)


@pytest.mark.parametrize(
    ("hours", "octet"),
    [(0, 0x00), (1, 0x0B), (6, 0x47), (12, 0x8F), (24, 0xA7), (48, 0xA8), (96, 0xAA), (168, 0xAD)],
)
def test_validity_is_the_relative_octet(hours: int, octet: int) -> None:
    """The steps of 9.2.3.12.1, at the values alerts use."""
    assert octet == relative_validity(timedelta(hours=hours))


@given(st.integers(min_value=5, max_value=60 * 24 * 7 * 70))
def test_a_message_never_lives_longer_than_asked(minutes: int) -> None:
    """Rounded down, so that a stale alert is dropped by the network rather than delivered."""
    octet = relative_validity(timedelta(minutes=minutes))
    if octet <= 143:
        means = (octet + 1) * 5
    elif octet <= 167:
        means = 12 * 60 + (octet - 143) * 30
    elif octet <= 196:
        means = (octet - 166) * 24 * 60
    else:
        means = (octet - 192) * 7 * 24 * 60

    assert 0 < means <= minutes


def test_a_number_is_not_shown_by_repr() -> None:
    """A PDU that lands in a log must not carry the person's number or words there."""
    (pdu,) = encode_submit(NUMBER, "secret", concat_reference=0)

    assert "336" not in repr(pdu)
    assert pdu.hex not in repr(pdu)
