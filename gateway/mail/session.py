"""One conversation with the relay: connected, encrypted, logged in as the settings say.

The certificate is checked against the system's authorities, or against the one the site pins and
no other.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol, normalize_message_line_endings

from gateway.config import RelaySettings
from gateway.credentials import secret
from gateway.mail.reading import decoded
from gateway.mail.verdict import Stage

#: A relay that says nothing for so long (seconds) is taken for dead; after the final dot it may
#: be scanning for viruses (RFC 5321, 4.5.3.2.6, would have ten minutes). A line that takes nothing
#: of a text for so long is dead too (4.5.3.2.5): a village's takes minutes for seven megabytes.
TIME_LIMIT: Final = 30.0
DOT_LIMIT: Final = 120.0
BLOCK_LIMIT: Final = 180.0
_BLOCK: Final = 64 * 1024
_LEADING_DOT: Final = re.compile(rb"(?m)^\.")


def words(said: str) -> str:
    """Return what a relay said as text that can be kept: some speak French in a charset of old.

    The library reads UTF-8 (RFC 6531, 3.7.4) and leaves other octets as halves of characters.
    """
    return decoded(said.encode("utf-8", "surrogateescape"))


class Refusal(Exception):
    """The relay said no; at which word, with which code and text."""

    def __init__(self, stage: Stage, code: int, text: str) -> None:
        self.stage, self.code, self.text = stage, code, words(text)
        super().__init__(f"{stage}: {code} {self.text}")


class _Broken(Exception):
    """The conversation broke off; ``said`` is what was heard of why."""

    def __init__(self, said: str) -> None:
        super().__init__(words(said))


class AnswerLost(_Broken):
    """The whole mail was given, and the relay never said whether it took it."""


class Gone(_Broken):
    """The relay cannot be reached, or left before the mail was given."""


_LOST: Final = (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError,
                TimeoutError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a mail is from and to, as the relay is told; ``envid`` names it in what comes back."""

    sender: str
    to: str
    envid: str = ""
    notify: str = ""  # RFC 3461, 4.1: SUCCESS, FAILURE, DELAY


def context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Return how certificates are checked; raise `OSError` where the pinned one cannot be read."""
    made = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def read_password(path: Path | None) -> str:
    """Return the relay's password; the file is read at each connection, so it may be changed."""
    return secret(path) if path else ""


async def connect(relay: RelaySettings, *, limit: float = TIME_LIMIT) -> aiosmtplib.SMTP:
    """Return an open conversation; raise `Refusal` or `Gone`."""
    smtp: aiosmtplib.SMTP | None = None
    try:
        smtp = aiosmtplib.SMTP(
            hostname=relay.host, port=relay.port, timeout=limit,
            use_tls=relay.tls == "implicit", start_tls=relay.tls == "starttls",
            tls_context=None if relay.tls == "none" else context(relay.ca_file),
            username=relay.username, password=read_password(relay.password_file) or None,
        )  # fmt: skip
        await smtp.connect()
        await smtp.ehlo()
        _heed_cancellation()
    except aiosmtplib.SMTPResponseException as error:
        raise Refusal(Stage.CONNECT, error.code, error.message) from error
    except (aiosmtplib.SMTPException, OSError, TimeoutError, UnicodeError) as error:
        raise Gone(str(error) or type(error).__name__) from error
    except asyncio.CancelledError:
        if smtp is not None:
            smtp.close()
        raise
    return smtp


def _heed_cancellation() -> None:
    """Be cancelled after all.

    `asyncio.wait_for`, on which aiosmtplib stands, forgets it before Python 3.12 where the answer
    comes in the same turn of the loop (CPython issue 86296).
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Giving:
    """One mail given to the relay, in the two steps between which a doubt begins."""

    def __init__(self, smtp: aiosmtplib.SMTP) -> None:
        self._smtp = smtp

    async def offer(self, envelope: Envelope, size: int) -> None:
        """Name sender and recipient, and have the relay wait for the text.

        Raise `Refusal` or `Gone`; nothing has left then.
        """
        smtp = self._smtp
        utf8 = not (envelope.to + envelope.sender).isascii()
        if utf8 and not smtp.supports_extension("smtputf8"):
            raise Refusal(Stage.RCPT, 553, "5.6.7 the relay takes no address with accents")
        encoding = "utf-8" if utf8 else "ascii"
        stage = Stage.MAIL
        try:
            options = self._mail_options(envelope, size, utf8=utf8)
            await smtp.mail(envelope.sender, options=options, encoding=encoding)
            stage = Stage.RCPT
            await smtp.rcpt(envelope.to, options=self._rcpt_options(envelope), encoding=encoding)
            stage = Stage.DATA
            answer = await smtp.execute_command(b"DATA")
            if answer.code != aiosmtplib.SMTPStatus.start_input:
                raise Refusal(stage, answer.code, answer.message)
            _heed_cancellation()
        except aiosmtplib.SMTPResponseException as error:
            raise Refusal(stage, error.code, error.message) from error
        except (aiosmtplib.SMTPException, *_LOST) as error:
            raise Gone(str(error) or type(error).__name__) from error

    async def give(self, message: bytes) -> str:
        """Give the text and return what the relay said; raise `Refusal`, `Gone` or `AnswerLost`."""
        protocol = self._smtp.protocol
        if protocol is None:
            raise Gone("the connection is closed")
        text = _LEADING_DOT.sub(b"..", normalize_message_line_endings(message))
        ending = b".\r\n" if text.endswith(b"\r\n") else b"\r\n.\r\n"
        whole = await _poured(protocol, text + ending)
        try:
            answer = await protocol.read_response(DOT_LIMIT if whole else 1.0)
        except (aiosmtplib.SMTPException, *_LOST) as error:
            said = str(error) or type(error).__name__
            raise (AnswerLost(said) if whole else Gone(said)) from error
        if answer.code != aiosmtplib.SMTPStatus.completed:
            raise Refusal(Stage.DATA, answer.code, answer.message)
        return answer.message

    def _mail_options(self, envelope: Envelope, size: int, *, utf8: bool) -> Sequence[str]:
        can = self._smtp.supports_extension
        found = [f"SIZE={size}"] if can("size") else []
        if utf8:
            found.append("SMTPUTF8")
        if can("8bitmime"):
            found.append("BODY=8BITMIME")
        if envelope.envid and can("dsn"):
            found += ["RET=HDRS", f"ENVID={envelope.envid}"]
        return found

    def _rcpt_options(self, envelope: Envelope) -> Sequence[str]:
        if not envelope.notify or not self._smtp.supports_extension("dsn"):
            return []
        return [f"NOTIFY={envelope.notify}"]


async def _poured(protocol: SMTPProtocol, octets: bytes) -> bool:
    """Write as fast as the line takes it; return whether the end may have left."""
    written = 0
    protocol._response_pending = True  # a relay may refuse half-way, as the library's DATA knows
    try:
        while written < len(octets):
            protocol.write(octets[written : written + _BLOCK])
            written += _BLOCK
            async with asyncio.timeout(BLOCK_LIMIT):
                await protocol._drain_helper()  # as a StreamWriter does
    except (aiosmtplib.SMTPException, *_LOST):
        pass
    return written >= len(octets)


async def start_over(smtp: aiosmtplib.SMTP) -> bool:
    """Forget a mail that was refused half-way; return whether the conversation can go on."""
    try:
        await smtp.rset()
    except (aiosmtplib.SMTPException, *_LOST):
        return False
    return True


async def leave(smtp: aiosmtplib.SMTP) -> None:
    """End a conversation, politely if the relay still listens."""
    if not smtp.is_connected:
        return
    try:
        await smtp.quit(timeout=2)
    except (aiosmtplib.SMTPException, *_LOST):
        smtp.close()
    _heed_cancellation()
