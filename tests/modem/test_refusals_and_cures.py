"""Each refusal of the standards: whose fault, whether again, and what the driver can do itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from modem.errors import CommandFailed, OutcomeUnknown
from modem.profiles.base import UssdForm
from modem.refusal import Blame, judge
from modem.sms import SubmitPdu, encode_submit
from modem.ussd import parse_reply, request_text
from tests.modem.harness.lines import NUMBER, a_pdu, driving
from tests.modem.harness.scripted import OK, PLAIN, PROMPT, ScriptedDevice, in_turn

SENT = f"\r\n+CMGS: 7\r\n{OK}"
FOREVER, LATER = Blame.RECIPIENT_FOREVER, Blame.RECIPIENT_LATER
MODEM, SIM, NETWORK, US = Blame.MODEM, Blame.SIM, Blame.NETWORK_LATER, Blame.US


def refused(code: int) -> CommandFailed:
    return CommandFailed("AT+CMGS", "CMS", code)


@pytest.mark.parametrize(
    ("codes", "blame", "again"),
    [
        ((1, 28, 195, 196), FOREVER, False),
        ((21, 27), LATER, True),
        ((8, 10, 29, 30, 50, 69, 193, 310, 311, 312, 313, 315, 316, 317, 318), SIM, False),
        ((330, 531), SIM, False),
        ((17, 22, 38, 41, 42, 47, 127, 192, 194, 331, 332, 500, 512, 513, 514), NETWORK, True),
        ((98, 111, 198), NETWORK, True),
        ((81, 95, 96, 97, 99), US, False),
        ((128, 129, 130, 143, 144, 145, 159, 160, 161, 175, 176), US, False),
        ((304, 305), US, False),
        ((208, 211, 212, 300, 301, 302, 314, 320, 322, 350, 515), MODEM, True),
        ((303, 321, 340), MODEM, False),
    ],
)
def test_a_refusal_is_laid_at_the_right_door(
    codes: tuple[int, ...], blame: Blame, again: bool
) -> None:
    """A wrong verdict strikes a person off the list, or sends all night to a barred SIM."""
    for code in codes:
        judged = judge(refused(code))
        assert judged.blame is blame, code
        assert (judged.retry_after is not None) is again, code
        assert judged.reason


@pytest.mark.parametrize(
    ("code", "least", "most"),
    [(17, 30, 30), (38, 30, 60), (41, 10, 30), (27, 60, 600), (301, 5, 5), (314, 2, 2),
     (332, 5, 15), (515, 5, 5)],
)  # fmt: skip
def test_the_wait_before_another_try_is_that_of_practice(
    code: int, least: float, most: float
) -> None:
    """Sooner is refused again, later is too late."""
    wait = judge(refused(code)).retry_after
    assert wait is not None
    assert least <= wait <= most


async def test_a_duplicate_is_neither_sent_nor_failed() -> None:
    """CMS 197: an equal message is there already; saying "failed" would send it a third time."""
    device = ScriptedDevice({**PLAIN, "<PDU>": "\r\n+CMS ERROR: 197\r\n"})
    async with driving(device) as driver:
        with pytest.raises(OutcomeUnknown):
            await driver.submit(a_pdu())


async def test_a_refused_validity_is_left_out_and_the_message_sent() -> None:
    """CMS 198: some centres take none."""
    device = ScriptedDevice({**PLAIN, "<PDU>": in_turn("\r\n+CMS ERROR: 198\r\n", SENT)})
    (pdu,) = encode_submit(NUMBER, "Alerte", concat_reference=1, validity=timedelta(hours=6))
    (bare,) = encode_submit(NUMBER, "Alerte", concat_reference=1)
    async with driving(device) as driver:
        assert await driver.submit(pdu) == 7
        last = device.said[-1]

    assert device.sent == [pdu.hex, bare.hex]
    assert last == f"AT+CMGS={bare.length}"


async def test_a_refusal_nobody_explains_ends_in_the_circuit_switched_way() -> None:
    """CMS 500 three times: SMS over the packet network is refused without falling back."""
    unknown = "\r\n+CMS ERROR: 500\r\n"
    device = ScriptedDevice({**PLAIN, "<PDU>": in_turn(unknown, unknown, unknown, SENT)})
    async with driving(device) as driver:
        for _ in range(2):
            with pytest.raises(CommandFailed):
                await driver.submit(a_pdu())
        assert "AT+CGSMS=1" not in device.said
        assert await driver.submit(a_pdu()) == 7

    assert "AT+CGSMS=1" in device.said


@pytest.mark.parametrize("code", [208, 211, 322])
async def test_a_full_memory_is_emptied_at_once(code: int) -> None:
    """Not at the next polling, a minute later."""
    device = ScriptedDevice({**PLAIN, "<PDU>": f"\r\n+CMS ERROR: {code}\r\n"})
    async with driving(device) as driver:
        device.said.clear()
        with pytest.raises(CommandFailed):
            await driver.submit(a_pdu())
        await driver.read_health()

        assert "AT+CMGL=4" in device.said


async def test_an_sms_without_a_service_centre_to_restore_is_refused() -> None:
    """CMS 330 and nothing known: the SIM is to blame, and nothing is said twice."""
    table = {**PLAIN, "<PDU>": "\r\n+CMS ERROR: 330\r\n", "AT+CSCA?": f'\r\n+CSCA: "",129\r\n{OK}'}
    device = ScriptedDevice(table)
    async with driving(device) as driver:
        with pytest.raises(CommandFailed):
            await driver.submit(a_pdu())

    assert len(device.sent) == 1
    assert PROMPT.endswith("> ")
    assert isinstance(a_pdu(), SubmitPdu)


async def test_a_burst_goes_on_though_the_radio_link_cannot_be_kept_open() -> None:
    """AT+CMMS left unanswered is asked once; the SMS behind it leave."""
    device = ScriptedDevice({**PLAIN, "AT+CMMS": None})
    async with driving(device) as driver:
        for pdu in encode_submit(NUMBER, "z" * 400, concat_reference=1):
            assert await driver.submit(pdu) == 42

    assert sum("CMMS" in line for line in device.said) == 1
    assert len(device.sent) == 3


# --- USSD ---------------------------------------------------------------------------------------


def test_ussd_codes_are_packed_as_huawei_wants_them() -> None:
    """Two that were seen to work."""
    assert request_text("#123#", UssdForm.PACKED) == "A3986C3602"
    assert request_text("*100#", UssdForm.PACKED) == "AA180C3602"
    assert request_text("#123#", UssdForm.PLAIN) == "#123#"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('+CUSD: 0,"Solde : 5 euros",15', "Solde : 5 euros"),
        ('+CUSD: 0,"D3379B5C06E9403550B92E7FCF01",15', "Solde : 5 euros"),
        ('+CUSD: 0,"0053006F006C00640065",72', "Solde"),
        ('+CUSD: 0,"0053006F006C00640065",15', "Solde"),
        ('+CUSD: 1,"1: suivi\r\n2: fin",15', "1: suivi\r\n2: fin"),
        ("+CUSD: 4", ""),
    ],
)
def test_a_ussd_reply_is_read_in_the_spelling_that_prints_best(line: str, text: str) -> None:
    """Some devices name the wrong alphabet."""
    assert parse_reply(line).text == text
