"""Nothing a port may bring breaks a parser: only declared errors, bounded memory and time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from modem import commands
from modem.commands import BARE, Command, do, fields_of, whole_text
from modem.connection import AtConnection
from modem.errors import CommandFailed, LocalProtocolError, ModemError, RemoteProtocolError
from modem.events import IncomingSms, StatusReport
from modem.framing import LONGEST_LINE, LineFramer
from modem.profiles import PROFILES
from modem.refusal import Refusal, judge
from modem.release import cause_of
from modem.sms import decode_incoming, encode_submit
from modem.sms.submit import without_validity
from modem.ussd import parse_reply
from tests.modem.transcripts.replay import all_transcripts

#: PDUs that once taught something: real ones, and those of the standard's odd corners.
CORPUS = [
    "07913396050096F5040B913316325476F800006211421050004002CF25",
    "07913396050096F5062A0B913316325476F8621142102030406211421020704000",
    "00040DD0CD705A9E06000062114210500040024F25",
    "0004000000F600000000000000050024010300",
    "00",
    "",
    "FF" * 176,
    "0044000000000000000000000000A00500032A0201" + "41" * 130,
]
#: All that devices really said, cut into lines.
SAID = sorted(
    {
        line
        for transcript in all_transcripts()
        for step in transcript.steps
        for line in step.heard.splitlines(keepends=True)
    }
)
RUNS = settings(
    max_examples=300, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip

hexadecimal = st.binary(max_size=200).map(lambda data: data.hex().upper())


def mutated(text: str) -> st.SearchStrategy[str]:
    """Return PDUs a few characters away from ``text``."""
    alphabet = st.sampled_from("0123456789ABCDEF")
    edits = st.lists(st.tuples(st.integers(0, max(0, len(text) - 1)), alphabet), max_size=6)

    def apply(changes: list[tuple[int, str]]) -> str:
        digits = list(text)
        for at, digit in changes:
            if digits:
                digits[at] = digit
        return "".join(digits)

    return st.tuples(edits.map(apply), st.integers(0, 40)).map(
        lambda pair: pair[0][: len(pair[0]) - pair[1]]
    )


@RUNS
@given(st.one_of(hexadecimal, st.text(max_size=60), st.sampled_from(CORPUS).flatmap(mutated)))
@example(CORPUS[0])
@example(CORPUS[3])
@example(CORPUS[6])
@example(CORPUS[7])
def test_any_pdu_is_decoded_or_said_to_be_none(text: str) -> None:
    """One malformed SMS must not stop the messages behind it."""
    try:
        event = decode_incoming(text)
    except RemoteProtocolError:
        return
    assert isinstance(event, IncomingSms | StatusReport)
    if isinstance(event, IncomingSms):
        assert len(event.text) <= 320
        assert 1 <= event.part <= event.total <= 255


@RUNS
@given(
    st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(SAID)), max_size=40),
    st.sampled_from(["AT", "AT+CMGL=4", "AT+CMGS=20", "ATD1;", "AT+CGMI", "AT+CPIN?"]),
)
@example([b"COMMAND NOT SUPPORT\r", b">"], "AT+CMGS=20")
@example([b"+CMS ERROR: \xb2\r\n"], "AT")
@example([b"+CMT: ,\xb2\r\n"], "AT")
def test_any_bytes_are_understood_the_same_in_any_chunks(pieces: list[bytes], said: str) -> None:
    """Noise, glued lines and half answers: no error, and no difference byte by byte."""
    data = b"".join(pieces)
    results = []
    for chunks in ([data], [data[at : at + 1] for at in range(len(data))]):
        connection = AtConnection()
        connection.begin(_as_said(said), said)
        results.append([repr(event) for chunk in chunks for event in connection.receive(chunk)])
        assert len(connection.heard) <= len(data)

    assert results[0] == results[1]


def _as_said(text: str) -> Command[object]:
    if text == "AT+CMGS=20":
        return Command(text, whole_text, reply="+CMGS", prompt=True)
    reply = {"AT": None, "AT+CMGL=4": "+CMGL", "AT+CPIN?": "+CPIN"}.get(text, BARE)
    return Command(text, whole_text, reply=reply, dials=text.startswith("ATD"))


@RUNS
@given(st.sampled_from(SAID) | st.binary(max_size=120))
@example(b"\xb2")
@example(b"+CMS ERROR: \xb2")
@example(b"+CMT: ,\xb2")
def test_any_line_is_read_by_every_parser_or_refused(line: bytes) -> None:
    """A parser's own error must never look like a defect of ours."""
    text = line.decode("latin-1").strip()
    parsers = [value for value in vars(commands).values() if isinstance(value, Command)]
    for command in parsers:
        try:
            command.parse([text, "00FF00FF00FF00FF"])
        except (RemoteProtocolError, ValueError, IndexError):
            continue  # the link makes a RemoteProtocolError of all three
    for profile in PROFILES:
        profile.sign_of(text)
        profile.pin_tries.parse([text])
    fields_of(text)
    cause_of(text, None)
    assert isinstance(judge(CommandFailed("AT", "CMS", None, text)), Refusal)
    try:
        parse_reply(text)
    except RemoteProtocolError:
        return


@RUNS
@given(st.text(max_size=400), st.integers(0, 65535), st.booleans(), st.booleans())
def test_any_text_becomes_pdus_no_device_chokes_on(
    text: str, reference: int, wide: bool, flash: bool
) -> None:
    """Over-long PDUs have hung and rebooted sticks."""
    try:
        pdus = encode_submit(
            "+33639980001", text, concat_reference=reference, wide_reference=wide, flash=flash
        )
    except (LocalProtocolError, UnicodeEncodeError):
        return
    for pdu in pdus:
        assert pdu.length <= 164
        assert len(pdu.hex) == 2 * (pdu.length + 1)
        assert without_validity(pdu) is None


@pytest.mark.parametrize("piece", [b"\x7e\x10\x99", b"\0", b"A", b'+CUSD: 0,"', b"\r", b"> "])
def test_a_port_that_never_stops_costs_bounded_memory_and_time(piece: bytes) -> None:
    """A diagnostic port gives megabytes: a moment of work each, and nothing kept."""
    framer = LineFramer()
    connection = AtConnection()
    connection.begin(do("AT"), "AT")
    data = piece * (65536 // len(piece))
    began = time.process_time()
    for _ in range(16):
        framer.feed(data)
        connection.receive(data)

    assert time.process_time() - began < 5
    assert len(framer._rest) <= LONGEST_LINE
    assert sum(map(len, connection.heard)) <= 65536


def test_information_without_end_is_not_kept_for_ever() -> None:
    """A device that lists and never says OK must not fill the memory of the box."""
    connection = AtConnection()
    connection.begin(Command("AT+CGMI", whole_text, reply=BARE), "AT+CGMI")
    for number in range(100_000):
        connection.receive(b"\r\nchatter %d\r\n" % number)

    assert len(connection.heard) < 10_000


def test_headers_whose_pdu_never_comes_are_not_kept_for_ever() -> None:
    """+CMT after +CMT, and no message."""
    connection = AtConnection()
    for _ in range(20_000):
        connection.receive(b"\r\n+CMT: ,21\r\n")

    assert len(connection._headers) < 1000


def test_the_corpus_is_kept_here() -> None:
    """Whoever finds a PDU that breaks something adds it to the list above."""
    assert Path(__file__).read_text(encoding="utf-8").count('"07913396') >= 2
    assert issubclass(RemoteProtocolError, ModemError)
