"""The PDUs of the emulated network: it reads SUBMIT, it writes DELIVER and STATUS-REPORT.

Job: 3GPP 23.040 from the network's side, written apart from `modem.sms` so that two wrong ends
cannot agree. Not its job: the AT dialogue. Pure; used inside `modem.emulator` only.

    SUBMIT   [SCA] FO MR DA PID DCS [VP] UDL UD        AT+CMGS counts what follows SCA
    DELIVER  [SCA] FO OA PID DCS SCTS UDL UD
    REPORT   [SCA] FO MR RA SCTS DT ST
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from modem.emulator.alphabet import ESCAPE, pack, septets_of, text_of, unpack
from modem.emulator.numbers import (
    INTERNATIONAL,
    decode_digits,
    encode_address,
    encode_centre,
    swapped,
)

_DELIVER: Final = 0x04  # message type 00, no more messages to send
_HEADER: Final = 0x40
_REPORT: Final = 0x06
_MAX_OCTETS: Final = 140
_Part = list[int] | bytes


class PduError(ValueError):
    """The PDU is not a well-formed SUBMIT: the device answers +CMS ERROR: 304."""


@dataclass(frozen=True, slots=True)
class Submit:
    """One SMS-SUBMIT as the network understood it; ``validity`` is None when not stated."""

    recipient: str
    text: str
    wants_report: bool
    flash: bool
    validity: timedelta | None
    reference: int | None
    part: int
    total: int
    encoding: str
    centre: str
    tpdu_octets: int


@dataclass(frozen=True, slots=True)
class Coded:
    """A PDU ready for the wire: hexadecimal, and the TPDU octets the header line announces."""

    hex: str
    length: int


class _Cursor:
    """Reads octets in order; running out is a bad PDU."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        if self._at + count > len(self._data):
            raise PduError("the PDU ends too early")
        self._at += count
        return self._data[self._at - count : self._at]

    def octet(self) -> int:
        return self.take(1)[0]

    @property
    def left(self) -> int:
        return len(self._data) - self._at


def decode_submit(octets: bytes) -> Submit:
    """Read one SMS-SUBMIT with its service centre field. Raises `PduError`."""
    try:
        return _decode_submit(octets)
    except (IndexError, UnicodeDecodeError) as error:
        raise PduError(str(error)) from error


def _decode_submit(octets: bytes) -> Submit:
    cursor = _Cursor(octets)
    centre = _take_centre(cursor)
    tpdu_octets = cursor.left
    first = cursor.octet()
    if first & 0x03 != 0x01:
        raise PduError("not an SMS-SUBMIT")
    cursor.octet()  # TP-MR: the device writes its own
    recipient = _take_address(cursor)
    cursor.octet()  # TP-PID
    encoding, flash = _coding(cursor.octet())
    validity = _take_validity(cursor, first >> 3 & 0x03)
    units = cursor.octet()
    data = cursor.take(cursor.left)
    header = data[1 : data[0] + 1] if first & _HEADER and data else b""
    reference, part, total = _concatenation(header)
    text = _read_text(data, units, encoding, data[0] + 1 if first & _HEADER else 0)
    return Submit(
        recipient=recipient,
        text=text,
        wants_report=bool(first & 0x20),
        flash=flash,
        validity=validity,
        reference=reference,
        part=part,
        total=total,
        encoding=encoding,
        centre=centre,
        tpdu_octets=tpdu_octets,
    )


def _take_centre(cursor: _Cursor) -> str:
    octets = cursor.octet()
    if not octets:
        return ""
    kind, digits = cursor.octet(), cursor.take(octets - 1)
    number = decode_digits(digits, 2 * len(digits) - (digits[-1] >> 4 == 0x0F))
    return f"+{number}" if kind == INTERNATIONAL else number


def _take_address(cursor: _Cursor) -> str:
    count, kind = cursor.octet(), cursor.octet()
    if not 0 < count <= 20 or not kind & 0x80:
        raise PduError("no usable destination address")
    number = decode_digits(cursor.take((count + 1) // 2), count)
    return f"+{number}" if kind & 0x70 == 0x10 else number


def _coding(scheme: int) -> tuple[str, bool]:
    """Return the alphabet's name and whether the message is class 0 (23.038, 4)."""
    group = scheme >> 4
    if group < 0x4:
        name = {0: "gsm7", 1: "binary", 2: "ucs2"}.get(scheme >> 2 & 0x03)
        classed = bool(scheme & 0x10)
    elif group == 0xF:
        name, classed = ("binary" if scheme & 0x04 else "gsm7"), True
    else:
        raise PduError(f"data coding scheme {scheme:02X} is reserved here")
    if name is None:
        raise PduError("reserved alphabet")
    return name, classed and scheme & 0x03 == 0


def _take_validity(cursor: _Cursor, form: int) -> timedelta | None:
    if form == 0:
        return None
    if form == 2:
        return _relative(cursor.octet())
    cursor.take(7)  # enhanced or absolute: accepted, and left to the centre's own limit
    return None


def _relative(value: int) -> timedelta:
    if value <= 143:
        return timedelta(minutes=5 * (value + 1))
    if value <= 167:
        return timedelta(hours=12, minutes=30 * (value - 143))
    return timedelta(days=value - 166) if value <= 196 else timedelta(weeks=value - 192)


def _concatenation(header: bytes) -> tuple[int | None, int, int]:
    """Return reference, part, total of a user data header (23.040, 9.2.3.24.1 and .8)."""
    at = 0
    while at + 2 <= len(header):
        kind, size = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + size]
        if (kind, size, len(value)) in ((0x00, 3, 3), (0x08, 4, 4)):
            reference, total, part = int.from_bytes(value[:-2], "big"), value[-2], value[-1]
            if not 1 <= part <= total:
                raise PduError("part number out of range")
            return reference, part, total
        at += 2 + size
    return None, 1, 1


def _read_text(data: bytes, units: int, encoding: str, header: int) -> str:
    if encoding == "gsm7":
        fill = -8 * header % 7
        count = units - (8 * header + fill) // 7
        if count < 0 or len(data) != (7 * units + 7) // 8 or units > 160:
            raise PduError("user data length disagrees with the user data")
        return text_of(unpack(data, count, 8 * header + fill))
    if units != len(data) or units > _MAX_OCTETS or header > units:
        raise PduError("user data length disagrees with the user data")
    body = data[header:]
    return body.decode("utf-16-be") if encoding == "ucs2" else body.decode("latin-1")


def encode_deliver(
    sender: str, text: str, at: datetime, *, centre: str, reference: int = 0
) -> tuple[Coded, ...]:
    """Return the SMS-DELIVERs of ``text``: one, or as many as it needs with 8-bit references."""
    septets = septets_of(text)
    parts: list[_Part] = []
    parts += _utf16_parts(text) if septets is None else _septet_parts(septets)
    scheme = 0x00 if septets is not None else 0x08
    start = _sender(sender) + bytes((0x00, scheme)) + timestamp(at)
    coded = []
    for index, part in enumerate(parts):
        header = bytes((5, 0, 3, reference & 0xFF, len(parts), index + 1))
        header = header if len(parts) > 1 else b""
        first = _DELIVER | (_HEADER if header else 0)
        coded.append(_coded(centre, bytes((first,)) + start + _user_data(part, header)))
    return tuple(coded)


def encode_report(
    reference: int, recipient: str, submitted: datetime, done: datetime, status: int, centre: str
) -> Coded:
    """Return one SMS-STATUS-REPORT; ``status`` is TP-ST (23.040, 9.2.3.15)."""
    body = bytes((_REPORT, reference)) + encode_address(recipient)
    return _coded(centre, body + timestamp(submitted) + timestamp(done) + bytes((status,)))


def timestamp(at: datetime) -> bytes:
    """Return the seven octets of a time stamp; ``at`` must know its zone (23.040, 9.2.3.11)."""
    offset = at.utcoffset()
    if offset is None:
        raise ValueError("a time stamp needs a zone")
    quarters = round(offset.total_seconds() / 900)
    zone = swapped(f"{abs(quarters):02d}")[0] | (0x08 if quarters < 0 else 0)
    return swapped(f"{at:%y%m%d%H%M%S}") + bytes((zone,))


def _coded(centre: str, tpdu: bytes) -> Coded:
    return Coded((encode_centre(centre) + tpdu).hex().upper(), len(tpdu))


def _sender(sender: str) -> bytes:
    """Code a number, or a name such as an operator's, counted in useful semi-octets."""
    if sender.removeprefix("+").isdigit():
        return encode_address(sender)
    septets = septets_of(sender)
    if septets is None or len(septets) > 11:
        raise ValueError("a sender's name has at most 11 characters of the GSM alphabet")
    return bytes((-(-7 * len(septets) // 4), 0xD0)) + pack(septets)


def _septet_parts(septets: list[int]) -> list[list[int]]:
    if len(septets) <= 160:
        return [septets]
    parts: list[list[int]] = [[]]
    pairs = iter(septets)
    for septet in pairs:
        unit = [septet, next(pairs)] if septet == ESCAPE else [septet]
        if len(parts[-1]) + len(unit) > 153:
            parts.append([])
        parts[-1] += unit
    return parts


def _utf16_parts(text: str) -> list[bytes]:
    units = [char.encode("utf-16-be") for char in text]
    if sum(map(len, units)) <= _MAX_OCTETS:
        return [b"".join(units)]
    parts = [b""]
    for unit in units:
        if len(parts[-1]) + len(unit) > 134:
            parts.append(b"")
        parts[-1] += unit
    return parts


def _user_data(part: _Part, header: bytes) -> bytes:
    if isinstance(part, bytes):
        return bytes((len(header) + len(part),)) + header + part
    fill = -8 * len(header) % 7
    units = (8 * len(header) + fill) // 7 + len(part)
    return bytes((units,)) + header + pack(part, fill)
