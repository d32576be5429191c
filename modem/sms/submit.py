"""A text and a number become SMS-SUBMIT PDUs (3GPP 23.040, 9.2.2.2).

Job: encode. Not its job: sending (`modem.link`), numbering messages (the caller's reference).
Pure; anybody may import it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from modem.errors import LocalProtocolError
from modem.sms.alphabet import pack, to_gsm7
from modem.sms.octets import write_address
from modem.sms.segments import MOST_SEGMENTS, Encoding, encoding_of, split

_SUBMIT: Final = 0x01
_RELATIVE_VALIDITY: Final = 0x10
_VALIDITY_FORM: Final = 0x18
_REPORT: Final = 0x20
_HEADER: Final = 0x40
_DCS: Final = {
    (Encoding.GSM7, False): 0x00,
    (Encoding.GSM7, True): 0x10,
    (Encoding.UCS2, False): 0x08,
    (Encoding.UCS2, True): 0x18,
}


@dataclass(frozen=True, slots=True)
class SubmitPdu:
    """One SMS ready to leave.

    ``hex`` begins with an empty service-centre field (the SIM's own is used); ``length`` counts
    the octets after it, as ``AT+CMGS=`` wants. ``part`` counts from 1.
    """

    hex: str = field(repr=False)
    length: int
    recipient: str = field(repr=False)
    part: int
    total: int


def encode_submit(
    recipient: str,
    text: str,
    *,
    concat_reference: int,
    validity: timedelta | None = None,
    report: bool = True,
    flash: bool = False,
    wide_reference: bool = False,
) -> tuple[SubmitPdu, ...]:
    """Return the PDUs that carry ``text`` to ``recipient`` (+E.164, or a national number).

    ``concat_reference`` joins the parts of one message (taken modulo 256, or 65536 with
    ``wide_reference``); ``validity`` is rounded down to what the relative format can say, five
    minutes at least; ``report`` asks for a status report per part; ``flash`` shows the text at
    once without storing it (class 0). Raises LocalProtocolError for what is not a number and for
    more than 255 parts.
    """
    parts = split(text, wide_reference)
    if len(parts) > MOST_SEGMENTS:
        raise LocalProtocolError(f"{len(parts)} parts; the most is {MOST_SEGMENTS}")
    encoding = encoding_of(text)
    first = _SUBMIT | (_REPORT if report else 0) | (_HEADER if len(parts) > 1 else 0)
    first |= _RELATIVE_VALIDITY if validity is not None else 0
    head = bytes([first, 0]) + write_address(recipient) + bytes([0, _DCS[encoding, flash]])
    head += bytes([] if validity is None else [relative_validity(validity)])
    pdus: list[SubmitPdu] = []
    for number, part in enumerate(parts, 1):
        header = _concatenation(concat_reference, len(parts), number, wide=wide_reference)
        tpdu = head + _user_data(part, encoding, header if len(parts) > 1 else b"")
        pdus.append(SubmitPdu(f"00{tpdu.hex().upper()}", len(tpdu), recipient, number, len(parts)))
    return tuple(pdus)


def without_validity(pdu: SubmitPdu) -> SubmitPdu | None:
    """Return ``pdu`` without its relative validity, for networks that refuse one; None if none.

    ``pdu`` begins with an empty service-centre field, as `encode_submit` makes them.
    """
    octets = bytearray.fromhex(pdu.hex)
    if octets[1] & _VALIDITY_FORM != _RELATIVE_VALIDITY:
        return None
    octets[1] &= ~_VALIDITY_FORM & 0xFF
    del octets[3 + 2 + (octets[3] + 1) // 2 + 2]  # behind the address, TP-PID and TP-DCS
    return replace(pdu, hex=octets.hex().upper(), length=pdu.length - 1)


def relative_validity(validity: timedelta) -> int:
    """Return TP-VP (23.040, 9.2.3.12.1), never longer than ``validity`` unless below 5 minutes."""
    minutes = int(validity.total_seconds() // 60)
    days = minutes // (24 * 60)
    if minutes < 12 * 60:
        return max(0, minutes // 5 - 1)
    if days < 1:
        return 143 + (minutes - 12 * 60) // 30
    if days < 2:
        return 167
    if days <= 30:
        return 166 + days
    return min(255, max(196, 192 + days // 7))


def _concatenation(reference: int, total: int, number: int, *, wide: bool) -> bytes:
    if wide:
        return bytes([6, 0x08, 4, reference >> 8 & 0xFF, reference & 0xFF, total, number])
    return bytes([5, 0x00, 3, reference & 0xFF, total, number])


def _user_data(part: str, encoding: Encoding, header: bytes) -> bytes:
    if encoding is Encoding.UCS2:
        data = header + part.encode("utf-16-be", "replace")
        return bytes([len(data)]) + data
    septets = to_gsm7(part)
    fill = -8 * len(header) % 7
    used = (8 * len(header) + fill) // 7 + len(septets)
    return bytes([used]) + header + pack(septets, fill)
