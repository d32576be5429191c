"""A mail's own words: its body as plain text, without signature and without what it quotes. Pure.

Malformed mail is common and hostile mail exists: whatever the octets, a text comes of it, or none.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import Any, Final, TypeAlias

#: Parts looked at in one mail, and characters read of one; more is no message to anybody.
MOST_PARTS: Final = 200
MOST_TEXT: Final = 200_000
#: Parts inside parts: a mail forwarded ten times as a file, each time with its own, has thirty.
MOST_DEPTH: Final = 50

_QUOTES: Final = tuple(
    re.compile(one, re.IGNORECASE)
    for one in (
        r"^-{2,} ?(message d.origine|original message|message transf|forwarded message).*$",
        r"^(le|on) .{6,200}(a écrit|a ecrit|wrote) ?:?$",
        r"^_{10,}$",
        r"^(de|from) ?: .+@.+$",
        r"^envoyé (de|depuis) mon .{2,40}$",
        r"^sent from my .{2,40}$",
        r"^télécharger outlook pour .{2,20}$",
        r"^get outlook for .{2,20}$",
    )
)
_BLOCKS: Final = frozenset({
    "p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol",
    "blockquote", "pre", "hr", "section", "article", "header", "footer",
})  # fmt: skip
_SILENT: Final = ("script", "style", "head", "title", "template", "blockquote", "noscript")

#: What Outlook writes above a quote; inside one Exchange no address follows the name.
_QUOTED_HEAD: Final = re.compile(r"(?im)^ *\*?(de|from) ?:.*\n{1,2} *\*?(envoyé|sent) ?:")
#: What calls itself Latin is what Windows writes, whose quotes and euro stand where Latin has none
#: (WHATWG Encoding, 4.2), or UTF-8 from a program that knows of nothing.
_LATIN: Final = frozenset({"", "us-ascii", "ascii", "iso-8859-1", "iso8859-1", "latin-1", "latin1"})

Mail: TypeAlias = "Message[str, str]"  # generic for the type checker only


def parsed(raw: bytes) -> Mail:
    """Return the mail in these octets, however malformed.

    Of one nested deeper than `MOST_DEPTH` the head alone: the library takes mails apart, and walks
    through them, by recursion, which a hundred octets a level bring to its end.
    """
    with contextlib.suppress(RecursionError):
        mail = message_from_bytes(raw, policy=compat32)
        if not _is_deep(mail):
            return mail
    head = BytesHeaderParser(policy=compat32).parsebytes(raw)
    head.set_payload("")
    return head


def _is_deep(mail: Mail) -> bool:
    level: list[Any] = [mail]
    for _ in range(MOST_DEPTH):
        level = [inner for part in level if part.is_multipart() for inner in part.get_payload()]
        if not level:
            return False
    return True


def header(mail: Mail, name: str) -> str:
    """Return a header as text, on one line; empty where it is missing."""
    wanted = name.lower()
    value = next((v for k, v in mail.raw_items() if k.lower() == wanted), None)
    if value is None:
        return ""
    # octets beyond ASCII stand in it as the machine's own charset has them
    return plain(decoded(str(value).encode("utf-8", "surrogateescape")))


def plain(value: str) -> str:
    """Return what encoded words say (RFC 2047), also where they stand in quotes, as mailers do."""
    try:
        words = decode_header(value)
        text = "".join(
            word if isinstance(word, str) else decoded(word, charset or "")
            for word, charset in words
        )
    except (MessageError, LookupError, UnicodeError, ValueError):
        text = value
    return " ".join(_clean(text).split())


def parts(mail: Mail) -> Iterator[Mail]:
    """Yield the parts that have no parts of their own, the first of them first."""
    for number, part in enumerate(mail.walk()):
        if number >= MOST_PARTS:
            return
        if not part.is_multipart():
            yield part


def octets(part: Mail) -> bytes:
    """Return what a part carries, decoded; empty where its encoding is none."""
    try:
        payload: Any = part.get_payload(decode=True)
    except (MessageError, LookupError, ValueError, AssertionError):
        return b""
    return payload if isinstance(payload, bytes) else b""


def content(part: Mail) -> str:
    """Return a part as text."""
    data = octets(part)[: 4 * MOST_TEXT]
    try:
        charset = part.get_content_charset() or ""
    except (LookupError, ValueError):
        charset = ""
    text = _clean(decoded(data, charset))[:MOST_TEXT]
    return _unflowed(text, part) if part.get_content_type() == "text/plain" else text


def decoded(data: bytes, charset: str = "") -> str:
    """Return octets as text: as declared, where nothing certain is as UTF-8, else as Windows'."""
    if charset.lower() not in _LATIN:
        try:
            return data.decode(charset, "replace")
        except (LookupError, ValueError):
            pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _unflowed(text: str, part: Mail) -> str:
    """Put lines together again that a mailer broke at its margin, and says so (RFC 3676)."""
    if str(part.get_param("format")).lower() != "flowed":
        return text
    drops = str(part.get_param("delsp")).lower() == "yes"
    made: list[str] = []
    goes_on = False
    for line in text.split("\n"):
        own, quoted = line.removeprefix(" "), line.startswith(">")
        if made and (not goes_on or quoted or own == "-- "):
            made.append("\n")
        goes_on = own.endswith(" ") and not quoted and own != "-- "
        made.append(own[:-1] if goes_on and drops else own)
    return "".join(made)


def is_file(part: Mail) -> bool:
    """Tell whether a part is something attached, no text to read."""
    kind = part.get_content_maintype()
    return part.get_content_disposition() == "attachment" or kind not in {"text", "multipart"}


def body(mail: Mail) -> str:
    """Return the body as plain text: the plain version, else what the HTML says."""
    rich = ""
    for part in parts(mail):
        if is_file(part):
            continue
        if part.get_content_subtype() == "plain" and (text := content(part)).strip():
            return text
        if part.get_content_subtype() == "html" and not rich:
            rich = from_html(content(part))
    return rich


def from_html(source: str) -> str:
    """Return the text of a page, one line for each of its blocks."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(source.replace("\x00", ""))
    tree.strip_tags(list(_SILENT), recursive=True)
    root = tree.body
    if root is None:
        return ""
    made: list[str] = []
    for node in root.traverse(include_text=True):
        if node.tag == "-text":
            made.append(re.sub(r"\s+", " ", node.text(deep=False)))
        elif node.tag in _BLOCKS:
            made.append("\n")
    return "".join(made)


def own_words(text: str) -> str:
    """Return what the writer wrote themselves: without signature, quotes and empty space."""
    lines: list[str] = []
    text = re.sub(r"[\xa0\u202f]", " ", text)  # French colons have such blanks
    head = _QUOTED_HEAD.search(text)
    for line in _joined(text[: head.start()] if head else text).splitlines():
        bare = line.strip()
        if line.rstrip() == "--" or any(quote.match(bare) for quote in _QUOTES):
            break
        if not bare.startswith(">"):
            lines.append(" ".join(bare.split()))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _joined(text: str) -> str:
    """Put back on one line the *Le … a écrit :* that mailers break in two."""
    return re.sub(r"(?im)^(le|on) (.{6,120})\n(.{0,120}(?:a écrit|wrote) ?:)$", r"\1 \2 \3", text)


def _clean(text: str) -> str:
    """Return a text of characters that can be shown: no controls, no halves of any."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8", "replace"))
    return "".join(
        c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs", "Cn", "Cf"}
    )
