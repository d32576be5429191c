"""From an open port to a modem that can send: the ladder, and the health it ends in.

Job: identify, unlock the SIM, set SMS up, read registration and signal. Almost every step may
be refused: devices refuse a bare AT, AT+CMEE=1, AT+CSMS, and still send. Not its job: opening
or watching (`modem.supervisor`). For `modem.driver` only.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from modem import commands
from modem.commands import Command, ask, do
from modem.errors import CommandFailed, NotReady, RemoteProtocolError
from modem.link import Link
from modem.profiles import choose, named
from modem.refusal import code_of
from modem.status import Trouble

_BASICS: Final = (do("ATE0"), do("ATE0"), do("ATV1"), do("AT+CMEE=1"))
_QUIET_LINE: Final = (do("ATS0=0"), do("AT+CLIP=1"), do("AT+COPS=3,0"), do("AT+CSMS=0"))
#: The first accepted wins: Qualcomm devices advertise reports routed to us (ds=1) and refuse
#: them; Huawei, ZTE and SIMCom advertise mode 2 and refuse it.
_NOTIFY: Final = tuple(
    do(f"AT+CNMI={form}")
    for form in ("2,1,0,1,0", "1,1,0,1,0", "2,1,0,2,0", "1,1,0,2,0", "2,1,0,0,0", "1,1,0,0,0")
)
_SIM_TRIES: Final = 20
_SIM_PAUSE: Final = 2.0
_SIM_BUSY: Final = frozenset({14, 515})
_SIM_ERRORS: Final = {
    10: Trouble.NO_SIM,
    12: Trouble.PUK_NEEDED,
    13: Trouble.SIM_FAILURE,
    15: Trouble.SIM_FAILURE,
}
_SIM_WORDS: Final = {
    "SIM PUK": Trouble.PUK_NEEDED,
    "PH-SIM PIN": Trouble.OPERATOR_LOCK,
    "PH-NET PIN": Trouble.OPERATOR_LOCK,
    "NOT INSERTED": Trouble.NO_SIM,
}
#: Never gamble with the last tries of a PIN: a wrong one in our settings would block the SIM.
_TRIES_TO_SPARE: Final = 3

_REGISTRATION: Final = {
    0: "idle",
    1: "home",
    2: "searching",
    3: "denied",
    4: "unknown",
    5: "roaming",
    6: "home",
    7: "roaming",
    8: "emergency",
    9: "home",
    10: "roaming",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the device and its SIM say they are; empty where they do not say."""

    manufacturer: str = ""
    model: str = ""
    revision: str = ""
    imei: str = ""
    imsi: str = ""
    iccid: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """What changes from one minute to the next. ``trouble`` None: it can send."""

    registration: str = ""
    roaming: bool = False
    operator: str = ""
    technology: str = ""
    signal_dbm: int | None = None
    trouble: Trouble | None = None


@dataclass(slots=True)
class Pin:
    """The SIM's PIN, and whether it was refused: then it is never tried again."""

    code: str | None = None
    refused: bool = False


async def identify(link: Link, profile: str) -> Identity:
    """End any call, silence the echo, ask who is there, give ``link`` the profile for it.

    Raises PortLost and CommandTimeout only.
    """
    await link.attempt(commands.HANG_UP)
    await _all(link, _BASICS)
    manufacturer = await link.attempt(commands.MANUFACTURER) or ""
    model = await link.attempt(commands.MODEL) or ""
    said = f"{manufacturer} {model}"
    if not said.strip():
        said = await link.attempt(commands.IDENTITY) or ""
    link.profile = choose(said) if profile == "auto" else named(profile)
    return Identity(
        manufacturer=manufacturer,
        model=model,
        revision=(await link.attempt(commands.REVISION) or "").removeprefix("Revision: "),
        imei=await link.attempt(commands.IMEI) or "",
    )


async def unlock(link: Link, pin: Pin) -> None:
    """Wait until the SIM is usable, enter its PIN once if it asks; raise NotReady if it is not."""
    for _ in range(_SIM_TRIES):
        state = await _sim_state(link)
        if state in {"READY", "UNKNOWN"}:
            return
        if state == "SIM PIN":
            await _enter_pin(link, pin)
        elif state in _SIM_WORDS:
            raise NotReady(_SIM_WORDS[state].value, state)
        await asyncio.sleep(_SIM_PAUSE)
    raise NotReady(Trouble.NO_SIM.value, "the SIM stays busy")


async def _sim_state(link: Link) -> str:
    """Return the word of ``+CPIN``, BUSY, or UNKNOWN for a device that does not tell."""
    try:
        return await link.request(commands.SIM_STATE)
    except CommandFailed as refused:
        code = code_of(refused)
        if code in _SIM_ERRORS:
            raise NotReady(_SIM_ERRORS[code].value, str(refused)) from refused
        if code in _SIM_BUSY:
            return "BUSY"
        return "SIM PIN" if code == 11 else "UNKNOWN"
    except RemoteProtocolError:
        return "UNKNOWN"


async def _enter_pin(link: Link, pin: Pin) -> None:
    if pin.refused:
        raise NotReady(Trouble.PIN_REFUSED.value, "refused before; not tried again")
    if not pin.code:
        raise NotReady(Trouble.PIN_NEEDED.value)
    if not (pin.code.isdigit() and 4 <= len(pin.code) <= 8):
        raise NotReady(Trouble.PIN_REFUSED.value, "a PIN has 4 to 8 digits")
    left = await _tries_left(link)
    if left is not None and left < _TRIES_TO_SPARE:
        raise NotReady(Trouble.PIN_REFUSED.value, f"{left} tries left")
    try:
        await link.request(commands.ENTER_PIN, pin=pin.code)
    except CommandFailed as refused:
        pin.refused = True
        raise NotReady(Trouble.PIN_REFUSED.value, str(refused)) from refused
    await _all(link, _BASICS)  # devices that refuse all but the PIN refused these too


async def _tries_left(link: Link) -> int | None:
    """Read ``+CPINR: SIM PIN,<left>,<default>``; None where the device does not tell."""
    counter = Command('AT+CPINR="SIM PIN"', lambda lines: commands.number_in(lines, 1), "+CPINR")
    return await link.attempt(counter)


async def set_up(link: Link) -> tuple[str, str]:
    """Prepare for SMS and calls; return IMSI and ICCID. Raises PortLost and CommandTimeout."""
    imsi = await link.attempt(commands.IMSI) or ""
    iccid = await link.attempt(ask(link.profile.read_iccid)) or ""
    await _all(link, _QUIET_LINE)
    await _all(link, [do(text) for text in link.profile.set_up])
    await _all(link, [do("AT+CMGF=0")])
    for storage in reversed(link.profile.storages):  # the last accepted stays, the first is best
        await accepted(link, commands.USE_STORAGE, storage=storage)
    for form in _NOTIFY:
        if await accepted(link, form):
            break
    return imsi, iccid.rstrip("Ff")


async def read_health(link: Link) -> Health:
    """Read registration, operator and signal; what a device refuses stays unknown."""
    stats = [
        await link.attempt(commands.REGISTRATION),
        await link.attempt(commands.PACKET_REGISTRATION),
    ]
    known = [stat for stat in stats if stat is not None]
    best = next((stat for stat in known if stat in {1, 5, 6, 7, 9, 10}), None)
    stat = best if best is not None else next(iter(known), None)
    operator = await link.attempt(commands.OPERATOR) or commands.Operator("", "")
    signal = await _signal(link)
    return Health(
        registration="" if stat is None else _REGISTRATION.get(stat, "unknown"),
        roaming=stat in {5, 7, 10},
        operator=operator.name,
        technology=operator.technology,
        signal_dbm=signal,
        trouble=_network_trouble(stat, registered=best is not None),
    )


async def _signal(link: Link) -> int | None:
    """Read the signal in dBm; some devices know only the one form of the command."""
    for form in (commands.SIGNAL, commands.SIGNAL_AS_QUERY):
        try:
            return await link.request(form)
        except (CommandFailed, RemoteProtocolError):
            continue
    return None


def _network_trouble(stat: int | None, *, registered: bool) -> Trouble | None:
    if registered or stat is None:
        return None
    return Trouble.DENIED if stat == 3 else Trouble.NOT_REGISTERED


async def accepted(link: Link, command: Command[None], **fields: object) -> bool:
    """Say ``command``; return whether the device took it."""
    try:
        await link.request(command, **fields)
    except (CommandFailed, RemoteProtocolError):
        return False
    return True


async def _all(link: Link, steps: tuple[Command[None], ...] | list[Command[None]]) -> None:
    for step in steps:
        await link.attempt(step)
