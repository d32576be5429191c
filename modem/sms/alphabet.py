"""The GSM 7-bit default alphabet (3GPP 23.038, 6.2.1) and its packing into octets (6.1.2.1).

Job: characters to septets and back, septets to octets and back. Not its job: choosing an
encoding or cutting a text (`modem.sms.segments`). Pure; anybody may import it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from modem.errors import LocalProtocolError

ESCAPE: Final = 0x1B

#: One character per code; position 0x1B, the escape, is held by a character no text contains.
BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\ufffeÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: The extension table: each costs two septets, the escape and its code.
EXTENSION: Final[Mapping[int, str]] = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_SEPTETS: Final[dict[str, bytes]] = {
    **{char: bytes([code]) for code, char in enumerate(BASIC) if code != ESCAPE},
    **{char: bytes([ESCAPE, code]) for code, char in EXTENSION.items()},
}
_CHARACTERS: Final = frozenset(_SEPTETS)


def is_gsm7(text: str) -> bool:
    """Tell whether every character of ``text`` exists in the alphabet."""
    return _CHARACTERS.issuperset(text)


def septets_of(char: str) -> bytes | None:
    """Return the one or two septets of ``char``, None outside the alphabet."""
    return _SEPTETS.get(char)


def foreign_characters(text: str) -> tuple[tuple[int, str], ...]:
    """Return (index, character) of all that the alphabet lacks, in order."""
    return tuple((index, char) for index, char in enumerate(text) if char not in _SEPTETS)


def to_gsm7(text: str) -> bytes:
    """Return the septets of ``text``, one per byte (23.038, 6.2.1).

    Raises LocalProtocolError when a character is outside the alphabet.
    """
    try:
        return b"".join([_SEPTETS[char] for char in text])
    except KeyError as lacking:
        raise LocalProtocolError(f"{lacking.args[0]!r} is outside the GSM alphabet") from None


def from_gsm7(
    septets: Iterable[int], basic: str = BASIC, extension: Mapping[int, str] = EXTENSION
) -> str:
    """Return the text of ``septets`` (one per item, 0 to 127).

    ``basic`` and ``extension`` are the tables in force, where a header names others.
    An escape before a code the extension table lacks shows that code's basic character, as
    23.038 6.2.1.1 asks; an escape at the very end, or a second one, shows as a space.
    """
    text: list[str] = []
    escaped = False
    for septet in septets:
        if escaped:
            text.append(extension.get(septet) or _basic(septet, basic))
            escaped = False
        elif septet == ESCAPE:
            escaped = True
        else:
            text.append(basic[septet])
    return "".join(text) + (" " if escaped else "")


def _basic(septet: int, basic: str) -> str:
    return " " if septet == ESCAPE else basic[septet]


def pack(septets: bytes, fill: int = 0) -> bytes:
    """Pack ``septets`` into octets after ``fill`` (0 to 6) zero bits (23.038, 6.1.2.1.1)."""
    value = 0
    for position, septet in enumerate(septets):
        value |= septet << (7 * position + fill)
    return value.to_bytes((7 * len(septets) + fill + 7) // 8, "little")


def unpack(octets: bytes, count: int, fill: int = 0) -> bytes:
    """Return the ``count`` septets packed in ``octets`` after ``fill`` bits; fewer if too short."""
    value = int.from_bytes(octets, "little") >> fill
    whole = min(count, max(0, (8 * len(octets) - fill) // 7))
    return bytes([value >> (7 * position) & 0x7F for position in range(whole)])
