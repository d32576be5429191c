"""The GSM 7-bit alphabet as the emulated network reads and writes it (3GPP 23.038, 6.2.1).

Job: septets to text and back, packed and unpacked. Not its job: choosing an encoding for a
product message (`modem.sms`), of which this is deliberately independent: a fake built on the
code it tests would share its mistakes. Used inside `modem.emulator` only.
"""

from __future__ import annotations

from typing import Final

ESCAPE: Final = 0x1B
BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION: Final = {
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
_CODE: Final = {
    **{char: (code,) for code, char in enumerate(BASIC) if code != ESCAPE},
    **{char: (ESCAPE, code) for code, char in EXTENSION.items()},
}


def text_of(septets: list[int]) -> str:
    """Read unpacked septets; an unknown escape shows its basic character, as phones do."""
    said: list[str] = []
    escaped = False
    for septet in septets:
        if escaped:
            said.append(EXTENSION.get(septet, BASIC[septet]))
            escaped = False
        elif septet == ESCAPE:
            escaped = True
        else:
            said.append(BASIC[septet])
    return "".join(said)


def septets_of(text: str) -> list[int] | None:
    """Return the septets of ``text``, or None when a character is not in the alphabet."""
    septets: list[int] = []
    for char in text:
        code = _CODE.get(char)
        if code is None:
            return None
        septets.extend(code)
    return septets


def unpack(data: bytes, count: int, skip_bits: int = 0) -> list[int]:
    """Return ``count`` septets of packed ``data``, after ``skip_bits`` bits of header and fill."""
    stream = int.from_bytes(data, "little") >> skip_bits
    return [stream >> 7 * position & 0x7F for position in range(count)]


def pack(septets: list[int], fill_bits: int = 0) -> bytes:
    """Pack septets, leaving ``fill_bits`` zero bits before the first."""
    stream = 0
    for position, septet in enumerate(septets):
        stream |= septet << (fill_bits + 7 * position)
    return stream.to_bytes((fill_bits + 7 * len(septets) + 7) // 8, "little")
