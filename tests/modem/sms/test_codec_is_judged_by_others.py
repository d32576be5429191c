"""Our SMS-SUBMIT, read by programs that share no line with us."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

import pytest
from gsmmodem.pdu import encodeSmsSubmitPdu

from modem.events import IncomingSms
from modem.sms import SubmitPdu, decode_incoming, encode_submit, is_gsm7, split
from tests.modem.sms.corpus import EXTENDED, GSM7, TEXTS
from tests.modem.sms.judges import (
    Read,
    by_gammu,
    by_gsmmodem,
    by_smspdudecoder,
    by_tshark,
    deliver_of_gammu,
    delivered_by_smspdudecoder,
)

NUMBER = "+33639980042"


def everything(*, wide: bool = False) -> list[tuple[str, SubmitPdu, int]]:
    """Return (text of the part, its PDU, its reference) for the whole corpus."""
    found: list[tuple[str, SubmitPdu, int]] = []
    for reference, text in enumerate(TEXTS, 250):
        parts = split(text, wide)
        pdus = encode_submit(NUMBER, text, concat_reference=reference, wide_reference=wide)
        found += [(part, pdu, reference) for part, pdu in zip(parts, pdus, strict=True)]
    return found


def expected_of(part: str, pdu: SubmitPdu, reference: int) -> Read:
    if pdu.total == 1:
        return Read(part, NUMBER)
    return Read(part, NUMBER, pdu.part, pdu.total, reference)


@pytest.mark.parametrize("wide", [False, True], ids=["8-bit reference", "16-bit reference"])
def test_tshark_reads_what_we_wrote(tmp_path: Path, wide: bool) -> None:
    """The dissector of the standard's own tables finds each text, number and part as sent."""
    ours = everything(wide=wide)
    read = by_tshark([pdu.hex for _, pdu, _ in ours], tmp_path)
    reference_range = 65536 if wide else 256

    expected = [expected_of(part, pdu, ref % reference_range) for part, pdu, ref in ours]
    expected = [
        Read(each.text, NUMBER.removeprefix("+"), each.part, each.total, each.reference)
        for each in expected
    ]
    assert len(ours) > 300
    assert expected == read


@pytest.mark.parametrize("wide", [False, True], ids=["8-bit reference", "16-bit reference"])
def test_libgammu_reads_what_we_wrote(wide: bool) -> None:
    """The library behind most SMS tools of the free world agrees on every part."""
    modulus = 65536 if wide else 256

    wrong = [
        pdu.hex
        for part, pdu, reference in everything(wide=wide)
        if by_gammu(pdu.hex) != expected_of(part, pdu, reference % modulus)
    ]
    assert wrong == []


def test_smspdudecoder_reads_what_we_wrote() -> None:
    """A third reader; where an extension character leaves 7 spare bits it adds an @ of its own."""

    def out_of_its_depth(part: str) -> bool:
        return any(char in EXTENDED for char in part)

    judged = [(part, pdu) for part, pdu, _ in everything() if not out_of_its_depth(part)]

    assert [pdu.hex for part, pdu in judged if by_smspdudecoder(pdu.hex) != part] == []


def test_gsmmodem_reads_what_we_wrote() -> None:
    """The old library agrees, but for its own slips: § is a backtick to it, a last @ is lost."""

    def out_of_its_depth(part: str) -> bool:
        return is_gsm7(part) and ("§" in part or part.endswith("@"))

    judged = [(part, pdu) for part, pdu, _ in everything() if not out_of_its_depth(part)]

    assert [pdu.hex for part, pdu in judged if by_gsmmodem(pdu.hex) != part] == []


def test_gsmmodem_would_have_written_the_same_octets() -> None:
    """Where it can encode at all, it makes the same PDUs, cut at the same places."""
    different: list[str] = []
    for text in TEXTS:
        if set(text) & set("§ÿ`") or any(char > "\uffff" or char == "\u200d" for char in text):
            continue
        theirs = [str(pdu) for pdu in encodeSmsSubmitPdu(NUMBER, text, reference=0)]
        ours = [pdu.hex for pdu in encode_submit(NUMBER, text, concat_reference=0)]
        if theirs != ours:
            different.append(text)

    assert different == []


def test_messages_from_libgammu_are_read_whole() -> None:
    """What another encoder makes of a text reaches us as that text, with its sender and time."""
    sent_at = datetime(2026, 11, 24, 3, 4, 5)  # noqa: DTZ001  # libgammu wants it naive
    for text in TEXTS:
        coding = "Default_No_Compression" if is_gsm7(text) else "Unicode_No_Compression"
        if len(split(text)) > 1 or "\r" in text:
            continue
        read = decode_incoming(deliver_of_gammu("+33639980007", text, sent_at, coding))

        assert isinstance(read, IncomingSms)
        assert (text, "+33639980007") == (read.text, read.sender)
        assert read.sent_at is not None
        assert sent_at == read.sent_at.replace(tzinfo=None)


def test_every_gsm_character_is_read_as_smspdudecoder_reads_it() -> None:
    """Packed at every place of an octet, each basic character is the one the standard lists."""
    shuffled = list(GSM7)
    random.Random(7).shuffle(shuffled)
    for start in range(8):
        text = "".join(shuffled[start:] + shuffled[:start])
        pdu = deliver_of_gammu(
            "+33639980007",
            text,
            datetime(2026, 1, 1),  # noqa: DTZ001
            "Default_No_Compression",
        )
        read = decode_incoming(pdu)

        assert isinstance(read, IncomingSms)
        assert delivered_by_smspdudecoder(pdu) == read.text == text
