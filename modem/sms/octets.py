"""The fields SMS PDUs are made of: addresses, semi-octets, time stamps (3GPP 23.040, 9.1).

Job: write and read them. Not its job: which field comes where (`submit`, `incoming`,
`status`). Pure; for `modem.sms` only.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Final

from modem.errors import LocalProtocolError, RemoteProtocolError
from modem.sms.alphabet import from_gsm7, unpack

INTERNATIONAL: Final = 0x91
UNKNOWN: Final = 0x81

_DIGITS: Final = "0123456789*#abc"
_DIALLABLE: Final = re.compile(r"\+?[0-9*#]{1,20}", re.ASCII)
_FILL: Final = 0x0F
_ALPHANUMERIC: Final = 0x50
_TYPE_OF_NUMBER: Final = 0x70
_LONGEST_ADDRESS: Final = 24


class Octets:
    """Reads a PDU from its head; too short a PDU raises RemoteProtocolError."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @classmethod
    def of_hex(cls, text: str) -> Octets:
        """Read the hexadecimal digits a device printed; raise RemoteProtocolError on others."""
        try:
            return cls(bytes.fromhex(text))
        except ValueError:
            raise RemoteProtocolError("a PDU that is not hexadecimal") from None

    @property
    def left(self) -> int:
        """How many octets remain."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """Return the next ``count`` octets."""
        if count > self.left:
            raise RemoteProtocolError(f"PDU cut short: {count} octets due, {self.left} there")
        self._at += count
        return self._data[self._at - count : self._at]

    def octet(self) -> int:
        """Return the next octet."""
        return self.take(1)[0]

    def rest(self) -> bytes:
        """Return all that remains."""
        return self.take(self.left)


def write_address(number: str) -> bytes:
    """Return the address field of ``number``: digits, a leading + when international.

    Raises LocalProtocolError for anything that is not a number one can dial (the number itself
    is not repeated in the error).
    """
    if not _DIALLABLE.fullmatch(number):
        raise LocalProtocolError("a recipient that is not a telephone number")
    digits = number.removeprefix("+")
    kind = INTERNATIONAL if number.startswith("+") else UNKNOWN
    nibbles = [_DIGITS.index(digit) for digit in digits] + [_FILL] * (len(digits) % 2)
    swapped = (low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))
    return bytes([len(digits), kind, *swapped])


def read_address(octets: Octets) -> str:
    """Return the number or name of an address field (23.040, 9.1.2.5)."""
    length, kind = octets.octet(), octets.octet()
    if length > _LONGEST_ADDRESS:
        raise RemoteProtocolError(f"an address of {length} semi-octets")
    value = octets.take((length + 1) // 2)
    if kind & _TYPE_OF_NUMBER == _ALPHANUMERIC:
        return _name(value, length)
    digits = "".join(_DIGITS[nibble] for nibble in _nibbles(value)[:length] if nibble != _FILL)
    return f"+{digits}" if kind & _TYPE_OF_NUMBER == INTERNATIONAL & _TYPE_OF_NUMBER else digits


def _name(value: bytes, length: int) -> str:
    """Read a name; its length counts semi-octets in use, or is rounded up by some networks."""
    septets = unpack(value, length * 4 // 7)
    if septets and septets[-1] == 0 and length * 4 % 7 == 0:
        septets = septets[:-1]  # the eighth septet of a rounded-up length is fill, not an @
    return from_gsm7(septets).rstrip("\r\0")


def _nibbles(value: bytes) -> list[int]:
    return [nibble for octet in value for nibble in (octet & 0x0F, octet >> 4)]


def read_time(octets: Octets) -> datetime | None:
    """Return an SCTS or discharge time with its zone; None where the seven octets are no date."""
    *date, zone = octets.take(7)
    try:
        year, month, day, hour, minute, second = map(_pair, date)
        quarters = _pair(zone & ~0x08)
        offset = timedelta(minutes=15 * (-quarters if zone & 0x08 else quarters))
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=timezone(offset))
    except ValueError:
        return None


def _pair(octet: int) -> int:
    low, high = octet & 0x0F, octet >> 4
    if low > 9 or high > 9:
        raise ValueError("not a decimal digit")
    return 10 * low + high
