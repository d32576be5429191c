"""SIMCom: SIM7500 and SIM7600 (Qualcomm), and the A76xx series (ASR). Pure.

SIM7600: ``+CLCC`` notifications come after AT+CLCC=1 and use state 6 for a call that is over;
the answer is also said as ``VOICE CALL: BEGIN``. AT+CPCMREG=1 is accepted only in a call, and
refused or worse when asked within the first tenth of a second of it: so it is tried again. Its
sound port wears out from call to call: first the opening takes two tries, then there is no
sound at all, and only AT+CRESET mends it. ATH leaves a voice call up unless AT+CVHU=0 was said;
AT+CHUP always ends it, sometimes after half a minute.

A76xx: the same language, but its sound leaves by analogue pins. Some variants of its firmware
have no calls or no SMS; one drops every call when the network offers voice over LTE.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from modem.commands import Command, tries_at
from modem.events import Answered, DigitSource
from modem.profiles.base import (
    Advice,
    AudioKind,
    CallSign,
    Ended,
    Needed,
    PortRoles,
    read_clcc,
    read_digit,
)
from modem.profiles.generic import GENERIC


def read_voice_call(line: str) -> CallSign | None:
    """Read ``VOICE CALL: BEGIN``, ``VOICE CALL: END: 000041`` and ``VOICE CALL: END``."""
    if "BEGIN" in line:
        return Answered()
    return Ended(None, line) if "END" in line else None


_SIMCOM: Final = replace(
    GENERIC,
    signs={
        **GENERIC.signs,
        "+CLCC:": read_clcc,
        "VOICE CALL:": read_voice_call,
        "+RXDTMF:": read_digit,
    },
    read_iccid="AT+CICCID",
    pin_tries=Command("AT+SPIC", tries_at(0, 1), reply="+SPIC"),
    on_answer=("AT+DDET=1",),
    digits=frozenset({DigitSource.MODEM, DigitSource.AUDIO}),
    poll_calls=None,
    hang_up_limit=40.0,
    reset="AT+CRESET",
)

SIM7600: Final = replace(
    _SIMCOM,
    name="simcom",
    identities=("sim7600", "sim7500", "simcom"),
    ports={(0x1E0E, 0x9001): PortRoles(at=(2, 3), audio=4)},
    set_up=("AT+CVHU=0", "AT+CLCC=1", "AT+CPCMFRM=0", "AT+CPCMBANDWIDTH=1,1"),
    audio=AudioKind.SERIAL_PCM,
    audio_on="AT+CPCMREG=1",
    audio_off="AT+CPCMREG=0",
    audio_tries=(0.12, 0.2, 0.3, 1.0, 1.0),
    audio_wears=True,
)

A76XX: Final = replace(
    _SIMCOM,
    name="simcom-a76xx",
    identities=("a7670", "a7672", "a7608", "a7600", "a7602", "a76"),
    ports={(0x1E0E, 0x9011): PortRoles(at=(4, 5))},
    set_up=("AT+CVHU=0", "AT+CLCC=1"),
    audio=AudioKind.WIRED,
    needs_for_voice=(Needed("AT+CLCC=?"),),
    needs_for_sms=(Needed("AT+CMGS=?"),),
    advice=(Advice("A011B01A7670", "firmware_drops_calls"),),
)
