"""What the page's console may tell a modem, and what only whoever stands at the box may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.raw_rules import Danger, danger_of

HARMLESS = [
    "AT", "ATI", "ate0", "AT+CSQ", "at+csq;+creg?", "AT+COPS?", "AT+COPS=?", "AT+CREG=2",
    "AT+CPIN?", "AT+CMEE=2;+CGMM", "AT+CFUN=1", "AT&V", "AT^SYSINFOEX", "AT+QNWINFO",
    "ATS0?", "AT+CLCK=?", 'AT+QENG="servingcell"', "ATE0V1", "AT+CCID", "AT+CEER",
]  # fmt: skip
REFUSED = {
    "AT+CPIN=1234": Danger.LOCK, "at +cpin = 1234": Danger.LOCK,
    'AT+CLCK="SC",1,"0000"': Danger.LOCK, 'AT+CPWD="SC","0000","1234"': Danger.LOCK,
    "AT+CSQ;+CPIN=1234": Danger.LOCK, "AT+CRSM=176,28539,0,0,12": Danger.LOCK,
    "ATD0639980001;": Danger.CALL, "ATE0D112;": Danger.CALL, "ATA": Danger.CALL,
    "AT+CSQ;D0639980001;": Danger.CALL, "ATH": Danger.CALL, "AT+CHUP": Danger.CALL,
    "ATS0=0D0639980001": Danger.CALL, "atdt 15": Danger.CALL,
    "AT+CMGS=23": Danger.SEND, 'AT+CMGS="0639980001"': Danger.SEND, "AT+CMSS=1": Danger.SEND,
    'AT+CUSD=1,"#123#",15': Danger.SEND, "AT+CSQ;+CMGW=23": Danger.SEND,
    'AT+CSCA="+33600000000"': Danger.SEND, "0011000B913306\x1a": Danger.SEND,
    'AT+CMGL="ALL"': Danger.READ, "AT+CMGL=4": Danger.READ, "AT+CMGR=1": Danger.READ,
    "AT+CPBR=1,99": Danger.READ, "AT+CNMI=2,2": Danger.READ, "AT+CLCC": Danger.READ,
    "AT+CMGD=1,4": Danger.ERASE, "AT&F": Danger.ERASE, "ATZ": Danger.ERASE, "ATE0&F": Danger.ERASE,
    'AT+QCFG="usbcfg",1': Danger.ERASE, 'AT+EGMR=1,7,"490154203237518"': Danger.ERASE,
    "AT^SETPORT=1": Danger.ERASE, "A/": Danger.REPEAT, "a/": Danger.REPEAT,
}  # fmt: skip


@pytest.mark.parametrize("line", HARMLESS)
def test_looking_is_allowed(line: str) -> None:
    """Most of what a support line asks for."""
    assert danger_of(line) is None


@pytest.mark.parametrize(("line", "why"), REFUSED.items())
def test_what_dials_sends_erases_or_tells_is_refused_with_why(line: str, why: Danger) -> None:
    """However it is written, and wherever in the line it stands."""
    assert danger_of(line) is why


@given(st.sampled_from(sorted(REFUSED)), st.sampled_from(HARMLESS))
def test_nothing_harmless_before_it_hides_a_refused_command(refused: str, harmless: str) -> None:
    """A line is several commands: the second counts as the first."""
    if refused[:2].upper() == "AT" and "A/" not in refused:
        assert danger_of(f"{harmless};{refused[2:]}") is not None


@given(st.text(max_size=80))
def test_any_line_has_an_answer(line: str) -> None:
    """What a browser posts is anything."""
    assert danger_of(line) is None or danger_of(line) in Danger
