"""The commands of an emulated modem about calls and their audio.

Job: dialling, hanging up, call states, keys, and the voice path, as a table from name to
handler. Not its job: what happens at the other end. Used by `modem.emulator.network`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from modem.emulator.at import Answer
from modem.emulator.call import CallState, EmulatedCall
from modem.emulator.commandline import Form, Request
from modem.emulator.commands_general import (
    BAD_VALUE,
    NOT_ALLOWED,
    OK,
    accept,
    needing_sim,
    only_for_extras,
    setting,
    switched,
)
from modem.emulator.device import Device, Handler
from modem.emulator.results import Done, Refused, Wait
from modem.events import ReleaseCause

_DIALLED: Final = re.compile(r"([+*#0-9A-Da-d]+)[iIgG]?;")


def _dial(device: Device, request: Request) -> Answer:
    match = _DIALLED.fullmatch(request.value.replace(" ", ""))
    if match is None:  # no semicolon: a data call, which nobody answers here
        return Done(final="NO CARRIER")
    if device.call is not None:
        return NOT_ALLOWED
    if not device.in_service or device.registration not in {1, 5}:
        return Refused("CME", 30)
    number = match[1]
    wait = Wait(lambda: _give_up(device))
    loop = asyncio.get_running_loop()
    loop.call_later(device.latencies.dial(), _start, device, number, wait)
    return wait


def _start(device: Device, number: str, wait: Wait) -> None:
    if not device.engine.awaits(wait):  # a byte from the host has cancelled it
        return
    device.call = call = device.air.dial(device, number)
    if device.profile.dial_answers:
        device.finish(wait, OK)
    else:
        device.dialling = wait
    _later(device.profile.dial_settles, _begin, device, call)


def _begin(device: Device, call: EmulatedCall) -> None:
    if device.call is not call:
        return
    device.announce_call(call, "DIALLING")
    if device.profile.calls_drop:
        call.end(ReleaseCause.NETWORK)


def _later(seconds: float, act: Callable[..., None], *arguments: object) -> None:
    if seconds:
        asyncio.get_running_loop().call_later(seconds, act, *arguments)
    else:
        act(*arguments)


def _give_up(device: Device) -> Done:
    """A byte came while ATD was silent: the call attempt ends (V.250, 5.6.1)."""
    device.dialling = None
    if device.call is not None:
        device.call.hang_up()
    return Done(final="NO CARRIER")


def _hang_up(device: Device, _request: Request) -> Answer:
    if not device.profile.hang_up_seconds or device.call is None:
        return _hung_up(device)
    wait = Wait()
    asyncio.get_running_loop().call_later(
        device.profile.hang_up_seconds, lambda: device.finish(wait, _hung_up(device))
    )
    return wait


def _hung_up(device: Device) -> Done:
    if device.call is not None:
        device.call.hang_up()
    return OK


def _hook(device: Device, request: Request) -> Answer:
    """ATH: on some makes it leaves a voice call alone, and says OK all the same."""
    if device.profile.hang_up_needs_cvhu and device.settings.hang_up_control != 0:
        return OK
    return _hang_up(device, request)


def _answer(device: Device, _request: Request) -> Answer:
    if device.call is None or device.call.state is not CallState.INCOMING:
        return Done(final="NO CARRIER")
    device.call.answer()
    return OK


def _calls(device: Device, request: Request) -> Answer:
    if request.form is not Form.RUN:
        return switched(device, request)
    if device.profile.clcc_kills_setup and device.dialling is not None and device.call is not None:
        device.call.end(ReleaseCause.NETWORK)
        return OK
    return Done((device.call_line(device.call),) if device.call is not None else ())


def _in_call(device: Device) -> bool:
    return device.call is not None and device.call.state is CallState.ACTIVE


def _send_keys(device: Device, request: Request) -> Answer:
    if request.form is not Form.SET:
        return OK
    keys = request.value.strip('"').replace(",", "").upper()
    if device.call is None or not _in_call(device):
        return NOT_ALLOWED
    if not keys or set(keys) - set("0123456789*#ABCD"):
        return BAD_VALUE
    for key in keys:
        device.call.press_from_modem(key)
    return OK


def _audio_path(device: Device, request: Request) -> Answer:
    if request.form is Form.READ:
        return Done((f"+CPCMREG: {int(device.audio.streaming)}",))
    if request.form is Form.TEST:
        return Done(("+CPCMREG: (0-1)",))
    value = request.number()
    if value == 1:
        return _open_audio(device)
    if value != 0:
        return BAD_VALUE
    device.audio.stop()
    return OK


def _open_audio(device: Device) -> Answer:
    call = device.call
    if call is None or call.answered_at is None:
        return NOT_ALLOWED
    since = asyncio.get_running_loop().time() - call.answered_at
    if since < device.profile.audio_settle - 1e-3:
        if device.profile.audio_early_freezes:
            device.freeze(notifications=True)
        return NOT_ALLOWED
    if device.audio.refuses_to_open():
        return Refused()
    if device.faults.audio_refusals:
        device.faults.audio_refusals -= 1
        return Refused()
    device.audio.start()
    return OK


def _audio_rate(device: Device, request: Request) -> Answer:
    if request.form is Form.READ:
        return Done((f"+CPCMFRM: {int(device.audio.wide)}",))
    if request.form is Form.TEST:
        return Done(("+CPCMFRM: (0-1)",))
    if request.number() not in {0, 1}:
        return BAD_VALUE
    device.audio.wide = request.number() == 1
    return OK


def _release_reason(device: Device, _request: Request) -> Answer:
    return Done((f"+CEER: {device.last_release}",))


CALLS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "D": needing_sim(_dial),
        "H": _hook,
        "A": _answer,
        "+CHUP": _hang_up,
        "+CLCC": _calls,
        "+CEER": _release_reason,
        "+CVHU": only_for_extras(setting("hang_up_control", 1)),
        "+VTS": _send_keys,
        "+DDET": only_for_extras(setting("digits_announced", 1)),
        "+CPCMREG": only_for_extras(_audio_path),
        "+CPCMFRM": only_for_extras(_audio_rate),
        "+CLIP": setting("clip", 1),
        "+CRC": setting("ring_extended", 1),
        "+COLP": accept,
        "+CCWA": accept,
        "+CSSN": accept,
    }
)
