"""Who answers at a port, asked without changing anything: for a transcript one can share.

Job: ask the questions that tell makes apart, read the answers, choose the profile, mask what is
personal. Not its job: serving the modem. For port tools; the port must be free.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from modem.commands import value_of
from modem.console import Console, console
from modem.masking import masked
from modem.profiles import GENERIC, Profile, choose

#: Nothing here changes a setting but the echo, and the long form of errors.
_QUESTIONS: Final = (
    "ATE0", "AT+CMEE=1", "ATI", "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN", "AT+CPIN?", "AT+CIMI",
    "AT+CFUN?", "AT+CREG?", "AT+CGREG?", "AT+CEREG?", "AT+COPS?", "AT+CSQ", "AT+CSCA?",
    "AT+CSMS?", "AT+CPMS=?", "AT+CPMS?", "AT+CNMI=?", "AT+CNMI?", "AT+CMGF?", "AT+CSCS?",
    "AT+CLCC", "AT+CCLK?", "AT+CUSD?",
)  # fmt: skip
_LIMIT: Final = 10.0
_TRIES: Final = 3
_FAILURES: Final = ("ERROR", "+CME", "+CMS", "COMMAND NOT SUPPORT")


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found out; ``transcript`` is masked, ``imei`` and ``iccid`` are not."""

    address: str
    answers: bool
    manufacturer: str = ""
    model: str = ""
    revision: str = ""
    imei: str = ""
    iccid: str = ""
    profile: str = ""
    transcript: tuple[str, ...] = ()


async def probe(address: str, usb_id: tuple[int, int] | None = None) -> Probe:
    """Ask whoever answers at ``address``. Raises PortLost and PortBusy."""
    async with console(address) as line:
        if not await _answers(line):
            return Probe(address, answers=False, transcript=_told(line))
        said = {text: await line.say(text, _LIMIT) for text in _QUESTIONS}
        maker, model = _first(said["AT+CGMI"]), _first(said["AT+CGMM"])
        profile = _profile(f"{maker} {model} {' '.join(said['ATI'])}", usb_id)
        iccid = _first(await line.say(profile.read_iccid, _LIMIT)).strip('"').rstrip("Ff")
        return Probe(
            address, answers=True, manufacturer=maker, model=model,
            revision=_first(said["AT+CGMR"]), imei=_first(said["AT+CGSN"]).strip('"'),
            iccid=iccid, profile=profile.name, transcript=_told(line),
        )  # fmt: skip


def _profile(said: str, usb_id: tuple[int, int] | None) -> Profile:
    return choose(said, usb_id) if said.strip() else GENERIC


async def _answers(line: Console) -> bool:
    """Leave a prompt if one is open, then say AT until something comes back."""
    await line.say("ESC", 0.5)
    for _ in range(_TRIES):
        if any(not said.startswith(">") for said in await line.say("AT", 1.0)):
            await asyncio.sleep(0.1)
            return True
    return False


def _first(lines: tuple[str, ...]) -> str:
    """Return the first information line's value, empty where the answer is a refusal."""
    if not lines or lines[0] == "OK" or lines[0].startswith(_FAILURES):
        return ""
    return value_of(lines[0]).strip()


def _told(line: Console) -> tuple[str, ...]:
    return tuple(f"{way} {masked(said)}" for way, said in line.transcript)
