"""Bytes to events: any chunking, any gap, and what each line means given what was asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem import commands
from modem.connection import (
    AtConnection,
    CallResult,
    Completed,
    Event,
    Notification,
    Prompted,
    Refused,
)
from modem.errors import LocalProtocolError
from modem.framing import LONGEST_LINE, Line, LineFramer, PromptSign
from modem.voice import _DIAL

REPORT = "07913396050096F5062A0B913316325476F8621142102030406211421020704000"
DELIVER = "07913396050096F5040B913316325476F800006211421050004002CF25"
URCS = (
    b"\r\n^RSSI:17\r\n",
    b'\r\n+CMTI: "ME",3\r\n',
    b"\r\r\n+RXDTMF: 8\r\r\n",
    b'\r\n+CREG: 1,"00C3","1A2B",7\r\n',
    b"\r\n+CDS: 25\r\n" + REPORT.encode() + b"\r\n",
    b"\r\nVOICE CALL: BEGIN\r\n",
)


def lines(data: bytes) -> list[str]:
    return [token.text for token in LineFramer().feed(data) if isinstance(token, Line)]


def test_doubled_carriage_returns_of_sim7600_are_one_end() -> None:
    """It ends its notifications with CR CR LF."""
    assert lines(b"\r\r\n+RXDTMF: 8\r\r\n+CRING: VOICE\r\r\n") == ["+RXDTMF: 8", "+CRING: VOICE"]


def test_a_missing_carriage_return_of_sierra_is_no_harm() -> None:
    """It drops the leading one before call results."""
    assert lines(b"\nNO CARRIER\r\nOK\n") == ["NO CARRIER", "OK"]


def test_nuls_of_a_zte_port_are_dropped() -> None:
    """A port just opened may begin with them."""
    assert lines(b"\0\0\0\r\nOK\r\n") == ["OK"]


def test_a_ussd_text_may_hold_line_ends() -> None:
    """A balance text with an OK in it must not end somebody's command."""
    text = b'\r\n+CUSD: 0,"Solde\r\nOK\r\n3 EUR",15\r\n'

    assert lines(text) == ['+CUSD: 0,"Solde\r\nOK\r\n3 EUR",15']


def test_a_quote_never_closed_is_given_up() -> None:
    """Else the port would be deaf for ever."""
    assert lines(b'+CUSD: 0,"' + b"x" * 600 + b"\r\nOK\r\n")[-1] == "OK"


def test_a_port_that_never_ends_a_line_is_bounded() -> None:
    """A diagnostic port must not fill the memory of the box."""
    framer = LineFramer()
    for _ in range(100):
        framer.feed(b"\x7e\x45" * 500)

    assert framer.discarded >= 90_000
    assert framer.feed(b"\r\nOK\r\n")[-1] == Line("OK")
    assert LONGEST_LINE == 4096


@pytest.mark.parametrize("prompt", [b"\r\n> ", b"\r\n>", b">\r\n", b"\n> "])
def test_a_prompt_is_seen_without_an_end_of_line(prompt: bytes) -> None:
    """Odd devices write it short; it is one prompt all the same."""
    framer = LineFramer()
    framer.expect_prompt = True

    assert framer.feed(prompt) == [PromptSign()]
    assert framer.feed(b"\r\nOK\r\n") == [Line("OK")]


def test_a_greater_sign_is_no_prompt_unless_one_is_due() -> None:
    """It may begin a line of somebody's text."""
    assert lines(b"\r\n> hello\r\n") == ["> hello"]


def exchange(data: bytes, chunks: list[bytes], command: commands.Command[object]) -> list[Event]:
    connection = AtConnection()
    connection.begin(command, command.text)
    events: list[Event] = []
    for chunk in chunks or [data]:
        events += connection.receive(chunk)
    return events


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    chunks = []
    for size in sizes:
        chunks.append(data[:size])
        data = data[size:]
    return [*chunks, data]


SCENES: list[tuple[commands.Command[object], list[bytes]]] = [
    (commands.SIGNAL, [b"AT+CSQ\r", b"\r\n+CSQ: 20,99\r\n", b"\r\nOK\r\n"]),
    (commands.REGISTRATION, [b'\r\n+CREG: 2,1,"00C3","1A2B"\r\n', b"\r\nOK\r\n"]),
    (
        commands.LIST_MESSAGES,
        [
            b"\r\n+CMGL: 1,0,,21\r\n",
            DELIVER.encode() + b"\r\n",
            b"+CMGL: 2,1,,21\r\n",
            DELIVER.encode() + b"\r\n",
            b"\r\nOK\r\n",
        ],
    ),
    (commands.MODEL, [b"\r\nSIMCOM_SIM7600G-H\r\n", b"\r\nOK\r\n"]),
    (commands.SUBMIT, [b"AT+CMGS=41\r\r\n> "]),
    (commands.SIM_STATE, [b"\r\n+CME ERROR: SIM busy\r\n"]),
]


@pytest.mark.parametrize(("command", "pieces"), SCENES, ids=[scene[0].text for scene in SCENES])
def test_bytes_one_by_one_say_the_same(
    command: commands.Command[object], pieces: list[bytes]
) -> None:
    """A slow line is no other language; notifications fit into every gap."""
    for gap in range(len(pieces) + 1):
        for urc in URCS:
            if command.text.startswith("AT+CMGL") and urc.startswith(b"\r\n+CDS") and gap in {1, 3}:
                continue  # two headers of different length: see the test of its own
            data = b"".join((*pieces[:gap], urc, *pieces[gap:]))
            whole = exchange(data, [], command)
            trickled = exchange(data, [bytes([byte]) for byte in data], command)

            assert repr(whole) == repr(trickled)
            assert sum(isinstance(event, Notification) for event in whole) == 1
            assert sum(not isinstance(event, Notification) for event in whole) == 1


@given(st.lists(st.integers(1, 9), max_size=40), st.sampled_from(SCENES))
def test_any_chunks_say_the_same(
    sizes: list[int], scene: tuple[commands.Command[object], list[bytes]]
) -> None:
    """Where a read ends is an accident."""
    command, pieces = scene
    data = b"".join((URCS[0], *pieces, URCS[4]))

    whole = exchange(data, [], command)

    assert repr(whole) == repr(exchange(data, cut(data, sizes), command))


@given(st.lists(st.binary(max_size=30), max_size=20))
def test_garbage_raises_nothing(chunks: list[bytes]) -> None:
    """A torn line or a wrong baud rate ends as silence, never as a crash."""
    exchange(b"", chunks, commands.SIGNAL)


def test_a_report_between_a_stored_message_and_its_pdu_is_told_apart() -> None:
    """Each header announced a length: that tells whose line it is."""
    data = f"+CMGL: 1,0,,21\r\n+CDS: 25\r\n{REPORT}\r\n{DELIVER}\r\nOK\r\n".encode()
    events = exchange(data, [], commands.LIST_MESSAGES)

    assert events == [
        Notification("+CDS: 25", REPORT),
        Completed(("+CMGL: 1,0,,21", DELIVER)),
    ]


def test_zte_leaves_a_blank_before_the_length_of_a_report() -> None:
    """``+CDS: ,25`` is a report like any other."""
    events = AtConnection().receive(f"\r\n+CDS: ,25\r\n{REPORT}\r\n".encode())

    assert events == [Notification("+CDS: ,25", REPORT)]


@pytest.mark.parametrize(
    "line",
    ["ERROR", "COMMAND NOT SUPPORT", "TOO MANY PARAMETERS", "+CME ERROR: 3", "+CMS ERROR: 5"],
)
def test_refusals_in_every_dialect_end_a_command(line: str) -> None:
    """Huawei sticks have words of their own; waiting for ERROR would be a time-out."""
    (event,) = exchange(f"\r\n{line}\r\n".encode(), [], commands.SIGNAL)

    assert isinstance(event, Refused)


def test_a_glued_refusal_is_cut_from_what_follows() -> None:
    """A Huawei stick was heard to say ERROR+CNUM without a break."""
    events = exchange(b'\r\nERROR+CNUM: "","",129\r\n', [], commands.SIGNAL)

    assert isinstance(events[0], Refused)
    assert events[1:] == [Notification('+CNUM: "","",129')]


def test_no_carrier_ends_a_dialling_and_notifies_otherwise() -> None:
    """The same words: the result of ATD, or the end of a live call."""
    line = b"\r\nNO CARRIER\r\n"

    assert exchange(line, [], _DIAL) == [CallResult("NO CARRIER")]
    assert exchange(line, [], commands.SIGNAL) == [Notification("NO CARRIER")]
    assert AtConnection().receive(line) == [Notification("NO CARRIER")]


def test_words_of_a_booting_modem_are_not_its_model() -> None:
    """SMS Ready in the middle of AT+CGMM must not become the model's name."""
    data = b"\r\nSMS Ready\r\n\r\nSIM7600\r\n\r\nRING\r\n\r\nOK\r\n"

    assert exchange(data, [], commands.MODEL)[-1] == Completed(("SIM7600",))


def test_an_iccid_answered_under_another_name_is_still_the_answer() -> None:
    """AT+CICCID of SIM7600 is answered with +ICCID."""
    events = exchange(b"\r\n+ICCID: 8933\r\n\r\nOK\r\n", [], commands.ask("AT+CICCID"))

    assert events == [Completed(("+ICCID: 8933",))]


def test_results_nobody_asked_for_are_counted() -> None:
    """They are what a late answer looks like; the resynchronisation counts them."""
    connection = AtConnection()
    connection.receive(b"\r\nOK\r\n\r\nERROR\r\n\r\n0891\r\n")

    assert (connection.strays, connection.garbage) == (2, 1)


def test_two_commands_at_once_are_our_own_mistake() -> None:
    """And so is one with a line end inside, or a PDU nobody asked for."""
    connection = AtConnection()
    with pytest.raises(LocalProtocolError):
        connection.payload("00")
    with pytest.raises(LocalProtocolError):
        connection.begin(commands.SIGNAL, "AT+CSQ\rATD112;")
    connection.begin(commands.SIGNAL, "AT+CSQ")
    with pytest.raises(LocalProtocolError):
        connection.begin(commands.SIGNAL, "AT+CSQ")


def test_a_prompt_comes_once() -> None:
    """What follows is the PDU's affair."""
    connection = AtConnection()
    connection.begin(commands.SUBMIT, "AT+CMGS=20")

    assert connection.receive(b"\r\n> ") == [Prompted()]
    assert connection.payload("0011") == b"0011\x1a"
    assert connection.receive(b"0011\x1a\r\n+CMGS: 9\r\n\r\nOK\r\n") == [Completed(("+CMGS: 9",))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("+COPS: 0", commands.Operator("", "")),
        ('+COPS: 0,0,"Orange F",7', commands.Operator("Orange F", "4G")),
        ('+COPS: 0,2,"20801",2', commands.Operator("20801", "3G")),
        ('+COPS: 0,0,"004F00720061006E0067006500200046",0', commands.Operator("Orange F", "2G")),
    ],
)
def test_cops_replies_are_read(line: str, expected: commands.Operator) -> None:
    """Also where the device prints the name in UCS-2 digits whatever it was asked."""
    assert commands.parse_operator([line]) == expected


@pytest.mark.parametrize(
    ("line", "stat"), [("+CREG: 2,1", 1), ("+CREG: 5", 5), ('+CREG: 1,"00","11"', 1)]
)
def test_creg_replies_are_read(line: str, stat: int) -> None:
    """With and without the mode in front."""
    assert commands.parse_registration([line]) == stat


def test_csq_99_is_unknown() -> None:
    """It is not a very strong signal."""
    assert commands.parse_signal(["+CSQ: 99,99"]) is None
    assert commands.parse_signal(["+CSQ: 31,0"]) == -51


def test_clcc_rows_are_read() -> None:
    """Data calls and rows of state 6 are no calls of ours."""
    rows = commands.parse_call_list(
        [
            '+CLCC: 1,0,3,0,0,"0639980001",129',
            "+CLCC: 2,1,4,0,0",
            "+CLCC: 3,0,0,1,0",
            "+CLCC: 1,0,6,0,0",
            "+CLCC: x",
        ]
    )

    assert [(row.ours, row.state, row.number) for row in rows] == [
        (True, 3, "0639980001"),
        (False, 4, ""),
    ]
