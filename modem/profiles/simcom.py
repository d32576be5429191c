"""SIMCom SIM7500 and SIM7600 (Qualcomm): voice as PCM on a USB serial interface. Pure.

``+CLCC`` notifications come after AT+CLCC=1 and use state 6 for a call that is over; the answer
is also said as ``VOICE CALL: BEGIN``. AT+CPCMREG=1 is accepted only in a call, and refused or
worse when asked within the first tenth of a second of it: so it is tried again. ATH leaves a
voice call up unless AT+CVHU=0 was said; AT+CHUP always ends it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from modem.events import Answered, DigitSource
from modem.profiles.base import AudioKind, CallSign, Ended, read_clcc, read_digit
from modem.profiles.generic import GENERIC


def read_voice_call(line: str) -> CallSign | None:
    """Read ``VOICE CALL: BEGIN``, ``VOICE CALL: END: 000041`` and ``VOICE CALL: END``."""
    if "BEGIN" in line:
        return Answered()
    return Ended(None, line) if "END" in line else None


SIM7600: Final = replace(
    GENERIC,
    name="simcom",
    identities=("sim7600", "sim7500", "simcom"),
    usb_ids=frozenset({(0x1E0E, 0x9001)}),
    at_interface=2,
    audio_interface=4,
    signs={
        **GENERIC.signs,
        "+CLCC:": read_clcc,
        "VOICE CALL:": read_voice_call,
        "+RXDTMF:": read_digit,
    },
    set_up=("AT+CVHU=0", "AT+CLCC=1", "AT+CPCMFRM=0"),
    read_iccid="AT+CICCID",
    audio=AudioKind.SERIAL_PCM,
    on_answer=("AT+DDET=1",),
    audio_on="AT+CPCMREG=1",
    audio_off="AT+CPCMREG=0",
    audio_tries=(0.12, 0.2, 0.3, 1.0, 1.0),
    digits=frozenset({DigitSource.MODEM, DigitSource.AUDIO}),
    poll_calls=None,
)
