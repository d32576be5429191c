"""The device itself: its card, its radio, its ports, and what befalls them."""

from __future__ import annotations

import asyncio

import pytest

from modem.emulator import Pace
from modem.emulator.identity import check_digit
from modem.emulator.registry import open_port
from modem.errors import PortBusy, PortLost
from tests.modem.emulator.host import host


async def test_it_says_who_it_is() -> None:
    """SIM7600 prefixes its revision, and its ICCID ends in a filler."""
    async with host() as modem:
        iccid = modem.device.iccid.encode()

        assert await modem.says("AT+CGMI\r") == b"\r\nSIMCOM INCORPORATED\r\n\r\nOK\r\n"
        assert await modem.says("AT+CGMM\r") == b"\r\nSIMCOM_SIM7600G-H\r\n\r\nOK\r\n"
        assert await modem.says("AT+CGMR\r") == b"\r\n+CGMR: LE20B05SIM7600G22\r\n\r\nOK\r\n"
        assert await modem.says("AT+CICCID\r") == b"\r\n+ICCID: " + iccid + b"F\r\n\r\nOK\r\n"
        assert await modem.says("AT+CCID\r") == b"\r\nERROR\r\n"
        assert modem.device.imei.encode() in await modem.says("ATI\r")
        assert await modem.says("AT+CGSN\r") == b"\r\n%s\r\n\r\nOK\r\n" % modem.device.imei.encode()


async def test_its_numbers_have_right_check_digits() -> None:
    """IMEI and ICCID end in a Luhn digit; the same seed gives the same modem."""
    async with host(seed=5) as one, host(seed=5) as same, host(seed=6) as other:
        imei, iccid = one.device.imei, one.device.iccid

        assert (len(imei), len(iccid)) == (15, 19)
        assert imei[-1] == check_digit(imei[:-1])
        assert iccid[-1] == check_digit(iccid[:-1])
        assert imei == same.device.imei != other.device.imei


async def test_a_right_pin_opens_the_card_after_a_busy_moment() -> None:
    """SIM7600: the first look after the PIN says CME 14, then +CPIN: READY comes by itself."""
    async with host() as modem:
        modem.device.sim.pin = "1234"
        assert await modem.says("AT+CPIN?\r") == b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"
        assert await modem.says("AT+CIMI\r") == b"\r\n+CME ERROR: 11\r\n"
        assert await modem.says("AT+CMGL=4\r") == b"\r\n+CMS ERROR: 311\r\n"

        assert await modem.says('AT+CPIN="1234"\r') == b"\r\nOK\r\n"
        assert await modem.says("AT+CPIN?\r") == b"\r\n+CME ERROR: 14\r\n\r\n+CPIN: READY\r\n"
        assert await modem.says("AT+CPIN?\r") == b"\r\n+CPIN: READY\r\n\r\nOK\r\n"


async def test_wrong_pins_cost_tries_until_the_puk_is_wanted() -> None:
    """Three tries, then ten more, then a dead card: never guess."""
    async with host() as modem:
        modem.device.sim.pin = "1234"
        assert await modem.says("AT+SPIC\r") == b"\r\n+SPIC: 3,10,3,10\r\n\r\nOK\r\n"

        for _ in range(3):
            assert await modem.says('AT+CPIN="0000"\r') == b"\r\n+CME ERROR: 16\r\n"

        assert await modem.says("AT+CPIN?\r") == b"\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n"
        assert await modem.says("AT+CIMI\r") == b"\r\n+CME ERROR: 12\r\n"
        assert await modem.says('AT+CPIN="11111111","4321"\r') == b"\r\n+CME ERROR: 16\r\n"
        assert await modem.says("AT+SPIC\r") == b"\r\n+SPIC: 0,9,3,10\r\n\r\nOK\r\n"
        assert await modem.says('AT+CPIN="12345678","4321"\r') == b"\r\nOK\r\n"
        assert modem.device.sim.pin == "4321"


async def test_without_a_card_nothing_that_needs_one_works() -> None:
    """CME 10, and the registration says idle."""
    async with host("generic") as modem:
        modem.device.sim.present = False

        assert await modem.says("AT+CPIN?\r") == b"\r\n+CME ERROR: 10\r\n"
        assert await modem.says("AT+CIMI\r") == b"\r\n+CME ERROR: 10\r\n"
        assert await modem.says("AT+CREG?\r") == b"\r\n+CREG: 0,0\r\n\r\nOK\r\n"
        assert await modem.says("ATD0612345678;\r") == b"\r\n+CME ERROR: 10\r\n"


async def test_registration_is_read_and_notified_in_two_shapes() -> None:
    """The read form has one more field than the notification."""
    async with host() as modem:
        await modem.says("AT+CREG=2;+CEREG=1\r")
        assert await modem.says("AT+CREG?\r") == (
            b'\r\n+CREG: 2,1,"2F1A","01C5B20A",7\r\n\r\nOK\r\n'
        )

        modem.device.register(2)
        assert await modem.heard() == b"\r\n+CREG: 2\r\n\r\n+CEREG: 2\r\n"
        assert await modem.says("AT+COPS?\r") == b"\r\n+COPS: 0\r\n\r\nOK\r\n"
        modem.device.register(5)
        assert await modem.heard() == b'\r\n+CREG: 5,"2F1A","01C5B20A",7\r\n\r\n+CEREG: 5\r\n'


async def test_the_operator_is_named_in_the_chosen_form() -> None:
    """A name, a number, or hexadecimal under CSCS=UCS2."""
    async with host() as modem:
        assert b'+COPS: 0,0,"Orange F",7' in await modem.says("AT+COPS=3,0;+COPS?\r")
        assert b'+COPS: 0,2,"20801",7' in await modem.says("AT+COPS=3,2;+COPS?\r")
        ucs2 = await modem.says('AT+COPS=3,0;+CSCS="UCS2";+COPS?\r')
        assert b'"004F00720061006E0067006500200046"' in ucs2


async def test_radio_off_is_silence() -> None:
    """CFUN=0: no signal, no registration, no sending."""
    async with host() as modem:
        await modem.says("AT+CFUN=0\r")

        assert await modem.says("AT+CSQ\r") == b"\r\n+CSQ: 99,99\r\n\r\nOK\r\n"
        assert await modem.sends() == b"\r\n+CMS ERROR: 331\r\n"
        await modem.says("AT+CFUN=1\r")
        assert b"+CMGS: 1" in await modem.sends()


async def test_unplugging_takes_the_ports_away() -> None:
    """From the reader, the writer, and whoever opens next."""
    async with host() as modem:
        reading = asyncio.ensure_future(modem.port.read())
        await asyncio.sleep(0.1)

        modem.device.unplug()

        with pytest.raises(PortLost):
            await reading
        with pytest.raises(PortLost):
            modem.port.write(b"AT\r")
        with pytest.raises(PortLost):
            await modem.port.drain()
        with pytest.raises(PortLost):
            open_port("modem-1")


async def test_replugged_it_starts_anew() -> None:
    """Echo is back, CMEE and CNMI are forgotten, the card asks for its PIN again."""
    async with host() as modem:
        modem.device.sim.pin = "1234"
        await modem.says('AT+CNMI=2,1,0,1,0;+CPIN="1234"\r')
        modem.device.unplug()
        modem.device.replug()
        modem.port = open_port("modem-1")

        assert await modem.says("AT+CNMI?\r") == (b"AT+CNMI?\r\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n")
        assert b"+CPIN: SIM PIN" in await modem.says("AT+CPIN?\r")


async def test_a_message_under_way_when_unplugged_has_left() -> None:
    """The worst doubt: the phone has it, and nobody was told. Its report comes after all."""
    async with host(sms_seconds=2.0, report_seconds=1.0) as modem:
        await modem.sends(seconds=1)
        modem.device.unplug()
        await asyncio.sleep(60)
        assert len(modem.network.handset("+33612345678").inbox) == 1

        modem.device.replug()
        modem.port = open_port("modem-1")
        await modem.says("AT+CNMI=2,1,0,1,0\r")


async def test_unplugging_in_a_call_ends_it_for_the_phone_too() -> None:
    """The person hears it end; the host hears nothing."""
    async with host() as modem:
        await modem.in_call()
        modem.device.unplug()

        assert modem.network.handset("+33612345678").calls[0].outcome == "answered"


async def test_a_reset_goes_away_and_comes_back() -> None:
    """AT+CRESET: OK, the ports vanish, and return some seconds later."""
    async with host(pace=Pace.REAL) as modem:
        modem.port.write(b"AT+CRESET\r")
        await asyncio.sleep(1)
        with pytest.raises(PortLost):
            open_port("modem-1")

        await asyncio.sleep(20)

        modem.port = open_port("modem-1")
        assert await modem.says("AT\r") == b"AT\r\r\nOK\r\n"


async def test_frozen_it_answers_nothing() -> None:
    """Writes succeed, and that is all."""
    async with host() as modem:
        modem.device.freeze()
        assert await modem.says("AT\r", 60) == b""

        modem.device.thaw()

        assert await modem.says("AT\r") == b"\r\nOK\r\n"


async def test_frozen_it_may_still_speak_of_its_own_accord() -> None:
    """So a watchdog must count answers, not bytes."""
    async with host() as modem:
        await modem.says("AT+CREG=1\r")
        modem.device.freeze(notifications=True)

        modem.device.register(2)

        assert await modem.says("AT\r") == b"\r\n+CREG: 2\r\n"


async def test_garbled_bytes_are_garbled_and_then_no_more() -> None:
    """The host reads something else than was said, as often as wished."""
    async with host() as modem:
        modem.device.garble(0.5)
        said = await modem.says("ATI\r")
        assert b"SIMCOM INCORPORATED" not in said

        modem.device.garble(0.0)

        assert await modem.says("AT\r") == b"\r\nOK\r\n"


async def test_trickling_it_speaks_one_byte_at_a_time() -> None:
    """A slow line: the answer is whole only after its bytes' time."""
    async with host() as modem:
        modem.device.trickle(0.01)
        modem.port.write(b"AT\r")
        chunks = [await modem.port.read() for _ in range(6)]

        assert chunks == [b"\r", b"\n", b"O", b"K", b"\r", b"\n"]
        modem.device.trickle(None)
        assert await modem.says("AT+CSQ\r") == b"\r\n+CSQ: 19,99\r\n\r\nOK\r\n"


async def test_a_port_is_exclusive_and_free_again_when_closed() -> None:
    """A second program would steal half the bytes."""
    async with host() as modem:
        with pytest.raises(PortBusy, match="emulator:modem-1"):
            open_port("modem-1")
        await modem.port.close()
        with pytest.raises(PortLost):
            await modem.port.read()

        modem.port = open_port("modem-1")

        assert await modem.says("AT\r") == b"\r\nOK\r\n"


async def test_a_prompt_outlives_the_program_that_opened_it() -> None:
    """Killed between prompt and PDU: whoever comes next finds the prompt."""
    async with host() as modem:
        await modem.says("AT+CMGS=41\r")
        await modem.port.close()
        modem.port = open_port("modem-1")

        assert await modem.says("AT\r") == b""
        assert await modem.says("\x1b") == b"\r\nOK\r\n"


async def test_notifications_without_a_reader_are_lost_and_counted() -> None:
    """As on a real port that no program has open."""
    async with host() as modem:
        await modem.says('AT+CNMI=2,1,0,0,0;+CPMS="ME","ME","ME"\r')
        await modem.port.close()
        modem.network.send("+33612345678", modem.device, "personne ?")
        modem.port = open_port("modem-1")

        assert await modem.heard() == b""
        assert modem.device.lost_notifications == 1
        assert b"+CMGL: 1,0" in await modem.says("AT+CMGL=4\r")


async def test_an_unknown_name_is_no_port() -> None:
    """A typing error in the configuration says so."""
    async with host():
        with pytest.raises(PortLost, match="emulator:modem-9 is not there"):
            open_port("modem-9")
