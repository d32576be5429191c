"""What a technician holds: the console, the probe, transcripts without personal data."""

from __future__ import annotations

import pytest

from modem.console import console
from modem.emulator import Network, Pace
from modem.errors import LocalProtocolError, PortBusy
from modem.masking import masked
from modem.probe import probe


@pytest.fixture
def network() -> Network:
    return Network(seed=8, pace=Pace.FAST)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("868501052397914", "86850105xxxxxxx"),
        ("208011725354439", "20801xxxxxxxxxx"),
        ("+ICCID: 8933010000000000001F", "+ICCID: 893301xxxxxxxxxxxxxF"),
        ("89330100000000000012", "893301xxxxxxxxxxxxxx"),
        ('+CNUM: "","+33639989001",145', '+CNUM: "","+336xxxxxxxx",145'),
        ('+CLIP: "0612345678",129,,,,0', '+CLIP: "061xxxxxxx",129,,,,0'),
        ('+CREG: 2,1,"2F1A","01C5B20A",7', '+CREG: 2,1,"…","…",7'),
        ("0791233306091390040B913346109999F900006211", "<21 octets>"),
        ('+CSCA: "+33689004000",145', '+CSCA: "+33689004000",145'),
        ("LE20B05SIM7600G22", "LE20B05SIM7600G22"),
        ('+COPS: 0,0,"Orange F",7', '+COPS: 0,0,"Orange F",7'),
        ("+CPMS: 0,23,0,23,0,23", "+CPMS: 0,23,0,23,0,23"),
    ],
)
def test_a_transcript_keeps_the_make_and_hides_the_person(said: str, shown: str) -> None:
    """It will be pasted into a public forum."""
    assert shown == masked(said)


async def test_a_raw_command_gets_its_raw_answer(network: Network) -> None:
    """Every line, up to the result."""
    device = network.add_modem("m1")
    network.install()
    async with console("emulator:m1") as line:
        assert (device.imei, "OK") == await line.say("AT+CGSN")
        assert ("ERROR",) == await line.say("AT+NOSUCH")
        assert (">",) == await line.say("AT+CMGS=20")
        assert () != await line.say("ESC")
        assert "OK" in await line.say("AT")
    network.remove()


@pytest.mark.parametrize("text", ["ATD112;", "atd 15;", "ATD17", "AT\x1a", "é"])
async def test_a_console_calls_no_rescue_service_and_says_no_control_character(
    network: Network, text: str
) -> None:
    """A Ctrl-Z would send whatever the device holds."""
    network.add_modem("m1")
    network.install()
    async with console("emulator:m1") as line:
        with pytest.raises(LocalProtocolError):
            await line.say(text)
    network.remove()


async def test_a_silent_device_ends_the_wait(network: Network) -> None:
    """A technician waits a minute at most."""
    network.add_modem("m1").freeze()
    network.install()
    async with console("emulator:m1") as line:
        assert () == await line.say("AT", limit=5.0)
    network.remove()


@pytest.mark.parametrize(
    ("profile", "chosen"),
    [("simcom", "simcom"), ("huawei", "huawei"), ("quectel", "quectel"), ("generic", "generic")],
)
async def test_a_probe_knows_each_family_by_what_it_says(
    network: Network, profile: str, chosen: str
) -> None:
    """And leaves its settings as they were."""
    device = network.add_modem("m1", profile)
    network.install()
    before = device.settings.routing
    found = await probe("emulator:m1")
    network.remove()

    assert (True, chosen, device.imei) == (found.answers, found.profile, found.imei)
    assert before == device.settings.routing
    assert not any(device.imei in line or device.iccid in line for line in found.transcript)


async def test_a_probe_of_a_mute_port_says_so(network: Network) -> None:
    """It is the diagnostic port, or a frozen modem."""
    network.add_modem("m1").freeze()
    network.install()
    found = await probe("emulator:m1")
    network.remove()

    assert not found.answers


async def test_a_probe_frees_a_modem_stuck_at_its_prompt(network: Network) -> None:
    """It would eat every question as the text of a message."""
    network.add_modem("m1").leave_prompt_open()
    network.install()
    assert (await probe("emulator:m1")).answers
    network.remove()


async def test_a_held_port_is_not_probed(network: Network) -> None:
    """Two readers steal each other's bytes."""
    network.add_modem("m1")
    network.install()
    async with console("emulator:m1"):
        with pytest.raises(PortBusy):
            await probe("emulator:m1")
    network.remove()
