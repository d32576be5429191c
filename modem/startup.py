"""From an open port to a modem that can send: the ladder, and the health it ends in.

Job: identify, have the SIM unlocked, set SMS up, find out what this firmware can do, read
registration and signal. Almost every step may be refused: devices refuse a bare AT, AT+CMEE=1,
AT+CSMS, and still send. Not its job: opening or watching (`modem.supervisor`). For
`modem.driver` only.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Final

from modem import commands, simcard
from modem.commands import Command, ask, do
from modem.errors import CommandFailed, CommandTimeout, NotReady, RemoteProtocolError
from modem.link import Link
from modem.pins import Pin
from modem.profiles import choose, named
from modem.profiles.base import Needed
from modem.refusal import code_of
from modem.status import Trouble

_BASICS: Final = (do("ATE0"), do("ATE0"), do("ATV1"), do("AT+CMEE=1"))
_QUIET_LINE: Final = (
    do("ATS0=0"), do("AT+CLIP=1"), do("AT+CCWA=0,0,1", timeout=20.0), do("AT+COPS=3,0"),
)  # fmt: skip
#: The first accepted wins: Qualcomm devices advertise reports routed to us (ds=1) and refuse
#: them; Huawei, ZTE and SIMCom advertise mode 2 and refuse it; some take no reports at all.
_NOTIFY: Final = (
    "2,1,0,1,0", "1,1,0,1,0", "2,1,0,2,0", "1,1,0,2,0", "2,1,0,0,0", "1,1,0,0,0",
)  # fmt: skip
#: A SIM still reading itself in refuses its memories for some seconds.
_PATIENCE: Final = 10
_PAUSE: Final = 1.0
_NOT_YET: Final = frozenset({("CME", code) for code in simcard.BUSY} | {("CMS", 314), ("CMS", 515)})

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
class SetUp:
    """What the device took of our set-up, and what its firmware can do.

    ``routing`` is the form of AT+CNMI it accepted, empty for none; ``acknowledges`` whether
    what it routes to us must be acknowledged; ``voice`` whether its firmware carries sound.
    """

    imsi: str = ""
    iccid: str = ""
    routing: str = ""
    acknowledges: bool = False
    voice: bool = True


@dataclass(frozen=True, slots=True)
class Health:
    """What changes from one minute to the next. ``trouble`` None: it can send."""

    registration: str = ""
    roaming: bool = False
    operator: str = ""
    technology: str = ""
    signal_dbm: int | None = None
    trouble: Trouble | None = None


async def identify(link: Link, profile: str, usb_id: tuple[int, int] | None = None) -> Identity:
    """End any call, silence the echo, ask who is there, give ``link`` the profile for it.

    Raises PortLost and CommandTimeout only.
    """
    await link.wish(commands.HANG_UP)
    await _all(link, _BASICS)
    manufacturer = await link.wish(commands.MANUFACTURER) or ""
    model = await link.wish(commands.MODEL) or ""
    said = f"{manufacturer} {model}"
    if not said.strip():
        said = await link.wish(commands.IDENTITY) or ""
    link.profile = choose(said, usb_id) if profile == "auto" else named(profile)
    return Identity(
        manufacturer=manufacturer,
        model=model,
        revision=(await link.wish(commands.REVISION) or "").removeprefix("Revision: "),
        imei=await link.wish(commands.IMEI) or "",
    )


async def unlock(link: Link, pin: Pin, imei: str = "") -> bool:
    """Switch the radio on, wait for the SIM, enter its PIN once; raise NotReady if it stops us.

    Return whether the PIN was entered: a device that refuses all but the PIN must then be
    identified anew.
    """
    await _radio_on(link)
    return await simcard.unlock(link, pin, await _iccid(link) or imei)


async def _radio_on(link: Link) -> None:
    """Leave flight mode; some devices are busy for a while afterwards (CME 515)."""
    level = await link.wish(commands.FUNCTIONALITY)
    if level in {0, 4}:
        await _patiently(link, commands.RADIO_ON)


async def _iccid(link: Link) -> str:
    return (await link.wish(ask(link.profile.read_iccid)) or "").rstrip("Ff")


async def set_up(link: Link) -> SetUp:
    """Prepare for SMS and calls.

    Raises NotReady for a firmware without SMS, PortLost and CommandTimeout.
    """
    imsi = await link.wish(commands.IMSI) or ""
    iccid = await _iccid(link)
    await _all(link, _QUIET_LINE)
    await _all(link, [do(text) for text in link.profile.set_up])
    if not await _able(link, link.profile.needs_for_sms):
        raise NotReady(Trouble.REFUSES.value, "this firmware has no SMS")
    acknowledges = await _service(link)
    await _all(link, [do("AT+CMGF=0")])
    for storage in reversed(link.profile.storages):  # the last accepted stays, the first is best
        await _patiently(link, commands.USE_STORAGE, storage=storage)
    routing = await _routing(link)
    voice = await _able(link, link.profile.needs_for_voice)
    return SetUp(imsi, iccid, routing, acknowledges, voice)


async def _service(link: Link) -> bool:
    """Ask for routed messages that need no acknowledgement; return whether they need one yet.

    An acknowledgement is forgotten by some devices and refused by others, and without one the
    device stops telling us anything.
    """
    if await accepted(link, do("AT+CSMS=0")):
        return False
    return await link.wish(commands.SERVICE) == 1


async def _routing(link: Link) -> str:
    for form in _NOTIFY:
        if await _patiently(link, do(f"AT+CNMI={form}")):
            return form
    return ""


async def keep_reports(link: Link, routing: str) -> None:
    """Have reports kept in the device from now on: what is only routed is lost without a reader."""
    fields = routing.split(",")
    if len(fields) == 5 and fields[3] == "1":
        await link.attempt(do(f"AT+CNMI={','.join((*fields[:3], '2', *fields[4:]))}", timeout=2.0))


async def still_set_up(link: Link, routing: str) -> bool:
    """Tell whether the device still routes as it was told; one that cannot tell has not."""
    return bool(routing) and await link.wish(commands.ROUTING) == routing


async def _able(link: Link, needed: tuple[Needed, ...]) -> bool:
    """Ask all that an ability needs; every answer must come, and say what it should."""
    for need in needed:
        command = Command(need.command, commands.whole_text, reply=need.reply)
        said = await link.wish(command)
        if said is None or (need.sound and not re.search(need.sound, said)):
            return False
    return True


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


async def _patiently(link: Link, command: Command[None], **fields: object) -> bool:
    """Say ``command``, again each second while the SIM is busy; return whether it was taken."""
    for _ in range(_PATIENCE):
        try:
            await link.request(command, **fields)
        except CommandFailed as refused:
            if (refused.kind, code_of(refused)) not in _NOT_YET:
                return False
            await asyncio.sleep(_PAUSE)
        except RemoteProtocolError:
            return False
        except CommandTimeout:
            if link.deaf:
                raise
            await link.resynchronise()
            return False
        else:
            return True
    return False


async def accepted(link: Link, command: Command[None], **fields: object) -> bool:
    """Say ``command``; return whether the device took it. One that hangs on it has not."""
    try:
        await link.request(command, **fields)
    except (CommandFailed, RemoteProtocolError):
        return False
    except CommandTimeout:
        if link.deaf:
            raise
        await link.resynchronise()
        return False
    return True


async def _all(link: Link, steps: tuple[Command[None], ...] | list[Command[None]]) -> None:
    for step in steps:
        await link.wish(step)


__all__ = ["Health", "Identity", "Pin", "SetUp"]
