"""Whatever bytes come, the emulated modem answers and lives on."""

from __future__ import annotations

import asyncio
import random

import pytest

from modem.emulator import Network, Pace
from modem.emulator.commands_call import CALLS
from modem.emulator.commands_general import GENERAL
from modem.emulator.commands_sms import SMS
from modem.emulator.registry import open_port
from tests.modem.emulator.host import FLOOD, SUB, Host, host

NAMES = sorted({*GENERAL, *SMS, *CALLS} - {"+CRESET", "+CFUN", "Q"})
TAILS = ["", "?", "=?", "=", "=1", "=0", "=9", "=x", '=""', '="a","b"', "=,", "=1,1,1,1,1,1", "=-1"]


def _strict(errors: list[str]) -> None:
    def note(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        errors.append(str(context.get("exception") or context["message"]))

    asyncio.get_running_loop().set_exception_handler(note)


@pytest.mark.parametrize("pin", [None, "1234"])
@pytest.mark.parametrize("name", NAMES)
async def test_every_form_of_every_command_has_an_answer(name: str, pin: str | None) -> None:
    """OK, an error, a prompt or a call's end: never silence, never a crash."""
    errors: list[str] = []
    _strict(errors)
    async with host() as modem:
        modem.device.sim.pin = pin
        for tail in TAILS:
            answer = await modem.says(f"AT{name}{tail}\r", 0.1)
            await modem.says("\x1b\rATV1E0\r")
            ends = (b"OK\r\n", b"> ", b"NO CARRIER\r\n", b"0\r", b"4\r")
            assert answer.endswith(ends) or b"ERROR" in answer, (tail, answer)
    assert errors == []


@pytest.mark.parametrize("seed", range(5))
async def test_noise_does_not_kill_it(seed: int) -> None:
    """Random bytes and fragments of commands, then ESC and CR: it still sends a message."""
    errors: list[str] = []
    _strict(errors)
    rng = random.Random(seed)
    fragments = [b"AT", b"\r", b"+CMGS=41\r", FLOOD.encode(), SUB.encode(), b"ATD06;\r", b'"', b";"]
    async with host() as modem:
        for _ in range(500):
            noise = rng.choice([*fragments, rng.randbytes(rng.randrange(1, 40))])
            modem.port.write(noise.replace(b"ATQ1", b""))
            await asyncio.sleep(0.001)
        await modem.says("\x1b\r", 60)
        await modem.says("AT+CHUP\r", 60)
        await modem.says("ATE0V1Q0+CMEE=1\r")
        modem.device.settings.functionality = 1

        assert b"+CMGS: " in await modem.sends()
    assert errors == []


@pytest.mark.parametrize("chunk", [1, 7, 10_000])
async def test_the_dialogue_does_not_depend_on_how_bytes_arrive(chunk: int) -> None:
    """One by one, in sevens, or all at once: the same answers."""
    script = f"ATE0\rAT+CSQ;+CREG?\rAT+CMGS=41\r{FLOOD}{SUB}AT+CMGS=1\r\x1bAT+NO\r".encode()
    network = Network(seed=1, pace=Pace.FAST)
    device = network.add_modem("m")
    network.install()
    modem = Host(network, device, open_port("m"))
    for at in range(0, len(script), chunk):
        modem.port.write(script[at : at + chunk])
    said = await modem.heard(1)
    network.remove()

    assert said == (
        b"ATE0\r\r\nOK\r\n\r\n+CSQ: 19,99\r\n\r\n+CREG: 0,1\r\n\r\nOK\r\n\r\n> "
        b"\r\n+CMGS: 1\r\n\r\nOK\r\n\r\n> \r\nOK\r\n\r\nERROR\r\n"
    )
