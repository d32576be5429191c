"""The AT dialogue, byte for byte, as ITU-T V.250 and real modems have it."""

from __future__ import annotations

import pytest

from modem.emulator import Gap
from modem.emulator.commandline import Form, Request, split
from tests.modem.emulator.host import ESC, FLOOD, PHONE, SUB, host


async def test_echo_is_on_at_power_up_and_repeats_the_carriage_return() -> None:
    """A driver must find its reply behind its own words."""
    async with host(echo=True) as modem:
        assert await modem.says("AT+CMEE=1\r") == b"AT+CMEE=1\r\r\nOK\r\n"


async def test_echo_off_leaves_only_the_answer() -> None:
    """ATE0 itself is still echoed; nothing after it is."""
    async with host(echo=True) as modem:
        assert await modem.says("ATE0\r") == b"ATE0\r\r\nOK\r\n"
        assert await modem.says("AT\r") == b"\r\nOK\r\n"


async def test_numeric_results_have_no_line_feed() -> None:
    """ATV0 is legal, and some programs leave a modem that way."""
    async with host() as modem:
        assert await modem.says("ATV0\r") == b"0\r"
        assert await modem.says("AT+NOSUCH\r") == b"4\r"
        assert await modem.says("AT+CSQ\r") == b"+CSQ: 19,99\r\n0\r"


async def test_quiet_says_no_result_at_all() -> None:
    """ATQ1 makes a modem look dead; the start-up must undo it."""
    async with host() as modem:
        assert await modem.says("ATQ1\r") == b""
        assert await modem.says("ATQ0\r") == b"\r\nOK\r\n"


@pytest.mark.parametrize(
    ("level", "answer"),
    [
        (0, b"\r\nERROR\r\n"),
        (1, b"\r\n+CME ERROR: 3\r\n"),
        (2, b"\r\n+CME ERROR: operation not allowed\r\n"),
    ],
)
async def test_cmee_shapes_an_error_of_the_device(level: int, answer: bytes) -> None:
    """27.007 9.1: bare, numbered or in words, and all three are met in the field."""
    async with host() as modem:
        await modem.says(f"AT+CMEE={level}\r")

        assert await modem.says("AT+VTS=1\r") == answer


@pytest.mark.parametrize(
    ("level", "answer"),
    [
        (0, b"\r\nERROR\r\n"),
        (1, b"\r\n+CMS ERROR: 304\r\n"),
        (2, b"\r\n+CMS ERROR: invalid PDU mode parameter\r\n"),
    ],
)
async def test_cmee_shapes_an_error_of_a_message(level: int, answer: bytes) -> None:
    """The same for the messages' own family of errors."""
    async with host() as modem:
        await modem.says(f"AT+CMEE={level}\r")

        assert await modem.sends(length=40) == answer


async def test_an_unknown_command_is_an_error() -> None:
    """Nothing is accepted that was not written down here."""
    async with host() as modem:
        assert await modem.says("AT+QPCMV?\r") == b"\r\nERROR\r\n"


async def test_commands_on_one_line_share_one_final_result() -> None:
    """And the first refusal ends the line: what follows it is not carried out."""
    async with host() as modem:
        assert await modem.says("ATE0V1;+CSQ;+CREG?\r") == (
            b"\r\n+CSQ: 19,99\r\n\r\n+CREG: 0,1\r\n\r\nOK\r\n"
        )
        assert await modem.says("AT+CSQ;+NO;+CREG?\r") == b"\r\n+CSQ: 19,99\r\n\r\nERROR\r\n"


async def test_a_line_without_at_is_not_answered() -> None:
    """Noise on the port is not a command."""
    async with host() as modem:
        assert await modem.says("hello\r") == b""
        assert await modem.says("\x00\x00\nAT\r") == b"\r\nOK\r\n"


async def test_a_command_may_come_one_byte_at_a_time() -> None:
    """A serial line has no message borders."""
    async with host(echo=True) as modem:
        answer = b"".join([await modem.says(char) for char in "AT+CSQ\r"])

        assert answer == b"AT+CSQ\r\r\n+CSQ: 19,99\r\n\r\nOK\r\n"


async def test_the_prompt_is_four_bytes() -> None:
    """Nothing follows it: a driver that waits for a line end waits for ever."""
    async with host() as modem:
        assert await modem.says("AT+CMGS=41\r") == b"\r\n> "


async def test_the_prompt_eats_at_commands_until_escape() -> None:
    """A modem left at its prompt by a dead program swallows everything but ESC."""
    async with host() as modem:
        await modem.says("AT+CMGS=41\r")

        assert await modem.says("AT\rAT+CPIN?\r") == b""
        assert await modem.says(ESC) == b"\r\nOK\r\n"
        assert await modem.says("AT\r") == b"\r\nOK\r\n"
        assert modem.network.records == []


async def test_with_echo_the_pdu_and_its_control_z_come_back() -> None:
    """They stand before +CMGS, in the same stream."""
    async with host(echo=True) as modem:
        await modem.says("AT+CMGS=41\r")

        assert await modem.says(FLOOD + SUB) == FLOOD.encode() + b"\x1a\r\n+CMGS: 1\r\n\r\nOK\r\n"


@pytest.mark.parametrize("pdu", [FLOOD[:-2], FLOOD + "00", "00zz", "", "AT+CMGS=41"])
async def test_a_pdu_that_is_not_what_was_announced_is_refused(pdu: str) -> None:
    """The modem counts; nothing leaves."""
    async with host() as modem:
        assert await modem.sends(pdu) == b"\r\n+CMS ERROR: 304\r\n"
        assert modem.network.handset(PHONE).parts == []


async def test_a_prompt_left_open_by_another_program_is_closed_by_escape_and_return() -> None:
    """The usual first words of a driver: ESC, CR."""
    async with host() as modem:
        modem.device.leave_prompt_open()

        assert await modem.says("AT\r") == b""
        assert await modem.says("\x1b\rAT\r") == b"\r\nOK\r\n\r\nOK\r\n"


async def test_one_command_at_a_time() -> None:
    """What comes while a message is under way waits, and is counted as impatience."""
    async with host(sms_seconds=1.0, report_seconds=9.0) as modem:
        await modem.says("AT+CMGS=41\r")
        assert await modem.says(f"{FLOOD}{SUB}AT+CSQ\r", 0.5) == b""

        assert await modem.heard(1.0) == (
            b"\r\n+CMGS: 1\r\n\r\nOK\r\n\r\n+CSQ: 19,99\r\n\r\nOK\r\n"
        )


async def test_a_byte_while_dialling_cancels_the_call() -> None:
    """V.250 5.6.1: a stray newline ends the call attempt, and nobody's phone rings."""
    from modem.emulator import Pace

    async with host(pace=Pace.REAL) as modem:
        await modem.says("ATD0612345678;\r")

        assert await modem.says("\n") == b"\r\nNO CARRIER\r\n"
        await modem.heard(30)
        assert modem.network.handset(PHONE).calls == []


async def test_named_commands_can_be_refused() -> None:
    """Some devices refuse a bare AT, CMEE or CSMS, and still send messages."""
    async with host() as modem:
        modem.device.faults.refuse({"AT", "AT+CMEE=1", "AT+CSMS=1"})

        assert await modem.says("AT\r") == b"\r\nERROR\r\n"
        assert await modem.says("AT+CMEE=1\r") == b"\r\nERROR\r\n"
        assert await modem.says("AT+CSMS=1\r") == b"\r\nERROR\r\n"
        assert await modem.says("AT+CMEE=2\r") == b"\r\nOK\r\n"


async def test_a_stubborn_modem_refuses_the_usual_first_words_and_works() -> None:
    """The same as a profile, for programs that can only choose one."""
    async with host("stubborn") as modem:
        assert await modem.says("AT\r") == b"\r\nERROR\r\n"
        assert await modem.says("AT+CSMS=1\r") == b"\r\nERROR\r\n"
        assert b"+CMGS: 1" in await modem.sends()


@pytest.mark.parametrize(
    ("gap", "typed", "answer"),
    [
        (Gap.AFTER_ECHO, "AT+CSQ\r", b"\r\n+X: 1\r\n\r\n+CSQ: 19,99\r\n\r\nOK\r\n"),
        (Gap.BEFORE_FINAL, "AT+CSQ\r", b"\r\n+CSQ: 19,99\r\n\r\n+X: 1\r\n\r\nOK\r\n"),
        (Gap.AFTER_PROMPT, "AT+CMGS=41\r", b"\r\n> \r\n+X: 1\r\n"),
    ],
)
async def test_a_notification_can_land_in_any_gap(gap: Gap, typed: str, answer: bytes) -> None:
    """Real modems interrupt themselves; each place has broken a driver somewhere."""
    async with host() as modem:
        modem.device.faults.inject(gap, "+X: 1")

        assert await modem.says(typed) == answer


async def test_a_notification_can_land_between_a_header_and_its_pdu() -> None:
    """The worst gap: the next line is not the PDU."""
    async with host() as modem:
        modem.network.send(PHONE, modem.device, "OK")
        modem.device.faults.inject(Gap.INSIDE_PAIR, "^RSSI:17")

        answer = await modem.says("AT+CMGR=1\r")

        assert answer.startswith(b"\r\n+CMGR: 0,,21\r\n\r\n^RSSI:17\r\n07")


def test_a_command_line_is_taken_apart_at_semicolons_outside_quotes() -> None:
    """ATD ends with the semicolon that makes it a voice call; a quoted one ends nothing."""
    assert split('at e0 v1+cscs="a;b";+cpin?;d0612;s0=0') == [
        Request("E", Form.RUN, "0"),
        Request("V", Form.RUN, "1"),
        Request("+CSCS", Form.SET, '"a;b"'),
        Request("+CPIN", Form.READ),
        Request("D", Form.RUN, "0612;"),
        Request("S0", Form.SET, "0"),
    ]
