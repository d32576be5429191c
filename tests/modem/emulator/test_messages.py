"""Messages across the emulated network: sent, reported, answered, stored."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import gammu
import pytest

from modem.emulator import Behaviour, Pace
from modem.emulator.makes import PROFILES, SIM7600
from modem.emulator.results import Refused
from tests.modem.emulator.host import FLOOD, PHONE, Host, host

#: "Premier " and "second" to +33612345678, 8-bit reference 2A, no report asked.
FIRST = "0051000B913316325476F80000AA0F0500032A0201A0F2723B5D968300"
SECOND = "0051000B913316325476F80000AA0D0500032A0202E6E5F1DB4D06"


def _report(said: bytes) -> dict[str, object]:
    """Return the +CDS among what was said, as libgammu reads it."""
    lines = said.decode().split("\r\n")
    header = next(at for at, line in enumerate(lines) if line.startswith("+CDS: "))
    octets = bytes.fromhex(lines[header + 1])
    assert lines[header] == f"+CDS: {len(octets) - 8}"
    read: dict[str, object] = gammu.DecodePDU(octets)
    return read


async def test_a_phone_receives_what_was_sent() -> None:
    """The point of it all."""
    async with host() as modem:
        assert await modem.sends() == b"\r\n+CMGS: 1\r\n\r\nOK\r\n"

        (message,) = modem.network.handset("06 12 34 56 78").inbox
        assert message.text == "Alerte crue: restez chez vous."
        assert message.sender == modem.device.number
        assert modem.network.records[0]["text"] == message.text


async def test_the_answer_comes_exactly_when_it_was_asked_to() -> None:
    """Rates are measured against this figure: 50 ms means 50 ms."""
    async with host(sms_seconds=0.05, report_seconds=9) as modem:
        await modem.says("AT+CMGS=41\r")
        before = asyncio.get_running_loop().time()
        modem.port.write((FLOOD + "\x1a").encode())
        await modem.port.read()

        assert asyncio.get_running_loop().time() - before == pytest.approx(0.05, abs=1e-4)


async def test_a_real_network_takes_seconds() -> None:
    """LTE: a median near 1.8 s, and never instant."""
    async with host(pace=Pace.REAL) as modem:
        took = sorted(modem.device.latencies.submission() for _ in range(999))

        assert 1.6 < took[499] < 2.0
        assert took[0] > 0.2
        assert took[-1] <= 60.0


async def test_references_wrap_after_255() -> None:
    """The message reference is one octet."""
    async with host() as modem:
        modem.device.sim.reference = 254

        answers = [await modem.sends() for _ in range(3)]

        assert [b"+CMGS: 255\r\n" in answers[0], b"+CMGS: 0\r\n" in answers[1]] == [True, True]
        assert b"+CMGS: 1\r\n" in answers[2]


async def test_parts_become_one_message_whatever_their_order() -> None:
    """A phone shows a long message once all of it is there."""
    async with host() as modem:
        phone = modem.network.handset(PHONE)
        await modem.sends(SECOND, 26)
        assert (phone.inbox, phone.incomplete) == ([], 1)

        await modem.sends(FIRST, 28)

        (message,) = phone.inbox
        assert (message.text, message.parts) == ("Premier second", 2)
        assert [part.part for part in phone.parts] == [2, 1]


async def test_a_report_is_routed_with_ds_1() -> None:
    """+CDS carries the reference that +CMGS gave."""
    async with host(report_seconds=2.0) as modem:
        await modem.says("AT+CNMI=2,1,0,1,0\r")
        assert await modem.sends() == b"\r\n+CMGS: 1\r\n\r\nOK\r\n"

        report = _report(await modem.heard(3))

        assert (report["MessageReference"], report["Number"]) == (1, PHONE)
        assert report["Text"] == "Delivered"


async def test_a_report_is_stored_with_ds_2() -> None:
    """+CDSI says where; AT+CMGR there reads it."""
    async with host() as modem:
        await modem.says("AT+CNMI=2,1,0,2,0\r")

        assert (await modem.sends()).endswith(b'\r\n+CDSI: "SR",1\r\n')
        await modem.says('AT+CPMS="SR","ME","ME"\r')
        assert (await modem.says("AT+CMGR=1\r")).startswith(b"\r\n+CMGR: 0,,25\r\n07")


async def test_without_ds_no_report_is_seen() -> None:
    """Silence is what a forgotten AT+CNMI gives."""
    async with host() as modem:
        assert await modem.sends(seconds=5) == b"\r\n+CMGS: 1\r\n\r\nOK\r\n"


async def test_a_report_may_overtake_the_ok_of_its_own_submission() -> None:
    """Seen on EC25: a report for a reference the driver does not know yet."""
    async with host() as modem:
        await modem.says("AT+CNMI=2,1,0,1,0\r")
        modem.device.faults.report_before_ok = True

        said = await modem.sends()

        assert said.index(b"+CDS: ") < said.index(b"+CMGS: 1")


@pytest.mark.parametrize(("habit", "count"), [("once", 1), ("twice", 2), ("none", 0)])
async def test_networks_report_once_twice_or_never(habit: str, count: int) -> None:
    """A repeated report must not count twice, a missing one is not a failure."""
    async with host() as modem:
        await modem.says("AT+CNMI=2,1,0,1,0\r")
        modem.network.handset(PHONE).behaviour = Behaviour(reports=habit)  # type: ignore[arg-type]

        assert (await modem.sends()).count(b"+CDS: ") == count


async def test_a_lost_message_is_accepted_and_never_seen() -> None:
    """Handed to the network is not received on the phone."""
    async with host() as modem:
        phone = modem.network.handset(PHONE)
        phone.behaviour = Behaviour(sms="lost")
        await modem.says("AT+CNMI=2,1,0,1,0\r")

        assert await modem.sends(seconds=3600) == b"\r\n+CMGS: 1\r\n\r\nOK\r\n"
        assert phone.parts == []


async def test_a_refused_number_fails_at_submission() -> None:
    """CMS 21: this recipient, not this modem."""
    async with host() as modem:
        modem.network.handset(PHONE).behaviour = Behaviour(sms="refused")

        assert await modem.sends() == b"\r\n+CMS ERROR: 21\r\n"


async def test_a_phone_switched_off_is_reported_when_the_validity_ends() -> None:
    """Four days later: status 0x46, and the phone never saw it."""
    async with host() as modem:
        phone = modem.network.handset(PHONE)
        phone.behaviour = Behaviour(sms="switched_off")
        await modem.says("AT+CNMI=2,1,0,1,0\r")
        await modem.sends()
        assert await modem.heard(4 * 86400 - 60) == b""

        said = await modem.heard(120)

        assert said.rstrip().endswith(b"46")
        assert phone.parts == []


async def test_a_person_replies_to_the_number_that_wrote() -> None:
    """The reply is stored, announced, listed, read and deleted."""
    async with host() as modem:
        modem.network.handset(PHONE).behaviour = Behaviour(replies="OK", replies_after=60)
        await modem.says('AT+CNMI=2,1,0,0,0;+CPMS="ME","ME","ME"\r')
        await modem.sends()

        assert await modem.heard(61) == b'\r\n+CMTI: "ME",1\r\n'
        listed = await modem.says("AT+CMGL=4\r")
        assert listed.startswith(b"\r\n+CMGL: 1,0,,21\r\n0791")
        pdu = listed.decode().split("\r\n")[2]
        assert gammu.DecodePDU(bytes.fromhex(pdu))["Number"] == PHONE
        assert (await modem.says("AT+CMGR=1\r")).startswith(b"\r\n+CMGR: 1,,21\r\n")
        assert await modem.says("AT+CMGD=1,0;+CMGL=4\r") == b"\r\nOK\r\n"
        assert await modem.says("AT+CMGR=1\r") == b"\r\n+CMS ERROR: 321\r\n"


async def test_a_message_is_routed_with_mt_2() -> None:
    """+CMT and its PDU on the next line."""
    async with host() as modem:
        await modem.says("AT+CNMI=2,2,0,0,0\r")
        modem.network.send("Orange", modem.device, "Bienvenue")

        said = await modem.heard()

        assert said.startswith(b"\r\n+CMT: ,27\r\n07913386094000F0")
        assert said.count(b"\r\n") == 3


async def test_a_full_store_leaves_messages_with_the_network() -> None:
    """Room made by AT+CMGD brings the next one."""
    async with host() as modem:
        await modem.says('AT+CNMI=2,1,0,0,0;+CPMS="SM","SM","SM"\r')
        for number in range(21):
            modem.network.send(PHONE, modem.device, str(number))
        await modem.heard()
        assert await modem.says("AT+CPMS?\r") == (
            b'\r\n+CPMS: "SM",20,20,"SM",20,20,"SM",20,20\r\n\r\nOK\r\n'
        )

        assert b'+CMTI: "SM",5' in await modem.says("AT+CMGD=5\r")


async def test_phase_2_plus_wants_its_acknowledgement() -> None:
    """With CSMS=1, a message not acknowledged ends the routing: silence."""
    async with host() as modem:
        await modem.says("AT+CSMS=1;+CNMI=2,2,0,1,0\r")
        modem.network.send(PHONE, modem.device, "un")
        assert b"+CMT" in await modem.heard()
        assert await modem.says("AT+CNMA\r") == b"\r\nOK\r\n"
        assert await modem.says("AT+CNMA\r") == b"\r\n+CMS ERROR: 340\r\n"
        modem.network.send(PHONE, modem.device, "deux")

        assert b"+CMT" in await modem.heard(30)
        assert await modem.says("AT+CNMI?\r") == b"\r\n+CNMI: 2,0,0,0,0\r\n\r\nOK\r\n"


async def test_a_missing_service_centre_is_cms_330() -> None:
    """A PDU that leaves the centre to the card needs one there."""
    async with host() as modem:
        modem.device.sim.centre = ""
        assert await modem.sends() == b"\r\n+CMS ERROR: 330\r\n"

        await modem.says('AT+CSCA="+33689004000",145\r')

        assert b"+CMGS: 1" in await modem.sends()


async def test_scripted_errors_strike_the_next_commands() -> None:
    """Then all is well again."""
    async with host() as modem:
        modem.device.faults.fail_next("AT+CMGS", 38, times=2)
        modem.device.faults.fail_next("AT+CSQ", 100, kind="CME")

        assert await modem.sends() == await modem.sends() == b"\r\n+CMS ERROR: 38\r\n"
        assert b"+CMGS: 1" in await modem.sends()
        assert await modem.says("AT+CSQ\r") == b"\r\n+CME ERROR: 100\r\n"
        assert b"+CSQ: 19,99" in await modem.says("AT+CSQ\r")


async def test_an_answer_can_be_swallowed() -> None:
    """The message has left, and the host is never told: the outcome is unknown."""
    async with host() as modem:
        modem.device.faults.swallow_final("AT+CMGS")

        assert await modem.sends(seconds=300) == b""
        assert len(modem.network.handset(PHONE).inbox) == 1
        assert await modem.says("AT\r") == b"\r\nOK\r\n"


async def test_a_stuck_prompt_stays_until_escape() -> None:
    """Huawei E1550 after an over-long message."""
    async with host() as modem:
        modem.device.faults.stuck_prompts = 1

        assert await modem.sends() == b""
        assert await modem.says("AT\r") == b""
        assert await modem.says("\x1b\rAT\r") == b"\r\nOK\r\n\r\nOK\r\n"


async def test_out_of_service_nothing_leaves() -> None:
    """CMS 331, and reports wait in the network meanwhile."""
    async with host(report_seconds=5.0) as modem:
        await modem.says("AT+CNMI=2,1,0,1,0;+CREG=1\r")
        await modem.sends()
        modem.device.register(2)
        assert await modem.sends() == b"\r\n+CMS ERROR: 331\r\n"
        assert await modem.heard(60) == b""

        modem.device.register(1)

        assert b"+CDS: 25" in await modem.heard()


@pytest.mark.parametrize("wanted", ['"","",""', '"XX"', ""])
async def test_memories_that_do_not_exist_are_refused(wanted: str) -> None:
    """Empty parameters too, as some makes have it."""
    async with host() as modem:
        assert await modem.says(f"AT+CPMS={wanted}\r") == b"\r\n+CMS ERROR: 302\r\n"


async def test_a_make_may_refuse_what_it_advertises(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quirks are data: a profile with other CNMI habits is one `replace`."""
    odd = replace(
        SIM7600,
        name="odd",
        cnmi_modes=frozenset({1}),
        refusals={"AT+CMMS=2": Refused("CMS", 500)},
        first_slot=0,
        report_header="+CDS: ,{length}",
    )
    monkeypatch.setattr("modem.emulator.network.PROFILES", {**PROFILES, "odd": odd})
    async with host("odd") as modem:
        assert await modem.says("AT+CNMI=2,1,0,1,0\r") == b"\r\n+CMS ERROR: 303\r\n"
        assert await modem.says("AT+CNMI=1,1,0,1,0\r") == b"\r\nOK\r\n"
        assert await modem.says("AT+CMMS=2\r") == b"\r\n+CMS ERROR: 500\r\n"
        assert b"+CDS: ,25\r\n" in await modem.sends()
        modem.network.send(PHONE, modem.device, "zero")
        assert await modem.heard() == b'\r\n+CMTI: "ME",0\r\n'


async def test_two_modems_share_nothing_but_the_network() -> None:
    """Distinct IMEI, card and references."""
    async with host() as modem:
        other = modem.network.add_modem("modem-2", "generic")
        modem.network.install()
        from modem.emulator.registry import open_port

        second = Host(modem.network, other, open_port("modem-2"))
        await second.says("ATE0\r")

        assert b"+CMGS: 1" in await modem.sends()
        assert b"+CMGS: 1" in await second.sends()
        assert modem.device.imei != other.imei
        assert modem.device.iccid != other.iccid
        senders = [message.sender for message in modem.network.handset(PHONE).inbox]
        assert senders == [modem.device.number, other.number]
