"""The commands single makes have: Huawei's and Quectel's voice, USSD in its spellings, CHLD.

Job: a table from name to handler; which make has which is its profile's. Not its job: what all
makes have. Used by `modem.emulator.network`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from modem.emulator.alphabet import pack, septets_of, text_of, unpack
from modem.emulator.at import Answer
from modem.emulator.call import CallState
from modem.emulator.commandline import Form, Request
from modem.emulator.commands_general import (
    BAD_VALUE,
    NOT_ALLOWED,
    OK,
    accept,
    needing_sim,
    only_for_extras,
    switched,
    text,
)
from modem.emulator.device import Device, Handler
from modem.emulator.results import Done, Refused

_USSD_SECONDS: Final = 1.5


def _voice_enabled(_device: Device, request: Request) -> Answer:
    """AT^CVOICE?: 0 is yes, then rate, bits and milliseconds per frame."""
    return Done(("^CVOICE:0,8000,16,20",)) if request.form is Form.READ else OK


def _sound_to_port(device: Device, request: Request) -> Answer:
    """AT^DDSETEX=2: the sound of the call goes to the port; it ends with the call."""
    if request.form is not Form.SET or request.number() != 2:
        return BAD_VALUE
    if device.call is None:
        return NOT_ALLOWED
    device.audio.start()
    return OK


def _press(device: Device, request: Request) -> Answer:
    """AT^DTMF=<call>,<key>."""
    call = device.call
    if call is None or call.state is not CallState.ACTIVE or len(request.fields) != 2:
        return NOT_ALLOWED
    call.press_from_modem(request.fields[1])
    return OK


def _hold(device: Device, _request: Request) -> Answer:
    """AT+CHLD before the network has confirmed a call silences an E1550 for good."""
    call = device.call
    if call is not None and call.state is CallState.DIALLING and device.profile.chld_freezes_setup:
        device.freeze(notifications=True)
        return OK
    if call is not None:
        call.hang_up()
    return OK


def _switch_voice(device: Device, request: Request) -> Answer:
    """AT+QPCMV: must be switched off before it counts as switched on for a new call."""
    audio = device.audio
    if request.form is Form.READ:
        return Done((f"+QPCMV: {int(audio.switched_on)},0",))
    if request.form is Form.TEST:
        return Done(("+QPCMV: (0,1),(0-2)",))
    if request.number() == 0:
        audio.switched_on, audio.fresh = False, True
        audio.stop()
    elif request.number() == 1:
        audio.switched_on = True
    else:
        return BAD_VALUE
    return OK


def _positions(device: Device, request: Request) -> Answer:
    if request.form is Form.SET and request.fields[:1] == ("outport",):
        device.audio.leaks_positions = request.fields[1:] != ("none",)
    return OK


def _key_announcements(device: Device, request: Request) -> Answer:
    device.settings.digits_announced = request.number() == 1
    return OK


def _indications(device: Device, request: Request) -> Answer:
    """AT+QINDCFG="ccinfo",1,0."""
    if request.form is not Form.SET:
        return Done(('+QINDCFG: "ccinfo",0,0',))
    if request.fields[:1] == ("ccinfo",):
        on = request.fields[1:2] == ("1",)
        (device.settings.switched.add if on else device.settings.switched.discard)(request.name)
    return OK


def _ussd_mode(device: Device, request: Request) -> Answer:
    device.settings.ussd_in_text = request.number() == 0
    return OK


def _ussd(device: Device, request: Request) -> Answer:
    if request.form is not Form.SET or request.number() == 2:
        return OK
    asked = request.fields[1] if len(request.fields) > 1 else ""
    packed = device.profile.packed_ussd and not device.settings.ussd_in_text
    code = _unpacked(asked) if packed else asked
    if code is None:
        return Refused()
    said = device.ussd.get(code)
    line = "+CUSD: 4" if said is None else f'+CUSD: 0,"{_packed(said, device, packed)}",15'
    asyncio.get_running_loop().call_later(_USSD_SECONDS, device.engine.notify, line)
    return OK


def _unpacked(digits: str) -> str | None:
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        return None
    return text_of(unpack(octets, 8 * len(octets) // 7, 0)).rstrip("\r@")


def _packed(said: str, device: Device, packed: bool) -> str:
    if not packed:
        return text(device, said)
    return pack(septets_of(said) or [], 0).hex().upper()


VENDOR: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "^CVOICE": only_for_extras(_voice_enabled),
        "^DDSETEX": only_for_extras(_sound_to_port),
        "^DTMF": only_for_extras(_press),
        "^CURC": only_for_extras(accept),
        "^U2DIAG": only_for_extras(accept),
        "^USSDMODE": only_for_extras(_ussd_mode),
        "+CHLD": only_for_extras(_hold),
        "^DSCI": only_for_extras(switched),
        "+QINDCFG": only_for_extras(_indications),
        "+QPCMV": only_for_extras(_switch_voice),
        "+QGPSCFG": only_for_extras(_positions),
        "+QAUDMOD": only_for_extras(accept),
        "+QTONEDET": only_for_extras(_key_announcements),
        "+CUSD": needing_sim(_ussd),
    }
)
