"""What comes back for a mail: bounces, delays, receipts, answers, holiday notices. Pure.

Delivery status notifications (RFC 3464), disposition notifications (RFC 8098), and the many
bounces that follow neither. Nothing counts without the mark of a mail of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import StrEnum
from typing import Final

from gateway.mail import reading, token
from gateway.mail.reading import Mail, header
from gateway.mail.verdict import masked


class Kind(StrEnum):
    """What a mail that came in means for one of ours."""

    BOUNCED = "bounced"  # it will not arrive
    DELAYED = "delayed"  # the relay still tries
    DELIVERED = "delivered"  # it lies in the mailbox
    PASSED_ON = "passed_on"  # to a server that tells nothing
    READ = "read"  # it was opened
    UNREAD = "unread"  # it was thrown away unopened
    ANSWERED = "answered"  # a person wrote back
    STOP = "stop"  # no more of these
    AUTOMATIC = "automatic"  # a machine wrote back


@dataclass(frozen=True, slots=True)
class Return:
    """What came back for the mail that bears this mark; ``said`` in the other's words.

    ``first`` is the first line of an answer.
    """

    kind: Kind
    mark: token.Mark
    said: str = ""
    first: str = field(default="", compare=False)


_ACTIONS: Final = {
    "failed": Kind.BOUNCED, "delayed": Kind.DELAYED, "delivered": Kind.DELIVERED,
    "relayed": Kind.PASSED_ON, "expanded": Kind.PASSED_ON,
}  # fmt: skip
_DISPOSITIONS: Final = {
    "displayed": Kind.READ, "deleted": Kind.UNREAD, "dispatched": Kind.AUTOMATIC,
    "processed": Kind.AUTOMATIC,
}  # fmt: skip
_DAEMON: Final = re.compile(r"^(mailer-daemon|postmaster|mail.?delivery)", re.IGNORECASE)
_STATUS: Final = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
#: What mailers set above a holiday notice, which not all of them mark as a machine's.
_AWAY: Final = re.compile(
    r"^(réponse automatique|message d.absence|absence du bureau|notification d.absence|"
    r"absente?( du bureau\b| jusqu|$| ?:)|automatic reply|auto.?reply|out of( the)? office)",
    re.IGNORECASE,
)
#: Where the mark of the mail answered stands, surest first.
_POINTERS: Final = (
    "In-Reply-To", "References", "Original-Message-ID", "X-Failed-Recipients", "To", "Delivered-To",
    "X-Original-To", "Envelope-To",
)  # fmt: skip


def read(raw: bytes, key: bytes) -> Return | None:
    """Return what a mail says of one of ours, None where it says nothing of any."""
    mail = reading.parsed(raw)
    return (
        _status(mail, key) or _disposition(mail, key) or _unsubscribed(mail, key)
        or _other(mail, key)
    )  # fmt: skip


def is_automatic(mail: Mail) -> bool:
    """Tell whether a machine sent this: nobody may answer it (RFC 3834)."""
    said = header(mail, "Auto-Submitted").lower()
    if said and not said.startswith("no"):
        return True
    if header(mail, "Return-Path").strip() == "<>" or _from_daemon(mail):
        return True
    if _AWAY.match(header(mail, "Subject")):
        return True
    if header(mail, "Precedence").lower() in {"bulk", "junk", "list", "auto_reply"}:
        return True
    marks = ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond",
             "X-Auto-Response-Suppress", "Feedback-ID")  # fmt: skip
    return any(name in mail for name in marks)


def _from_daemon(mail: Mail) -> bool:
    return bool(_DAEMON.match(parseaddr(header(mail, "From"))[1]))


def _reports(mail: Mail, kind: str) -> Iterator[Mail]:
    for number, part in enumerate(mail.walk()):
        if number >= reading.MOST_PARTS:
            return
        if part.get_content_type() == kind:
            yield part


def _fields(part: Mail) -> list[Mail]:
    """Return the groups of fields of a report, as the standard library takes them apart."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [one for one in payload if not isinstance(one, str)]
    return [reading.parsed(reading.octets(part))]


def _status(mail: Mail, key: bytes) -> Return | None:
    for part in _reports(mail, "message/delivery-status"):
        groups = _fields(part)
        mark = token.found(
            key, [*(header(group, "Original-Envelope-Id") for group in groups), *_quoted(mail)]
        )
        if mark is None:
            continue
        for group in groups:
            kind = _ACTIONS.get(header(group, "Action").lower())
            if kind is None:
                continue
            said = header(group, "Diagnostic-Code") or header(group, "Status")
            return Return(kind, mark, masked(said))
    return None


def _disposition(mail: Mail, key: bytes) -> Return | None:
    for part in _reports(mail, "message/disposition-notification"):
        for group in _fields(part):
            mark = token.found(key, [header(group, "Original-Message-ID"), *_quoted(mail)])
            said = header(group, "Disposition").lower()
            kind = _DISPOSITIONS.get(said.rpartition(";")[2].strip().partition("/")[0])
            if mark is not None and kind is not None:
                return Return(kind, mark, masked(said))
    return None


def _unsubscribed(mail: Mail, key: bytes) -> Return | None:
    subject = header(mail, "Subject")
    mark = token.found(key, [subject])
    if mark is not None and subject.upper().startswith("STOP"):
        return Return(Kind.STOP, mark)
    return None


def _other(mail: Mail, key: bytes) -> Return | None:
    """A mail that is no report: somebody's answer, a machine's, or a bounce in its own words."""
    automatic = is_automatic(mail)
    mark = token.found(key, [header(mail, name) for name in _POINTERS])
    if mark is None and automatic:
        mark = token.found(key, _quoted(mail))
    if mark is None:
        return None
    words = reading.own_words(reading.body(mail))
    if not automatic:
        stop = words.strip(" .!\n").upper() == "STOP"
        first = words.partition("\n")[0]
        return Return(Kind.STOP if stop else Kind.ANSWERED, mark, masked(words), first)
    status = _STATUS.search(header(mail, "Subject") + " " + reading.body(mail)[:5000])
    if _from_daemon(mail) or header(mail, "Return-Path").strip() == "<>":
        if status is None and header(mail, "Auto-Submitted").lower().startswith("auto-replied"):
            return Return(Kind.AUTOMATIC, mark)
        delayed = status is not None and status[1] == "4"
        kind = Kind.DELAYED if delayed else Kind.BOUNCED
        return Return(kind, mark, masked(header(mail, "Subject")))
    return Return(Kind.AUTOMATIC, mark, masked(header(mail, "Subject")))


def _quoted(mail: Mail) -> Iterator[str]:
    """Yield what a report quotes of the mail it is about, headers first."""
    for number, part in enumerate(mail.walk()):
        if number >= reading.MOST_PARTS:
            return
        if number and "Message-ID" in part:
            yield header(part, "Message-ID")
        if not part.is_multipart():
            yield reading.content(part)[:20_000]
