"""One SMS through the driver: what leaves, what comes back, and what nobody can know."""

from __future__ import annotations

import asyncio

import pytest

from modem.errors import (
    CommandFailed,
    CommandTimeout,
    ModemError,
    OutcomeUnknown,
    PortLost,
    RemoteProtocolError,
)
from modem.events import IncomingSms, ModemEvent, StatusReport
from tests.modem.harness.lines import a_pdu, driving
from tests.modem.harness.scripted import ERROR, OK, PLAIN, PROMPT, ScriptedDevice, in_turn

REPORT = "07913396050096F5062A0B913316325476F8621142102030406211421020704000"
DELIVER = "07913396050096F5040B913316325476F800006211421050004002CF25"


def device(**changes: str | None) -> ScriptedDevice:
    names = {"prompt": "AT+CMGS", "pdu": "<PDU>"}
    return ScriptedDevice({**PLAIN, **{names[name]: value for name, value in changes.items()}})


@pytest.mark.parametrize("trickle", [False, True], ids=["whole", "one by one"])
async def test_an_sms_leaves_and_its_reference_comes_back(trickle: bool) -> None:
    """The reference is what ties the report to the person."""
    stick = ScriptedDevice(trickle=trickle)
    async with driving(stick) as driver:
        pdu = a_pdu()

        assert await driver.submit(pdu) == 42
        assert stick.sent == [pdu.hex]
        assert stick.said[-1] == f"AT+CMGS={pdu.length}"


async def test_it_sends_on_a_device_that_refuses_nearly_everything() -> None:
    """A bare AT, AT+CMEE=1 and AT+CSMS get ERROR, as does all but the sending itself."""
    table = {"AT+CMGS": PROMPT, "<PDU>": "\r\n+CMGS: 7\r\n\r\nOK\r\n"}
    async with driving(ScriptedDevice(table, otherwise=ERROR)) as driver:
        assert driver.profile.name == "generic"
        assert await driver.submit(a_pdu()) == 7


async def test_it_starts_in_numeric_mode() -> None:
    """A device left in V0 answers with bare digits until told otherwise."""
    table = {**PLAIN, "AT+CHUP": "0\r", "ATE0": "0\r", "AT": in_turn("0\r", "0\r", "4\r", OK)}
    async with driving(ScriptedDevice(table)) as driver:
        assert await driver.submit(a_pdu()) == 42


async def test_an_echo_is_not_an_answer() -> None:
    """Some devices keep echoing whatever one tells them."""
    pdu = a_pdu()
    stick = device(
        prompt=f"AT+CMGS={pdu.length}\r\r\n> ", pdu=f"{pdu.hex}\x1a\r\n+CMGS: 9\r\n\r\nOK\r\n"
    )
    async with driving(stick) as driver:
        assert await driver.submit(pdu) == 9


async def test_notifications_in_every_gap_harm_nothing() -> None:
    """Between header and PDU, prompt and PDU, reference and OK: devices speak when they like."""
    events: list[ModemEvent] = []
    noise = '\r\n^RSSI:17\r\n\r\n+CREG: 1,"00C3","1A2B"\r\n'
    stick = device(
        prompt=f"{noise}\r\n+CDS: 25\r\n{noise}{REPORT}\r\n{PROMPT}",
        pdu=f"{noise}\r\n+CMT: ,21\r\n\r\n+CMGS: 3\r\n{DELIVER}\r\n{noise}{OK}{noise}",
    )
    async with driving(stick, events) as driver:
        assert await driver.submit(a_pdu()) == 3
        await asyncio.sleep(1)

    assert [type(event) for event in events] == [StatusReport, IncomingSms]


async def test_a_notification_between_prompt_and_pdu_is_no_answer() -> None:
    """The message must still be handed over, and its reference be ours."""
    stick = device()
    async with driving(stick) as driver:
        sending = asyncio.ensure_future(driver.submit(a_pdu()))
        await stick.prompted()
        stick.say('\r\n+CMTI: "ME",3\r\n\r\n^RSSI:9\r\n')

        assert await sending == 42


@pytest.mark.parametrize("where", ["AT+CMGS", "<PDU>"])
async def test_a_definite_refusal_is_told_as_such(where: str) -> None:
    """Before or after the prompt, +CMS ERROR means that this SMS has not left."""
    stick = ScriptedDevice({**PLAIN, where: "\r\n+CMS ERROR: 21\r\n"})
    async with driving(stick) as driver:
        with pytest.raises(CommandFailed) as refused:
            await driver.submit(a_pdu())

        assert (refused.value.kind, refused.value.code) == ("CMS", 21)
        stick.table |= PLAIN
        assert await driver.submit(a_pdu()) == 42


async def test_a_refusal_in_the_same_breath_as_the_prompt_is_heard() -> None:
    """Otherwise the driver would wait two minutes for an answer it has already had."""
    stick = device(prompt=f"{PROMPT}\r\n+CMS ERROR: 304\r\n")
    async with driving(stick) as driver:
        with pytest.raises(CommandFailed):
            await driver.submit(a_pdu())

        assert stick.sent == []


async def test_a_prompt_that_never_comes_is_left_with_escape() -> None:
    """The SMS is safe to send elsewhere, and the device is not left eating commands."""
    stick = device(prompt=None)
    async with driving(stick) as driver:
        with pytest.raises(CommandTimeout):
            await driver.submit(a_pdu())
        escapes = stick.escapes
        stick.table["AT+CMGS"] = PROMPT

        assert await driver.submit(a_pdu()) == 42
        assert stick.escapes == escapes + 1


async def test_silence_after_the_pdu_is_an_unknown_outcome() -> None:
    """130 seconds, then nobody knows whether the phone will ring."""
    stick = device(pdu=None)
    async with driving(stick) as driver:
        began = asyncio.get_running_loop().time()
        with pytest.raises(OutcomeUnknown):
            await driver.submit(a_pdu())

        assert 130 <= asyncio.get_running_loop().time() - began < 131


@pytest.mark.parametrize("late", [0.0, 0.05, 0.15, 0.5, 0.95, 1.05, 1.5])
async def test_a_late_reply_is_not_taken_for_the_next(late: float) -> None:
    """The answer to yesterday's SMS must not become the reference of today's."""
    stick = device(pdu=None)
    async with driving(stick) as driver:
        with pytest.raises(OutcomeUnknown):
            await driver.submit(a_pdu("old"))
        stick.table["<PDU>"] = "\r\n+CMGS: 43\r\n\r\nOK\r\n"
        stick.say_later(late, "\r\n+CMGS: 42\r\n\r\nOK\r\n")

        assert await driver.submit(a_pdu("new")) == 43


@pytest.mark.parametrize("unplugged", [False, True])
async def test_a_reference_whose_ok_is_lost_counts(unplugged: bool) -> None:
    """The network has taken the SMS: saying otherwise would send it twice."""
    stick = device(pdu="\r\n+CMGS: 17\r\n\r\nO~\r\n")
    async with driving(stick) as driver:
        sending = asyncio.ensure_future(driver.submit(a_pdu()))
        await asyncio.sleep(1)
        if unplugged:
            stick.unplug()

        assert await sending == 17


async def test_ok_without_a_reference_is_an_unknown_outcome() -> None:
    """It may have been sent: it must neither be counted as sent nor sent again in silence."""
    async with driving(device(pdu=OK)) as driver:
        with pytest.raises(OutcomeUnknown):
            await driver.submit(a_pdu())


async def test_ok_instead_of_a_prompt_has_sent_nothing() -> None:
    """The PDU stayed here."""
    stick = device(prompt=OK)
    async with driving(stick) as driver:
        with pytest.raises(RemoteProtocolError):
            await driver.submit(a_pdu())

        assert stick.sent == []


@pytest.mark.parametrize(("where", "expected"), [("AT+CMGS", PortLost), ("<PDU>", OutcomeUnknown)])
async def test_an_unplugged_stick_says_whether_the_sms_may_have_left(
    where: str, expected: type[ModemError]
) -> None:
    """Before the PDU: send elsewhere. After it: unknown."""
    stick = ScriptedDevice()

    def unplug() -> None:
        stick.unplug()

    stick.table[where] = unplug
    async with driving(stick) as driver:
        with pytest.raises(expected):
            await driver.submit(a_pdu())
        assert driver.waiters == 0
        with pytest.raises(PortLost):
            await driver.submit(a_pdu())
        assert isinstance(await driver.wait_failed(), PortLost)


@pytest.mark.parametrize("steps", range(14))
async def test_a_cancellation_anywhere_leaves_the_modem_usable(steps: int) -> None:
    """Whatever moment a lane is stopped at, the next SMS gets its own reference."""
    references = iter(range(42, 60))
    stick = ScriptedDevice({**PLAIN, "<PDU>": lambda: f"\r\n+CMGS: {next(references)}\r\n{OK}"})
    async with driving(stick) as driver:
        sending = asyncio.ensure_future(driver.submit(a_pdu("first")))
        for _ in range(steps):
            await asyncio.sleep(0)
        sending.cancel()
        await asyncio.wait([sending])
        assert driver.waiters == 0

        reference = await driver.submit(a_pdu("second"))
        assert reference == 42 + len(stick.sent) - 1
        assert stick.sent[-1] == a_pdu("second").hex


async def test_a_cancelled_prompt_is_left_without_sending() -> None:
    """Ctrl-Z would send half a message to somebody; Escape sends nothing."""
    stick = device()
    async with driving(stick) as driver:
        sending = asyncio.ensure_future(driver.submit(a_pdu("half")))
        await stick.prompted()
        sending.cancel()
        await asyncio.wait([sending])
        await driver.submit(a_pdu("whole"))

    assert stick.sent == [a_pdu("whole").hex]


async def test_a_dead_device_is_said_to_be_dead() -> None:
    """Five times AT without an answer end the start within seconds, not for ever."""
    stick = ScriptedDevice({}, otherwise=None)
    with pytest.raises(CommandTimeout):
        async with driving(stick):
            raise AssertionError("it started")


async def test_two_who_ask_at_once_are_served_one_after_the_other() -> None:
    """AT numbers nothing: two commands in flight would mix their answers."""
    stick = ScriptedDevice()
    async with driving(stick) as driver:
        async with asyncio.TaskGroup() as group:
            sendings = [group.create_task(driver.submit(a_pdu())) for _ in range(3)]
            health = group.create_task(driver.read_health())

        assert [sending.result() for sending in sendings] == [42, 42, 42]
        assert health.result().signal_dbm == -73
