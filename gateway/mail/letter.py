"""A message as a mail: text and HTML from the same blocks, headers that behave. Pure.

No picture, no tracking, no outside address that a reader's program would fetch.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from gateway.french import of_town

#: Everything is encoded to seven bits: no relay on the way may break a signature over it.
_POLICY: Final = SMTP.clone(cte_type="7bit")
_UTF8_POLICY: Final = SMTPUTF8.clone(cte_type="7bit")
_LINK: Final = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]»]")
_PAGE: Final = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>
<body style="font-family:sans-serif;font-size:1rem;line-height:1.5;max-width:40em">
{body}
</body></html>
"""
_FOOT: Final = {"fr": "Mairie {of_town}", "en": "{town} town hall"}


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says and to whom; ``notice`` stands above the text, in a box of its own.

    ``at`` is seconds since 1970, shown in ``timezone``. ``receipt``: ask the reader's program to
    say that it was opened (RFC 8098). ``stop``: what a mail to the sender must have as its subject
    to stop these; empty for an alert. ``answers``: the Message-ID this one replies to.
    """

    sender: str
    to: str
    subject: str
    text: str
    town: str
    timezone: str
    at: float
    message_id: str
    notice: str = ""
    language: str = "fr"
    reply_to: str = ""
    receipt: bool = False
    stop: str = ""
    answers: str = ""


Part = tuple[str, str, bytes]


def built(letter: Letter, files: Sequence[Part] = ()) -> EmailMessage:
    """Return the message; ``files`` are (name, content type, octets)."""
    utf8 = not letter.to.isascii()
    message = EmailMessage(policy=_UTF8_POLICY if utf8 else _POLICY)
    _address(message, letter)
    subject = " ".join(letter.subject.split())
    message["Subject"] = subject or f"Message de la mairie {of_town(letter.town)}"
    moment = datetime.fromtimestamp(letter.at, ZoneInfo(letter.timezone))
    message["Date"] = format_datetime(moment)
    message["Message-ID"] = letter.message_id
    # RFC 3834: nobody's holiday notice is to answer a machine
    message["Auto-Submitted"] = "auto-replied" if letter.answers else "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if letter.answers:
        message["In-Reply-To"] = message["References"] = letter.answers
    message.set_content(_text(letter), cte="quoted-printable")
    message.add_alternative(_html(letter), subtype="html", cte="quoted-printable")
    for name, content_type, data in files:
        kind, _, detail = content_type.partition("/")
        message.add_attachment(data, maintype=kind, subtype=detail, filename=name)
    return message


def _address(message: EmailMessage, letter: Letter) -> None:
    name, address = parseaddr(letter.sender)
    local, _, domain = address.rpartition("@")
    message["From"] = Address(name, local, domain) if domain else letter.sender
    message["To"] = letter.to
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    if letter.receipt:
        message["Disposition-Notification-To"] = letter.reply_to or address
    if letter.stop:
        target = letter.reply_to or address
        message["List-Unsubscribe"] = f"<mailto:{target}?subject={quote(letter.stop)}>"


def _foot(letter: Letter) -> str:
    return _FOOT.get(letter.language, _FOOT["fr"]).format(
        town=letter.town, of_town=of_town(letter.town)
    )


def _text(letter: Letter) -> str:
    blocks = [f"[{letter.notice}]"] if letter.notice else []
    return "\n\n".join([*blocks, letter.text.strip(), f"-- \n{_foot(letter)}"]) + "\n"


def _html(letter: Letter) -> str:
    blocks = []
    if letter.notice:
        blocks.append(f'<p style="border:1px solid;padding:.5em">{html.escape(letter.notice)}</p>')
    for paragraph in re.split(r"\n\s*\n", letter.text.strip()):
        lines = (_linked(line) for line in paragraph.splitlines())
        blocks.append(f"<p>{'<br>'.join(lines)}</p>")
    blocks.append(f'<p style="color:#555">{html.escape(_foot(letter))}</p>')
    return _PAGE.format(
        language=html.escape(letter.language), title=html.escape(letter.subject),
        body="\n".join(blocks),
    )  # fmt: skip


def _linked(line: str) -> str:
    """Return a line escaped, with what is a web address made one that can be followed."""
    made, at = [], 0
    for match in _LINK.finditer(line):
        address = html.escape(match[0])
        made += [html.escape(line[at : match.start()]), f'<a href="{address}">{address}</a>']
        at = match.end()
    return "".join([*made, html.escape(line[at:])])


def octets(message: EmailMessage) -> bytes:
    """Return a message as it goes over the wire: CRLF, headers in ASCII unless SMTPUTF8."""
    policy = message.policy
    assert isinstance(policy, EmailPolicy)  # noqa: S101  for the type checker: `built` made it
    return message.as_bytes(policy=policy)


def on_the_wire(address: str) -> str:
    """Return an address with its domain in ASCII; raise `UnicodeError` where it has none."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
