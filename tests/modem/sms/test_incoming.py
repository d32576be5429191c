"""SMS-DELIVER and SMS-STATUS-REPORT, as networks really write them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.errors import RemoteProtocolError
from modem.events import IncomingSms, StatusReport
from modem.sms import DeliveryVerdict, decode_incoming, encode_submit, reason, split, verdict
from modem.sms.alphabet import from_gsm7, pack, to_gsm7, unpack
from tests.modem.sms.corpus import EXTENDED, GSM7

CET = timezone(timedelta(hours=1))
DELIVER = "07913396050096F5040B913316325476F800006211421050004002CF25"
REPORT = "07913396050096F5062A0B913316325476F8621142102030406211421020704000"


def deliver(text_fields: str, *, first: str = "04", sender: str = "0B913316325476F8") -> str:
    """Return a DELIVER: ``text_fields`` is DCS, then what follows the time stamp."""
    dcs, rest = text_fields.split(" ", 1)
    return f"00{first}{sender}00{dcs}62114210500040{rest}".replace(" ", "")


def test_a_short_reply_is_read() -> None:
    """The commonest thing a town hall receives."""
    expected = IncomingSms("+33612345678", "OK", datetime(2026, 11, 24, 1, 5, tzinfo=CET))

    assert expected == decode_incoming(DELIVER)


def test_a_report_is_read() -> None:
    """Reference 42 was received by the phone four seconds after it was handed over."""
    report = decode_incoming(REPORT)

    assert isinstance(report, StatusReport)
    assert (report.reference, report.recipient, report.status) == (42, "+33612345678", 0)
    assert report.discharged_at is not None
    assert report.submitted_at is not None
    assert timedelta(seconds=4) == report.discharged_at - report.submitted_at


def test_a_report_of_expiry_is_read() -> None:
    """The last octet tells: 46 is the validity period gone by."""
    report = decode_incoming(REPORT[:-16] + "62117210203040" + "46")

    assert isinstance(report, StatusReport)
    assert report.status == 0x46


@pytest.mark.parametrize("first", ["02", "06", "22", "26"])
def test_a_report_is_known_by_its_type_bits_alone(first: str) -> None:
    """Networks set the other bits of the first octet as they please."""
    assert isinstance(decode_incoming(REPORT.replace("062A", f"{first}2A", 1)), StatusReport)


@pytest.mark.parametrize("time", ["00000000000000", "FFFFFFFFFFFFFF"])
def test_a_report_without_a_date_is_still_a_report(time: str) -> None:
    """Some service centres leave the discharge time blank."""
    report = decode_incoming(REPORT[:-16] + time + "00")

    assert isinstance(report, StatusReport)
    assert report.discharged_at is None


def test_a_report_may_carry_more_fields() -> None:
    """What follows the status is optional and of no use."""
    assert decode_incoming(REPORT) == decode_incoming(REPORT + "0100")


@pytest.mark.parametrize("length", ["09", "0A"])
def test_a_sender_may_have_a_name(length: str) -> None:
    """Its length counts half-octets in use; some networks round it up."""
    read = decode_incoming(deliver("00 02CF25", sender=f"{length}D0CD705A9E06"))

    assert isinstance(read, IncomingSms)
    assert read.sender == "Mairi"


@pytest.mark.parametrize("name", ["Mai", "Mairie1", "Orange F", "Sous-Prefet"])
def test_names_of_every_length_are_read(name: str) -> None:
    """Seven letters fill seven octets less seven bits: where readers add an @."""
    packed = pack(to_gsm7(name))
    semi_octets = (7 * len(name) + 3) // 4
    read = decode_incoming(deliver("00 02CF25", sender=f"{semi_octets:02X}D0{packed.hex()}"))

    assert isinstance(read, IncomingSms)
    assert name == read.sender


def test_summer_and_negative_zones_are_read() -> None:
    """The octet's bit 3 is the sign: Saint-Pierre-et-Miquelon is at -3 h."""
    summer = decode_incoming(DELIVER.replace("6211421050004002", "6211421050008002"))
    west = decode_incoming(DELIVER.replace("6211421050004002", "6211421050002902"))

    assert isinstance(summer, IncomingSms)
    assert isinstance(west, IncomingSms)
    assert summer.sent_at is not None
    assert west.sent_at is not None
    assert timedelta(hours=2) == summer.sent_at.utcoffset()
    assert timedelta(hours=-3) == west.sent_at.utcoffset()


def test_parts_tell_their_place() -> None:
    """With an 8-bit reference, and with a 16-bit one whose first letter others lose."""
    narrow = decode_incoming(deliver("08 0C 0500032A0302 00E9D83D DE00", first="44"))
    septets = pack(to_gsm7("Suite")).hex()
    wide = decode_incoming(deliver(f"00 0D 0608041234 0302{septets}", first="44"))

    assert isinstance(narrow, IncomingSms)
    assert isinstance(wide, IncomingSms)
    assert (narrow.text, narrow.reference, narrow.part, narrow.total) == ("é😀", 0x2A, 2, 3)
    assert (wide.text, wide.reference, wide.part, wide.total) == ("Suite", 0x1234, 2, 3)


@pytest.mark.parametrize("total_part", ["0000", "0300", "0304"])
def test_an_impossible_place_is_ignored(total_part: str) -> None:
    """Part 4 of 3 is a whole message by the standard, not a hole for ever."""
    read = decode_incoming(deliver(f"08 08 0500032A{total_part} 00E9", first="44"))

    assert isinstance(read, IncomingSms)
    assert (read.reference, read.part, read.total) == (None, 1, 1)


@pytest.mark.parametrize("dcs", ["00", "11", "C0", "D0", "F0", "80", "40"])
def test_seven_bit_codings_are_read_as_such(dcs: str) -> None:
    """Reserved schemes are to be taken as the default alphabet."""
    read = decode_incoming(deliver(f"{dcs} 02CF25"))

    assert isinstance(read, IncomingSms)
    assert read.text == "OK"


@pytest.mark.parametrize("dcs", ["08", "18", "E0", "48"])
def test_sixteen_bit_codings_are_read_as_such(dcs: str) -> None:
    """E0, a message-waiting text in UCS-2, is where other readers print rubbish."""
    read = decode_incoming(deliver(f"{dcs} 0400E70061"))

    assert isinstance(read, IncomingSms)
    assert read.text == "ça"


def test_half_an_emoji_can_be_stored() -> None:
    """A lone surrogate would make the text impossible to write to the database."""
    read = decode_incoming(deliver("08 040061D83D"))

    assert isinstance(read, IncomingSms)
    assert read.text == "a\ufffd"


def test_eight_bit_data_is_kept() -> None:
    """Data for a program is no text, but it must not stop the reading of others."""
    read = decode_incoming(deliver("04 0248E9"))

    assert isinstance(read, IncomingSms)
    assert read.text == "Hé"


@pytest.mark.parametrize(
    "pdu", ["", "zz", "0", "07", DELIVER[:-2], "0001000B91", deliver("20 02CF25"), "00040199FF"]
)
def test_what_makes_no_sense_is_the_devices_fault(pdu: str) -> None:
    """A broken PDU raises the one error the inbox expects."""
    with pytest.raises(RemoteProtocolError):
        decode_incoming(pdu)


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    """Nothing a network sends may raise anything else."""
    try:
        read = decode_incoming(octets.hex())
    except RemoteProtocolError:
        return
    if isinstance(read, IncomingSms):
        read.text.encode()
        read.sender.encode()


@given(st.text(max_size=60))
def test_any_line_is_read_or_refused(line: str) -> None:
    """A URC between header and PDU may reach the decoder."""
    with pytest.raises(RemoteProtocolError):
        decode_incoming("zz" + line)


def as_deliver(submit: str) -> str:
    """Turn a SUBMIT without validity into the DELIVER a phone would get."""
    octets = bytes.fromhex(submit)
    first = octets[1] & 0x40
    address = 2 + (octets[3] + 1) // 2
    head, tail = octets[3 : 3 + address], octets[3 + address :]
    stamp = bytes.fromhex("62114210500040")
    return (bytes([0, first]) + head + tail[:2] + stamp + tail[2:]).hex()


@given(st.text(max_size=400) | st.text(GSM7 + EXTENDED, max_size=400), st.booleans())
def test_what_we_send_is_what_a_phone_reads(text: str, wide: bool) -> None:
    """Encoded, cut, joined again: the same words, for any text."""
    pdus = encode_submit("+33639980001", text, concat_reference=700, wide_reference=wide)
    read = [decode_incoming(as_deliver(pdu.hex)) for pdu in pdus]

    assert list(split(text, wide)) == [sms.text for sms in read if isinstance(sms, IncomingSms)]


@given(st.lists(st.integers(0, 127), max_size=180), st.integers(0, 6))
def test_packing_is_undone_by_unpacking(septets: list[int], fill: int) -> None:
    """Whatever the fill, the bits come back in order."""
    assert bytes(septets) == unpack(pack(bytes(septets), fill), len(septets), fill)


def test_an_unknown_extension_shows_its_basic_letter() -> None:
    """As the standard asks of a phone that lacks a newer table."""
    assert from_gsm7([0x61, 0x1B, 0x65, 0x62]) == "a€b"
    assert from_gsm7([0x61, 0x1B, 0x62]) == "ab"
    assert from_gsm7([0x61, 0x1B, 0x1B, 0x1B]) == "a  "


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0x00, DeliveryVerdict.DELIVERED),
        (0x1F, DeliveryVerdict.DELIVERED),
        (0x20, DeliveryVerdict.STILL_TRYING),
        (0x3F, DeliveryVerdict.STILL_TRYING),
        (0x46, DeliveryVerdict.FAILED_FOR_EVER),
        (0x5F, DeliveryVerdict.FAILED_FOR_EVER),
        (0x62, DeliveryVerdict.FAILED_FOR_NOW),
        (0x7F, DeliveryVerdict.FAILED_FOR_NOW),
    ],
)
def test_a_status_means_what_the_person_lived(status: int, expected: DeliveryVerdict) -> None:
    """30 is not a success, though its bit 6 is clear: the network is still trying."""
    assert expected is verdict(status)


def test_every_status_has_a_word() -> None:
    """A report must never show an empty reason."""
    assert all(reason(status) for status in range(256))
    assert reason(0x46) == "validity_expired"
    assert "phone_does_not_answer" == reason(0x22) == reason(0x62)


def test_random_corruption_never_escapes() -> None:
    """Bits flipped on a serial line end as a refusal or as another text."""
    rng = random.Random(3)
    for _ in range(3000):
        octets = bytearray.fromhex(rng.choice((DELIVER, REPORT)))
        octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
        try:
            decode_incoming(octets.hex())
        except RemoteProtocolError:
            continue
