"""PDUs that come to us: SMS-DELIVER (3GPP 23.040, 9.2.2.1) and SMS-STATUS-REPORT.

Job: decode whatever a device hands over, or say that it makes no sense. Not its job: joining
the parts of a long message (the gateway does). Pure; anybody may import it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from modem.errors import RemoteProtocolError
from modem.events import IncomingSms, StatusReport
from modem.sms.alphabet import from_gsm7, unpack
from modem.sms.national import tables
from modem.sms.octets import Octets, read_address, read_time
from modem.sms.status import decode_report

_MESSAGE_TYPE: Final = 0x03
_DELIVER, _SUBMIT, _REPORT = 0, 1, 2
_HAS_HEADER: Final = 0x40
_COMPRESSED: Final = 0x20
_NARROW, _WIDE = 0x00, 0x08
_SINGLE_SHIFT, _LOCKING_SHIFT = 0x24, 0x25


def decode_incoming(text: str) -> IncomingSms | StatusReport:
    """Decode the hexadecimal line of ``+CMT``, ``+CDS``, ``+CMGR`` or ``+CMGL``.

    Raises RemoteProtocolError, and nothing else, for what is no such PDU.
    """
    octets = Octets.of_hex(text)
    octets.take(octets.octet())  # the service centre's number, of no use here
    first = octets.octet()
    kind = first & _MESSAGE_TYPE
    if kind == _REPORT:
        return decode_report(octets)
    if kind == _SUBMIT:
        raise RemoteProtocolError("a message of our own lies in the store")
    return _deliver(octets, has_header=bool(first & _HAS_HEADER))


def _deliver(octets: Octets, *, has_header: bool) -> IncomingSms:
    sender = read_address(octets)
    octets.octet()  # the protocol identifier
    coding = octets.octet()
    sent_at = read_time(octets)
    length = octets.octet()
    if _alphabet(coding) == "gsm7":
        header, text = _septets(octets, length, has_header=has_header)
    else:
        header, text = _whole_octets(octets.take(length), coding, has_header=has_header)
    reference, part, total = _concatenation(header)
    return IncomingSms(sender, text, sent_at, reference, part, total, _is_flash(coding))


def _is_flash(coding: int) -> bool:
    """Tell class 0: shown at once, and stored nowhere but with us (23.038, 4)."""
    group = coding >> 4
    has_class = group == 0xF or (group < 0x8 and bool(coding & 0x10))
    return has_class and coding & 0x03 == 0


def _alphabet(coding: int) -> str:
    """Return gsm7, data or ucs2 for a data coding scheme (23.038, 4); reserved ones are gsm7."""
    group = coding >> 4
    if group < 0x8:
        if coding & _COMPRESSED:
            raise RemoteProtocolError("a compressed message")
        return {0x04: "data", 0x08: "ucs2"}.get(coding & 0x0C, "gsm7")
    if group == 0xE:  # message waiting, store, UCS-2
        return "ucs2"
    return "data" if group == 0xF and coding & 0x04 else "gsm7"


def _septets(octets: Octets, length: int, *, has_header: bool) -> tuple[bytes, str]:
    data = octets.take((7 * length + 7) // 8)
    header = _header(data) if has_header else b""
    skipped = len(header) + 1 if has_header else 0
    fill = -8 * skipped % 7
    count = length - (8 * skipped + fill) // 7
    basic, extension = tables(*_languages(header))
    return header, from_gsm7(unpack(data[skipped:], max(0, count), fill), basic, extension)


def _whole_octets(data: bytes, coding: int, *, has_header: bool) -> tuple[bytes, str]:
    header = _header(data) if has_header else b""
    body = data[len(header) + 1 :] if has_header else data
    if _alphabet(coding) == "data":
        return header, body.decode("latin-1")
    return header, body[: len(body) & ~1].decode("utf-16-be", "replace")


def _header(data: bytes) -> bytes:
    """Return the information elements of a user data header, without its length octet."""
    octets = Octets(data)
    return octets.take(octets.octet())


def _concatenation(header: bytes) -> tuple[int | None, int, int]:
    """Return reference, part, total; an impossible pair is ignored, as 23.040 9.2.3.24.1 asks."""
    for kind, value in _elements(header):
        if kind == _NARROW and len(value) == 3:
            reference, total, part = value
        elif kind == _WIDE and len(value) == 4:
            reference, total, part = value[0] << 8 | value[1], value[2], value[3]
        else:
            continue
        if 1 <= part <= total:
            return reference, part, total
    return None, 1, 1


def _languages(header: bytes) -> tuple[int, int]:
    """Return the languages of the single and the locking shift (23.040, 9.2.3.24.15 and 16)."""
    shifts = {kind: value[0] for kind, value in _elements(header) if len(value) == 1}
    return shifts.get(_SINGLE_SHIFT, 0), shifts.get(_LOCKING_SHIFT, 0)


def _elements(header: bytes) -> Iterator[tuple[int, bytes]]:
    octets = Octets(header)
    while octets.left:
        kind = octets.octet()
        yield kind, octets.take(octets.octet())
