"""USSD: the text of AT+CUSD in the spellings devices want and give (27.007, 7.15; 23.038).

Job: write a request plain or packed, read a reply in whatever spelling prints best: some devices
name the wrong coding scheme. Not its job: asking (`modem.driver`), what a balance is. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from modem.commands import do, fields_of, unquoted
from modem.errors import LocalProtocolError, RemoteProtocolError
from modem.profiles.base import UssdForm
from modem.sms.alphabet import from_gsm7, pack, to_gsm7, unpack

#: A code begins with * or #; what people then answer to a menu is digits.
_CODE: Final = re.compile(r"[0-9*#]{1,60}", re.ASCII)
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_UCS2_GROUP: Final = 0x48
_PAD: Final = 0x0D

ASK: Final = do('AT+CUSD=1,"{text}",15', timeout=30.0)
CANCEL: Final = do("AT+CUSD=2")
#: Huawei sticks in packed mode refuse text until told otherwise.
TEXT_MODE: Final = do("AT^USSDMODE=0")


@dataclass(frozen=True, slots=True)
class UssdReply:
    """What the network said.

    ``status``: 0 done, 1 it wants an answer, 2 ended by the network,
    3 another client answered, 4 not supported, 5 network time-out.
    """

    status: int
    text: str

    @property
    def wants_answer(self) -> bool:
        """Whether the dialogue goes on."""
        return self.status == 1


def request_text(code: str, form: UssdForm) -> str:
    """Return what stands between the quotes for ``code``; raise LocalProtocolError for others."""
    if not _CODE.fullmatch(code):
        raise LocalProtocolError("a USSD code has digits, * and # only")
    if form is UssdForm.PLAIN:
        return code
    septets = to_gsm7(code)
    if len(septets) % 8 == 7:  # else the seven spare bits would read as an @ (23.038, 6.1.2.3)
        septets += bytes([_PAD])
    return pack(septets).hex().upper()


def parse_reply(line: str) -> UssdReply:
    """Read ``+CUSD: <m>[,"<str>",<dcs>]``; raise RemoteProtocolError for what is none."""
    fields = fields_of(line)
    if not line.startswith("+CUSD:") or not fields or not fields[0].isdecimal():
        raise RemoteProtocolError("no +CUSD")
    said = unquoted(fields[1]) if len(fields) > 1 else ""
    coding = int(fields[2]) if len(fields) > 2 and fields[2].isdecimal() else 15
    return UssdReply(int(fields[0]), _best(_readings(said, coding)))


def _readings(said: str, coding: int) -> list[str]:
    """Return what the text may mean, the most likely first."""
    if not _HEX.fullmatch(said):
        return [said]
    octets = bytes.fromhex(said)
    wide = octets.decode("utf-16-be", "replace") if len(octets) % 2 == 0 else ""
    packed = from_gsm7(unpack(octets, 8 * len(octets) // 7)).rstrip("\r@")
    named = [wide, packed] if coding in {_UCS2_GROUP, 0x11, 0x08} else [packed, wide]
    return [*named, said]


def _best(readings: Sequence[str]) -> str:
    return max(readings, key=lambda text: (_print_share(text), -readings.index(text)))


def _print_share(text: str) -> float:
    """Return how much of ``text`` a French reader could have been meant to read."""
    good = sum(char in "\r\n€" or (char.isprintable() and ord(char) < 0x250) for char in text)
    return good / len(text) if text else 0.0
