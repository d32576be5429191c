"""Quectel EC20, EC21, EC25, EG25: voice as PCM on what is otherwise the GPS port. Pure.

AT+QPCMV must be switched off and on before each call, or the second call is silent; positions
would be mixed into the sound unless the GPS output is sent nowhere. ``+QPCMV: 0,0`` asks us to
pause, ``+QPCMV: 1,0`` to go on. Progress comes as ``^DSCI``, whose states are its own (3
answered, 7 ringing, 6 over), or as ``+QIND: "ccinfo"``, whose states are those of +CLCC with -1
for the end. ``+QTONEDET`` gives the ASCII code of a key. Reports stored in SR are announced as
if in SM: they are asked for directly.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from modem.commands import Command, fields_of, tries_at
from modem.events import Alerting, Answered, DigitPressed, DigitSource
from modem.profiles.base import AudioKind, CallSign, Ended, Flow, Needed, PortRoles
from modem.profiles.generic import GENERIC

_DSCI: Final[dict[str, CallSign]] = {
    "3": Answered(),
    "6": Ended(None, "^DSCI: 6"),
    "7": Alerting(),
}
_CCINFO: Final[dict[str, CallSign]] = {
    "0": Answered(),
    "3": Alerting(),
    "-1": Ended(None, '+QIND: "ccinfo",-1'),
}


def read_dsci(line: str) -> CallSign | None:
    """Read ``^DSCI: <id>,<dir>,<stat>,<type>,<number>,<toa>``; <dir> 0 is ours, <type> 0 voice."""
    fields = fields_of(line)
    if len(fields) < 4 or fields[1] != "0" or fields[3] != "0":
        return None
    return _DSCI.get(fields[2])


def read_qind(line: str) -> CallSign | None:
    """Read ``+QIND: "ccinfo",<id>,<dir>,<state>,<mode>,<mpty>,...``; <dir> 0 is ours."""
    fields = fields_of(line)
    if len(fields) < 5 or fields[0] != '"ccinfo"' or fields[2] != "0" or fields[4] != "0":
        return None
    return _CCINFO.get(fields[3])


def read_tone(line: str) -> CallSign | None:
    """Read ``+QTONEDET: 49``; codes that are no key (70 was seen) are noise."""
    found = re.match(r"\+QTONEDET:\s*(\d{2})\s*$", line)
    key = chr(int(found[1])) if found else ""
    return DigitPressed(key, DigitSource.MODEM) if key and key in "0123456789*#ABCD" else None


def read_flow(line: str) -> CallSign | None:
    """Read ``+QPCMV: 0,0`` (pause) and ``+QPCMV: 1,0`` (go on)."""
    found = re.match(r"\+QPCMV:\s*([01]),", line)
    return Flow(found[1] == "1") if found else None


QUECTEL: Final = replace(
    GENERIC,
    name="quectel",
    identities=("quectel", "ec20", "ec21", "ec25", "eg25", "eg91", "eg95"),
    ports={
        (0x2C7C, 0x0125): PortRoles(at=(2, 3), audio=1),
        (0x2C7C, 0x0121): PortRoles(at=(2, 3), audio=1),
        (0x2C7C, 0x0191): PortRoles(at=(2, 3), audio=1),
        (0x2C7C, 0x0195): PortRoles(at=(2, 3), audio=1),
        (0x2C7C, 0x0306): PortRoles(at=(2, 3), audio=1),
        (0x2C7C, 0x0512): PortRoles(at=(2, 3), audio=1),
        (0x2C7C, 0x0296): PortRoles(at=(2, 3)),
        (0x05C6, 0x9215): PortRoles(at=(2, 3), audio=1),
    },
    signs={
        **GENERIC.signs,
        "^DSCI:": read_dsci,
        "+QIND:": read_qind,
        "+QTONEDET:": read_tone,
        "+QPCMV:": read_flow,
    },
    set_up=(
        "AT+CVHU=0",
        'AT+QGPSCFG="outport","none"',
        "AT+QAUDMOD=3",
        "AT^DSCI=1",
        'AT+QINDCFG="ccinfo",1,0',
        "AT+QTONEDET=1",
    ),
    read_iccid="AT+QCCID",
    pin_tries=Command("AT+QPINC?", tries_at(1, 2), reply="+QPINC"),
    audio=AudioKind.SERIAL_PCM,
    before_dial=("AT+QPCMV=0", "AT+QPCMV=1,0"),
    on_answer=("AT+QTONEDET=1",),
    audio_off="AT+QPCMV=0",
    digits=frozenset({DigitSource.MODEM, DigitSource.AUDIO}),
    hang_up_limit=40.0,
    needs_for_voice=(Needed("AT+QPCMV=1,0"), Needed("AT+QPCMV=0")),
)
