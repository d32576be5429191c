"""A mail that came in, taken apart for what it asks: subject, text, files. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr, parsedate_to_datetime
from typing import Final

from gateway.mail import reading
from gateway.mail.reading import header
from gateway.mail.returns import is_automatic

_OURS: Final = "x-tocsin-"
#: A mail that went through so many servers goes round in circles.
MOST_HOPS: Final = 25


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What a mail brings; ``automatic``: a machine sent it, nobody may answer it.

    ``arrived``: when its last server took it (seconds since 1970), None where none says.
    """

    subject: str
    text: str
    headers: Mapping[str, str]
    files: Sequence[tuple[str, bytes]]
    message_id: str
    automatic: bool
    author: str = ""
    arrived: float | None = None


def opened(raw: bytes) -> Enclosure:
    """Return what is in a mail, however malformed."""
    mail = reading.parsed(raw)
    ours = {
        name.lower().removeprefix(_OURS): header(mail, name)
        for name in dict.fromkeys(mail.keys())
        if name.lower().startswith(_OURS)
    }
    return Enclosure(
        header(mail, "Subject"), reading.own_words(reading.body(mail)), ours,
        tuple(_files(mail)), header(mail, "Message-ID")[:250], is_automatic(mail),
        parseaddr(header(mail, "From"))[1].lower(), _arrived(header(mail, "Received")),
    )  # fmt: skip


def _arrived(received: str) -> float | None:
    """Return the moment in a trace line (RFC 5321, 4.4: after the last semicolon)."""
    try:
        return parsedate_to_datetime(received.rpartition(";")[2].strip()).timestamp()
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _files(mail: reading.Mail) -> Sequence[tuple[str, bytes]]:
    """Return what was attached; pictures in a signature are no files."""
    found = []
    for part in reading.parts(mail):
        if part.get_content_disposition() == "attachment":
            name = header_name(part)
            found.append((name, reading.octets(part)))
    return found


def header_name(part: reading.Mail) -> str:
    """Return the name of an attached file; a name where it has none."""
    try:
        name = part.get_filename()
    except (LookupError, UnicodeError, ValueError):
        name = None
    return reading.plain(str(name)) if name else "piece-jointe"


def hops(raw: bytes) -> int:
    """Return through how many servers a mail came."""
    head = raw.split(b"\r\n\r\n", 1)[0][:200_000]
    return sum(line[:9].lower() == b"received:" for line in head.split(b"\r\n"))


def digest(sender: str, recipients: Sequence[tuple[str, str]], raw: bytes) -> str:
    """Return what tells a mail from all others, empty where it has no Message-ID to do so."""
    head = raw.split(b"\r\n\r\n", 1)[0].lower()
    if b"message-id:" not in head:
        return ""
    whom = repr((sender, sorted(recipients))).encode()
    return hashlib.sha256(whom + b"\0" + raw).hexdigest()
