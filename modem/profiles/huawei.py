"""Huawei voice sticks: E1550, E169, E173, E1752, E303, E3131, E3372 with stick firmware. Pure.

Progress comes as ``^ORIG`` (the call exists), ``^CONF`` (set up; the phone is about to ring),
``^CONN`` (answered), ``^CEND`` (over, the last field a cause of Q.850). The sound goes to the
diagnostic port for as long as the call lasts once AT^DDSETEX=2 has been said; the command is
given after dialling. AT+CHLD before ``^CONF`` silences an E1550 for good, so calls end with
AT+CHUP only. Message places count from 0; reports of a message are asked for in mode 1 where
mode 2 is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from modem.commands import Command, fields_of, tries_at
from modem.events import Alerting, Answered, DigitSource, ReleaseCause
from modem.profiles.base import (
    AudioKind,
    CallSign,
    Ended,
    Needed,
    PortRoles,
    UssdForm,
    read_digit,
    said,
)
from modem.profiles.generic import GENERIC
from modem.release import cause_of_number


def read_cend(line: str) -> CallSign:
    """Read ``^CEND:<idx>,<seconds>,<end status>[,<Q.850 cause>]``; the status lies, see above."""
    fields = fields_of(line)
    known: ReleaseCause | None = None
    if len(fields) > 3 and fields[3].isdecimal():
        known = cause_of_number(int(fields[3]))
    return Ended(known, line)


HUAWEI: Final = replace(
    GENERIC,
    name="huawei",
    identities=("huawei",),
    ports={
        (0x12D1, 0x1001): PortRoles(at=(2,), audio=1),
        (0x12D1, 0x140C): PortRoles(at=(3,), audio=2),
        (0x12D1, 0x1436): PortRoles(at=(4,), audio=3),
        (0x12D1, 0x14AC): PortRoles(at=(4,), audio=3),
        (0x12D1, 0x1506): PortRoles(at=(3,), audio=2),
    },
    signs={
        **GENERIC.signs,
        "^CONF": said(Alerting()),
        "^CONN": said(Answered()),
        "^CEND": read_cend,
        "^DDTMF": read_digit,
    },
    set_up=("AT+CVHU=0", "AT^U2DIAG=0", "AT^DDTMFCFG=0,1"),
    read_iccid="AT^ICCID?",
    pin_tries=Command("AT^CPIN?", tries_at(3, 2), reply="^CPIN"),
    storages=("SM", "ME"),
    ussd=UssdForm.PACKED,
    audio=AudioKind.SERIAL_PCM,
    audio_on="AT^DDSETEX=2",
    audio_at_dial=True,
    audio_tries=(0.1, 0.3, 0.5),
    digits=frozenset({DigitSource.MODEM, DigitSource.AUDIO}),
    poll_calls=None,
    send_digit="AT^DTMF=1,{digit}",
    needs_for_voice=(Needed("AT^CVOICE?", "^CVOICE", r"\^CVOICE:\s*0"),),
    hints=(*GENERIC.hints, "^BOOT", "^SIMST"),
)
