"""Telephone numbers as the emulated network compares and codes them.

Job: one canonical form per phone, and the address field of a PDU (3GPP 23.040, 9.1.2.5). Not
its job: validating what a town types (`gateway`). Used inside `modem.emulator` only.
"""

from __future__ import annotations

from typing import Final

COUNTRY: Final = "33"
INTERNATIONAL: Final = 0x91
_SEMI_OCTETS: Final = "0123456789*#abc"


def canonical(number: str) -> str:
    """Return ``+33…`` for a French number however written; short codes and others as they are."""
    kept = "".join(char for char in number if char.isdigit() or char in "+*#")
    if kept.startswith("00"):
        kept = "+" + kept[2:]
    if kept.startswith("0") and len(kept) == 10:
        kept = f"+{COUNTRY}{kept[1:]}"
    return kept


def decode_digits(octets: bytes, count: int) -> str:
    """Read ``count`` swapped semi-octets. Raises IndexError on a filler where a digit belongs."""
    halves = [half for octet in octets for half in (octet & 0x0F, octet >> 4)]
    return "".join(_SEMI_OCTETS[half] for half in halves[:count])


def swapped(digits: str) -> bytes:
    """Code digits as swapped semi-octets, padded with the filler 0xF."""
    halves = [_SEMI_OCTETS.index(digit) for digit in digits]
    if len(halves) % 2:
        halves.append(0x0F)
    return bytes(low | high << 4 for low, high in zip(halves[::2], halves[1::2], strict=True))


def encode_address(number: str) -> bytes:
    """Return an address field: digit count, type, swapped digits."""
    digits = number.removeprefix("+")
    kind = INTERNATIONAL if number.startswith("+") else 0x81
    return bytes((len(digits), kind)) + swapped(digits)


def encode_centre(number: str) -> bytes:
    """Return a service centre field: octet count, type, swapped digits; one zero when unknown."""
    if not number:
        return b"\0"
    digits = swapped(number.removeprefix("+"))
    return bytes((len(digits) + 1, INTERNATIONAL if number.startswith("+") else 0x81)) + digits
