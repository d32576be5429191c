"""The emulated network's own PDU coder, judged by libgammu and smspdudecoder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import gammu
import pytest
from smspdudecoder.easy import read_incoming_sms

from modem.emulator import alphabet, numbers
from modem.emulator.pdu import PduError, decode_submit, encode_deliver, encode_report, timestamp
from tests.modem.sms.judges import by_gammu

WINTER = datetime(2026, 11, 24, 1, 5, tzinfo=timezone(timedelta(hours=1)))
CENTRE = "+33695000695"
TEXTS = (
    "OK",
    "Réponse: 1 @ £ $ ¥ èéùìòÇ Øø Åå Δ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ ¤ ¡ÄÖÑÜ§¿äöñüà",
    "Ça ira, merci à vous… l'eau monte côté pont",
    "bien reçu 😀",
    "a",
    "abcdefg",
    "abcdefgh",
)


@pytest.mark.parametrize("text", TEXTS)
def test_others_read_what_a_phone_sends(text: str) -> None:
    """Text, sender and time, as two foreign programs read them."""
    (coded,) = encode_deliver("+33639980001", text, WINTER, centre=CENTRE)

    by_libgammu = gammu.DecodePDU(bytes.fromhex(coded.hex))
    by_python = read_incoming_sms(coded.hex)

    assert by_libgammu["Text"] == text
    assert by_libgammu["Number"] == by_python["sender"] == "+33639980001"
    assert by_libgammu["DateTime"] == by_python["date"] == WINTER
    assert by_libgammu["SMSC"]["Number"] == CENTRE
    assert coded.length == len(coded.hex) // 2 - 8


@pytest.mark.parametrize("text", ["é" * 400, "ê" * 200, "x" * 152 + "€" * 20, "ê" * 66 + "😀" * 9])
def test_others_read_a_long_message_in_its_parts(text: str) -> None:
    """Each part carries reference, total and number, and no character is cut in two."""
    parts = [
        by_gammu(part.hex)
        for part in encode_deliver("+33639980001", text, WINTER, centre=CENTRE, reference=200)
    ]

    assert text == "".join(part.text for part in parts)
    assert [part.part for part in parts] == list(range(1, len(parts) + 1))
    assert {(part.reference, part.total) for part in parts} == {(200, len(parts))}


@pytest.mark.parametrize("name", ["Orange", "SFR", "Mairie 1", "INFO-CRUES"])
def test_others_read_a_sender_by_name(name: str) -> None:
    """Operators write under a name, counted in useful semi-octets."""
    (coded,) = encode_deliver(name, "Bienvenue", WINTER, centre=CENTRE)

    assert gammu.DecodePDU(bytes.fromhex(coded.hex))["Number"] == name


@pytest.mark.parametrize(("status", "words"), [(0x00, "Delivered"), (0x46, "Failed")])
def test_others_read_a_report(status: int, words: str) -> None:
    """Reference, recipient and both times."""
    done = WINTER + timedelta(seconds=7)
    coded = encode_report(255, "+33639980001", WINTER, done, status, CENTRE)

    read = gammu.DecodePDU(bytes.fromhex(coded.hex))

    assert read["Type"] == "Status_Report"
    assert (read["MessageReference"], read["Number"]) == (255, "+33639980001")
    assert (WINTER, done) == (read["DateTime"], read["SMSCDateTime"])
    assert read["Text"] == words


@pytest.mark.parametrize("text", ["Crue: € [é]", "x" * 160, "a", ""])
def test_a_foreign_submit_is_read(text: str) -> None:
    """What libgammu writes for a phone to send, the network understands."""
    message = {
        "Number": "+33639980001",
        "Text": text,
        "Coding": "Default_No_Compression",
        "SMSC": {"Number": CENTRE},
        "Type": "Status_Report",
        "Folder": 2,
        "Class": -1,
        "UDH": {"Type": "NoUDH", "Text": b""},
    }
    submit = decode_submit(gammu.EncodePDU(message, "Submit"))

    assert submit.text == text
    assert submit.recipient == "+33639980001"
    assert submit.wants_report
    assert submit.encoding == "gsm7"


def test_the_standard_examples_are_read() -> None:
    """Flash, UCS-2, validity and the length that AT+CMGS announces."""
    flash = decode_submit(bytes.fromhex("0011000B913316325476F80010AA064176594E2F03"))
    wide = decode_submit(bytes.fromhex("0031000B913316325476F80008AA0400E9D83D"[:-4] + "0020"))

    assert (flash.text, flash.flash, flash.wants_report) == ("Alerte", True, False)
    assert (flash.tpdu_octets, flash.validity) == (20, timedelta(days=4))
    assert (wide.text, wide.encoding, wide.wants_report) == ("é ", "ucs2", True)


@pytest.mark.parametrize(
    ("octet", "validity"),
    [
        (0x00, timedelta(minutes=5)),
        (0x0B, timedelta(hours=1)),
        (0x8F, timedelta(hours=12)),
        (0x90, timedelta(hours=12, minutes=30)),
        (0xA7, timedelta(hours=24)),
        (0xA8, timedelta(days=2)),
        (0xC4, timedelta(days=30)),
        (0xC5, timedelta(weeks=5)),
    ],
)
def test_relative_validity_is_read(octet: int, validity: timedelta) -> None:
    """23.040 9.2.3.12.1: four scales in one octet."""
    pdu = bytes.fromhex(f"0011000B913316325476F80000{octet:02X}0161")

    assert decode_submit(pdu).validity == validity


@pytest.mark.parametrize(
    "pdu",
    [
        "",
        "00",
        "0004",  # a DELIVER's type
        "0011000B913316325476F80000AA02",  # no user data
        "0011000B913316325476F80000AA0161FF",  # too much
        "0011000091",  # no address
        "0011000B9133163254FFF80000AA0161",  # filler among the digits
        "0011000B913316325476F800C0AA0161",  # reserved coding
        "0071000B913316325476F80000AA0805000300020361",  # part 3 of 2
    ],
)
def test_a_malformed_submit_is_refused(pdu: str) -> None:
    """And never crashes the device."""
    with pytest.raises(PduError):
        decode_submit(bytes.fromhex(pdu))


def test_every_character_of_the_alphabet_goes_round() -> None:
    """Packed and unpacked, at every bit offset a header can cause."""
    text = alphabet.BASIC.replace("\x1b", "") + "".join(alphabet.EXTENSION.values())
    septets = alphabet.septets_of(text)

    assert septets is not None
    for fill in range(7):
        packed = alphabet.pack(septets, fill)
        assert alphabet.text_of(alphabet.unpack(packed, len(septets), fill)) == text


@pytest.mark.parametrize(
    "written", ["06 39 98 00 01", "+33639980001", "0033639980001", "06.39.98.00.01"]
)
def test_a_number_is_one_phone_however_written(written: str) -> None:
    """A report or a reply may use another form than the one dialled."""
    assert numbers.canonical(written) == "+33639980001"


def test_a_zone_west_of_greenwich_is_negative() -> None:
    """Bit 3 of the last octet is the sign (23.040, 9.2.3.11)."""
    west = timezone(-timedelta(hours=4))

    assert timestamp(datetime(2026, 1, 2, 3, 4, 5, tzinfo=west)).hex() == "62102030405069"
    assert timestamp(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)).hex() == "62102030405000"
