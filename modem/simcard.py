"""The SIM: waited for while it is busy, unlocked once, or the reason said.

Job: read its state, count the tries it leaves, enter the PIN if that is safe. A PIN a card has
refused is never entered again, whatever restarts; none is entered while fewer than three tries
are left. Not its job: SMS, the network (`modem.startup`). For `modem.startup` and the driver.
"""

from __future__ import annotations

import asyncio
from typing import Final

from modem import commands
from modem.commands import Tries
from modem.errors import CommandFailed, NotReady, RemoteProtocolError
from modem.link import Link
from modem.pins import Pin, fingerprint
from modem.refusal import code_of
from modem.status import Trouble

_POLLS: Final = 20
_PAUSE: Final = 2.0
#: CME 14: SIM busy. 515: a Wavecom that is still starting.
BUSY: Final = frozenset({14, 515})
_ERRORS: Final = {
    5: Trouble.OPERATOR_LOCK,
    10: Trouble.NO_SIM,
    12: Trouble.PUK_NEEDED,
    13: Trouble.SIM_FAILURE,
    15: Trouble.SIM_FAILURE,
    18: Trouble.PUK_NEEDED,
}
_WORDS: Final = {
    "SIM PUK": Trouble.PUK_NEEDED,
    "SIM PUK2": Trouble.PUK_NEEDED,
    "PH-SIM PIN": Trouble.OPERATOR_LOCK,
    "PH-NET PIN": Trouble.OPERATOR_LOCK,
    "NOT INSERTED": Trouble.NO_SIM,
}
#: Never gamble with the last tries of a PIN: a wrong one in our settings would block the SIM.
_TRIES_TO_SPARE: Final = 3


async def unlock(link: Link, pin: Pin, card: str = "") -> bool:
    """Wait until the SIM is usable; return whether its PIN had to be entered.

    ``card`` is what the PIN's fate is remembered by. Raises NotReady when the SIM stops us.
    """
    entered = False
    for _ in range(_POLLS):
        state = await _state(link)
        if state in {"READY", "UNKNOWN"}:
            return entered
        if state == "SIM PIN" and not entered:
            entered = await _enter(link, pin, card)
        elif state in _WORDS:
            raise NotReady(_WORDS[state].value, await _explained(link, state))
        await asyncio.sleep(_PAUSE)
    raise NotReady(Trouble.NO_SIM.value, "the SIM stays busy")


async def _state(link: Link) -> str:
    """Return the word of ``+CPIN``, BUSY, or UNKNOWN for a device that does not tell."""
    try:
        # a device that knows no better says OK to everything, and nothing of its card
        return await link.request(commands.SIM_STATE) or "UNKNOWN"
    except CommandFailed as refused:
        code = code_of(refused)
        if code in _ERRORS:
            detail = await _explained(link, str(refused))
            raise NotReady(_ERRORS[code].value, detail) from refused
        if code in BUSY:
            return "BUSY"
        return "SIM PIN" if code == 11 else "UNKNOWN"
    except RemoteProtocolError:
        return "UNKNOWN"


async def _explained(link: Link, said: str) -> str:
    """Add how many tries of the PUK are left, where it is the PUK that is wanted."""
    if "PUK" not in said and "12" not in said:
        return said
    tries = await link.attempt(link.profile.pin_tries) or Tries()
    return said if tries.puk is None else f"{said}, {tries.puk} PUK tries left"


async def _enter(link: Link, pin: Pin, card: str) -> bool:
    """Enter the PIN if all allows it; return False where the SIM was busy, to ask again."""
    code = _usable(pin)
    mark = fingerprint(card, code)
    if pin.refused or await pin.memory.was_refused(card, mark):
        pin.refused = True
        raise NotReady(Trouble.PIN_REFUSED.value, "refused before; not tried again")
    left = await _tries_left(link)
    if left is not None and left < _TRIES_TO_SPARE:
        raise NotReady(Trouble.PIN_REFUSED.value, f"{left} tries left")
    try:
        await link.request(commands.ENTER_PIN, pin=code)
    except CommandFailed as refused:
        if code_of(refused) in BUSY:
            return False
        pin.refused = True
        await pin.memory.note_refused(card, mark)
        raise NotReady(Trouble.PIN_REFUSED.value, str(refused)) from refused
    return True


def _usable(pin: Pin) -> str:
    if pin.unreadable:
        raise NotReady(Trouble.PIN_UNREADABLE.value, pin.unreadable)
    if not pin.code:
        raise NotReady(Trouble.PIN_NEEDED.value)
    if not (pin.code.isascii() and pin.code.isdecimal() and 4 <= len(pin.code) <= 8):
        raise NotReady(Trouble.PIN_REFUSED.value, "a PIN has 4 to 8 digits")
    return pin.code


async def _tries_left(link: Link) -> int | None:
    """Read the tries the PIN has; None where the device does not tell, asked twice."""
    for command in (link.profile.pin_tries, link.profile.pin_tries, commands.PIN_TRIES):
        tries = await link.attempt(command)
        if tries is not None and tries.pin is not None:
            return tries.pin
    return None
